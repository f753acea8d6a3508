// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

func TestAccDigicertOrders(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	value := func(name string, check knownvalue.Check, path tfjsonpath.Path) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.certops_digicert_orders."+name, path, check)
	}
	orders := tfjsonpath.New("orders")
	first := orders.AtSliceIndex(0)
	records, status := tfjsonpath.New("dns_records"), tfjsonpath.New("dcv_status")
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{{
			Config: `
data "certops_digicert_orders" "nothing" {
  status             = "expired"
  include_validation = true
}

data "certops_digicert_orders" "bare" {
  common_name = "sub.example.com"
}

data "certops_digicert_orders" "pending" {
  status             = "pending"
  include_validation = true
  zones              = ["example.com", "example.net.", "EXAMPLE.org"]
}`,
			ConfigStateChecks: []statecheck.StateCheck{
				value("nothing", knownvalue.ListExact(nil), orders),
				value("nothing", knownvalue.MapExact(nil), records),
				value("nothing", knownvalue.MapExact(nil), status),
				value("nothing", knownvalue.Bool(false), tfjsonpath.New("dcv_complete")),
				value("bare", knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
					"id": knownvalue.Int64Exact(sandbox.OrderSample.Number()),
					"certificate": knownvalue.ObjectExact(map[string]knownvalue.Check{
						"id":             knownvalue.Int64Exact(sandbox.OrderSample.Number() + 7_000_000),
						"common_name":    knownvalue.StringExact("sub.example.com"),
						"dns_names":      knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("sub.example.com")}),
						"valid_till":     knownvalue.NotNull(),
						"signature_hash": knownvalue.StringExact("sha256"),
					}),
					"status":       knownvalue.StringExact("issued"),
					"is_renewed":   knownvalue.Bool(false),
					"date_created": knownvalue.NotNull(),
					"organization": knownvalue.ObjectExact(map[string]knownvalue.Check{
						"id": knownvalue.Int64Exact(12345), "name": knownvalue.StringExact("Example Organization"),
					}),
					"validity_years":                knownvalue.Int64Exact(1),
					"disable_renewal_notifications": knownvalue.Null(),
					"container": knownvalue.ObjectExact(map[string]knownvalue.Check{
						"id": knownvalue.Int64Exact(5), "name": knownvalue.StringExact("Example Division"), "is_active": knownvalue.Null(),
					}),
					"product": knownvalue.ObjectPartial(map[string]knownvalue.Check{
						"name_id": knownvalue.StringExact("ssl_basic"), "name": knownvalue.StringExact("Basic OV"),
						"type": knownvalue.StringExact("ssl_certificate"),
					}),
					"has_duplicates":           knownvalue.Bool(false),
					"product_name_id":          knownvalue.Null(),
					"order_status":             knownvalue.Null(),
					"order_name_scope":         knownvalue.Null(),
					"order_dcv_method":         knownvalue.Null(),
					"organization_id":          knownvalue.Null(),
					"organization_name":        knownvalue.Null(),
					"organization_validations": knownvalue.ListSizeExact(0),
					"dns_name_validations":     knownvalue.ListSizeExact(0),
				})}), orders),
				value("bare", knownvalue.MapExact(nil), records),
				value("pending", knownvalue.ListSizeExact(2), orders),
				value("pending", knownvalue.Int64Exact(sandbox.OrderPending.Number()), first.AtMapKey("id")),
				value("pending", knownvalue.StringExact("pending"), first.AtMapKey("order_status")),
				value("pending", knownvalue.ListSizeExact(3), first.AtMapKey("dns_name_validations")),
				value("pending", knownvalue.StringExact("pending"), first.AtMapKey("dns_name_validations").AtSliceIndex(0).
					AtMapKey("dcv_token").AtMapKey("status")),
				value("pending", knownvalue.MapSizeExact(4), records),
				value("pending", knownvalue.StringExact("_dnsauth"), records.AtMapKey("_dnsauth.example.com CNAME").AtMapKey("relative_name")),
				value("pending", knownvalue.StringExact("example.net"), records.AtMapKey("_dnsauth.shop.example.net TXT").AtMapKey("zone")),
				value("pending", knownvalue.StringExact("_dnsauth"), records.AtMapKey("_dnsauth.example.org TXT").AtMapKey("relative_name")),
				value("pending", known([]any{"api.example.org", "app.example.org"}),
					records.AtMapKey("_dnsauth.example.org TXT").AtMapKey("domains")),
				value("pending", knownvalue.MapSizeExact(4), tfjsonpath.New("dns_record_sets")),
				value("pending", knownvalue.MapSizeExact(6), status),
				value("pending", knownvalue.StringExact("_dnsauth.example.org TXT"), status.AtMapKey("app.example.org").AtMapKey("record_key")),
				value("pending", knownvalue.Bool(false), tfjsonpath.New("dcv_complete")),
			},
		}},
	})
}

// The simulator enforces the documented limits, so that a request too many is answered 429.
func TestDigicertOrdersKeepToRateLimit(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	populate(t, s, 80)
	begun := time.Now()
	model, diags := read(t, newListReader(t, s.Env()), "certops_digicert_orders", map[string]tftypes.Value{"include_validation": isOn})
	wantWarnings(t, diags)
	if len(model.Orders) != 83 || len(model.DNSRecords) != 44 {
		t.Errorf("%d orders, %d records", len(model.Orders), len(model.DNSRecords))
	}
	requests := s.Requests(sandbox.DigiCert)
	// The list, a validation for each order, a domain for each token.
	if len(requests) != 1+83+44 {
		t.Errorf("%d requests", len(requests))
	}
	for _, request := range requests {
		if request.Status != http.StatusOK {
			t.Fatalf("%s answered %d", request.Path, request.Status)
		}
	}
	if n := s.MaxInWindow(sandbox.DigiCert, 5*time.Second); n > 100 {
		t.Errorf("%d requests in 5 s, after %s", n, time.Since(begun))
	}
}

func TestDigicertOrdersMany(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{Limits: []sandbox.Limit{}})
	populate(t, s, 998) // One page is 1000, and 3 are always there.
	model, diags := read(t, newListReader(t, s.Env()), "certops_digicert_orders", nil)
	wantWarnings(t, diags)
	if n := len(s.Requests(sandbox.DigiCert)); len(model.Orders) != 1001 || n != 2 {
		t.Errorf("%d orders in %d requests", len(model.Orders), n)
	}
	if last := model.Orders[1000].ID; last != 1_000_998 {
		t.Errorf("the last order is %d", last)
	}
}

func TestDigicertOrdersFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		env     map[string]string
		path    string
		status  int
		err     []string
		partial [][]string // the warnings with allow_partial; nil where there is an error all the same
		orders  int        // with allow_partial
		records int
	}{
		{
			name: "validation of one", path: "/services/v2/order/certificate/20001/validation", status: http.StatusInternalServerError, orders: 1,
			records: 1,
			err:     []string{"Unable to Read DigiCert Order", "Reading order 20001 at DigiCert failed: HTTP 500", "allow_partial = true"},
			partial: [][]string{{"Reading order 20001 at DigiCert failed: HTTP 500", "It is left out, with its DNS records"}},
		},
		{
			name: "domain of one", path: "/services/v2/domain/20001001", status: http.StatusInternalServerError, orders: 1, records: 1,
			err:     []string{"Reading the DCV token of domain 20001001 of order 20001", "HTTP 500"},
			partial: [][]string{{"Reading the DCV token of domain 20001001 of order 20001", "HTTP 500"}},
		},
		{
			name: "domain refused", path: "/services/v2/domain/20001001", status: http.StatusForbidden, orders: 1, records: 1,
			err:     []string{"Unable to Read DigiCert Order", "the DCV token of domain 20001001 of order 20001", "HTTP 403", "missing_permission"},
			partial: [][]string{{"the DCV token of domain 20001001 of order 20001", "HTTP 403", "missing_permission"}},
		},
		{
			name: "all domains refused", env: map[string]string{"CERTOPS_DIGICERT_API_KEY": sandbox.DigiCertKeyOrdersOnly},
			err: []string{"Unable to Read DigiCert Orders", "None of the 2 orders at DigiCert could be read", "the DCV token of domain 20001001 " +
				"of order 20001"},
		},
		{
			name: "all validations", path: "/services/v2/order/certificate/*/validation", status: http.StatusNotFound,
			err: []string{"Unable to Read DigiCert Orders", "None of the 2 orders", "Reading order 20001 at DigiCert failed: HTTP 404"},
		},
		{
			name: "list", path: "/services/v2/order/certificate", status: http.StatusForbidden,
			err: []string{"Unable to Read DigiCert Orders", "Reading orders at DigiCert failed: HTTP 403"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := sandboxtest.Start(t, sandbox.Options{})
			if test.path != "" {
				inject(t, s, sandbox.Fault{Service: sandbox.DigiCert, Path: test.path, Kind: sandbox.FaultStatus, Status: test.status})
			}
			r := newListReader(t, s.Env(), test.env)
			arguments := map[string]tftypes.Value{"status": textArgument("pending"), "include_validation": isOn}
			_, diags := read(t, r, "certops_digicert_orders", arguments)
			wantError(t, diags, test.err...)
			arguments["allow_partial"] = isOn
			model, diags := read(t, r, "certops_digicert_orders", arguments)
			if test.partial == nil {
				wantError(t, diags, test.err...)
			} else {
				wantWarnings(t, diags, test.partial...)
			}
			if len(model.Orders) != test.orders || len(model.DNSRecords) != test.records {
				t.Errorf("%d orders and %d records, want %d and %d", len(model.Orders), len(model.DNSRecords), test.orders, test.records)
			}
		})
	}
}

func TestEachDomainOnce(t *testing.T) {
	t.Parallel()
	var reads atomic.Int32
	read := digicert.EachDomainOnce(func(context.Context, string) (*digicert.Domain, error) {
		reads.Add(1)
		return &digicert.Domain{}, nil
	})
	var group sync.WaitGroup
	for range 20 {
		for _, id := range []string{"1", "2"} {
			group.Go(func() {
				if domain, err := read(t.Context(), id); domain == nil || err != nil {
					t.Errorf("domain %s: %v, %v", id, domain, err)
				}
			})
		}
	}
	group.Wait()
	if n := reads.Load(); n != 2 {
		t.Errorf("%d reads of 2 domains", n)
	}
}

// A domain that two orders share is read once, and not given up for both when one order is.
func TestEachDomainOnceGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		domain := digicert.EachDomainOnce(func(ctx context.Context, id string) (*digicert.Domain, error) {
			reads++
			select {
			case <-time.After(time.Second):
				return &digicert.Domain{Name: new(client.Text(id))}, nil
			case <-ctx.Done():
				return nil, &client.Error{Kind: client.KindCanceled, Err: ctx.Err()}
			}
		})
		given, giveUp := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := domain(given, "a"); !errors.Is(err, context.Canceled) {
				t.Errorf("given up: got %v", err)
			}
		})
		synctest.Wait()
		group.Go(func() {
			if got, err := domain(t.Context(), "a"); err != nil || got.Name.String() != "a" {
				t.Errorf("the other order: got %v, %v", got, err)
			}
		})
		synctest.Wait()
		giveUp()
		group.Wait()
		if _, err := domain(t.Context(), "a"); err != nil || reads != 1 {
			t.Errorf("after that: got %v after %d reads", err, reads)
		}

		// Who waits for another's read can be given up as well.
		group.Go(func() { _, _ = domain(t.Context(), "b") })
		synctest.Wait()
		began := time.Now()
		if _, err := domain(given, "b"); !errors.Is(err, context.Canceled) || time.Since(began) != 0 {
			t.Errorf("waiting: got %v after %s", err, time.Since(began))
		}
		group.Wait()
	})
}
