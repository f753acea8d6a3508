// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/resolve"
)

const (
	// maxObserved bounds the values a Result lists, and maxValue the bytes of each.
	maxObserved = 50
	maxValue    = 1024
	// maxQuoted and maxListed bound what a Message repeats.
	maxQuoted = 100
	maxListed = 6
)

// joined returns the bytes of a TXT record: its strings put together, as RFC 7208 and the authorities read them. The DNS
// library presents them with the escapes of a zone file.
func joined(txt *dns.TXT) string {
	value, _ := dcv.UnquoteTXT(`"` + strings.Join(txt.Txt, `" "`) + `"`)
	return value
}

// quote puts a value into a message.
func quote(s string) string {
	return `"` + resolve.Printable(s, maxQuoted) + `"`
}

// distinct returns the sorted distinct values as a Result lists them.
func distinct(values []string) []string {
	shown := make([]string, 0, len(values))
	for _, v := range values {
		shown = append(shown, resolve.Printable(v, maxValue))
	}
	slices.Sort(shown)
	shown = slices.Compact(shown)
	return shown[:min(len(shown), maxObserved)]
}

// enumerate joins words: a, b and c.
func enumerate(words []string) string {
	if more := len(words) - maxListed; more > 1 {
		words = append(slices.Clone(words[:maxListed]), strconv.Itoa(more)+" more")
	}
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
	}
}

// sentence begins with a capital letter, unless it begins with a name, and ends with a full stop.
func sentence(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if !strings.ContainsAny(first, `."_`) {
		s = dcv.Capital(s)
	}
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}
