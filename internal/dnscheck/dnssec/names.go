// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec

import (
	"bytes"
	"strings"

	"github.com/miekg/dns"
)

// trimDot returns a canonical name without its trailing dot. The root is ".".
func trimDot(name string) string {
	if name == "." {
		return name
	}
	return strings.TrimSuffix(name, ".")
}

func typeName(qtype uint16) string { return dns.Type(qtype).String() }

// ancestor returns the last labels of a name.
func ancestor(name string, labels int) string {
	start := dns.Split(name)
	if labels <= 0 || len(start) == 0 {
		return "."
	}
	return name[start[max(0, len(start)-labels)]:]
}

// wildcardAt is the name that stands for all names below name.
func wildcardAt(name string) string {
	if name == "." {
		return "*."
	}
	return "*." + name
}

// compareNames compares canonical names in the order of NSEC records (RFC 4034, section 6.1).
func compareNames(a, b string) int {
	as, bs := dns.SplitDomainName(a), dns.SplitDomainName(b)
	for len(as) > 0 && len(bs) > 0 {
		x, y := octets(as[len(as)-1]), octets(bs[len(bs)-1])
		if order := bytes.Compare(x, y); order != 0 {
			return order
		}
		as, bs = as[:len(as)-1], bs[:len(bs)-1]
	}
	return len(as) - len(bs)
}

// octets returns the bytes of a label as a message has them, in lower case. A label of package dns has the escapes of zone files.
func octets(label string) []byte {
	wire := make([]byte, 1+len(label)+1)
	if _, err := dns.PackDomainName(label+".", wire, 0, nil, false); err != nil {
		return []byte(label) // It comes from a name that was unpacked, so that this does not happen.
	}
	plain := wire[1 : 1+wire[0]]
	for i, b := range plain {
		if b >= 'A' && b <= 'Z' {
			plain[i] = b + 'a' - 'A'
		}
	}
	return plain
}
