// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// caaIssuer is what the value of a property issue or issuewild says.
type caaIssuer struct {
	domain string // the authority, lower-case; empty for nobody
	// broken is the value where it breaks the grammar, or says what cannot be satisfied: it authorizes nobody.
	broken  string
	account string // the parameter accounturi, empty for none
	// restricted tells that there is a parameter validationmethods, and methods what it lists, separated by commas.
	restricted bool
	methods    string
}

// The grammar of RFC 8659, section 4.2, for an issuer domain name, the tag of a parameter and its value.
var (
	caaDomain = regexp.MustCompile(`^[A-Za-z0-9]+(-+[A-Za-z0-9]+)*(\.[A-Za-z0-9]+(-+[A-Za-z0-9]+)*)*$`)
	caaTag    = regexp.MustCompile(`^[A-Za-z0-9]+(-+[A-Za-z0-9]+)*$`)
	caaText   = regexp.MustCompile(`^[\x21-\x3a\x3c-\x7e]*$`)
)

// parseIssuer reads the value of a property issue or issuewild (RFC 8659, section 4.2). A value that breaks the grammar counts
// as one that names nobody. So does one with two accounts, since no request has both (RFC 8657, section 3).
func parseIssuer(value string) caaIssuer {
	broken := caaIssuer{broken: value}
	head, rest, more := strings.Cut(value, ";")
	domain := strings.Trim(head, " \t")
	if domain != "" && !caaDomain.MatchString(domain) {
		return broken
	}
	issuer := caaIssuer{domain: strings.ToLower(domain)}
	if !more || strings.Trim(rest, " \t") == "" {
		return issuer
	}
	seen := make(map[string]bool)
	for parameter := range strings.SplitSeq(rest, ";") {
		tag, text, assigned := strings.Cut(parameter, "=")
		tag, text = strings.ToLower(strings.Trim(tag, " \t")), strings.Trim(text, " \t")
		if !assigned || !caaTag.MatchString(tag) || !caaText.MatchString(text) {
			return broken
		}
		switch {
		case tag == "accounturi" && seen[tag]:
			return broken
		case tag == "accounturi":
			issuer.account = cmp.Or(text, "(empty)")
		case tag == "validationmethods":
			issuer.restricted, issuer.methods = true, strings.ToLower(text)
		}
		seen[tag] = true
	}
	return issuer
}

// allowsMethod tells whether the parameter validationmethods lists a method (RFC 8657, section 4).
func (i caaIssuer) allowsMethod(method string) bool {
	return !i.restricted || slices.Contains(strings.Split(i.methods, ","), method)
}

// caaSet is what one CAA RRset says.
type caaSet struct {
	issuers    map[string][]caaIssuer // by the tags issue and issuewild, as far as they are there, sorted
	unknownTag string                 // a critical tag that nobody knows, or empty
}

func readCAA(records []*dns.CAA) *caaSet {
	s := &caaSet{issuers: make(map[string][]caaIssuer)}
	for _, caa := range records {
		switch tag := strings.ToLower(caa.Tag); {
		case tag == "issue" || tag == "issuewild":
			// The DNS library presents values with the escapes of a zone file.
			value, ok := dcv.UnquoteTXT(`"` + caa.Value + `"`)
			if !ok {
				value = caa.Value
			}
			s.issuers[tag] = append(s.issuers[tag], parseIssuer(value))
		case caa.Flag&caaCritical != 0 && !slices.Contains(caaUnderstood, tag) && (s.unknownTag == "" || tag < s.unknownTag):
			s.unknownTag = tag
		}
	}
	for tag, issuers := range s.issuers {
		slices.SortFunc(issuers, func(a, b caaIssuer) int {
			return cmp.Or(strings.Compare(a.domain, b.domain), strings.Compare(a.broken, b.broken), strings.Compare(a.account, b.account),
				strings.Compare(a.methods, b.methods))
		})
		s.issuers[tag] = slices.Clone(slices.Compact(issuers))
	}
	return s
}

// size is about how many bytes the set takes.
func (s *caaSet) size() int {
	size := len(s.unknownTag)
	for _, issuers := range s.issuers {
		for _, i := range issuers {
			size += len(i.domain) + len(i.broken) + len(i.account) + len(i.methods)
		}
	}
	return size
}

// permitted returns the tag that decides, empty when none restricts, and what its properties say. issuewild overrides issue for
// wildcards and means nothing otherwise (RFC 8659, section 4.3).
func (s *caaSet) permitted(wildcard bool) (tag string, issuers []caaIssuer) {
	tag = "issue"
	if _, there := s.issuers["issuewild"]; there && wildcard {
		tag = "issuewild"
	}
	issuers, there := s.issuers[tag]
	if !there {
		return "", nil
	}
	return tag, issuers
}
