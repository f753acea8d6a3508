// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/resolve"
)

const (
	day = 24 * time.Hour
	// endsSoon is how long before the end of a persistent record a message tells of it.
	endsSoon = 30 * day
)

// asPersistent reads the value of a persistent record (Baseline Requirements 3.2.2.4.22).
func (e expectation) asPersistent(given Expectation) (expectation, error) {
	p, err := dcv.ParsePersistent(e.value)
	if err != nil {
		return e, fmt.Errorf("the expected value %s is not that of a persistent record: it %s", quote(e.value),
			resolve.Printable(err.Error(), maxReason))
	}
	e.persistent, e.issuers = &p, []string{p.Issuer}
	// The record may name its authority by any of the names by which that knows itself.
	for _, known := range [][]string{given.Issuers, IssuersFor(given.Type, given.Value)} {
		if slices.Contains(known, p.Issuer) {
			e.issuers = known
		}
	}
	return e, nil
}

// comparePersistent looks for the record of the authority and the account among persistent records. Those of other authorities
// may stand beside it.
func (r *run) comparePersistent(records *recordSet, e expectation, observed []string) verdict {
	v := verdict{status: StatusWrongValue, observed: observed}
	var found *dcv.Persistent
	for i, p := range records.persistent {
		if p.Account == e.persistent.Account && slices.Contains(e.issuers, p.Issuer) && (p.Wildcard || !e.persistent.Wildcard) &&
			(found == nil || p.Until > found.Until) {
			found = &records.persistent[i]
		}
	}
	if found == nil {
		clauses := make([]string, 0, len(observed))
		for _, value := range observed {
			clauses = append(clauses, quote(value)+", which "+e.unlike(value))
		}
		v.clause = "returns " + enumerate(clauses)
		return v
	}
	// In seconds: a time.Time has no room for the ends that are farthest away.
	now, end := r.now.Unix(), time.Unix(found.Until, 0)
	if found.Until < now {
		v.clause = fmt.Sprintf("returns the record of the expected authority and account, whose persistUntil was %s", moment(end))
		v.note = "Authorities take no notice of it since then. Publish it with a later persistUntil, or without one."
		return v
	}
	v.status, v.clause = StatusPublished, "returns a record of the expected authority and account"
	if left := found.Until - now; left < int64(endsSoon/time.Second) {
		v.clause += fmt.Sprintf(", with a persistUntil of %s", moment(end))
		v.note = fmt.Sprintf("It ends in %d days: publish it with a later persistUntil before that, or without one.", left/int64(day/time.Second))
	}
	return v
}

// unlike says why a value is not that of the expected persistent record: a predicate.
func (e expectation) unlike(value string) string {
	p, err := dcv.ParsePersistent(value)
	switch {
	case err != nil:
		return resolve.Printable(err.Error(), maxQuoted)
	case !slices.Contains(e.issuers, p.Issuer):
		return "is for another authority"
	case p.Account != e.persistent.Account:
		return "names another account"
	default:
		return "lacks policy=wildcard"
	}
}

// moment is a time in words. Times that no calendar has room for are far away.
func moment(t time.Time) string {
	if year := t.UTC().Year(); year < 0 || year > 9999 {
		return fmt.Sprintf("%d", t.Unix())
	}
	return strings.TrimSuffix(t.UTC().Format("2006-01-02 15:04 UTC"), " 00:00 UTC")
}
