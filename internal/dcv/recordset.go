// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import "slices"

// RecordSet is an RRset to publish: all records of one owner name and type, for DNS providers that manage them as a
// whole. Members that [Record] has too mean the same there.
type RecordSet struct {
	Type         string
	FQDN         string
	FQDNDot      string
	Zone         *string
	RelativeName *string
	Values       []string // each record's Value, sorted, without duplicates; never nil
	RDatas       []string // each record's RData, in the order of Values; never nil
	Domains      []string
	Status       Status
	ExpiresAt    *string
}

// SetID identifies a record set.
type SetID struct{ FQDN, Type string }

// Set returns the identity of the record set that a record belongs to.
func (r Record) Set() SetID { return SetID{r.FQDN, r.Type} }

// Sets groups records by owner name and type. The key of a set is that of its first record, in the order of [SortedKeys].
func Sets(records map[string]Record) map[string]RecordSet {
	members := make(map[SetID][]Record, len(records))
	keys := make(map[SetID]string, len(records))
	for _, key := range SortedKeys(records) {
		id := records[key].Set()
		if _, ok := keys[id]; !ok {
			keys[id] = key
		}
		members[id] = append(members[id], records[key])
	}
	sets := make(map[string]RecordSet, len(keys))
	for id, key := range keys {
		sets[key] = NewRecordSet(members[id])
	}
	return sets
}

// NewRecordSet makes the RRset of records that share owner name and type; there is at least one.
func NewRecordSet(records []Record) RecordSet {
	first := records[0]
	set := RecordSet{
		Type:    first.Type,
		FQDN:    first.FQDN,
		FQDNDot: first.FQDNDot,
		Values:  []string{},
		RDatas:  []string{},
		Status:  first.Status,
	}
	var domains []string
	rdata := map[string]string{}
	for _, r := range records {
		if set.Zone == nil {
			set.Zone, set.RelativeName = r.Zone, r.RelativeName
		}
		set.Status = leastAdvanced(set.Status, r.Status)
		set.ExpiresAt = Earliest(set.ExpiresAt, r.ExpiresAt)
		domains = append(domains, r.Domains...)
		if _, ok := rdata[r.Value]; !ok {
			rdata[r.Value] = r.RData
			set.Values = append(set.Values, r.Value)
		}
	}
	slices.Sort(set.Values)
	for _, value := range set.Values {
		set.RDatas = append(set.RDatas, rdata[value])
	}
	set.Domains = SortedUnique(domains)
	return set
}
