// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/resolve"
)

// maxAliases bounds the CNAMEs followed from one name.
const maxAliases = 8

// caaCritical is the flag that forbids issuing to whoever does not understand the property (RFC 8659, section 4.1).
const caaCritical = 128

// caaUnderstood are the property tags of the IANA registry that say nothing about TLS certificates, so that a
// critical flag on them stops nobody: https://www.iana.org/assignments/pkix-parameters/.
var caaUnderstood = []string{"iodef", "issuemail", "issuevmc", "contactemail", "contactphone"}

// caaVerdict is what the CAA records say about one or more domains.
type caaVerdict struct {
	status string // one of the CAA constants, empty when it is not known
	note   string // a sentence for the message, empty when there is nothing to tell
}

// severity orders verdicts: of several domains the most troubled one counts.
func (f caaVerdict) severity() int {
	switch f.status {
	case CAAForbidden:
		return 3
	case "":
		return 2
	case CAAAllowed:
		return 1
	default:
		return 0
	}
}

// caaVerdict compares the CAA records of every domain the expectation is about with its authority.
func (r *run) caaVerdict(ctx context.Context, t resolve.Task, given Expectation) caaVerdict {
	issuers := given.Issuers
	if len(issuers) == 0 {
		issuers = IssuersFor(given.Type, given.Value)
	}
	domains := slices.Clone(given.Domains)
	if len(domains) == 0 {
		domains = []string{hostOf(given.FQDN)}
	}
	slices.Sort(domains)

	worst := caaVerdict{status: CAANone}
	for _, domain := range domains {
		if _, err := dcv.ParseDomain(domain); err != nil {
			continue
		}
		name, wildcard := strings.CutPrefix(domain, "*.")
		if v := r.caaVerdictFor(ctx, t, canonical(name), wildcard, issuers); v.severity() > worst.severity() {
			worst = v
		}
	}
	return worst
}

// hostOf drops the leading underscore labels under which authorities look for records.
func hostOf(fqdn string) string {
	for strings.HasPrefix(fqdn, "_") {
		_, rest, found := strings.Cut(fqdn, ".")
		if !found || rest == "" {
			break
		}
		fqdn = rest
	}
	return fqdn
}

// caaVerdictFor finds the relevant RRset of RFC 8659, section 3: that of the domain, else of its nearest ancestor with one.
func (r *run) caaVerdictFor(ctx context.Context, t resolve.Task, domain string, wildcard bool, issuers []string) caaVerdict {
	if _, valid := dns.IsDomainName(domain); !valid {
		return caaVerdict{}
	}
	for name := domain; name != "."; name = parentOf(name) {
		sets, err := r.caaSets(ctx, t, name)
		if err != nil && r.nameserversGiven && name != domain {
			// Servers that were named for the domain, and are not recursive, need not know what is above it.
			return caaVerdict{}
		}
		if err != nil {
			return caaVerdict{note: fmt.Sprintf("The CAA records of %s could not be looked up: %s.", resolve.TrimDot(name), err)}
		}
		if len(sets) > 0 {
			return verdictOnCAA(sets, resolve.TrimDot(domain), resolve.TrimDot(name), wildcard, issuers)
		}
	}
	return caaVerdict{status: CAANone}
}

func parentOf(name string) string {
	next, end := dns.NextLabel(name, 0)
	if end {
		return "."
	}
	return name[next:]
}

// caaSets returns the CAA RRsets that the servers give for a name, following CNAMEs. Servers that have none are left
// out, so that one which lags behind does not hide what the others say.
func (r *run) caaSets(ctx context.Context, t resolve.Task, name string) ([]*caaSet, error) {
	var sets []*caaSet
	names := []string{name}
	for i := 0; i < len(names); i++ {
		if i > maxAliases {
			return nil, fmt.Errorf("its CNAMEs lead through more than %d names", maxAliases)
		}
		o, err := r.resolver.Lookup(ctx, t, names[i], dns.TypeCAA)
		if err != nil {
			return nil, err
		}
		if err := o.Err(); err != nil {
			return nil, err
		}
		for _, resp := range o.Useful() {
			switch resp.Kind {
			case resolve.Data:
				if !slices.Contains(sets, resp.Records.caa) {
					sets = append(sets, resp.Records.caa)
				}
			case resolve.Alias:
				// A name met before is a loop; there is nothing more behind it.
				if !slices.Contains(names, resp.Target) {
					names = append(names, resp.Target)
				}
			}
		}
	}
	return sets, nil
}

// verdictOnCAA tells whether every one of the RRsets found at a name lets one of the issuers issue for domain.
func verdictOnCAA(sets []*caaSet, domain, at string, wildcard bool, issuers []string) caaVerdict {
	shown := domain
	if wildcard {
		shown = "*." + domain
	}
	status := CAAAllowed
	for _, set := range sets {
		tag, allowed, unknownTag := set.permitted(wildcard)
		switch {
		case unknownTag != "":
			return caaVerdict{CAAForbidden, fmt.Sprintf(
				"The CAA records at %s forbid every authority to issue for %s: "+
					"the property %s is marked critical and is none that authorities know. Remove it or its flag.",
				at, shown, quote(unknownTag))}
		case tag == "", slices.ContainsFunc(issuers, func(issuer string) bool {
			return slices.Contains(allowed, resolve.TrimDot(canonical(issuer)))
		}):
			continue
		case len(allowed) == 0:
			return caaVerdict{CAAForbidden, fmt.Sprintf(
				"The CAA records at %s forbid every authority to issue for %s. %s",
				at, shown, remedy(at, tag, issuers))}
		case len(issuers) == 0:
			status = ""
		default:
			return caaVerdict{CAAForbidden, fmt.Sprintf(
				"The CAA records at %s let only %s issue for %s, which is not the authority of this order. %s",
				at, enumerate(quoteAll(allowed)), shown, remedy(at, tag, issuers))}
		}
	}
	return caaVerdict{status: status}
}

func quoteAll(values []string) []string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quote(v)
	}
	return quoted
}

func remedy(at, tag string, issuers []string) string {
	if len(issuers) == 0 {
		return fmt.Sprintf("Add a CAA record at %s that names the authority.", at)
	}
	return fmt.Sprintf("Add the CAA record 0 %s %s at %s.", tag, quote(issuers[0]), at)
}

// caaSet is what one CAA RRset says. The parameters of an issuer (RFC 8657) are left to the authority.
type caaSet struct {
	issuers    map[string][]string // by the tags issue and issuewild, as far as they are there: the issuers named, sorted
	unknownTag string              // a critical tag that nobody knows, or empty
}

func readCAA(records []*dns.CAA) *caaSet {
	s := &caaSet{issuers: make(map[string][]string)}
	for _, caa := range records {
		switch tag := strings.ToLower(caa.Tag); {
		case tag == "issue" || tag == "issuewild":
			issuers := s.issuers[tag]
			if issuer := issuerOf(caa.Value); issuer != "" {
				issuers = append(issuers, issuer)
			}
			s.issuers[tag] = issuers
		case caa.Flag&caaCritical != 0 && !slices.Contains(caaUnderstood, tag) && (s.unknownTag == "" || tag < s.unknownTag):
			s.unknownTag = tag
		}
	}
	for tag, issuers := range s.issuers {
		slices.Sort(issuers)
		s.issuers[tag] = slices.Clone(slices.Compact(issuers))
	}
	return s
}

// size is about how many bytes the set takes.
func (s *caaSet) size() int {
	size := len(s.unknownTag)
	for _, issuers := range s.issuers {
		for _, issuer := range issuers {
			size += len(issuer)
		}
	}
	return size
}

// permitted returns the tag that decides, empty when none restricts; the issuers it names, sorted; and a critical tag
// nobody knows. issuewild overrides issue for wildcards and means nothing otherwise (RFC 8659, section 4.3).
func (s *caaSet) permitted(wildcard bool) (tag string, issuers []string, unknownTag string) {
	tag = "issue"
	if _, there := s.issuers["issuewild"]; there && wildcard {
		tag = "issuewild"
	}
	issuers, there := s.issuers[tag]
	if !there {
		return "", nil, s.unknownTag
	}
	return tag, issuers, s.unknownTag
}

// issuerOf reads the issuer domain name from the value of an issue property: what stands before the parameters.
// A value that names none, or no valid name, authorizes nobody (section 4.2).
func issuerOf(value string) string {
	name, _, _ := strings.Cut(value, ";")
	name = strings.Trim(name, " \t")
	if !isHostname(name) {
		return ""
	}
	return resolve.TrimDot(canonical(name))
}
