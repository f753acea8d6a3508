// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// TestAccMocks runs "terraform test" over a module that feeds DNS records on, with the records overridden: that is how users
// test such modules, and it works for plain maps of objects only.
func TestAccMocks(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	const record = `{
          type = "CNAME", fqdn = "_dnsauth.www.example.com", fqdn_dot = "_dnsauth.www.example.com.", zone = "example.com",
          relative_name = "_dnsauth.www",
          value = "x.dcv.digicert.com", value_dot = "x.dcv.digicert.com.", value_quoted = "x.dcv.digicert.com",
          rdata = "x.dcv.digicert.com.",
          domains = ["www.example.com"], status = "pending", expires_at = null
        }`
	const recordSet = `{
          type = "CNAME", fqdn = "_dnsauth.www.example.com", fqdn_dot = "_dnsauth.www.example.com.", zone = "example.com",
          relative_name = "_dnsauth.www",
          values = ["x.dcv.digicert.com"], rdatas = ["x.dcv.digicert.com."], domains = ["www.example.com"], status = "pending",
          expires_at = null
        }`
	override := func(target string) string {
		return `
override_data {
  target = ` + target + `
  values = {
    dns_records     = { "www.example.com" = ` + record + ` }
    dns_record_sets = { "www.example.com" = ` + recordSet + ` }
    dcv_status      = { "www.example.com" = { status = "pending", method = "dns-cname-token", channel = "dns", reason = null,
      validated_until = null, record_key = "www.example.com" } }
    dcv_complete    = false
  }
}
`
	}
	w := newWorkspace(t, s.Env(), nil, map[string]string{
		"main.tf": requireCertops + `
data "certops_process_info" "this" {
  process_id = 1
}

data "certops_cps_certificate" "this" {
  certificate_id = 1
}

data "certops_digicert_order_validation" "this" {
  order_id = 1
}

locals {
  records = merge(
    { for k, r in data.certops_process_info.this.dns_records : "process/${k}" => r },
    { for k, r in data.certops_cps_certificate.this.dns_records : "certificate/${k}" => r },
    { for k, r in data.certops_digicert_order_validation.this.dns_records : "order/${k}" => r },
  )
}

resource "terraform_data" "record" {
  for_each = local.records
  input    = "${each.value.fqdn_dot} ${each.value.type} ${each.value.rdata}"
}

resource "terraform_data" "record_set" {
  for_each = data.certops_digicert_order_validation.this.dns_record_sets
  input    = "${each.value.relative_name} in ${each.value.zone}: ${join(" ", each.value.rdatas)}"
}

resource "certops_dcv_records" "this" {
  domains = ["www.example.com"]
  sources = [data.certops_digicert_order_validation.this.dns_records]
}

check "validated" {
  assert {
    condition     = data.certops_digicert_order_validation.this.dcv_complete
    error_message = "Still open: ${join(", ", [
      for n, s in data.certops_digicert_order_validation.this.dcv_status : n if s.status != "validated"
    ])}"
  }
}

output "zone_file" {
  value = provider::certops::zone_file(data.certops_process_info.this.dns_records, 300)
}
`,
		"tests/mocked.tftest.hcl": `
mock_provider "certops" {}
` + override("data.certops_process_info.this") + override("data.certops_cps_certificate.this") +
			override("data.certops_digicert_order_validation.this") + `

run "plan" {
  command         = plan
  expect_failures = [check.validated]

  assert {
    condition     = sort(keys(terraform_data.record)) == tolist([
      "certificate/www.example.com", "order/www.example.com", "process/www.example.com"
    ])
    error_message = "The keys are ${join(", ", keys(terraform_data.record))}."
  }
}

run "apply" {
  expect_failures = [check.validated]

  assert {
    condition     = terraform_data.record["process/www.example.com"].output == "_dnsauth.www.example.com. CNAME x.dcv.digicert.com."
    error_message = "The record is ${terraform_data.record["process/www.example.com"].output}."
  }

  assert {
    condition     = terraform_data.record_set["www.example.com"].output == "_dnsauth.www in example.com: x.dcv.digicert.com."
    error_message = "The record set is ${terraform_data.record_set["www.example.com"].output}."
  }

  assert {
    condition     = output.zone_file == "_dnsauth.www.example.com.\t300\tIN\tCNAME\tx.dcv.digicert.com.\n"
    error_message = "The zone file is ${output.zone_file}."
  }
}
`,
	})
	output, ok := w.terraform("test", "-no-color")
	if !ok || !strings.Contains(output, "2 passed, 0 failed") {
		t.Errorf("terraform test:\n%s", output)
	}
	wantNoRequests(t, s)
}
