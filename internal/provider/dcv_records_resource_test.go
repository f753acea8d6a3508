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
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
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

func recordCount(n int) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(n))
}

func withoutRecord(reasons map[string]knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("without_record"), knownvalue.MapExact(reasons))
}

func TestAccDCVRecordsLifeOfAnOrder(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	w := newServed(t, s.Env())
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com", "*.example.com", "shop.example.net"}})
	config := orderAndRecords(id, `["example.com", "*.example.com", "shop.example.net"]`, "")
	first := token(t, s, sandbox.DigiCert, id, "example.com")

	// From nothing in one apply: the keys are known while the order is not.
	w.configure("%s", config)
	const unknown = `{ + "example.com" = (known after apply) + "shop.example.net" = (known after apply) }`
	w.says(w.apply(), "+ dns_records = "+unknown, "+ dns_record_sets = "+unknown)
	w.unchanged()
	w.holds(
		recordCount(2),
		statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_record_sets"), knownvalue.MapSizeExact(2)),
		recordValue("example.com", knownvalue.StringExact(first)),
		statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("relative_name"),
			knownvalue.StringExact("_dnsauth")),
		statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("shop.example.net").AtMapKey("zone"),
			knownvalue.StringExact("example.net")),
	)

	// The authority forgets its tokens once the domains are validated.
	w.must(s.Publish(sandbox.DigiCert, id))
	w.says(w.apply(), "Resources: 0 added, 0 changed, 0 destroyed.")
	w.holds(
		recordValue("example.com", knownvalue.StringExact(first)),
		statecheck.ExpectKnownValue("data.certops_digicert_order_validation.this", tfjsonpath.New("dcv_complete"), knownvalue.Bool(true)),
		statecheck.ExpectKnownValue("data.certops_digicert_order_validation.this", tfjsonpath.New("dns_records"), knownvalue.MapSizeExact(0)),
	)

	// A new token updates its record in place.
	w.must(s.Rotate(sandbox.DigiCert, id))
	fresh := token(t, s, sandbox.DigiCert, id, "example.com")
	w.says(w.apply(), recordsAddress+" will be updated in-place", fmt.Sprintf("~ value = %q -> %q", first, fresh))
	w.unchanged()
	w.holds(recordValue("example.com", knownvalue.StringExact(fresh)))

	// A name removed, and added again.
	w.configure("%s", orderAndRecords(id, `["example.com", "*.example.com"]`, ""))
	w.apply()
	w.unchanged()
	w.holds(recordCount(1))
	w.configure("%s", config)
	w.apply()
	w.unchanged()
	w.holds(recordCount(2))

	// Nothing outside the state to import.
	w.configure("%s", `
import {
  to = certops_dcv_records.other
  id = "anything"
}

resource "certops_dcv_records" "other" {
  domains = ["example.com"]
  sources = []
}
`)
	w.planFails(nil, "Import Not Supported", "dns_record")
}

func TestAccDCVRecordsCoveredByParent(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	w := newServed(t, s.Env())
	names := []string{"example.com", "www.example.com"}
	id := mustAddOrder(t, s, sandbox.Order{Names: names, NameScope: "base_domain"})
	domains := `["example.com", "www.example.com"]`

	// Unknown at plan, nobody can tell that www has no record of its own. The next plan is clean.
	w.configure("%s", orderAndRecords(id, domains, ""))
	w.applyFails(`element "www.example.com" has vanished`)
	w.apply()
	w.unchanged()
	w.holds(recordCount(1))

	// While the source is unknown again, the name stays without an entry.
	w.configure("%s", orderAndRecords(id, domains, "depends_on = [terraform_data.order]"))
	w.apply()
	w.unchanged()
	w.holds(recordCount(1), recordValue("example.com", knownvalue.NotNull()))

	w.configure(`
data "certops_digicert_order_validation" "this" {
  order_id = %s
}

resource "certops_dcv_records" "this" {
  domains = %s
  sources = [data.certops_digicert_order_validation.this.dns_records]
}
`, id, domains)
	w.apply()
	w.unchanged()
	w.holds(recordCount(1), withoutRecord(map[string]knownvalue.Check{
		"www.example.com": knownvalue.StringExact(`The record "example.com" validates this name too.`),
	}))
}

func TestAccDCVRecordsBaseDomain(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	w := newServed(t, s.Env())
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com", "www.example.com"}, NameScope: "base_domain"})

	// The key is known while the source is not.
	w.configure("%s", orderAndRecords(id, `["www.example.com", "example.com"]`, `scope = "base_domain"`))
	w.apply()
	w.unchanged()
	w.holds(recordCount(1), withoutRecord(nil), recordValue("example.com", knownvalue.NotNull()))

	// One error for all entries that cannot be published.
	w.configure(`
resource "certops_dcv_records" "suffix" {
  domains = ["co.uk"]
  sources = []
  scope   = "base_domain"
}

resource "certops_dcv_records" "unusable" {
  domains = ["example.com"]
  sources = [{
    for name in ["a.example.com", "b.example.com"] :
    name => merge(provider::certops::dns_record("TXT", name, "token"), { type = "A" })
  }]
}
`)
	diagnostics, _ := w.plan()
	wantDiagnostic(t, diagnostics["certops_dcv_records.suffix"], "No Registrable Domain", "co.uk")
	wantDiagnostic(t, diagnostics["certops_dcv_records.unusable"], "Unusable DNS Record", "`sources` cannot be used, for 2 reasons:",
		`sources[0]["a.example.com"]: domain "a.example.com": record type "A" is neither TXT nor CNAME`, `sources[0]["b.example.com"]: `)
}

func TestAccDCVRecordsMissing(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	w := newServed(t, s.Env())
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com", "example.net"}, Methods: map[string]string{"example.net": "email"}})
	order := fmt.Sprintf("data \"certops_digicert_order_validation\" \"this\" {\n  order_id = %s\n}\n", id)
	records := func(name, domains, extra string) string {
		return fmt.Sprintf(`
resource "certops_dcv_records" %q {
  domains = %s
  sources = [null, data.certops_digicert_order_validation.this.dns_records]
  %s
}
`, name, domains, extra)
	}
	const both = `["example.com", "example.net"]`
	const statuses = `statuses = [data.certops_digicert_order_validation.this.dcv_status, null]`
	const skipping = statuses + "\n  on_missing = \"skip\""

	// Without statuses nobody knows that the name is validated by e-mail.
	w.configure("%s", order+records("without", both, "")+records("other", `["example.org"]`, statuses))
	diagnostics, _ := w.plan()
	wantDiagnostic(t, diagnostics["certops_dcv_records.without"], "No DNS Record for Domain", "example.net: `statuses` is not set",
		"hold records for: example.com")
	wantDiagnostic(t, diagnostics["certops_dcv_records.other"], "example.org: no order in `statuses` has this name")

	// The order is not read yet: the error comes at apply, in certops' own words.
	w.configure("%s", orderAndRecords(id, both, ""))
	w.applyFails("No DNS Record for Domain")

	w.configure("%s", order+records("this", both, statuses))
	w.apply()
	w.unchanged()
	w.holds(recordCount(1), withoutRecord(map[string]knownvalue.Check{"example.net": knownvalue.StringRegexp(regexp.MustCompile("e-mail"))}))

	w.configure("%s", order+records("this", `["example.com", "example.org"]`, skipping))
	w.apply()
	w.holds(recordCount(1), withoutRecord(map[string]knownvalue.Check{"example.org": knownvalue.NotNull()}))

	// Only the order of the names differs.
	w.configure("%s", order+records("this", `["example.org", "example.com"]`, skipping))
	w.unchanged()
}

// A module with depends_on makes every data source in it unknown whenever something it depends on changes.
func TestAccDCVRecordsUnderDependsOn(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	w := newServed(t, s.Env())
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com"}})
	for _, input := range []string{"one", "two"} {
		w.configure(`
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

output %[1]q {
  value = certops_dcv_records.this.dns_records["example.com"].fqdn
}
`, input, id)
		output := w.apply()
		// A plan shows no attribute that stays as it is, but the value of each new output.
		if input == "one" {
			w.says(output, "+ one = (known after apply)")
		} else {
			w.says(output, `+ two = "_dnsauth.example.com"`,
				fmt.Sprintf("~ value = %q -> (known after apply)", token(t, s, sandbox.DigiCert, id, "example.com")))
		}
		w.unchanged()
		w.holds(recordValue("example.com", knownvalue.NotNull()))
	}
}

func TestAccDCVRecordsOfSeveralVendors(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
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
	w := newServed(t)
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
	values := func(tokens ...string) statecheck.StateCheck {
		var checks []knownvalue.Check
		for _, token := range tokens {
			checks = append(checks, knownvalue.StringExact(token))
		}
		return statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_record_sets"), knownvalue.MapExact(map[string]knownvalue.Check{
			"example.com": knownvalue.ObjectPartial(map[string]knownvalue.Check{"values": knownvalue.ListExact(checks)}),
		}))
	}
	// A spelling with a trailing dot and capitals, and members that are null, are taken for what they mean.
	w.configure("%s", config(recordsSource("one", "two")))
	w.apply()
	w.unchanged()
	w.holds(
		recordCount(2), values("one", "two"),
		statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("fqdn_dot"),
			knownvalue.StringExact("example.com.")),
		statecheck.ExpectKnownValue(recordsAddress, tfjsonpath.New("dns_records").AtMapKey("example.com").AtMapKey("status"),
			knownvalue.StringExact("unknown")),
	)

	// Two records, one record set: while the source is unknown both promises hold.
	w.configure("%s", deferred("first", recordsSource("three", "two")))
	w.apply()
	w.unchanged()
	w.holds(recordCount(2), values("three", "two"))
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
