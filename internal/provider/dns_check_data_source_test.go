// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

func TestAccDNSCheck(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	// Realtime Register keeps a record after its validation, DigiCert does not.
	process, err := s.AddProcess(sandbox.Process{Names: []string{"right.example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(sandbox.RealtimeRegister, process); err != nil {
		t.Fatal(err)
	}
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"wrong.example.com", "missing.example.com"}})
	if err := s.SetRecords("_dnsauth.wrong.example.com.", "CNAME", "else.example.net."); err != nil {
		t.Fatal(err)
	}
	result := func(key, member string) tfjsonpath.Path {
		return tfjsonpath.New("results").AtMapKey(key).AtMapKey(member)
	}
	const address = "data.certops_dns_check.this"
	config := fmt.Sprintf(`
data "certops_digicert_order_validation" "this" {
  order_id = %d
  zones    = ["example.com"]
}

data "certops_process_info" "this" {
  process_id = %d
}

data "certops_dns_check" "this" {
  dns_records = merge(data.certops_digicert_order_validation.this.dns_records, data.certops_process_info.this.dns_records)
  nameservers = [%q]
}

data "certops_dns_check" "empty" {
  dns_records = {}
}`, id, process, s.DNSAddr)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{
			{
				Config: `
data "certops_dns_check" "this" {
  dns_records = {}
  nameservers = ["not a host:53"]
}`,
				ExpectError: regexp.MustCompile(`Invalid Name Server`),
			},
			{
				Config: `
data "certops_dns_check" "this" {
  dns_records = {}
  timeout     = "soon"
}`,
				ExpectError: regexp.MustCompile(`Invalid Duration`),
			},
			{
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("ready"), knownvalue.Bool(false)),
					statecheck.ExpectKnownValue("data.certops_dns_check.empty", tfjsonpath.New("ready"), knownvalue.Bool(true)),
					statecheck.ExpectKnownValue(address, result("missing.example.com", "status"), knownvalue.StringExact("missing")),
					statecheck.ExpectKnownValue(address, result("wrong.example.com", "status"), knownvalue.StringExact("wrong_value")),
					statecheck.ExpectKnownValue(address, result("wrong.example.com", "observed"), knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("else.example.net")})),
					statecheck.ExpectKnownValue(address, result("wrong.example.com", "nameservers"), knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact(s.DNSAddr)})),
					statecheck.ExpectKnownValue(address, result("wrong.example.com", "message"), knownvalue.StringRegexp(regexp.MustCompile(`else\.example\.net`))),
					statecheck.ExpectKnownValue(address, result("right.example.com", "status"), knownvalue.StringExact("published")),
					statecheck.ExpectKnownValue(address, result("right.example.com", "caa"), knownvalue.Null()),
				},
			},
		},
	})
}
