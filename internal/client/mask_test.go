// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
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
		"plain":              {"key " + secret + ".", "key ***."},
		"shorter one":        {"key s3cr&t.", "key ***."},
		"base64":             {base64.StdEncoding.EncodeToString([]byte(secret)), "***"},
		"raw base64":         {base64.RawURLEncoding.EncodeToString([]byte(secret)) + ".", "***."},
		"query":              {"?k=" + url.QueryEscape(secret), "?k=***"},
		"path":               {"/" + url.PathEscape(secret) + "/", "/***/"},
		"JSON string":        {`"s3cr\u0026t/\"k=+"`, `"***"`},
		"member":             {`{"access_token": "eyJ\"x", "scope":"a"}`, `{"access_token": "***", "scope":"a"}`},
		"member's case":      {`{"oneTimeLink":"https://x"}`, `{"oneTimeLink":"***"}`},
		"cut short":          {`{"client_secret":"abc`, `{"client_secret":"***"`},
		"no string":          {`{"api_key":12345}`, `{"api_key":"***"}`},
		"array":              {`{"oneTimeLink":["https://x", {"a":"]"}], "b":1}`, `{"oneTimeLink":"***", "b":1}`},
		"object":             {`{"access_token":{"a":{"b":"}"},"c":"d"},"e":"f"}`, `{"access_token":"***","e":"f"}`},
		"no value":           {`{"api_key":,"a":1}`, `{"api_key":"***","a":1}`},
		"last":               {`{"api_key":7}`, `{"api_key":"***"}`},
		"JSON in JSON":       {`{"m":"{\"access_token\":\"e\\\"y\",\"a\":1}"}`, `{"m":"{\"access_token\":"***",\"a\":1}"}`},
		"other JSON":         {`"s3cr&t\/\"k=+"`, `"***"`},
		"HTML":               {"<b>s3cr&amp;t/&#34;k=+</b>", "<b>***</b>"},
		"lower-case hex":     {"s3cr%26t%2f%22k%3d%2b", "***"},
		"escaped":            {`"s3cr\u0026t\u002F\u0022k\u003d\u002B"`, `"***"`},
		"escaped twice":      {`{"m":"{\"a\":\"s3cr\\u0026t\/\\u0022k\\u003d\\u002b\"}"}`, `{"m":"{\"a\":\"***\"}"}`},
		"escaped letter":     {`s\u0033cr&t`, `***`},
		"escaped base64":     {strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(secret)), "=", `\u003D`), "***"},
		"a field's name":     {`certificate.oneTimeLink`, `certificate.oneTimeLink`},
		"link in XML":        {`<a><oneTimeLink>https://x</oneTimeLink></a>`, `<a><oneTimeLink***`},
		"link in single":     {`{'oneTimeLink':'https://x'}`, `{'oneTimeLink***`},
		"link, no colon":     {`{"oneTimeLink" "https://x"}`, `{"oneTimeLink***`},
		"link in a form":     {`a=1&one_time_link=https%3A%2F%2Fx`, `a=1&one_time_link***`},
		"link, invalid byte": {"{\"one\xffTimeLink\":\"https://x\"}", "{\"one\xffTimeLink***"},
		"link after a link":  {`{"oneTimeLink":"https://x"} oneTimeLink: https://y`, `{"oneTimeLink":"***"} oneTimeLink***`},
		"escaped member":     {`{"one\u0054imeLink":"https://x","\u0061pi\u005fkey":"k"}`, `{"oneTimeLink":"***","api_key":"***"}`},
		"member in JSON":     {`{"m":"{\"api\\u005Fkey\":\"k\\u0022,\"}"}`, `{"m":"{\"api_key\":"***"}"}`},
		"quote, escaped":     {`{"api_key":"k\u0022,\"a\u0022:1","b":"c"}`, `{"api_key":"***","b":"c"}`},
		"other escapes":      {`{"a":"\u0000\u00e9\n\u12","b":"\\"}`, `{"a":"\u0000\u00e9\n\u12","b":"\\"}`},
		"nothing to do":      {"example.com", "example.com"},
		"similar member":     {`{"token_type":"Bearer"}`, `{"token_type":"Bearer"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := m.text(test.in); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A credential that looks like an escape is one as it stands.
func TestMaskSecretLikeAnEscape(t *testing.T) {
	m := newMasker(`k\u0041\/y`)
	for _, text := range []string{`k\u0041\/y`, `k\\u0041\\/y`} {
		if got := m.text(text + ` \u0041`); got != "*** A" {
			t.Errorf("%s: got %q", text, got)
		}
	}
}

// FuzzMaskEscapes hides a credential in a document of which every character may be escaped.
func FuzzMaskEscapes(f *testing.F) {
	f.Add("a", uint64(0x5555), uint8(1))
	f.Add(`\`, uint64(1<<63|1), uint8(2))
	const secret = `sk+"SEC\RET/==`
	m := newMasker(secret)
	f.Fuzz(func(t *testing.T, around string, escaped uint64, levels uint8) {
		if strings.Contains(around, "SEC") || strings.Contains(around, "RET") {
			t.Skip("part of the credential is there already")
		}
		quoted, err := json.Marshal(around)
		if err != nil {
			t.Fatal(err)
		}
		text := string(quoted[:len(quoted)-1])
		for i := range len(secret) {
			switch c := secret[i]; {
			case escaped>>i&1 == 1:
				text += fmt.Sprintf(`\u%04x`, c)
			case c == '"' || c == '\\':
				text += `\` + string(c)
			default:
				text += string(c)
			}
		}
		text += `"`
		if levels%2 == 1 {
			outer, err := json.Marshal(text)
			if err != nil {
				t.Fatal(err)
			}
			text = string(outer)
		}
		if got := m.text(text); strings.Contains(got, "SEC") || strings.Contains(got, "RET") {
			t.Errorf("masked:\n%s\nfrom:\n%s", got, text)
		}
	})
}

// What is all escapes takes no more than the time to read it.
func BenchmarkUnescaped(b *testing.B) {
	text := strings.Repeat(`\u0041\\`, maxBody/8)
	for b.Loop() {
		unescaped(text)
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

func TestMaskRenew(t *testing.T) {
	m := newMasker("hunter22")
	for _, token := range []string{"token-1", "token-2", "token-2", "token-3"} {
		m.renew(token)
	}
	if got, want := m.text("hunter22 token-1 token-2 token-3"), "*** token-1 *** ***"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMaskUncut(t *testing.T) {
	m := newMasker("sk+SECRET==", "sk+SECRET==longer", `a"b\c/d`)
	tests := map[string]struct {
		in, want string
	}{
		"all but the last":   {"key sk+SECRET=", "key "},
		"few":                {"key sk+S", "key "},
		"too few to matter":  {"key sk+", "key sk+"},
		"whole":              {"key sk+SECRET==longer", "key sk+SECRET==longer"},
		"whole and more":     {"key sk+SECRET==long", "key "},
		"base64":             {"key " + base64.StdEncoding.EncodeToString([]byte("sk+SECRET=="))[:14], "key "},
		"in a URL":           {"?k=sk%2BSECRET%3", "?k="},
		"in lower case":      {"?k=sk%2bSECRET%3d%3", "?k="},
		"escaped":            {`"sk\u002BSECRET\u003d`, `"`},
		"within an escape":   {`"sk\u002BSECRET\u003`, `"`},
		"at an escape":       {`"sk\u002BSECRET\`, `"`},
		"in JSON in JSON":    {`"\"sk\\u002BSECRET\\u00`, `"\"`},
		"quotation mark":     {`"a\"b\`, `"`},
		"mark, escaped":      {`"a\u0022b\u005cc\`, `"`},
		"nothing":            {"", ""},
		"other text":         {"example.com", "example.com"},
		"only an escape":     {`\\\u0`, ""},
		"not at the end":     {"sk+SECRET= .", "sk+SECRET= ."},
		"no cut of a letter": {"abcdu00", "abcdu00"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := m.uncut(test.in); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A credential that straddles the cut of what is looked at is not told in part.
func TestMaskLineAtTheCut(t *testing.T) {
	const secret = "sk-0123456789abcdef"
	m := newMasker(secret)
	for shown := range len(secret) + 1 {
		text := strings.Repeat(" ", maxLine-shown) + secret
		if got := m.line(text, maxCode); strings.Contains(got, secret[:least]) {
			t.Errorf("with %d bytes before the cut: got %q", shown, got)
		}
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
		got := m.line(s, maxCode)
		if len(got) > maxCode || !utf8.ValidString(got) || strings.Contains(got, "hunter22") {
			t.Errorf("got %q", got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("got unprintable %q", got)
		}
	})
}
