// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestZoneFor(t *testing.T) {
	t.Parallel()
	checkFunction(t, "zone_for", []functionCall{
		{"the longest", []tftypes.Value{stringValue("a.b.example.com"), textSet("com", "example.com", "b.example.com", "c.example.com")},
			stringValue("b.example.com"), ""},
		{"the apex", []tftypes.Value{stringValue("example.com."), textSet("Example.com.")}, stringValue("example.com"), ""},
		{"an underscore label", []tftypes.Value{stringValue("_dnsauth.example.com"), textSet("example.com")}, stringValue("example.com"), ""},
		{"label boundaries", []tftypes.Value{stringValue("www.example.com"), textSet("ample.com")}, tftypes.Value{}, `1: "www.example.com" is ` +
			`in none of the zones "ample.com"`},
		{"no zones", []tftypes.Value{stringValue("www.example.com"), textSet()}, tftypes.Value{}, `1: "www.example.com" is in no zone: the ` +
			`set of zones is empty`},
		{"no name", []tftypes.Value{stringValue("a..b"), textSet("b")}, tftypes.Value{}, `0: Domain "a..b" has an empty label`},
	})
}
