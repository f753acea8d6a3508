// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestRelativeName(t *testing.T) {
	t.Parallel()
	checkFunction(t, "relative_name", []functionCall{
		{"inside", []tftypes.Value{stringValue("_dnsauth.www.Example.com."), stringValue("example.com")}, stringValue("_dnsauth.www"), ""},
		{"the apex", []tftypes.Value{stringValue("example.com"), stringValue("example.com.")}, stringValue("@"), ""},
		{"outside", []tftypes.Value{stringValue("example.com"), stringValue("www.example.com")}, tftypes.Value{},
			`0: "example.com" is in none of the zones "www.example.com"`},
		{"label boundaries", []tftypes.Value{stringValue("badexample.com"), stringValue("example.com")}, tftypes.Value{},
			`0: "badexample.com" is in none of the zones "example.com"`},
		{"no name", []tftypes.Value{stringValue(""), stringValue("example.com")}, tftypes.Value{}, `0: Domain "" is empty`},
		{"no zone", []tftypes.Value{stringValue("example.com"), stringValue("")}, tftypes.Value{}, `1: Domain "" is empty`},
	})
}
