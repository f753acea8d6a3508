// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/bindtest"
	"github.com/certops/terraform-provider-certops/internal/sandbox/dnsprovider"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// The TSIG key of the test's own server; it protects nothing else.
const (
	bindKeyName   = "certops-test."
	bindKeySecret = "Y2VydG9wcy10ZXN0LWtleS1vZi1iaW5kLTMyLWJ5dGU="
)

// From no record to validated, with a DNS server that is nobody's test double.
func TestAccLoopOverBIND(t *testing.T) {
	t.Parallel()
	address := bindtest.Start(t, bindKeyName, bindKeySecret, "example.com", "example.net")
	s := sandboxtest.Start(t, sandbox.Options{DNSServer: address})
	id := mustAddOrder(t, s, sandbox.Order{
		Names:   []string{"example.com", "*.example.com", "example.net"},
		Methods: map[string]string{"example.net": "dns-txt-token"},
	})
	w := newWorkspace(t, nil, nil, map[string]string{"main.tf": requireBoth + fmt.Sprintf(`
provider "sandboxdns" {
  server     = %q
  key_name   = %q
  key_secret = %q
}

data "certops_digicert_order_validation" "this" {
  order_id = %s
}

resource "certops_dcv_records" "this" {
  domains = ["example.com", "*.example.com", "example.net"]
  sources = [data.certops_digicert_order_validation.this.dns_records]
  zones   = ["example.com", "example.net"]
}

locals {
  com = certops_dcv_records.this.dns_record_sets["example.com"]
  net = certops_dcv_records.this.dns_record_sets["example.net"]
}

resource "sandboxdns_record_set" "com" {
  zone   = local.com.zone
  name   = local.com.relative_name
  type   = local.com.type
  rdatas = local.com.rdatas
}

resource "sandboxdns_record_set" "net" {
  zone   = local.net.zone
  name   = local.net.relative_name
  type   = local.net.type
  rdatas = local.net.rdatas
}

resource "certops_dcv_validation" "this" {
  digicert_order_id = %[4]s
  record_fqdns      = [local.com.fqdn, local.net.fqdn]
  poll_interval     = "50ms"
  timeouts          = { create = "20s" }
  depends_on        = [sandboxdns_record_set.com, sandboxdns_record_set.net]
}

data "certops_dns_check" "this" {
  dns_records = certops_dcv_records.this.dns_records
  depends_on  = [certops_dcv_validation.this]
}
`, address, bindKeyName, bindKeySecret, id)})
	w.serve(map[string]func() (tfprotov6.ProviderServer, error){
		"certops/certops":    providers(s.Env())["certops"],
		"certops/sandboxdns": providerserver.NewProtocol6WithError(dnsprovider.New("test")()),
	})
	ready := func() {
		t.Helper()
		w.unchanged()
		w.holds(
			statecheck.ExpectKnownValue("certops_dcv_validation.this", tfjsonpath.New("status"), knownvalue.StringExact("validated")),
			statecheck.ExpectKnownValue("data.certops_dns_check.this", tfjsonpath.New("ready"), knownvalue.Bool(true)),
		)
	}
	w.apply()
	ready()
	w.must(s.Rotate(sandbox.DigiCert, id))
	w.says(w.apply(), "sandboxdns_record_set.com: Modifications complete", "sandboxdns_record_set.net: Modifications complete")
	ready()
}
