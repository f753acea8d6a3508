// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package retention

import (
	"fmt"
	"slices"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// judged says what the statuses tell of the retained keys. Held are those that serve a name which is open and has no record,
// although its order is placed: a response that lost its record looks like this. What was retained may be that record, so that
// no record of another order takes its place. Settled are those of whose names every status is told, and none is held: no open
// order needs what is retained there and no longer returned. Names count here, not keys: example.com and *.example.com share a
// key and can be in two orders, of which the statuses tell one.
func (r *planner) judged() (held, settled map[string]bool) {
	open, told := make(map[string]bool), make(map[string]bool)
	for _, statuses := range r.Statuses {
		for name, status := range statuses {
			told[dcv.PlainName(name)] = true
			if status.Status != dcv.StatusValidated && status.Channel == dcv.ChannelDNS && status.RecordKey == nil &&
				(status.Reason == nil || *status.Reason != dcv.ReasonNotPlaced) {
				open[r.key(name)] = true
			}
		}
	}
	held, settled = make(map[string]bool), make(map[string]bool)
	for key, serves := range r.serves {
		held[key] = slices.ContainsFunc(serves, func(wanted string) bool { return open[wanted] })
		settled[key] = !held[key] && !r.StatusesUnknown &&
			!slices.ContainsFunc(r.validates(key), func(name string) bool { return !told[dcv.PlainName(name)] })
	}
	return held, settled
}

// validates are the names that a retained record validates: all names of the wanted keys that it serves, where it has none itself.
func (r *planner) validates(key string) []string {
	names := r.prior[key].Domains
	if len(names) == 0 {
		for _, served := range r.serves[key] {
			names = append(names, r.wanted[served]...)
		}
	}
	return names
}

// channelWords are how a sentence calls the channels that need no record.
var channelWords = map[dcv.Channel]string{dcv.ChannelEmail: "e-mail", dcv.ChannelHTTP: "HTTP"}

// recordless judges a key without a record, now or before.
func (r *planner) recordless(key string) {
	missing := Missing{Key: key, Names: r.wanted[key]}
	open := false
	reasons := make(map[string]string)
	for _, name := range r.wanted[key] {
		status := r.status(name)
		if status == nil || status.NeedsRecord() {
			open = true
			if missing.Status == nil {
				missing.Status = status
			}
			continue
		}
		reasons[name] = "The name is validated."
		if status.Status != dcv.StatusValidated {
			reasons[name] = fmt.Sprintf("The order validates this name by %s, which needs no DNS record.", channelWords[status.Channel])
		}
	}
	switch {
	case !open:
		for name, reason := range reasons {
			r.plan.Without[name] = &reason
		}
	case r.StatusesUnknown:
		for _, name := range r.wanted[key] {
			r.plan.Without[name] = nil
		}
	default:
		r.plan.Missing = append(r.plan.Missing, missing)
		r.without(key, "No source has a record for this name.")
	}
}

// status is the least advanced status of a name, nil when no status tells of it. An unknown one may be less advanced still.
func (r *planner) status(name string) *dcv.NameStatus {
	var merged *dcv.NameStatus
	for _, statuses := range r.statusIndex() {
		status, ok := statuses[dcv.PlainName(name)]
		switch {
		case !ok:
		case merged == nil:
			merged = &status
		default:
			*merged = dcv.LeastAdvancedName(*merged, status)
		}
	}
	if r.StatusesUnknown && merged != nil && !merged.NeedsRecord() {
		return nil
	}
	return merged
}

// statusIndex are the statuses by names that can be compared.
func (r *planner) statusIndex() []map[string]dcv.NameStatus {
	if r.statuses == nil {
		r.statuses = make([]map[string]dcv.NameStatus, len(r.Statuses))
		for i, statuses := range r.Statuses {
			r.statuses[i] = make(map[string]dcv.NameStatus, len(statuses))
			for name, status := range statuses {
				r.statuses[i][dcv.PlainName(name)] = status
			}
		}
	}
	return r.statuses
}
