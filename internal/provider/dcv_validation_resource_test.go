// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

const validationAddress = "certops_dcv_validation.this"

func TestAccDCVValidation(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	w := newServed(t, s.Env())
	order := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com", "*.example.com"}})
	process, err := s.Add(sandbox.Process{Names: []string{"www.example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := s.Add(sandbox.Certificate{Names: []string{"cdn.example.net"}})
	if err != nil {
		t.Fatal(err)
	}
	w.configure(`
resource "certops_dcv_validation" "digicert" {
  digicert_order_id = %s
  poll_interval     = "20ms"
}

resource "certops_dcv_validation" "realtime_register" {
  process_id    = %s
  poll_interval = "20ms"
}

resource "certops_dcv_validation" "cps" {
  cps_certificate_id = %s
  poll_interval      = "20ms"
}
`, order, process, certificate)
	// No vendor takes more than two requests for one look: the third is of one that comes after a first without a record.
	publishAfter(t, s, sandbox.DigiCert, order, 3)
	publishAfter(t, s, sandbox.RealtimeRegister, process, 3)
	publishAfter(t, s, sandbox.CPS, certificate, 3)
	w.apply()
	w.unchanged()
	validated := func(name, names string) []statecheck.StateCheck {
		return someState(t, "certops_dcv_validation."+name, fmt.Sprintf(`{"status": "validated", "validated_domains": %s}`, names))
	}
	w.holds(slices.Concat(
		validated("digicert", `["*.example.com", "example.com"]`),
		validated("realtime_register", `["www.example.com"]`),
		validated("cps", `["cdn.example.net"]`),
		someState(t, "certops_dcv_validation.realtime_register", `{"validated_until": null}`),
		someState(t, "certops_dcv_validation.cps", `{"validated_until": null}`),
		[]statecheck.StateCheck{statecheck.ExpectKnownValue("certops_dcv_validation.digicert", tfjsonpath.New("validated_until"),
			knownvalue.NotNull())},
	)...)
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
	s := sandboxtest.Start(t, sandbox.Options{})
	w := newServed(t, s.Env())
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"broken.example.com"}})
	w.must(s.SetRecords("_dnsauth.broken.example.com.", "CNAME", "wrong.dcv.digicert.com."))
	w.configure(`
resource "certops_dcv_validation" "late" {
  digicert_order_id = %[1]s
  poll_interval     = "20ms"
  timeouts          = { create = "100ms" }
}

resource "certops_dcv_validation" "elsewhere" {
  digicert_order_id = %[1]s
  poll_interval     = "20ms"
  record_fqdns      = ["_dnsauth.other.example.com."]
}
`, id)
	output, _ := w.terraform("apply", "-auto-approve", "-json", "-input=false")
	diagnostics := w.diagnostics(output)
	wantDiagnostic(t, diagnostics["certops_dcv_validation.late"], "Timed Out Waiting for Validation",
		"broken.example.com: pending (method dns-cname-token)", "observed: wrong.dcv.digicert.com", "servers asked: "+s.DNSAddr,
		"token expires: ")
	wantDiagnostic(t, diagnostics["certops_dcv_validation.elsewhere"], "DNS Record Not Published", "_dnsauth.broken.example.com CNAME")

	w.configure(`
resource "certops_dcv_validation" "none" {}

resource "certops_dcv_validation" "two" {
  digicert_order_id = %s
  process_id        = 1
}
`, id)
	diagnostics, _ = w.plan()
	wantDiagnostic(t, diagnostics["certops_dcv_validation.none"], "Missing Argument: ", "Set one of `process_id`, ")
	wantDiagnostic(t, diagnostics["certops_dcv_validation.two"], "Invalid Combination of Arguments: ",
		"sets `process_id` and `digicert_order_id`")
}

func TestAccDCVValidationDropsWhatLapsed(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	w := newServed(t, s.Env())
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com"}})
	w.must(s.Publish(sandbox.DigiCert, id))
	configure := func(timeout string) {
		w.configure(`
resource "certops_dcv_validation" "this" {
  digicert_order_id = "%s"
  record_fqdns      = ["_dnsauth.example.com"]
  poll_interval     = "20ms"
  timeouts          = { create = %q }
}
`, id, timeout)
	}
	configure("10s")
	w.apply()
	w.unchanged()

	// Another timeout changes nothing that would have to be waited for.
	configure("20s")
	if output := w.apply(); strings.Contains(output, "known after apply") {
		t.Errorf("the timeout makes the status unknown:\n%s", output)
	}

	// While the certificate renews, the validation is left alone.
	w.must(s.Issue(sandbox.DigiCert, id))
	_, err := s.Renew(sandbox.DigiCert, id)
	w.must(err)
	w.unchanged()

	w.must(s.Fail(sandbox.DigiCert, id, "example.com"))
	w.applyFails(validationAddress+" will be created", "Validation Failed", "example.com: failed")
}

// A vendor that is down for a while in the middle of waiting is waited for.
func TestAccDCVValidationSurvivesAnOutage(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
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
