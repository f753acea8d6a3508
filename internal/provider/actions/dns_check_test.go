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
	"github.com/certops/terraform-provider-certops/internal/provider/providertest"
)

const typeName = "certops_dns_check"

// served is a provider in an environment.
func served(env map[string]string) tfprotov6.ProviderServer {
	return provider.NewServerWith(base.Environment{Getenv: func(name string) string { return env[name] }})()
}

// run invokes the action. It returns the lines of progress, sorted, and the diagnostics.
func run(e providertest.Engine, config map[string]any) (progress []string, problems string) {
	progress, diagnostics := e.Invoke(typeName, config)
	slices.Sort(progress)
	return progress, text(diagnostics)
}

func text(diagnostics []*tfprotov6.Diagnostic) string {
	var lines []string
	for _, d := range diagnostics {
		lines = append(lines, d.Severity.String()+": "+d.Summary+": "+d.Detail)
	}
	return strings.Join(lines, "\n")
}

// records are DNS records to look for: TXT records with the value x9Kq.
func records(t *testing.T, names ...string) map[string]tftypes.Value {
	t.Helper()
	object := base.DNSRecordType.TerraformType(t.Context()).(tftypes.Object)
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
	return all
}

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
	e := providertest.NewEngine(t, served(map[string]string{base.EnvDNSRootServers: strings.Join(tree.Roots(), ",")}))
	records := records(t, "right.site.test", "wrong.site.test", "missing.site.test")
	lines := []string{
		"missing.site.test: missing, DNSSEC insecure, CAA none. The TXT record at _dnsauth.missing.site.test is missing",
		"right.site.test: published, DNSSEC insecure, CAA none. The TXT record at _dnsauth.right.site.test is published",
		"wrong.site.test: wrong_value, DNSSEC insecure, CAA none. The TXT record at _dnsauth.wrong.site.test does not have the expected value",
	}
	tests := map[string]struct {
		failOn any
		fails  string // the beginning of the error, with what follows each "…" somewhere behind it; empty for none
	}{
		"default": {nil,
			"ERROR: DNS Check Failed: The check fails for 2 of 3 DNS records.\n\n  - missing.site.test (missing): The TXT record at " +
				"_dnsauth.missing.site.test is missing…\n  - wrong.site.test (wrong_value): The TXT record at _dnsauth.wrong.site.test does not " +
				"have the expected value…terraform apply -invoke="},
		"one finding": {[]string{"missing", "bogus"},
			"ERROR: DNS Check Failed: The check fails for 1 of 3 DNS records.…missing.site.test (missing): "},
		"several of one record": {[]string{"wrong_value", "insecure"},
			"ERROR: DNS Check Failed: The check fails for 3 of 3 DNS records.\n\n  - missing.site.test (insecure): …" +
				"wrong.site.test (wrong_value, insecure): "},
		"none": {[]string{}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			progress, problems := run(e, map[string]any{"dns_records": records, "fail_on": test.failOn})
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
	e := providertest.NewEngine(t, served(nil))
	var names []string
	for i := range 25 {
		names = append(names, fmt.Sprintf("missing%02d.site.test", i))
	}
	progress, problems := run(e, map[string]any{"dns_records": records(t, names...), "nameservers": []string{tree.Addr("127.0.0.2")}})
	if len(progress) != 25 {
		t.Errorf("%d lines of progress, want one a record", len(progress))
	}
	if !strings.Contains(problems, "fails for 25 of 25 DNS records") || !strings.Contains(problems, "  - 15 more. ") ||
		strings.Count(problems, "  - missing") != 10 {
		t.Errorf("got %s", problems)
	}
}

// A faulty configuration is an error before anything is looked up.
func TestDNSCheckValidates(t *testing.T) {
	t.Parallel()
	e := providertest.NewEngine(t, served(nil))
	records := records(t, "right.site.test")
	tests := map[string]struct {
		config map[string]any
		want   string
	}{
		"finding": {map[string]any{"dns_records": records, "fail_on": []string{"published"}}, "is none of missing"},
		"timeout": {map[string]any{"dns_records": records, "timeout": "soon"}, "Invalid Duration"},
		"servers": {map[string]any{"dns_records": records, "nameservers": []string{"not a host:53"}}, "Invalid Name Server"},
		"unknown": {map[string]any{"dns_records": tftypes.UnknownValue,
			"fail_on": []string{"published"}}, "is none of missing"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			progress, problems := run(e, test.config)
			if len(progress) > 0 || !strings.Contains(problems, test.want) {
				t.Errorf("got %q and %q, want %q", progress, problems, test.want)
			}
		})
	}
}

// While Terraform validates a module that gets no provider, there is nothing to look with.
func TestDNSCheckNotConfigured(t *testing.T) {
	t.Parallel()
	e := providertest.Unconfigured(t, served(nil))
	if _, problems := run(e, map[string]any{"dns_records": records(t, "right.site.test")}); !strings.Contains(problems,
		"Provider Not Configured") {
		t.Errorf("got %q", problems)
	}
}
