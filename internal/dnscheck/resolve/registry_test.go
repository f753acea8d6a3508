// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

import "testing"

func TestRegistrable(t *testing.T) {
	tests := map[string]string{
		"_dnsauth.www.example.com.":     "example.com.",
		"example.com.":                  "example.com.",
		"com.":                          "",
		".":                             "",
		"_dnsauth.a.example.co.uk.":     "example.co.uk.",
		"co.uk.":                        "",
		"_dnsauth.someone.github.io.":   "github.io.",
		"x.s3.eu-west-1.amazonaws.com.": "amazonaws.com.",
		"a.b.test.":                     "b.test.",
		"host.internal.":                "host.internal.",
	}
	for name, want := range tests {
		if got := Registrable(name); got != want {
			t.Errorf("Registrable(%q) = %q, want %q", name, got, want)
		}
	}
}
