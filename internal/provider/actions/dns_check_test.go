// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package actions_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnstest"
	"github.com/certops/terraform-provider-certops/internal/provider"
)

// server is a provider's server as Terraform drives it for an action.
type server struct {
	t      *testing.T
	served tfprotov6.ProviderServer
	schema *tfprotov6.Schema
	action string
}

// newServer returns a configured server, whose environment is given.
func newServer(t *testing.T, action string, env map[string]string) server {
	t.Helper()
	served := provider.NewServerWith(base.Environment{Getenv: func(name string) string { return env[name] }})()
	schemas, err := served.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	s := server{t: t, served: served, schema: schemas.ActionSchemas[action].Schema, action: action}
	resp, err := served.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: value(t, schemas.Provider, nil)})
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Diagnostics) > 0 {
		t.Fatal(text(resp.Diagnostics))
	}
	return s
}

// value is a configuration with some attributes set and the others null.
func value(t *testing.T, schema *tfprotov6.Schema, set map[string]tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	kind := schema.ValueType().(tftypes.Object)
	members := make(map[string]tftypes.Value)
	for name, attribute := range kind.AttributeTypes {
		members[name] = tftypes.NewValue(attribute, nil)
	}
	for name, v := range set {
		members[name] = v
	}
	encoded, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, members))
	if err != nil {
		t.Fatal(err)
	}
	return &encoded
}

// run validates, plans and invokes the action. It returns the lines of progress, sorted, and the diagnostics.
func (s server) run(config map[string]tftypes.Value) (progress []string, problems string) {
	s.t.Helper()
	encoded := value(s.t, s.schema, config)
	validated, err := s.served.(tfprotov6.ActionServer).ValidateActionConfig(s.t.Context(),
		&tfprotov6.ValidateActionConfigRequest{ActionType: s.action, Config: encoded})
	if err != nil {
		s.t.Fatal(err)
	}
	if len(validated.Diagnostics) > 0 {
		return nil, text(validated.Diagnostics)
	}
	planned, err := s.served.(tfprotov6.ActionServer).PlanAction(s.t.Context(),
		&tfprotov6.PlanActionRequest{ActionType: s.action, Config: encoded})
	if err != nil {
		s.t.Fatal(err)
	}
	if len(planned.Diagnostics) > 0 {
		return nil, text(planned.Diagnostics)
	}
	stream, err := s.served.(tfprotov6.ActionServer).InvokeAction(s.t.Context(),
		&tfprotov6.InvokeActionRequest{ActionType: s.action, Config: encoded})
	if err != nil {
		s.t.Fatal(err)
	}
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			problems = text(event.Diagnostics)
		}
	}
	slices.Sort(progress)
	return progress, problems
}

func text(diagnostics []*tfprotov6.Diagnostic) string {
	var lines []string
	for _, d := range diagnostics {
		lines = append(lines, d.Severity.String()+": "+d.Summary+": "+d.Detail)
	}
	return strings.Join(lines, "\n")
}

// records are DNS records to look for: TXT records with the value x9Kq.
func (s server) records(names ...string) tftypes.Value {
	kind := s.schema.ValueType().(tftypes.Object).AttributeTypes["dns_records"].(tftypes.Map)
	object := kind.ElementType.(tftypes.Object)
	all := make(map[string]tftypes.Value)
	for _, name := range names {
		members := make(map[string]tftypes.Value)
		for member, of := range object.AttributeTypes {
			members[member] = tftypes.NewValue(of, nil)
		}
		for member, v := range map[string]string{"type": "TXT", "fqdn": "_dnsauth." + name, "value": "x9Kq"} {
			members[member] = tftypes.NewValue(tftypes.String, v)
		}
		all[name] = tftypes.NewValue(object, members)
	}
	return tftypes.NewValue(kind, all)
}

func texts(of tftypes.Type, words ...string) tftypes.Value {
	elements := make([]tftypes.Value, len(words))
	for i, word := range words {
		elements[i] = tftypes.NewValue(tftypes.String, word)
	}
	return tftypes.NewValue(of, elements)
}

var set = tftypes.Set{ElementType: tftypes.String}

// newTree is a root and the zone site.test, which has the record of right.site.test and a wrong one at wrong.site.test.
func newTree(t *testing.T) *dnstest.Net {
	return dnstest.Start(t,
		dnstest.Zone{Apex: ".", Servers: []string{"127.0.0.1"}, Records: []string{
			". 60 IN NS root.servers.", "root.servers. 60 IN A 127.0.0.1", "site.test. 60 IN NS ns.site.test.",
			"ns.site.test. 60 IN A 127.0.0.2",
		}},
		dnstest.Zone{Apex: "site.test", Servers: []string{"127.0.0.2"}, Records: []string{
			"site.test. 60 IN NS ns.site.test.", "ns.site.test. 60 IN A 127.0.0.2",
			`_dnsauth.right.site.test. 60 IN TXT "x9Kq"`, `_dnsauth.wrong.site.test. 60 IN TXT "other"`,
		}},
	)
}

func TestDNSCheck(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := newServer(t, "certops_dns_check", map[string]string{base.EnvDNSRootServers: strings.Join(tree.Roots(), ",")})
	records := s.records("right.site.test", "wrong.site.test", "missing.site.test")
	lines := []string{
		"missing.site.test: missing, DNSSEC insecure, CAA none. The TXT record at _dnsauth.missing.site.test is missing",
		"right.site.test: published, DNSSEC insecure, CAA none. The TXT record at _dnsauth.right.site.test is published",
		"wrong.site.test: wrong_value, DNSSEC insecure, CAA none. The TXT record at _dnsauth.wrong.site.test does not have the expected value",
	}
	tests := map[string]struct {
		failOn tftypes.Value
		fails  string // the beginning of the error, with what follows each "…" somewhere behind it; empty for none
	}{
		"default": {tftypes.NewValue(set, nil),
			"ERROR: DNS Check Failed: The check fails for 2 of 3 DNS records.\n\n  - missing.site.test (missing): The TXT record at " +
				"_dnsauth.missing.site.test is missing…\n  - wrong.site.test (wrong_value): The TXT record at _dnsauth.wrong.site.test does not " +
				"have the expected value…terraform apply -invoke="},
		"one finding": {texts(set, "missing", "bogus"),
			"ERROR: DNS Check Failed: The check fails for 1 of 3 DNS records.…missing.site.test (missing): "},
		"several of one record": {texts(set, "wrong_value", "insecure"),
			"ERROR: DNS Check Failed: The check fails for 3 of 3 DNS records.\n\n  - missing.site.test (insecure): …" +
				"wrong.site.test (wrong_value, insecure): "},
		"none": {texts(set), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			progress, problems := s.run(map[string]tftypes.Value{"dns_records": records, "fail_on": test.failOn})
			for i := range progress {
				progress[i] = progress[i][:min(len(progress[i]), len(lines[min(i, len(lines)-1)]))]
			}
			if diff := cmp.Diff(lines, progress); diff != "" {
				t.Errorf("progress (-want +got):\n%s", diff)
			}
			first, others, _ := strings.Cut(test.fails, "…")
			if !strings.HasPrefix(problems, first) || test.fails == "" && problems != "" {
				t.Errorf("got %q, want %q", problems, test.fails)
			}
			for _, part := range strings.Split(others, "…") {
				if !strings.Contains(problems, part) {
					t.Errorf("got %q, want %q", problems, part)
				}
			}
		})
	}
}

// An error names so many records as a person reads.
func TestDNSCheckManyFailures(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := newServer(t, "certops_dns_check", nil)
	var names []string
	for i := range 25 {
		names = append(names, fmt.Sprintf("missing%02d.site.test", i))
	}
	servers := texts(tftypes.List{ElementType: tftypes.String}, tree.Addr("127.0.0.2"))
	progress, problems := s.run(map[string]tftypes.Value{"dns_records": s.records(names...), "nameservers": servers})
	if len(progress) != 25 {
		t.Errorf("%d lines of progress, want one a record", len(progress))
	}
	if !strings.Contains(problems, "fails for 25 of 25 DNS records") || !strings.Contains(problems, "  - 15 more. ") ||
		strings.Count(problems, "  - missing") != 10 {
		t.Errorf("got %s", problems)
	}
}

// What is wrong with a configuration is told before anything is looked up.
func TestDNSCheckValidates(t *testing.T) {
	t.Parallel()
	s := newServer(t, "certops_dns_check", nil)
	records := s.records("right.site.test")
	list := tftypes.List{ElementType: tftypes.String}
	unusable := s.records("right.site.test")
	tests := map[string]struct {
		config map[string]tftypes.Value
		want   string
	}{
		"finding": {map[string]tftypes.Value{"dns_records": records, "fail_on": texts(set, "published")}, "is none of missing"},
		"timeout": {map[string]tftypes.Value{"dns_records": records, "timeout": tftypes.NewValue(tftypes.String, "soon")}, "Invalid Duration"},
		"servers": {map[string]tftypes.Value{"dns_records": records, "nameservers": texts(list, "not a host:53")}, "Invalid Name Server"},
		"unknown": {map[string]tftypes.Value{"dns_records": tftypes.NewValue(unusable.Type(), tftypes.UnknownValue),
			"fail_on": texts(set, "published")}, "is none of missing"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			progress, problems := s.run(test.config)
			if len(progress) > 0 || !strings.Contains(problems, test.want) {
				t.Errorf("got %q and %q, want %q", progress, problems, test.want)
			}
		})
	}
}

// While Terraform validates a module that gets no provider, there is nothing to look with.
func TestDNSCheckNotConfigured(t *testing.T) {
	t.Parallel()
	served := provider.NewServerWith(base.Environment{Getenv: func(string) string { return "" }})()
	schemas, err := served.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	s := server{t: t, served: served, schema: schemas.ActionSchemas["certops_dns_check"].Schema, action: "certops_dns_check"}
	if _, problems := s.run(map[string]tftypes.Value{"dns_records": s.records("right.site.test")}); !strings.Contains(problems,
		"Provider Not Configured") {
		t.Errorf("got %q", problems)
	}
}
