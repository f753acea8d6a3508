// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package retention

import (
	"errors"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// chooseZones puts the records into the zones; without zones each keeps the one it came with.
func (r *planner) chooseZones() error {
	if r.Zones == nil && !r.ZonesUnknown {
		return nil
	}
	var outside *dcv.ZoneError
	for _, key := range dcv.SortedKeys(r.plan.Entries) {
		entry := r.plan.Entries[key]
		switch {
		case entry.Knowledge == Unknown:
			continue
		case r.ZonesUnknown:
			// A record that moved to another owner may lie in another zone.
			prior, ok := r.prior[key]
			entry.ZoneUnknown = !ok || prior.Zone == nil || prior.FQDN != entry.Record.FQDN
			if !entry.ZoneUnknown {
				entry.Record.Zone, entry.Record.RelativeName = prior.Zone, prior.RelativeName
			}
		default:
			record, err := entry.Record.InZones(r.Zones)
			if zoneErr, ok := errors.AsType[*dcv.ZoneError](err); ok {
				if outside == nil {
					outside = &dcv.ZoneError{Zones: zoneErr.Zones}
				}
				outside.Names = append(outside.Names, zoneErr.Names...)
				continue
			}
			if err != nil {
				return err
			}
			entry.Record = record
		}
		r.plan.Entries[key] = entry
	}
	if outside != nil {
		outside.Names = dcv.SortedUnique(outside.Names)
		return outside
	}
	return nil
}

// sets makes the record sets. A set keeps the key that it had before; a new one takes the key of its first record.
func (r *planner) sets() {
	members := make(map[dcv.SetID][]Entry)
	first := make(map[dcv.SetID]string)
	taken := make(map[string]bool)
	var order []dcv.SetID
	for _, key := range dcv.SortedKeys(r.plan.Entries) {
		entry := r.plan.Entries[key]
		if entry.Knowledge == Unknown {
			r.plan.Sets[key] = SetEntry{Knowledge: Unknown}
			taken[key] = true
			continue
		}
		id := entry.Record.Set()
		if _, ok := first[id]; !ok {
			first[id] = key
			order = append(order, id)
		}
		members[id] = append(members[id], entry)
	}
	var fresh []dcv.SetID
	for _, id := range order {
		key := r.Prior.Sets[id]
		if key == "" || taken[key] {
			fresh = append(fresh, id)
			continue
		}
		taken[key] = true
		r.plan.Sets[key] = newSetEntry(members[id])
	}
	next := make(map[string]int)
	for _, id := range fresh {
		key := first[id]
		if taken[key] {
			base, _ := dcv.SplitKey(key)
			key = dcv.FreeKey(base, next, taken)
		}
		taken[key] = true
		r.plan.Sets[key] = newSetEntry(members[id])
	}
}

func newSetEntry(entries []Entry) SetEntry {
	records := make([]dcv.Record, len(entries))
	set := SetEntry{Knowledge: Known}
	for i, entry := range entries {
		records[i] = entry.Record
		set.Knowledge = max(set.Knowledge, entry.Knowledge)
		set.ZoneUnknown = set.ZoneUnknown || entry.ZoneUnknown
	}
	set.Set = dcv.NewRecordSet(records)
	return set
}
