// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ptr[T any](v T) *T { return &v }

func TestNewRecord(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	tests := map[string]struct {
		publication Publication
		domain      string
		zones       []string
		want        Record
	}{
		"TXT at the apex": {
			publication: Publication{Type: "TXT", Name: "example.com", Value: "x9Kq", ExpiresAt: ptr("2026-01-02T03:04:05.123456Z")},
			domain:      "example.com",
			zones:       []string{"example.com"},
			want: Record{
				Type: "TXT", FQDN: "example.com", FQDNDot: "example.com.", Zone: ptr("example.com"), RelativeName: ptr("@"),
				Value: "x9Kq", ValueDot: "x9Kq", ValueQuoted: `"x9Kq"`, RData: `"x9Kq"`,
				Domains: []string{"example.com"}, Status: StatusUnknown, ExpiresAt: ptr("2026-01-02T03:04:05.123456Z"),
			},
		},
		"CNAME": {
			publication: Publication{Type: "cname", Name: "_DNSauth.WWW.example.com.", Value: "X9kq.DCV.digicert.com."},
			domain:      "www.example.com",
			zones:       []string{"example.net.", "Example.com."},
			want: Record{
				Type: "CNAME", FQDN: "_dnsauth.www.example.com", FQDNDot: "_dnsauth.www.example.com.", Zone: ptr("example.com"),
				RelativeName: ptr("_dnsauth.www"),
				Value:        "X9kq.DCV.digicert.com", ValueDot: "X9kq.DCV.digicert.com.", ValueQuoted: "X9kq.DCV.digicert.com",
				RData:   "X9kq.DCV.digicert.com.",
				Domains: []string{"www.example.com"}, Status: StatusUnknown,
			},
		},
		"no zones": {
			publication: Publication{Type: "txt", Name: "@", Value: "t"},
			domain:      "*.Example.com.",
			want: Record{
				Type: "TXT", FQDN: "example.com", FQDNDot: "example.com.",
				Value: "t", ValueDot: "t", ValueQuoted: `"t"`, RData: `"t"`,
				Domains: []string{"*.Example.com."}, Status: StatusUnknown,
			},
		},
		"TXT keeps its bytes": {
			publication: Publication{Type: "TXT", Name: "", Value: ` "A" \ é. `},
			domain:      "example.com",
			want: Record{
				Type: "TXT", FQDN: "example.com", FQDNDot: "example.com.",
				Value: ` "A" \ é. `, ValueDot: ` "A" \ é. `, ValueQuoted: `" \"A\" \\ \195\169. "`, RData: `" \"A\" \\ \195\169. "`,
				Domains: []string{"example.com"}, Status: StatusUnknown,
			},
		},
		"TXT that looks quoted": {
			publication: Publication{Type: "TXT", Name: "", Value: `"A"`},
			domain:      "example.com",
			want: Record{
				Type: "TXT", FQDN: "example.com", FQDNDot: "example.com.",
				Value: `"A"`, ValueDot: `"A"`, ValueQuoted: `"\"A\""`, RData: `"\"A\""`,
				Domains: []string{"example.com"}, Status: StatusUnknown,
			},
		},
		"long TXT": {
			publication: Publication{Type: "TXT", Name: "example.com", Value: long},
			domain:      "example.com",
			want: Record{
				Type: "TXT", FQDN: "example.com", FQDNDot: "example.com.",
				Value: long, ValueDot: long, ValueQuoted: `"` + long + `"`, RData: `"` + long[:255] + `" "` + long[255:] + `"`,
				Domains: []string{"example.com"}, Status: StatusUnknown,
			},
		},
		"label relative to the domain": {
			publication: Publication{Type: "CNAME", Name: "_DNSauth", Value: "t.dcv.digicert.com"},
			domain:      "*.bücher.example",
			want: Record{
				Type: "CNAME", FQDN: "_dnsauth.xn--bcher-kva.example", FQDNDot: "_dnsauth.xn--bcher-kva.example.",
				Value: "t.dcv.digicert.com", ValueDot: "t.dcv.digicert.com.", ValueQuoted: "t.dcv.digicert.com", RData: "t.dcv.digicert.com.",
				Domains: []string{"*.bücher.example"}, Status: StatusUnknown,
			},
		},
		"label with a dot is absolute": {
			publication: Publication{Type: "TXT", Name: "example.com.", Value: "t"},
			domain:      "www.example.com",
			want: Record{
				Type: "TXT", FQDN: "example.com", FQDNDot: "example.com.",
				Value: "t", ValueDot: "t", ValueQuoted: `"t"`, RData: `"t"`,
				Domains: []string{"www.example.com"}, Status: StatusUnknown,
			},
		},
		"wildcard owner name": {
			publication: Publication{Type: "TXT", Name: "*.example.com", Value: "t"},
			domain:      "*.example.com",
			want: Record{
				Type: "TXT", FQDN: "example.com", FQDNDot: "example.com.",
				Value: "t", ValueDot: "t", ValueQuoted: `"t"`, RData: `"t"`,
				Domains: []string{"*.example.com"}, Status: StatusUnknown,
			},
		},
		"U-labels": {
			publication: Publication{Type: "CNAME", Name: "_a.Bücher.example", Value: "Straße.example"},
			domain:      "bücher.example",
			want: Record{
				Type: "CNAME", FQDN: "_a.xn--bcher-kva.example", FQDNDot: "_a.xn--bcher-kva.example.",
				Value: "xn--strae-oqa.example", ValueDot: "xn--strae-oqa.example.", ValueQuoted: "xn--strae-oqa.example",
				RData:   "xn--strae-oqa.example.",
				Domains: []string{"bücher.example"}, Status: StatusUnknown,
			},
		},

		"no domain, absolute name": {
			publication: Publication{Type: "TXT", Name: "example.com", Value: "t", AlsoAccepted: []string{"_DNSauth.Example.com."}},
			want: Record{
				Type: "TXT", FQDN: "example.com", FQDNDot: "example.com.", Value: "t", ValueDot: "t", ValueQuoted: `"t"`, RData: `"t"`,
				AlsoAccepted: []string{"_dnsauth.example.com"},
				Domains:      []string{}, Status: StatusUnknown,
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := NewRecord(test.publication, test.domain, test.zones)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestNewRecordErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		publication Publication
		domain      string
		zones       []string
		want        error
	}{
		"owner name with a space": {
			publication: Publication{Type: "TXT", Name: "www example.com", Value: "t"}, domain: "example.com",
			want: &NameError{Domain: "example.com", Field: "owner name", Text: "www example.com", Reason: "contains ' ', which has no place in a " +
				"DNS name"},
		},
		"owner name with a newline": {
			publication: Publication{Type: "TXT", Name: "a.example.com\n$TTL 1", Value: "t"}, domain: "example.com",
			want: &NameError{Domain: "example.com", Field: "owner name", Text: "a.example.com\n$TTL 1", Reason: `contains '\n', which has no ` +
				`place in a DNS name`},
		},
		"wildcard inside": {
			publication: Publication{Type: "TXT", Name: "_dnsauth.*.example.com", Value: "t"}, domain: "*.example.com",
			want: &NameError{Domain: "*.example.com", Field: "owner name", Text: "_dnsauth.*.example.com", Reason: `contains '*', which has no ` +
				`place in a DNS name`},
		},
		"empty label": {
			publication: Publication{Type: "TXT", Name: "a..example.com", Value: "t"}, domain: "example.com",
			want: &NameError{Domain: "example.com", Field: "owner name", Text: "a..example.com", Reason: "has an empty label"},
		},
		"root": {
			publication: Publication{Type: "TXT", Name: ".", Value: "t"}, domain: "example.com",
			want: &NameError{Domain: "example.com", Field: "owner name", Text: ".", Reason: "is empty"},
		},
		"long label": {
			publication: Publication{Type: "TXT", Name: strings.Repeat("a", 64), Value: "t"}, domain: "example.com",
			want: &NameError{Domain: "example.com", Field: "owner name", Text: strings.Repeat("a", 64), Reason: "has a label longer than 63 bytes"},
		},
		"too long with the domain": {
			publication: Publication{Type: "TXT", Name: "_a", Value: "t"}, domain: longest,
			want: &NameError{Domain: longest, Field: "owner name", Text: "_a", Reason: "is longer than 253 bytes"},
		},
		"relative to a domain that is none": {
			publication: Publication{Type: "TXT", Name: "@", Value: "t"}, domain: "exa mple.com",
			want: &NameError{Domain: "exa mple.com", Field: "owner name", Text: "exa mple.com", Reason: "contains ' ', which has no place in a " +
				"DNS name"},
		},
		"relative to no domain": {
			publication: Publication{Type: "TXT", Name: "_dnsauth", Value: "t"},
			want:        &NameError{Field: "domain", Reason: "is empty"},
		},
		"TXT without a value": {
			publication: Publication{Type: "TXT", Name: "_dnsauth", Value: ""}, domain: "example.com",
			want: &NameError{Domain: "example.com", Field: "value", Text: "", Reason: "is empty"},
		},
		"CNAME at the apex of a zone": {
			publication: Publication{Type: "CNAME", Name: "example.com.", Value: "t.example"}, domain: "example.com",
			zones: []string{"example.com", "com"},
			want:  &ConflictError{Owner: "example.com", Zone: "example.com", Records: []ConflictingRecord{{Type: "CNAME", Value: "t.example"}}},
		},
		"CNAME without target": {
			publication: Publication{Type: "CNAME", Name: "_dnsauth", Value: ""}, domain: "example.com",
			want: &NameError{Domain: "example.com", Field: "CNAME target", Text: "", Reason: "is empty"},
		},
		"CNAME target with a space": {
			publication: Publication{Type: "CNAME", Name: "_dnsauth", Value: "a.example.com "}, domain: "example.com",
			want: &NameError{Domain: "example.com", Field: "CNAME target", Text: "a.example.com ", Reason: "contains ' ', which has no place in " +
				"a DNS name"},
		},
		"wildcard CNAME target": {
			publication: Publication{Type: "CNAME", Name: "_dnsauth", Value: "*.example.com"}, domain: "example.com",
			want: &NameError{Domain: "example.com", Field: "CNAME target", Text: "*.example.com", Reason: "contains '*', which has no place in a " +
				"DNS name"},
		},
		"no type": {
			publication: Publication{Name: "example.com", Value: "t"}, domain: "example.com",
			want: &NameError{Domain: "example.com", Field: "record type", Text: "", Reason: "is neither TXT nor CNAME"},
		},
		"type with a newline": {
			publication: Publication{Type: "A\n", Name: "example.com", Value: "t"}, domain: "example.com",
			want: &NameError{Domain: "example.com", Field: "record type", Text: "A\n", Reason: "is neither TXT nor CNAME"},
		},
		"outside the zones": {
			publication: Publication{Type: "TXT", Name: "@", Value: "t"}, domain: "example.com", zones: []string{"example.net"},
			want: &ZoneError{Names: []string{"example.com"}, Zones: []string{"example.net"}},
		},
		"empty zones": {
			publication: Publication{Type: "TXT", Name: "@", Value: "t"}, domain: "example.com", zones: []string{},
			want: &ZoneError{Names: []string{"example.com"}, Zones: []string{}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := NewRecord(test.publication, test.domain, test.zones)
			if diff := cmp.Diff(test.want, err); diff != "" {
				t.Errorf("error (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(Record{}, got); diff != "" {
				t.Errorf("record (-want +got)\n%s", diff)
			}
		})
	}
}

func TestRecordInZones(t *testing.T) {
	t.Parallel()
	record, err := NewRecord(Publication{Type: "TXT", Name: "_a", Value: "t"}, "www.example.com", []string{"example.com"})
	if err != nil {
		t.Fatal(err)
	}
	moved, err := record.InZones([]string{"www.example.com", "example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if *moved.Zone != "www.example.com" || *moved.RelativeName != "_a" {
		t.Errorf("got %q in %q, want _a in www.example.com", *moved.RelativeName, *moved.Zone)
	}
	if *record.Zone != "example.com" || *record.RelativeName != "_a.www" {
		t.Errorf("the original changed: %q in %q", *record.RelativeName, *record.Zone)
	}
	without, err := moved.InZones(nil)
	if err != nil {
		t.Fatal(err)
	}
	if without.Zone != nil || without.RelativeName != nil {
		t.Errorf("got %v and %v without zones, want nil", without.Zone, without.RelativeName)
	}
	var zoneErr *ZoneError
	if _, err := record.InZones([]string{}); !errors.As(err, &zoneErr) {
		t.Errorf("got %v for an empty list of zones, want a ZoneError", err)
	}
}
