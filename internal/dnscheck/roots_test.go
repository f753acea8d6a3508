// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"net/netip"
	"testing"
)

func TestRootServers(t *testing.T) {
	servers := rootServers()
	if len(servers) != 26 {
		t.Fatalf("%d addresses, want 26", len(servers))
	}
	seen := make(map[netip.AddrPort]bool)
	for i, s := range servers {
		address, err := netip.ParseAddrPort(s.addr)
		if err != nil || address.Port() != 53 || address.Addr().Is4() != (i < 13) || seen[address] {
			t.Errorf("%s: %s: %v", s.name, s.addr, err)
		}
		seen[address] = true
	}
}

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

func TestRegistrable(t *testing.T) {
	tests := map[string]string{
		"_dnsauth.www.example.com.":    "example.com.",
		"example.com.":                 "example.com.",
		"com.":                         "",
		".":                            "",
		"_dnsauth.a.example.co.uk.":    "example.co.uk.",
		"co.uk.":                       "",
		"_dnsauth.someone.github.io.":  "github.io.",
		"x.s3.eu-west-1.amazonaws.com": "amazonaws.com.",
		"a.b.test.":                    "b.test.",
		"host.internal.":               "host.internal.",
	}
	for name, want := range tests {
		if got := registrable(canonical(name)); got != want {
			t.Errorf("registrable(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestUnescape(t *testing.T) {
	tests := map[string]string{
		`plain`:        "plain",
		`a\"b\\c`:      `a"b\c`,
		`\000\255x`:    "\x00\xffx",
		`\12`:          "12",
		`trailing\`:    `trailing\`,
		`\195\164\032`: "ä ",
	}
	for input, want := range tests {
		if got := unescape(input); got != want {
			t.Errorf("unescape(%q) = %q, want %q", input, got, want)
		}
	}
}
