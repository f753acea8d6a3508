// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"errors"
)

// chooseZones puts the records into the zones; without zones each keeps the one it came with.
func (r *retention) chooseZones() error {
	if r.Zones == nil && !r.ZonesUnknown {
		return nil
	}
	var outside *ZoneError
	for _, key := range SortedKeys(r.plan.Entries) {
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
			if zoneErr, ok := errors.AsType[*ZoneError](err); ok {
				if outside == nil {
					outside = &ZoneError{Zones: zoneErr.Zones}
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
		outside.Names = sortedUnique(outside.Names)
		return outside
	}
	return nil
}

// sets makes the record sets. A set keeps the key that it had before; a new one takes the key of its first record.
func (r *retention) sets() {
	members := make(map[SetID][]Entry)
	first := make(map[SetID]string)
	taken := make(map[string]bool)
	var order []SetID
	for _, key := range SortedKeys(r.plan.Entries) {
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
	var fresh []SetID
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
			base, _ := splitKey(key)
			key = freeKey(base, next, taken)
		}
		taken[key] = true
		r.plan.Sets[key] = newSetEntry(members[id])
	}
}

func newSetEntry(entries []Entry) SetEntry {
	records := make([]Record, len(entries))
	set := SetEntry{Knowledge: Known}
	for i, entry := range entries {
		records[i] = entry.Record
		set.Knowledge = max(set.Knowledge, entry.Knowledge)
		set.ZoneUnknown = set.ZoneUnknown || entry.ZoneUnknown
	}
	set.Set = NewRecordSet(records)
	return set
}
