// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package retention works out which records certops_dcv_records keeps, replaces and lets go: no plan may lose a record that an
// order still needs. It is pure.
package retention

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// Input is what certops_dcv_records is given: the names, what the vendors say of them now, and what was retained
// before. [Input.Plan] works out what is retained from now on, as far as it can be known.
type Input struct {
	// Names are the names on the certificates, as ordered.
	Names []string
	// BaseDomain keys the records by the registrable domain of the names rather than by the names themselves.
	BaseDomain bool
	// Sources are the records that the vendors return, in the order of the sources.
	Sources []SourceRecord
	// SourcesUnknown is true while further records may come that nobody knows yet.
	SourcesUnknown bool
	// UnknownDomains are the domains with a record of which not even the owner is known yet.
	UnknownDomains []string
	// Statuses say which names need no record.
	Statuses []map[string]dcv.NameStatus
	// StatusesUnknown is true while further statuses may come.
	StatusesUnknown bool
	// Zones are as in [dcv.NewRecord]. While ZonesUnknown is true, retained records keep their zone.
	Zones        []string
	ZonesUnknown bool
	// Prior is what was retained before; nil when nothing was.
	Prior *Retained
}

// SourceRecord is one record of a source.
type SourceRecord struct {
	Record       dcv.Record
	Key          string // its key in the source
	Origin       string // what messages call it
	ValueUnknown bool   // only type and owner are known
}

// Retained is what certops_dcv_records holds.
type Retained struct {
	Records map[string]dcv.Record
	Sets    map[dcv.SetID]string // the key of each record set
	Without map[string]string    // the names without an entry, and why
}

// Knowledge tells how much of an entry is known while planning.
type Knowledge int

const (
	// Known means that everything is.
	Known Knowledge = iota
	// ValueUnknown means that type, owner and zone are known, and nothing else.
	ValueUnknown
	// Unknown means that only the key is known.
	Unknown
)

// Entry is one record that is retained.
type Entry struct {
	Record    dcv.Record
	Knowledge Knowledge
	// ZoneUnknown is true while it cannot be told in which zone the record lies.
	ZoneUnknown bool
	// Unreturned is true for a record that no source returns.
	Unreturned bool
}

// SetEntry is one record set that is retained.
type SetEntry struct {
	Set         dcv.RecordSet
	Knowledge   Knowledge
	ZoneUnknown bool
}

// Missing is a name that needs a record and has none.
type Missing struct {
	Key    string
	Names  []string        // as ordered
	Status *dcv.NameStatus // where the name stands, nil when no status tells
}

// Plan is what is retained from now on.
type Plan struct {
	Entries map[string]Entry
	Sets    map[string]SetEntry
	// Without says why a name has no entry. A reason is nil while nobody knows whether a record is missing.
	Without map[string]*string
	// WithoutUnknown is true while it is not known which names are without an entry.
	WithoutUnknown bool
	// Missing are the names that need a record and have none, by key.
	Missing []Missing
	// Frozen is true when records stay as they are because new owner names cannot be known yet.
	Frozen bool
	// Left are records of names that are not wanted any more, although a source returns them for an order that is open.
	Left []dcv.Record
	// Changes say which entries come, go or move, one sentence each: what Terraform cannot expect while sources are unknown.
	Changes []string
}

// newRetainedPlan returns a plan that retains nothing.
func newRetainedPlan() Plan {
	return Plan{Entries: map[string]Entry{}, Sets: map[string]SetEntry{}, Without: map[string]*string{}}
}

// planner is an Input at work.
type planner struct {
	Input
	wanted map[string][]string   // the names by key, as ordered
	prior  map[string]dcv.Record // the retained records that still validate a wanted name
	serves map[string][]string   // the wanted keys that each of them validates, sorted
	// statuses are Statuses by names that can be compared, made when they are first needed.
	statuses []map[string]dcv.NameStatus
	plan     Plan
}

// Plan works out what is retained. The error is a *[dcv.NameError] for a name without a registrable domain, a *[dcv.ZoneError] for
// all records that lie outside the zones, or a *[dcv.ConflictError] for records that cannot stand side by side.
func (in Input) Plan() (Plan, error) {
	r := planner{Input: in, plan: newRetainedPlan()}
	if r.Prior == nil {
		r.Prior = &Retained{}
	}
	var err error
	if r.wanted, err = r.keys(); err != nil {
		return r.plan, err
	}
	r.survivors()
	if r.SourcesUnknown {
		r.planUnknown()
	} else if err := r.planKnown(); err != nil {
		return r.plan, err
	}
	if err := r.chooseZones(); err != nil {
		return r.plan, err
	}
	r.sets()
	r.left()
	r.changes()
	return r.plan, nil
}

// key is the key of a name. A name without a registrable domain keeps its own.
func (r *planner) key(name string) string {
	if r.BaseDomain {
		if base, err := dcv.RegistrableDomain(name); err == nil {
			return base
		}
	}
	return dcv.CanonicalDomain(name)
}

// keys maps each key to the names that share it.
func (r *planner) keys() (map[string][]string, error) {
	keys := make(map[string][]string, len(r.Names))
	for _, name := range r.Names {
		if r.BaseDomain && !isIP(name) {
			if _, err := dcv.RegistrableDomain(name); err != nil {
				return nil, err
			}
		}
		keys[r.key(name)] = append(keys[r.key(name)], name)
	}
	for key, names := range keys {
		keys[key] = dcv.SortedUnique(names)
	}
	return keys, nil
}

// served returns the wanted keys that a record validates, sorted: those of its names and that of the domain its key names.
func (r *planner) served(record dcv.Record, base string) []string {
	var keys []string
	for _, name := range append([]string{base}, record.Domains...) {
		if key := r.key(name); name != "" && r.wanted[key] != nil {
			keys = append(keys, key)
		}
	}
	if len(record.Domains) == 0 && len(keys) == 0 {
		if key := r.key(dcv.ValidatedDomain(record.FQDN)); r.wanted[key] != nil {
			keys = append(keys, key)
		}
	}
	return dcv.SortedUnique(keys)
}

// survivors are the retained records of names that are still wanted.
func (r *planner) survivors() {
	r.prior = make(map[string]dcv.Record, len(r.Prior.Records))
	r.serves = make(map[string][]string, len(r.Prior.Records))
	for key, record := range r.Prior.Records {
		base, _ := dcv.SplitKey(key)
		if serves := r.served(record, base); len(serves) > 0 {
			record.Domains = r.onlyWanted(record.Domains)
			r.prior[key], r.serves[key] = record, serves
		}
	}
}

// onlyWanted returns the names that are wanted: an entry must not change when the vendor stops to list the others.
func (r *planner) onlyWanted(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return r.wanted[r.key(name)] == nil })
}

// planKnown plans with everything known that the sources return.
func (r *planner) planKnown() error {
	fresh, err := r.fresh()
	if err != nil {
		return err
	}
	held, settled := r.judged()
	if r.plan.Entries, err = retain(r.prior, r.serves, fresh, held, settled); err != nil {
		return err
	}
	unknown := make(map[string]bool)
	for _, domain := range r.UnknownDomains {
		unknown[r.key(domain)] = true
	}
	own, cover := r.coverage()
	for key, entry := range r.plan.Entries {
		// The record that is not known yet may be the successor of this one.
		base, _ := dcv.SplitKey(key)
		if entry.Unreturned && unknown[r.key(base)] && ownerWithoutHash(entry.Record.FQDN) == "" {
			entry.Knowledge = ValueUnknown
			r.plan.Entries[key] = entry
		}
	}
	for _, key := range slices.Sorted(maps.Keys(r.wanted)) {
		switch {
		case own[key]:
		case cover[key] != "":
			r.without(key, coverReason(cover[key]))
		case unknown[key]:
			r.plan.Entries[key] = Entry{Knowledge: Unknown}
		default:
			r.recordless(key)
		}
	}
	return nil
}

// fresh are the records of the sources that validate a wanted name, equal ones merged.
func (r *planner) fresh() ([]*returned, error) {
	var (
		fresh   []*returned
		records []dcv.Record
		origins []string
	)
	index := make(map[dcv.RecordID]int, len(r.Sources))
	for _, source := range r.Sources {
		base, _ := dcv.SplitKey(source.Key)
		serves := r.served(source.Record, base)
		if len(serves) == 0 {
			continue
		}
		if r.wanted[r.key(base)] != nil {
			base = r.key(base)
		} else if !slices.ContainsFunc(serves, func(key string) bool { return dcv.Within(key, base) }) {
			// The key of a plural data source, or one of the user's own, is no domain.
			base = slices.MinFunc(serves, dcv.CompareDomains)
		}
		if len(source.Record.Domains) == 0 {
			// A record made by hand validates the names that its key stands for.
			for _, key := range serves {
				source.Record.Domains = append(source.Record.Domains, r.wanted[key]...)
			}
		}
		id := source.Record.ID()
		if source.ValueUnknown {
			id.Value = "\x00"
		}
		at, ok := index[id]
		if !ok {
			index[id] = len(fresh)
			fresh = append(fresh, &returned{record: source.Record, valueUnknown: source.ValueUnknown, base: base, serves: serves})
			if !source.ValueUnknown {
				records, origins = append(records, source.Record), append(origins, source.Origin)
			}
			continue
		}
		same := fresh[at]
		same.record = dcv.MergeRecords(same.record, source.Record)
		same.serves = dcv.SortedUnique(append(same.serves, serves...))
		if dcv.CompareDomains(base, same.base) < 0 {
			same.base = base
		}
	}
	for _, f := range fresh {
		f.record.Domains = r.onlyWanted(dcv.SortedUnique(f.record.Domains))
	}
	return fresh, dcv.Conflict(records, origins)
}

// coverage tells which wanted keys have an entry of their own, and which entry validates each of the others.
func (r *planner) coverage() (own map[string]bool, cover map[string]string) {
	own, cover = make(map[string]bool), make(map[string]string)
	for _, key := range dcv.SortedKeys(r.plan.Entries) {
		base, _ := dcv.SplitKey(key)
		own[r.key(base)] = true
		for _, served := range r.served(r.plan.Entries[key].Record, base) {
			cover[served] = cmp.Or(cover[served], key)
		}
	}
	return own, cover
}

// coverReason says why a name has no entry that the record of another name validates.
func coverReason(key string) string {
	return fmt.Sprintf("The record %q validates this name too.", key)
}

// without notes why the names of a key have no entry.
func (r *planner) without(key, reason string) {
	for _, name := range r.wanted[key] {
		r.plan.Without[name] = &reason
	}
}

// isIP tells whether a name is an IP address.
func isIP(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil
}
