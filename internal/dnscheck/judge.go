// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// severity orders the statuses: of several servers' the highest is the result.
var severity = map[string]int{
	StatusPublished:       0,
	StatusMissing:         1,
	StatusWrongValue:      2,
	StatusShadowedByCNAME: 3,
	StatusNotDelegated:    4,
	StatusError:           5,
}

// finding is what one server, or all of them together, say about an expectation.
type finding struct {
	status   string
	observed []string // values, see found
	clause   string   // a predicate whose subject is the server: "returns the expected value"
	target   string   // the target of the CNAME in the way, for StatusShadowedByCNAME
}

// want is an expectation made ready for comparing.
type want struct {
	qtype uint16
	name  string // canonical
	value string // TXT: bytes; CNAME: with a trailing dot
	token bool   // whether the first label of the CNAME target is compared as text, in its case
	zone  string // canonical, empty when not given
}

func (w want) typeName() string { return dns.TypeToString[w.qtype] }

func newWant(e Expectation) (want, error) {
	w := want{name: canonical(e.FQDN), value: e.Value}
	if e.Zone != "" {
		w.zone = canonical(e.Zone)
	}
	if labels, valid := dns.IsDomainName(w.name); !valid || labels == 0 || w.name == "." {
		return w, fmt.Errorf("%s is not a DNS name", quote(e.FQDN))
	}
	switch strings.ToUpper(e.Type) {
	case "TXT":
		w.qtype = dns.TypeTXT
	case "CNAME":
		w.qtype = dns.TypeCNAME
		w.value = dns.Fqdn(expected(e))
		// Names are the same in any case (RFC 4343), but DigiCert compares the token within the name as text.
		w.token = isBelow(canonical(e.Value), "digicert.com.")
	default:
		return w, fmt.Errorf("a record of type %s cannot be checked, only TXT and CNAME", quote(e.Type))
	}
	return w, nil
}

// key is the value as the run keeps it among those that are wanted.
func (w want) key() string {
	if w.qtype == dns.TypeCNAME {
		return canonical(w.value)
	}
	return w.value
}

// is tells whether a value that was found is the one expected.
func (w want) is(value string) bool {
	if w.qtype != dns.TypeCNAME {
		return value == w.value
	}
	got, _, _ := strings.Cut(value, ".")
	token, _, _ := strings.Cut(w.value, ".")
	return strings.EqualFold(value, w.value) && (got == token || !w.token)
}

// check looks one record up, at each of its owner names until one has it.
func (r *run) check(ctx context.Context, e Expectation) Result {
	result := r.checkAt(ctx, e)
	for _, owner := range e.AlsoAt {
		if result.Status == StatusPublished {
			break
		}
		e.FQDN = owner
		if other := r.checkAt(ctx, e); other.Status == StatusPublished {
			result = other
		}
	}
	return result
}

// checkAt looks a record up at its owner name.
func (r *run) checkAt(ctx context.Context, e Expectation) Result {
	result := newResult(e, "")
	w, err := newWant(e)
	if err != nil {
		result.Message = sentence(err.Error())
		return result
	}
	t := newTask()
	o, err := r.lookup(ctx, t, w.name, w.qtype)
	if err != nil {
		result.Message = r.errorMessage(ctx, w, err)
		return result
	}
	result.Nameservers = o.servers()

	found, each := r.judge(ctx, t, o, w)
	if ctx.Err() != nil {
		result.Message = r.errorMessage(ctx, w, ctx.Err())
		return result
	}
	result.Status = found.status
	result.Observed = distinct(found.observed)
	result.Message = r.message(ctx, t, w, o, found, each)

	caa := r.caa(ctx, t, e)
	if ctx.Err() != nil {
		// The record's own result stands; about CAA nothing is known.
		return result
	}
	result.CAA = caa.status
	// What keeps the record from being looked up keeps CAA from it too; to say so once is enough.
	if caa.note != "" && (caa.status != "" || result.Status != StatusError) {
		result.Message += " " + caa.note
	}
	return result
}

func (r *run) errorMessage(ctx context.Context, w want, err error) string {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("The time allowed ended before the %s record at %s was looked up. Try again, or allow more time.", w.typeName(), bare(w.name))
	case ctx.Err() != nil:
		return fmt.Sprintf("The check was stopped before the %s record at %s was looked up.", w.typeName(), bare(w.name))
	case errors.Is(err, errBudget):
		return fmt.Sprintf("To find the servers of %s %s. Check the NS records of its zone and of the zones above.", bare(w.name), err)
	default:
		return fmt.Sprintf("The servers of %s could not be found: %s. Check the NS records of its zone, and that this machine may send DNS queries.", bare(w.name), err)
	}
}

// judge compares what the servers said with what is expected. each holds the finding of every useful answer.
func (r *run) judge(ctx context.Context, t task, o outcome, w want) (worst finding, each []finding) {
	if o.absent != "" {
		return finding{status: StatusNotDelegated}, nil
	}
	useful := o.useful()
	if len(useful) == 0 {
		return finding{status: StatusError}, nil
	}
	worst.status = StatusPublished
	for _, a := range useful {
		f := r.judgeOne(ctx, t, a, o, w)
		each = append(each, f)
		if severity[f.status] > severity[worst.status] {
			worst.status, worst.target = f.status, f.target
		}
		worst.observed = append(worst.observed, f.observed...)
	}
	return worst, each
}

func (r *run) judgeOne(ctx context.Context, t task, a answer, o outcome, w want) finding {
	switch a.kind {
	case kindFound:
		return compare(a.found, w)
	case kindAlias:
		return r.followed(ctx, t, a.target, w)
	}
	f := finding{status: StatusMissing, clause: "has no " + w.typeName() + " record at " + bare(w.name)}
	if a.kind == kindNoName {
		f.clause = "answers that the name " + bare(w.name) + " does not exist"
	}
	if undelegated(w, o, a) != "" {
		f.status = StatusNotDelegated
	}
	return f
}

// undelegated returns the zone that should exist but is missing from the delegations, given that the record is not
// there: the zone the user named, or a registrable domain that its registry does not know.
func undelegated(w want, o outcome, a answer) string {
	above := o.apex
	if above == "" {
		above = a.above
	}
	if above == "" {
		return ""
	}
	if w.zone != "" && w.zone != above && isBelow(w.zone, above) && isBelow(w.name, w.zone) {
		return w.zone
	}
	if isRegistry(above, w.name) && a.kind == kindNoName {
		return registrable(w.name)
	}
	return ""
}

// compare judges the records of the expected type.
func compare(records *found, w want) finding {
	f := finding{status: StatusWrongValue}
	all := len(records.wanted) + len(records.others) + records.more
	// Other TXT records may stand beside the expected one; of CNAME records a name has only one.
	if slices.ContainsFunc(records.wanted, w.is) && (w.qtype == dns.TypeTXT || all == 1) {
		f.status = StatusPublished
		f.clause = "returns the expected value"
	}
	for _, value := range records.wanted {
		if w.qtype == dns.TypeCNAME {
			value = bare(value)
		}
		f.observed = append(f.observed, value)
	}
	f.observed = append(f.observed, records.others...)
	slices.Sort(f.observed)
	if f.status == StatusWrongValue {
		shown := quoteAll(f.observed)
		if records.more > 0 {
			shown = append(shown[:min(len(shown), maxListed)], fmt.Sprintf("%d more", all-min(len(shown), maxListed)))
		}
		f.clause = "returns " + enumerate(shown)
	}
	return f
}

// followed judges a TXT record behind a CNAME. Authorities follow it, so a chain that ends at the right value is
// as good as the record itself.
func (r *run) followed(ctx context.Context, t task, target string, w want) finding {
	shadowed := finding{status: StatusShadowedByCNAME, target: target}
	names := []string{w.name}
	pending := []string{target}
	for len(pending) > 0 {
		name := pending[0]
		pending = pending[1:]
		switch {
		case slices.Contains(names, name):
			shadowed.clause = "returns a CNAME to " + bare(target) + ", and the CNAMEs go round in a circle"
			return shadowed
		case len(names) > maxAliases:
			shadowed.clause = fmt.Sprintf("returns a CNAME to %s, the first of more than %d", bare(target), maxAliases)
			return shadowed
		}
		names = append(names, name)

		o, err := r.lookup(ctx, t, name, w.qtype)
		if err != nil || (len(o.useful()) == 0 && o.absent == "") {
			shadowed.clause = "returns a CNAME to " + bare(target) + ", and no server answers for " + bare(name)
			return shadowed
		}
		if o.absent != "" {
			shadowed.clause = "returns a CNAME to " + bare(target) + ", and " + bare(o.absent) + " does not exist"
			return shadowed
		}
		for _, a := range o.useful() {
			switch a.kind {
			case kindAlias:
				if !slices.Contains(pending, a.target) {
					pending = append(pending, a.target)
				}
			case kindFound:
				f := compare(a.found, w)
				shadowed.observed = append(shadowed.observed, f.observed...)
				if f.status != StatusPublished && shadowed.clause == "" {
					shadowed.clause = "returns a CNAME to " + bare(target) + ", and the TXT record at " + bare(name) + " has another value"
				}
			default:
				if shadowed.clause == "" {
					shadowed.clause = "returns a CNAME to " + bare(target) + ", and there is no TXT record at " + bare(name)
				}
			}
		}
	}
	if shadowed.clause != "" {
		return shadowed
	}
	return finding{
		status:   StatusPublished,
		observed: shadowed.observed,
		clause:   "returns a CNAME to " + bare(target) + ", which leads to the expected value",
	}
}
