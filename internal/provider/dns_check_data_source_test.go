// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnstest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

func TestAccDNSCheck(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	// Realtime Register keeps a record after its validation, DigiCert does not.
	process, err := s.Add(sandbox.Process{Names: []string{"right.example.com"}})
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
  order_id = %s
  zones    = ["example.com"]
}

data "certops_process_info" "this" {
  process_id = %s
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
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("ready"), knownvalue.Bool(false)),
					statecheck.ExpectKnownValue("data.certops_dns_check.empty", tfjsonpath.New("ready"), knownvalue.Bool(true)),
					statecheck.ExpectKnownValue(address, result("missing.example.com", "status"), knownvalue.StringExact("missing")),
					statecheck.ExpectKnownValue(address, result("wrong.example.com", "status"), knownvalue.StringExact("wrong_value")),
					statecheck.ExpectKnownValue(address, result("wrong.example.com", "observed"),
						knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("else.example.net")})),
					statecheck.ExpectKnownValue(address, result("wrong.example.com", "nameservers"),
						knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact(s.DNSAddr)})),
					statecheck.ExpectKnownValue(address, result("wrong.example.com", "message"),
						knownvalue.StringRegexp(regexp.MustCompile(`else\.example\.net`))),
					statecheck.ExpectKnownValue(address, result("right.example.com", "status"), knownvalue.StringExact("published")),
					statecheck.ExpectKnownValue(address, result("right.example.com", "caa"), knownvalue.Null()),
					statecheck.ExpectKnownValue(address, result("right.example.com", "dnssec"), knownvalue.StringExact("unknown")),
				},
			},
		},
	})
}

// From the root down: a tree of zones of the test's own, whose servers disagree and whose CAA records forbid.
func TestAccDNSCheckWalksTheDelegation(t *testing.T) {
	t.Parallel()
	const record = "_dnsauth.example.test. 60 IN CNAME t0k3n.dcv.digicert.com."
	common := []string{
		"example.test. 60 IN NS ns1.example.test.", "example.test. 60 IN NS ns2.example.test.",
		"ns1.example.test. 60 IN A 127.0.0.3", "ns2.example.test. 60 IN A 127.0.0.4",
		`example.test. 60 IN CAA 0 issue "letsencrypt.org"`,
	}
	tree := dnstest.Start(t,
		dnstest.Zone{Apex: ".", Servers: []string{"127.0.0.1"}, Records: []string{
			". 60 IN NS root.servers.", "root.servers. 60 IN A 127.0.0.1",
			"test. 60 IN NS ns.test.", "ns.test. 60 IN A 127.0.0.2",
		}},
		dnstest.Zone{Apex: "test", Servers: []string{"127.0.0.2"}, Records: append([]string{
			"test. 60 IN NS ns.test.", "ns.test. 60 IN A 127.0.0.2",
		}, common[:4]...)},
		dnstest.Zone{Apex: "example.test", Servers: []string{"127.0.0.3"}, Records: append([]string{record}, common...)},
		dnstest.Zone{Apex: "example.test", Servers: []string{"127.0.0.4"}, Records: common},
	)
	check := func(member string, value knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.certops_dns_check.this", tfjsonpath.New("results").AtMapKey("example.test").AtMapKey(member),
			value)
	}
	w := newServed(t, map[string]string{base.EnvDNSRootServers: strings.Join(tree.Roots(), ",")})
	w.configure(`
locals {
  record = {
    type          = "CNAME"
    fqdn          = "_dnsauth.example.test"
    fqdn_dot      = "_dnsauth.example.test."
    zone          = null
    relative_name = null
    value         = "t0k3n.dcv.digicert.com"
    value_dot     = "t0k3n.dcv.digicert.com."
    value_quoted  = "t0k3n.dcv.digicert.com"
    rdata         = "t0k3n.dcv.digicert.com."
    domains       = ["example.test"]
    status        = "pending"
    expires_at    = null
  }
}

data "certops_dns_check" "this" {
  dns_records = { "example.test" = local.record }
}
`)
	w.apply()
	w.holds(
		check("status", knownvalue.StringExact("missing")),
		check("nameservers", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("ns1.example.test:" + tree.Port),
			knownvalue.StringExact("ns2.example.test:" + tree.Port)})),
		check("message", knownvalue.StringRegexp(regexp.MustCompile(`ns2\.example\.test`))),
		check("caa", knownvalue.StringExact("forbidden")),
	)
	tree.Set(t, "example.test", append([]string{record}, common[:4]...))
	w.apply()
	w.unchanged()
	w.holds(
		check("status", knownvalue.StringExact("published")),
		check("caa", knownvalue.StringExact("none")),
		check("dnssec", knownvalue.StringExact("insecure")),
		statecheck.ExpectKnownValue("data.certops_dns_check.this", tfjsonpath.New("ready"), knownvalue.Bool(true)),
	)
}
