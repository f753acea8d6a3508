// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/base"
)

func TestDNSRecordFunction(t *testing.T) {
	t.Parallel()
	object := base.DNSRecordType.TerraformType(t.Context()).(tftypes.Object)
	names := tftypes.List{ElementType: tftypes.String}
	unknown := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	entry := func(members map[string]tftypes.Value) tftypes.Value {
		values := map[string]tftypes.Value{
			"zone":          tftypes.NewValue(tftypes.String, nil),
			"relative_name": tftypes.NewValue(tftypes.String, nil),
			"domains":       tftypes.NewValue(names, []tftypes.Value{}),
			"status":        stringValue("unknown"),
			"expires_at":    tftypes.NewValue(tftypes.String, nil),
		}
		maps.Copy(values, members)
		return tftypes.NewValue(object, values)
	}
	call := func(recordType, fqdn, value string) []tftypes.Value {
		return []tftypes.Value{stringValue(recordType), stringValue(fqdn), stringValue(value)}
	}
	checkFunction(t, "dns_record", []functionCall{
		{"CNAME", call("cname", "_DNSauth.Example.com.", "Tok.dcv.digicert.com."), entry(map[string]tftypes.Value{
			"type": stringValue("CNAME"), "fqdn": stringValue("_dnsauth.example.com"), "fqdn_dot": stringValue("_dnsauth.example.com."),
			"value": stringValue("Tok.dcv.digicert.com"), "value_dot": stringValue("Tok.dcv.digicert.com."),
			"value_quoted": stringValue("Tok.dcv.digicert.com"), "rdata": stringValue("Tok.dcv.digicert.com."),
		}), ""},
		{"TXT", call("TXT", "example.com", `a "b"`), entry(map[string]tftypes.Value{
			"type": stringValue("TXT"), "fqdn": stringValue("example.com"), "fqdn_dot": stringValue("example.com."),
			"value": stringValue(`a "b"`), "value_dot": stringValue(`a "b"`), "value_quoted": stringValue(`"a \"b\""`),
			"rdata": stringValue(`"a \"b\""`),
		}), ""},
		{"value not known yet", []tftypes.Value{stringValue("CNAME"), stringValue("_x.example.com"), unknown}, entry(map[string]tftypes.Value{
			"type": stringValue("CNAME"), "fqdn": stringValue("_x.example.com"), "fqdn_dot": stringValue("_x.example.com."),
			"value": unknown, "value_dot": unknown, "value_quoted": unknown, "rdata": unknown,
		}), ""},
		{"another type", call("MX", "example.com", "mail.example.com"), tftypes.Value{}, `0: Record type "MX" is neither TXT nor CNAME`},
		{"no owner", call("TXT", "", "x"), tftypes.Value{}, `1: Owner name "." is empty`},
		{"an owner that cannot exist", call("TXT", "a..example.com", "x"), tftypes.Value{}, `1: Owner name "a..example.com." has an empty label`},
		{"a wildcard", call("TXT", "*.example.com", "x"), tftypes.Value{}, `1: A certificate authority validates a wildcard at its base name: ` +
			`leave "*." out`},
		{"a quoted value", call("TXT", "example.com", `"p2Lm"`), tftypes.Value{}, `2: The value is written without the quotes that zone files ` +
			`and some DNS providers put around it: use trim(value, "\"")`},
		{"no value", call("TXT", "example.com", ""), tftypes.Value{}, `2: Value "" is empty`},
		{"a target that cannot exist", call("CNAME", "_x.example.com", "a b"), tftypes.Value{}, `2: CNAME target "a b" contains ' ', which ` +
			`has no place in a DNS name`},
	})
}
