// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func TestZoneFile(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		records map[string]Record
		ttl     int
		want    string
	}{
		"none": {},
		"sorted": {
			records: map[string]Record{
				"www.example.com": {Type: "CNAME", FQDN: "_dnsauth.www.example.com", Value: "t.dcv.digicert.com"},
				"example.com":     {Type: "TXT", FQDN: "example.com", Value: "x9Kq"},
				"example.com#2":   {Type: "TXT", FQDN: "example.com", Value: "A"},
			},
			ttl: 300,
			want: "_dnsauth.www.example.com.\t300\tIN\tCNAME\tt.dcv.digicert.com.\n" +
				"example.com.\t300\tIN\tTXT\t\"A\"\n" +
				"example.com.\t300\tIN\tTXT\t\"x9Kq\"\n",
		},
		"duplicates": {
			records: map[string]Record{
				"a": {Type: "TXT", FQDN: "example.com", Value: "t"},
				"b": {Type: "txt", FQDN: "Example.com.", Value: "t"},
			},
			ttl:  60,
			want: "example.com.\t60\tIN\tTXT\t\"t\"\n",
		},
		"long and escaped": {
			records: map[string]Record{"example.com": {Type: "TXT", FQDN: "example.com", Value: strings.Repeat("x", 255) + "\"\n"}},
			ttl:     1,
			want:    "example.com.\t1\tIN\tTXT\t\"" + strings.Repeat("x", 255) + "\" \"\\\"\\010\"\n",
		},
		"negative TTL": {
			records: map[string]Record{"example.com": {Type: "TXT", FQDN: "example.com", Value: "t"}},
			ttl:     -1,
			want:    "example.com.\t0\tIN\tTXT\t\"t\"\n",
		},
		"TTL beyond 31 bits": {
			records: map[string]Record{"example.com": {Type: "TXT", FQDN: "example.com", Value: "t"}},
			ttl:     1 << 31,
			want:    "example.com.\t2147483647\tIN\tTXT\t\"t\"\n",
		},
		"what cannot be written": {
			records: map[string]Record{
				"a\nb IN A 192.0.2.1": {Type: "TXT", FQDN: "example.com\n", Value: "t"},
				"c":                   {Type: "CNAME", FQDN: "c.example.com", Value: "x.example.com.\nd A 192.0.2.1"},
				"d":                   {Type: "A\nB", FQDN: "d.example.com", RData: "192.0.2.1"},
				"e":                   {Type: "A", FQDN: "e.example.com", RData: "192.0.2.1\nf A 192.0.2.2"},
				"k":                   {Type: "TXT", FQDN: "k.example.com", Value: "t"},
			},
			ttl: 300,
			want: `; "a\nb IN A 192.0.2.1" left out: the owner name "example.com\n" contains '\n', which has no place in a DNS name
; "c" left out: the CNAME target "x.example.com.\nd A 192.0.2.1" contains '\n', which has no place in a DNS name
; "d" left out: its type "A\nB" is neither TXT nor CNAME
; "e" left out: its type "A" is neither TXT nor CNAME
` + "k.example.com.\t300\tIN\tTXT\t\"t\"\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ZoneFile(test.records, test.ttl)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			parseZone(t, got)
		})
	}
}

// TestZoneFileReadBack reads the text with a DNS library under a foreign $ORIGIN and expects the records that went in.
func TestZoneFileReadBack(t *testing.T) {
	t.Parallel()
	var challenges []Challenge
	values := []string{"x9Kq", `"quoted"`, "a;b (c) $d @", "\\\"\n\r\t\x00\xff", "é", strings.Repeat("long", 200), strings.Repeat(`\`, 256)}
	for _, value := range values {
		challenges = append(challenges, Challenge{Domain: "example.com", Publish: &Publication{Type: "TXT", Name: "@", Value: value}})
	}
	challenges = append(challenges, Challenge{Domain: "*.bücher.example", Publish: &Publication{Type: "CNAME", Name: "_dnsauth",
		Value: "T.dcv.digicert.com."}})
	records := make(map[string]Record)
	for i, c := range challenges {
		record, err := NewRecord(*c.Publish, c.Domain, nil)
		if err != nil {
			t.Fatal(err)
		}
		records[fmt.Sprint(i)] = record
	}

	var gotValues []string
	for _, rr := range parseZone(t, ZoneFile(records, 300)) {
		if rr.Header().Ttl != 300 {
			t.Errorf("TTL of %v is not 300", rr)
		}
		switch rr := rr.(type) {
		case *dns.TXT:
			if rr.Hdr.Name != "example.com." {
				t.Errorf("owner name %q", rr.Hdr.Name)
			}
			gotValues = append(gotValues, txtOnWire(t, rr))
		case *dns.CNAME:
			if rr.Hdr.Name != "_dnsauth.xn--bcher-kva.example." || rr.Target != "T.dcv.digicert.com." {
				t.Errorf("got %v", rr)
			}
		default:
			t.Errorf("unexpected %v", rr)
		}
	}
	slices.Sort(values)
	slices.Sort(gotValues)
	if diff := cmp.Diff(values, gotValues); diff != "" {
		t.Errorf("values (-want +got)\n%s", diff)
	}
}

// FuzzZoneFile puts arbitrary text into a record made by hand and expects no more than one record to come out.
func FuzzZoneFile(f *testing.F) {
	f.Add("example.com", "TXT", "example.com", "x9Kq", `"x9Kq"`)
	f.Add("a\nb A 192.0.2.1", "A", "example.com", "", "192.0.2.1\nb A 192.0.2.2")
	f.Add("k", "A", "example.com", "", "( 192.0.2.1")
	f.Add("k", "CNAME", "example.com", "a.example\n$INCLUDE x", "")
	f.Add("k", "CAA", "example.com", "", `0 issue "a\"; b"`)
	f.Add("k", "TXT", "$INCLUDE", "\"\n", "")
	f.Fuzz(func(t *testing.T, key, typ, fqdn, value, rdata string) {
		records := map[string]Record{key: {Type: typ, FQDN: fqdn, Value: value, RData: rdata}}
		text := ZoneFile(records, 300)
		if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") || strings.Contains(text, "\r") {
			t.Fatalf("not one line: %q", text)
		}
		parser := dns.NewZoneParser(strings.NewReader(text), "origin.test.", "")
		var got []dns.RR
		for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
			got = append(got, rr)
		}
		// Data of other types is the caller's own and may be wrong for the type; it must not become anything else.
		if len(got) > 1 || len(got) == 1 && got[0].Header().Name != PlainName(fqdn)+"." {
			t.Errorf("%q reads as %v", text, got)
		}
		if strings.EqualFold(typ, "TXT") && !strings.HasPrefix(text, ";") && (parser.Err() != nil || txtOnWire(t, got[0]) != value) {
			t.Errorf("%q reads as %v, %v", text, got, parser.Err())
		}
	})
}

// parseZone reads zone-file text under an origin that no record of the tests has.
func parseZone(t *testing.T, text string) []dns.RR {
	t.Helper()
	parser := dns.NewZoneParser(strings.NewReader(text), "origin.test.", "")
	records := map[string]dns.RR{}
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		if strings.Contains(rr.Header().Name, "origin.test") {
			t.Errorf("relative owner name in %v", rr)
		}
		records[rr.String()] = rr
	}
	if err := parser.Err(); err != nil {
		t.Errorf("%q does not parse: %v", text, err)
	}
	if want := strings.Count(text, "\n") - strings.Count("\n"+text, "\n;"); len(records) != want {
		t.Errorf("%d records, want %d", len(records), want)
	}
	return slices.Collect(maps.Values(records))
}
