// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package retention

import (
	"slices"
)

// planUnknown plans while the sources are not known. What stands in the owner name of a retained record must be known, or
// its DNS resource would be replaced; a hash in an owner name cannot be, so that then all stays as it is.
func (r *planner) planUnknown() {
	r.plan.Frozen = r.frozen()
	for key, record := range r.prior {
		entry := Entry{Record: record, Knowledge: ValueUnknown, Unreturned: true}
		if r.plan.Frozen {
			entry.Record, entry.Knowledge = r.Prior.Records[key], Known
		}
		r.plan.Entries[key] = entry
	}
	own, cover := r.coverage()
	for key, names := range r.wanted {
		stays := false
		for _, name := range names {
			if reason, before := r.Prior.Without[name]; before {
				r.plan.Without[name] = &reason
				stays = true
			}
		}
		switch {
		case own[key]:
			continue
		case stays:
		case cover[key] != "":
			r.without(key, coverReason(cover[key]))
		default:
			r.plan.Entries[key] = Entry{Knowledge: Unknown}
		}
		r.plan.WithoutUnknown = r.plan.WithoutUnknown || !r.allWithout(names)
	}
}

// frozen tells whether a retained record has a hash in its owner name, which stops all of them while sources are unknown.
func (r *planner) frozen() bool {
	for _, record := range r.prior {
		if ownerWithoutHash(record.FQDN) != "" {
			return true
		}
	}
	return false
}

// allWithout tells whether it is known of all names that they have no entry.
func (r *planner) allWithout(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return r.plan.Without[name] == nil })
}
