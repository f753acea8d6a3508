// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// DNSChange is what one dynamic update did to one record set: what a DNS provider created, updated or deleted.
type DNSChange struct {
	// Operation is "create", "update" or "delete".
	Operation string `json:"operation"`
	// Name is the owner name, lower-case and without a trailing dot; Type is the record type.
	Name string `json:"name"`
	Type string `json:"type"`
	// Before and After are the data of the records in zone-file form, sorted.
	Before []string `json:"before"`
	After  []string `json:"after"`
}

// rrsetID identifies a record set.
type rrsetID struct {
	name   string
	rrtype uint16
}

// touched are the record sets that the records of an update section can change.
func (z *zone) touched(section []dns.RR) []rrsetID {
	var all []rrsetID
	for _, rr := range section {
		name := dns.CanonicalName(rr.Header().Name)
		if rr.Header().Rrtype != dns.TypeANY {
			all = append(all, rrsetID{name, rr.Header().Rrtype})
			continue
		}
		for rrtype := range z.names[name] {
			all = append(all, rrsetID{name, rrtype})
		}
	}
	slices.SortFunc(all, func(a, b rrsetID) int {
		if a.name != b.name {
			return strings.Compare(a.name, b.name)
		}
		return int(a.rrtype) - int(b.rrtype)
	})
	return slices.Compact(all)
}

// data is what a record set holds, sorted.
func (z *zone) data(id rrsetID) []string {
	data := []string{}
	for _, rr := range z.names[id.name][id.rrtype] {
		data = append(data, strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	slices.Sort(data)
	return data
}

// change makes the changes of an update section and notes in the journal what became of each record set.
func (st *zoneStore) change(z *zone, section []dns.RR) {
	ids := z.touched(section)
	before := make([][]string, len(ids))
	for i, id := range ids {
		before[i] = z.data(id)
	}
	for _, rr := range section {
		z.change(rr)
	}
	for i, id := range ids {
		change := DNSChange{
			Operation: "update", Name: strings.TrimSuffix(id.name, "."), Type: dns.TypeToString[id.rrtype], Before: before[i], After: z.data(id),
		}
		switch {
		case slices.Equal(change.Before, change.After):
			continue
		case len(change.Before) == 0:
			change.Operation = "create"
		case len(change.After) == 0:
			change.Operation = "delete"
		}
		st.journal = append(st.journal, change)
	}
}

// DNSJournal returns what dynamic updates have changed since the start or the last ClearDNSJournal, in order. Records that
// are set through the control API are not in it.
func (s *Sandbox) DNSJournal() []DNSChange {
	s.zones.mu.RLock()
	defer s.zones.mu.RUnlock()
	return append([]DNSChange{}, s.zones.journal...)
}

// ClearDNSJournal forgets the changes.
func (s *Sandbox) ClearDNSJournal() {
	s.zones.mu.Lock()
	defer s.zones.mu.Unlock()
	s.zones.journal = nil
}
