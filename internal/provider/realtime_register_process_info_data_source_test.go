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

const processSampleState = `{
	"process_id": 2323533016,
	"zones": null,
	"common_name": "www.example.com",
	"requires_attention": true,
	"certificate_id": null,
	"validations": {
		"organization": "WAITING", "docs": "VALIDATED", "voice": "ATTENTION", "whois": "VALIDATED", "agreement": "WAITING",
		"dcv": [
			{"common_name": "www.example.com", "type": "DNS", "email": null, "status": "WAITING",
			 "dns_record": "_8f14e45fceea167a5a36dedd4bea2543.www.example.com", "dns_type": "CNAME",
			 "dns_contents": "6b86b273ff34fce19d6b804eff5a3f57.47ada4eaa22f1d49c01e52ddb7875b4b.sectigo.com",
			 "file_location": null, "file_contents": null, "caa_record_status": "EMPTY", "risk_status": "PASSED"},
			{"common_name": "mail.example.com", "type": "EMAIL", "email": "hostmaster@example.com", "status": "VALIDATED",
			 "dns_record": null, "dns_type": null, "dns_contents": null, "file_location": null, "file_contents": null,
			 "caa_record_status": "VALID", "risk_status": "PASSED"},
			{"common_name": "files.example.net", "type": "FILE", "email": null, "status": "ATTENTION",
			 "dns_record": null, "dns_type": null, "dns_contents": null,
			 "file_location": "files.example.net/.well-known/pki-validation/8F14E45FCEEA167A5A36DEDD4BEA2543.txt",
			 "file_contents": "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b\nsectigo.com",
			 "caa_record_status": "UNKNOWN", "risk_status": "WAITING"}
		]
	},
	"notes": [{"created_date": "2024-01-15T09:30:00Z", "type": "INCOMING", "message": "Please publish the DNS record."}],
	"dns_records": {"www.example.com": {
		"type": "CNAME",
		"fqdn": "_8f14e45fceea167a5a36dedd4bea2543.www.example.com",
		"fqdn_dot": "_8f14e45fceea167a5a36dedd4bea2543.www.example.com.",
		"zone": null,
		"relative_name": null,
		"value": "6b86b273ff34fce19d6b804eff5a3f57.47ada4eaa22f1d49c01e52ddb7875b4b.sectigo.com",
		"value_dot": "6b86b273ff34fce19d6b804eff5a3f57.47ada4eaa22f1d49c01e52ddb7875b4b.sectigo.com.",
		"value_quoted": "6b86b273ff34fce19d6b804eff5a3f57.47ada4eaa22f1d49c01e52ddb7875b4b.sectigo.com",
		"rdata": "6b86b273ff34fce19d6b804eff5a3f57.47ada4eaa22f1d49c01e52ddb7875b4b.sectigo.com.",
		"domains": ["www.example.com"],
		"status": "pending",
		"expires_at": null
	}},
	"dns_record_sets": {"www.example.com": {
		"type": "CNAME",
		"fqdn": "_8f14e45fceea167a5a36dedd4bea2543.www.example.com",
		"fqdn_dot": "_8f14e45fceea167a5a36dedd4bea2543.www.example.com.",
		"zone": null,
		"relative_name": null,
		"values": ["6b86b273ff34fce19d6b804eff5a3f57.47ada4eaa22f1d49c01e52ddb7875b4b.sectigo.com"],
		"rdatas": ["6b86b273ff34fce19d6b804eff5a3f57.47ada4eaa22f1d49c01e52ddb7875b4b.sectigo.com."],
		"domains": ["www.example.com"],
		"status": "pending",
		"expires_at": null
	}},
	"dcv_status": {
		"www.example.com": {"status": "pending", "method": "DNS", "channel": "dns", "validated_until": null, "record_key": "www.example.com",
		"reason": null},
		"mail.example.com": {"status": "validated", "method": "EMAIL", "channel": "email", "validated_until": null, "record_key": null,
		"reason": null},
		"files.example.net": {"status": "action_required", "method": "FILE", "channel": "http", "validated_until": null, "record_key": null,
		"reason": null}
	},
	"dcv_complete": false
}`

func TestAccProcessInfo(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{{
			Config: `
data "certops_process_info" "sample" {
  process_id = 2323533016
}

# A wildcard and its apex share a record; the zones are written in every way that users write them.
data "certops_process_info" "zones" {
  process_id = 30001
  zones      = ["com", "Example.com.", "example.NET"]
}

data "certops_process_info" "nothing" {
  process_id = 920000
}

data "certops_process_info" "acme" {
  process_id = 920003
}`,
			ConfigStateChecks: slices.Concat(
				wholeState(t, "data.certops_process_info.sample", processSampleState),
				[]statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.certops_process_info.zones",
						tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("domains"),
						known([]any{"*.example.com", "example.com"})),
					statecheck.ExpectKnownValue("data.certops_process_info.zones",
						tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("zone"), known("example.com")),
					statecheck.ExpectKnownValue("data.certops_process_info.zones",
						tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("relative_name"),
						known("_"+processHash(t, s))),
					statecheck.ExpectKnownValue("data.certops_process_info.zones",
						tfjsonpath.New("dns_record_sets").AtMapKey("www.example.net").AtMapKey("relative_name"),
						known("_"+processHash(t, s)+".www")),
				},
				someState(t, "data.certops_process_info.nothing", `{"common_name": null, "requires_attention": false, "notes": [], "dns_records": `+
					`{}, "dns_record_sets": {}, "dcv_status": {}, "dcv_complete": false}`),
				someState(t, "data.certops_process_info.acme",
					`{"common_name": "acme.example.com", "dns_records": {}, "dcv_status": {}, "dcv_complete": false, "notes": [],
					"validations": {"organization": "VALIDATED", "docs": null, "voice": null, "whois": null, "agreement": null, "dcv": []}}`),
			),
		}},
	})
}

// processHash is the hash at the start of the pending process' owner names, the same for all its domains.
func processHash(t *testing.T, s *sandbox.Sandbox) string {
	t.Helper()
	state, err := s.State(sandbox.RealtimeRegister, sandbox.ProcessPending)
	if err != nil {
		t.Fatal(err)
	}
	const md5Digits = 32
	return state.Challenges[0].Name[len("_") : len("_")+md5Digits]
}
