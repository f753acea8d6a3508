// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/certops/terraform-provider-certops/internal/dnscheck"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnstest"
)

// Persistent records of several authorities may stand at one name (Baseline Requirements 3.2.2.4.22).
func TestCheckPersistent(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 27, 0, 0, 0, 0, time.UTC)
	in := func(days int) int64 { return now.AddDate(0, 0, days).Unix() }
	const account = "https://acme.sectigo.test/acct/1"
	const value = "sectigo.com; accounturi=" + account
	tests := map[string]struct {
		values  []string // at the owner
		records []string // more records of the zone
		expect  string   // "" for value
		domains []string
		status  string
		caa     string // "" for none
		message string
	}{
		"as given":          {values: []string{value}, status: dnscheck.StatusPublished, message: "returns a record of the expected authority"},
		"spelt otherwise":   {values: []string{" SECTIGO.com ;accountURI=" + account + " "}, status: dnscheck.StatusPublished},
		"further words":     {values: []string{value + "; policy=wildcard; x-future=1; x-future=2"}, status: dnscheck.StatusPublished},
		"another own name":  {values: []string{"usertrust.com; accounturi=" + account}, status: dnscheck.StatusPublished},
		"ends far away":     {values: []string{fmt.Sprintf("%s; persistUntil=%d", value, in(31))}, status: dnscheck.StatusPublished},
		"ends in centuries": {values: []string{value + "; persistUntil=9223372036854775806"}, status: dnscheck.StatusPublished},
		"ends soon": {
			values: []string{fmt.Sprintf("%s; persistUntil=%d", value, in(12))}, status: dnscheck.StatusPublished,
			message: "with a persistUntil of 2026-12-09. It ends in 12 days: publish it with a later persistUntil before that, or without one.",
		},
		"has ended": {
			values: []string{fmt.Sprintf("%s; persistUntil=%d", value, in(-1))}, status: dnscheck.StatusWrongValue,
			message: "whose persistUntil was 2026-11-26. Authorities take no notice of it since then. Publish it with a later persistUntil",
		},
		"one has ended, one has not": {
			values: []string{fmt.Sprintf("%s; persistUntil=%d", value, in(-1)), fmt.Sprintf("%s; persistUntil=%d", value, in(300))},
			status: dnscheck.StatusPublished,
		},
		"beside other authorities": {
			values: []string{"letsencrypt.org; accounturi=https://le.test/1", "not a record", value, "pki.goog;accounturi=https://goog.test/2"},
			status: dnscheck.StatusPublished,
		},
		"only other authorities": {
			values: []string{"letsencrypt.org; accounturi=" + account}, status: dnscheck.StatusWrongValue,
			message: `which is for another authority. Add a TXT record with the value "sectigo.com; accounturi=`,
		},
		"another account": {
			values: []string{"sectigo.com; accounturi=https://acme.sectigo.test/acct/2"}, status: dnscheck.StatusWrongValue,
			message: "which names another account.",
		},
		"another case of the account": {
			values: []string{"sectigo.com; accounturi=https://acme.sectigo.test/Acct/1"}, status: dnscheck.StatusWrongValue,
			message: "which names another account.",
		},
		"for wildcards": {
			values: []string{value}, expect: value + "; policy=wildcard", status: dnscheck.StatusWrongValue, message: "which lacks policy=wildcard.",
		},
		"no account": {values: []string{"sectigo.com"}, status: dnscheck.StatusWrongValue, message: "which has no accounturi"},
		"two accounts": {
			values: []string{value + "; accounturi=x:y"}, status: dnscheck.StatusWrongValue, message: "which has the parameter accounturi twice",
		},
		"no URI": {
			values: []string{"sectigo.com; accounturi=1"}, status: dnscheck.StatusWrongValue,
			message: `which has the accounturi "1", which is not a URI`,
		},
		"no number": {
			values: []string{value + "; persistUntil=2027-01-01"}, status: dnscheck.StatusWrongValue,
			message: `which has the persistUntil "2027-01-01"`,
		},
		"a dot too many": {
			values: []string{"sectigo.com.; accounturi=" + account}, status: dnscheck.StatusWrongValue, message: `which names "sectigo.com."`,
		},
		"a last semicolon": {
			values: []string{value + ";"}, status: dnscheck.StatusWrongValue, message: "which has a semicolon without a parameter after it",
		},
		"nobody":  {values: []string{"; accounturi=" + account}, status: dnscheck.StatusWrongValue, message: "which names no authority"},
		"missing": {status: dnscheck.StatusMissing, message: "Create a TXT record at _validation-persist.example.test"},
		"behind a CNAME": {
			records: []string{"_validation-persist.example.test. 60 IN CNAME dcv.example.test.", `dcv.example.test. 60 IN TXT "` + value + `"`},
			status:  dnscheck.StatusPublished, message: "which leads to the expected value",
		},
		"ended behind a CNAME": {
			records: []string{
				"_validation-persist.example.test. 60 IN CNAME dcv.example.test.",
				fmt.Sprintf(`dcv.example.test. 60 IN TXT "%s; persistUntil=%d"`, value, in(-2)),
			},
			status: dnscheck.StatusShadowedByCNAME, message: "whose persistUntil was 2026-11-25. Authorities take no notice",
		},
		"expected wrongly": {
			values: []string{"sectigo.com"}, expect: "sectigo.com", status: dnscheck.StatusError, caa: "-",
			message: `The expected value "sectigo.com" is not that of a persistent record: it has no accounturi`,
		},
		"CAA for the account": {
			values: []string{value}, records: []string{`example.test. 60 IN CAA 0 issue "sectigo.com; accounturi=` + account + `"`},
			status: dnscheck.StatusPublished, caa: dnscheck.CAAAllowed,
		},
		"CAA for another account": {
			values: []string{value}, records: []string{`example.test. 60 IN CAA 0 issue "sectigo.com; accounturi=x:y"`},
			status: dnscheck.StatusPublished, caa: dnscheck.CAARestricted,
			message: "From 15 March 2027 the authority has to obey that: write the same",
		},
		"CAA for another authority": {
			values: []string{value}, records: []string{`example.test. 60 IN CAA 0 issue "digicert.com"`},
			status: dnscheck.StatusPublished, caa: dnscheck.CAAForbidden,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records := test.records
			for _, v := range test.values {
				records = append(records, fmt.Sprintf("_validation-persist.example.test. 60 IN TXT %q", v))
			}
			n := dnstest.Start(t, tree(records, records, nil, nil)...)
			c := checker(n)
			c.Now = now
			e := txt("_validation-persist.Example.test", value)
			if test.expect != "" {
				e.Value = test.expect
			}
			got := checkOne(t, c, e)
			caa := test.caa
			switch caa {
			case "":
				caa = dnscheck.CAANone
			case "-":
				caa = ""
			}
			if got.Status != test.status || got.CAA != caa || !strings.Contains(got.Message, test.message) {
				t.Errorf("got %s and CAA %q, want %s and %q, with %q:\n%s", got.Status, got.CAA, test.status, caa, test.message, got.Message)
			}
			if test.message == "" && strings.Contains(got.Message, "It ends in") {
				t.Errorf("the message names an end that is far away: %s", got.Message)
			}
			if len(got.Observed) != len(test.values) && len(test.values) > 0 && test.status != dnscheck.StatusError {
				t.Errorf("observed %q", got.Observed)
			}
		})
	}
}

// DigiCert takes any TXT record that contains its token, in its case. A value that is too short for a token has to be a word.
func TestCheckTokenWithin(t *testing.T) {
	t.Parallel()
	const token, twoStrings = "x9KqbnW3r7Tz0LmPv5S", `ax9KqbnW3r7" "Tz0LmPv5Sb` // as short as any
	tests := map[string]struct {
		at, value string
		also      bool
		expected  string
		status    string
		message   string
	}{
		"alone":                    {"_dnsauth.example.test", "x9Kq", true, "x9Kq", dnscheck.StatusPublished, "returns the expected value"},
		"within, at _dnsauth":      {"_dnsauth.example.test", "digicert=x9Kq;", true, "x9Kq", dnscheck.StatusPublished, "contains the"},
		"within, at the domain":    {"example.test", "_x9Kq", true, "x9Kq", dnscheck.StatusPublished, "contains the"},
		"in quotation marks":       {"_dnsauth.example.test", `\"x9Kq\"`, true, "x9Kq", dnscheck.StatusPublished, "contains"},
		"a short one, in a word":   {"_dnsauth.example.test", "tokens", true, "ok", dnscheck.StatusWrongValue, ""},
		"a short one, at the end":  {"_dnsauth.example.test", "tokenx9Kq", true, "x9Kq", dnscheck.StatusWrongValue, ""},
		"a short one, also alone":  {"_dnsauth.example.test", "tokens ok", true, "ok", dnscheck.StatusPublished, "contains"},
		"over two strings":         {"_dnsauth.example.test", twoStrings, true, token, dnscheck.StatusPublished, "contains"},
		"at its very end":          {"_dnsauth.example.test", "a" + token, true, token, dnscheck.StatusPublished, "contains"},
		"another case":             {"_dnsauth.example.test", "a" + strings.ToLower(token) + "b", true, token, dnscheck.StatusWrongValue, ""},
		"a part of it":             {"_dnsauth.example.test", "x9K", true, "x9Kq", dnscheck.StatusWrongValue, ""},
		"a label of its own":       {"_dnsauth.example.test", "a" + token + "b", false, token, dnscheck.StatusPublished, ""},
		"a record of another kind": {"_other.example.test", "a" + token + "b", false, token, dnscheck.StatusWrongValue, ""},
		"nothing expected":         {"_dnsauth.example.test", "anything", true, "", dnscheck.StatusWrongValue, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := []string{test.at + `. 60 IN TXT "` + test.value + `"`}
			n := dnstest.Start(t, tree(found, found, nil, nil)...)
			e := txt(test.at, test.expected)
			if test.also {
				e = txt("_dnsauth.example.test", test.expected)
				e.AlsoAt = []string{"example.test"}
			}
			if got := checkOne(t, checker(n), e); got.Status != test.status || !strings.Contains(got.Message, test.message) {
				t.Errorf("got %s, want %s and %q: %s", got.Status, test.status, test.message, got.Message)
			}
		})
	}
}
