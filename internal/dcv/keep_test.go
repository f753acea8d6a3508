// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKeep(t *testing.T) {
	t.Parallel()
	old := "2026-01-01T00:00:00Z"
	renewed := "2026-02-01T00:00:00Z"
	cname := func(owner, target string) Record {
		return Record{Type: "CNAME", FQDN: owner, Value: target, Status: StatusPending}
	}
	with := func(r Record, status Status, expiresAt *string) Record {
		r.Status, r.ExpiresAt = status, expiresAt
		return r
	}
	tests := map[string]struct {
		prior, current, want map[string]Record
	}{
		"nothing": {want: map[string]Record{}},
		"first record": {
			current: map[string]Record{"example.com": cname("_a.example.com", "one")},
			want:    map[string]Record{"example.com": cname("_a.example.com", "one")},
		},
		"token gone": {
			prior: map[string]Record{"example.com": cname("_a.example.com", "one")},
			want:  map[string]Record{"example.com": cname("_a.example.com", "one")},
		},
		"unchanged record keeps status and expiry": {
			prior:   map[string]Record{"example.com": with(cname("_a.example.com", "one"), StatusPending, &old)},
			current: map[string]Record{"example.com": with(cname("_a.example.com", "one"), StatusValidated, &renewed)},
			want:    map[string]Record{"example.com": with(cname("_a.example.com", "one"), StatusPending, &old)},
		},
		"new token in place": {
			prior:   map[string]Record{"example.com": with(cname("_a.example.com", "one"), StatusValidated, &old)},
			current: map[string]Record{"example.com": with(cname("_a.example.com", "two"), StatusPending, &renewed)},
			want:    map[string]Record{"example.com": with(cname("_a.example.com", "two"), StatusPending, &renewed)},
		},
		"another method replaces the record": {
			prior:   map[string]Record{"example.com": cname("_a.example.com", "one")},
			current: map[string]Record{"example.com": {Type: "TXT", FQDN: "example.com", Value: "token"}},
			want:    map[string]Record{"example.com": {Type: "TXT", FQDN: "example.com", Value: "token"}},
		},
		"second record moves up at the authority but keeps its key": {
			prior: map[string]Record{
				"example.com":   cname("_a.example.com", "one"),
				"example.com#2": cname("_b.example.com", "two"),
			},
			current: map[string]Record{"example.com": cname("_b.example.com", "two")},
			want: map[string]Record{
				"example.com":   cname("_a.example.com", "one"),
				"example.com#2": cname("_b.example.com", "two"),
			},
		},
		"second record appears": {
			prior: map[string]Record{"example.com": cname("_a.example.com", "one")},
			current: map[string]Record{
				"example.com":   cname("_b.example.com", "two"),
				"example.com#2": cname("_a.example.com", "one"),
			},
			want: map[string]Record{
				"example.com":   cname("_a.example.com", "one"),
				"example.com#2": cname("_b.example.com", "two"),
			},
		},
		"other domains are left out": {
			prior:   map[string]Record{"www.example.com": cname("_a.www.example.com", "one")},
			current: map[string]Record{"example.net": cname("_a.example.net", "one")},
			want:    map[string]Record{},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Keep("example.com", test.prior, test.current)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Keep (-want +got):\n%s", diff)
			}
			again := Keep("example.com", got, test.current)
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("Keep is not stable (-first +second):\n%s", diff)
			}
		})
	}
}
