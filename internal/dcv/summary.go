// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Challenge is one domain validation as a vendor reports it, in words that are the same for every vendor.
type Challenge struct {
	// Domain is the domain that the CA validates, as the vendor writes it: it may start with "*.", end in a dot, or
	// hold upper-case letters and U-labels. Empty means the first of Names, and without those the owner name of the
	// record less its leading underscore labels.
	Domain string
	// Names are the names on the certificate that this validates, exactly as ordered. Empty means Domain.
	Names []string
	// Status is where the validation stands. A word that is not one of the constants counts as [StatusUnknown].
	Status Status
	// Method is the vendor's own word for how the domain is validated; nil when the vendor does not tell.
	Method *string
	// ValidatedUntil is when the validation ends, as the vendor writes it; nil when the vendor does not tell.
	ValidatedUntil *string
	// Publish is the record the CA looks for; nil when there is nothing to publish.
	Publish *Publication
}

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

// NameStatus tells where the validation of one name on a certificate stands.
type NameStatus struct {
	Status         Status
	Method         *string // the vendor's own word, nil when the vendor does not tell
	ValidatedUntil *string // as the vendor writes it, nil when the vendor does not tell
	RecordKey      *string // the key in Summary.Records of the record that validates the name, nil when there is none
}

// Summary is what the user of a certificate order sees of its domain validations. Its maps are never nil.
type Summary struct {
	// Records are the records to publish. The key is the canonical domain; a second, different record of one domain
	// has "#2" appended, the next "#3".
	Records map[string]Record
	// RecordSets are the same records by owner name and type, with keys made by the same rule.
	RecordSets map[string]RecordSet
	// Names tells where each name stands, keyed exactly as ordered.
	Names map[string]NameStatus
	// Complete is true when there is at least one name and every one is validated.
	Complete bool
}

// Summarize merges the challenges of one or more orders.
//
// Records equal in type, owner name and value are one entry, keyed by the domain with the fewest labels and then the
// lexically first, with the least advanced status and the earliest expiry. A record counts whatever its status, so that
// a plan stays stable while the vendor still gives it. A name that occurs twice has the least advanced status.
//
// zones is as in [NewRecord]. The error is a *[NameError] for the first record that cannot exist in DNS, or a
// *[ZoneError] for all that lie outside the zones.
func Summarize(challenges []Challenge, zones []string) (Summary, error) {
	summary := Summary{
		Records:    map[string]Record{},
		RecordSets: map[string]RecordSet{},
		Names:      map[string]NameStatus{},
	}
	groups, memberships, err := merge(challenges, zones)
	if err != nil {
		return summary, err
	}
	bases := make([]string, len(groups))
	for i, g := range groups {
		bases[i] = g.base
	}
	keys := assignKeys(bases)
	for i, g := range groups {
		summary.Records[keys[i]] = g.record
	}
	summary.RecordSets = Sets(summary.Records)

	for i, c := range challenges {
		var recordKey *string
		if group := memberships[i]; group >= 0 {
			recordKey = &keys[group]
		}
		for _, name := range c.names() {
			status := NameStatus{Status: c.Status.Normalized(), Method: c.Method, ValidatedUntil: c.ValidatedUntil, RecordKey: recordKey}
			if known, ok := summary.Names[name]; ok {
				status = worse(known, status)
			}
			summary.Names[name] = status
		}
	}
	summary.Complete = len(summary.Names) > 0
	for _, name := range summary.Names {
		summary.Complete = summary.Complete && name.Status == StatusValidated
	}
	return summary, nil
}

// Sets groups records by owner name and type. The key of a set is the domain of its record with the fewest labels, then
// the lexically first; a second set of one domain has "#2" appended, the next "#3".
func Sets(records map[string]Record) map[string]RecordSet {
	type rrset struct{ fqdn, typ string }
	var (
		order   []rrset
		bases   []string
		members = map[rrset][]Record{}
	)
	for _, key := range sortedKeys(records) {
		r := records[key]
		id := rrset{r.FQDN, r.Type}
		if _, ok := members[id]; !ok {
			order = append(order, id)
			base, _ := splitKey(key)
			bases = append(bases, base)
		}
		members[id] = append(members[id], r)
	}
	sets := make(map[string]RecordSet, len(order))
	for i, key := range assignKeys(bases) {
		sets[key] = newRecordSet(members[order[i]])
	}
	return sets
}

// domain returns the domain being validated, worked out when the vendor leaves it out.
func (c Challenge) domain() string {
	switch {
	case c.Domain != "":
		return c.Domain
	case len(c.Names) > 0:
		return c.Names[0]
	case c.Publish != nil && strings.Contains(c.Publish.Name, "."):
		name := CanonicalDomain(c.Publish.Name)
		for strings.HasPrefix(name, "_") {
			_, name, _ = strings.Cut(name, ".")
		}
		return name
	default:
		return ""
	}
}

// names returns the names that the challenge validates, without empty ones.
func (c Challenge) names() []string {
	names := c.Names
	if len(names) == 0 {
		names = []string{c.domain()}
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" })
}

// group is a record with the domain that gives it its key.
type group struct {
	record Record
	base   string
}

// merge makes one group of each distinct record, in order of first appearance, and tells for each challenge the index
// of its group, or -1.
func merge(challenges []Challenge, zones []string) ([]group, []int, error) {
	type identity struct{ typ, fqdn, value string }
	var (
		groups      []group
		memberships = make([]int, len(challenges))
		index       = map[identity]int{}
		outside     *ZoneError
		told        = make(map[string]bool) // the names in outside
	)
	for i, c := range challenges {
		memberships[i] = -1
		if c.Publish == nil {
			continue
		}
		// The domain becomes a key, which must not look like another's.
		if _, err := ParseDomain(c.domain()); err != nil {
			return nil, nil, err
		}
		record, err := NewRecord(*c.Publish, c.domain(), zones)
		var zoneErr *ZoneError
		switch {
		case errors.As(err, &zoneErr):
			switch name := zoneErr.Names[0]; {
			case outside == nil:
				outside = zoneErr
				told[name] = true
			case !told[name]:
				outside.Names = append(outside.Names, name)
				told[name] = true
			}
			continue
		case err != nil:
			return nil, nil, err
		}
		record.Domains = c.names()
		record.Status = c.Status.Normalized()

		id, base := identity{record.Type, record.FQDN, record.Value}, CanonicalDomain(c.domain())
		at, ok := index[id]
		if !ok {
			at = len(groups)
			index[id] = at
			groups = append(groups, group{record, base})
		} else {
			shared := &groups[at]
			shared.record.Domains = append(shared.record.Domains, record.Domains...)
			shared.record.Status = leastAdvanced(shared.record.Status, record.Status)
			shared.record.ExpiresAt = Earliest(shared.record.ExpiresAt, record.ExpiresAt)
			if compareDomains(base, shared.base) < 0 {
				shared.base = base
			}
		}
		memberships[i] = at
	}
	if outside != nil {
		return nil, nil, outside
	}
	for i := range groups {
		groups[i].record.Domains = sortedUnique(groups[i].record.Domains)
	}
	return groups, memberships, nil
}

// newRecordSet makes the RRset of records that share owner name and type; there is at least one.
func newRecordSet(records []Record) RecordSet {
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
	set.Domains = sortedUnique(domains)
	return set
}

// worse returns the less advanced of two statuses of one name, the first when they are equal. The record of the other
// one counts where it has none itself.
func worse(a, b NameStatus) NameStatus {
	if b.Status.rank() < a.Status.rank() {
		a, b = b, a
	}
	if a.RecordKey == nil {
		a.RecordKey = b.RecordKey
	}
	return a
}

// Earliest returns the earlier of two points in time, in which nil is never. They are compared as text when one of them
// is not RFC 3339.
func Earliest(a, b *string) *string {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	timeA, errA := time.Parse(time.RFC3339, *a)
	timeB, errB := time.Parse(time.RFC3339, *b)
	order := cmp.Compare(*b, *a)
	if errA == nil && errB == nil {
		order = cmp.Or(timeB.Compare(timeA), order)
	}
	if order < 0 {
		return b
	}
	return a
}

// compareDomains orders canonical domains by their number of labels, then lexically.
func compareDomains(a, b string) int {
	return cmp.Or(cmp.Compare(labelCount(a), labelCount(b)), cmp.Compare(a, b))
}

// assignKeys gives each element its base as the key, and where that is taken "#2", "#3"… in the order given.
func assignKeys(bases []string) []string {
	taken := make(map[string]bool, len(bases))
	for _, base := range bases {
		taken[base] = true
	}
	keys := make([]string, len(bases))
	numbers := make(map[string]int, len(bases))
	for i, base := range bases {
		keys[i] = base
		numbers[base]++
		if numbers[base] == 1 {
			continue
		}
		for {
			keys[i] = base + "#" + strconv.Itoa(numbers[base])
			if !taken[keys[i]] {
				break
			}
			numbers[base]++
		}
		taken[keys[i]] = true
	}
	return keys
}

// splitKey takes a key apart into its domain and number; a key without a number has 1.
func splitKey(key string) (base string, number int) {
	at := strings.LastIndexByte(key, '#')
	if at < 0 {
		return key, 1
	}
	number, err := strconv.Atoi(key[at+1:])
	if err != nil || number < 2 || strconv.Itoa(number) != key[at+1:] {
		return key, 1
	}
	return key[:at], number
}

// sortedKeys returns the keys ordered by domain, fewest labels first, then by number.
func sortedKeys(records map[string]Record) []string {
	keys := make([]string, 0, len(records))
	for key := range records {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		baseA, numberA := splitKey(a)
		baseB, numberB := splitKey(b)
		return cmp.Or(compareDomains(baseA, baseB), cmp.Compare(numberA, numberB), cmp.Compare(a, b))
	})
	return keys
}
