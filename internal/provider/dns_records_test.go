// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/provider/providertest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// TestDNSRecordModel maps a record with everything and one with nothing that can be null, and back.
func TestDNSRecordModel(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 256)
	expires := "2026-02-01T00:00:00+00:00"
	summary, err := dcv.Summarize([]dcv.Challenge{
		{Domain: "*.Example.com", Status: dcv.StatusActionRequired, Publish: &dcv.Publication{Type: "txt", Name: "_DNSauth.example.com.",
			Value: long, ExpiresAt: &expires}},
	}, dcv.Options{Zones: []string{"Example.com."}})
	if err != nil {
		t.Fatal(err)
	}
	providertest.WantObject(t, base.DNSRecordType, base.NewDNSRecordModel(summary.Records["example.com"]), `{
		"type": "TXT", "fqdn": "_dnsauth.example.com", "fqdn_dot": "_dnsauth.example.com.", "zone": "example.com", "relative_name": "_dnsauth",
		"value": "`+long+`", "value_dot": "`+long+`", "value_quoted": "\"`+long+`\"", "rdata": "\"`+long[:255]+`\" \"x\"",
		"domains": ["*.Example.com"], "status": "action_required", "expires_at": "2026-02-01T00:00:00+00:00"}`)
	providertest.WantObject(t, base.DNSRecordSetType, base.NewDNSRecordSetModel(summary.RecordSets["example.com"]), `{
		"type": "TXT", "fqdn": "_dnsauth.example.com", "fqdn_dot": "_dnsauth.example.com.", "zone": "example.com", "relative_name": "_dnsauth",
		"values": ["`+long+`"], "rdatas": ["\"`+long[:255]+`\" \"x\""],
		"domains": ["*.Example.com"], "status": "action_required", "expires_at": "2026-02-01T00:00:00+00:00"}`)
	providertest.WantObject(t, base.DCVStatusType, base.NewDCVStatusModel(summary.Names["*.Example.com"]), `{"status": "action_required", `+
		`"method": null, "validated_until": null, "record_key": "example.com", "channel": "unknown", "reason": null}`)

	back, err := base.NewDNSRecordModel(summary.Records["example.com"]).Respell("example.com")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(summary.Records["example.com"], back); diff != "" {
		t.Errorf("a record changes on its way through a configuration (-want +got):\n%s", diff)
	}
}

// TestDNSRecordModelOfAMock holds that spellings which do not fit together never leave the provider.
func TestDNSRecordModelOfAMock(t *testing.T) {
	t.Parallel()
	mock := base.DNSRecordModel{
		Type: types.StringValue("CNAME"), FQDN: types.StringValue("_a.Example.com"), Value: types.StringValue("T.example."),
		FQDNDot: types.StringValue("mock1"), ValueDot: types.StringValue("mock2"), ValueQuoted: types.StringValue("mock3"),
		RData:   types.StringValue("mock4"),
		Domains: types.ListNull(types.StringType),
	}
	record, err := mock.Respell("example.com")
	if err != nil {
		t.Fatal(err)
	}
	if record.FQDNDot != "_a.example.com." || record.RData != "T.example." || record.ValueDot != "T.example." ||
		record.ValueQuoted != "T.example" || record.Zone != nil {
		t.Errorf("unexpected record %+v", record)
	}
	if diff := cmp.Diff([]string{"example.com"}, record.Domains); diff != "" {
		t.Errorf("unexpected domains (-want +got):\n%s", diff)
	}
	// A zone that does not hold the name, as another module may have it, would publish the record elsewhere.
	mock.Zone, mock.RelativeName = types.StringValue("prod.example.net"), types.StringValue("www")
	if got, err := mock.Respell("example.com"); err == nil {
		t.Errorf("a record of another zone became %+v", got)
	}
	mock.Zone = types.StringValue("example.com.")
	record, err = mock.Respell("example.com")
	if err != nil {
		t.Fatal(err)
	}
	if *record.Zone != "example.com" || *record.RelativeName != "_a" {
		t.Errorf("zone %q, relative name %q", *record.Zone, *record.RelativeName)
	}
	for _, broken := range []base.DNSRecordModel{
		{},
		{Type: types.StringValue("TXT"), FQDN: types.StringValue("a b.example.com"), Value: types.StringValue("x")},
		{Type: types.StringValue("CNAME"), FQDN: types.StringValue("a.example.com"), Value: types.StringValue("")},
	} {
		if got, err := broken.Respell("example.com"); err == nil {
			t.Errorf("%+v became %+v", broken, got)
		}
	}
}

func TestRecordDiagnostic(t *testing.T) {
	t.Parallel()
	s := base.Target{Service: vendorNamed("realtime_register"), Noun: "Realtime Register Process", What: "process", ID: "7",
		Attribute: "process_id"}
	for _, test := range []struct {
		err  error
		want string
	}{
		{&dcv.ConflictError{Owner: "_dnsauth.example.com", Records: []dcv.ConflictingRecord{{Type: "CNAME", Value: "a.example",
			Origin: "order 1"}, {Type: "TXT", Value: "t", Origin: "order 2"}}},
			"Error: Conflicting DNS Records\n\"_dnsauth.example.com\" cannot have all of these records, because a CNAME stands alone (RFC 1034, " +
				"section 3.6.2): CNAME \"a.example\" (order 1); TXT \"t\" (order 2). Only one of them can be published. Cancel one of these orders, " +
				"select fewer orders, or choose a validation method for one of them whose records can exist beside the other record."},
		{fmt.Errorf("wrapped: %w", &dcv.ZoneError{Names: []string{"a.example"}, Zones: []string{"b.example"}}),
			"Error: No Zone for DNS Record\n\"a.example\" is in none of the zones \"b.example\". Add the zone of each record to `zones`, " +
				"by its name and not by an id, or leave `zones` out if you do not need `zone` and `relative_name`."},
		{errors.New("it rains"), "Error: Unusable DNS Record\nThe response for process 7 at Realtime Register holds a DNS record that cannot " +
			"be published: it rains."},
	} {
		if got := printed(base.RecordDiagnostic(s, test.err)); got != test.want {
			t.Errorf("got %q, expected %q", got, test.want)
		}
	}
}

// TestAccUnusableAnswers reads responses of the right status that are of no use.
func TestAccUnusableAnswers(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	const (
		firewall = "Something other than the API may have responded (a proxy, a firewall, a wrong `realtime_register.base_url`). Check the " +
			"address, the proxy settings (HTTPS_PROXY, NO_PROXY), and whether the API is open to this machine."
		report = "If the API does respond like this, please report it to the maintainers of the provider."
	)
	rows := []struct {
		body, answer, advice string
	}{
		{"Hello,\n  world", "HTTP 200 OK: the response is not JSON.", firewall},
		{`{"commonName":"example.com"`, `HTTP 200 OK: the response is cut short.`, firewall},
		{"null", "HTTP 200 OK: the response is null.", firewall},
		{`{"commonName":{"a":1}}`, `HTTP 200 OK: unexpected value in "commonName": the value is object where text is expected.`, report},
		{`{"validations":{"dcv":[{"status":["WAITING"]}]}}`, `HTTP 200 OK: unexpected value in "validations.dcv.status": the value is array ` +
			`where text is expected.`, report},
		{`{"requiresAttention":"maybe"}`, `HTTP 200 OK: unexpected value in "requiresAttention": the value is string "maybe" where true or ` +
			`false is expected.`, report},
		{`[]`, "HTTP 200 OK: unexpected document: the value is array where an object is expected.", report},
	}
	config := requireCertops
	for i, row := range rows {
		id := 7000 + i
		inject(t, s, sandbox.Fault{Service: sandbox.RealtimeRegister, Path: fmt.Sprintf("/v2/processes/%d/info", id), Kind: sandbox.FaultBody,
			Body: row.body})
		config += fmt.Sprintf("\ndata \"certops_process_info\" \"p%d\" {\n  process_id = %[1]d\n}\n", id)
	}
	diagnostics, _ := newWorkspace(t, s.Env(), nil, map[string]string{"main.tf": config}).plan()
	for i, row := range rows {
		id := 7000 + i
		want := []diagnostic{{
			Severity: "error", Summary: "Unable to Read Realtime Register Process", Address: fmt.Sprintf("data.certops_process_info.p%d", id),
			Detail: fmt.Sprintf("Reading process %d at Realtime Register failed: %s\n\nRequest: GET %s/v2/processes/%d/info\n\n%s", id, row.answer,
				s.URL(sandbox.RealtimeRegister), id, row.advice),
		}}
		if diff := cmp.Diff(want, diagnostics[want[0].Address]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.body, diff)
		}
	}
}
