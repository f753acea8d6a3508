// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

const (
	maxNameLength  = 253 // bytes of a name in text, without the trailing dot (RFC 1035, section 2.3.4)
	maxLabelLength = 63
)

// CanonicalDomain returns the key form of a domain: lower-case, U-labels as A-labels (UTS #46, non-transitional),
// without leading "*." and trailing dots. It never fails and validates nothing: a label that has no A-label keeps its
// characters and only its ASCII letters are lower-cased. Applying it twice changes nothing. See [ParseDomain] for the
// strict form.
func CanonicalDomain(s string) string {
	s = fold(s)
	for strings.HasPrefix(s, "*.") {
		s = s[len("*."):]
	}
	return strings.TrimRight(s, ".")
}

// ParseDomain returns the canonical form of a domain that is a valid DNS name: labels of 1 to 63 letters, digits,
// hyphens and underscores (underscores occur in owner names), 253 bytes at most. One leading "*." and one trailing dot
// are accepted and dropped. An IP address is refused. The error is a *[NameError].
func ParseDomain(s string) (string, error) {
	name := strings.TrimPrefix(strings.TrimSuffix(fold(s), "."), "*.")
	reason := invalidName(name)
	if reason == "" {
		if _, err := netip.ParseAddr(name); err == nil {
			reason = "is an IP address, not a domain"
		}
	}
	if reason != "" {
		return "", &NameError{Field: fieldDomain, Text: s, Reason: reason}
	}
	return name, nil
}

// RegistrableDomain returns the part of a domain that is registered: "example.co.uk" for "*.www.example.co.uk". It goes by
// the ICANN section of the public suffix list (https://publicsuffix.org) alone, as certificate authorities do (Baseline
// Requirements 3.2.2.6): below a suffix of the private section, such as github.io, the registrable domain is the suffix's
// own. It fails with a *[NameError] when domain is not a DNS name or is itself a public suffix.
func RegistrableDomain(domain string) (string, error) {
	name, err := ParseDomain(domain)
	if err != nil {
		return "", err
	}
	registrable := BelowSuffix(name)
	if registrable == "" {
		return "", &NameError{Field: fieldDomain, Text: domain, Reason: "is a public suffix, so it has no registrable domain"}
	}
	return registrable, nil
}

// BelowSuffix returns the ancestor of a name, or the name, that has one label more than its public suffix of the ICANN
// section; "" when there is none. It takes any text, lower-case and without trailing dot. See [RegistrableDomain] for names
// that are to be checked.
func BelowSuffix(name string) string {
	suffix, icann := publicsuffix.PublicSuffix(name)
	for !icann {
		// A name that no rule matches has its last label as the suffix, which is not of the ICANN section either.
		_, parent, found := strings.Cut(suffix, ".")
		if !found {
			break
		}
		suffix, icann = publicsuffix.PublicSuffix(parent)
	}
	below, found := strings.CutSuffix(name, "."+suffix)
	if !found {
		return ""
	}
	return below[strings.LastIndexByte(below, '.')+1:] + "." + suffix
}

// CoveredNames groups names by their canonical domain, one validation each: a wildcard and its base name share one.
// The names of a group are as ordered, sorted and without duplicates. A name of which nothing is left, such as "", is
// left out.
func CoveredNames(domains []string) map[string][]string {
	covered := make(map[string][]string, len(domains))
	for _, name := range domains {
		if key := CanonicalDomain(name); key != "" {
			covered[key] = append(covered[key], name)
		}
	}
	for key, names := range covered {
		covered[key] = SortedUnique(names)
	}
	return covered
}

// toASCII maps one label as a resolver would (UTS #46), but lets underscores pass.
var toASCII = idna.New(idna.MapForLookup(), idna.StrictDomainName(false))

// ideographicDots are the characters that UTS #46 takes for a label separator, besides the full stop.
var ideographicDots = strings.NewReplacer("\u3002", ".", "\uff0e", ".", "\uff61", ".")

// fold lower-cases a name and turns its U-labels into A-labels, until nothing changes any more. A mapped label can
// bring new dots or asterisks, hence the repetition; each pass leaves fewer bytes outside ASCII, hence it ends.
func fold(name string) string {
	for {
		folded := foldOnce(name)
		if folded == name {
			return name
		}
		name = folded
	}
}

func foldOnce(name string) string {
	// Punycode takes time quadratic in the length, and what is longer than this has no valid ASCII form.
	if isASCII(name) || len(name) > 4*maxNameLength {
		return lowerASCII(name)
	}
	labels := strings.Split(ideographicDots.Replace(name), ".")
	for i, label := range labels {
		if isASCII(label) {
			labels[i] = lowerASCII(label)
			continue
		}
		ascii, err := toASCII.ToASCII(label)
		// Bytes that are no UTF-8 would all become one replacement character, and different names the same.
		if err != nil || !isASCII(ascii) || !utf8.ValidString(label) {
			ascii = lowerASCII(label)
		}
		labels[i] = ascii
	}
	return strings.Join(labels, ".")
}

// parseName folds a name, drops one trailing dot, and says what keeps it from being a DNS name; "" if nothing does.
func parseName(s string) (name, reason string) {
	name = strings.TrimSuffix(fold(s), ".")
	return name, invalidName(name)
}

// invalidName says what keeps a folded name from being a DNS name, as a predicate; "" if nothing does. Host name
// syntax (RFC 952, RFC 1123) plus the underscore is all that CAs use, and it keeps every character with a meaning in a
// zone file out.
func invalidName(name string) string {
	if name == "" {
		return "is empty"
	}
	if len(name) > maxNameLength {
		return fmt.Sprintf("is longer than %d bytes", maxNameLength)
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" {
			return "has an empty label"
		}
		if len(label) > maxLabelLength {
			return fmt.Sprintf("has a label longer than %d bytes", maxLabelLength)
		}
	}
	for _, r := range name {
		if !isNameRune(r) {
			return fmt.Sprintf("contains %q, which has no place in a DNS name", r)
		}
	}
	return ""
}

func isNameRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.'
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// lowerASCII lower-cases ASCII letters only and leaves every other byte alone, invalid UTF-8 included.
func lowerASCII(s string) string {
	lower := []byte(s)
	for i, c := range lower {
		if c >= 'A' && c <= 'Z' {
			lower[i] = c + ('a' - 'A')
		}
	}
	return string(lower)
}

// labelCount counts the labels of a canonical name.
func labelCount(name string) int {
	return strings.Count(name, ".") + 1
}

// SortedUnique returns a sorted copy without duplicates, never nil.
func SortedUnique(list []string) []string {
	sorted := append([]string{}, list...)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}
