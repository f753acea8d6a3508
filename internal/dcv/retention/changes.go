// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package retention

import (
	"fmt"
	"maps"
	"reflect"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// left finds the retained records that go with their names while an order waits for them.
func (r *planner) left() {
	retained := make(map[dcv.RecordID]bool, len(r.Prior.Records))
	for _, record := range r.Prior.Records {
		retained[record.ID()] = true
	}
	for _, entry := range r.plan.Entries {
		delete(retained, entry.Record.ID())
	}
	for _, source := range r.Sources {
		open := source.Record.Status == dcv.StatusPending || source.Record.Status == dcv.StatusActionRequired
		if open && !source.ValueUnknown && retained[source.Record.ID()] {
			r.plan.Left = append(r.plan.Left, source.Record)
			delete(retained, source.Record.ID())
		}
	}
}

// changes tells what differs from a plan that does not know the sources. Terraform holds a final plan against that one where
// the sources were unknown before, and what it finds is otherwise told in words that name no cause.
func (r *planner) changes() {
	if r.SourcesUnknown {
		return
	}
	guess := planner{Input: r.Input, wanted: r.wanted, prior: r.prior, serves: r.serves, plan: newRetainedPlan()}
	guess.planUnknown()
	if err := guess.chooseZones(); err != nil {
		return // A plan that does not know the sources fails.
	}
	guess.sets()

	tell := func(format string, arguments ...any) {
		r.plan.Changes = append(r.plan.Changes, fmt.Sprintf(format, arguments...))
	}
	for _, key := range union(guess.plan.Entries, r.plan.Entries) {
		before, planned := guess.plan.Entries[key]
		now, stays := r.plan.Entries[key]
		switch {
		case now.Knowledge == Unknown && stays:
		case !planned:
			tell("There is a further record, with the key %q: %s %s.", key, now.Record.Type, now.Record.FQDN)
		case !stays:
			tell("%q has no entry.%s", key, r.whyWithout(key))
		case before.Knowledge == Unknown:
		case before.Record.Set() != now.Record.Set():
			tell("The record %q becomes %s %s, it was %s %s. Its DNS resource is replaced.", key, now.Record.Type, now.Record.FQDN,
				before.Record.Type, before.Record.FQDN)
		case before.Record.Zone != nil && now.Record.Zone != nil && *before.Record.Zone != *now.Record.Zone:
			tell("The record %q moves to the zone %s, it was in %s. Its DNS resource is replaced.", key, *now.Record.Zone, *before.Record.Zone)
		case before.Knowledge == Known && !reflect.DeepEqual(before.Record, now.Record):
			tell("The record %q changes its value, its names or its status.", key)
		}
	}
	if len(r.plan.Changes) > 0 {
		return
	}
	for _, key := range union(guess.plan.Sets, r.plan.Sets) {
		before, planned := guess.plan.Sets[key]
		now, stays := r.plan.Sets[key]
		if !planned || !stays || before.Knowledge != Unknown && now.Knowledge != Unknown && (before.Set.FQDN != now.Set.FQDN ||
			before.Set.Type != now.Set.Type) {
			tell("The record set %q comes, goes or moves.", key)
		}
	}
	for _, name := range union(guess.plan.Without, r.plan.Without) {
		_, planned := guess.plan.Without[name]
		if _, stays := r.plan.Without[name]; planned != stays && !guess.plan.WithoutUnknown {
			tell("%q is no longer without an entry, or it is now.", name)
		}
	}
}

// whyWithout says why the names of a key have no entry, as a further sentence.
func (r *planner) whyWithout(key string) string {
	for _, name := range r.wanted[key] {
		if reason := r.plan.Without[name]; reason != nil {
			return " " + *reason
		}
	}
	return ""
}

// union returns the keys of two maps, ordered like [SortedKeys].
func union[V any](a, b map[string]V) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return dcv.SortedKeys(all)
}
