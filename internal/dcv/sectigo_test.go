// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readSectigo(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "sectigo", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestSectigoRecord compares with hashes that OpenSSL computed; see testdata/sectigo/README.md.
func TestSectigoRecord(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		csr, domain string
		base        string
		edit        func(string) string
	}{
		"apex":            {csr: "rsa", domain: "example.com", base: "example.com"},
		"wildcard":        {csr: "rsa", domain: "*.example.com", base: "example.com"},
		"upper case, dot": {csr: "rsa", domain: "WWW.Example.COM.", base: "www.example.com"},
		"U-label":         {csr: "rsa", domain: "*.bücher.example", base: "xn--bcher-kva.example"},
		"new header":      {csr: "ec-new-header", domain: "example.net", base: "example.net"},
		"text around": {csr: "rsa", domain: "example.com", base: "example.com",
			edit: func(s string) string { return "Certificate Request:\n  Data:\n" + s + "\nbye\n" }},
		"CRLF": {csr: "rsa", domain: "example.com", base: "example.com", edit: func(s string) string {
			return strings.ReplaceAll(s,
				"\n", "\r\n")
		}},
		"no final newline": {csr: "rsa", domain: "example.com", base: "example.com", edit: strings.TrimSpace},
		"beside another block": {csr: "rsa", domain: "example.com", base: "example.com", edit: func(s string) string {
			return "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + s
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			csr := readSectigo(t, test.csr+".csr")
			if test.edit != nil {
				csr = test.edit(csr)
			}
			id := strings.TrimSpace(readSectigo(t, test.csr+".md5"))
			sum := strings.TrimSpace(readSectigo(t, test.csr+".sha256"))
			owner := "_" + id + "." + test.base
			target := sum[:32] + "." + sum[32:] + ".sectigo.com"

			got, err := SectigoRecord(csr, test.domain)
			if err != nil {
				t.Fatal(err)
			}
			want := Record{
				Type: "CNAME", FQDN: owner, FQDNDot: owner + ".",
				Value: target, ValueDot: target + ".", ValueQuoted: target, RData: target + ".",
				Domains: []string{test.domain}, Status: StatusUnknown,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestSectigoRecordErrors(t *testing.T) {
	t.Parallel()
	csr := readSectigo(t, "rsa.csr")
	lines := strings.SplitAfter(csr, "\n")
	tests := map[string]struct {
		csr, domain string
		want        string
	}{
		"empty":        {"", "example.com", `no line "-----BEGIN CERTIFICATE REQUEST-----"`},
		"no PEM":       {"MIICij", "example.com", `no line "-----BEGIN CERTIFICATE REQUEST-----"`},
		"another type": {"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n", "example.com", `but PEM of type "PRIVATE KEY"`},
		"not base64":   {strings.Replace(csr, "\nMII", "\n!!!", 1), "example.com", "its PEM text cannot be decoded"},
		"no end line":  {strings.Join(lines[:len(lines)-2], ""), "example.com", "its PEM text cannot be decoded"},
		"a line missing": {strings.Join(append(append([]string{}, lines[:3]...), lines[4:]...), ""), "example.com", "the certificate signing " +
			"request is damaged: "},
		"nothing inside": {"-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n", "example.com", "damaged"},
		"two":            {csr + csr, "example.com", "more than one certificate signing request"},
		"bad domain":     {csr, "exa mple.com", `domain "exa mple.com" contains ' '`},
		"no domain":      {csr, "", `domain "" is empty`},
		"too long": {csr, strings.Repeat("a23456789.", 23) + "example.com",
			`is longer than 253 bytes`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := SectigoRecord(test.csr, test.domain)
			if err == nil {
				t.Fatalf("no error, but %+v", got)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want it to contain %q", err, test.want)
			}
			if strings.Contains(err.Error(), "c2VjcmV0") {
				t.Errorf("the error shows what is inside the PEM block: %q", err)
			}
		})
	}
	_, err := SectigoRecord(csr, "a..b")
	var nameErr *NameError
	if !errors.As(err, &nameErr) || nameErr.Text != "a..b" {
		t.Errorf("got %#v, want a NameError about a..b", err)
	}
}
