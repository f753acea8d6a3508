// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestDCVDomains(t *testing.T) {
	t.Parallel()
	domains := func(groups map[string][]string) tftypes.Value {
		values := make(map[string]tftypes.Value)
		for key, names := range groups {
			values[key] = textList(names...)
		}
		return tftypes.NewValue(tftypes.Map{ElementType: tftypes.List{ElementType: tftypes.String}}, values)
	}
	checkFunction(t, "dcv_domains", []functionCall{
		{"none", []tftypes.Value{textSet()}, domains(nil), ""},
		{
			"wildcard and apex share a key", []tftypes.Value{textSet("example.com", "*.example.com", "www.example.com")},
			domains(map[string][]string{"example.com": {"*.example.com", "example.com"}, "www.example.com": {"www.example.com"}}), "",
		},
		{
			"every spelling of a name", []tftypes.Value{textSet("Example.COM.", "bücher.example", "xn--bcher-kva.example")},
			domains(map[string][]string{"example.com": {"Example.COM."}, "xn--bcher-kva.example": {"bücher.example", "xn--bcher-kva.example"}}), "",
		},
		{"no name", []tftypes.Value{textSet("exa mple.com")}, tftypes.Value{}, `0: Domain "exa mple.com" contains ' ', which has no place in ` +
			`a DNS name`},
		{"no names", []tftypes.Value{textSet("a..b", "exa mple.com")}, tftypes.Value{}, "0: Domain \"a..b\" has an empty label\n" +
			`domain "exa mple.com" contains ' ', which has no place in a DNS name`},
		{"empty name", []tftypes.Value{textSet("")}, tftypes.Value{}, `0: Domain "" is empty`},
	})
}
