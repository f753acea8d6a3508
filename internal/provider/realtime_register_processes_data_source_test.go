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

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

func TestAccProcesses(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	// A process that only waits for its records requires no attention.
	if err := s.Expire(sandbox.RealtimeRegister, sandbox.ProcessPending, "www.example.net"); err != nil {
		t.Fatal(err)
	}
	value := func(name string, check knownvalue.Check, path tfjsonpath.Path) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.certops_processes."+name, path, check)
	}
	processes := tfjsonpath.New("processes")
	// The keys are owner name and type, so that several processes for one name share a record set.
	wildcard, www := "_"+processHash(t, s)+".example.com CNAME", "_"+processHash(t, s)+".www.example.net CNAME"
	records, sets, status := tfjsonpath.New("dns_records"), tfjsonpath.New("dns_record_sets"), tfjsonpath.New("dcv_status")
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{{
			Config: `
data "certops_processes" "nothing" {
  identifier   = "nothing.example.com"
  include_info = true
  zones        = ["example.com"]
}

data "certops_processes" "bare" {
  identifier = "example.com"
}

data "certops_processes" "attention" {
  requires_attention = true
  include_info       = true
  zones              = ["example.com", "example.net."]
}`,
			ConfigStateChecks: []statecheck.StateCheck{
				value("nothing", knownvalue.ListExact(nil), processes),
				value("nothing", knownvalue.MapExact(nil), records),
				value("nothing", knownvalue.MapExact(nil), sets),
				value("nothing", knownvalue.MapExact(nil), status),
				value("nothing", knownvalue.Bool(false), tfjsonpath.New("dcv_complete")),
				value("bare", knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectPartial(map[string]knownvalue.Check{
					"id":            knownvalue.Int64Exact(sandbox.ProcessPending.Number()),
					"user":          knownvalue.StringExact("sandbox/admin"),
					"customer":      knownvalue.StringExact("sandbox"),
					"status":        knownvalue.StringExact("SUSPENDED"),
					"status_detail": knownvalue.StringExact("SSL_REQUIRES_ATTENTION"),
					"resume_types": knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("PROVIDER"), knownvalue.StringExact("RESEND"),
						knownvalue.StringExact("CANCEL")}),
					"created_date":       knownvalue.NotNull(),
					"updated_date":       knownvalue.NotNull(),
					"started_date":       knownvalue.NotNull(),
					"type":               knownvalue.StringExact("certificate"),
					"identifier":         knownvalue.StringExact("example.com"),
					"action":             knownvalue.StringExact("request"),
					"common_name":        knownvalue.Null(),
					"requires_attention": knownvalue.Null(),
					"certificate_id":     knownvalue.Null(),
					"validations": knownvalue.ObjectPartial(map[string]knownvalue.Check{"organization": knownvalue.Null(),
						"dcv": knownvalue.ListSizeExact(0)}),
					"notes": knownvalue.ListSizeExact(0),
				})}), processes),
				value("bare", knownvalue.MapExact(nil), records),
				value("bare", knownvalue.MapExact(nil), status),
				value("attention", knownvalue.ListSizeExact(2), processes),
				value("attention", knownvalue.Bool(true), processes.AtSliceIndex(0).AtMapKey("requires_attention")),
				value("attention", knownvalue.NotNull(), processes.AtSliceIndex(1).AtMapKey("common_name")),
				value("attention", knownvalue.NotNull(), processes.AtSliceIndex(1).AtMapKey("validations").AtMapKey("dcv").
					AtSliceIndex(0).AtMapKey("dns_record")),
				value("attention", knownvalue.StringExact("example.com"), records.AtMapKey(wildcard).AtMapKey("zone")),
				value("attention", knownvalue.StringExact("example.net"), records.AtMapKey(www).AtMapKey("zone")),
				value("attention", known([]any{"*.example.com", "example.com"}),
					records.AtMapKey(wildcard).AtMapKey("domains")),
				value("attention", knownvalue.ListSizeExact(1), sets.AtMapKey(www).AtMapKey("rdatas")),
				value("attention", knownvalue.StringExact("pending"), status.AtMapKey("*.example.com").AtMapKey("status")),
				value("attention", knownvalue.StringExact(wildcard), status.AtMapKey("*.example.com").AtMapKey("record_key")),
			},
		}},
	})
}

func TestProcessesMany(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	populate(t, s, 500) // One page is 250. Every other process is SUSPENDED, and so are the 2 that are always there.
	r := newListReader(t, s.Env())

	model, diags := read(t, r, "certops_processes", nil)
	wantWarnings(t, diags)
	if len(model.Processes) != 502 {
		t.Errorf("%d processes, want the 2 that are always there and 500", len(model.Processes))
	}
	if n := len(s.Requests(sandbox.RealtimeRegister)); n != 3 {
		t.Errorf("%d requests, want one for 250 processes", n)
	}

	s.ResetCounters()
	model, diags = read(t, r, "certops_processes", map[string]tftypes.Value{
		"status": textArgument("SUSPENDED"), "include_info": isOn, "zones": zonesArgument("example.com", "example.net"),
	})
	wantWarnings(t, diags)
	if len(model.Processes) != 252 || len(model.DNSRecords) != 253 || len(model.DNSRecordSets) != len(model.DNSRecords) {
		t.Errorf("%d processes, %d records in %d sets", len(model.Processes), len(model.DNSRecords), len(model.DNSRecordSets))
	}
	key := model.DCVStatus["p1000001.example.com"].RecordKey
	if record := model.DNSRecords[key]; record.Zone != "example.com" || record.Status != "pending" {
		t.Errorf("unexpected record %q: %+v", key, record)
	}
	if model.DCVComplete {
		t.Error("complete, though all wait")
	}
	if lists, infos := requestsTo(s, sandbox.RealtimeRegister, "/v2/processes", "processes"), requestsTo(s, sandbox.RealtimeRegister,
		"/v2/processes/", "/info"); lists != 2 || infos != 252 {
		t.Errorf("%d requests for the list and %d for infos", lists, infos)
	}
	if n := s.Connections(sandbox.RealtimeRegister); n > client.MaxInFlight {
		t.Errorf("%d connections, want at most %d", n, client.MaxInFlight)
	}

	model, diags = read(t, r, "certops_processes", map[string]tftypes.Value{"status": textArgument("COMPLETED"), "include_info": isOn})
	wantWarnings(t, diags)
	if len(model.Processes) != 250 || !model.DCVComplete {
		t.Errorf("%d processes, complete: %t", len(model.Processes), model.DCVComplete)
	}
}

func TestProcessesFailures(t *testing.T) {
	t.Parallel()
	const list, pending, every = "/v2/processes", "/v2/processes/30001/info", "/v2/processes/*/info"
	status := func(path string, code int) sandbox.Fault {
		return sandbox.Fault{Service: sandbox.RealtimeRegister, Path: path, Kind: sandbox.FaultStatus, Status: code}
	}
	tests := []struct {
		name      string
		env       map[string]string
		fault     sandbox.Fault
		err       []string
		partial   []string // the warning with allow_partial; nil where there is an error all the same
		processes int      // with allow_partial
		requests  int      // at most
	}{
		{
			name: "one", fault: status(pending, http.StatusInternalServerError), processes: 1, requests: 3,
			err: []string{"Unable to Read Realtime Register Process", "Reading process 30001 at Realtime Register failed: HTTP 500",
				"InternalSRSError", "allow_partial = true"},
			partial: []string{"Reading process 30001 at Realtime Register failed: HTTP 500", "It is left out"},
		},
		{
			name: "one refused", fault: status(pending, http.StatusForbidden), processes: 1, requests: 3,
			err:     []string{"Reading process 30001 at Realtime Register failed: HTTP 403", "VIEW_PROCESS"},
			partial: []string{"Reading process 30001 at Realtime Register failed: HTTP 403"},
		},
		{
			name: "one unusable", processes: 1, requests: 3,
			fault: sandbox.Fault{
				Service: sandbox.RealtimeRegister, Path: pending, Kind: sandbox.FaultBody,
				Body: `{"validations":{"dcv":[{"commonName":"example.com","type":"PIGEON"}]}}`,
			},
			err:     []string{"Process 30001 at Realtime Register has no DNS record for example.com", "PIGEON"},
			partial: []string{"Process 30001 at Realtime Register has no DNS record for example.com"},
		},
		{
			name: "all", fault: status(every, http.StatusInternalServerError), requests: 3,
			err: []string{"Unable to Read Realtime Register Processes", "None of the 2 processes", "HTTP 500"},
		},
		{
			name: "key revoked meanwhile", fault: status(every, http.StatusUnauthorized), requests: 3,
			err: []string{"Unable to Read Realtime Register Processes", "HTTP 401", "CERTOPS_REALTIME_REGISTER_API_KEY"},
		},
		{
			name: "list", fault: status(list, http.StatusInternalServerError), requests: 1,
			err: []string{"Unable to Read Realtime Register Processes", "Reading processes at Realtime Register failed: HTTP 500"},
		},
		{
			name: "no permission", env: map[string]string{"CERTOPS_REALTIME_REGISTER_API_KEY": sandbox.APIKeyWithoutPermission}, requests: 1,
			err: []string{"HTTP 403", "VIEW_PROCESS"},
		},
		{
			name: "page that does not advance", requests: 6, // three reads of two pages
			fault: sandbox.Fault{
				Service: sandbox.RealtimeRegister, Path: list, Kind: sandbox.FaultBody,
				Body: `{"entities":[{"id":1}],"pagination":{"limit":100,"offset":0,"total":3}}`,
			},
			err: []string{"Reading processes at Realtime Register failed", "the list contradicts itself each of the 3 times that it is read: it " +
				"ends after 1 of 3"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := sandboxtest.Start(t, sandbox.Options{})
			if test.fault.Kind != "" {
				inject(t, s, test.fault)
			}
			r := newListReader(t, s.Env(), test.env)
			_, diags := read(t, r, "certops_processes", map[string]tftypes.Value{"include_info": isOn})
			wantError(t, diags, test.err...)
			model, diags := read(t, r, "certops_processes", map[string]tftypes.Value{"include_info": isOn, "allow_partial": isOn})
			if test.partial == nil {
				wantError(t, diags, test.err...)
			} else {
				wantWarnings(t, diags, test.partial)
			}
			if len(model.Processes) != test.processes {
				t.Errorf("%d processes, want %d", len(model.Processes), test.processes)
			}
			if n := len(s.Requests(sandbox.RealtimeRegister)); n > 2*test.requests {
				t.Errorf("%d requests in two reads, want at most %d for each", n, test.requests)
			}
		})
	}
}

// What the API responds for the info of a process that has ended is not documented.
func TestProcessesEnded(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	populate(t, s, 2)
	const ended = 1_000_002
	inject(t, s, sandbox.Fault{
		Service: sandbox.RealtimeRegister, Path: "/v2/processes/1000002/info", Kind: sandbox.FaultStatus, Status: http.StatusBadRequest,
		Body: `{"type":"ProcessError","message":"The process has ended"}`,
	})
	model, diags := read(t, newListReader(t, s.Env()), "certops_processes", map[string]tftypes.Value{
		"status": textArgument("COMPLETED"), "include_info": isOn,
	})
	wantWarnings(t, diags)
	if len(model.Processes) != 1 || model.Processes[0].ID != ended || len(model.Processes[0].Validations.DCV) != 0 {
		t.Errorf("unexpected processes %+v", model.Processes)
	}
}
