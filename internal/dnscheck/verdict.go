// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/resolve"
)

// severity orders the statuses: of several servers' the highest is the result.
var severity = map[string]int{
	StatusPublished:       0,
	StatusMissing:         1,
	StatusWrongValue:      2,
	StatusShadowedByCNAME: 3,
	StatusBlocked:         4,
	StatusNotDelegated:    5,
	StatusError:           6,
}

// outcome and response are what servers say about a name and type.
type (
	outcome  = resolve.Outcome[*recordSet]
	response = resolve.Response[*recordSet]
)

// verdict is what one server, or all of them together, say about an expectation.
type verdict struct {
	status   string
	observed []string // values, see recordSet
	clause   string   // a predicate whose subject is the server: "returns the expected value"
	note     string   // a sentence that says what to do, where the status alone does not tell
}

// expectation is an [Expectation] made ready for comparing.
type expectation struct {
	qtype uint16
	name  string // canonical
	value string // TXT: bytes; CNAME: with a trailing dot
	token bool   // whether the first label of the CNAME target is compared as text, in its case
	zone  string // canonical, empty when not given
	// within tells that a TXT record counts if it contains the value. So DigiCert looks at the owners where it accepts a token.
	within bool
	// persistent is what a persistent record has to say, and issuers the names of its authority; nil for other records.
	persistent *dcv.Persistent
	issuers    []string
}

func (e expectation) typeName() string { return dns.TypeToString[e.qtype] }

func newExpectation(given Expectation) (expectation, error) {
	e := expectation{name: canonical(given.FQDN), value: given.Value}
	if given.Zone != "" {
		e.zone = canonical(given.Zone)
	}
	if labels, valid := dns.IsDomainName(e.name); !valid || labels == 0 || e.name == "." {
		return e, fmt.Errorf("%s is not a DNS name", quote(given.FQDN))
	}
	switch strings.ToUpper(given.Type) {
	case "TXT":
		e.qtype = dns.TypeTXT
		e.within = len(given.AlsoAt) > 0 || strings.HasPrefix(e.name, "_dnsauth.")
		if dcv.IsPersistentOwner(e.name) {
			return e.asPersistent(given)
		}
	case "CNAME":
		e.qtype = dns.TypeCNAME
		e.value = dns.Fqdn(expected(given))
		// Names are the same in any case (RFC 4343), but DigiCert compares the token within the name as text.
		e.token = dns.IsSubDomain("digicert.com.", canonical(given.Value))
	default:
		return e, fmt.Errorf("a record of type %s cannot be checked, only TXT and CNAME", quote(given.Type))
	}
	return e, nil
}

// key is the value as the run keeps it among those that are wanted.
func (e expectation) key() string {
	if e.qtype == dns.TypeCNAME {
		return canonical(e.value)
	}
	return e.value
}

// is tells whether an observed value is the one expected.
func (e expectation) is(value string) bool {
	if e.qtype != dns.TypeCNAME {
		return value == e.value
	}
	got, _, _ := strings.Cut(value, ".")
	token, _, _ := strings.Cut(e.value, ".")
	return strings.EqualFold(value, e.value) && (got == token || !e.token)
}

// check looks one record up, at each of its owner names until one has it.
func (r *run) check(ctx context.Context, given Expectation) Result {
	result := r.checkAt(ctx, given)
	for _, owner := range given.AlsoAt {
		if result.Status == StatusPublished {
			break
		}
		given.FQDN = owner
		if other := r.checkAt(ctx, given); other.Status == StatusPublished {
			result = other
		}
	}
	return result
}

// checkAt looks a record up at its owner name.
func (r *run) checkAt(ctx context.Context, given Expectation) Result {
	result := newResult(given, "")
	e, err := newExpectation(given)
	if err != nil {
		result.Message = sentence(err.Error())
		return result
	}
	t := resolve.NewTask()
	o, err := r.resolver.Lookup(ctx, t, e.name, e.qtype)
	if err != nil {
		result.Message = errorMessage(ctx, e, err)
		return result
	}
	result.Nameservers = o.Servers()

	worst, verdicts := r.verdict(ctx, t, o, e)
	if ctx.Err() != nil {
		result.Message = errorMessage(ctx, e, ctx.Err())
		return result
	}
	blocked := ""
	if worst.status == StatusMissing {
		blocked = r.blocked(ctx, t, e, o)
	}
	result.Status = worst.status
	result.Observed = distinct(worst.observed)
	result.Message = r.message(ctx, t, e, o, worst, verdicts, blocked)
	if blocked != "" {
		result.Status = StatusBlocked
	}

	caa := r.caaVerdict(ctx, t, given)
	if ctx.Err() != nil {
		// The record's own result stands; about CAA nothing is known.
		return result
	}
	result.CAA = caa.status
	// What keeps the record from being looked up keeps CAA from it too; to say so once is enough.
	if caa.note != "" && (caa.status != "" || result.Status != StatusError) {
		result.Message += " " + caa.note
	}
	if result.Status == StatusError {
		return result
	}
	validation := r.validate(ctx, t, e, given)
	result.DNSSEC = validation.status
	switch {
	case validation.note == "":
	case validation.status == DNSSECBogus:
		// Whatever else is wrong, nothing helps before this is repaired.
		result.Message = validation.note + " " + result.Message
	default:
		result.Message += " " + validation.note
	}
	return result
}

// verdict compares what the servers said with what is expected. verdicts has one for every useful response.
func (r *run) verdict(ctx context.Context, t resolve.Task, o outcome, e expectation) (worst verdict, verdicts []verdict) {
	if o.NXDomain != "" {
		return verdict{status: StatusNotDelegated}, nil
	}
	if o.Err() != nil {
		return verdict{status: StatusError}, nil
	}
	worst.status = StatusPublished
	for _, resp := range o.Useful() {
		v := r.verdictOn(ctx, t, resp, o, e)
		verdicts = append(verdicts, v)
		if severity[v.status] > severity[worst.status] {
			worst.status, worst.note = v.status, v.note
		} else if v.status == worst.status {
			worst.note = cmp.Or(worst.note, v.note)
		}
		worst.observed = append(worst.observed, v.observed...)
	}
	return worst, verdicts
}

// verdictOn compares what one server said with what is expected.
func (r *run) verdictOn(ctx context.Context, t resolve.Task, resp response, o outcome, e expectation) verdict {
	switch resp.Kind {
	case resolve.Data:
		return r.compare(resp.Records, e)
	case resolve.Alias:
		return r.follow(ctx, t, resp.Target, e)
	}
	v := verdict{status: StatusMissing, clause: "has no " + e.typeName() + " record at " + resolve.TrimDot(e.name)}
	if resp.Kind == resolve.NXDomain {
		v.clause = clauseOfDenial(resp, e.name, e.qtype)
	}
	if undelegated(e, o, resp) != "" {
		v.status = StatusNotDelegated
	}
	return v
}

// undelegated returns the zone that should exist but is missing from the delegations, given that the record is not
// there: the zone the user named, or a registrable domain that its registry does not know.
func undelegated(e expectation, o outcome, resp response) string {
	above := o.Apex
	if above == "" {
		above = resp.DenyingZone
	}
	if above == "" {
		return ""
	}
	if e.zone != "" && e.zone != above && dns.IsSubDomain(above, e.zone) && dns.IsSubDomain(e.zone, e.name) {
		return e.zone
	}
	if resolve.IsRegistry(above, e.name) && resp.Kind == resolve.NXDomain {
		return resolve.Registrable(e.name)
	}
	return ""
}

// compare compares the records of the expected type with what is expected.
func (r *run) compare(records *recordSet, e expectation) verdict {
	v := verdict{status: StatusWrongValue}
	all := len(records.expected) + len(records.others) + records.omitted
	// Other TXT records may stand beside the expected one; of CNAME records a name has only one.
	if slices.ContainsFunc(records.expected, e.is) && (e.qtype == dns.TypeTXT || all == 1) {
		v.status = StatusPublished
		v.clause = "returns the expected value"
	} else if e.within && slices.Contains(records.tokens, e.value) {
		v.status = StatusPublished
		v.clause = "returns a value that contains the expected one"
	}
	for _, value := range records.expected {
		if e.qtype == dns.TypeCNAME {
			value = resolve.TrimDot(value)
		}
		v.observed = append(v.observed, value)
	}
	v.observed = append(v.observed, records.others...)
	slices.Sort(v.observed)
	if e.persistent != nil {
		return r.comparePersistent(records, e, v.observed)
	}
	if v.status == StatusWrongValue {
		shown := quoteAll(v.observed)
		if records.omitted > 0 {
			shown = append(shown[:min(len(shown), maxListed)], fmt.Sprintf("%d more", all-min(len(shown), maxListed)))
		}
		v.clause = "returns " + enumerate(shown)
	}
	return v
}

// follow compares a TXT record behind a CNAME. Authorities follow it, so a chain that ends at the right value is
// as good as the record itself.
func (r *run) follow(ctx context.Context, t resolve.Task, target string, e expectation) verdict {
	shadowed := verdict{status: StatusShadowedByCNAME}
	names := []string{e.name}
	pending := []string{target}
	for len(pending) > 0 {
		name := pending[0]
		pending = pending[1:]
		switch {
		case slices.Contains(names, name):
			shadowed.clause = "returns a CNAME to " + resolve.TrimDot(target) + ", and the CNAMEs go round in a circle"
			return shadowed
		case len(names) > maxAliases:
			shadowed.clause = fmt.Sprintf("returns a CNAME to %s, the first of more than %d", resolve.TrimDot(target), maxAliases)
			return shadowed
		}
		names = append(names, name)

		o, err := r.resolver.Lookup(ctx, t, name, e.qtype)
		if err != nil || o.Err() != nil {
			shadowed.clause = "returns a CNAME to " + resolve.TrimDot(target) + ", and no server answers for " + resolve.TrimDot(name)
			return shadowed
		}
		if o.NXDomain != "" {
			shadowed.clause = "returns a CNAME to " + resolve.TrimDot(target) + ", and " + resolve.TrimDot(o.NXDomain) + " does not exist"
			return shadowed
		}
		for _, resp := range o.Useful() {
			switch resp.Kind {
			case resolve.Alias:
				if !slices.Contains(pending, resp.Target) {
					pending = append(pending, resp.Target)
				}
			case resolve.Data:
				v := r.compare(resp.Records, e)
				shadowed.observed = append(shadowed.observed, v.observed...)
				shadowed.note = cmp.Or(shadowed.note, v.note)
				if v.status != StatusPublished && shadowed.clause == "" {
					shadowed.clause = "returns a CNAME to " + resolve.TrimDot(target) +
						", and the TXT record at " + resolve.TrimDot(name) + " has another value"
					if e.persistent != nil {
						shadowed.clause = "returns a CNAME to " + resolve.TrimDot(target) + ", and the server of " + resolve.TrimDot(name) + " " + v.clause
					}
				}
			default:
				if shadowed.clause == "" {
					shadowed.clause = "returns a CNAME to " + resolve.TrimDot(target) + ", and there is no TXT record at " + resolve.TrimDot(name)
				}
			}
		}
	}
	if shadowed.clause != "" {
		return shadowed
	}
	return verdict{
		status:   StatusPublished,
		observed: shadowed.observed,
		note:     shadowed.note,
		clause:   "returns a CNAME to " + resolve.TrimDot(target) + ", which leads to the expected value",
	}
}
