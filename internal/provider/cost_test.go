// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/digicert"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// sentTo are the requests that a service got, sorted.
func sentTo(s *sandbox.Sandbox, service sandbox.Service) []string {
	var sent []string
	for _, r := range s.Requests(service) {
		target := r.Path
		if r.Query != "" {
			target += "?" + r.Query
		}
		sent = append(sent, r.Method+" "+target)
	}
	slices.Sort(sent)
	return sent
}

// TestAccRequests counts what a plan asks the vendors: nothing but GET, nothing twice, and one token for all reads of CPS.
func TestAccRequests(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	w := newWorkspace(t, s.Env(), nil, map[string]string{"main.tf": requireCertops + `
data "certops_process_info" "this" {
  process_id = 30001
}

data "certops_cps_certificate" "pending" {
  certificate_id = 40001
}

data "certops_cps_certificate" "sample" {
  certificate_id = 11604
}

data "certops_cps_certificate" "bare" {
  certificate_id = 40002
  include_status = false
  include_dcv    = false
}

data "certops_digicert_order_validation" "tokens" {
  order_id = 20001
}

data "certops_digicert_order_validation" "email" {
  order_id = 112211
}

data "certops_digicert_order_validation" "without_tokens" {
  order_id           = 20002
  include_dcv_tokens = false
}

data "certops_digicert_request" "this" {
  request_id = 198
}

# The same request under the other name, at the same time or not.
data "digicert_request" "this" {
  provider   = certops
  request_id = 199
}
`})
	if diagnostics, output := w.plan(); len(diagnostics) > 0 {
		t.Fatalf("unexpected diagnostics: %v\n%s", diagnostics, output)
	}
	const dcv = "?include_dcv=true&include_validation=true&include_validation_reuse_status=true"
	want := map[sandbox.Service][]string{
		sandbox.RealtimeRegister: {"GET /v2/processes/30001/info"},
		sandbox.Token:            {"POST /connect/token"},
		sandbox.CPS: {
			"GET /sec/cps/v2.0/certificates/11604",
			"GET /sec/cps/v2.0/certificates/11604/status",
			"GET /sec/cps/v2.0/certificates/40001",
			"GET /sec/cps/v2.0/certificates/40001/status",
			"GET /sec/cps/v2.0/certificates/40002",
			"GET /sec/cps/v2.0/dcv/certificates/11604?domain_ids=15230",
			"GET /sec/cps/v2.0/dcv/certificates/40001?domain_ids=40001001%2C40001002",
		},
		sandbox.DigiCert: {
			"GET /services/v2/domain/20001001" + dcv,
			"GET /services/v2/domain/20001002" + dcv,
			"GET /services/v2/domain/20001003" + dcv,
			"GET /services/v2/order/certificate/112211/validation",
			"GET /services/v2/order/certificate/20001/validation",
			"GET /services/v2/order/certificate/20002/validation",
			"GET /services/v2/request/198",
			"GET /services/v2/request/199",
		},
	}
	for _, service := range apiServices(s) {
		if diff := cmp.Diff(want[service], sentTo(s, service)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", service, diff)
		}
	}
}

// TestAccConnections plans more instances of data sources of every vendor than may be in flight, at Terraform's own parallelism and at
// ten times that, and counts the connections. Once it plans more requests to DigiCert than its limit allows in 5 seconds; the
// simulator keeps that limit, so a request too many is answered 429, and repeated.
func TestAccConnections(t *testing.T) {
	t.Parallel()
	const instances = client.MaxInFlight + 8
	for _, test := range []struct {
		parallelism []string
		atOnce      int
		digicert    int
	}{
		{nil, 2, instances},
		{[]string{"-parallelism=100"}, 11, 104}, // The last 4 have to wait.
	} {
		t.Run(strings.Join(append([]string{"plan"}, test.parallelism...), " "), func(t *testing.T) {
			t.Parallel()
			s := sandboxtest.Start(t, sandbox.Options{})
			for i := range instances {
				name := fmt.Sprintf("n%d.example.com", i)
				if _, err := s.Add(sandbox.Process{ID: sandbox.ID(fmt.Sprint(1000 + i)), Names: []string{name}, Method: "EMAIL"}); err != nil {
					t.Fatal(err)
				}
				if _, err := s.Add(sandbox.Certificate{ID: sandbox.ID(fmt.Sprint(1000 + i)), Names: []string{name}, Method: "Email"}); err != nil {
					t.Fatal(err)
				}
			}
			for i := range test.digicert {
				if _, err := sandbox.VendorOf[*digicert.API](s).AddRequest(digicert.Request{ID: sandbox.ID(fmt.Sprint(1000 + i))}); err != nil {
					t.Fatal(err)
				}
			}
			// Answers take a while, as they do elsewhere; else one connection would do for many requests.
			for _, vendor := range s.Vendors() {
				service := vendor.Profile().Listeners[0].Service
				inject(t, s, sandbox.Fault{Service: service, Kind: sandbox.FaultSlowHeaders, Delay: 30 * time.Millisecond})
			}
			w := newWorkspace(t, s.Env(), nil, map[string]string{"main.tf": requireCertops + fmt.Sprintf(`
locals {
  ids = { for i in range(%d) : tostring(1000 + i) => 1000 + i }
}

data "certops_process_info" "this" {
  for_each   = local.ids
  process_id = each.value
}

data "certops_cps_certificate" "this" {
  for_each       = local.ids
  certificate_id = each.value
}

data "certops_digicert_request" "this" {
  count      = %d
  request_id = 1000 + count.index
}
`, instances, test.digicert)})
			if diagnostics, output := w.plan(test.parallelism...); len(diagnostics) > 0 {
				t.Fatalf("unexpected diagnostics: %v\n%s", diagnostics, output)
			}
			busiest := 0
			for service, requests := range map[sandbox.Service]int{
				sandbox.RealtimeRegister: instances, sandbox.CPS: 3 * instances, sandbox.DigiCert: test.digicert, sandbox.Token: 1,
			} {
				if got := len(s.Requests(service)); got != requests {
					t.Errorf("%s got %d requests, expected %d", service, got, requests)
				}
				connections := s.Connections(service)
				if connections > client.MaxInFlight {
					t.Errorf("%s got %d connections, expected at most %d", service, connections, client.MaxInFlight)
				}
				busiest = max(busiest, connections)
			}
			if most := s.MaxInWindow(sandbox.DigiCert, 5*time.Second); most > 100 {
				t.Errorf("DigiCert got %d requests in 5 seconds, it allows 100", most)
			}
			// How many requests are under way at once is up to Terraform and the machine; some are.
			if busiest < test.atOnce {
				t.Errorf("no service got more than %d connections at once, expected %d for one of them", busiest, test.atOnce)
			}
		})
	}
}
