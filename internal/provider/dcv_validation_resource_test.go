// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"regexp"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

const validationAddress = "certops_dcv_validation.this"

func TestAccDCVValidation(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	order := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com", "*.example.com"}})
	process, err := s.Add(sandbox.Process{Names: []string{"www.example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := s.Add(sandbox.Certificate{Names: []string{"cdn.example.net"}})
	if err != nil {
		t.Fatal(err)
	}
	vendors := map[string]struct {
		service  sandbox.Service
		id       sandbox.ID
		argument string
		names    []knownvalue.Check
		until    knownvalue.Check
	}{
		"DigiCert": {sandbox.DigiCert, order, "digicert_order_id", []knownvalue.Check{knownvalue.StringExact("*.example.com"),
			knownvalue.StringExact("example.com")}, knownvalue.NotNull()},
		"Realtime Register": {sandbox.RealtimeRegister, process, "process_id", []knownvalue.Check{knownvalue.StringExact("www.example.com")},
			knownvalue.Null()},
		"CPS": {sandbox.CPS, certificate, "cps_certificate_id", []knownvalue.Check{knownvalue.StringExact("cdn.example.net")}, knownvalue.Null()},
	}
	for name, vendor := range vendors {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := fmt.Sprintf(`
resource "certops_dcv_validation" "this" {
  %s            = %s
  poll_interval = "20ms"
}`, vendor.argument, vendor.id)
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: providers(s.Env()),
				Steps: []resource.TestStep{
					{
						PreConfig: func() {
							// No vendor takes more than two requests for one look: the third is of one that comes after a first without a record.
							publishAfter(t, s, vendor.service, vendor.id, 3)
						},
						Config: config,
						ConfigStateChecks: []statecheck.StateCheck{
							statecheck.ExpectKnownValue(validationAddress, tfjsonpath.New("status"), knownvalue.StringExact("validated")),
							statecheck.ExpectKnownValue(validationAddress, tfjsonpath.New("validated_until"), vendor.until),
							statecheck.ExpectKnownValue(validationAddress, tfjsonpath.New("validated_domains"), knownvalue.ListExact(vendor.names)),
						},
					},
					{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
				},
			})
		})
	}
}

// publishAfter publishes the records of an order once its service has got a number of requests.
func publishAfter(t *testing.T, s *sandbox.Sandbox, service sandbox.Service, id sandbox.ID, requests int) {
	t.Helper()
	var publishing sync.WaitGroup
	publishing.Go(func() {
		err := s.Await(t.Context(), func() bool { return len(s.Requests(service)) >= requests })
		if err == nil {
			err = s.Publish(service, id)
		}
		if err != nil {
			t.Errorf("publish: %s", err)
		}
	})
	t.Cleanup(publishing.Wait)
}

func TestAccDCVValidationExplains(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"broken.example.com"}})
	if err := s.SetRecords("_dnsauth.broken.example.com.", "CNAME", "wrong.dcv.digicert.com."); err != nil {
		t.Fatal(err)
	}
	config := func(extra string) string {
		return fmt.Sprintf(`
resource "certops_dcv_validation" "this" {
  digicert_order_id = %s
  poll_interval     = "20ms"
  %s
}`, id, extra)
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{
			{
				Config: config(`timeouts = { create = "100ms" }`),
				ExpectError: regexp.MustCompile(`(?s)Timed Out Waiting for Validation.*broken\.example\.com: pending \(method ` +
					`dns-cname-token\).*observed:\s+wrong\.dcv\.digicert\.com.*servers asked: ` + regexp.QuoteMeta(s.DNSAddr) + `.*token expires: `),
			},
			{
				Config:      config(`record_fqdns = ["_dnsauth.other.example.com."]`),
				ExpectError: regexp.MustCompile(`(?s)DNS Record Not Published.*_dnsauth\.broken\.example\.com CNAME`),
			},
			{
				Config:      `resource "certops_dcv_validation" "this" {}`,
				ExpectError: regexp.MustCompile("(?s)Missing Argument.*Set one of `process_id`, "),
			},
			{
				Config:      config(`process_id = 1`),
				ExpectError: regexp.MustCompile("(?s)Invalid Combination of Arguments.*sets\\s+`process_id`\\s+and\\s+`digicert_order_id`"),
			},
		},
	})
}

func TestAccDCVValidationDropsWhatLapsed(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com"}})
	if err := s.Publish(sandbox.DigiCert, id); err != nil {
		t.Fatal(err)
	}
	config := func(timeout string) string {
		return fmt.Sprintf(`
resource "certops_dcv_validation" "this" {
  digicert_order_id = "%s"
  record_fqdns      = ["_dnsauth.example.com"]
  poll_interval     = "20ms"
  timeouts          = { create = %q }
}`, id, timeout)
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{
			{Config: config("10s")},
			{ // Another timeout changes nothing that would have to be waited for.
				Config: config("20s"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectKnownValue(validationAddress, tfjsonpath.New("status"), knownvalue.StringExact("validated")),
				}},
			},
			{ // While the certificate renews, the validation is left alone.
				PreConfig: func() {
					if err := s.Issue(sandbox.DigiCert, id); err != nil {
						t.Fatal(err)
					}
					if _, err := s.Renew(sandbox.DigiCert, id); err != nil {
						t.Fatal(err)
					}
				},
				Config:           config("20s"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			},
			{
				PreConfig: func() {
					if err := s.Fail(sandbox.DigiCert, id, "example.com"); err != nil {
						t.Fatal(err)
					}
				},
				Config: config("20s"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(validationAddress, plancheck.ResourceActionCreate),
				}},
				ExpectError: regexp.MustCompile(`(?s)Validation Failed.*example\.com: failed`),
			},
		},
	})
}

// A vendor that is down for a while in the middle of waiting is waited for.
func TestAccDCVValidationSurvivesAnOutage(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com"}})
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env(), map[string]string{base.EnvMaxRetries: "0"}),
		Steps: []resource.TestStep{{
			PreConfig: func() {
				// The second to fourth look fail; only then is the record there.
				if err := s.Inject(sandbox.Fault{Service: sandbox.DigiCert, Path: "/services/v2/order/**", After: 1, Times: 3,
					Kind: sandbox.FaultStatus, Status: 503}); err != nil {
					t.Fatal(err)
				}
				publishAfter(t, s, sandbox.DigiCert, id, 4)
			},
			Config: fmt.Sprintf(`
resource "certops_dcv_validation" "this" {
  digicert_order_id = %s
  poll_interval     = "20ms"
}`, id),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(validationAddress, tfjsonpath.New("status"), knownvalue.StringExact("validated")),
			},
		}},
	})
}
