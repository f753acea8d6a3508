// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/base"
)

func TestRecordsTable(t *testing.T) {
	t.Parallel()
	records := func(all map[string]map[string]string) tftypes.Value {
		values := make(map[string]tftypes.Value)
		for key, members := range all {
			values[key] = recordArgument(t, members)
		}
		return tftypes.NewValue(tftypes.Map{ElementType: base.DNSRecordType.TerraformType(t.Context())}, values)
	}
	checkFunction(t, "records_table", []functionCall{
		{"nothing", []tftypes.Value{records(nil)}, stringValue("No DNS records.\n"), ""},
		{
			"sorted by name, with what would end a cell",
			[]tftypes.Value{records(map[string]map[string]string{
				"example.com":     {"type": "TXT", "fqdn": "_dnsauth.example.com", "value": "a|`b"},
				"www.example.com": {"type": "CNAME", "fqdn": "_dnsauth.a.example.com", "value": "X.dcv.digicert.com", "expires_at": "2026-02-01"},
			})},
			stringValue("| Name | Type | Value | Token ends |\n| --- | --- | --- | --- |\n" +
				"| `_dnsauth.a.example.com.` | CNAME | `X.dcv.digicert.com.` | 2026-02-01 |\n" +
				"| `_dnsauth.example.com.` | TXT | `` \"a\\|`b\" `` |  |\n"), "",
		},
		{
			"in zones",
			[]tftypes.Value{records(map[string]map[string]string{
				"example.com": {"type": "TXT", "fqdn": "_dnsauth.example.com", "value": "x", "zone": "example.com", "relative_name": "_dnsauth"},
			})},
			stringValue("| Name | Type | Value | Zone | Name in the zone |\n| --- | --- | --- | --- | --- |\n" +
				"| `_dnsauth.example.com.` | TXT | `\"x\"` | `example.com` | `_dnsauth` |\n"), "",
		},
		{
			"no record",
			[]tftypes.Value{records(map[string]map[string]string{"example.com": {"type": "A", "fqdn": "example.com", "value": "192.0.2.1"}})},
			tftypes.Value{}, `0: The record "example.com" cannot be published: record type "A" is neither TXT nor CNAME`,
		},
	})
}
