// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"strings"
	"testing"
)

func TestParseBaseURL(t *testing.T) {
	tests := map[string]struct {
		raw, want string
	}{
		"plain":           {"https://api.yoursrs.com", "https://api.yoursrs.com"},
		"trailing slash":  {"https://api.yoursrs.com/", "https://api.yoursrs.com"},
		"path":            {"https://proxy.example.com/rtr/", "https://proxy.example.com/rtr"},
		"escaped path":    {"https://proxy.example.com/a%2Fb/", "https://proxy.example.com/a%2Fb"},
		"port":            {"https://api.example.com:8443", "https://api.example.com:8443"},
		"upper case":      {"HTTPS://API.Example.com", "https://api.example.com"},
		"loopback IPv4":   {"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
		"loopback IPv6":   {"http://[::1]:8080/x", "http://[::1]:8080/x"},
		"loopback name":   {"http://localhost:8080", "http://localhost:8080"},
		"loopback 127/8":  {"http://127.8.8.8", "http://127.8.8.8"},
		"https, any host": {"https://192.0.2.1", "https://192.0.2.1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseBaseURL(test.raw)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestParseBaseURLRefuses(t *testing.T) {
	tests := map[string]struct {
		raw, want string
	}{
		"empty":             {"", "must begin with https://"},
		"no scheme":         {"api.yoursrs.com", "must begin with https://"},
		"no host":           {"https:///v2", "has no host"},
		"only a port":       {"https://:8443", "has no host"},
		"other scheme":      {"ftp://example.com", "must begin with https://"},
		"http":              {"http://api.example.com", "loopback addresses only"},
		"http, looks local": {"http://localhost.example.com", "loopback addresses only"},
		"http, private":     {"http://10.0.0.1", "loopback addresses only"},
		"user":              {"https://user:hunter2@example.com", "must not hold a user name or password"},
		"query":             {"https://example.com?key=hunter2", "must not hold a query"},
		"empty query":       {"https://example.com?", "must not hold a query"},
		"fragment":          {"https://example.com#hunter2", "must not hold a fragment"},
		"no URL":            {"https://hunter2\x7f", "is not a URL"},
		"bad port":          {"https://example.com:hunter2", "is not a URL"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := ParseBaseURL(test.raw)
			if err == nil {
				t.Fatal("got no error")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want it to say %q", err, test.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error tells the secret: %q", err)
			}
		})
	}
}
