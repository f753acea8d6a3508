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
	plain := make([]byte, 0, len(label))
	for i := 0; i < len(label); i++ {
		b := label[i]
		if b == '\\' && i+3 < len(label) && isDigit(label[i+1]) && isDigit(label[i+2]) && isDigit(label[i+3]) {
			b = (label[i+1]-'0')*100 + (label[i+2]-'0')*10 + label[i+3] - '0'
			i += 3
		} else if b == '\\' && i+1 < len(label) {
			i++
			b = label[i]
		}
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		plain = append(plain, b)
	}
	return plain
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
