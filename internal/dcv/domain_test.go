// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// longest is a name of 253 bytes, the most that DNS allows.
var longest = strings.Repeat(strings.Repeat("a", 63)+".", 3) + strings.Repeat("b", 61)

func TestCanonicalDomain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"plain":                 {"example.com", "example.com"},
		"empty":                 {"", ""},
		"case":                  {"WWW.Example.COM", "www.example.com"},
		"trailing dot":          {"example.com.", "example.com"},
		"wildcard":              {"*.example.com", "example.com"},
		"wildcard, dot":         {"*.Example.com.", "example.com"},
		"only a dot":            {".", ""},
		"only a star":           {"*", "*"},
		"star inside":           {"a.*.example.com", "a.*.example.com"},
		"star in a label":       {"*a.example.com", "*a.example.com"},
		"underscore":            {"_dnsauth.Example.com", "_dnsauth.example.com"},
		"U-label":               {"bücher.example", "xn--bcher-kva.example"},
		"U-label, upper case":   {"*.BÜCHER.Example.", "xn--bcher-kva.example"},
		"U-label, decomposed":   {"bu\u0308cher.example", "xn--bcher-kva.example"},
		"A-label":               {"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
		"sharp s is kept":       {"straße.example", "xn--strae-oqa.example"},
		"mixed labels":          {"_acme.bücher.EXAMPLE", "_acme.xn--bcher-kva.example"},
		"ideographic full stop": {"例え。jp。", "xn--r8jz45g.jp"},
		"full width":            {"ｅｘａｍｐｌｅ．ｃｏｍ", "example.com"},
		"full width wildcard":   {"＊.example.com", "example.com"},
		"right to left":         {"مثال.إختبار", "xn--mgbh0fb.xn--kgbechtv"},
		"invalid A-label":       {"xn--zzzzzzz.EXAMPLE", "xn--zzzzzzz.example"},
		"no A-label":            {"A\u2028B.Bücher.example", "a\u2028b.xn--bcher-kva.example"},
		"invalid UTF-8":         {"A\xff.example", "a\xff.example"},
		"space":                 {" Example.com", " example.com"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := CanonicalDomain(test.in); got != test.want {
				t.Errorf("CanonicalDomain(%q) = %q, want %q", test.in, got, test.want)
			}
		})
	}
}

func TestParseDomain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in, want string
		reason   string // of the error
	}{
		"plain":             {in: "Example.COM", want: "example.com"},
		"wildcard":          {in: "*.example.com", want: "example.com"},
		"trailing dot":      {in: "example.com.", want: "example.com"},
		"both":              {in: "*.example.com.", want: "example.com"},
		"single label":      {in: "localhost", want: "localhost"},
		"underscore":        {in: "_dnsauth.example.com", want: "_dnsauth.example.com"},
		"U-label":           {in: "bücher.example", want: "xn--bcher-kva.example"},
		"digits":            {in: "123.example.com", want: "123.example.com"},
		"longest name":      {in: longest, want: longest},
		"longest, dot":      {in: longest + ".", want: longest},
		"too long":          {in: longest + "b", reason: "is longer than 253 bytes"},
		"long label":        {in: strings.Repeat("a", 64) + ".example", reason: "has a label longer than 63 bytes"},
		"long U-label":      {in: strings.Repeat("üa", 40) + ".example", reason: "has a label longer than 63 bytes"},
		"empty":             {in: "", reason: "is empty"},
		"root":              {in: ".", reason: "is empty"},
		"wildcard of root":  {in: "*.", reason: `contains '*', which has no place in a DNS name`},
		"two trailing dots": {in: "example.com..", reason: "has an empty label"},
		"leading dot":       {in: ".example.com", reason: "has an empty label"},
		"empty label":       {in: "a..b", reason: "has an empty label"},
		"two wildcards":     {in: "*.*.example.com", reason: `contains '*', which has no place in a DNS name`},
		"star inside":       {in: "a.*.example.com", reason: `contains '*', which has no place in a DNS name`},
		"space":             {in: "exa mple.com", reason: `contains ' ', which has no place in a DNS name`},
		"newline":           {in: "example.com\n", reason: `contains '\n', which has no place in a DNS name`},
		"NUL":               {in: "example\x00.com", reason: `contains '\x00', which has no place in a DNS name`},
		"URL":               {in: "https://example.com", reason: `contains ':', which has no place in a DNS name`},
		"no A-label":        {in: "a\u2028b.example", reason: `contains '\u2028', which has no place in a DNS name`},
		"IPv4":              {in: "192.0.2.1", reason: "is an IP address, not a domain"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseDomain(test.in)
			if got != test.want {
				t.Errorf("ParseDomain(%q) = %q, want %q", test.in, got, test.want)
			}
			var nameErr *NameError
			switch {
			case test.reason == "":
				if err != nil {
					t.Errorf("unexpected error: %v", err)
				}
			case !errors.As(err, &nameErr):
				t.Errorf("got error %v, want a NameError", err)
			default:
				want := &NameError{Field: "domain", Text: test.in, Reason: test.reason}
				if diff := cmp.Diff(want, nameErr); diff != "" {
					t.Errorf("error (-want +got)\n%s", diff)
				}
			}
		})
	}
}

func TestRegistrableDomain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want, err string }{
		"itself":                        {in: "example.com", want: "example.com"},
		"host":                          {in: "*.www.Example.com.", want: "example.com"},
		"two-part":                      {in: "a.b.example.co.uk", want: "example.co.uk"},
		"U-label suffix":                {in: "www.食狮.公司.cn", want: "xn--85x722f.xn--55qx5d.cn"},
		"suffix of the PRIVATE section": {in: "x.user.github.io", want: "github.io"},
		"owner name":                    {in: "_dnsauth.www.example.com", want: "example.com"},
		"suffix":                        {in: "co.uk", err: `domain "co.uk" is a public suffix, so it has no registrable domain`},
		"single label":                  {in: "localhost", err: `domain "localhost" is a public suffix, so it has no registrable domain`},
		"not a name":                    {in: "a..com", err: `domain "a..com" has an empty label`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := RegistrableDomain(test.in)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if text := errorText(err); text != test.err {
				t.Errorf("got error %q, want %q", text, test.err)
			}
		})
	}
}

func TestCoveredNames(t *testing.T) {
	t.Parallel()
	got := CoveredNames([]string{"www.example.com", "example.com", "*.Example.com", "*.example.com", "example.com", "", ".",
		"bücher.example", "xn--bcher-kva.example"})
	want := map[string][]string{
		"example.com":           {"*.Example.com", "*.example.com", "example.com"},
		"www.example.com":       {"www.example.com"},
		"xn--bcher-kva.example": {"bücher.example", "xn--bcher-kva.example"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := CoveredNames(nil); got == nil || len(got) != 0 {
		t.Errorf("CoveredNames(nil) = %#v, want an empty map", got)
	}
}

func FuzzCanonicalDomain(f *testing.F) {
	for _, seed := range []string{
		"", ".", "*", "*.", "*.*.", "*.example.com.", "WWW.Example.COM", "bücher.example", "例え。jp。", "＊.＊.x",
		"xn--zzzzzzz.é", "a\u2026b", "⒈.example", "\xff.é", "xn--ü", "ß.ﬃ.Ⅷ", "\u200d.é", "é\u00ad.\u00ad", longest + "é",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		canonical := CanonicalDomain(s)
		if again := CanonicalDomain(canonical); again != canonical {
			t.Errorf("not idempotent: %q, then %q, then %q", s, canonical, again)
		}
		if strings.HasPrefix(canonical, "*.") || strings.HasSuffix(canonical, ".") {
			t.Errorf("CanonicalDomain(%q) = %q keeps a wildcard or a trailing dot", s, canonical)
		}
		if strings.ContainsAny(canonical, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			t.Errorf("CanonicalDomain(%q) = %q is not lower-case", s, canonical)
		}
		parsed, err := ParseDomain(s)
		if err != nil {
			return
		}
		if parsed != canonical {
			t.Errorf("ParseDomain(%q) = %q, but CanonicalDomain gives %q", s, parsed, canonical)
		}
		if again, err := ParseDomain(parsed); err != nil || again != parsed {
			t.Errorf("ParseDomain(%q) = %q, %v", parsed, again, err)
		}
	})
}

// errorText returns the text of an error, "" for none.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
