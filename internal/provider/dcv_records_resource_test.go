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

	"github.com/certops/terraform-provider-certops/internal/dcv/retention"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

const recordsAddress = "certops_dcv_records.this"

// orderAndRecords is a configuration whose order id comes from a resource of the same apply.
func orderAndRecords(orderID sandbox.ID, domains, extra string) string {
	return fmt.Sprintf(`
resource "terraform_data" "order" {
  input = "%s"
}

data "certops_digicert_order_validation" "this" {
  order_id = terraform_data.order.output
}

resource "certops_dcv_records" "this" {
  domains = %s
  sources = [data.certops_digicert_order_validation.this.dns_records]
  zones   = ["example.com", "example.net"]
  %s
}
`, orderID, domains, extra)
}

func mustAddOrder(t *testing.T, s *sandbox.Sandbox, order sandbox.Order) sandbox.ID {
	t.Helper()
	id, err := s.Add(order)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// token is the value of the record that the simulator wants for a domain.
func token(t *testing.T, s *sandbox.Sandbox, service sandbox.Service, id sandbox.ID, domain string) string {
	t.Helper()
	state, err := s.State(service, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, challenge := range state.Challenges {
		if challenge.Domain == domain {
			return challenge.Value
		}
	}
	t.Fatalf("order %s has no challenge for %s", id, domain)
	return ""
}

func recordValue(key string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey(key).AtMapKey("value"), check)
}

// lazily compares with a value that a PreConfig of the same test makes.
type lazily func() string

func (f lazily) CheckValue(value any) error { return knownvalue.StringExact(f()).CheckValue(value) }

func (f lazily) String() string { return f() }

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
					plancheck.ExpectUnknownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com")),
					plancheck.ExpectUnknownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("shop.example.net")),
					plancheck.ExpectUnknownValue(recordsAddress, tfjsonpath.New("dns_record_sets").AtMapKey("example.com")),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(2)),
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_record_sets"), knownvalue.MapSizeExact(2)),
					recordValue("example.com", knownvalue.StringExact(first)),
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("relative_name"),
						knownvalue.StringExact("_dnsauth")),
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("shop.example.net").AtMapKey("zone"),
						knownvalue.StringExact("example.net")),
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
					plancheck.ExpectResourceAction(recordsAddress, plancheck.ResourceActionNoop),
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
					plancheck.ExpectResourceAction(recordsAddress, plancheck.ResourceActionUpdate),
					plancheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("value"), lazily(current)),
				}},
				ConfigStateChecks: []statecheck.StateCheck{recordValue("example.com", lazily(current))},
			},
			{ // A name removed.
				Config: orderAndRecords(id, `["example.com", "*.example.com"]`, ""),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(1)),
				},
			},
			{ // A name added again.
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(2)),
				},
			},
			{ // Nothing outside the state to import.
				ResourceName:  recordsAddress,
				ImportState:   true,
				ImportStateId: "anything",
				ExpectError:   regexp.MustCompile(`(?s)Import Not Supported.*dns_record`),
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
  order_id = %s
}

resource "certops_dcv_records" "this" {
  domains = %s
  sources = [data.certops_digicert_order_validation.this.dns_records]
}
`, id, domains)

	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{
			{ // Unknown at plan, nobody can tell that www has no record of its own.
				Config:      orderAndRecords(id, domains, ""),
				ExpectError: regexp.MustCompile(`element "www\.example\.com" has vanished`),
			},
			{ // The next plan is clean.
				Config: orderAndRecords(id, domains, ""),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(1)),
				},
			},
			{ // While the source is unknown again, the name stays without an entry.
				Config: orderAndRecords(id, domains, "depends_on = [terraform_data.order]"),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(1)),
					recordValue("example.com", knownvalue.NotNull()),
				},
			},
			{
				Config: known,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(1)),
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("without_record"), knownvalue.MapExact(map[string]knownvalue.Check{
						"www.example.com": knownvalue.StringExact(`The record "example.com" validates this name too.`),
					})),
				},
			},
		},
	})
}

func TestAccDCVRecordsBaseDomain(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com", "www.example.com"}, NameScope: "base_domain"})
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{
			{ // The key is known while the source is not.
				Config: orderAndRecords(id, `["www.example.com", "example.com"]`, `scope = "base_domain"`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(1)),
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("without_record"), knownvalue.MapSizeExact(0)),
					recordValue("example.com", knownvalue.NotNull()),
				},
			},
			{
				Config:      orderAndRecords(id, `["co.uk"]`, `scope = "base_domain"`),
				ExpectError: regexp.MustCompile(`(?s)No Registrable Domain.*co\.uk`),
			},
			{ // One error for all entries that cannot be published.
				Config: `resource "certops_dcv_records" "this" {
  domains = ["example.com"]
  sources = [{
    for name in ["a.example.com", "b.example.com"] :
    name => merge(provider::certops::dns_record("TXT", name, "token"), { type = "A" })
  }]
}`,
				ExpectError: regexp.MustCompile("(?s)Unusable DNS Record.*`sources` cannot be used, for 2 reasons:.*" +
					`sources\[0\]\["a\.example\.com"\]: domain "a\.example\.com": record type "A" is neither TXT nor CNAME.*` +
					`sources\[0\]\["b\.example\.com"\]: `),
			},
		},
	})
}

func TestAccDCVRecordsMissing(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com", "example.net"}, Methods: map[string]string{"example.net": "email"}})
	known := func(domains, extra string) string {
		return fmt.Sprintf(`
data "certops_digicert_order_validation" "this" {
  order_id = %s
}

resource "certops_dcv_records" "this" {
  domains = %s
  sources = [null, data.certops_digicert_order_validation.this.dns_records]
  %s
}
`, id, domains, extra)
	}
	const both = `["example.com", "example.net"]`
	const statuses = `statuses = [data.certops_digicert_order_validation.this.dcv_status, null]`
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{
			{ // Without statuses nobody knows that the name is validated by e-mail.
				Config:   known(both, ""),
				PlanOnly: true,
				ExpectError: regexp.MustCompile("(?s)No DNS Record for Domain.*example\\.net:\\s+`statuses`\\s+is\\s+not\\s+set." +
					"*hold\\s+records\\s+for:\\s+example\\.com"),
			},
			{
				Config:      known(`["example.org"]`, statuses),
				PlanOnly:    true,
				ExpectError: regexp.MustCompile("(?s)example\\.org:\\s+no\\s+order\\s+in\\s+`statuses`\\s+has\\s+this\\s+name"),
			},
			{ // The order is not read yet: the error comes at apply, in certops' own words.
				Config:      orderAndRecords(id, both, ""),
				ExpectError: regexp.MustCompile(`No DNS Record for Domain`),
			},
			{
				Config: known(both, statuses),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(1)),
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("without_record"), knownvalue.MapExact(map[string]knownvalue.Check{
						"example.net": knownvalue.StringRegexp(regexp.MustCompile("e-mail")),
					})),
				},
			},
			{
				Config: known(`["example.com", "example.org"]`, statuses+"\n  on_missing = \"skip\""),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(1)),
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("without_record"), knownvalue.MapExact(map[string]knownvalue.Check{
						"example.org": knownvalue.NotNull(),
					})),
				},
			},
			{ // Only the order of the names differs.
				Config: known(`["example.org", "example.com"]`, statuses+"\n  on_missing = \"skip\""),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(recordsAddress, plancheck.ResourceActionNoop),
				}},
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
  order_id   = %s
  depends_on = [terraform_data.before]
}

resource "certops_dcv_records" "this" {
  domains = ["example.com"]
  sources = [data.certops_digicert_order_validation.this.dns_records]
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
					plancheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("fqdn"),
						knownvalue.StringExact("_dnsauth.example.com")),
					plancheck.ExpectUnknownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("value")),
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
  domains = concat(["shop.example.net"], keys(data.certops_process_info.this.dns_records))
  sources = [data.certops_digicert_order_validation.this.dns_records, data.certops_process_info.this.dns_records]
  zones   = terraform_data.zones.output
}
`
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{{ // Unknown zones leave everything else known.
			Config: config(`["example.com", "example.net"]`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("shop.example.net").AtMapKey("fqdn"),
					knownvalue.StringExact("_dnsauth.shop.example.net")),
				plancheck.ExpectUnknownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("shop.example.net").AtMapKey("zone")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("shop.example.net").AtMapKey("zone"),
					knownvalue.StringExact("example.net")),
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
  sources = [local.records]
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
  sources = [terraform_data.before.output == "never" ? {} : local.records]
}
`, trigger, source)
	}
	records := func(n int) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(n))
	}
	values := func(tokens ...string) statecheck.StateCheck {
		var checks []knownvalue.Check
		for _, token := range tokens {
			checks = append(checks, knownvalue.StringExact(token))
		}
		return statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_record_sets"), knownvalue.MapExact(map[string]knownvalue.Check{
			"example.com": knownvalue.ObjectPartial(map[string]knownvalue.Check{"values": knownvalue.ListExact(checks)}),
		}))
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(),
		Steps: []resource.TestStep{
			{ // A spelling with a trailing dot and capitals, and members that are null, are taken for what they mean.
				Config: config(recordsSource("one", "two")),
				ConfigStateChecks: []statecheck.StateCheck{
					records(2), values("one", "two"),
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("fqdn_dot"),
						knownvalue.StringExact("example.com.")),
					statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("status"),
						knownvalue.StringExact("unknown")),
				},
			},
			{ // Two records, one record set: while the source is unknown both promises hold.
				Config:            deferred("first", recordsSource("three", "two")),
				ConfigStateChecks: []statecheck.StateCheck{records(2), values("three", "two")},
			},
		},
	})
}

// A warning about a resource that has no records yet names only what its plan can do.
func TestNewResourceWarning(t *testing.T) {
	t.Parallel()
	changes := []string{`"example.com" has no entry. The name is validated.`}
	tests := map[string]struct {
		changes        []string
		sourcesUnknown bool
		says, silent   []string
	}{
		"sources known":   {nil, false, nil, nil},
		"sources unknown": {nil, true, []string{"known only after apply", "do not apply it"}, []string{"inconsistent"}},
		"a name without an entry": {changes, false, []string{changes[0], "neither replaces nor destroys", "inconsistent final plan"},
			[]string{"known only after apply"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diags := planWarnings(retention.Plan{Changes: test.changes}, true, test.sourcesUnknown)
			if test.says == nil {
				if len(diags) > 0 {
					t.Errorf("got %v, want no warning", diags)
				}
				return
			}
			if len(diags) != 1 || diags[0].Summary() != newWithoutRecords {
				t.Fatalf("got %v, want one warning", diags)
			}
			for _, text := range test.says {
				if !strings.Contains(diags[0].Detail(), text) {
					t.Errorf("the warning lacks %q: %s", text, diags[0].Detail())
				}
			}
			for _, text := range test.silent {
				if strings.Contains(diags[0].Detail(), text) {
					t.Errorf("the warning says %q: %s", text, diags[0].Detail())
				}
			}
		})
	}
}
