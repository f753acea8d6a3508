// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
	"github.com/certops/terraform-provider-certops/internal/sandbox/dnsprovider"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// newActionEstate is a workspace with a simulator whose authorities look when they are asked and not by themselves. The test is
// skipped where Terraform has no actions.
func newActionEstate(t *testing.T, configuration string) (workspace, *sandbox.Sandbox) {
	t.Helper()
	t.Parallel()
	s := writable(t)
	w := newWorkspace(t, nil, nil, map[string]string{"main.tf": configuration})
	if tf := exampletest.New(t, ""); tf.IsOpenTofu() || tf.Before(1, 14) {
		t.Skip("actions need Terraform 1.14; TF_ACC_TERRAFORM_PATH names another version")
	}
	w.write("sandboxdns.tf", fmt.Sprintf("provider \"sandboxdns\" {\n  server     = %q\n  key_name   = %q\n  key_secret = %q\n}\n",
		s.DNSAddr, s.TSIGName, s.TSIGSecret))
	w.serve(map[string]func() (tfprotov6.ProviderServer, error){
		"certops/certops":    providers(s.Env())["certops"],
		"certops/sandboxdns": providerserver.NewProtocol6WithError(dnsprovider.New("test")()),
	})
	return w, s
}

// wantTexts demands texts in what Terraform printed, in this order.
func wantTexts(t *testing.T, output string, texts ...string) {
	t.Helper()
	rest := output
	for _, text := range texts {
		at := strings.Index(rest, text)
		if at < 0 {
			t.Fatalf("Terraform did not print %q, or not in this order:\n%s", text, output)
		}
		rest = rest[at+len(text):]
	}
}

// publishRecords publishes the records of certops_dcv_records.this, and has the action certops_check_now.this invoked once they
// are all there. Only events after a change make the action wait for what the resource depends on, in every version of Terraform.
const publishRecords = `
resource "sandboxdns_record_set" "this" {
  for_each = certops_dcv_records.this.dns_record_sets

  zone   = each.value.zone
  name   = each.value.relative_name
  type   = each.value.type
  rdatas = each.value.rdatas
}

resource "terraform_data" "published" {
  input = { for key, record in sandboxdns_record_set.this : key => record.rdatas }

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.certops_check_now.this]
    }
  }
}
`

// TestAccActionValidatesInOneApply: order, records, check, validated, in one apply and without the authority's own schedule.
func TestAccActionValidatesInOneApply(t *testing.T) {
	w, s := newActionEstate(t, requireBoth+publishRecords+`
locals {
  names = ["example.com", "*.example.com", "www.example.com", "shop.example.net"]
}

data "certops_digicert_order_validation" "this" {
  order_id = "20001"
}

resource "certops_dcv_records" "this" {
  domains  = local.names
  sources  = [data.certops_digicert_order_validation.this.dns_records]
  statuses = [data.certops_digicert_order_validation.this.dcv_status]
  zones    = ["example.com", "example.net"]
}

action "certops_check_now" "this" {
  config {
    digicert_order_id = "20001"
    fail_on_pending   = true
  }
}

resource "certops_dcv_validation" "this" {
  digicert_order_id = "20001"
  record_fqdns      = [for record in certops_dcv_records.this.dns_records : record.fqdn]
  poll_interval     = "20ms" # It may begin before the action, which follows what it depends on.
  depends_on        = [terraform_data.published]
}
`)
	wantTexts(t, w.apply(), `sandboxdns_record_set.this["www.example.com"]: Creation complete`,
		"Action started: action.certops_check_now.this", "4 of 4 names validated.", "certops_dcv_validation.this: Creation complete",
		"Actions: 1 invoked.")
	if state, err := s.State(sandbox.DigiCert, sandbox.OrderPending); err != nil || state.Stage != core.StageIssued {
		t.Errorf("the order is %s, %v", state.Stage, err)
	}
	wantWrites(t, s, sandbox.DigiCert, 1)
	w.unchanged()
	// Nothing is left to write, and an invocation by hand notices.
	wantTexts(t, w.apply("-invoke=action.certops_check_now.this"), "needs no check: every name is validated")
	wantWrites(t, s, sandbox.DigiCert, 1)
}

// keepAlive is what the guide "Keep validations alive" shows, for many domains.
const keepAlive = requireBoth + publishRecords + `
variable "period" {
  type    = string
  default = null
}

locals {
  domains = toset(["app.example.net", "api.example.net"])
}

# Changes once a month. Before it does, the domains are submitted whose validation ends soon. Only events before a change keep
# what depends on the resource waiting, in every version of Terraform.
resource "terraform_data" "schedule" {
  input = coalesce(var.period, formatdate("YYYY-MM", plantimestamp()))

  lifecycle {
    action_trigger {
      events = [before_create, before_update]
      actions = [
        action.certops_digicert_submit_domain.this["app.example.net"],
        action.certops_digicert_submit_domain.this["api.example.net"],
      ]
    }
  }
}

action "certops_digicert_submit_domain" "this" {
  for_each = local.domains

  config {
    name = each.key
  }
}

data "certops_digicert_domain" "this" {
  for_each   = local.domains
  name       = each.key
  depends_on = [terraform_data.schedule]
}

resource "certops_dcv_records" "this" {
  domains  = local.domains
  sources  = [for domain in data.certops_digicert_domain.this : domain.dns_records]
  statuses = [for domain in data.certops_digicert_domain.this : domain.dcv_status]
  zones    = ["example.net"]
}

action "certops_check_now" "this" {
  for_each = local.domains

  config {
    digicert_domain_id = data.certops_digicert_domain.this[each.key].domain_id
    fail_on_pending    = true
  }
}
`

// TestAccActionRevalidates: a domain whose validation ends in ten days is submitted again, its new token is published in place
// and validated, by one command. The same command once more does nothing.
func TestAccActionRevalidates(t *testing.T) {
	w, s := newActionEstate(t, strings.Replace(keepAlive, "[action.certops_check_now.this]",
		`[action.certops_check_now.this["app.example.net"], action.certops_check_now.this["api.example.net"]]`, 1))
	order := sandbox.Order{Names: []string{"app.example.net", "api.example.net"}, Method: "dns-txt-token", OrganizationID: 12345}
	id, err := s.Add(order)
	try(t, err)
	w.apply("-var=period=2026-10")
	w.unchanged("-var=period=2026-10")
	wantWrites(t, s, sandbox.DigiCert, 2) // Two checks; the domains had tokens already.

	// A month later one of the two validations ends in ten days.
	try(t, s.HoldUntil(sandbox.DigiCert, id, "app.example.net", time.Now().Add(10*24*time.Hour)))
	s.ClearDNSJournal()
	s.ResetCounters()
	before, err := s.State(sandbox.DigiCert, id)
	try(t, err)
	wantTexts(t, w.apply("-var=period=2026-11"),
		"app.example.net (domain", "for validation again: ov, by dns-txt-token.",
		"DigiCert has a new token for app.example.net", `certops_dcv_records.this: Modifications complete`,
		`sandboxdns_record_set.this["app.example.net"]: Modifications complete`, "app.example.net: validated until ")
	after, err := s.State(sandbox.DigiCert, id)
	try(t, err)
	fresh := after.Challenges[0]
	left := time.Until(fresh.ValidatedUntil)
	if fresh.Value == before.Challenges[0].Value || fresh.Status != core.StatusValidated || left < 190*24*time.Hour {
		t.Errorf("before %+v, after %+v", before.Challenges[0], fresh)
	}
	changes := s.DNSJournal()
	if len(changes) != 1 || changes[0].Operation != "update" || changes[0].Name != "_dnsauth.app.example.net" ||
		changes[0].After[0] != fmt.Sprintf("%q", fresh.Value) {
		t.Errorf("DNS changed like this: %+v", changes)
	}
	wantWrites(t, s, sandbox.DigiCert, 2) // A submission and a check.
	w.unchanged("-var=period=2026-11")

	// Once more, by the schedule and by hand: nothing.
	s.ClearDNSJournal()
	wantTexts(t, w.apply("-var=period=2026-11"), "No changes.")
	w.apply("-var=period=2026-12")
	byHand := w.apply("-var=period=2026-12", `-invoke=action.certops_digicert_submit_domain.this["app.example.net"]`)
	wantTexts(t, byHand, "is not submitted: its validation holds until")
	if changes := s.DNSJournal(); len(changes) != 0 {
		t.Errorf("DNS changed like this: %+v", changes)
	}
	wantWrites(t, s, sandbox.DigiCert, 2)
}

// TestAccActionFailsForOneDomain: a submission that fails keeps no other record out of DNS for good, and loses none. The guide "Keep
// validations alive" tells which records each apply publishes.
func TestAccActionFailsForOneDomain(t *testing.T) {
	perDomain := strings.NewReplacer(
		"[action.certops_check_now.this]",
		`[action.certops_check_now.this["app.example.net"], action.certops_check_now.this["api.example.net"]]`,
		"        action.certops_digicert_submit_domain.this[\"app.example.net\"],\n", "",
		`this["api.example.net"],`, "this[each.key],",
		"  input = coalesce(", "  for_each = local.domains\n\n  input = coalesce(",
	).Replace(keepAlive)
	const app, api = "_dnsauth.app.example.net", "_dnsauth.api.example.net"
	const (
		domain, lenient = "    name = each.key\n", "    name          = each.key\n    fail_on_error = false\n"
		dependsOn       = "  depends_on = [terraform_data.schedule]\n"
		events, goesOn  = "      events = [before_create", "      on_failure = continue\n      events = [before_create"
	)
	refused, lost := sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusBadRequest}, sandbox.Fault{Kind: sandbox.FaultResetAfter}
	tests := map[string]struct {
		fault            sandbox.Fault
		old, replacement string      // in the configuration
		since            int         // the minor version of Terraform 1
		warns            bool        // the failure is a warning
		published        [4][]string // by two applies while the submission of api.example.net fails, and by two afterwards
	}{
		"waits for every submission":        {refused, "", "", 14, false, [4][]string{nil, nil, {api, app}, nil}},
		"waits for none":                    {refused, dependsOn, "", 14, false, [4][]string{nil, {app}, nil, {api}}},
		"failure is a warning of Terraform": {refused, events, goesOn, 16, true, [4][]string{{app}, nil, {api}, nil}},
		"failure is a warning":              {refused, domain, lenient, 14, true, [4][]string{{app}, nil, {api}, nil}},
		// The submission was carried out. The data source, which reads next, has the new token.
		"doubt is a warning": {lost, domain, lenient, 14, true, [4][]string{{api, app}, nil, nil, nil}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			configuration := strings.Replace(perDomain, test.old, test.replacement, 1)
			if test.old != "" && configuration == perDomain {
				t.Fatalf("no %q in\n%s", test.old, perDomain)
			}
			if exampletest.New(t, "").Before(1, test.since) {
				t.Skipf("needs Terraform 1.%d", test.since)
			}
			w, s := newActionEstate(t, configuration)
			names := []string{"app.example.net", "api.example.net"}
			id, err := s.Add(sandbox.Order{Names: names, Method: "dns-txt-token", OrganizationID: 12345})
			try(t, err)
			w.apply("-var=period=2026-10")
			for _, name := range names {
				try(t, s.HoldUntil(sandbox.DigiCert, id, name, time.Now().Add(10*24*time.Hour)))
			}
			test.fault.Service, test.fault.Method = sandbox.DigiCert, http.MethodPost
			test.fault.Path = fmt.Sprintf("/services/v2/domain/%s002/validation", id)
			inject(t, s, test.fault)
			for i, want := range test.published {
				period := "-var=period=2026-11"
				if i >= 2 {
					try(t, s.ClearFaults())
					period = "-var=period=2026-12"
				}
				s.ClearDNSJournal()
				output, ok := w.terraform("apply", "-auto-approve", "-input=false", "-no-color", period)
				if ok != (test.warns || i >= 2) || i == 0 && !strings.Contains(output, "Unable to Submit DigiCert Domain") {
					t.Errorf("apply %d: success is %t:\n%s", i+1, ok, output)
				}
				var changed []string
				for _, change := range s.DNSJournal() {
					changed = append(changed, change.Operation+" "+change.Name)
				}
				slices.Sort(changed)
				if got, want := strings.Join(changed, ", "), strings.Join(want, ", "); got != strings.ReplaceAll(want, "_dnsauth", "update _dnsauth") {
					t.Errorf("apply %d changed DNS by %q, want updates of %q:\n%s", i+1, got, want, output)
				}
			}
			w.unchanged("-var=period=2026-12")
		})
	}
}

// TestAccActionLateArgument: Terraform does not know the value of an argument before the apply, and the provider refuses it then.
func TestAccActionLateArgument(t *testing.T) {
	w, s := newActionEstate(t, requireBoth+`
resource "terraform_data" "late" {
  input = "30d"
}

resource "terraform_data" "trigger" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.certops_digicert_submit_domain.this]
    }
  }
}

action "certops_digicert_submit_domain" "this" {
  config {
    domain_id    = "20001001"
    renew_within = terraform_data.late.output
  }
}
`)
	try(t, s.Validate(sandbox.DigiCert, sandbox.OrderPending, ""))
	output, ok := w.terraform("apply", "-auto-approve", "-input=false", "-no-color")
	if ok {
		t.Error("the apply succeeds")
	}
	wantTexts(t, output, "Plan: 2 to add", "Invalid Duration", "renew_within")
	wantWrites(t, s, sandbox.DigiCert, 0)
}

// TestAccValidationNamesTheAction: a record that is right and an authority that has not looked lead to certops_check_now.
func TestAccValidationNamesTheAction(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{LookInterval: 24 * time.Hour})
	w := newServed(t, s.Env())
	w.configure(`data "certops_digicert_order_validation" "this" { order_id = 20001 }`)
	w.apply() // The look of this day.
	try(t, s.Publish(sandbox.DigiCert, sandbox.OrderPending))
	w.configure(`
resource "certops_dcv_validation" "this" {
  digicert_order_id = 20001
  poll_interval     = "1ms"
  timeouts          = { create = "2ms" }
}
`)
	w.applyFails("The record is right; DigiCert has not looked",
		"the action `certops_check_now` with `digicert_order_id = 20001` has DigiCert look at once.")
}
