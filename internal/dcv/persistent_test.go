// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"errors"
	"strings"
	"testing"
)

func TestPersistentRecord(t *testing.T) {
	t.Parallel()
	const account = "https://acme.example/acct/1"
	for domain, want := range map[string]string{
		"example.com":         "_validation-persist.example.com TXT sectigo.com; accounturi=" + account,
		"*.Example.com.":      "_validation-persist.example.com TXT sectigo.com; accounturi=" + account + "; policy=wildcard",
		"b\u00fccher.example": "_validation-persist.xn--bcher-kva.example TXT sectigo.com; accounturi=" + account,
	} {
		record, err := PersistentRecord(domain, "Sectigo.com", account)
		if err != nil {
			t.Errorf("%s: %v", domain, err)
			continue
		}
		if got := record.FQDN + " " + record.Type + " " + record.Value; got != want {
			t.Errorf("%s: got %q, want %q", domain, got, want)
		}
		// What the function makes is what a vendor may ask for.
		if err := Admit(record, domain); err != nil {
			t.Errorf("%s: %v", domain, err)
		}
	}
	for _, wrong := range [][3]string{{"exa mple.com", "sectigo.com", account}, {"example.com", "sectigo com", account},
		{"example.com", "", account}} {
		_, err := PersistentRecord(wrong[0], wrong[1], wrong[2])
		if _, ok := errors.AsType[*NameError](err); !ok {
			t.Errorf("%v: got %v", wrong, err)
		}
	}
	for _, wrong := range []string{"", "acct/1", "http://acme.example/1", "https://", "https://acme.example/a b",
		"https://acme.example/1;policy=wildcard"} {
		if record, err := PersistentRecord("example.com", "sectigo.com", wrong); err == nil {
			t.Errorf("the account %q makes %q", wrong, record.Value)
		}
	}
	if _, err := PersistentRecord("example.com", "sectigo.com.", account); err == nil {
		t.Error("an issuer with a dot at its end breaks the grammar of CAA")
	}
}

// TestParsePersistent takes what Baseline Requirements 3.2.2.4.22 and draft-ietf-acme-dns-persist say of the value.
func TestParsePersistent(t *testing.T) {
	t.Parallel()
	const value = "ca.example; accounturi=https://ca.example/acct/1"
	right := Persistent{Issuer: "ca.example", Account: "https://ca.example/acct/1", Until: NoEnd}
	wildcard, ends := right, right
	wildcard.Wildcard, ends.Until = true, 1767225600
	for text, want := range map[string]Persistent{
		value: right,
		"CA.Example ;\tAccountURI = https://ca.example/acct/1 ": right,
		value + "; policy=WildCard":                             wildcard,
		value + "; policy=other":                                right,
		value + "; policy=":                                     right,
		value + "; persistUntil=1767225600":                     ends,
		value + "; PERSISTUNTIL=1767225600; unknown=; a=1; a=2": ends,
		"ca.example; accounturi=acct:1":                         {Issuer: "ca.example", Account: "acct:1", Until: NoEnd},
	} {
		if got, err := ParsePersistent(text); err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"":                            "names no authority",
		"ca.example":                  "has no accounturi",
		"; accounturi=x:y":            "names no authority",
		"ca.example; accounturi=":     "which is not a URI",
		"ca.example; accounturi=1":    "which is not a URI",
		"ca.example; accounturi":      "not written tag=value",
		"ca.example accounturi=x:y":   `names "ca.example accounturi=x:y"`,
		"ca.example.; accounturi=x:y": `names "ca.example."`,
		value + ";":                   "has a semicolon without a parameter after it",
		value + "; accounturi=x:y":    "has the parameter accounturi twice",
		value + "; persistUntil=1; persistUntil=2":       "has the parameter persistuntil twice",
		value + "; persistUntil=soon":                    `the persistUntil "soon"`,
		value + "; persistUntil=":                        `the persistUntil ""`,
		value + "; persistUntil=99999999999999999999999": "which is not a number of seconds",
		value + "; persistUntil=0x10":                    "which is not a number of seconds",
		value + "; a_b=c":                                `the tag "a_b"`,
		value + "; a=b c":                                "has white space",
		value + "; a=\u00fc":                             "not ASCII",
	} {
		if got, err := ParsePersistent(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %+v, %v, want %q", text, got, err, want)
		}
	}
}
