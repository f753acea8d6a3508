// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnsprovider

import (
	"context"
	"fmt"
	"regexp"
	"slices"
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

var factory = providerserver.NewProtocol6WithError(New("test")())

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

// config is a record set by the name of the resource; rdatas is HCL.
func config(resource, name, kind string, ttl int, rdatas string) string {
	return fmt.Sprintf("resource \"sandboxdns_record_set\" %q {\n  zone = \"example.com\"\n  name = %q\n  type = %q\n  ttl = %d\n  "+
		"rdatas = %s\n}\n",
		resource, name, kind, ttl, rdatas)
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
	const text, alias = "sandboxdns_record_set.text", "sandboxdns_record_set.alias"
	const owner = "_dnsauth.www.example.com."
	silent := []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	// Another name, type or zone is another record set. Whether the records of the first one go is up to a replacement.
	was := config("name", "old", "TXT", 60, `["\"x\""]`) + config("type", "type", "TXT", 60, `["\"x\""]`) +
		config("zone", "zone", "TXT", 60, `["\"x\""]`)
	is := config("name", "new", "TXT", 60, `["\"x\""]`) + config("type", "type", "CNAME", 60, `["x."]`) +
		strings.Replace(config("zone", "zone", "TXT", 60, `["\"x\""]`), "example.com", "example.net", 1)
	changed := config("text", "@", "TXT", 120, `["\"c\""]`) + config("alias", "_dnsauth.www", "CNAME", 60, `["other.dcv.digicert.com."]`) + is
	changedRecords := resource.ComposeAggregateTestCheckFunc(
		published(s, "example.com.", `example.com. 120 IN TXT "c"`),
		published(s, owner, owner+" 60 IN CNAME other.dcv.digicert.com."),
		published(s, "old.example.com."), published(s, "new.example.com.", `new.example.com. 60 IN TXT "x"`),
		published(s, "type.example.com.", "type.example.com. 60 IN CNAME x."),
		published(s, "zone.example.com."), published(s, "zone.example.net.", `zone.example.net. 60 IN TXT "x"`),
	)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){"sandboxdns": factory},
		CheckDestroy:             resource.ComposeAggregateTestCheckFunc(published(s, "example.com."), published(s, owner)),
		Steps: []resource.TestStep{
			{
				Config: config("text", "@", "TXT", 60, `["\"b\"", "\"a\\\\\\\"z\" \"tail\""]`) +
					config("alias", "_dnsauth.www", "CNAME", 60, `["Token.dcv.digicert.com."]`) + was,
				ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: silent},
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(alias, tfjsonpath.New("rdatas"),
					knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("Token.dcv.digicert.com.")}))},
				Check: resource.ComposeAggregateTestCheckFunc(
					published(s, "example.com.", `example.com. 60 IN TXT "a\\\"z" "tail"`, `example.com. 60 IN TXT "b"`),
					published(s, owner, owner+" 60 IN CNAME Token.dcv.digicert.com."),
				),
			},
			{
				Config: changed,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(text, plancheck.ResourceActionUpdate),
					plancheck.ExpectResourceAction(alias, plancheck.ResourceActionUpdate),
					plancheck.ExpectResourceAction("sandboxdns_record_set.name", plancheck.ResourceActionReplace),
					plancheck.ExpectResourceAction("sandboxdns_record_set.type", plancheck.ResourceActionReplace),
					plancheck.ExpectResourceAction("sandboxdns_record_set.zone", plancheck.ResourceActionReplace),
				}},
				Check: changedRecords,
			},
			{
				ResourceName: text, ImportState: true, ImportStateId: "example.com/@/TXT",
				ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name",
			},
			{
				// Somebody else adds a value to one set, and removes the other: the next apply puts both right.
				PreConfig: func() {
					if err := s.SetRecords("example.com", "TXT", `"c"`, `"foreign"`); err != nil {
						t.Fatal(err)
					}
					if err := s.DeleteRecords("_dnsauth.www.example.com", "CNAME"); err != nil {
						t.Fatal(err)
					}
				},
				Config: changed,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(text, plancheck.ResourceActionUpdate),
					plancheck.ExpectResourceAction(alias, plancheck.ResourceActionCreate),
				}},
				Check: changedRecords,
			},
		},
	})
}

// wantErrors applies a configuration, and wants an error for each of some record sets or providers that matches a pattern.
func wantErrors(t *testing.T, config string, providers []string, patterns map[string]string) {
	t.Helper()
	// Each provider is a server of its own: a server keeps the settings that it was given last.
	factories := make(map[string]func() (tfprotov6.ProviderServer, error))
	for _, name := range append(providers, "sandboxdns") {
		factories[name] = factory
	}
	var got []string
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		ErrorCheck: func(err error) error {
			got = strings.Split(err.Error(), "Error: ")
			return nil
		},
		Steps: []resource.TestStep{{Config: config}},
	})
	for name, pattern := range patterns {
		wanted := regexp.MustCompile(`(?s)with (sandboxdns_record_set\.|provider\["[^"]*/)` + name + `\b.*` + pattern)
		if !slices.ContainsFunc(got, wanted.MatchString) {
			t.Errorf("%s: no error matches %s:\n%s", name, pattern, strings.Join(got, "Error: "))
		}
	}
}

// set is a record set with a name of its own, by a provider with that name and some settings, where there are any.
func set(name, settings string) string {
	text := config(name, name, "TXT", 60, `["\"y\""]`)
	if settings == "" {
		return text
	}
	return fmt.Sprintf("provider %q {\n  %s\n}\n", name, settings) + strings.Replace(text, "{\n", "{\n  provider = "+name+"\n", 1)
}

func TestSchemaErrors(t *testing.T) {
	start(t)
	wantErrors(t, config("empty", "a", "TXT", 60, `[]`), nil, map[string]string{"empty": `at\s+least\s+1`})
}

func TestSettingsErrors(t *testing.T) {
	s := start(t)
	t.Setenv("SANDBOXDNS_SERVER", "")
	server := fmt.Sprintf("server = %q\n  ", s.DNSAddr)
	wantErrors(t,
		set("missing", "key_name = \"k\"")+set("server", `server = "127.0.0.1"`)+set("secret", server+`key_secret = "%%%"`)+
			set("algorithm", server+`key_algorithm = "md5"`),
		[]string{"missing", "server", "secret", "algorithm"},
		map[string]string{
			"missing":   `SANDBOXDNS_SERVER`,
			"server":    `host:port`,
			"secret":    `not base64`,
			"algorithm": `not\s+one\s+of\s+hmac`,
		})
}

func TestWriteErrors(t *testing.T) {
	s := start(t)
	if err := s.SetRecords("taken.example.com", "TXT", `"x"`); err != nil {
		t.Fatal(err)
	}
	before := s.Records()
	wantErrors(t,
		set("taken", "")+config("beside", "taken", "CNAME", 60, `["a."]`)+config("absolute", "a.", "TXT", 60, `["\"y\""]`)+
			config("nonsense", "a", "A", 60, `["nonsense"]`)+config("injected", "a", "TXT", 60, `["\"y\"\nb 60 IN TXT z"]`)+
			strings.Replace(set("foreign", ""), "example.com", "example.edu", 1)+set("other-key", `key_name = "other"`)+
			set("other-secret", `key_secret = "d3Jvbmc="`)+set("nobody", `server = "127.0.0.1:1"`),
		[]string{"other-key", "other-secret", "nobody"},
		map[string]string{
			"taken":        `YXRRSET`,
			"beside":       `YXDOMAIN`,
			"absolute":     `not\s+relative`,
			"nonsense":     `not\s+the\s+data`,
			"injected":     `not\s+the\s+data\s+of\s+one`,
			"foreign":      `NOTAUTH`,
			"other-key":    `NOTAUTH`,
			"other-secret": `NOTAUTH`,
			"nobody":       `asking\s+127.0.0.1:1`,
		})
	if diff := cmp.Diff(before, s.Records()); diff != "" {
		t.Errorf("records changed (-want +got):\n%s", diff)
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
