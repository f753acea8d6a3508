// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

func TestAccDigicertDomain(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	value := func(block string, check knownvalue.Check, path tfjsonpath.Path) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.certops_digicert_domain."+block, path, check)
	}
	at := tfjsonpath.New[string]
	pending := func(block, name string) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			value(block, knownvalue.StringExact(fmt.Sprint(sandbox.OrderPending.Number()*1000+3)), at("domain_id")),
			value(block, knownvalue.StringExact(name), at("name")),
			value(block, knownvalue.StringExact("dns-txt-token"), at("dcv_method")),
			value(block, knownvalue.StringExact("pending"), at("dcv_token").AtMapKey("status")),
			value(block, knownvalue.Null(), at("dcv_approval_datetime")),
			value(block, knownvalue.MapSizeExact(1), at("dns_records")),
			value(block, knownvalue.StringExact("_dnsauth.shop.example.net"), at("dns_records").AtMapKey("shop.example.net").AtMapKey("fqdn")),
			value(block, knownvalue.ListSizeExact(1), at("dns_record_sets").AtMapKey("shop.example.net").AtMapKey("values")),
			value(block, knownvalue.StringExact("pending"), at("dcv_status").AtMapKey("shop.example.net").AtMapKey("status")),
			value(block, knownvalue.Bool(false), at("dcv_complete")),
		}
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{{
			Config: fmt.Sprintf(`
data "certops_digicert_domain" "sample" {
  domain_id = 1234
}

data "certops_digicert_domain" "by_id" {
  domain_id = %d003
}

data "certops_digicert_domain" "by_name" {
  name  = "Shop.Example.NET."
  zones = ["example.net"]
}`, sandbox.OrderPending.Number()),
			ConfigStateChecks: slices.Concat(pending("by_id", "shop.example.net"), pending("by_name", "Shop.Example.NET."),
				[]statecheck.StateCheck{
					value("sample", knownvalue.StringExact("1234"), at("domain_id")),
					value("sample", knownvalue.StringExact("example.com"), at("name")),
					value("sample", knownvalue.Bool(true), at("is_active")),
					value("sample", knownvalue.StringExact("active"), at("status")),
					value("sample", knownvalue.StringExact("2018-04-25T21:48:20+00:00"), at("date_created")),
					value("sample", knownvalue.ObjectExact(map[string]knownvalue.Check{
						"id": knownvalue.Int64Exact(12345), "status": knownvalue.Null(), "name": knownvalue.StringExact("Example Organization"),
						"assumed_name": knownvalue.Null(), "display_name": knownvalue.StringExact("Example Organization"), "is_active": knownvalue.Bool(true),
					}), at("organization")),
					value("sample", knownvalue.StringExact("email"), at("dcv_method")),
					value("sample", knownvalue.StringExact("2018-04-25T21:52:33+00:00"), at("dcv_approval_datetime")),
					value("sample", knownvalue.StringExact("2020-09-11T16:27:39+00:00"), at("dcv_expiration_datetime")),
					value("sample", knownvalue.ObjectPartial(map[string]knownvalue.Check{
						"ov": knownvalue.StringExact("2020-09-11"), "ev": knownvalue.StringExact("2019-05-25"),
					}), at("dcv_expiration")),
					value("sample", knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
						"type": knownvalue.StringExact("ov"), "name": knownvalue.StringExact("OV"),
						"description":     knownvalue.StringExact("Normal Organization Validation"),
						"date_created":    knownvalue.StringExact("2018-04-25T21:52:33+00:00"),
						"validated_until": knownvalue.StringExact("2019-04-25T21:52:33+00:00"),
						"status":          knownvalue.StringExact("active"), "dcv_status": knownvalue.StringExact("complete"),
					})}), at("validations")),
					value("sample", knownvalue.Null(), at("dcv_token")),
					value("sample", knownvalue.MapExact(nil), at("dns_records")),
					value("sample", knownvalue.MapExact(map[string]knownvalue.Check{"example.com": knownvalue.ObjectExact(map[string]knownvalue.Check{
						"status": knownvalue.StringExact("validated"), "method": knownvalue.StringExact("email"),
						"validated_until": knownvalue.StringExact("2020-09-11T16:27:39+00:00"), "record_key": knownvalue.Null(),
						"channel": knownvalue.StringExact("email"), "reason": knownvalue.Null(),
					})}), at("dcv_status")),
					value("sample", knownvalue.Bool(true), at("dcv_complete")),
				},
			),
		}},
	})
}

// TestAccDigicertDomainErrors looks for domains that are not there.
func TestAccDigicertDomainErrors(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	w := newServed(t, s.Env())
	w.configure(`
data "certops_digicert_domain" "unknown" {
  name = "elsewhere.example"
}

# A part of a name is not the name.
data "certops_digicert_domain" "part" {
  name = "hop.example.net"
}

data "certops_digicert_domain" "id" {
  domain_id = 77
}
`)
	diagnostics, _ := w.plan()
	const at, summary = "data.certops_digicert_domain.", "Unable to Read DigiCert Domain"
	wantDiagnostic(t, diagnostics[at+"unknown"], summary, `failed: the account has no domain "elsewhere.example"`, "Check the name")
	wantDiagnostic(t, diagnostics[at+"part"], summary, "hop.example.net")
	wantDiagnostic(t, diagnostics[at+"id"], summary, "Reading domain 77 at DigiCert", "HTTP 404")
}

func TestDigicertDomainStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer string
		status dcv.Status
		record string
		reason string
	}{
		{name: "nothing told", answer: `{"name":"a.example"}`, status: dcv.StatusUnknown},
		{name: "token only", answer: `{"name":"a.example","dcv_method":"dns-txt-token","dcv_token":{"token":"T"}}`, status: dcv.StatusPending,
			record: "T"},
		{name: "cname token", answer: `{"name":"*.A.example","dcv_method":"dns-cname-token","dcv_token":{"token":"T"}}`,
			status: dcv.StatusPending, record: "T.dcv.digicert.com"},
		{name: "approval only", answer: `{"name":"a.example","dcv_method":"email","dcv_approval_datetime":"2018-04-25T21:52:33+00:00"}`,
			status: dcv.StatusValidated},
		{
			name: "least advanced type",
			answer: `{"name":"a.example","dcv_method":"dns-txt-token","dcv_token":{"token":"T"},"validations":[{"type":"ov",` +
				`"dcv_status":"complete"},{"type":"ev","dcv_status":"expired"},{"type":"dv"}]}`,
			status: dcv.StatusActionRequired, record: "T",
		},
		{
			name: "a type that has expired as a whole",
			answer: `{"name":"a.example","dcv_method":"dns-txt-token","validations":[{"type":"ov","status":"active","dcv_status":"complete"},` +
				`{"type":"ev","status":"expired"}]}`,
			status: dcv.StatusActionRequired,
			reason: "DigiCert returns no token for the domain.",
		},
		{
			name:   "pending, and the token is missing",
			answer: `{"name":"a.example","dcv_method":"dns-txt-token","validations":[{"type":"ov","status":"active","dcv_status":"pending"}]}`,
			status: dcv.StatusPending,
			reason: "DigiCert returns no token for the domain.",
		},
		{
			name:   "pending by e-mail",
			answer: `{"name":"a.example","dcv_method":"email","validations":[{"type":"ov","status":"active","dcv_status":"pending"}]}`,
			status: dcv.StatusPending,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			order, err := digicert.DomainOrder(clienttest.Decode[digicert.Domain](t, test.answer), dcv.TXTOwnerDomain)
			if err != nil {
				t.Fatal(err)
			}
			summary, err := dcv.Summarize(order.Challenges, dcv.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(summary.Names) != 1 {
				t.Errorf("names %v", summary.Names)
			}
			for name, status := range summary.Names {
				if status.Status != test.status || dcv.Value(status.Reason) != test.reason {
					t.Errorf("%s is %s (%s), want %s (%s)", name, status.Status, dcv.Value(status.Reason), test.status, test.reason)
				}
			}
			if doubts := len(order.Doubts); (doubts > 0) != (test.reason != "") {
				t.Errorf("%d doubts", doubts)
			}
			if record := summary.Records["a.example"]; record.Value != test.record {
				t.Errorf("record %q, want %q", record.Value, test.record)
			}
		})
	}
}

// A domain without a name tells of no record, and is no reason to publish none.
func TestDigicertDomainWithoutName(t *testing.T) {
	t.Parallel()
	if order, err := digicert.DomainOrder(clienttest.Decode[digicert.Domain](t, `{"id":1}`), dcv.TXTOwnerDomain); err == nil {
		t.Errorf("got %v", order)
	}
}
