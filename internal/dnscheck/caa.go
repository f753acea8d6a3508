// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

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
		return 4
	case "":
		return 3
	case CAARestricted:
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
	asker := caaAsker{issuers: issuers, method: methodDNSChange, obeyed: !r.now.Before(obeyedFrom)}
	if e, err := newExpectation(given); err == nil && e.persistent != nil {
		asker.method, asker.account = methodPersistent, e.persistent.Account
	}
	worst := caaVerdict{status: CAANone}
	for _, domain := range caaDomains(given) {
		name, wildcard := strings.CutPrefix(domain, "*.")
		name = canonical(name)
		asker.domain = resolve.TrimDot(name)
		if wildcard {
			asker.domain = "*." + asker.domain
		}
		if v := r.caaVerdictFor(ctx, t, name, wildcard, asker); v.severity() > worst.severity() {
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
func (r *run) caaVerdictFor(ctx context.Context, t resolve.Task, domain string, wildcard bool, asker caaAsker) caaVerdict {
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
			return asker.verdictOn(sets, wildcard)
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

// caaFound is a CAA RRset with the name that was asked for and the owner of the records, to which CNAMEs lead from there.
type caaFound struct {
	set         *caaSet
	name, owner string
}

// where says where the records are.
func (f caaFound) where() string {
	if f.owner == f.name {
		return "at " + resolve.TrimDot(f.owner)
	}
	return fmt.Sprintf("at %s, to which the CNAME at %s leads,", resolve.TrimDot(f.owner), resolve.TrimDot(f.name))
}

// caaSets returns the CAA RRsets that the servers give for a name, following CNAMEs. Servers that have none are left
// out, so that one which lags behind does not hide what the others say.
func (r *run) caaSets(ctx context.Context, t resolve.Task, name string) ([]caaFound, error) {
	var sets []caaFound
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
				if found := (caaFound{resp.Records.caa, name, names[i]}); !slices.Contains(sets, found) {
					sets = append(sets, found)
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

// caaAsker is what is judged: whether an authority may issue for a domain.
type caaAsker struct {
	domain  string   // as messages call it, a wildcard with its "*."
	issuers []string // by which the authority knows itself; empty when it is not known
	method  string   // how RFC 8657 calls the validation
	account string   // the URI of the account, empty when it is not known
	obeyed  bool     // whether authorities have to obey the parameters of RFC 8657
}

// verdictOn tells whether every one of the RRsets found for a name lets the authority issue. The worst of them counts.
func (a caaAsker) verdictOn(sets []caaFound, wildcard bool) caaVerdict {
	verdict := caaVerdict{status: CAAAllowed}
	for _, found := range sets {
		if v := a.verdictOnSet(found, wildcard); v.severity() > verdict.severity() {
			verdict = v
		}
	}
	return verdict
}

func (a caaAsker) verdictOnSet(found caaFound, wildcard bool) caaVerdict {
	if found.set.unknownTag != "" {
		return caaVerdict{CAAForbidden, fmt.Sprintf("The CAA records %s forbid every authority to issue for %s: "+
			"the property %s is marked critical and is none that authorities know. Remove it or its flag.",
			found.where(), a.domain, quote(found.set.unknownTag))}
	}
	tag, properties := found.set.permitted(wildcard)
	if tag == "" {
		return caaVerdict{status: CAAAllowed}
	}
	var allowed, broken []string
	verdict, named := caaVerdict{status: CAAForbidden}, false
	for _, property := range properties {
		switch {
		case property.broken != "":
			broken = append(broken, quote(property.broken)+" "+property.whyBroken())
		case property.domain == "":
		case slices.ContainsFunc(a.issuers, func(issuer string) bool { return resolve.TrimDot(canonical(issuer)) == property.domain }):
			// One property that lets the authority issue is enough.
			if v := a.verdictOnProperty(found, tag, property); !named || v.severity() < verdict.severity() {
				verdict, named = v, true
			}
		default:
			allowed = append(allowed, property.domain)
		}
	}
	allowed = slices.Compact(allowed)
	switch {
	case named:
		return verdict
	case len(allowed) > 0 && len(a.issuers) == 0:
		return caaVerdict{}
	case len(allowed) > 0:
		verdict.note = fmt.Sprintf("The CAA records %s let only %s issue for %s, which is not the authority of this order.",
			found.where(), enumerate(quoteAll(allowed)), a.domain)
	default:
		verdict.note = fmt.Sprintf("The CAA records %s forbid every authority to issue for %s.", found.where(), a.domain)
	}
	if len(broken) > 0 {
		verdict.note += fmt.Sprintf(" A value that breaks the grammar of CAA authorizes nobody (RFC 8659, section 4.2), and so does one "+
			"whose accounturi is not a single URI (RFC 8657, section 3): %s.", enumerate(broken))
	}
	verdict.note += " " + a.remedy(found, tag)
	return verdict
}

// obeyedFrom is the day from which authorities must obey the parameters of RFC 8657 (CA/Browser Forum ballot SC-098v2).
var obeyedFrom = time.Date(2027, time.March, 15, 0, 0, 0, 0, time.UTC)

// Methods of validation as the CA/Browser Forum calls them in validationmethods.
const (
	methodDNSChange  = "ca-tbr-7"
	methodPersistent = "ca-tbr-22"
)

// verdictOnProperty judges the parameters of a property that names the authority.
func (a caaAsker) verdictOnProperty(found caaFound, tag string, property caaIssuer) caaVerdict {
	var note string
	switch {
	case !property.allowsMethod(a.method):
		note = fmt.Sprintf("The CAA record %s %s %s allows only the validation methods %s, and not %s, which validates this name.",
			tag, quote(property.domain), found.where(), quote(property.methods), quote(a.method))
		if a.obeyed {
			return caaVerdict{CAAForbidden, note + fmt.Sprintf(" Add %s to its validationmethods.", a.method)}
		}
		note += fmt.Sprintf(" From 15 March 2027 the authority has to obey that: add %s to its validationmethods.", a.method)
	case property.account != "" && property.account == a.account:
		return caaVerdict{status: CAAAllowed}
	case property.account != "" && a.account != "":
		note = fmt.Sprintf("The CAA record %s %s %s lets only the account %s issue, and the persistent record is for %s.",
			tag, quote(property.domain), found.where(), quote(property.account), quote(a.account))
		if a.obeyed {
			return caaVerdict{CAAForbidden, note + " Write the same account into both."}
		}
		note += " From 15 March 2027 the authority has to obey that: write the same account into both."
	case property.account != "":
		note = fmt.Sprintf("The CAA record %s %s %s lets only the account %s issue. DNS does not tell whether this order is of that "+
			"account. ", tag, quote(property.domain), found.where(), quote(property.account))
		if a.obeyed {
			note += "Compare it with the account that the authority gives."
		} else {
			note += "From 15 March 2027 the authority has to obey that: compare it with the account that the authority gives."
		}
	default:
		return caaVerdict{status: CAAAllowed}
	}
	return caaVerdict{CAARestricted, note}
}

func quoteAll(values []string) []string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quote(v)
	}
	return quoted
}

// remedy says which record to add, and who can.
func (a caaAsker) remedy(found caaFound, tag string) string {
	record := "a CAA record that names the authority"
	if len(a.issuers) > 0 {
		record = fmt.Sprintf("the CAA record 0 %s %s", tag, quote(a.issuers[0]))
	}
	if found.owner == found.name {
		return fmt.Sprintf("Add %s at %s.", record, resolve.TrimDot(found.owner))
	}
	return fmt.Sprintf("Whoever runs %s has to add %s there. At %s it cannot stand, beside the CNAME.",
		resolve.TrimDot(found.owner), record, resolve.TrimDot(found.name))
}
