// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// newTransport returns a pool of connections that takes its proxy from the environment (HTTPS_PROXY, NO_PROXY) and speaks
// HTTP/2 where the server does. The certificate is the client's; nil sends none.
func newTransport(certificate *tls.Certificate) *http.Transport {
	proxy := httpproxy.FromEnvironment().ProxyFunc()
	dialer := loopbackDialer{&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if certificate != nil {
		config.Certificates = []tls.Certificate{*certificate}
	}
	return &http.Transport{
		Proxy:                  func(req *http.Request) (*url.URL, error) { return proxy(req.URL) },
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxConnsPerHost:        MaxInFlight,
		MaxIdleConnsPerHost:    MaxInFlight,
		MaxIdleConns:           MaxInFlight,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
		TLSClientConfig:        config,
	}
}

// connections are those to the network: of requests that read, and of requests that write.
type connections struct {
	reads, writes *http.Transport
}

// newConnections returns both with the same settings, but writes never go over HTTP/2: there, net/http sends a request again by
// itself when the server resets its stream, with PROTOCOL_ERROR even one that the server may have carried out
// (https://go.dev/issue/42777), thousands of times. Over HTTP/1.1 it sends a POST or PUT again only where nothing of it was written.
func newConnections(certificate *tls.Certificate) connections {
	c := connections{reads: newTransport(certificate), writes: newTransport(certificate)}
	c.writes.ForceAttemptHTTP2 = false
	c.writes.Protocols = new(http.Protocols)
	c.writes.Protocols.SetHTTP1(true)
	return c
}

// RoundTrip implements http.RoundTripper.
func (c connections) RoundTrip(req *http.Request) (*http.Response, error) {
	if callFrom(req.Context()).writes {
		return c.writes.RoundTrip(req)
	}
	return c.reads.RoundTrip(req)
}

// loopbackDialer connects to the name localhost on this machine, whatever a resolver says of it (RFC 6761, section 6.3):
// credentials go there without TLS.
type loopbackDialer struct {
	*net.Dialer
}

// DialContext connects to an address.
func (d loopbackDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || !strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return d.Dialer.DialContext(ctx, network, address)
	}
	conn, err := d.Dialer.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		var second error
		if conn, second = d.Dialer.DialContext(ctx, network, net.JoinHostPort("::1", port)); second == nil {
			return conn, nil
		}
	}
	return conn, err
}

// proxySecrets are the passwords of the proxies that the environment names, as URLs and requests have them.
func proxySecrets() []string {
	config := httpproxy.FromEnvironment()
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
