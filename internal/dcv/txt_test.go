// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func TestQuoteTXT(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 255)
	tests := map[string]struct{ in, want string }{
		"empty":              {"", `""`},
		"token":              {"x9Kq", `"x9Kq"`},
		"spaces":             {" a  b ", `" a  b "`},
		"semicolon":          {"v=1; k=2", `"v=1; k=2"`},
		"quote":              {`a"b`, `"a\"b"`},
		"backslash":          {`a\b`, `"a\\b"`},
		"lone quote":         {`"`, `"\""`},
		"control":            {"a\tb\nc\x00\x7f", `"a\009b\010c\000\127"`},
		"UTF-8":              {"é", `"\195\169"`},
		"255 bytes":          {long, `"` + long + `"`},
		"256 bytes":          {long + "y", `"` + long + `" "y"`},
		"510 bytes":          {long + long, `"` + long + `" "` + long + `"`},
		"cut before escapes": {strings.Repeat(`"`, 256), `"` + strings.Repeat(`\"`, 255) + `" "\""`},
		"quoted":             {`"x9Kq"`, `"x9Kq"`},
		"quoted in two":      {`"x9" "Kq"`, `"x9Kq"`},
		"quoted and long":    {`"` + long + `y"`, `"` + long + `" "y"`},
		"quoted, escapes":    {`"a\"b\\c\065\d"`, `"a\"b\\cAd"`},
		"half quoted":        {`"a" b`, `"\"a\" b"`},
		"open quote":         {`"a`, `"\"a"`},
		"escape at the end":  {`"a\`, `"\"a\\"`},
		"escape too large":   {`"\256"`, `"\"\\256\""`},
		"escape too short":   {`"\25"`, `"\"\\25\""`},
		"strings touch":      {`"a""b"`, `"\"a\"\"b\""`},
		"trailing space":     {`"a" `, `"\"a\" "`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := QuoteTXT(test.in)
			if got != test.want {
				t.Errorf("QuoteTXT(%q) = %s, want %s", test.in, got, test.want)
			}
			if again := QuoteTXT(got); again != got {
				t.Errorf("not idempotent: %s, then %s", got, again)
			}
		})
	}
}

func TestUnquoteTXT(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in, want string
		ok       bool
	}{
		"one":              {`"x9Kq"`, "x9Kq", true},
		"two":              {"\"a\" \t\"b\"", "ab", true},
		"empty string":     {`""`, "", true},
		"escapes":          {`"\"\\\000\255\z"`, "\"\\\x00\xffz", true},
		"bare":             {"x9Kq", "", false},
		"nothing":          {"", "", false},
		"leading space":    {` "a"`, "", false},
		"unclosed":         {`"a`, "", false},
		"unclosed, second": {`"a" "b`, "", false},
		"no separator":     {`"a""b"`, "", false},
		"bare after":       {`"a" b`, "", false},
		"escape at end":    {`"a\"`, "", false},
		"escape too large": {`"\256"`, "", false},
		"escape not digit": {`"\1x3"`, "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := UnquoteTXT(test.in)
			if got != test.want || ok != test.ok {
				t.Errorf("UnquoteTXT(%q) = %q, %t, want %q, %t", test.in, got, ok, test.want, test.ok)
			}
		})
	}
}

func FuzzQuoteTXT(f *testing.F) {
	for _, seed := range []string{
		"", "x9Kq", `"x9Kq"`, `"a" "b"`, `a"b\c`, "\x00\n\r\t;()\x7f\xff", `"\256"`, `"\065"`, strings.Repeat("é", 200),
		`"` + strings.Repeat("x", 300) + `"`, "x\" \n$INCLUDE /etc/passwd\n\"", `\`, `"\"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if len(value) > 60000 {
			t.Skip("does not fit into one record")
		}
		quoted := QuoteTXT(value)
		if again := QuoteTXT(quoted); again != quoted {
			t.Errorf("not idempotent: %q, then %s, then %s", value, quoted, again)
		}
		want := value
		if unquoted, ok := UnquoteTXT(value); ok {
			want = unquoted
		}
		if got, ok := UnquoteTXT(quoted); !ok || got != want {
			t.Errorf("UnquoteTXT(%s) = %q, %t, want %q", quoted, got, ok, want)
		}
		if got := wireTXT(t, quoted); got != want {
			t.Errorf("a DNS library reads %s as %q, want %q", quoted, got, want)
		}
		// The raw form, which records use, must hold for text that looks quoted too.
		if got := wireTXT(t, quoteStrings(value)); got != value {
			t.Errorf("a DNS library reads %s as %q, want %q", quoteStrings(value), got, value)
		}
	})
}

// wireTXT parses zone-file text of a TXT record with a DNS library and returns the bytes it puts on the wire.
func wireTXT(t *testing.T, text string) string {
	t.Helper()
	parser := dns.NewZoneParser(strings.NewReader("example.com. 300 IN TXT "+text+"\n"), "", "")
	rr, ok := parser.Next()
	if !ok {
		t.Fatalf("%s does not parse: %v", text, parser.Err())
	}
	if extra, ok := parser.Next(); ok {
		t.Fatalf("%s makes a second record, %v", text, extra)
	}
	if err := parser.Err(); err != nil {
		t.Fatalf("%s does not parse to the end: %v", text, err)
	}
	return txtOnWire(t, rr)
}

// txtOnWire returns the joined character-strings of a TXT record.
func txtOnWire(t *testing.T, rr dns.RR) string {
	t.Helper()
	wire := make([]byte, dns.Len(rr)+1)
	end, err := dns.PackRR(rr, wire, 0, nil, false)
	if err != nil {
		t.Fatalf("%v does not pack: %v", rr, err)
	}
	start := len(wire)
	// The rdata follows the owner name, type, class, TTL and length.
	if _, offset, err := dns.UnpackDomainName(wire, 0); err == nil {
		start = offset + 10
	}
	var value strings.Builder
	for rdata := wire[start:end]; len(rdata) > 0; {
		length := int(rdata[0])
		value.Write(rdata[1 : 1+length])
		rdata = rdata[1+length:]
	}
	return value.String()
}
