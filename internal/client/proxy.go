// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// proxyError is a variable that should name a proxy and does not. It does not hold the variable's value, in which
// there can be a password.
type proxyError struct {
	variable string
}

func (e *proxyError) Error() string {
	return "the environment variable " + e.variable + " is not the URL of a proxy (http, https or socks5, with a host)"
}

// proxyFromEnvironment returns the function that chooses the proxy of a request, as http.ProxyFromEnvironment does. That
// one, however, takes a variable it cannot read for none, so that requests go past the proxy which they were to go
// through; here they fail.
func proxyFromEnvironment(config *httpproxy.Config) func(*http.Request) (*url.URL, error) {
	// What a request goes through is asked with a proxy in the place of each that cannot be read.
	const placeholder = "http://proxy.invalid"
	asked, variables := *config, make(map[string]string)
	if !proxyURL(config.HTTPSProxy) {
		asked.HTTPSProxy, variables["https"] = placeholder, "HTTPS_PROXY"
	}
	if !proxyURL(config.HTTPProxy) {
		asked.HTTPProxy, variables["http"] = placeholder, "HTTP_PROXY"
	}
	choose := asked.ProxyFunc()
	return func(req *http.Request) (*url.URL, error) {
		proxy, err := choose(req.URL)
		variable, unread := variables[req.URL.Scheme]
		if err == nil && proxy != nil && unread {
			return nil, &proxyError{variable: variable}
		}
		return proxy, err
	}
}

// proxyURL reports whether a variable is empty or names a proxy that net/http can use. The scheme may be left out,
// which means http.
func proxyURL(value string) bool {
	if value == "" {
		return true
	}
	proxy, err := url.Parse(value)
	if err != nil || proxy.Scheme == "" || proxy.Host == "" {
		if strings.Contains(value, "//") {
			return false
		}
		proxy, err = url.Parse("http://" + value)
	}
	if err != nil || proxy.Hostname() == "" || strings.ContainsAny(proxy.Hostname(), " \t") {
		return false
	}
	switch proxy.Scheme {
	case "http", "https", "socks5", "socks5h":
		return true
	}
	return false
}

// proxySecrets are the passwords of the proxies that the environment names, as URLs and requests have them.
func proxySecrets(config *httpproxy.Config) []string {
	var secrets []string
	for _, value := range []string{config.HTTPProxy, config.HTTPSProxy} {
		proxy, err := url.Parse(value)
		if err != nil || proxy.User == nil {
			if proxy, err = url.Parse("http://" + value); err != nil || proxy.User == nil {
				continue
			}
		}
		if password, ok := proxy.User.Password(); ok && password != "" {
			secrets = append(secrets, password, proxy.User.Username()+":"+password)
		}
	}
	return secrets
}
