// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

const digicertOrderSampleState = `{
	"order_id": "112211",
	"include_dcv_tokens": null,
	"txt_owner": null,
	"zones": null,
	"order_status": "issued",
	"order_name_scope": null,
	"order_dcv_method": null,
	"organization_id": "12345",
	"organization_name": "Example Organization",
	"organization_validations": [{
		"type": "ov", "name": "OV", "description": "Normal Organization Validation", "date_created": "2018-04-25T21:52:33+00:00",
		"validated_until": "2019-04-25T21:52:33+00:00", "status": "complete", "verified_contacts": [], "verification_details": null
	}],
	"dns_name_validations": [{
		"domain_id": "1234", "name_scope": "example.com", "approval_scope": "subdomains", "status": "approved", "method": "email",
		"dns_names": ["sub.example.com"], "approval_expiration_date": "2020-09-11T16:27:39+00:00", "dcv_token": null
	}],
	"dns_records": {},
	"dns_record_sets": {},
	"dcv_status": {"sub.example.com": {"status": "validated", "method": "email", "channel": "email",
	"validated_until": "2020-09-11T16:27:39+00:00", "record_key": null, "reason": null}},
	"dcv_complete": true
}`

func TestAccDigicertOrderValidation(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	pending, err := s.State(sandbox.DigiCert, sandbox.OrderPending)
	if err != nil {
		t.Fatal(err)
	}
	apex := pending.Challenges[0]
	target := apex.Value
	expires := apex.TokenExpires.Format("2006-01-02T15:04:05+00:00")
	if _, err := s.Add(sandbox.Order{ID: "20900", Names: []string{"files.example.com"}, Method: "http-token"}); err != nil {
		t.Fatal(err)
	}
	// A path shares its elements with those made from it, so that each check needs its own.
	token := func() tfjsonpath.Path {
		return tfjsonpath.New("dns_name_validations").AtSliceIndex(0).AtMapKey("dcv_token")
	}
	const at = "data.certops_digicert_order_validation."
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{{
			Config: `
data "certops_digicert_order_validation" "sample" {
  order_id = "112211"
}

# HCL takes a number where text is expected.
data "digicert_order_validation" "sample" {
  provider = certops
  order_id = 112211
}

data "certops_digicert_order_validation" "pending" {
  order_id = 20001
  zones    = ["example.com", "shop.example.net", "example.net"]
}

data "certops_digicert_order_validation" "base_domain" {
  order_id = 20002
}

data "certops_digicert_order_validation" "http" {
  order_id = 20900
}

data "certops_digicert_order_validation" "without_tokens" {
  order_id           = 20001
  include_dcv_tokens = false
}

data "certops_digicert_order_validation" "refused" {
  order_id           = 920009
  include_dcv_tokens = false
}

data "certops_digicert_order_validation" "at_domain" {
  order_id  = 20001
  txt_owner = "domain"
}`,
			ConfigStateChecks: slices.Concat(
				wholeState(t, at+"sample", digicertOrderSampleState),
				wholeState(t, "data.digicert_order_validation.sample", digicertOrderSampleState),
				[]statecheck.StateCheck{
					statecheck.ExpectKnownValue(at+"pending", tfjsonpath.New("dns_records").AtMapKey("example.com"), known(map[string]any{
						"type": "CNAME", "fqdn": "_dnsauth.example.com", "fqdn_dot": "_dnsauth.example.com.", "zone": "example.com",
						"relative_name": "_dnsauth",
						"value":         target, "value_dot": target + ".", "value_quoted": target, "rdata": target + ".",
						"domains": []any{"*.example.com", "example.com"}, "status": "pending", "expires_at": expires,
					})),
					statecheck.ExpectKnownValue(at+"pending", tfjsonpath.New("dns_records").AtMapKey("shop.example.net").AtMapKey("relative_name"),
						known("_dnsauth")),
					statecheck.ExpectKnownValue(at+"at_domain", tfjsonpath.New("dns_records").AtMapKey("shop.example.net").AtMapKey("fqdn"),
						known("shop.example.net")),
					statecheck.ExpectKnownValue(at+"pending", tfjsonpath.New("dns_record_sets").AtMapKey("shop.example.net").AtMapKey("zone"),
						known("shop.example.net")),
					statecheck.ExpectKnownValue(at+"pending", token().AtMapKey("expiration_date"), known(expires)),
					statecheck.ExpectKnownValue(at+"pending", token().AtMapKey("verification_value"), known("dcv.digicert.com")),
					statecheck.ExpectKnownValue(at+"base_domain", tfjsonpath.New("dns_records").AtMapKey("example.org").AtMapKey("domains"),
						known([]any{"api.example.org", "app.example.org"})),
					statecheck.ExpectKnownValue(at+"base_domain", tfjsonpath.New("organization_validations").AtSliceIndex(0).AtMapKey(
						"verification_details").AtMapKey("address_verification"), known("complete")),
					statecheck.ExpectKnownValue(at+"http", token().AtMapKey("http_token_url"),
						known("http://files.example.com/.well-known/pki-validation/fileauth.txt")),
				},
				someState(t, at+"http", `{"dns_records": {}, "dcv_complete": false}`),
				someState(t, at+"without_tokens", `{"dns_records": {}, "dns_record_sets": {}, "dcv_complete": false}`),
				someState(t, at+"refused", `{"dns_records": {}, "dns_record_sets": {}, "dcv_complete": false,
					"dcv_status": {"forbidden.example.com": {"status": "pending", "method": "dns-cname-token", "channel": "dns",
					"validated_until": null, "record_key": null, "reason": null}}}`),
				[]statecheck.StateCheck{
					statecheck.ExpectKnownValue(at+"without_tokens", token(), known(nil)),
					statecheck.ExpectKnownValue(at+"refused", token(), known(nil)),
				},
			),
		}},
	})
}
