// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// Summary is what the user of a certificate order sees of its domain validations. Its maps are never nil.
type Summary struct {
	// Records are the records to publish, by the keys that [Options] asks for.
	Records map[string]Record
	// RecordSets are the same records by owner name and type. The key of a set is that of its first record.
	RecordSets map[string]RecordSet
	// Names tells where each name stands, keyed exactly as ordered.
	Names map[string]NameStatus
	// Complete is true when there is at least one validation and every one is validated, also those whose names nobody can
	// tell.
	Complete bool
	// Refused are the records that are not handed out, see [Admit]. Their names have a Reason and no RecordKey.
	Refused []Refusal
}

// Refusal is a record that is not handed out.
type Refusal struct {
	Names []string // the names that it would validate, as ordered
	Order string   // the order that asks for it; "" when there is only one
	Err   error    // why
}

// Options say how [Summarize] works.
type Options struct {
	// Zones are the DNS zones the user controls; nil leaves Zone and RelativeName of the records nil.
	Zones []string
	// ByOwner keys the records by "<owner name> <type>" rather than by the validated domain, so that several orders for one
	// domain share one record set.
	ByOwner bool
}

// Summarize merges the challenges of one or more orders.
//
// Records equal in type, owner name and value are one entry, keyed by the domain with the fewest labels and then the
// lexically first, with the least advanced status and the earliest expiry; a second, different record of one domain has
// "#2" appended to its key, the next "#3". A record counts whatever its status, so that a plan stays stable while the
// vendor still gives it. A name that occurs twice has the least advanced status. A record that cannot exist, or that no
// certificate authority asks for, leaves its own names without one and spoils no other.
//
// The error is a *[ZoneError] for all records that lie outside the zones, or a *[ConflictError] for the first of those that
// cannot stand side by side.
func Summarize(challenges []Challenge, options Options) (Summary, error) {
	summary := Summary{Records: map[string]Record{}, RecordSets: map[string]RecordSet{}, Names: map[string]NameStatus{}}
	m := merger{options: options, index: map[RecordID]int{}, told: map[string]bool{}}
	memberships := make([]int, len(challenges))
	reasons := make([]string, len(challenges))
	for i, c := range challenges {
		var refusal error
		memberships[i], refusal = m.add(c)
		if refusal != nil {
			reasons[i] = refusal.Error()
			summary.Refused = append(summary.Refused, Refusal{Names: c.names(), Order: c.Order, Err: refusal})
		}
	}
	keys, err := m.finish()
	if err != nil {
		return summary, err
	}
	for i, g := range m.groups {
		summary.Records[keys[i]] = g.record
	}
	summary.RecordSets = Sets(summary.Records)

	summary.Complete = len(challenges) > 0
	for i, c := range challenges {
		summary.Complete = summary.Complete && c.Status == StatusValidated
		var recordKey *string
		if memberships[i] >= 0 {
			recordKey = &keys[memberships[i]]
		}
		c.Reason = cmp.Or(reasons[i], c.Reason)
		for _, name := range c.names() {
			status := c.nameStatus(recordKey)
			if known, ok := summary.Names[name]; ok {
				status = LeastAdvancedName(known, status)
			}
			summary.Names[name] = status
		}
	}
	return summary, nil
}

// RecordID is what makes two records one.
type RecordID struct{ Type, FQDN, Value string }

// ID returns what makes the record equal to another.
func (r Record) ID() RecordID { return RecordID{r.Type, r.FQDN, r.Value} }

// merger collects the distinct records of challenges, in order of first appearance.
type merger struct {
	options Options
	groups  []group
	index   map[RecordID]int
	outside *ZoneError
	told    map[string]bool // the names and orders in outside
	apex    error
}

// group is a distinct record with what decides on its key.
type group struct {
	record Record
	base   string
	orders []string
}

// add takes the record of a challenge and returns the index of its group, -1 where there is none, and why it is refused.
func (m *merger) add(c Challenge) (int, error) {
	if c.Publish == nil {
		return -1, nil
	}
	record, err := NewRecord(*c.Publish, c.domain(), nil)
	if err == nil {
		err = Admit(record, c.domain())
	}
	for _, name := range c.names() {
		if err == nil && !Covers(c.domain(), name) {
			err = &NameError{Domain: c.domain(), Field: fieldDomain, Text: c.domain(), Reason: "is neither " + quoteShort(name) +
				" nor a parent of it, and cannot validate it"}
		}
	}
	if err != nil {
		return -1, err
	}
	record, err = record.InZones(m.options.Zones)
	if err != nil {
		m.misplaced(err, c.Order)
		return -1, nil
	}
	record.Domains = c.names()
	record.Status = c.Status.Normalized()

	base := CanonicalDomain(c.domain())
	if m.options.ByOwner {
		base = record.FQDN + " " + record.Type
	}
	at, ok := m.index[record.ID()]
	if !ok {
		at = len(m.groups)
		m.index[record.ID()] = at
		m.groups = append(m.groups, group{record: record, base: base})
	} else {
		shared := &m.groups[at]
		shared.record = MergeRecords(shared.record, record)
		if CompareDomains(base, shared.base) < 0 {
			shared.base = base
		}
	}
	m.groups[at].orders = append(m.groups[at].orders, c.Order)
	return at, nil
}

// MergeRecords makes one of two equal records.
func MergeRecords(a, b Record) Record {
	a.Domains = append(a.Domains, b.Domains...)
	a.Status = leastAdvanced(a.Status, b.Status)
	a.ExpiresAt = Earliest(a.ExpiresAt, b.ExpiresAt)
	return a
}

// misplaced notes a record that lies outside the zones or at the apex of one.
func (m *merger) misplaced(err error, order string) {
	zoneErr, ok := errors.AsType[*ZoneError](err)
	if !ok {
		if conflict, ok := errors.AsType[*ConflictError](err); ok {
			conflict.Records[0].Origin = order
		}
		m.apex = cmp.Or(m.apex, err)
		return
	}
	if m.outside == nil {
		m.outside = &ZoneError{Zones: zoneErr.Zones}
	}
	for _, name := range zoneErr.Names {
		if !m.told["name "+name] {
			m.told["name "+name] = true
			m.outside.Names = append(m.outside.Names, name)
		}
	}
	if order != "" && !m.told["order "+order] {
		m.told["order "+order] = true
		m.outside.Orders = append(m.outside.Orders, order)
	}
}

// finish returns the key of each group.
func (m *merger) finish() ([]string, error) {
	switch {
	case m.outside != nil:
		return nil, m.outside
	case m.apex != nil:
		return nil, m.apex
	}
	bases := make([]string, len(m.groups))
	origins := make([]string, len(m.groups))
	records := make([]Record, len(m.groups))
	for i := range m.groups {
		g := &m.groups[i]
		g.record.Domains = SortedUnique(g.record.Domains)
		bases[i], records[i], origins[i] = g.base, g.record, cmp.Or(g.orders...)
	}
	if err := Conflict(records, origins); err != nil {
		return nil, err
	}
	return assignKeys(bases), nil
}

// Conflict returns a *[ConflictError] for the first owner name whose records cannot stand side by side, nil when there is
// none. The records are distinct; origins, as many, say where each comes from.
func Conflict(records []Record, origins []string) error {
	byOwner := make(map[string][]int, len(records))
	for i, r := range records {
		byOwner[r.FQDN] = append(byOwner[r.FQDN], i)
	}
	for _, r := range records {
		at := byOwner[r.FQDN]
		if len(at) < 2 || !slices.ContainsFunc(at, func(i int) bool { return records[i].Type == TypeCNAME }) {
			continue
		}
		conflict := &ConflictError{Owner: r.FQDN}
		for _, i := range at {
			conflict.Records = append(conflict.Records, ConflictingRecord{Type: records[i].Type, Value: records[i].Value, Origin: origins[i]})
		}
		return conflict
	}
	return nil
}

// ParseEnd reads the end of a token or of a validation, as a vendor writes it: a timestamp, with or without a time zone, or a plain
// date, which ends with its day.
func ParseEnd(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, time.DateTime, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05"} {
		if end, err := time.Parse(layout, text); err == nil {
			return end, true
		}
	}
	day, err := time.Parse(time.DateOnly, text)
	return day.AddDate(0, 0, 1), err == nil
}

// Earliest returns the earlier of two points in time, in which nil is never. They are compared as text when [ParseEnd] cannot
// read one of them.
func Earliest(a, b *string) *string {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	timeA, okA := ParseEnd(*a)
	timeB, okB := ParseEnd(*b)
	order := cmp.Compare(*b, *a)
	if okA && okB {
		order = cmp.Or(timeB.Compare(timeA), order)
	}
	if order < 0 {
		return b
	}
	return a
}
