// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestZone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fqdn  string
		zones []string
		want  string
		err   string
	}{
		"apex":           {fqdn: "example.com", zones: []string{"example.com"}, want: "example.com"},
		"inside":         {fqdn: "_dnsauth.www.example.com", zones: []string{"example.net", "example.com"}, want: "example.com"},
		"longest":        {fqdn: "a.b.example.com", zones: []string{"b.example.com", "example.com", "com"}, want: "b.example.com"},
		"longest, last":  {fqdn: "a.b.example.com", zones: []string{"com", "example.com", "b.example.com"}, want: "b.example.com"},
		"label boundary": {fqdn: "myexample.com", zones: []string{"example.com"}, err: `"myexample.com" is in none of the zones "example.com"`},
		"dots and case":  {fqdn: "WWW.Example.com.", zones: []string{"EXAMPLE.com."}, want: "example.com"},
		"duplicates":     {fqdn: "www.example.com", zones: []string{"example.com", "example.com.", "EXAMPLE.COM"}, want: "example.com"},
		"U-label":        {fqdn: "www.xn--bcher-kva.example", zones: []string{"Bücher.example."}, want: "xn--bcher-kva.example"},
		"wildcard":       {fqdn: "*.example.com", zones: []string{"example.com"}, want: "example.com"},
		"parent of zone": {fqdn: "example.com", zones: []string{"www.example.com"}, err: `"example.com" is in none of the zones ` +
			`"www.example.com"`},
		"sorted in error": {fqdn: "a.example", zones: []string{"c.example", "B.example."}, err: `"a.example" is in none of the zones ` +
			`"B.example.", "c.example"`},
		"no zones":         {fqdn: "example.com", err: `"example.com" is in no zone: the set of zones is empty`},
		"root, empty zone": {fqdn: "example.com", zones: []string{".", ""}, err: `"example.com" is in none of the zones "", "."`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Zone(test.fqdn, test.zones)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if text := errorText(err); text != test.err {
				t.Errorf("got error %q, want %q", text, test.err)
			}
			var zoneErr *ZoneError
			if err != nil && !errors.As(err, &zoneErr) {
				t.Errorf("error is a %T, want a *ZoneError", err)
			}
		})
	}
}

// TestZoneKeepsArgument makes sure that sorting the zones for the message leaves the caller's slice alone.
func TestZoneKeepsArgument(t *testing.T) {
	t.Parallel()
	zones := []string{"b.example", "a.example"}
	if _, err := Zone("example.com", zones); err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff([]string{"b.example", "a.example"}, zones); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestRelativeName(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ fqdn, zone, want, err string }{
		"apex":            {fqdn: "example.com", zone: "example.com", want: "@"},
		"apex, dot, case": {fqdn: "Example.com.", zone: "EXAMPLE.COM", want: "@"},
		"inside":          {fqdn: "_dnsauth.www.example.com.", zone: "example.com.", want: "_dnsauth.www"},
		"name repeats":    {fqdn: "example.com.example.com", zone: "example.com", want: "example.com"},
		"wildcard":        {fqdn: "*.example.com", zone: "example.com", want: "*"},
		"U-label":         {fqdn: "ä.bücher.example", zone: "xn--bcher-kva.example", want: "xn--4ca"},
		"outside":         {fqdn: "example.net", zone: "example.com", err: `"example.net" is in none of the zones "example.com"`},
		"label boundary":  {fqdn: "myexample.com", zone: "example.com", err: `"myexample.com" is in none of the zones "example.com"`},
		"root":            {fqdn: "example.com", zone: ".", err: `"example.com" is in none of the zones "."`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := RelativeName(test.fqdn, test.zone)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if text := errorText(err); text != test.err {
				t.Errorf("got error %q, want %q", text, test.err)
			}
		})
	}
}

func FuzzZone(f *testing.F) {
	f.Add("www.example.com", "example.com", "com")
	f.Add("WWW.Example.com.", "example.com.", "www.example.com")
	f.Add("myexample.com", "example.com", "")
	f.Add("*.bücher.example", "xn--bcher-kva.example", ".")
	f.Add("a..b", ".b", "b")
	f.Add("。", "。x", "*.x")
	f.Fuzz(func(t *testing.T, fqdn, first, second string) {
		zone, err := Zone(fqdn, []string{first, second})
		if swapped, _ := Zone(fqdn, []string{second, first}); swapped != zone {
			t.Errorf("the order of zones counts: %q or %q", zone, swapped)
		}
		if err != nil {
			for _, z := range []string{first, second} {
				if relative, err := RelativeName(fqdn, z); err == nil {
					t.Errorf("no zone for %q, but it is %q in %q", fqdn, relative, z)
				}
			}
			return
		}
		for _, z := range []string{first, second} {
			if _, err := RelativeName(fqdn, z); err == nil && len(PlainName(z)) > len(zone) {
				t.Errorf("Zone(%q) = %q, but %q is longer", fqdn, zone, z)
			}
		}
		relative, err := RelativeName(fqdn, zone)
		if err != nil {
			t.Fatalf("%q is not in its own zone: %v", fqdn, err)
		}
		joined := relative + "." + zone
		if relative == "@" && !strings.HasPrefix(PlainName(fqdn), "@.") {
			joined = zone
		}
		if joined != PlainName(fqdn) {
			t.Errorf("%q in %q makes %q, want %q", relative, zone, joined, PlainName(fqdn))
		}
	})
}
