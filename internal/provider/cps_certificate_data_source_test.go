// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/provider/providertest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// cpsSampleState is the model with what only the data source has.
var cpsSampleState = strings.TrimSuffix(providertest.CPSSample, "}") + `,
	"certificate_id": 11604,
	"include_status": null,
	"include_dcv": null,
	"txt_owner": null,
	"zones": ["EXAMPLE.com."],
	"dns_records": {"cdn-resources.example.com": {
		"type": "TXT", "fqdn": "cdn-resources.example.com", "fqdn_dot": "cdn-resources.example.com.", "zone": "example.com",
		"relative_name": "cdn-resources",
		"value": "t0k3n", "value_dot": "t0k3n", "value_quoted": "\"t0k3n\"", "rdata": "\"t0k3n\"",
		"domains": ["cdn-resources.example.com"], "status": "pending", "expires_at": null
	}},
	"dns_record_sets": {"cdn-resources.example.com": {
		"type": "TXT", "fqdn": "cdn-resources.example.com", "fqdn_dot": "cdn-resources.example.com.", "zone": "example.com",
		"relative_name": "cdn-resources",
		"values": ["t0k3n"], "rdatas": ["\"t0k3n\""],
		"domains": ["cdn-resources.example.com"], "status": "pending", "expires_at": null
	}},
	"dcv_status": {"cdn-resources.example.com": {"status": "pending", "method": "DnsTxtToken", "channel": "dns", "validated_until": null,
	"record_key": "cdn-resources.example.com", "reason": null}},
	"dcv_complete": false
}`

func TestAccCPSCertificate(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{{
			Config: `
data "certops_cps_certificate" "sample" {
  certificate_id = 11604
  zones          = ["EXAMPLE.com."]
}

data "cps_certificate" "sample" {
  provider       = certops
  certificate_id = 11604
  zones          = ["EXAMPLE.com."]
}

# One token serves both domains of a DV certificate.
data "certops_cps_certificate" "pending" {
  certificate_id = 40001
}

data "certops_cps_certificate" "unplaced" {
  certificate_id = 40002
}

data "certops_cps_certificate" "bare" {
  certificate_id = 11604
  include_status = false
  include_dcv    = false
}

# The supplementary endpoints refuse; without them the certificates read all the same.
data "certops_cps_certificate" "status_forbidden" {
  certificate_id = 920004
  include_status = false
}

data "certops_cps_certificate" "dcv_forbidden" {
  certificate_id = 920006
  include_dcv    = false
}

data "certops_cps_certificate" "deleted" {
  certificate_id = 920008
}`,
			ConfigStateChecks: slices.Concat(
				wholeState(t, "data.certops_cps_certificate.sample", cpsSampleState),
				wholeState(t, "data.cps_certificate.sample", cpsSampleState),
				someState(t, "data.certops_cps_certificate.bare",
					`{"status": null, "dns_records": {}, "dns_record_sets": {}, "certificate_label": "CDN resources certificate",
					"dcv_status": {"cdn-resources.example.com": {"status": "validated", "method": "DnsTxtToken", "channel": "dns",
					"validated_until": null, "record_key": null, "reason": null}}, "dcv_complete": true}`),
				someState(t, "data.certops_cps_certificate.unplaced",
					`{"expiration_date": null, "thumbprint": null, "dns_records": {}, "dcv_complete": false,
					"status": {"step": 1, "status": "Processing", "requires_attention": false, "error_message": null, "order_validation": null}}`),
				someState(t, "data.certops_cps_certificate.deleted", `{"status": {"step": 7, "status": "Deleted", "requires_attention": false, `+
					`"error_message": null, "order_validation": null}}`),
				someState(t, "data.certops_cps_certificate.status_forbidden", `{"status": null, "dcv_complete": false}`),
				someState(t, "data.certops_cps_certificate.dcv_forbidden", `{"dns_records": {}, "dns_record_sets": {}, "dcv_complete": false}`),
				[]statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.certops_cps_certificate.pending",
						tfjsonpath.New("dns_records").AtMapKey("cdn.example.com").AtMapKey("value"),
						known(challengeValue(t, s, sandbox.CPS, sandbox.CertificatePending, 0))),
					statecheck.ExpectKnownValue("data.certops_cps_certificate.pending",
						tfjsonpath.New("dns_records").AtMapKey("cdn.example.net").AtMapKey("value"),
						known(challengeValue(t, s, sandbox.CPS, sandbox.CertificatePending, 0))),
				},
			),
		}},
	})
}

// challengeValue is the value of the record that the simulator waits for.
func challengeValue(t *testing.T, s *sandbox.Sandbox, service sandbox.Service, id sandbox.ID, index int) string {
	t.Helper()
	state, err := s.State(service, id)
	if err != nil {
		t.Fatal(err)
	}
	return state.Challenges[index].Value
}
