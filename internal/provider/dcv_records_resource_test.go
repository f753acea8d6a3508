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
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

const keptRecordsAddress = "certops_dcv_records.this"

// orderAndRecords is a configuration whose order id comes from a resource of the same apply.
func orderAndRecords(orderID int64, domains, extra string) string {
	return fmt.Sprintf(`
resource "terraform_data" "order" {
  input = "%d"
}

data "certops_digicert_order_validation" "this" {
  order_id = terraform_data.order.output
}

resource "certops_dcv_records" "this" {
  domains = %s
  source  = data.certops_digicert_order_validation.this.dns_records
  zones   = ["example.com", "example.net"]
  %s
}
`, orderID, domains, extra)
}

func mustAddOrder(t *testing.T, s *sandbox.Sandbox, order sandbox.Order) int64 {
	t.Helper()
	id, err := s.AddOrder(order)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// token is the CNAME target, in lower case as all targets are, that the simulator wants for a domain.
func token(t *testing.T, s *sandbox.Sandbox, service sandbox.Service, id int64, domain string) string {
	t.Helper()
	state, err := s.State(service, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, challenge := range state.Challenges {
		if challenge.Domain == domain {
			return strings.ToLower(challenge.Value)
		}
	}
	t.Fatalf("order %d has no challenge for %s", id, domain)
	return ""
}

func recordValue(key string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_records").AtMapKey(key).AtMapKey("value"), check)
}

// lazily compares with a value that a PreConfig of the same test makes.
type lazily func() string

func (f lazily) CheckValue(value any) error { return knownvalue.StringExact(f()).CheckValue(value) }
func (f lazily) String() string             { return f() }

func TestAccDCVRecordsLifeOfAnOrder(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com", "*.example.com", "shop.example.net"}})
	domains := `["example.com", "*.example.com", "shop.example.net"]`
	config := orderAndRecords(id, domains, "")
	first := token(t, s, sandbox.DigiCert, id, "example.com")
	current := func() string { return token(t, s, sandbox.DigiCert, id, "example.com") }

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{
			{ // From nothing in one apply: the keys are known while the order is not.
				Config: config,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectUnknownValue(keptRecordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com")),
					plancheck.ExpectUnknownValue(keptRecordsAddress, tfjsonpath.New("dns_records").AtMapKey("shop.example.net")),
					plancheck.ExpectUnknownValue(keptRecordsAddress, tfjsonpath.New("dns_record_sets").AtMapKey("example.com")),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(2)),
					statecheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_record_sets"), knownvalue.MapSizeExact(2)),
					recordValue("example.com", knownvalue.StringExact(first)),
					statecheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("relative_name"), knownvalue.StringExact("_dnsauth")),
					statecheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_records").AtMapKey("shop.example.net").AtMapKey("zone"), knownvalue.StringExact("example.net")),
				},
			},
			{ // The authority forgets its tokens once the domains are validated.
				PreConfig: func() {
					if err := s.Publish(sandbox.DigiCert, id); err != nil {
						t.Fatal(err)
					}
				},
				Config: config,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(keptRecordsAddress, plancheck.ResourceActionNoop),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					recordValue("example.com", knownvalue.StringExact(first)),
					statecheck.ExpectKnownValue("data.certops_digicert_order_validation.this", tfjsonpath.New("dcv_complete"), knownvalue.Bool(true)),
					statecheck.ExpectKnownValue("data.certops_digicert_order_validation.this", tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(0)),
				},
			},
			{ // A new token updates its record in place.
				PreConfig: func() {
					if err := s.Rotate(sandbox.DigiCert, id); err != nil {
						t.Fatal(err)
					}
				},
				Config: config,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(keptRecordsAddress, plancheck.ResourceActionUpdate),
					plancheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("value"), lazily(current)),
				}},
				ConfigStateChecks: []statecheck.StateCheck{recordValue("example.com", lazily(current))},
			},
			{ // A name removed.
				Config: orderAndRecords(id, `["example.com", "*.example.com"]`, ""),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(1)),
				},
			},
			{ // A name added again.
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(2)),
				},
			},
			{ // Nothing outside the state to import.
				ResourceName:  keptRecordsAddress,
				ImportState:   true,
				ImportStateId: "anything",
				ExpectError:   regexp.MustCompile(`Import Not Needed`),
			},
		},
	})
}

func TestAccDCVRecordsCoveredByParent(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	names := []string{"example.com", "www.example.com"}
	id := mustAddOrder(t, s, sandbox.Order{Names: names, NameScope: "base_domain"})
	domains := `["example.com", "www.example.com"]`
	known := fmt.Sprintf(`
data "certops_digicert_order_validation" "this" {
  order_id = %d
}

resource "certops_dcv_records" "this" {
  domains = %s
  source  = data.certops_digicert_order_validation.this.dns_records
}
`, id, domains)

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{
			{ // Unknown at plan, it cannot be told that www has no record of its own.
				Config:      orderAndRecords(id, domains, ""),
				ExpectError: regexp.MustCompile(`element "www\.example\.com" has vanished`),
			},
			{
				Config: orderAndRecords(id, domains, `scope = "base_domain"`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(1)),
					recordValue("example.com", knownvalue.NotNull()),
				},
			},
			{ // Known at plan, the name simply gets no entry.
				Config: known,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(1)),
				},
			},
		},
	})
}

func TestAccDCVRecordsNeverAToken(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com", "example.net"}, Methods: map[string]string{"example.net": "email"}})
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{
			{
				Config:      orderAndRecords(id, `["example.com", "example.net"]`, ""),
				ExpectError: regexp.MustCompile(`(?s)No DNS Record for Domain.*has\s+no\s+record\s+for\s+example\.net.*records\s+for:\s+example\.com`),
			},
			{
				Config:      orderAndRecords(id, `["example.org"]`, ""),
				ExpectError: regexp.MustCompile(`(?s)has\s+no\s+record\s+for\s+example\.org`),
			},
			{
				Config:      orderAndRecords(id, `["co.uk"]`, `scope = "base_domain"`),
				ExpectError: regexp.MustCompile(`(?s)No Registrable Domain.*co\.uk`),
			},
		},
	})
}

// A module with depends_on makes every data source in it unknown whenever something it depends on changes.
func TestAccDCVRecordsUnderDependsOn(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com"}})
	config := func(input string) string {
		return fmt.Sprintf(`
resource "terraform_data" "before" {
  input = %q
}

data "certops_digicert_order_validation" "this" {
  order_id   = %d
  depends_on = [terraform_data.before]
}

resource "certops_dcv_records" "this" {
  domains = ["example.com"]
  source  = data.certops_digicert_order_validation.this.dns_records
}
`, input, id)
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{
			{Config: config("one"), ConfigStateChecks: []statecheck.StateCheck{recordValue("example.com", knownvalue.NotNull())}},
			{
				Config: config("two"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectUnknownValue(keptRecordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com")),
				}},
				ConfigStateChecks: []statecheck.StateCheck{recordValue("example.com", knownvalue.NotNull())},
			},
		},
	})
}

func TestAccDCVRecordsOfSeveralVendors(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	config := func(zones string) string {
		return `
data "certops_digicert_order_validation" "this" {
  order_id = ` + fmt.Sprint(mustAddOrder(t, s, sandbox.Order{Names: []string{"shop.example.net"}})) + `
}

data "certops_process_info" "this" {
  process_id = ` + fmt.Sprint(sandbox.ProcessPending) + `
}

resource "terraform_data" "zones" {
  input = ` + zones + `
}

resource "certops_dcv_records" "this" {
  domains = toset(concat(["shop.example.net"], keys(data.certops_process_info.this.dns_records)))
  source  = merge(data.certops_digicert_order_validation.this.dns_records, data.certops_process_info.this.dns_records)
  zones   = terraform_data.zones.output
}
`
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{{ // Unknown zones leave everything else known.
			Config: config(`["example.com", "example.net"]`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_records").AtMapKey("shop.example.net").AtMapKey("fqdn"), knownvalue.StringExact("_dnsauth.shop.example.net")),
				plancheck.ExpectUnknownValue(keptRecordsAddress, tfjsonpath.New("dns_records").AtMapKey("shop.example.net").AtMapKey("zone")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_records").AtMapKey("shop.example.net").AtMapKey("zone"), knownvalue.StringExact("example.net")),
			},
		}},
	})
}

// recordsSource is a source made by hand: TXT tokens at example.com, one record each.
func recordsSource(tokens ...string) string {
	var b strings.Builder
	for i, token := range tokens {
		key := "example.com"
		if i > 0 {
			key += fmt.Sprintf("#%d", i+1)
		}
		fmt.Fprintf(&b, `
    %q = {
      type = "TXT", fqdn = "Example.com.", fqdn_dot = null, zone = null, relative_name = null, value = %q, value_dot = null
      value_quoted = null, rdata = null, domains = ["example.com"], status = null, expires_at = null
    }`, key, token)
	}
	return "{" + b.String() + "\n  }"
}

func TestAccDCVRecordsSeveralOfOneDomain(t *testing.T) {
	t.Parallel()
	config := func(source string) string {
		return fmt.Sprintf(`
locals {
  records = %s
}

resource "certops_dcv_records" "this" {
  domains = ["example.com"]
  source  = local.records
}
`, source)
	}
	deferred := func(trigger, source string) string {
		return fmt.Sprintf(`
resource "terraform_data" "before" {
  input = %q
}

locals {
  records = %s
}

resource "certops_dcv_records" "this" {
  domains = ["example.com"]
  source  = terraform_data.before.output == "never" ? {} : local.records
}
`, trigger, source)
	}
	records := func(n int) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(n))
	}
	values := func(tokens ...string) statecheck.StateCheck {
		var checks []knownvalue.Check
		for _, token := range tokens {
			checks = append(checks, knownvalue.StringExact(token))
		}
		return statecheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_record_sets"), knownvalue.MapExact(map[string]knownvalue.Check{
			"example.com": knownvalue.ObjectPartial(map[string]knownvalue.Check{"values": knownvalue.ListExact(checks)}),
		}))
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(),
		Steps: []resource.TestStep{
			{ // The first time only what the key promised, which leaves something to do.
				Config:             config(recordsSource("one", "two")),
				ConfigStateChecks:  []statecheck.StateCheck{records(1), values("one")},
				ExpectNonEmptyPlan: true,
			},
			{ // A spelling with a trailing dot and capitals, and members that are null, are taken for what they mean.
				Config: config(recordsSource("one", "two")),
				ConfigStateChecks: []statecheck.StateCheck{
					records(2), values("one", "two"),
					statecheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("fqdn_dot"), knownvalue.StringExact("example.com.")),
					statecheck.ExpectKnownValue(keptRecordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("status"), knownvalue.StringExact("unknown")),
				},
			},
			{ // Two records, one record set: while the source is unknown both promises hold.
				Config:            deferred("first", recordsSource("three", "two")),
				ConfigStateChecks: []statecheck.StateCheck{records(2), values("three", "two")},
			},
		},
	})
}
