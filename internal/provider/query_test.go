// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/provider/providertest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

const validationType = "certops_dcv_validation"

// engineOf plays Terraform against the provider in an environment.
func engineOf(t *testing.T, environment ...map[string]string) providertest.Engine {
	t.Helper()
	server, err := providers(environment...)["certops"]()
	if err != nil {
		t.Fatal(err)
	}
	return providertest.NewEngine(t, server)
}

// TestQueryFindsOpenOrders compares the list with what the simulator knows of orders in the states of real accounts, and with
// every quirk: each order that waits is found, and no other.
func TestQueryFindsOpenOrders(t *testing.T) {
	t.Parallel()
	for _, quirks := range quirkSets(t) {
		t.Run(strings.Join(quirks, " "), func(t *testing.T) {
			t.Parallel()
			s := startMixed(t, quirks)
			found, errors, warnings := engineOf(t, s.Env()).List(validationType, nil, 1000)
			if len(errors)+len(warnings) > 0 {
				t.Fatal(errors, warnings)
			}
			listed := make(map[string]bool)
			for _, one := range found {
				listed[fmt.Sprint(one.Identity["service"], "/", one.Identity["id"])] = true
			}
			for _, service := range []sandbox.Service{sandbox.RealtimeRegister, sandbox.CPS, sandbox.DigiCert} {
				for _, order := range s.States(service) {
					id := fmt.Sprint(order.Service, "/", order.ID)
					open := order.Stage == core.StageUnplaced || order.Stage == core.StageTokenAssigned ||
						// Realtime Register has no word for a failed name, and asks for attention.
						order.Stage == core.StageFailed && service == sandbox.RealtimeRegister
					if !order.Sample && open != listed[id] {
						t.Errorf("%s is %s, and it is listed: %t", id, order.Stage, listed[id])
					}
				}
			}
			if len(listed) != len(found) {
				t.Error("an order is listed twice")
			}
		})
	}
}

// TestQueriedOrdersPlan imports what a query finds, by its identity, and plans what Terraform generates of it: the attributes that
// the schema lets a user set. The resource is the same, and only waiting is planned.
func TestQueriedOrdersPlan(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	e := engineOf(t, s.Env())
	found, errors, _ := e.List(validationType, nil, 100)
	if len(errors) > 0 || len(found) < 6 {
		t.Fatal(found, errors)
	}
	for _, one := range found {
		imported, diags := e.Import(validationType, "", one.Identity)
		if len(diags) > 0 {
			t.Fatal(one.Identity, diags[0].Summary, diags[0].Detail)
		}
		if diff := cmp.Diff(one.Resource, any(e.Plain(validationType, imported))); diff != "" {
			t.Errorf("%v is another resource when it is imported (-listed +imported):\n%s", one.Identity, diff)
		}
		config := make(map[string]any)
		for _, argument := range []string{"process_id", "cps_certificate_id", "digicert_order_id"} {
			switch value := e.Plain(validationType, imported)[argument].(type) {
			case nil:
			case fmt.Stringer: // a number
				var number int64
				if _, err := fmt.Sscan(value.String(), &number); err != nil {
					t.Fatal(err)
				}
				config[argument] = number
			default:
				config[argument] = value
			}
		}
		config["poll_interval"] = "30s"
		replaced, planned := e.Plan(validationType, imported, config)
		if len(replaced) > 0 {
			t.Errorf("%v is replaced because of %v", one.Identity, replaced)
		}
		for name, value := range planned {
			waits := slices.Contains([]string{"status", "validated_until", "validated_domains", "dcv_status"}, name)
			if value.IsKnown() == waits {
				t.Errorf("%v: %s is planned as %s", one.Identity, name, value)
			}
		}
	}
}

// TestQuerySelects is about the arguments of the list and its limit.
func TestQuerySelects(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	e := engineOf(t, s.Env())
	ids := func(config map[string]any, limit int64) (ids, warnings []string) {
		found, errors, warnings := e.List(validationType, config, limit)
		if len(errors) > 0 {
			t.Error(config, errors)
		}
		for _, one := range found {
			ids = append(ids, fmt.Sprint(one.Identity["service"], "/", one.Identity["id"]))
		}
		return ids, warnings
	}
	for _, test := range []struct {
		config map[string]any
		want   []string
	}{
		{map[string]any{"service": "digicert"}, []string{"digicert/20001", "digicert/20002"}},
		{map[string]any{"service": "cps"}, []string{"cps/11604", "cps/40001", "cps/40002"}},
		{map[string]any{"domain": "Example.ORG."}, []string{"digicert/20002"}},
		{map[string]any{"domain": "net", "service": "realtime_register"}, []string{"realtime_register/30001", "realtime_register/2323533016"}},
		{map[string]any{"domain": "none.example.com"}, nil},
	} {
		got, warnings := ids(test.config, 100)
		if diff := cmp.Diff(test.want, got); diff != "" || len(warnings) > 0 {
			t.Errorf("%v (-want +got), %v:\n%s", test.config, warnings, diff)
		}
	}
	got, warnings := ids(nil, 3)
	if len(got) != 3 || len(warnings) != 1 || !strings.Contains(warnings[0], "7 orders are open, and the list has the first 3 of them") {
		t.Errorf("with a limit of 3: %v, %v", got, warnings)
	}
	if got, warnings = ids(nil, 7); len(got) != 7 || len(warnings) != 0 {
		t.Errorf("with a limit of 7: %v, %v", got, warnings)
	}
}

// TestQueryFailsClosed breaks one read at a time. A list that leaves out an order would look complete, so there is none.
func TestQueryFailsClosed(t *testing.T) {
	t.Parallel()
	const orders, processes, certificates = "/services/v2/order/certificate", "/v2/processes", "/sec/cps/v2.0/certificates"
	status := func(service sandbox.Service, path string, status int) sandbox.Fault {
		return sandbox.Fault{Service: service, Path: path, Kind: sandbox.FaultStatus, Status: status}
	}
	body := func(service sandbox.Service, path, body string) sandbox.Fault {
		return sandbox.Fault{Service: service, Path: path, Kind: sandbox.FaultBody, Body: body}
	}
	for name, test := range map[string]struct {
		fault sandbox.Fault
		want  string
	}{
		"a list": {sandbox.Fault{Service: sandbox.RealtimeRegister, Path: processes, Kind: sandbox.FaultTruncated},
			"orders at Realtime Register"},
		"a list without a page":    {body(sandbox.DigiCert, orders, `{"orders":[]}`), "page.total"},
		"an order":                 {status(sandbox.DigiCert, orders+"/20002/**", http.StatusInternalServerError), "order 20002 at DigiCert"},
		"an order that is gone":    {status(sandbox.DigiCert, orders+"/20002/**", http.StatusNotFound), "order 20002 at DigiCert"},
		"a domain that is refused": {status(sandbox.DigiCert, "/services/v2/domain/20002001", http.StatusForbidden), "domain 20002001"},
		"an info":                  {body(sandbox.RealtimeRegister, processes+"/30001/info", ""), "process 30001"},
		"a status that is refused": {status(sandbox.CPS, certificates+"/40001/status", http.StatusForbidden), "status of certificate request"},
		"an order without an id": {body(sandbox.RealtimeRegister, processes, `{"entities":[{"status":"SUSPENDED"}],"pagination":{"total":1}}`),
			"an object without an id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sandboxtest.Start(t, sandbox.Options{})
			inject(t, s, test.fault)
			found, errors, _ := engineOf(t, s.Env(), map[string]string{base.EnvMaxRetries: "0"}).List(validationType, nil, 100)
			if len(found) > 0 || len(errors) != 1 || !strings.Contains(errors[0], test.want) {
				t.Errorf("%d orders are listed, want an error that says %q: %q", len(found), test.want, errors)
			}
		})
	}
}

// TestQueryNeedsAService leaves out services that nothing is said of, and no other.
func TestQueryNeedsAService(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	only := func(prefix string) map[string]string {
		env := s.Env()
		maps.DeleteFunc(env, func(name, _ string) bool { return !strings.HasPrefix(name, prefix) })
		return env
	}
	found, errors, _ := engineOf(t, only("CERTOPS_DIGICERT")).List(validationType, nil, 100)
	if len(found) != 2 || len(errors) > 0 {
		t.Errorf("with DigiCert alone: %v, %v", found, errors)
	}
	for name, test := range map[string]struct {
		env    map[string]string
		config map[string]any
		want   string
	}{
		"nothing":         {nil, nil, "No Service Configured"},
		"half a service":  {only("CERTOPS_CPS_CLIENT_ID"), nil, "CERTOPS_CPS_CLIENT_SECRET"},
		"another service": {only("CERTOPS_DIGICERT"), map[string]any{"service": "cps"}, "CERTOPS_CPS_CLIENT_ID"},
	} {
		if found, errors, _ := engineOf(t, test.env).List(validationType, test.config, 100); len(found) > 0 || len(errors) != 1 ||
			!strings.Contains(errors[0], test.want) {
			t.Errorf("%s: %v, %q", name, found, errors)
		}
	}
}

// TestImportOfOrders is about the forms of an import, and what it finds.
func TestImportOfOrders(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	validated := mustAddOrder(t, s, sandbox.Order{Names: []string{"done.example.com"}})
	canceled := mustAddOrder(t, s, sandbox.Order{Names: []string{"gone.example.com"}})
	if err := s.Publish(sandbox.DigiCert, validated); err != nil {
		t.Fatal(err)
	}
	if err := s.Cancel(sandbox.DigiCert, canceled); err != nil {
		t.Fatal(err)
	}
	all := engineOf(t, s.Env())
	env := s.Env()
	maps.DeleteFunc(env, func(name, _ string) bool { return !strings.HasPrefix(name, "CERTOPS_DIGICERT") })
	one := engineOf(t, env)

	for _, test := range []struct {
		engine   providertest.Engine
		id       string
		argument string
		status   string
		identity map[string]any
	}{
		{all, "digicert/20001", "digicert_order_id", "pending", map[string]any{"service": "digicert", "id": "20001"}},
		{all, "realtime_register/30001", "process_id", "pending", map[string]any{"service": "realtime_register", "id": "30001"}},
		{all, "cps/40002", "cps_certificate_id", "pending", map[string]any{"service": "cps", "id": "40002"}},
		{all, "digicert/" + string(validated), "digicert_order_id", "validated", map[string]any{"service": "digicert", "id": string(validated)}},
		{one, "20001", "digicert_order_id", "pending", map[string]any{"service": "digicert", "id": "20001"}},
	} {
		imported, diags := test.engine.Import(validationType, test.id, nil)
		if len(diags) > 0 {
			t.Errorf("%s: %s: %s", test.id, diags[0].Summary, diags[0].Detail)
			continue
		}
		state := test.engine.Plain(validationType, imported)
		if fmt.Sprint(state[test.argument]) != test.identity["id"] || state["status"] != test.status || state["poll_interval"] != "30s" {
			t.Errorf("%s is imported as %v", test.id, state)
		}
		if diff := cmp.Diff(test.identity, test.engine.Identity(validationType, imported)); diff != "" {
			t.Errorf("the identity of %s (-want +got):\n%s", test.id, diff)
		}
	}
	for _, test := range []struct{ id, want string }{
		{"20001", "does not tell the service"},
		{"acme/1", `no service "acme"`},
		{"process_id/1", "realtime_register/<process_id>, cps/<cps_certificate_id>, digicert/<digicert_order_id>"},
		{"digicert/", "in digits only"},
		{"cps/007", "a whole number above 0"},
		{"digicert/404", "Unable to Read DigiCert Order"},
		{"digicert/" + string(canceled), "can no longer be validated: the order has the status canceled"},
	} {
		_, diags := all.Import(validationType, test.id, nil)
		if len(diags) != 1 || !strings.Contains(diags[0].Summary+": "+diags[0].Detail, test.want) {
			t.Errorf("import of %q: %v, want %q", test.id, diags, test.want)
		}
	}
}

// TestIdentityOfOlderStates refreshes a state that an older version wrote: it gets its identity, and nothing is planned.
func TestIdentityOfOlderStates(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	id := mustAddOrder(t, s, sandbox.Order{Names: []string{"example.com"}})
	if err := s.Publish(sandbox.DigiCert, id); err != nil {
		t.Fatal(err)
	}
	e := engineOf(t, s.Env())
	older, diags := e.Import(validationType, "digicert/"+string(id), nil)
	if len(diags) > 0 {
		t.Fatal(diags[0].Detail)
	}
	older.Identity = nil
	read, diags := e.Read(validationType, older, nil)
	if len(diags) > 0 {
		t.Fatal(diags[0].Detail)
	}
	if diff := cmp.Diff(map[string]any{"service": "digicert", "id": string(id)}, e.Identity(validationType, read)); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
	replaced, planned := e.Plan(validationType, read, map[string]any{"digicert_order_id": string(id)})
	for name, value := range planned {
		if !value.IsFullyKnown() || len(replaced) > 0 {
			t.Errorf("%s is planned as %s, replaced because of %v", name, value, replaced)
		}
	}
}
