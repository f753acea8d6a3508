// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package exampletest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
	"github.com/certops/terraform-provider-certops/internal/provider"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/schemajson"
)

// outputs are what examples give when they are applied against the simulator, by folder, as JSON. Tokens of the simulator
// are the same in every run.
var outputs = map[string]string{
	"data-sources/certops_process_info": `{
		"waits_for_me": false,
		"validation": {"*.example.com": "pending", "example.com": "pending", "www.example.net": "pending"}
	}`,
	"data-sources/certops_cps_certificate": `{
		"workflow": {"label": "cdn.example.com", "expires": null, "status": "DomainControlValidation", "requires_attention": true}
	}`,
	"data-sources/certops_digicert_order_validation": `{"order_status": "pending"}`,
	"data-sources/certops_digicert_request": `{
		"request": {"type": "new_request", "status": "approved", "requester": "john.smith@digicert.com"}
	}`,
	"data-sources/certops_digicert_request/order": `{
		"records_to_publish": {
			"example.com": "_dnsauth.example.com CNAME _f7lg71u1uip30chbrsgekkgfi5680zy.dcv.digicert.com.",
			"shop.example.net": "_dnsauth.shop.example.net TXT \"n4OJOre2znay9nxC0m2vLgGk0my3C1EU\"",
			"www.example.com": "_dnsauth.www.example.com CNAME _h74ex1ri2zvt42akwqtftidid8mo2zm.dcv.digicert.com."
		}
	}`,
	"resources/certops_dcv_records": `{
		"records": {
			"example.com": "_dnsauth in example.com: CNAME _f7lg71u1uip30chbrsgekkgfi5680zy.dcv.digicert.com.",
			"shop.example.net": "_dnsauth.shop in example.net: TXT \"n4OJOre2znay9nxC0m2vLgGk0my3C1EU\"",
			"www.example.com": "_dnsauth.www in example.com: CNAME _h74ex1ri2zvt42akwqtftidid8mo2zm.dcv.digicert.com."
		}
	}`,
	"guides/order-in-the-same-apply": `{
		"published": {
			"example.com": "_dnsauth.example.com CNAME _f7lg71u1uip30chbrsgekkgfi5680zy.dcv.digicert.com.",
			"shop.example.net": "_dnsauth.shop.example.net TXT \"n4OJOre2znay9nxC0m2vLgGk0my3C1EU\"",
			"www.example.com": "_dnsauth.www.example.com CNAME _h74ex1ri2zvt42akwqtftidid8mo2zm.dcv.digicert.com."
		}
	}`,
	"resources/certops_dcv_records/base-domain": `{"keys": ["example.org"]}`,
	"resources/certops_dcv_validation/by-hand":  `{"validated_domains": ["*.example.com", "example.com", "www.example.net"]}`,
	"functions/dcv_domains": `{"domains": {"example.com": ["*.example.com", "example.com"], "www.example.com": ` +
		`["WWW.example.com."]}}`,
	"functions/dcv_domains/zones": `{"zones": ["example.com", "example.net"]}`,
	"functions/persistent_dcv_record": `{
		"record": "_validation-persist.example.com TXT \"sectigo.com; accounturi=https://acme.example/account/1\""
	}`,
	"functions/persistent_dcv_record/retained": `{"owners": {"example.com": "_validation-persist", "shop.example.net": ` +
		`"_validation-persist.shop"}}`,
	"functions/relative_name":            `{"inside": "_dnsauth.www", "apex": "@"}`,
	"functions/relative_name/empty-apex": `{"apex": ""}`,
	"functions/sectigo_dns_record": `{"record": "_5cf9bfdd2044f5c913945dc6c2181e9a.example.com CNAME ` +
		`b226e3aa5f9ad8fdf4b03a3f91c75dbe.80326ce071361258203c7f70bf624c37.sectigo.com."}`,
	"functions/sectigo_dns_record/before-order": `{
"zone_file": "_5cf9bfdd2044f5c913945dc6c2181e9a.example.com.\t300\tIN\tCNAME\tb226e3aa5f9ad8fdf4b03a3f91c75dbe.80326ce071361258203c7f70bf624c37.sectigo.com.\n_5cf9bfdd2044f5c913945dc6c2181e9a.shop.example.net.\t300\tIN\tCNAME\tb226e3aa5f9ad8fdf4b03a3f91c75dbe.80326ce071361258203c7f70bf624c37.sectigo.com.\n"
}`,
	"functions/txt_quote":      `{"quoted": "\"x9Kq\"", "idempotent": true}`,
	"functions/txt_quote/long": `{"strings": 2}`,
	"functions/zone_file": `{
"zone_file": "_dnsauth.example.com.\t300\tIN\tCNAME\t_f7lg71u1uip30chbrsgekkgfi5680zy.dcv.digicert.com.\n_dnsauth.shop.example.net.\t300\tIN\tTXT\t\"n4OJOre2znay9nxC0m2vLgGk0my3C1EU\"\n_dnsauth.www.example.com.\t300\tIN\tCNAME\t_h74ex1ri2zvt42akwqtftidid8mo2zm.dcv.digicert.com.\n"
}`,
	"functions/zone_file/by-zone": `{
"zone_files": {
"example.com": "_dnsauth.example.com.\t300\tIN\tCNAME\t_f7lg71u1uip30chbrsgekkgfi5680zy.dcv.digicert.com.\n_dnsauth.www.example.com.\t300\tIN\tCNAME\t_h74ex1ri2zvt42akwqtftidid8mo2zm.dcv.digicert.com.\n",
"example.net": "_dnsauth.shop.example.net.\t300\tIN\tTXT\t\"n4OJOre2znay9nxC0m2vLgGk0my3C1EU\"\n"
}
}`,
	"functions/zone_for":     `{"longest": "dev.example.com", "no_zone": false}`,
	"functions/zone_for/ids": `{"zone_id": "Z0EXAMPLENET"}`,
}

// variables without a default, by folder.
var variables = map[string]map[string]string{
	"provider/configured": {"TF_VAR_realtime_register_api_key": sandbox.APIKey, "TF_VAR_digicert_api_key": sandbox.DigiCertKey},
}

// published are the examples that begin with the records in DNS, put there by hand.
var published = map[string]bool{
	"resources/certops_dcv_validation/by-hand": true, "resources/certops_dcv_validation/import-by-id": true,
	"resources/certops_dcv_validation/import-by-identity": true,
	"actions/certops_dns_check":                           true, "actions/certops_dns_check/before-waiting": true,
}

// invoked are the actions that an example tells to run by hand, by folder.
var invoked = map[string]string{
	"actions/certops_dns_check":                           "action.certops_dns_check.example",
	"actions/certops_check_now":                           "action.certops_check_now.example",
	"actions/certops_check_now/realtime-register":         "action.certops_check_now.example",
	"actions/certops_digicert_submit_domain":              "action.certops_digicert_submit_domain.example",
	"actions/certops_digicert_submit_domain/many-domains": `action.certops_digicert_submit_domain.example["example.com"]`,
}

// restless are the examples whose plan is never empty: Terraform reads a data source inside a check block anew at each apply.
var restless = map[string]bool{"data-sources/certops_dns_check/check": true}

func TestExamples(t *testing.T) {
	bin := t.TempDir()
	exampletest.Build(t, ".", bin, "terraform-provider-certops")
	tf := exampletest.New(t, fmt.Sprintf("dev_overrides {\n\"certops/certops\" = %q\n}\ndirect {}\n", filepath.ToSlash(bin)))

	t.Run("format", func(t *testing.T) {
		out := tf.Must(t, exampletest.Root(t), nil, "fmt", "-check", "-recursive", "-diff", "-no-color", "examples")
		if out != "" {
			t.Errorf("examples/ is not formatted:\n%s", out)
		}
	})

	folders := exampletest.Folders(t)
	for _, folder := range slices.Sorted(maps.Keys(outputs)) {
		if !slices.Contains(folders, folder) {
			t.Errorf("examples/%s is expected to give outputs, but is not there", folder)
		}
	}
	for _, folder := range folders {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			if others := exampletest.Sources(t, folder); len(others) > 0 {
				t.Skipf("also needs %s: TestConformance has it", strings.Join(others, ", "))
			}
			if strings.HasPrefix(folder, "ephemeral-resources/") && !tf.HasEphemeral() {
				t.Skip("this version has no ephemeral resources")
			}
			if needed := tf.Lacks(t, folder); needed != "" {
				t.Skip("it needs " + needed)
			}
			testExample(t, tf, folder)
		})
	}
	t.Run("every page has two examples", func(t *testing.T) { testCoverage(t, folders) })
}

func testExample(t *testing.T, tf *exampletest.Terraform, folder string) {
	place := exampletest.Copy(t, folder)
	// Its tests are run, by the versions of Terraform that can; those that cannot do not understand them either.
	tf.Must(t, place, nil, "validate", "-no-tests", "-no-color")
	if tests, err := filepath.Glob(filepath.Join(place, "tests", "*.tftest.hcl")); err != nil || len(tests) > 0 {
		testOffline(t, tf, place)
		return
	}

	// Whatever has no action that writes must not write.
	s, err := sandbox.Start(t.Context(), sandbox.Options{Writes: exampletest.Writes(t, folder)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if published[folder] {
		if err := s.Publish(sandbox.RealtimeRegister, sandbox.ProcessPending); err != nil {
			t.Fatal(err)
		}
	}
	env := s.Env()
	maps.Copy(env, variables[folder])
	tf.Must(t, place, env, "apply", "-auto-approve", "-no-color")
	if action := invoked[folder]; action != "" {
		tf.Must(t, place, env, "apply", "-auto-approve", "-no-color", "-invoke="+action)
	}
	if queries, err := filepath.Glob(filepath.Join(place, "*.tfquery.hcl")); err != nil || len(queries) > 0 && tf.HasActions() {
		compareQuery(t, folder, tf.Must(t, place, env, "query", "-no-color"))
	}
	out, err := tf.Run(t, place, env, "plan", "-detailed-exitcode", "-no-color")
	if err != nil && !restless[folder] {
		t.Errorf("a second plan is not empty: %s\n%s", err, out)
	}
	if want, ok := outputs[folder]; ok {
		compareOutputs(t, tf, place, want)
	}
	exampletest.AllowDestroy(t, place)
	tf.Must(t, place, env, "destroy", "-auto-approve", "-no-color")
}

// compareQuery compares what a query prints with the lines that the page of the first example shows.
func compareQuery(t *testing.T, folder, out string) {
	t.Helper()
	spaces := regexp.MustCompile(` +`)
	out = spaces.ReplaceAllString(out, " ")
	if !strings.Contains(out, "service=") {
		t.Errorf("the query finds nothing:\n%s", out)
	}
	if strings.Count(folder, "/") > 1 {
		return
	}
	page, err := os.ReadFile(filepath.Join(exampletest.Root(t), filepath.FromSlash(queryPage)))
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^list\..*`).FindAllString(string(page), -1)
	for _, line := range lines {
		if !strings.Contains(out, spaces.ReplaceAllString(line, " ")) {
			t.Errorf("the query does not print %q:\n%s", line, out)
		}
	}
	if len(lines) == 0 {
		t.Errorf("%s shows nothing of what a query prints", queryPage)
	}
}

// testOffline runs terraform test without an account, a simulator or credentials.
func testOffline(t *testing.T, tf *exampletest.Terraform, place string) {
	if tf.IsOpenTofu() {
		if tf.Before(1, 8, 10) {
			t.Skip("this version crashes when it overrides a resource with nested attributes: https://github.com/opentofu/opentofu/pull/2994")
		}
	} else if tf.Before(1, 11) {
		// Its mocks make results known during plan, for which older versions have no word.
		if err := os.Remove(filepath.Join(place, "tests", "mocked.tftest.hcl")); err != nil {
			t.Fatal(err)
		}
	}
	out := tf.Must(t, place, nil, "test", "-no-color")
	if !strings.Contains(out, "0 failed") || strings.Contains(out, "Success! 0 passed") {
		t.Errorf("terraform test ran nothing:\n%s", out)
	}
}

// compareOutputs compares the outputs with those expected, given as a JSON object.
func compareOutputs(t *testing.T, tf *exampletest.Terraform, place, want string) {
	t.Helper()
	var wanted map[string]any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatalf("the expected outputs are no JSON: %s", err)
	}
	out := tf.Must(t, place, nil, "output", "-json", "-no-color")
	// A warning of dev_overrides precedes the JSON.
	start := strings.Index(out, "\n{")
	if strings.HasPrefix(out, "{") {
		start = 0
	}
	if start < 0 {
		t.Fatalf("no outputs in:\n%s", out)
	}
	var values map[string]struct{ Value any }
	if err := json.NewDecoder(strings.NewReader(out[start:])).Decode(&values); err != nil {
		t.Fatalf("read the outputs: %s\n%s", err, out)
	}
	got := make(map[string]any, len(values))
	for name, v := range values {
		got[name] = v.Value
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("outputs differ (-want +got):\n%s", diff)
	}
}

// testCoverage demands two examples of every data source, resource and function. The short names are other names of data
// sources that have them.
func testCoverage(t *testing.T, folders []string) {
	sections, err := schemajson.Sections(t.Context(), provider.NewServer("test")())
	if err != nil {
		t.Fatal(err)
	}
	for kind, folder := range map[string]string{
		"data_source_schemas": "data-sources", "resource_schemas": "resources", "functions": "functions",
		"ephemeral_resource_schemas": "ephemeral-resources", "action_schemas": "actions", "list_resource_schemas": "list-resources",
	} {
		encoded, err := json.Marshal(sections[kind])
		if err != nil {
			t.Fatal(err)
		}
		var names map[string]json.RawMessage
		if err := json.Unmarshal(encoded, &names); err != nil || len(names) == 0 {
			t.Fatalf("no %s in the schema: %v", kind, err)
		}
		for name := range names {
			if kind != "functions" && !strings.HasPrefix(name, "certops_") {
				continue
			}
			count := 0
			for _, f := range folders {
				if f == folder+"/"+name || strings.HasPrefix(f, folder+"/"+name+"/") {
					files, err := filepath.Glob(filepath.Join(exampletest.Root(t), "examples", f, "*.tf"))
					if err != nil {
						t.Fatal(err)
					}
					count += len(files)
				}
			}
			if count < 2 {
				t.Errorf("%s has %d examples in examples/%s, and two are wanted: reading it, and what for", name, count, folder)
			}
		}
	}
}

// TestPages holds the hand-written part of the documentation to what the repository has.
func TestPages(t *testing.T) {
	t.Parallel()
	root := exampletest.Root(t)
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}

	index := read("templates/index.md.tmpl")
	var sources []string
	for _, pattern := range []string{"base/*.go", "provider/*.go", "provider/*/*.go"} {
		files, err := filepath.Glob(filepath.Join(root, "internal", filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		sources = append(sources, files...)
	}
	variable := regexp.MustCompile(`"(CERTOPS_[A-Z_]+)"`)
	found := 0
	for _, file := range sources {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range variable.FindAllStringSubmatch(string(content), -1) {
			found++
			if !strings.Contains(index, "`"+match[1]+"`") {
				t.Errorf("the front page does not tell of the environment variable %s", match[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d environment variables were found in the provider's code", found)
	}

	for _, page := range documentation(t) {
		for line := range strings.Lines(read(page)) {
			if slices.ContainsFunc([]string{"~> ", "-> ", "!> ", "> [!"}, func(mark string) bool { return strings.HasPrefix(line, mark) }) {
				t.Errorf("%s: not every site shows this note as one: %s", page, line)
			}
		}
	}

	// tfplugindocs writes a page for everything that a schema has.
	for _, page := range documentation(t) {
		link, ok := strings.CutPrefix(page, "docs/")
		if ok && link != "index.md" && !strings.Contains(index, "]("+link+")") {
			t.Errorf("the front page has no link to %s", page)
		}
	}

	recipes := read("templates/guides/dns-provider-recipes.md.tmpl")
	for _, folder := range exampletest.Folders(t) {
		if !strings.HasPrefix(folder, "recipes/") {
			continue
		}
		if !strings.Contains(recipes, `"examples/`+folder+`/main.tf"`) {
			t.Errorf("the guide of recipes does not show examples/%s", folder)
		}
		for _, source := range exampletest.Sources(t, folder) {
			if !strings.Contains(recipes, "https://registry.terraform.io/providers/"+source+"/latest") {
				t.Errorf("the list of the guide of recipes has no link to %s", source)
			}
		}
		// The guide shows it once.
		if diff := cmp.Diff(read("examples/recipes/aws/order.tf"), read("examples/"+folder+"/order.tf")); diff != "" {
			t.Errorf("order.tf of examples/%s is not that of the other recipes (-want +got):\n%s", folder, diff)
		}
	}
}
