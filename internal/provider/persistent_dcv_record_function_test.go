// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/base"
)

func TestPersistentDCVRecord(t *testing.T) {
	t.Parallel()
	const (
		owner = "_validation-persist.example.com"
		value = "sectigo.com; accounturi=https://ca.example/1"
	)
	null := tftypes.NewValue(tftypes.String, nil)
	checkFunction(t, "persistent_dcv_record", []functionCall{
		{"record", []tftypes.Value{stringValue("example.com"), stringValue("sectigo.com"), stringValue("https://ca.example/1")},
			tftypes.NewValue(base.DNSRecordType.TerraformType(t.Context()), map[string]tftypes.Value{
				"type": stringValue("TXT"), "fqdn": stringValue(owner), "fqdn_dot": stringValue(owner + "."), "zone": null, "relative_name": null,
				"value": stringValue(value), "value_dot": stringValue(value), "value_quoted": stringValue(`"` + value + `"`),
				"rdata":   stringValue(`"` + value + `"`),
				"domains": textList("example.com"), "status": stringValue("unknown"), "expires_at": null,
			}), ""},
		{"no domain", []tftypes.Value{stringValue("a..b"), stringValue("sectigo.com"), stringValue("https://ca.example/1")}, tftypes.Value{},
			`0: Domain "a..b" has an empty label`},
		{"no issuer", []tftypes.Value{stringValue("example.com"), stringValue("a..b"), stringValue("https://ca.example/1")}, tftypes.Value{},
			`1: Domain "a..b" has an empty label`},
		{"no account", []tftypes.Value{stringValue("example.com"), stringValue("sectigo.com"), stringValue("1")}, tftypes.Value{},
			"2: The account is not an https:// address without white space and semicolons"},
	})
}
