// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/http/httpproxy"
)

func TestProxyFromEnvironment(t *testing.T) {
	const api = "https://api.example.com/x"
	tests := map[string]struct {
		config httpproxy.Config
		target string
		want   string // the proxy; "" for none
		fails  string // the variable that is no URL
	}{
		"none":                 {httpproxy.Config{}, api, "", ""},
		"URL":                  {httpproxy.Config{HTTPSProxy: "http://u:p@proxy:3128"}, api, "http://u:p@proxy:3128", ""},
		"no scheme":            {httpproxy.Config{HTTPSProxy: "proxy.example.com:3128"}, api, "http://proxy.example.com:3128", ""},
		"name only":            {httpproxy.Config{HTTPSProxy: "proxy"}, api, "http://proxy", ""},
		"address":              {httpproxy.Config{HTTPSProxy: "10.0.0.1:3128"}, api, "http://10.0.0.1:3128", ""},
		"IPv6":                 {httpproxy.Config{HTTPSProxy: "http://[::1]:3128"}, api, "http://[::1]:3128", ""},
		"SOCKS":                {httpproxy.Config{HTTPSProxy: "socks5://proxy:1080"}, api, "socks5://proxy:1080", ""},
		"SOCKS, names":         {httpproxy.Config{HTTPSProxy: "socks5h://proxy:1080"}, api, "socks5h://proxy:1080", ""},
		"TLS":                  {httpproxy.Config{HTTPSProxy: "https://proxy"}, api, "https://proxy", ""},
		"port":                 {httpproxy.Config{HTTPSProxy: "http://u:secret@proxy:31 28"}, api, "", "HTTPS_PROXY"},
		"port, no scheme":      {httpproxy.Config{HTTPSProxy: "proxy:secret"}, api, "", "HTTPS_PROXY"},
		"escape":               {httpproxy.Config{HTTPSProxy: "http://u:secret%@proxy:3128"}, api, "", "HTTPS_PROXY"},
		"no host":              {httpproxy.Config{HTTPSProxy: "http:///secret"}, api, "", "HTTPS_PROXY"},
		"port only":            {httpproxy.Config{HTTPSProxy: "http://:3128"}, api, "", "HTTPS_PROXY"},
		"scheme":               {httpproxy.Config{HTTPSProxy: "ftp://secret"}, api, "", "HTTPS_PROXY"},
		"scheme misspelled":    {httpproxy.Config{HTTPSProxy: "http//secret:3128"}, api, "", "HTTPS_PROXY"},
		"space":                {httpproxy.Config{HTTPSProxy: " http://secret:3128"}, api, "", "HTTPS_PROXY"},
		"line break":           {httpproxy.Config{HTTPSProxy: "http://secret:3128\n"}, api, "", "HTTPS_PROXY"},
		"the other one":        {httpproxy.Config{HTTPProxy: "http://%"}, api, "", ""},
		"HTTP":                 {httpproxy.Config{HTTPProxy: "http://secret%"}, "http://api.example.com", "", "HTTP_PROXY"},
		"both, HTTP":           {httpproxy.Config{HTTPProxy: "http://proxy", HTTPSProxy: "%"}, "http://api.example.com", "http://proxy", ""},
		"past the proxy":       {httpproxy.Config{HTTPSProxy: "http://%", NoProxy: "example.com"}, api, "", ""},
		"not past the proxy":   {httpproxy.Config{HTTPSProxy: "http://secret%", NoProxy: "example.net"}, api, "", "HTTPS_PROXY"},
		"this machine":         {httpproxy.Config{HTTPSProxy: "http://%"}, "https://127.0.0.1:8443", "", ""},
		"HTTP in a CGI script": {httpproxy.Config{HTTPProxy: "http://%", CGI: true}, api, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, test.target, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			proxy, err := proxyFromEnvironment(&test.config)(req)
			got := ""
			if proxy != nil {
				got = proxy.String()
			}
			if got != test.want || (err == nil) != (test.fails == "") {
				t.Fatalf("got %q, %v; want %q", got, err, test.want)
			}
			if err != nil && (!strings.Contains(err.Error(), "variable "+test.fails+" is not the URL") || strings.Contains(err.Error(), "secret")) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A proxy that cannot be read fails a read at once, and no request is made.
func TestGetThroughUnreadableProxy(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://user:hunter22@proxy:3128 ")
	t.Setenv("NO_PROXY", "")
	c := mustNew(t, Options{Service: "Test", BaseURL: "https://api.invalid", MaxRetries: 3})
	failure := failed(t, c.Get(t.Context(), &document{}, nil, "x"), KindNetwork)
	if text := failure.Error(); !strings.Contains(text, "HTTPS_PROXY is not the URL of a proxy") || strings.Contains(text, "hunter22") || failure.Attempts != 1 {
		t.Errorf("got %s after %d attempts", text, failure.Attempts)
	}
}
