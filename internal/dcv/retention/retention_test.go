// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package retention

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// source makes the records of a source from lines "key: type owner value [names]".
func source(t *testing.T, origin string, lines ...string) []SourceRecord {
	t.Helper()
	var records []SourceRecord
	for _, line := range lines {
		key, rest, _ := strings.Cut(line, ": ")
		parts := strings.Fields(rest)
		record, err := dcv.NewRecord(dcv.Publication{Type: parts[0], Name: parts[1] + ".", Value: parts[2]}, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		record.Domains = parts[3:]
		if len(record.Domains) == 0 {
			record.Domains = []string{strings.Split(key, "#")[0]}
		}
		records = append(records, SourceRecord{Record: record, Key: key, Origin: origin})
	}
	return records
}

// retainedOf is the state after a plan was applied.
func retainedOf(t *testing.T, plan Plan) *Retained {
	t.Helper()
	retained := &Retained{Records: map[string]dcv.Record{}, Sets: map[dcv.SetID]string{}, Without: map[string]string{}}
	for key, entry := range plan.Entries {
		if entry.Knowledge != Known {
			t.Fatalf("%q is not known", key)
		}
		retained.Records[key] = entry.Record
	}
	for key, set := range plan.Sets {
		retained.Sets[dcv.SetID{FQDN: set.Set.FQDN, Type: set.Set.Type}] = key
	}
	for name, reason := range plan.Without {
		retained.Without[name] = *reason
	}
	return retained
}

// lines writes the entries of a plan as "type owner value", "?" for what is not known.
func lines(plan Plan) map[string]string {
	got := make(map[string]string)
	for key, entry := range plan.Entries {
		switch entry.Knowledge {
		case Unknown:
			got[key] = "?"
		case ValueUnknown:
			got[key] = entry.Record.Type + " " + entry.Record.FQDN + " ?"
		default:
			got[key] = entry.Record.Type + " " + entry.Record.FQDN + " " + entry.Record.Value
		}
	}
	return got
}

func mustPlan(t *testing.T, in Input) Plan {
	t.Helper()
	plan, err := in.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestRetentionKeys retains one source, then another, and looks at the keys.
func TestRetentionKeys(t *testing.T) {
	t.Parallel()
	const (
		hashA = "_0a1b2c3d4e5f60718293a4b5c6d7e8f9"
		hashB = "_1a1b2c3d4e5f60718293a4b5c6d7e8f9"
	)
	tests := map[string]struct {
		names         []string
		before, after []string
		want          map[string]string
	}{
		"an equal record keeps its key, whatever its order": {
			before: []string{"example.com: TXT _dnsauth.example.com a", "example.com#2: TXT _dnsauth.example.com b"},
			after:  []string{"example.com: TXT _dnsauth.example.com b", "example.com#2: TXT _dnsauth.example.com a"},
			want:   map[string]string{"example.com": "TXT _dnsauth.example.com a", "example.com#2": "TXT _dnsauth.example.com b"},
		},
		"a new token changes its record": {
			before: []string{"example.com: CNAME _dnsauth.example.com a.dcv.digicert.com"},
			after:  []string{"example.com: CNAME _dnsauth.example.com b.dcv.digicert.com"},
			want:   map[string]string{"example.com": "CNAME _dnsauth.example.com b.dcv.digicert.com"},
		},
		"a new TXT token changes its record": {
			before: []string{"example.com: TXT _dnsauth.example.com a"},
			after:  []string{"example.com: TXT _dnsauth.example.com b"},
			want:   map[string]string{"example.com": "TXT _dnsauth.example.com b"},
		},
		"one of two that stops stays, and the other keeps its key": {
			before: []string{"example.com: TXT _dnsauth.example.com a", "example.com#2: TXT _dnsauth.example.com b"},
			after:  []string{"example.com: TXT _dnsauth.example.com b"},
			want:   map[string]string{"example.com": "TXT _dnsauth.example.com a", "example.com#2": "TXT _dnsauth.example.com b"},
		},
		"a new one takes the place of one that no order needs": {
			before: []string{"example.com: TXT _dnsauth.example.com a", "example.com#2: TXT _dnsauth.example.com b"},
			after:  []string{"example.com: TXT _dnsauth.example.com c"},
			want: map[string]string{
				"example.com": "TXT _dnsauth.example.com c", "example.com#2": "TXT _dnsauth.example.com b",
			},
		},
		"another hash is the successor of the only one of its kind": {
			before: []string{"example.com: CNAME " + hashA + ".example.com a.sectigo.com"},
			after:  []string{"example.com: CNAME " + hashB + ".example.com b.sectigo.com"},
			want:   map[string]string{"example.com": "CNAME " + hashB + ".example.com b.sectigo.com"},
		},
		"another hash beside the old one is a further record": {
			before: []string{"example.com: CNAME " + hashA + ".example.com a.sectigo.com"},
			after: []string{"example.com: CNAME " + hashB + ".example.com b.sectigo.com", "example.com#2: CNAME " + hashA +
				".example.com a.sectigo.com"},
			want: map[string]string{"example.com": "CNAME " + hashA + ".example.com a.sectigo.com", "example.com#2": "CNAME " + hashB +
				".example.com b.sectigo.com"},
		},
		"a TXT gives way to a CNAME at its owner": {
			before: []string{"example.com: TXT _dnsauth.example.com a"},
			after:  []string{"example.com: CNAME _dnsauth.example.com b.dcv.digicert.com"},
			want:   map[string]string{"example.com": "CNAME _dnsauth.example.com b.dcv.digicert.com"},
		},
		"several TXT give way to a CNAME at their owner": {
			before: []string{"example.com: TXT _dnsauth.example.com a", "example.com#2: TXT _dnsauth.example.com b"},
			after:  []string{"example.com: CNAME _dnsauth.example.com b.dcv.digicert.com"},
			want:   map[string]string{"example.com": "CNAME _dnsauth.example.com b.dcv.digicert.com"},
		},
		"another vendor's record is a further one": {
			before: []string{"example.com: CNAME _dnsauth.example.com a.dcv.digicert.com"},
			after:  []string{"example.com: CNAME " + hashA + ".example.com a.sectigo.com"},
			want: map[string]string{"example.com": "CNAME _dnsauth.example.com a.dcv.digicert.com", "example.com#2": "CNAME " + hashA +
				".example.com a.sectigo.com"},
		},
		"a covering record keeps its key when the apex comes": {
			names:  []string{"example.com", "www.example.com"},
			before: []string{"www.example.com: TXT _dnsauth.example.com a www.example.com"},
			after:  []string{"example.com: TXT _dnsauth.example.com a example.com www.example.com"},
			want:   map[string]string{"www.example.com": "TXT _dnsauth.example.com a"},
		},
		"an own record stays beside a covering one": {
			names:  []string{"example.com", "www.example.com"},
			before: []string{"www.example.com: TXT _dnsauth.www.example.com a", "example.com: TXT _dnsauth.example.com b"},
			after:  []string{"example.com: TXT _dnsauth.example.com b example.com www.example.com"},
			want:   map[string]string{"www.example.com": "TXT _dnsauth.www.example.com a", "example.com": "TXT _dnsauth.example.com b"},
		},
		"the keys of a plural data source": {
			names:  []string{"example.com", "www.example.com"},
			before: nil,
			after: []string{"_dnsauth.example.com TXT: TXT _dnsauth.example.com a www.example.com example.com", "_dnsauth.example.com TXT#2: " +
				"TXT _dnsauth.example.com b example.com"},
			want: map[string]string{"example.com": "TXT _dnsauth.example.com a", "example.com#2": "TXT _dnsauth.example.com b"},
		},
		"nothing returned": {
			before: []string{"example.com: TXT _dnsauth.example.com a"},
			want:   map[string]string{"example.com": "TXT _dnsauth.example.com a"},
		},
		"names of others": {
			after: []string{"example.com: TXT _dnsauth.example.com a", "example.org: TXT _dnsauth.example.org b"},
			want:  map[string]string{"example.com": "TXT _dnsauth.example.com a"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			names := test.names
			if names == nil {
				names = []string{"example.com"}
			}
			statuses := []map[string]dcv.NameStatus{{"example.com": {Status: dcv.StatusValidated}, "www.example.com": {Status: dcv.StatusValidated}}}
			first := mustPlan(t, Input{Names: names, Sources: source(t, "sources[0]", test.before...), Statuses: statuses})
			in := Input{Names: names, Sources: source(t, "sources[0]", test.after...), Statuses: statuses, Prior: retainedOf(t, first)}
			second := mustPlan(t, in)
			if diff := cmp.Diff(test.want, lines(second)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			in.Prior = retainedOf(t, second)
			third := mustPlan(t, in)
			if diff := cmp.Diff(lines(second), lines(third)); diff != "" {
				t.Errorf("the plan after that changes something (-want +got)\n%s", diff)
			}
			if len(third.Changes) > 0 {
				t.Errorf("the plan after that warns: %q", third.Changes)
			}
		})
	}
}

// TestRetentionSets holds that a record set keeps its key, which is that of its first record.
func TestRetentionSets(t *testing.T) {
	t.Parallel()
	names := []string{"example.com"}
	plan := mustPlan(t, Input{Names: names, Sources: source(t, "", "example.com: TXT _dnsauth.example.com a",
		"example.com#2: CNAME _0a1b2c3d.example.com x.sectigo.com")})
	plan = mustPlan(t, Input{Names: names, Prior: retainedOf(t, plan), Sources: source(t, "",
		"example.com: TXT _dnsauth.example.com c", "example.com#2: TXT _dnsauth.example.com b", "example.com#3: CNAME _0a1b2c3d.example.com "+
			"x.sectigo.com")})
	got := map[string][]string{}
	for key, set := range plan.Sets {
		got[key] = set.Set.Values
	}
	want := map[string][]string{"example.com": {"b", "c"}, "example.com#2": {"x.sectigo.com"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestRetentionWithout tells which names have no entry, and which are missing.
func TestRetentionWithout(t *testing.T) {
	t.Parallel()
	cover := source(t, "", "example.com: TXT _dnsauth.example.com a example.com www.example.com")
	kept := retainedOf(t, mustPlan(t, Input{Names: []string{"example.com"}, Sources: source(t, "",
		"example.com: TXT _dnsauth.example.com a")}))
	tests := map[string]struct {
		in      Input
		entries []string
		without map[string]string
		missing []string
	}{
		"covered": {Input{Names: []string{"example.com", "www.example.com"}, Sources: cover}, []string{"example.com"},
			map[string]string{"www.example.com": `The record "example.com" validates this name too.`}, nil},
		"retained": {Input{Names: []string{"example.com"}, Prior: kept}, []string{"example.com"}, nil, nil},
		"no statuses": {Input{Names: []string{"example.com"}}, nil, map[string]string{"example.com": "No source has a record for " +
			"this name."}, []string{"example.com"}},
		"another name": {Input{Names: []string{"example.org"}, Sources: cover}, nil,
			map[string]string{"example.org": "No source has a record for this name."}, []string{"example.org"}},
		"validated": {Input{Names: []string{"*.Example.com"},
			Statuses: []map[string]dcv.NameStatus{{"*.example.com": {Status: dcv.StatusValidated}}}}, nil,
			map[string]string{"*.Example.com": "The name is validated."}, nil},
		"by e-mail": {Input{Names: []string{"example.com"},
			Statuses: []map[string]dcv.NameStatus{{"example.com": {Status: dcv.StatusPending, Channel: dcv.ChannelEmail}}}}, nil,
			map[string]string{"example.com": "The order validates this name by e-mail, which needs no DNS record."}, nil},
		"by DNS": {Input{Names: []string{"example.com"},
			Statuses: []map[string]dcv.NameStatus{{"example.com": {Status: dcv.StatusPending, Channel: dcv.ChannelDNS}}}}, nil,
			map[string]string{"example.com": "No source has a record for this name."}, []string{"example.com"}},
		"one of two orders": {Input{Names: []string{"example.com"},
			Statuses: []map[string]dcv.NameStatus{{"example.com": {Status: dcv.StatusValidated}},
				{"example.com": {Status: dcv.StatusPending, Channel: dcv.ChannelDNS}}}}, nil,
			map[string]string{"example.com": "No source has a record for " +
				"this name."}, []string{"example.com"}},
		"wildcard and apex": {Input{Names: []string{"example.com", "*.example.com"},
			Statuses: []map[string]dcv.NameStatus{{"example.com": {Status: dcv.StatusValidated}, "*.example.com": {Status: dcv.StatusPending,
				Channel: dcv.ChannelDNS}}}}, nil, map[string]string{"example.com": "No source has a record for this name.",
			"*.example.com": "No source has a record for this name."}, []string{"example.com"}},
		"statuses unknown": {Input{Names: []string{"example.com"}, StatusesUnknown: true}, nil, map[string]string{"example.com": "?"}, nil},
		"at the base domain": {Input{Names: []string{"a.github.io", "b.github.io"}, BaseDomain: true, Sources: source(t, "",
			"github.io: TXT _dnsauth.github.io a a.github.io b.github.io")}, []string{"github.io"}, nil, nil},
		"an IP address": {Input{Names: []string{"192.0.2.1"}, BaseDomain: true,
			Statuses: []map[string]dcv.NameStatus{{"192.0.2.1": {Status: dcv.StatusPending, Channel: dcv.ChannelHTTP}}}}, nil,
			map[string]string{"192.0.2.1": "The order validates this name by HTTP, which needs no DNS record."}, nil},
		"a hand-made record": {Input{Names: []string{"example.com"}, Sources: []SourceRecord{{Key: "example.com",
			Record: dcv.Record{Type: "CNAME", FQDN: "_acme-challenge.example.com", Value: "x.example"}}}}, []string{"example.com"}, nil, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := mustPlan(t, test.in)
			if diff := cmp.Diff(test.entries, slices.Sorted(maps.Keys(plan.Entries))); diff != "" {
				t.Errorf("entries (-want +got)\n%s", diff)
			}
			without := map[string]string{}
			for name, reason := range plan.Without {
				without[name] = "?"
				if reason != nil {
					without[name] = *reason
				}
			}
			if test.without == nil {
				test.without = map[string]string{}
			}
			if diff := cmp.Diff(test.without, without); diff != "" {
				t.Errorf("without (-want +got)\n%s", diff)
			}
			var missing []string
			for _, m := range plan.Missing {
				missing = append(missing, m.Key)
			}
			if diff := cmp.Diff(test.missing, missing); diff != "" {
				t.Errorf("missing (-want +got)\n%s", diff)
			}
		})
	}
	if _, err := (Input{Names: []string{"co.uk"}, BaseDomain: true}).Plan(); err == nil {
		t.Error("a name without a registrable domain has a base domain")
	}
}

// TestRetentionUnknown plans while the sources, a value, an owner or the zones are not known.
func TestRetentionUnknown(t *testing.T) {
	t.Parallel()
	zones := []string{"example.com"}
	dnsauth := retainedOf(t, mustPlan(t, Input{Names: []string{"example.com"}, Zones: zones, Sources: source(t, "",
		"example.com: TXT _dnsauth.example.com a")}))
	hashed := retainedOf(t, mustPlan(t, Input{Names: []string{"example.com"}, Zones: zones, Sources: source(t, "",
		"example.com: CNAME _0a1b2c3d.example.com a.sectigo.com")}))
	without := &Retained{Without: map[string]string{"www.example.com": "The name is validated."}}
	tests := map[string]struct {
		in     Input
		want   map[string]string
		frozen bool
	}{
		"nothing before": {Input{Names: []string{"*.example.com", "example.com"}, SourcesUnknown: true},
			map[string]string{"example.com": "?"}, false},
		"an owner without a token": {Input{Names: []string{"example.com"}, Prior: dnsauth, SourcesUnknown: true},
			map[string]string{"example.com": "TXT _dnsauth.example.com ?"}, false},
		"an owner with a token": {Input{Names: []string{"example.com"}, Prior: hashed, SourcesUnknown: true},
			map[string]string{"example.com": "CNAME _0a1b2c3d.example.com a.sectigo.com"}, true},
		"a name without entry": {Input{Names: []string{"www.example.com"}, Prior: without, SourcesUnknown: true}, map[string]string{}, false},
		"a name that left": {Input{Names: []string{"example.org"}, Prior: dnsauth, SourcesUnknown: true},
			map[string]string{"example.org": "?"}, false},
		"a value": {Input{Names: []string{"example.com"}, Sources: []SourceRecord{{Key: "example.com", ValueUnknown: true,
			Record: dcv.Record{Type: "TXT", FQDN: "_dnsauth.example.com", Value: "x"}}}},
			map[string]string{"example.com": "TXT _dnsauth.example.com ?"}, false},
		"a value, retained": {Input{Names: []string{"example.com"}, Prior: dnsauth, Sources: []SourceRecord{{Key: "example.com",
			ValueUnknown: true, Record: dcv.Record{Type: "TXT", FQDN: "_dnsauth.example.com", Value: "x"}}}},
			map[string]string{"example.com": "TXT _dnsauth.example.com ?"}, false},
		"an owner": {Input{Names: []string{"example.com"}, UnknownDomains: []string{"example.com"}},
			map[string]string{"example.com": "?"}, false},
		"an owner, retained": {Input{Names: []string{"example.com"}, Prior: dnsauth, UnknownDomains: []string{"example.com"}},
			map[string]string{"example.com": "TXT _dnsauth.example.com ?"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := mustPlan(t, test.in)
			if diff := cmp.Diff(test.want, lines(plan)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if plan.Frozen != test.frozen {
				t.Errorf("frozen is %t", plan.Frozen)
			}
			if len(plan.Missing) > 0 {
				t.Errorf("missing %v", plan.Missing)
			}
		})
	}

	plan := mustPlan(t, Input{Names: []string{"example.com"}, Prior: dnsauth, ZonesUnknown: true, Sources: source(t, "",
		"example.com: TXT _dnsauth.example.com b")})
	if entry := plan.Entries["example.com"]; entry.ZoneUnknown || entry.Record.Zone == nil || *entry.Record.Zone != "example.com" {
		t.Errorf("a retained record loses its zone while the zones are unknown: %+v", entry)
	}
	plan = mustPlan(t, Input{Names: []string{"example.com"}, ZonesUnknown: true, Sources: source(t, "",
		"example.com: TXT _dnsauth.example.com b")})
	if !plan.Entries["example.com"].ZoneUnknown {
		t.Error("the zone of a new record is known while the zones are not")
	}
}

// TestRetentionRefuses names what cannot be retained.
func TestRetentionRefuses(t *testing.T) {
	t.Parallel()
	names := []string{"example.com"}
	conflict := append(source(t, "sources[0]", "example.com: TXT _dnsauth.example.com a"), source(t, "sources[1]",
		"example.com: CNAME _dnsauth.example.com b.example")...)
	_, err := Input{Names: names, Sources: conflict}.Plan()
	if got, ok := errors.AsType[*dcv.ConflictError](err); !ok || got.Records[0].Origin != "sources[0]" ||
		got.Records[1].Origin != "sources[1]" {
		t.Errorf("got %v, want a conflict that names both sources", err)
	}
	_, err = Input{Names: names, Zones: []string{"example.net"}, Sources: source(t, "", "example.com: TXT _dnsauth.example.com a")}.Plan()
	if _, ok := errors.AsType[*dcv.ZoneError](err); !ok {
		t.Errorf("got %v, want a dcv.ZoneError", err)
	}
	_, err = Input{Names: names, Zones: []string{"_dnsauth.example.com"}, Sources: source(t, "",
		"example.com: CNAME _dnsauth.example.com a.example")}.Plan()
	if got, ok := errors.AsType[*dcv.ConflictError](err); !ok || got.Zone == "" {
		t.Errorf("got %v, want a conflict at the apex of a zone", err)
	}
}

// TestRetentionGrowsLinearly counts what planning allocates: four times the names take about four times as much.
func TestRetentionGrowsLinearly(t *testing.T) {
	cost := func(n int) float64 {
		in := Input{Zones: []string{"example.com"}}
		for i := range n {
			name := fmt.Sprintf("n%d.example.com", i)
			in.Names = append(in.Names, name)
			in.Sources = append(in.Sources, source(t, "", name+": TXT _dnsauth."+name+" a")...)
		}
		in.Prior = retainedOf(t, mustPlan(t, in))
		return testing.AllocsPerRun(1, func() { mustPlan(t, in) })
	}
	small, large := cost(250), cost(1000)
	if large > 5*small {
		t.Errorf("%.0f allocations for 1000 names, %.0f for 250", large, small)
	}
	if large > 200*1000 {
		t.Errorf("%.0f allocations for 1000 names", large)
	}
}

// TestRetentionOfOpenOrders retains two records, then one source returns another one: what becomes of those depends on what the
// statuses say of the orders.
func TestRetentionOfOpenOrders(t *testing.T) {
	t.Parallel()
	const name = "example.com"
	lost, notPlaced := "DigiCert returns no token for the domain.", dcv.ReasonNotPlaced
	status := func(s dcv.Status, recordKey bool, reason *string) map[string]dcv.NameStatus {
		one := dcv.NameStatus{Status: s, Channel: dcv.ChannelDNS, Reason: reason}
		if recordKey {
			one.RecordKey = new(name)
		}
		return map[string]dcv.NameStatus{name: one}
	}
	for what, test := range map[string]struct {
		before, after []string
		statuses      []map[string]dcv.NameStatus
		want          map[string]string // nil where the plan is refused
	}{
		"an order that lost its record keeps it": {
			before:   []string{"example.com: TXT _dnsauth.example.com a"},
			after:    []string{"example.com: TXT _dnsauth.example.com b"},
			statuses: []map[string]dcv.NameStatus{status(dcv.StatusPending, true, nil), status(dcv.StatusPending, false, &lost)},
			want:     map[string]string{"example.com": "TXT _dnsauth.example.com a", "example.com#2": "TXT _dnsauth.example.com b"},
		},
		"a record with a hash too": {
			before:   []string{"example.com: CNAME _0a1b2c3d4e5f60718293a4b5c6d7e8f9.example.com a"},
			after:    []string{"example.com: CNAME _1a1b2c3d4e5f60718293a4b5c6d7e8f9.example.com b"},
			statuses: []map[string]dcv.NameStatus{status(dcv.StatusPending, false, nil)},
			want: map[string]string{
				"example.com":   "CNAME _0a1b2c3d4e5f60718293a4b5c6d7e8f9.example.com a",
				"example.com#2": "CNAME _1a1b2c3d4e5f60718293a4b5c6d7e8f9.example.com b",
			},
		},
		"a CNAME cannot stand beside it": {
			before:   []string{"example.com: CNAME _dnsauth.example.com a"},
			after:    []string{"example.com: CNAME _dnsauth.example.com b"},
			statuses: []map[string]dcv.NameStatus{status(dcv.StatusPending, true, nil), status(dcv.StatusPending, false, &lost)},
		},
		"a TXT cannot stand beside a CNAME": {
			before:   []string{"example.com: CNAME _dnsauth.example.com a"},
			after:    []string{"example.com: TXT _dnsauth.example.com b"},
			statuses: []map[string]dcv.NameStatus{status(dcv.StatusPending, false, &lost)},
		},
		"an order that is not placed needs nothing": {
			before:   []string{"example.com: CNAME _dnsauth.example.com a"},
			after:    []string{"example.com: CNAME _dnsauth.example.com b"},
			statuses: []map[string]dcv.NameStatus{status(dcv.StatusPending, true, nil), status(dcv.StatusPending, false, &notPlaced)},
			want:     map[string]string{"example.com": "CNAME _dnsauth.example.com b"},
		},
		"where no order lacks a record, a new value takes the place of one that is not returned": {
			before:   []string{"example.com: TXT _dnsauth.example.com a", "example.com#2: TXT _dnsauth.example.com b"},
			after:    []string{"example.com: TXT _dnsauth.example.com c"},
			statuses: []map[string]dcv.NameStatus{status(dcv.StatusPending, true, nil), status(dcv.StatusValidated, false, nil)},
			want:     map[string]string{"example.com": "TXT _dnsauth.example.com c", "example.com#2": "TXT _dnsauth.example.com b"},
		},
		"without statuses nobody knows": {
			before: []string{"example.com: TXT _dnsauth.example.com a", "example.com#2: TXT _dnsauth.example.com b"},
			after:  []string{"example.com: TXT _dnsauth.example.com c"},
			want: map[string]string{
				"example.com": "TXT _dnsauth.example.com a", "example.com#2": "TXT _dnsauth.example.com b",
				"example.com#3": "TXT _dnsauth.example.com c",
			},
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			before := mustPlan(t, Input{Names: []string{name}, Sources: source(t, "before", test.before...)})
			plan, err := Input{
				Names: []string{name}, Sources: source(t, "after", test.after...), Statuses: test.statuses, Prior: retainedOf(t, before),
			}.Plan()
			if test.want == nil {
				if _, ok := errors.AsType[*dcv.ConflictError](err); !ok {
					t.Errorf("got %v, %v", lines(plan), err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, lines(plan)); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRetentionLeft tells of records that go with their names while an order waits for them.
func TestRetentionLeft(t *testing.T) {
	t.Parallel()
	records := []string{"a.example.com: CNAME _dnsauth.a.example.com a", "b.example.com: CNAME _dnsauth.b.example.com b"}
	before := mustPlan(t, Input{Names: []string{"a.example.com", "b.example.com"}, Sources: source(t, "", records...)})
	for status, want := range map[dcv.Status]int{dcv.StatusPending: 1, dcv.StatusActionRequired: 1, dcv.StatusValidated: 0,
		dcv.StatusUnknown: 0} {
		sources := source(t, "", records...)
		sources[1].Record.Status = status
		plan := mustPlan(t, Input{Names: []string{"a.example.com"}, Sources: sources, Prior: retainedOf(t, before)})
		if len(plan.Left) != want {
			t.Errorf("%s: %v", status, plan.Left)
		}
	}
}

// Two names share a key, and the statuses tell of the order of one alone: a new token of that order does not take the place of
// the other's record.
func TestRetentionOfNamesThatShareAKey(t *testing.T) {
	t.Parallel()
	for what, in := range map[string]Input{
		"a domain and its wildcard": {Names: []string{"example.com", "*.example.com"}},
		"at the base domain":        {Names: []string{"a.example.com", "b.example.com"}, BaseDomain: true},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			told, other := in.Names[0], in.Names[1]
			in.Sources = source(t, "", "example.com: TXT _dnsauth.example.com other "+other, "example.com#2: TXT _dnsauth.example.com old "+told)
			in.Prior = retainedOf(t, mustPlan(t, in))
			in.Sources = source(t, "", "example.com: TXT _dnsauth.example.com new "+told)
			in.Statuses = []map[string]dcv.NameStatus{
				{told: {Status: dcv.StatusPending, Channel: dcv.ChannelDNS, RecordKey: new("example.com")}},
			}
			want := map[string]string{"example.com": "TXT _dnsauth.example.com other", "example.com#2": "TXT _dnsauth.example.com new"}
			if diff := cmp.Diff(want, lines(mustPlan(t, in))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
