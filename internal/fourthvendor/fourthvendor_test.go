// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package fourthvendor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/provider"
	"github.com/certops/terraform-provider-certops/internal/provider/providertest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// simulated is the simulator of all tests: a process reads SSL_CERT_FILE once.
var simulated *sandbox.Sandbox

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	options := sandbox.Options{TLS: true, Further: []func(core.Base) core.Vendor{newSimulator}}
	if simulated, err = sandbox.Start(context.Background(), options); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, simulated.Close()) }()
	dir, err := os.MkdirTemp("", "fourthvendor")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(file, simulated.CAPEM, 0o600); err != nil {
		return 1, err
	}
	if err := os.Setenv("SSL_CERT_FILE", file); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// providers are the factories of the provider with the fourth vendor, in the simulator's environment with some changes.
func providers(changes map[string]string) map[string]func() (tfprotov6.ProviderServer, error) {
	env := simulated.Env()
	maps.Copy(env, changes)
	server := provider.NewServerWith(base.Environment{Getenv: func(name string) string { return env[name] }}, vendor{})
	return map[string]func() (tfprotov6.ProviderServer, error){
		"certops": func() (tfprotov6.ProviderServer, error) { return server(), nil },
	}
}

const readPending = `
data "certops_example_ca_order" "this" {
  order_id = "ord-7f3a"
  zones    = ["example.com", "example.net"]
}

resource "certops_dcv_records" "this" {
  domains  = ["www.example.com", "*.example.net"]
  zones    = ["example.com", "example.net"]
  sources  = [data.certops_example_ca_order.this.dns_records]
  statuses = [data.certops_example_ca_order.this.dcv_status]
}
`

// The order is read, its records are planned, and the waiter waits for it.
func TestAccFourthVendor(t *testing.T) {
	data, records := "data.certops_example_ca_order.this", "certops_dcv_records.this"
	key := tfjsonpath.New("dns_records").AtMapKey("www.example.com")
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(nil),
		Steps: []resource.TestStep{{
			Config: readPending,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(data, tfjsonpath.New("state"), knownvalue.StringExact("TOKEN_ASSIGNED")),
				statecheck.ExpectKnownValue(data, tfjsonpath.New("dcv_complete"), knownvalue.Bool(false)),
				statecheck.ExpectKnownValue(data, key.AtMapKey("relative_name"), knownvalue.StringRegexp(regexp.MustCompile(`^_[0-9a-f]{32}\.www$`))),
				statecheck.ExpectKnownValue(data, tfjsonpath.New("names").AtSliceIndex(1).AtMapKey("record").AtMapKey("owner"),
					knownvalue.StringRegexp(regexp.MustCompile(`^_[0-9a-f]{32}\.example\.net$`))),
				statecheck.ExpectKnownValue(records, tfjsonpath.New("dns_records").AtMapKey("example.net").AtMapKey("zone"),
					knownvalue.StringExact("example.net")),
			},
		}, {
			PreConfig: func() {
				if err := simulated.Publish(service, pending); err != nil {
					t.Error(err)
				}
			},
			Config: readPending + `
resource "certops_dcv_validation" "this" {
  example_ca_order_id = data.certops_example_ca_order.this.order_id
  poll_interval       = "1s"
}
`,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("certops_dcv_validation.this", tfjsonpath.New("status"), knownvalue.StringExact("validated")),
			},
		}},
	})
	requests := simulated.Requests(service)
	for _, r := range requests {
		if r.Method != http.MethodPost {
			t.Errorf("a request with the method %s", r.Method)
		}
	}
	if len(requests) == 0 {
		t.Error("no request was recorded")
	}
}

// A query lists the vendor's open orders beside those of the others, and an import knows its name.
func TestFourthVendorIsQueried(t *testing.T) {
	server, err := providers(nil)["certops"]()
	if err != nil {
		t.Fatal(err)
	}
	id, err := simulated.Add(spec{ID: "ord-queried", Names: []string{"queried.example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	identity := map[string]any{"service": string(service), "id": string(id)}
	e := providertest.NewEngine(t, server)
	found, problems, _ := e.List("certops_dcv_validation", map[string]any{"service": string(service), "domain": "queried.example.com"}, 100)
	if len(problems) > 0 || len(found) != 1 || !maps.Equal(found[0].Identity, identity) {
		t.Fatalf("found %v, want %v: %v", found, identity, problems)
	}
	imported, diags := e.Import("certops_dcv_validation", string(service)+"/"+string(id), nil)
	if len(diags) > 0 {
		t.Fatal(diags[0].Detail)
	}
	if state := e.Plain("certops_dcv_validation", imported); state["example_ca_order_id"] != string(id) || state["status"] != "pending" {
		t.Errorf("imported %v", state)
	}
	all, problems, _ := e.List("certops_dcv_validation", nil, 100)
	if len(problems) > 0 || len(all) <= len(found) {
		t.Errorf("without a service, %d orders are found: %v", len(all), problems)
	}
}

// wantError reads an order, and wants one error that matches a pattern.
func wantError(t *testing.T, changes map[string]string, id, want string) {
	t.Helper()
	server, err := providers(changes)["certops"]()
	if err != nil {
		t.Fatal(err)
	}
	diags := providertest.NewEngine(t, server).ReadData("certops_example_ca_order", map[string]any{"order_id": id})
	if len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityError ||
		!regexp.MustCompile("(?s)"+want).MatchString(diags[0].Summary+"\n"+diags[0].Detail) {
		t.Errorf("got %v, want one error that matches %s", diags, want)
	}
}

// Errors are in the words of the vendor, with its advice.
func TestFourthVendorErrors(t *testing.T) {
	for name, test := range map[string]struct {
		changes map[string]string
		id      string
		want    string
	}{
		"key": {map[string]string{"CERTOPS_EXAMPLE_CA_API_KEY": "wrong"}, "ord-7f3a", `EUnauthorized: Example CA refuses.*Ask ` +
			`Example CA`},
		"account":     {map[string]string{"CERTOPS_EXAMPLE_CA_ACCOUNT": ""}, "ord-7f3a", `CERTOPS_EXAMPLE_CA_ACCOUNT`},
		"certificate": {map[string]string{"CERTOPS_EXAMPLE_CA_CLIENT_KEY": "x"}, "ord-7f3a", `certificate and its key do not work`},
		"unknown id":  {nil, "ord-0", `returns 0 orders.*POST https.*Check .order_id.`},
		"no id":       {nil, "0", `must be the id`},
	} {
		t.Run(name, func(t *testing.T) { wantError(t, test.changes, test.id, test.want) })
	}
}

// The simulator's own machinery knows the vendor: faults, counters and the control API.
func TestFourthVendorIsSimulated(t *testing.T) {
	if err := simulated.Inject(sandbox.Fault{Service: service, Kind: sandbox.FaultStatus, Status: http.StatusConflict, Times: 1}); err != nil {
		t.Fatal(err)
	}
	wantError(t, nil, "ord-7f3a", `HTTP 409 Conflict: EConflict`)
	resp, err := http.Get(simulated.ControlURL + "/v1/objects/example_ca/ord-7f3a")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the control API answers %s", resp.Status)
	}
}
