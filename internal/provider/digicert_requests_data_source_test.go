// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/digicert"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

func TestAccDigicertRequests(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	requests := tfjsonpath.New("requests")
	value := func(name string, check knownvalue.Check, path tfjsonpath.Path) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.certops_digicert_requests."+name, path, check)
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{{
			Config: `
data "certops_digicert_requests" "nothing" {
  status = "rejected"
}

data "certops_digicert_requests" "approved" {
  status = "approved"
}

data "certops_digicert_requests" "all" {}`,
			ConfigStateChecks: []statecheck.StateCheck{
				value("nothing", knownvalue.ListExact(nil), requests),
				value("approved", knownvalue.ListSizeExact(2), requests),
				value("approved", knownvalue.Int64Exact(sandbox.RequestSample.Number()), requests.AtSliceIndex(0).AtMapKey("id")),
				value("approved", knownvalue.StringExact("new_request"), requests.AtSliceIndex(0).AtMapKey("type")),
				value("approved", knownvalue.NotNull(), requests.AtSliceIndex(0).AtMapKey("requester").AtMapKey("email")),
				value("approved", knownvalue.Null(), requests.AtSliceIndex(0).AtMapKey("processor")),
				value("approved", knownvalue.StringExact("example.com"), requests.AtSliceIndex(1).AtMapKey("order").AtMapKey("certificate").AtMapKey(
					"common_name")),
				value("approved", knownvalue.ListExact(nil), requests.AtSliceIndex(1).AtMapKey("order").AtMapKey("certificate").AtMapKey("dns_names")),
				value("all", knownvalue.ListSizeExact(3), requests),
			},
		}},
	})
}

func TestDigicertRequestsMany(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	// One is always there, and one page is 1000.
	for range 1000 {
		if _, err := sandbox.VendorOf[*digicert.API](s).AddRequest(digicert.Request{}); err != nil {
			t.Fatal(err)
		}
	}
	r := newListReader(t, s.Env())
	model, diags := read(t, r, "certops_digicert_requests", map[string]tftypes.Value{"status": textArgument("pending")})
	wantWarnings(t, diags)
	if n := len(s.Requests(sandbox.DigiCert)); len(model.Requests) != 1001 || n != 2 {
		t.Errorf("%d requests in %d requests to the API", len(model.Requests), n)
	}
	seen := make(map[int64]bool)
	for _, request := range model.Requests {
		seen[request.ID] = true
	}
	if len(seen) != len(model.Requests) {
		t.Errorf("%d different requests of %d", len(seen), len(model.Requests))
	}

	inject(t, s, sandbox.Fault{Service: sandbox.DigiCert, Path: "/services/v2/request", After: 1, Kind: sandbox.FaultStatus,
		Status: http.StatusInternalServerError})
	_, diags = read(t, r, "certops_digicert_requests", nil)
	wantError(t, diags, "Unable to Read DigiCert Requests", "Reading requests at DigiCert failed: HTTP 500", "offset=999")
}
