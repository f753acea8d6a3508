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

func TestMaskText(t *testing.T) {
	const secret = `s3cr&t/"k=+`
	m := newMasker("", secret, "s3cr&t")
	tests := map[string]struct {
		in, want string
	}{
		"plain":          {"key " + secret + ".", "key ***."},
		"shorter one":    {"key s3cr&t.", "key ***."},
		"base64":         {base64.StdEncoding.EncodeToString([]byte(secret)), "***"},
		"raw base64":     {base64.RawURLEncoding.EncodeToString([]byte(secret)) + ".", "***."},
		"query":          {"?k=" + url.QueryEscape(secret), "?k=***"},
		"path":           {"/" + url.PathEscape(secret) + "/", "/***/"},
		"JSON string":    {`"s3cr\u0026t/\"k=+"`, `"***"`},
		"member":         {`{"access_token": "eyJ\"x", "scope":"a"}`, `{"access_token": "***", "scope":"a"}`},
		"member's case":  {`{"oneTimeLink":"https://x"}`, `{"oneTimeLink":"***"}`},
		"cut short":      {`{"client_secret":"abc`, `{"client_secret":"***"`},
		"no string":      {`{"api_key":12345}`, `{"api_key":"***"}`},
		"array":          {`{"oneTimeLink":["https://x", {"a":"]"}], "b":1}`, `{"oneTimeLink":"***", "b":1}`},
		"object":         {`{"access_token":{"a":{"b":"}"},"c":"d"},"e":"f"}`, `{"access_token":"***","e":"f"}`},
		"no value":       {`{"api_key":,"a":1}`, `{"api_key":"***","a":1}`},
		"last":           {`{"api_key":7}`, `{"api_key":"***"}`},
		"JSON in JSON":   {`{"m":"{\"access_token\":\"e\\\"y\",\"a\":1}"}`, `{"m":"{\"access_token\":"***",\"a\":1}"}`},
		"other JSON":     {`"s3cr&t\/\"k=+"`, `"***"`},
		"HTML":           {"<b>s3cr&amp;t/&#34;k=+</b>", "<b>***</b>"},
		"lower-case hex": {"s3cr%26t%2f%22k%3d%2b", "***"},
		"nothing to do":  {"example.com", "example.com"},
		"similar member": {`{"token_type":"Bearer"}`, `{"token_type":"Bearer"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := m.text(test.in); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestMaskAdd(t *testing.T) {
	m := newMasker()
	if got := m.text("token"); got != "token" {
		t.Errorf("got %q before the token is known", got)
	}
	m.add("token")
	m.add("token")
	if got := m.text("a token"); got != "a ***" {
		t.Errorf("got %q", got)
	}
}

func TestMaskLine(t *testing.T) {
	m := newMasker("secret")
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
			if got := m.line(test.in, test.limit); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func FuzzMaskLine(f *testing.F) {
	f.Add("a hunter22 b\n")
	f.Add(`{"access_token":"` + strings.Repeat("x", 300))
	f.Add("\xff\u2028…")
	m := newMasker("hunter22")
	f.Fuzz(func(t *testing.T, s string) {
		got := m.line(s, maxExcerpt)
		if len(got) > maxExcerpt || !utf8.ValidString(got) || strings.Contains(got, "hunter22") {
			t.Errorf("got %q", got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("got unprintable %q", got)
		}
	})
}
