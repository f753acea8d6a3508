// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/dnscheck/resolve"
)

// ParseNameserver checks the address of a DNS server and returns it as host:port. The host is an IP address or a name. The
// port may be left out and is 53 then. An IPv6 address with a port stands in brackets. The error says what to write.
func ParseNameserver(s string) (string, error) {
	host, port := s, resolve.DefaultPort
	if _, err := netip.ParseAddr(s); err != nil {
		if h, p, err := net.SplitHostPort(s); err == nil {
			host, port = h, p
		} else {
			host = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
		}
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", fmt.Errorf("%q is not the address of a name server: the port must be a number from 1 to 65535", s)
	}
	if _, err := netip.ParseAddr(host); err != nil && !isHostname(host) {
		return "", fmt.Errorf("%q is not the address of a name server: write host:port, "+
			"such as 192.0.2.53:53, [2001:db8::53]:53 or ns1.example.com:53", s)
	}
	return net.JoinHostPort(host, port), nil
}

// parseNameservers returns addresses as [ParseNameserver] does, or its first error.
func parseNameservers(addresses []string) ([]string, error) {
	parsed := make([]string, 0, len(addresses))
	for _, s := range addresses {
		address, err := ParseNameserver(s)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, address)
	}
	return parsed, nil
}

func isHostname(s string) bool {
	s = strings.TrimSuffix(s, ".")
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		for _, b := range []byte(label) {
			if b != '-' && b != '_' && (b < '0' || b > '9') && (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') {
				return false
			}
		}
	}
	return true
}
