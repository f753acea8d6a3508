// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestRedactText(t *testing.T) {
	const secret = `s3cr&t/"k=+`
	r := newRedactor("", secret, "s3cr&t")
	tests := map[string]struct {
		in, want string
	}{
		"plain":          {"key " + secret + ".", "key ***."},
		"shorter one":    {"key s3cr&t.", "key ***."},
		"base64":         {base64.StdEncoding.EncodeToString([]byte(secret)), "***"},
		"raw base64":     {base64.RawURLEncoding.EncodeToString([]byte(secret)) + ".", "***."},
		"query":          {"?k=" + url.QueryEscape(secret), "?k=***"},
		"path":           {"/" + url.PathEscape(secret) + "/", "/***/"},
		"lower-case hex": {"s3cr%26t%2f%22k%3d%2b", "***"},
		"nothing to do":  {"example.com", "example.com"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := r.text(test.in); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestRedactorAdd(t *testing.T) {
	r := newRedactor()
	if got := r.text("token"); got != "token" {
		t.Errorf("got %q before the token is known", got)
	}
	r.add("token")
	if got := r.text("a token"); got != "a ***" {
		t.Errorf("got %q", got)
	}
}

func TestRedactorRenew(t *testing.T) {
	r := newRedactor("hunter22")
	for _, token := range []string{"token-1", "token-2", "token-2", "token-3"} {
		r.renew(token)
	}
	if got, want := r.text("hunter22 token-1 token-2 token-3"), "*** token-1 *** ***"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRedactLine(t *testing.T) {
	r := newRedactor("secret")
	tests := map[string]struct {
		in    string
		limit int
		want  string
	}{
		"lines":              {" a\r\n\tb \x1b[31mc ", 100, "a b [31mc"},
		"invalid UTF-8":      {"a\xffb", 100, "a b"},
		"bidirectional":      {"a\u202eb", 100, "a b"},
		"short enough":       {"abcde", 5, "abcde"},
		"cut":                {"abcdefghi", 8, "abcde…"},
		"cut, wide":          {"ééééé", 8, "éé…"},
		"secret at the edge": {"aaaa secret", 8, "aaaa ***"},
		"empty":              {"", 8, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := r.line(test.in, test.limit); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func FuzzRedactLine(f *testing.F) {
	f.Add("a hunter22 b\n")
	f.Add(strings.Repeat("x", 300))
	f.Add("\xff\u2028…")
	r := newRedactor("hunter22")
	f.Fuzz(func(t *testing.T, s string) {
		got := r.line(s, maxCode)
		if len(got) > maxCode || !utf8.ValidString(got) || strings.Contains(s, "hunter22") && strings.Contains(got, "hunter22") {
			t.Errorf("got %q", got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("got unprintable %q", got)
		}
	})
}
