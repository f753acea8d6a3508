// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnsprovider

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"sandboxdns": providerserver.NewProtocol6WithError(New("test")()),
}

// start starts a simulator and sets the provider's environment.
func start(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Start(context.Background(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for k, v := range s.DNSEnv() {
		t.Setenv(k, v)
	}
	return s
}

// config is a record set; rdatas is HCL.
func config(name, kind string, ttl int, rdatas string) string {
	return fmt.Sprintf("resource \"sandboxdns_record_set\" \"r\" {\n  zone = \"example.com\"\n  name = %q\n  type = %q\n  ttl = %d\n  "+
		"rdatas = %s\n}\n",
		name, kind, ttl, rdatas)
}

// published checks the records of a name in the zone, in zone-file form with single spaces.
func published(s *sandbox.Sandbox, name string, want ...string) func(*terraform.State) error {
	return func(*terraform.State) error {
		var got []string
		for _, line := range s.Records() {
			if fields := strings.Fields(line); fields[0] == name && fields[3] != "SOA" && fields[3] != "NS" && fields[3] != "A" {
				got = append(got, strings.Join(fields, " "))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("records of %s (-want +got):\n%s", name, diff)
		}
		return nil
	}
}

func TestRecordSetLifecycle(t *testing.T) {
	s := start(t)
	const address = "sandboxdns_record_set.r"
	silent := resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             published(s, "example.com."),
		Steps: []resource.TestStep{
			{
				Config:           config("@", "TXT", 60, `["\"b\"", "\"a\\\\\\\"z\" \"tail\""]`),
				ConfigPlanChecks: silent,
				Check:            published(s, "example.com.", `example.com. 60 IN TXT "a\\\"z" "tail"`, `example.com. 60 IN TXT "b"`),
			},
			{
				Config: config("@", "TXT", 120, `["\"c\""]`),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
				},
				Check: published(s, "example.com.", `example.com. 120 IN TXT "c"`),
			},
			{
				ResourceName: address, ImportState: true, ImportStateId: "example.com/@/TXT",
				ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "zone",
			},
			{
				// Somebody else adds a value: the next apply puts it right.
				PreConfig: func() {
					if err := s.SetRecords("example.com", "TXT", `"c"`, `"foreign"`); err != nil {
						t.Fatal(err)
					}
				},
				Config: config("@", "TXT", 120, `["\"c\""]`),
				Check:  published(s, "example.com.", `example.com. 120 IN TXT "c"`),
			},
			{
				// Somebody removes the set: it is created again.
				PreConfig: func() {
					if err := s.DeleteRecords("example.com", "TXT"); err != nil {
						t.Fatal(err)
					}
				},
				Config: config("@", "TXT", 120, `["\"c\""]`),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)},
				},
				Check: published(s, "example.com.", `example.com. 120 IN TXT "c"`),
			},
			{
				Config: config("_dnsauth.www", "CNAME", 60, `["Token.dcv.digicert.com."]`),
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("rdatas"),
					knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("Token.dcv.digicert.com.")}))},
				Check: published(s, "_dnsauth.www.example.com.", "_dnsauth.www.example.com. 60 IN CNAME Token.dcv.digicert.com."),
			},
			{
				Config: config("_dnsauth.www", "CNAME", 60, `["other.dcv.digicert.com."]`),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
				},
				Check: published(s, "_dnsauth.www.example.com.", "_dnsauth.www.example.com. 60 IN CNAME other.dcv.digicert.com."),
			},
		},
	})
}

func TestRecordSetErrors(t *testing.T) {
	s := start(t)
	if err := s.SetRecords("taken.example.com", "TXT", `"x"`); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ config, want string }{
		"exists":          {config("taken", "TXT", 60, `["\"y\""]`), `YXRRSET`},
		"cname beside":    {config("taken", "CNAME", 60, `["a."]`), `YXDOMAIN`},
		"absolute name":   {config("a.", "TXT", 60, `["\"y\""]`), `not\s+relative`},
		"wrong data":      {config("a", "A", 60, `["nonsense"]`), `not\s+the\s+data`},
		"injected record": {config("a", "TXT", 60, `["\"y\"\nb 60 IN TXT z"]`), `Invalid Record Data`},
		"no values":       {config("a", "TXT", 60, `[]`), `at\s+least\s+1`},
		"no zone":         {strings.Replace(config("a", "TXT", 60, `["\"y\""]`), "example.com", "example.edu", 1), `NOTAUTH`},
	} {
		t.Run(name, func(t *testing.T) {
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps:                    []resource.TestStep{{Config: tt.config, ExpectError: regexp.MustCompile(tt.want)}},
			})
		})
	}
}

func TestProviderConfiguration(t *testing.T) {
	s := start(t)
	provider := func(attributes string) string {
		return "provider \"sandboxdns\" {\n" + attributes + "\n}\n" + config("a", "TXT", 60, `["\"y\""]`)
	}
	for name, tt := range map[string]struct{ attributes, unset, want string }{
		"missing":       {"", "SANDBOXDNS_SERVER", `SANDBOXDNS_SERVER`},
		"server":        {`server = "127.0.0.1"`, "", `host:port`},
		"secret":        {`key_secret = "%%%"`, "", `not base64`},
		"algorithm":     {`key_algorithm = "md5"`, "", `Invalid Key Algorithm`},
		"unknown key":   {`key_name = "other"`, "", `NOTAUTH`},
		"wrong secret":  {`key_secret = "d3Jvbmc="`, "", `NOTAUTH`},
		"nobody serves": {`server = "127.0.0.1:1"`, "", `asking\s+127.0.0.1:1`},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.unset != "" {
				t.Setenv(tt.unset, "")
			}
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps:                    []resource.TestStep{{Config: provider(tt.attributes), ExpectError: regexp.MustCompile(tt.want)}},
			})
		})
	}
	for _, line := range s.Records() {
		if strings.HasPrefix(line, "a.example.com.") {
			t.Errorf("an unauthorized update was made: %s", line)
		}
	}
}

func TestMergeKeepsOrderAndSpelling(t *testing.T) {
	t.Parallel()
	s := rrset{"example.com.", "a.example.com.", dns.TypeTXT}
	found, err := s.records(60, []string{`"x"`, `"z"`, `"b"`, `"a"`})
	if err != nil {
		t.Fatal(err)
	}
	got := s.merge([]string{`z`, `"gone"`, `"x"`}, found)
	if diff := cmp.Diff([]string{`z`, `"x"`, `"a"`, `"b"`}, got); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
}
