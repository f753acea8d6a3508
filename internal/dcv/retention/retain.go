// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package retention

import (
	"slices"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// returned is a record that the sources return now, on its way to a key.
type returned struct {
	record       dcv.Record
	valueUnknown bool
	base         string   // the domain whose key it asks for
	serves       []string // the wanted keys that it validates, sorted
}

// retainer gives the records that the sources return now their keys, next to the records that were retained from before. A
// returned record takes the key of the retained one that is, in this order: equal; of the same owner and type; the only
// one of its kind that is no longer returned, when it is the only new one of that kind; at the same owner where the two
// cannot stand side by side. Any other gets the first free key of its domain. A retained record that no returned one
// replaces stays. Each step takes time in proportion to the number of records.
type retainer struct {
	prior  map[string]dcv.Record
	order  []string // the keys of prior, sorted
	serves map[string][]string
	result map[string]Entry
	fresh  []*returned
	placed map[*returned]bool
	gone   map[string]bool // the retained keys whose record cannot stand beside a returned one
	// held are the retained keys that no other record takes over: an open order may need what is there.
	held map[string]bool
	// settled are the retained keys whose record no open order needs once it is no longer returned.
	settled map[string]bool
	err     *dcv.ConflictError // a returned record that cannot stand beside a held one
}

// retain returns the entries by key. The error is a *[dcv.ConflictError] for a record that cannot stand beside one that is held.
func retain(
	prior map[string]dcv.Record, serves map[string][]string, fresh []*returned, held, settled map[string]bool,
) (map[string]Entry, error) {
	k := &retainer{
		prior:  prior,
		order:  dcv.SortedKeys(prior),
		serves: serves,
		result: make(map[string]Entry, len(prior)+len(fresh)),
		fresh:  fresh,
		placed: make(map[*returned]bool, len(fresh)),
		gone:   make(map[string]bool),
		held:   held, settled: settled,
	}
	k.equal()
	k.sameSet()
	k.onlyOfItsKind()
	k.sameOwner()
	k.free()
	for _, key := range k.order {
		if _, taken := k.result[key]; !taken && !k.gone[key] {
			k.result[key] = Entry{Record: prior[key], Unreturned: true}
		}
	}
	if k.err != nil {
		return nil, k.err
	}
	return k.result, nil
}

// put gives a returned record the key of a retained one, or a free key. The names that the retained record validates stay
// with its key: a name that the vendor no longer lists may be validated by now.
func (k *retainer) put(key string, r *returned, unchanged bool) {
	entry := Entry{Record: r.record}
	if r.valueUnknown {
		entry.Knowledge = ValueUnknown
	}
	if old, ok := k.prior[key]; ok {
		entry.Record.Domains = dcv.SortedUnique(append(slices.Clone(old.Domains), entry.Record.Domains...))
		if unchanged {
			entry.Record.Status, entry.Record.ExpiresAt = old.Status, old.ExpiresAt
		}
	}
	k.result[key] = entry
	k.placed[r] = true
}

// pending returns the returned records that have no key yet.
func (k *retainer) pending() []*returned {
	return slices.DeleteFunc(slices.Clone(k.fresh), func(r *returned) bool { return k.placed[r] })
}

// unreturned returns the retained keys whose records no returned one has taken over yet, sorted.
func (k *retainer) unreturned() []string {
	return slices.DeleteFunc(slices.Clone(k.order), func(key string) bool {
		_, taken := k.result[key]
		return taken || k.gone[key]
	})
}

// available are the unreturned keys that another record may take over, sorted.
func (k *retainer) available() []string {
	return slices.DeleteFunc(k.unreturned(), func(key string) bool { return k.held[key] })
}

func (k *retainer) equal() {
	keys := make(map[dcv.RecordID]string, len(k.prior))
	for _, key := range slices.Backward(k.order) {
		keys[k.prior[key].ID()] = key
	}
	for _, r := range k.fresh {
		if key, ok := keys[r.record.ID()]; ok && !r.valueUnknown {
			k.put(key, r, true)
		}
	}
}

// sameSet pairs records of one owner and type in their order, those first that were not validated. Where fewer are returned
// than were retained, nobody can tell which of them a new one replaces, and TXT records can stand side by side: then all stay
// that an open order may need.
func (k *retainer) sameSet() {
	old := make(map[dcv.SetID][]string)
	for _, key := range k.available() {
		id := k.prior[key].Set()
		old[id] = append(old[id], key)
	}
	fresh := make(map[dcv.SetID][]*returned)
	for _, r := range k.pending() {
		id := r.record.Set()
		fresh[id] = append(fresh[id], r)
	}
	for id, keys := range old {
		if id.Type != dcv.TypeCNAME && len(fresh[id]) < len(keys) {
			keys = slices.DeleteFunc(keys, func(key string) bool { return !k.settled[key] })
		}
		slices.SortStableFunc(keys, func(a, b string) int { return dcv.CompareStatus(k.prior[a].Status, k.prior[b].Status) })
		for i, r := range fresh[id] {
			if i < len(keys) && (id.Type == dcv.TypeCNAME || overlap(k.serves[keys[i]], r.serves)) {
				k.put(keys[i], r, false)
			}
		}
	}
}

// kind is what a record has in common with its successor when its owner name holds a hash that changes.
type kind struct{ recordType, owner string }

func kindOf(r dcv.Record) kind { return kind{r.Type, ownerWithoutHash(r.FQDN)} }

// ownerWithoutHash returns an owner name without a leading hash label; "" when it has none.
func ownerWithoutHash(fqdn string) string {
	label, rest, _ := strings.Cut(fqdn, ".")
	if !dcv.IsHashLabel(label) {
		return ""
	}
	return rest
}

func (k *retainer) onlyOfItsKind() {
	old := make(map[kind][]string)
	for _, key := range k.available() {
		old[kindOf(k.prior[key])] = append(old[kindOf(k.prior[key])], key)
	}
	fresh := make(map[kind][]*returned)
	for _, r := range k.pending() {
		fresh[kindOf(r.record)] = append(fresh[kindOf(r.record)], r)
	}
	for id, keys := range old {
		if id.owner != "" && len(keys) == 1 && len(fresh[id]) == 1 && overlap(k.serves[keys[0]], fresh[id][0].serves) {
			k.put(keys[0], fresh[id][0], false)
		}
	}
}

func (k *retainer) sameOwner() {
	old := make(map[string][]string)
	for _, key := range k.unreturned() {
		old[k.prior[key].FQDN] = append(old[k.prior[key].FQDN], key)
	}
	for _, r := range k.pending() {
		clashing := slices.DeleteFunc(slices.Clone(old[r.record.FQDN]), func(key string) bool {
			return k.prior[key].Type == r.record.Type && r.record.Type != dcv.TypeCNAME
		})
		for i, key := range clashing {
			if _, taken := k.result[key]; taken || k.gone[key] {
				continue
			}
			if k.held[key] {
				k.conflict(k.prior[key], r.record)
				continue
			}
			if i == 0 {
				k.put(key, r, false)
				continue
			}
			k.gone[key] = true
		}
	}
}

// conflict notes that a returned record cannot stand beside a held one.
func (k *retainer) conflict(held, returned dcv.Record) {
	if k.err == nil {
		k.err = &dcv.ConflictError{Owner: held.FQDN, Records: []dcv.ConflictingRecord{
			{Type: held.Type, Value: held.Value, Origin: "retained; an order of the name is open and returns no record"},
			{Type: returned.Type, Value: returned.Value},
		}}
	}
}

func (k *retainer) free() {
	taken := make(map[string]bool, len(k.prior)+len(k.fresh))
	for _, key := range k.order {
		taken[key] = !k.gone[key]
	}
	next := make(map[string]int)
	for _, r := range k.pending() {
		key := dcv.FreeKey(r.base, next, taken)
		taken[key] = true
		k.put(key, r, false)
	}
}

// overlap tells whether two sorted lists share an element.
func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool {
		_, found := slices.BinarySearch(b, s)
		return found
	})
}
