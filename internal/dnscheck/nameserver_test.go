// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import "testing"

func TestParseNameserver(t *testing.T) {
	tests := map[string]string{ // "" is an error
		"192.0.2.53:53":            "192.0.2.53:53",
		"192.0.2.53":               "192.0.2.53:53",
		"[2001:db8::53]:5353":      "[2001:db8::53]:5353",
		"[2001:db8::53]":           "[2001:db8::53]:53",
		"2001:db8::53":             "[2001:db8::53]:53",
		"ns1.example.com:53":       "ns1.example.com:53",
		"ns1.example.com.":         "ns1.example.com.:53",
		"localhost:65535":          "localhost:65535",
		"":                         "",
		":53":                      "",
		"192.0.2.53:0":             "",
		"192.0.2.53:65536":         "",
		"192.0.2.53:domain":        "",
		"not an address":           "",
		"https://dns.example.com/": "",
		"a..example.com:53":        "",
	}
	for input, want := range tests {
		got, err := ParseNameserver(input)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("ParseNameserver(%q) = %q, %v, want %q", input, got, err, want)
		}
	}
}
