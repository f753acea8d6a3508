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
	"github.com/certops/terraform-provider-certops/internal/dnscheck/resolve"
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

// validationMethods is the grammar of RFC 8657, section 4, for the value of validationmethods, in lower case.
var validationMethods = regexp.MustCompile(`^([a-z0-9-]+(,[a-z0-9-]+)*)?$`)

// parseIssuer reads the value of a property issue or issuewild. A value that breaks the grammar counts as one that names nobody.
// So does one with an account that is no URI, or with two, since no request has both (RFC 8657, section 3).
func parseIssuer(value string) caaIssuer {
	v, err := dcv.ParseIssueValue(value)
	if err != nil {
		return caaIssuer{broken: value}
	}
	issuer := caaIssuer{domain: v.Issuer}
	for _, parameter := range v.Parameters {
		switch parameter.Tag {
		case "accounturi":
			if issuer.account != "" || !dcv.AccountURI(parameter.Value) {
				return caaIssuer{broken: value}
			}
			issuer.account = parameter.Value
		case "validationmethods":
			if issuer.restricted {
				// RFC 8657 leaves open what two lists mean. Authorities take them for none.
				issuer.methods += " and "
			}
			issuer.restricted = true
			issuer.methods += strings.ToLower(parameter.Value)
		}
	}
	return issuer
}

// whyBroken says where a broken value breaks the grammar: a predicate.
func (i caaIssuer) whyBroken() string {
	if _, err := dcv.ParseIssueValue(i.broken); err != nil {
		return resolve.Printable(err.Error(), maxReason)
	}
	return "does not name one account"
}

// allowsMethod tells whether the parameter validationmethods lists a method (RFC 8657, section 4).
func (i caaIssuer) allowsMethod(method string) bool {
	return !i.restricted || validationMethods.MatchString(i.methods) && slices.Contains(strings.Split(i.methods, ","), method)
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
