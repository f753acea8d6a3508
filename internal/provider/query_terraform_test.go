// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/exampletest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// TestAccQuery queries with Terraform itself. Below 1.14 there is no query; TestQueryFindsOpenOrders and those after it always run.
func TestAccQuery(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	list := `
provider "certops" {}

list "certops_dcv_validation" "open" {
  provider         = certops
  include_resource = true

  config {
    service = "digicert"
  }
}
`
	first := map[string]knownvalue.Check{"service": knownvalue.StringExact("digicert"), "id": knownvalue.StringExact("20001")}
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		ProtoV6ProviderFactories: providers(s.Env(), map[string]string{base.EnvMaxRetries: "0"}),
		Steps: []resource.TestStep{
			{
				Query:  true,
				Config: list,
				QueryResultChecks: []querycheck.QueryResultCheck{
					querycheck.ExpectLength("certops_dcv_validation.open", 2),
					querycheck.ExpectIdentity("certops_dcv_validation.open", first),
					querycheck.ExpectResourceDisplayName("certops_dcv_validation.open", queryfilter.ByResourceIdentity(first),
						knownvalue.StringExact("*.example.com, example.com, shop.example.net, www.example.com (pending)")),
					querycheck.ExpectResourceKnownValues("certops_dcv_validation.open", queryfilter.ByResourceIdentity(first),
						[]querycheck.KnownValueCheck{
							{Path: tfjsonpath.New("digicert_order_id"), KnownValue: knownvalue.StringExact("20001")},
							{Path: tfjsonpath.New("status"), KnownValue: knownvalue.StringExact("pending")},
						}),
				},
			},
			{
				PreConfig: func() {
					inject(t, s, sandbox.Fault{Service: sandbox.DigiCert, Path: "/services/v2/order/certificate/20002/**",
						Kind: sandbox.FaultStatus, Status: 503})
				},
				Query:       true,
				Config:      list,
				ExpectError: regexp.MustCompile(`(?s)Unable to Read DigiCert Order.*20002`),
			},
		},
	})
}

// TestAccQueryGeneratesConfiguration lets Terraform write configuration of every open order. It plans and applies as it is.
func TestAccQueryGeneratesConfiguration(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	w := newWorkspace(t, nil, nil, map[string]string{
		"main.tf": requireCertops,
		"open.tfquery.hcl": `
list "certops_dcv_validation" "open" {
  provider = certops
}
`,
	})
	if tf := exampletest.New(t, ""); tf.IsOpenTofu() || tf.Before(1, 14) {
		t.Skip("terraform query is in Terraform 1.14 and newer")
	}
	w.serve(map[string]func() (tfprotov6.ProviderServer, error){"certops/certops": providers(s.Env())["certops"]})
	run := func(arguments ...string) string {
		t.Helper()
		output, ok := w.terraform(arguments...)
		if !ok {
			t.Fatalf("%v: %s", arguments, output)
		}
		return output
	}
	for _, service := range []sandbox.Service{sandbox.RealtimeRegister, sandbox.CPS, sandbox.DigiCert} {
		for _, order := range s.States(service) {
			var err error
			switch {
			case order.Sample: // No wait for it would end: the samples of the vendors' documents never change.
				err = s.Remove(service, order.ID)
			case order.Stage == core.StageUnplaced:
				err = s.Place(service, order.ID)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	run("query", "-no-color", "-generate-config-out=generated.tf")
	if output := run("plan", "-no-color", "-out=plan"); !strings.Contains(output, "Plan: 5 to import, 0 to add, 5 to change, 0 to destroy.") {
		t.Fatalf("unexpected plan: %s", output)
	}
	for _, service := range []sandbox.Service{sandbox.RealtimeRegister, sandbox.CPS, sandbox.DigiCert} {
		for _, order := range s.States(service) {
			if err := s.Publish(service, order.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	run("apply", "-no-color", "plan")
	if output := run("plan", "-no-color"); !strings.Contains(output, "No changes.") {
		t.Errorf("unexpected plan: %s", output)
	}
	if output := run("query", "-no-color"); strings.Contains(output, "service=") {
		t.Errorf("an order that was waited for is listed still: %s", output)
	}
}

// TestAccImportByIdentity imports an open order by its identity: the apply waits for it. Then
// nothing is planned.
func TestAccImportByIdentity(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com"}})
	block := fmt.Sprintf(`
resource "certops_dcv_validation" "this" {
  digicert_order_id = %q
  poll_interval     = "20ms"
}
`, id)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{
			{
				PreConfig: func() { publishAfter(t, s, sandbox.DigiCert, id, 8) },
				Config: block + fmt.Sprintf(`
import {
  to       = certops_dcv_validation.this
  identity = { service = "digicert", id = %q }
}
`, id),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(validationAddress, plancheck.ResourceActionUpdate),
					plancheck.ExpectUnknownValue(validationAddress, tfjsonpath.New("status")),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(validationAddress, tfjsonpath.New("status"), knownvalue.StringExact("validated")),
					statecheck.ExpectIdentity(validationAddress, map[string]knownvalue.Check{
						"service": knownvalue.StringExact("digicert"), "id": knownvalue.StringExact(string(id)),
					}),
				},
			},
			{Config: block, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		},
	})
}
