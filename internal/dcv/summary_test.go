// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// txt and cname make publications short to write.
func txt(name, value string) *Publication { return &Publication{Type: "TXT", Name: name, Value: value} }

func cname(name, value string) *Publication {
	return &Publication{Type: "CNAME", Name: name, Value: value}
}

func TestSummarizeFull(t *testing.T) {
	t.Parallel()
	got, err := Summarize([]Challenge{
		{
			Domain: "*.Example.com.", Names: []string{"*.Example.com"}, Status: StatusValidated,
			Method: ptr("dns-cname-token"), ValidatedUntil: ptr("2027-01-01T00:00:00+00:00"),
			Publish: &Publication{Type: "CNAME", Name: "_dnsauth.example.com", Value: "X9kq.dcv.digicert.com",
				ExpiresAt: ptr("2026-03-01T00:00:00+00:00")},
		},
		{
			Domain: "example.com", Status: StatusPending, Method: ptr("dns-cname-token"),
			Publish: &Publication{Type: "cname", Name: "_DNSAUTH.example.com.", Value: "X9kq.dcv.digicert.com.",
				ExpiresAt: ptr("2026-02-01T00:00:00+00:00")},
		},
		{
			Domain: "shop.example.net", Names: []string{"shop.example.net", "www.shop.example.net"}, Status: StatusActionRequired,
			Method:  ptr("dns-txt-token"),
			Publish: txt("shop.example.net", "T0k3n"),
		},
		{Domain: "mail.example.org", Status: StatusValidated, Method: ptr("email"), ValidatedUntil: ptr("2026-12-31")},
	}, Options{Zones: []string{"example.com.", "example.net"}})
	if err != nil {
		t.Fatal(err)
	}
	want := Summary{
		Records: map[string]Record{
			"example.com": {
				Type: "CNAME", FQDN: "_dnsauth.example.com", FQDNDot: "_dnsauth.example.com.", Zone: ptr("example.com"), RelativeName: ptr("_dnsauth"),
				Value: "X9kq.dcv.digicert.com", ValueDot: "X9kq.dcv.digicert.com.", ValueQuoted: "X9kq.dcv.digicert.com",
				RData:   "X9kq.dcv.digicert.com.",
				Domains: []string{"*.Example.com", "example.com"}, Status: StatusPending, ExpiresAt: ptr("2026-02-01T00:00:00+00:00"),
			},
			"shop.example.net": {
				Type: "TXT", FQDN: "shop.example.net", FQDNDot: "shop.example.net.", Zone: ptr("example.net"), RelativeName: ptr("shop"),
				Value: "T0k3n", ValueDot: "T0k3n", ValueQuoted: `"T0k3n"`, RData: `"T0k3n"`,
				Domains: []string{"shop.example.net", "www.shop.example.net"}, Status: StatusActionRequired,
			},
		},
		RecordSets: map[string]RecordSet{
			"example.com": {
				Type: "CNAME", FQDN: "_dnsauth.example.com", FQDNDot: "_dnsauth.example.com.", Zone: ptr("example.com"), RelativeName: ptr("_dnsauth"),
				Values: []string{"X9kq.dcv.digicert.com"}, RDatas: []string{"X9kq.dcv.digicert.com."},
				Domains: []string{"*.Example.com", "example.com"}, Status: StatusPending, ExpiresAt: ptr("2026-02-01T00:00:00+00:00"),
			},
			"shop.example.net": {
				Type: "TXT", FQDN: "shop.example.net", FQDNDot: "shop.example.net.", Zone: ptr("example.net"), RelativeName: ptr("shop"),
				Values: []string{"T0k3n"}, RDatas: []string{`"T0k3n"`},
				Domains: []string{"shop.example.net", "www.shop.example.net"}, Status: StatusActionRequired,
			},
		},
		Names: map[string]NameStatus{
			"*.Example.com": {Channel: ChannelUnknown, Status: StatusValidated, Method: ptr("dns-cname-token"),
				ValidatedUntil: ptr("2027-01-01T00:00:00+00:00"), RecordKey: ptr("example.com")},
			"example.com": {Channel: ChannelUnknown, Status: StatusPending, Method: ptr("dns-cname-token"), RecordKey: ptr("example.com")},
			"shop.example.net": {Channel: ChannelUnknown, Status: StatusActionRequired, Method: ptr("dns-txt-token"),
				RecordKey: ptr("shop.example.net")},
			"www.shop.example.net": {Channel: ChannelUnknown, Status: StatusActionRequired, Method: ptr("dns-txt-token"),
				RecordKey: ptr("shop.example.net")},
			"mail.example.org": {Channel: ChannelUnknown, Status: StatusValidated, Method: ptr("email"), ValidatedUntil: ptr("2026-12-31")},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestSummarizeKeys looks at keys only: key → type, owner name and value, and the sets' key → values.
func TestSummarizeKeys(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		challenges []Challenge
		records    map[string]string
		sets       map[string]string
	}{
		"nothing": {},
		"nothing to publish": {
			challenges: []Challenge{{Domain: "example.com"}},
		},
		"fewest labels name a shared record": {
			challenges: []Challenge{
				{Domain: "a.example.com", Publish: txt("example.com", "t")},
				{Domain: "b.a.example.com", Publish: txt("example.com", "t")},
				{Domain: "z.example.com", Publish: txt("example.com", "t")},
				{Domain: "example.com", Publish: txt("example.com", "t")},
			},
			records: map[string]string{"example.com": "TXT example.com t"},
			sets:    map[string]string{"example.com": "TXT example.com [t]"},
		},
		"a second record of one domain": {
			challenges: []Challenge{
				{Domain: "example.com", Publish: txt("@", "zzz")},
				{Domain: "*.example.com", Publish: txt("example.com", "aaa")},
				{Domain: "example.com", Publish: txt("@", "mmm")},
			},
			records: map[string]string{
				"example.com":   "TXT example.com zzz",
				"example.com#2": "TXT example.com aaa",
				"example.com#3": "TXT example.com mmm",
			},
			sets: map[string]string{"example.com": "TXT example.com [aaa mmm zzz]"},
		},
		"repeats take no number": {
			challenges: []Challenge{
				{Domain: "example.com", Publish: txt("@", "a")},
				{Domain: "example.com", Publish: txt("@", "a")},
				{Domain: "example.com", Publish: txt("@", "b")},
				{Domain: "example.com", Publish: txt("@", "a")},
			},
			records: map[string]string{"example.com": "TXT example.com a", "example.com#2": "TXT example.com b"},
			sets:    map[string]string{"example.com": "TXT example.com [a b]"},
		},
		"TXT values differ in case": {
			challenges: []Challenge{
				{Domain: "example.com", Publish: txt("@", "a")},
				{Domain: "example.com", Publish: txt("@", "A")},
			},
			records: map[string]string{"example.com": "TXT example.com a", "example.com#2": "TXT example.com A"},
			sets:    map[string]string{"example.com": "TXT example.com [A a]"},
		},
		"sets of one domain": {
			challenges: []Challenge{
				{Domain: "example.com", Publish: txt("@", "t")},
				{Domain: "example.com", Publish: cname("_dnsauth", "t.dcv.digicert.com")},
				{Domain: "example.com", Publish: txt("@", "u")},
			},
			records: map[string]string{
				"example.com":   "TXT example.com t",
				"example.com#2": "CNAME _dnsauth.example.com t.dcv.digicert.com",
				"example.com#3": "TXT example.com u",
			},
			sets: map[string]string{
				"example.com":   "TXT example.com [t u]",
				"example.com#2": "CNAME _dnsauth.example.com [t.dcv.digicert.com]",
			},
		},
		"one set of two domains": {
			challenges: []Challenge{
				{Domain: "www.example.com", Publish: txt("example.com", "t")},
				{Domain: "example.com", Publish: txt("example.com", "u")},
			},
			records: map[string]string{"www.example.com": "TXT example.com t", "example.com": "TXT example.com u"},
			sets:    map[string]string{"example.com": "TXT example.com [t u]"},
		},
		"more than nine": {
			challenges: func() (c []Challenge) {
				for i := range 11 {
					c = append(c, Challenge{Domain: "example.com", Publish: txt(fmt.Sprintf("_a0b%02d", i), "t")})
				}
				return c
			}(),
			records: map[string]string{
				"example.com": "TXT _a0b00.example.com t", "example.com#2": "TXT _a0b01.example.com t", "example.com#3": "TXT _a0b02.example.com t",
				"example.com#4": "TXT _a0b03.example.com t", "example.com#5": "TXT _a0b04.example.com t", "example.com#6": "TXT _a0b05.example.com t",
				"example.com#7": "TXT _a0b06.example.com t", "example.com#8": "TXT _a0b07.example.com t", "example.com#9": "TXT _a0b08.example.com t",
				"example.com#10": "TXT _a0b09.example.com t", "example.com#11": "TXT _a0b10.example.com t",
			},
			sets: map[string]string{
				"example.com": "TXT _a0b00.example.com [t]", "example.com#2": "TXT _a0b01.example.com [t]",
				"example.com#3": "TXT _a0b02.example.com [t]",
				"example.com#4": "TXT _a0b03.example.com [t]", "example.com#5": "TXT _a0b04.example.com [t]",
				"example.com#6": "TXT _a0b05.example.com [t]",
				"example.com#7": "TXT _a0b06.example.com [t]", "example.com#8": "TXT _a0b07.example.com [t]",
				"example.com#9":  "TXT _a0b08.example.com [t]",
				"example.com#10": "TXT _a0b09.example.com [t]", "example.com#11": "TXT _a0b10.example.com [t]",
			},
		},

		"domain left out": {
			challenges: []Challenge{
				{Names: []string{"www.example.com"}, Publish: txt("@", "t")},
				{Publish: cname("_0a1b.example.net.", "a.b.sectigo.com")},
			},
			records: map[string]string{
				"www.example.com": "TXT www.example.com t",
				"example.net":     "CNAME _0a1b.example.net a.b.sectigo.com",
			},
			sets: map[string]string{
				"www.example.com": "TXT www.example.com [t]",
				"example.net":     "CNAME _0a1b.example.net [a.b.sectigo.com]",
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			summary, err := Summarize(test.challenges, Options{})
			if err != nil {
				t.Fatal(err)
			}
			records, sets := map[string]string{}, map[string]string{}
			for key, r := range summary.Records {
				records[key] = r.Type + " " + r.FQDN + " " + r.Value
			}
			for key, s := range summary.RecordSets {
				sets[key] = fmt.Sprint(s.Type, " ", s.FQDN, " ", s.Values)
			}
			if test.records == nil {
				test.records, test.sets = map[string]string{}, map[string]string{}
			}
			if diff := cmp.Diff(test.records, records); diff != "" {
				t.Errorf("records (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.sets, sets); diff != "" {
				t.Errorf("record sets (-want +got)\n%s", diff)
			}
			if summary.Names == nil {
				t.Error("Names is nil")
			}
		})
	}
}

func TestSummarizeStatus(t *testing.T) {
	t.Parallel()
	shared := func(statuses ...Status) (challenges []Challenge) {
		for _, s := range statuses {
			challenges = append(challenges, Challenge{Domain: "example.com", Status: s, Publish: txt("@", "t")})
		}
		return challenges
	}
	tests := map[string]struct {
		challenges []Challenge
		want       Status
		complete   bool
	}{
		"failed first":          {shared("validated", "unknown", "pending", "action_required", "failed"), StatusFailed, false},
		"then action required":  {shared("validated", "unknown", "pending", "action_required"), StatusActionRequired, false},
		"then pending":          {shared("validated", "unknown", "pending"), StatusPending, false},
		"then unknown":          {shared("validated", "unknown"), StatusUnknown, false},
		"validated last":        {shared("validated", "validated"), StatusValidated, true},
		"another word":          {shared("WAITING", "validated"), StatusUnknown, false},
		"another word, pending": {shared("WAITING", "pending"), StatusPending, false},
		"no word":               {shared(""), StatusUnknown, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 2 {
				summary, err := Summarize(test.challenges, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if got := summary.Records["example.com"].Status; got != test.want {
					t.Errorf("record: got %q, want %q", got, test.want)
				}
				if got := summary.RecordSets["example.com"].Status; got != test.want {
					t.Errorf("record set: got %q, want %q", got, test.want)
				}
				if got := summary.Names["example.com"].Status; got != test.want {
					t.Errorf("name: got %q, want %q", got, test.want)
				}
				if summary.Complete != test.complete {
					t.Errorf("complete: got %t, want %t", summary.Complete, test.complete)
				}
				slices.Reverse(test.challenges)
			}
		})
	}
}

func TestSummarizeComplete(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		challenges []Challenge
		want       bool
	}{
		"no challenge": {},
		"no name":      {challenges: []Challenge{{Status: StatusValidated}}, want: true},
		"empty name":   {challenges: []Challenge{{Names: []string{""}, Status: StatusValidated}}, want: true},
		"a nameless one is open": {
			challenges: []Challenge{{Domain: "a.example", Status: StatusValidated}, {Status: StatusPending}},
		},
		"a nameless one says nothing": {
			challenges: []Challenge{{Domain: "a.example", Status: StatusValidated}, {}},
		},
		"all": {challenges: []Challenge{{Domain: "a.example", Status: StatusValidated}, {Domain: "b.example", Status: StatusValidated}},
			want: true},
		"all but one": {challenges: []Challenge{{Domain: "a.example", Status: StatusValidated}, {Domain: "b.example", Status: StatusPending}}},
		"still publishing": {
			challenges: []Challenge{{Domain: "a.example", Status: StatusValidated, Publish: txt("@", "t")}}, want: true,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			summary, err := Summarize(test.challenges, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if summary.Complete != test.want {
				t.Errorf("got %t, want %t", summary.Complete, test.want)
			}
		})
	}
}

func TestSummarizeNames(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		challenges []Challenge
		want       map[string]NameStatus
	}{
		"exactly as ordered": {
			challenges: []Challenge{{Domain: "example.com", Names: []string{"WWW.Example.com.", "*.example.com", "", "bücher.example"},
				Status: StatusPending}},
			want: map[string]NameStatus{
				"WWW.Example.com.": {Channel: ChannelUnknown, Status: StatusPending},
				"*.example.com":    {Channel: ChannelUnknown, Status: StatusPending},
				"bücher.example":   {Channel: ChannelUnknown, Status: StatusPending},
			},
		},
		"the least advanced with all it tells": {
			challenges: []Challenge{
				{Domain: "example.com", Status: StatusValidated, Method: ptr("a"), ValidatedUntil: ptr("2027-01-01"), Publish: txt("@", "a")},
				{Domain: "example.com", Status: StatusPending, Method: ptr("b"), Publish: txt("@", "b")},
			},
			want: map[string]NameStatus{"example.com": {Channel: ChannelUnknown, Status: StatusPending, Method: ptr("b"),
				RecordKey: ptr("example.com#2")}},
		},
		"the first of equals": {
			challenges: []Challenge{
				{Domain: "example.com", Status: StatusPending, Method: ptr("a"), Publish: txt("@", "a")},
				{Domain: "example.com", Status: StatusPending, Method: ptr("b"), Publish: txt("@", "b")},
			},
			want: map[string]NameStatus{"example.com": {Channel: ChannelUnknown, Status: StatusPending, Method: ptr("a"),
				RecordKey: ptr("example.com")}},
		},
		"the record of the other": {
			challenges: []Challenge{
				{Domain: "example.com", Status: StatusFailed, Method: ptr("email")},
				{Domain: "example.com", Status: StatusPending, Method: ptr("dns"), Publish: txt("@", "t")},
			},
			want: map[string]NameStatus{"example.com": {Channel: ChannelUnknown, Status: StatusFailed, Method: ptr("email"),
				RecordKey: ptr("example.com")}},
		},
		"key of a record shared with a parent": {
			challenges: []Challenge{
				{Domain: "www.example.com", Status: StatusPending, Publish: txt("example.com", "t")},
				{Domain: "example.com", Status: StatusPending, Publish: txt("example.com", "t")},
			},
			want: map[string]NameStatus{
				"www.example.com": {Channel: ChannelUnknown, Status: StatusPending, RecordKey: ptr("example.com")},
				"example.com":     {Channel: ChannelUnknown, Status: StatusPending, RecordKey: ptr("example.com")},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			summary, err := Summarize(test.challenges, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, summary.Names); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestSummarizeExpiry(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		expiries []*string
		want     *string
	}{
		"none":            {[]*string{nil, nil}, nil},
		"only one":        {[]*string{nil, ptr("2026-01-01"), nil}, ptr("2026-01-01")},
		"as text":         {[]*string{ptr("tomorrow"), ptr("today")}, ptr("today")},
		"dates":           {[]*string{ptr("2026-01-02"), ptr("2026-01-01")}, ptr("2026-01-01")},
		"by time":         {[]*string{ptr("2026-01-01T00:30:00Z"), ptr("2026-01-01T01:00:00+02:00")}, ptr("2026-01-01T01:00:00+02:00")},
		"equal times":     {[]*string{ptr("2026-01-01T01:00:00+01:00"), ptr("2026-01-01T00:00:00Z")}, ptr("2026-01-01T00:00:00Z")},
		"fractions":       {[]*string{ptr("2026-01-01T00:00:00.5Z"), ptr("2026-01-01T00:00:00.25Z")}, ptr("2026-01-01T00:00:00.25Z")},
		"in a date":       {[]*string{ptr("2026-01-01T23:59:59Z"), ptr("2026-01-01")}, ptr("2026-01-01T23:59:59Z")},
		"after a date":    {[]*string{ptr("2026-01-02T00:00:01Z"), ptr("2026-01-01")}, ptr("2026-01-01")},
		"without a zone":  {[]*string{ptr("2026-01-01T02:30:00+02:00"), ptr("2026-01-01 00:00:00")}, ptr("2026-01-01 00:00:00")},
		"empty is a text": {[]*string{ptr("2026-01-01"), ptr("")}, ptr("")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 2 {
				var challenges []Challenge
				for _, expiry := range test.expiries {
					challenges = append(challenges, Challenge{Domain: "example.com", Publish: &Publication{Type: "TXT", Value: "t", ExpiresAt: expiry}})
				}
				summary, err := Summarize(challenges, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, summary.Records["example.com"].ExpiresAt); diff != "" {
					t.Errorf("record (-want +got)\n%s", diff)
				}
				if diff := cmp.Diff(test.want, summary.RecordSets["example.com"].ExpiresAt); diff != "" {
					t.Errorf("record set (-want +got)\n%s", diff)
				}
				slices.Reverse(test.expiries)
			}
		})
	}
}

func TestSummarizeErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		challenges []Challenge
		zones      []string
		want       error
	}{
		"all records outside the zones": {
			challenges: []Challenge{
				{Domain: "a.example.org", Publish: txt("@", "t")},
				{Domain: "www.example.com", Publish: txt("@", "t")},
				{Domain: "b.example.org", Publish: txt("@", "t")},
				{Domain: "*.a.example.org", Publish: txt("@", "t")},
			},
			zones: []string{"example.net", "example.com"},
			want:  &ZoneError{Names: []string{"a.example.org", "b.example.org"}, Zones: []string{"example.com", "example.net"}},
		},
		"empty zones": {
			challenges: []Challenge{{Domain: "example.com", Publish: txt("@", "t")}},
			zones:      []string{},
			want:       &ZoneError{Names: []string{"example.com"}, Zones: []string{}},
		},
		"two targets of one CNAME": {
			challenges: []Challenge{
				{Domain: "example.com", Publish: cname("_dnsauth", "a.dcv.digicert.com"), Order: "order 1"},
				{Domain: "example.com", Publish: cname("_dnsauth", "b.dcv.digicert.com"), Order: "order 2"},
			},
			want: &ConflictError{Owner: "_dnsauth.example.com", Records: []ConflictingRecord{
				{"CNAME", "a.dcv.digicert.com", "order 1"}, {"CNAME", "b.dcv.digicert.com", "order 2"},
			}},
		},
		"a CNAME beside a TXT": {
			challenges: []Challenge{
				{Domain: "example.com", Publish: txt("_dnsauth", "t"), Order: "order 1"},
				{Domain: "example.com", Publish: cname("_dnsauth", "b.dcv.digicert.com"), Order: "order 2"},
			},
			want: &ConflictError{Owner: "_dnsauth.example.com", Records: []ConflictingRecord{
				{"TXT", "t", "order 1"}, {"CNAME", "b.dcv.digicert.com", "order 2"},
			}},
		},
		"a CNAME at the apex of a zone": {
			challenges: []Challenge{{Domain: "example.com", Publish: cname("_dnsauth", "a.dcv.digicert.com"), Order: "order 1"}},
			zones:      []string{"_dnsauth.example.com"},
			want: &ConflictError{Owner: "_dnsauth.example.com", Zone: "_dnsauth.example.com", Records: []ConflictingRecord{
				{"CNAME", "a.dcv.digicert.com", "order 1"},
			}},
		},
		"orders outside the zones": {
			challenges: []Challenge{
				{Domain: "example.com", Publish: txt("@", "t"), Order: "order 1"},
				{Domain: "example.org", Publish: txt("@", "t"), Order: "order 2"},
				{Domain: "example.org", Publish: txt("@", "u"), Order: "order 3"},
			},
			zones: []string{"example.com"},
			want:  &ZoneError{Names: []string{"example.org"}, Zones: []string{"example.com"}, Orders: []string{"order 2", "order 3"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			summary, err := Summarize(test.challenges, Options{Zones: test.zones})
			if diff := cmp.Diff(test.want, err); diff != "" {
				t.Errorf("error (-want +got)\n%s", diff)
			}
			want := Summary{Records: map[string]Record{}, RecordSets: map[string]RecordSet{}, Names: map[string]NameStatus{}}
			if diff := cmp.Diff(want, summary); diff != "" {
				t.Errorf("summary (-want +got)\n%s", diff)
			}
		})
	}
}

// TestSummarizeEmptyZones makes sure that zones which hold nothing are no error where there is nothing to hold.
func TestSummarizeEmptyZones(t *testing.T) {
	t.Parallel()
	if _, err := Summarize([]Challenge{{Domain: "example.com"}}, Options{Zones: []string{}}); err != nil {
		t.Error(err)
	}
}

// TestSummarizeKeepsArgument makes sure that the caller's challenges are read only.
func TestSummarizeKeepsArgument(t *testing.T) {
	t.Parallel()
	fresh := func() []Challenge {
		return []Challenge{
			{Domain: "example.com", Names: []string{"b.example.com", "", "a.example.com"}, Publish: txt("@", "t")},
			{Domain: "example.com", Names: []string{"c.example.com"}, Publish: txt("@", "t")},
		}
	}
	challenges := fresh()
	if _, err := Summarize(challenges, Options{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fresh(), challenges); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSets(t *testing.T) {
	t.Parallel()
	got := Sets(map[string]Record{
		"www.example.com": {
			Type: "TXT", FQDN: "example.com", FQDNDot: "example.com.", Zone: ptr("example.com"), RelativeName: ptr("@"),
			Value: "a", RData: `"a"`, Domains: []string{"www.example.com"}, Status: StatusValidated, ExpiresAt: ptr("2026-01-02"),
		},
		"example.com": {
			Type: "TXT", FQDN: "example.com", FQDNDot: "example.com.",
			Value: "b", RData: `"b"`, Domains: []string{"example.com", "*.example.com"}, Status: StatusPending, ExpiresAt: ptr("2026-01-03"),
		},
		"example.com#2": {
			Type: "TXT", FQDN: "example.com", FQDNDot: "example.com.",
			Value: "a", RData: `"a"`, Domains: []string{"example.com"}, Status: StatusValidated,
		},
		"example.com#10": {Type: "TXT", FQDN: "_b.example.com", FQDNDot: "_b.example.com.", Value: "a", RData: `"a"`, Status: StatusFailed},
		"example.com#9":  {Type: "TXT", FQDN: "_a.example.com", FQDNDot: "_a.example.com.", Value: "a", RData: `"a"`, Status: StatusFailed},
	})
	want := map[string]RecordSet{
		"example.com": {
			Type: "TXT", FQDN: "example.com", FQDNDot: "example.com.", Zone: ptr("example.com"), RelativeName: ptr("@"),
			Values: []string{"a", "b"}, RDatas: []string{`"a"`, `"b"`},
			Domains: []string{"*.example.com", "example.com", "www.example.com"}, Status: StatusPending, ExpiresAt: ptr("2026-01-02"),
		},
		"example.com#9": {
			Type: "TXT", FQDN: "_a.example.com", FQDNDot: "_a.example.com.",
			Values: []string{"a"}, RDatas: []string{`"a"`}, Domains: []string{}, Status: StatusFailed,
		},
		"example.com#10": {
			Type: "TXT", FQDN: "_b.example.com", FQDNDot: "_b.example.com.",
			Values: []string{"a"}, RDatas: []string{`"a"`}, Domains: []string{}, Status: StatusFailed,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := Sets(nil); got == nil || len(got) != 0 {
		t.Errorf("Sets(nil) = %#v, want an empty map", got)
	}
}

func FuzzSummarize(f *testing.F) {
	f.Add("example.com", "TXT", "@", "x9Kq", "*.Example.com", "txt", "example.com.", "X9Kq", "example.com")
	f.Add("*.bücher.example", "CNAME", "_dnsauth", "T.dcv.digicert.com.", "bücher.example", "cname", "_DNSauth.Bücher.example",
		"t.dcv.digicert.com", "Bücher.example.")
	f.Add("", "TXT", "_x.example.com", "", "", "TXT", "", "\"a\" \"b\"", "")
	f.Add("a#2", "TXT", "a.example", "a", "a", "TXT", "b.example", "\x00\xff", ".")
	f.Add("a", "CAA", "a.example", "0 issue \"x\"", "a", "CNAME", "a.example", "b c", "example")
	f.Fuzz(func(t *testing.T, domain1, type1, name1, value1, domain2, type2, name2, value2, zone string) {
		challenges := []Challenge{
			{Domain: domain1, Status: StatusPending, Publish: &Publication{Type: type1, Name: name1, Value: value1}},
			{Domain: domain2, Names: []string{domain1, domain2}, Status: StatusValidated, Publish: &Publication{Type: type2, Name: name2,
				Value: value2}},
			{Domain: domain1, Status: StatusFailed, Publish: &Publication{Type: type1, Name: name2, Value: value1}},
		}
		for _, zones := range [][]string{nil, {zone}} {
			summary, err := Summarize(challenges, Options{Zones: zones})
			var (
				conflictErr *ConflictError
				zoneErr     *ZoneError
			)
			if err != nil {
				if !errors.As(err, &conflictErr) && (zones == nil || !errors.As(err, &zoneErr)) {
					t.Errorf("unexpected error %v", err)
				}
				if strings.ContainsAny(err.Error(), "\n\r\x00\x1b") {
					t.Errorf("control characters in %q", err)
				}
				continue
			}
			for key, r := range summary.Records {
				if r.FQDN != strings.ToLower(r.FQDN) || invalidName(r.FQDN) != "" || r.FQDNDot != r.FQDN+"." {
					t.Errorf("%q has the owner name %q, %q", key, r.FQDN, r.FQDNDot)
				}
				if r.Type == "TXT" {
					if r.Value != value1 && r.Value != value2 {
						t.Errorf("%q has the value %q, which is neither %q nor %q", key, r.Value, value1, value2)
					}
					if got, ok := UnquoteTXT(r.RData); !ok || got != r.Value {
						t.Errorf("%q has the rdata %s for %q", key, r.RData, r.Value)
					}
				}
				if (r.Zone == nil) != (zones == nil) || (r.RelativeName == nil) != (zones == nil) {
					t.Errorf("%q is %v in the zone %v", key, r.RelativeName, r.Zone)
				}
			}
			for name, status := range summary.Names {
				if status.RecordKey == nil {
					if status.Reason == nil {
						t.Errorf("%q has neither a record nor a reason", name)
					}
				} else if _, ok := summary.Records[*status.RecordKey]; !ok {
					t.Errorf("%q has the record %q, which does not exist", name, *status.RecordKey)
				}
			}
			again, err := Summarize(challenges, Options{Zones: zones})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(summary, again); diff != "" {
				t.Errorf("the second time differs (-first +second)\n%s", diff)
			}
			if strings.Contains(domain1+domain2, "#") {
				continue
			}
			again, err = Summarize(republish(summary.Records), Options{Zones: zones})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(summary.Records, again.Records); diff != "" {
				t.Errorf("not idempotent (-first +second)\n%s", diff)
			}
			if diff := cmp.Diff(summary.RecordSets, again.RecordSets); diff != "" {
				t.Errorf("not idempotent (-first +second)\n%s", diff)
			}
		}
	})
}

// republish turns records back into challenges, so that summarizing them must give the same records.
func republish(records map[string]Record) (challenges []Challenge) {
	for _, key := range SortedKeys(records) {
		r := records[key]
		base, _ := SplitKey(key)
		challenges = append(challenges, Challenge{
			Domain: base, Names: r.Domains, Status: r.Status,
			Publish: &Publication{Type: r.Type, Name: r.FQDNDot, Value: r.Value, ExpiresAt: r.ExpiresAt},
		})
	}
	return challenges
}

// TestSummarizeRefuses holds that a record which is not handed out leaves its names without one, with the reason, and spoils
// no other.
func TestSummarizeRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		odd    Challenge
		reason string
	}{
		"an IP address": {Challenge{Domain: "192.0.2.1", Publish: txt("_dnsauth.192.0.2.1", "t")}, "is an IP address"},
		"too long": {Challenge{Domain: longest, Publish: cname("_dnsauth."+longest, "t.dcv.digicert.com")},
			"is longer than 253 bytes"},
		"a star inside":   {Challenge{Domain: "a.*.example.com", Publish: txt("_dnsauth.a.*.example.com", "t")}, "contains '*'"},
		"a refused owner": {Challenge{Domain: "b.example.com", Publish: txt("_dmarc.b.example.com", "t")}, "is not one of domain validation"},
		"a placeholder":   {Challenge{Domain: "b.example.com", Publish: txt("_dnsauth", "null")}, "is a placeholder"},
		"a bad target":    {Challenge{Domain: "b.example.com", Publish: cname("_dnsauth", "a b")}, "contains ' '"},
		"no domain":       {Challenge{Publish: txt("@", "t")}, "is empty"},
		"a key of others": {Challenge{Domain: "example.com#2", Publish: txt("_a0b1.example.com", "t")}, "contains '#'"},
		"a star alone":    {Challenge{Domain: "*.", Publish: txt("_a0b1.example.com", "t")}, "contains '*'"},
		"another's domain": {Challenge{Domain: "victim.example", Names: []string{"b.example.com"}, Publish: txt("_dnsauth", "t")},
			`is neither "b.example.com" nor a parent of it`},
		"an odd token":        {Challenge{Domain: "b.example.com", Publish: txt("_dnsauth", "t\x1b[31m")}, "holds a character that no token has"},
		"a control character": {Challenge{Domain: "a\x1bb.example.com", Publish: txt("_a0b1.example.com", "t")}, `contains '\x1b'`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.odd.Order = "order 7"
			summary, err := Summarize([]Challenge{
				{Domain: "a.example.com", Status: StatusPending, Publish: txt("@", "t")}, test.odd,
			}, Options{Zones: []string{"example.com"}})
			if err != nil {
				t.Fatal(err)
			}
			if len(summary.Records) != 1 || summary.Records["a.example.com"].Value != "t" {
				t.Errorf("records %v", summary.Records)
			}
			if len(summary.Refused) != 1 || summary.Refused[0].Order != "order 7" || !strings.Contains(summary.Refused[0].Err.Error(), test.reason) {
				t.Fatalf("refused %v, expected %q", summary.Refused, test.reason)
			}
			for _, name := range test.odd.names() {
				status := summary.Names[name]
				if status.RecordKey != nil || status.Reason == nil || !strings.Contains(*status.Reason, test.reason) {
					t.Errorf("%q: %+v", name, status)
				}
			}
		})
	}
}

// TestSummarizeByOwner keys the records of several orders by owner name and type, so that they share record sets.
func TestSummarizeByOwner(t *testing.T) {
	t.Parallel()
	summary, err := Summarize([]Challenge{
		{Domain: "example.com", Order: "order 1", Publish: txt("_dnsauth", "t")},
		{Domain: "example.com", Order: "order 2", Publish: txt("_dnsauth", "u")},
		{Domain: "*.example.com", Order: "order 3", Publish: txt("_dnsauth", "t")},
		{Domain: "example.com", Order: "order 4", Publish: cname("_a0b1.example.com", "x.sectigo.com")},
	}, Options{ByOwner: true})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"_a0b1.example.com CNAME", "_dnsauth.example.com TXT", "_dnsauth.example.com TXT#2"},
		SortedKeys(summary.Records)); diff != "" {
		t.Errorf("records (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"_a0b1.example.com CNAME", "_dnsauth.example.com TXT"}, SortedKeys(summary.RecordSets)); diff != "" {
		t.Errorf("record sets (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"t", "u"}, summary.RecordSets["_dnsauth.example.com TXT"].Values); diff != "" {
		t.Errorf("values (-want +got)\n%s", diff)
	}
}
