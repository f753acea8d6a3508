// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"errors"
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
