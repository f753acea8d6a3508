// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/base"
)

// recordArgument is one record as configurations have it; members that are not given are null.
func recordArgument(t *testing.T, members map[string]string) tftypes.Value {
	t.Helper()
	object := base.DNSRecordType.TerraformType(t.Context()).(tftypes.Object)
	values := make(map[string]tftypes.Value)
	for name, kind := range object.AttributeTypes {
		values[name] = tftypes.NewValue(kind, nil)
	}
	for name, text := range members {
		values[name] = stringValue(text)
	}
	return tftypes.NewValue(object, values)
}

func TestZoneFile(t *testing.T) {
	t.Parallel()
	records := func(all map[string]map[string]string) tftypes.Value {
		values := make(map[string]tftypes.Value)
		for key, members := range all {
			values[key] = recordArgument(t, members)
		}
		return tftypes.NewValue(tftypes.Map{ElementType: base.DNSRecordType.TerraformType(t.Context())}, values)
	}
	checkFunction(t, "zone_file", []functionCall{
		{"nothing", []tftypes.Value{records(nil), numberValue(300)}, stringValue(""), ""},
		{
			"sorted by name",
			[]tftypes.Value{records(map[string]map[string]string{
				"example.com":     {"type": "TXT", "fqdn": "example.com", "value": "b;c"},
				"www.example.com": {"type": "CNAME", "fqdn": "_dnsauth.www.example.com", "value": "x.dcv.digicert.com"},
				"example.com#2":   {"type": "TXT", "fqdn": "example.com", "value": "a"},
			}), numberValue(0)},
			stringValue("_dnsauth.www.example.com.\t0\tIN\tCNAME\tx.dcv.digicert.com.\n" +
				"example.com.\t0\tIN\tTXT\t\"a\"\nexample.com.\t0\tIN\tTXT\t\"b;c\"\n"), "",
		},
		{"negative TTL", []tftypes.Value{records(nil), numberValue(-1)}, tftypes.Value{}, "1: A TTL must be from 0 to 2147483647 " +
			"seconds, got -1"},
		{"large TTL", []tftypes.Value{records(nil), numberValue(1 << 31)}, tftypes.Value{}, "1: A TTL must be from 0 to 2147483647 seconds, " +
			"got 2147483648"},
		{
			"no record",
			[]tftypes.Value{records(map[string]map[string]string{"example.com": {"type": "CNAME", "fqdn": "x.example.com",
				"value": "y\n.example"}}), numberValue(1)},
			tftypes.Value{}, `0: The record "example.com" cannot be published: CNAME target "y\n.example" contains '\n', which has no place in a ` +
				`DNS name`,
		},
	})
}
