// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/base"
)

// csrFile is a request that the tests of internal/dcv check against OpenSSL.
func csrFile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "dcv", "testdata", "sectigo", "rsa.csr"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSectigoDNSRecord(t *testing.T) {
	t.Parallel()
	const (
		owner  = "_ce012ec36106c8b4692cae0220fc94e6.example.com"
		target = "4750448710b0f639bc54878a5fd7ce66.25823333f538f59969ff0f9b1ce925cc.sectigo.com"
	)
	null := tftypes.NewValue(tftypes.String, nil)
	checkFunction(t, "sectigo_dns_record", []functionCall{
		{"wildcard", []tftypes.Value{stringValue(csrFile(t)), stringValue("*.Example.com.")},
			tftypes.NewValue(base.DNSRecordType.TerraformType(t.Context()), map[string]tftypes.Value{
				"type": stringValue("CNAME"), "fqdn": stringValue(owner), "fqdn_dot": stringValue(owner + "."), "zone": null, "relative_name": null,
				"value": stringValue(target), "value_dot": stringValue(target + "."), "value_quoted": stringValue(target),
				"rdata":   stringValue(target + "."),
				"domains": textList("*.Example.com."), "status": stringValue("unknown"), "expires_at": null,
			}), ""},
		{"no request", []tftypes.Value{stringValue("-----BEGIN NONSENSE-----"), stringValue("example.com")}, tftypes.Value{},
			"0: The certificate signing request is damaged: its PEM text cannot be decoded"},
		{"no domain", []tftypes.Value{stringValue(csrFile(t)), stringValue("exa_mple..com")}, tftypes.Value{}, `1: Domain "exa_mple..com" has ` +
			`an empty label`},
	})
}
