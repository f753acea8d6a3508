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
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
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
"zone_file": "_5cf9bfdd2044f5c913945dc6c2181e9a.example.com.\t300\tIN\tCNAME\t` +
		`b226e3aa5f9ad8fdf4b03a3f91c75dbe.80326ce071361258203c7f70bf624c37.sectigo.com.\n` +
		`_5cf9bfdd2044f5c913945dc6c2181e9a.shop.example.net.\t300\tIN\tCNAME\t` +
		`b226e3aa5f9ad8fdf4b03a3f91c75dbe.80326ce071361258203c7f70bf624c37.sectigo.com.\n"
}`,
	"functions/txt_quote":      `{"quoted": "\"x9Kq\"", "idempotent": true}`,
	"functions/txt_quote/long": `{"strings": 2}`,
	"functions/zone_file": `{
"zone_file": "_dnsauth.example.com.\t300\tIN\tCNAME\t_f7lg71u1uip30chbrsgekkgfi5680zy.dcv.digicert.com.\n` +
		`_dnsauth.shop.example.net.\t300\tIN\tTXT\t\"n4OJOre2znay9nxC0m2vLgGk0my3C1EU\"\n` +
		`_dnsauth.www.example.com.\t300\tIN\tCNAME\t_h74ex1ri2zvt42akwqtftidid8mo2zm.dcv.digicert.com.\n"
}`,
	"functions/zone_file/by-zone": `{
"zone_files": {
"example.com": "_dnsauth.example.com.\t300\tIN\tCNAME\t_f7lg71u1uip30chbrsgekkgfi5680zy.dcv.digicert.com.\n` +
		`_dnsauth.www.example.com.\t300\tIN\tCNAME\t_h74ex1ri2zvt42akwqtftidid8mo2zm.dcv.digicert.com.\n",
"example.net": "_dnsauth.shop.example.net.\t300\tIN\tTXT\t\"n4OJOre2znay9nxC0m2vLgGk0my3C1EU\"\n"
}
}`,
	"functions/zone_for":     `{"longest": "dev.example.com", "no_zone": false}`,
	"functions/zone_for/ids": `{"zone_id": "Z0EXAMPLENET"}`,
}

// variables without a default, by folder.
var variables = map[string]map[string]string{
	"provider/configured": {"realtime_register_api_key": sandbox.APIKey, "digicert_api_key": sandbox.DigiCertKey},
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
	tf := newTerraform(t)
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
	var modules []string
	for _, folder := range folders {
		reason := unfit(t, tf, folder)
		if reason == "" && !alone(t, tf, folder) {
			modules = append(modules, folder)
			continue
		}
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			if reason != "" {
				t.Skip(reason)
			}
			testAlone(t, tf, folder)
		})
	}
	t.Run("together", func(t *testing.T) {
		t.Parallel()
		testTogether(t, tf, modules)
	})
	t.Run("every page has two examples", func(t *testing.T) { testCoverage(t, folders) })
}

// unfit says why this version of Terraform cannot run an example here, "" where it can.
func unfit(t *testing.T, tf *exampletest.Terraform, folder string) string {
	t.Helper()
	if others := exampletest.Sources(t, folder); len(others) > 0 {
		return fmt.Sprintf("also needs %s: TestConformance has it", strings.Join(others, ", "))
	}
	if strings.HasPrefix(folder, "ephemeral-resources/") && !tf.HasEphemeral() {
		return "this version has no ephemeral resources"
	}
	if needed := tf.Lacks(t, folder); needed != "" {
		return "it needs " + needed
	}
	return ""
}

// hasFiles tells whether a folder of examples/ has files that match a pattern.
func hasFiles(t *testing.T, folder, pattern string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(exampletest.Root(t), "examples", filepath.FromSlash(folder), pattern))
	if err != nil {
		t.Fatal(err)
	}
	return len(files) > 0
}

// The files of tests and of queries.
const (
	testFiles  = "tests/*.tftest.hcl"
	queryFiles = "*.tfquery.hcl"
)

// alone tells whether an example is run by itself: it needs a simulator in another state, or changes that state, or has what
// only the root module may have.
func alone(t *testing.T, tf *exampletest.Terraform, folder string) bool {
	t.Helper()
	return published[folder] || restless[folder] || invoked[folder] != "" || exampletest.Writes(t, folder) ||
		exampletest.KeepsState(t, folder) || hasFiles(t, folder, testFiles) || tf.HasActions() && hasFiles(t, folder, queryFiles)
}

// testTogether runs examples as modules of one configuration. A command of Terraform costs CPU mostly for its start and that
// of the provider: for 45 examples, five commands each took 50 s, and four for all of them take 7 s. What Terraform prints
// names the example's folder.
func testTogether(t *testing.T, tf *exampletest.Terraform, folders []string) {
	place := t.TempDir()
	if err := os.CopyFS(place, os.DirFS(filepath.Join(exampletest.Root(t), "examples"))); err != nil {
		t.Fatal(err)
	}
	var root strings.Builder
	root.WriteString(exampletest.RequireCertops)
	for _, folder := range folders {
		source := filepath.Join(place, filepath.FromSlash(folder))
		exampletest.Complete(t, folder, source)
		if exampletest.Configures(t, folder) {
			// Terraform looks at the block only when something uses the provider.
			exampletest.Write(t, source, "use.tf", "data \"certops_processes\" \"use\" {}\n")
		}
		name := module(folder)
		fmt.Fprintf(&root, "output %q {\n  value = module.%[1]s\n}\n\nmodule %[1]q {\n  source = \"./%s\"\n", name, folder)
		for variable, value := range variables[folder] {
			fmt.Fprintf(&root, "  %s = %q\n", variable, value)
		}
		root.WriteString("}\n\n")
	}
	exampletest.Write(t, place, "main.tf", root.String())

	// None of them writes.
	_, env := start(t, sandbox.Options{})
	tf.Must(t, place, env, "get", "-no-color")
	tf.Must(t, place, env, "apply", "-auto-approve", "-no-color")
	settled(t, tf, place, env)
	got := readOutputs(t, place)
	for _, folder := range folders {
		t.Run(folder, func(t *testing.T) { compareOutputs(t, folder, got[module(folder)]) })
		exampletest.AllowDestroy(t, filepath.Join(place, filepath.FromSlash(folder)))
	}
	tf.Must(t, place, env, "destroy", "-auto-approve", "-no-color")
}

// module is the name of an example as a module.
func module(folder string) string { return strings.ReplaceAll(folder, "/", "_") }

// testAlone runs an example as a user would, with a simulator of its own.
func testAlone(t *testing.T, tf *exampletest.Terraform, folder string) {
	place := exampletest.Copy(t, folder)
	if hasFiles(t, folder, testFiles) {
		testOffline(t, tf, place)
		return
	}

	// Whatever has no action that writes must not write.
	s, env := start(t, sandbox.Options{Writes: exampletest.Writes(t, folder)})
	if published[folder] {
		if err := s.Publish(sandbox.RealtimeRegister, sandbox.ProcessPending); err != nil {
			t.Fatal(err)
		}
	}
	tf.Must(t, place, env, "apply", "-auto-approve", "-no-color")
	if action := invoked[folder]; action != "" {
		tf.Must(t, place, env, "apply", "-auto-approve", "-no-color", "-invoke="+action)
	}
	if hasFiles(t, folder, queryFiles) {
		compareQuery(t, folder, tf.Must(t, place, env, "query", "-no-color"))
	}
	if !restless[folder] {
		settled(t, tf, place, env)
	}
	compareOutputs(t, folder, readOutputs(t, place))
	exampletest.AllowDestroy(t, place)
	tf.Must(t, place, env, "destroy", "-auto-approve", "-no-color")
}

// settled demands that a second plan is empty.
func settled(t *testing.T, tf *exampletest.Terraform, place string, env map[string]string) {
	t.Helper()
	if out, err := tf.Run(t, place, env, "plan", "-detailed-exitcode", "-no-color"); err != nil {
		t.Errorf("a second plan is not empty: %s\n%s", err, out)
	}
}

// start starts a simulator, and returns it and the environment of a provider that uses it.
func start(t *testing.T, options sandbox.Options) (*sandbox.Sandbox, map[string]string) {
	t.Helper()
	s := sandboxtest.Start(t, options)
	env := s.Env()
	return s, env
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

// testOffline runs terraform test without an account, a simulator or credentials. Versions that cannot run the tests do not
// understand them either.
func testOffline(t *testing.T, tf *exampletest.Terraform, place string) {
	if tf.IsOpenTofu() {
		if tf.Before(1, 8, 10) {
			tf.Must(t, place, nil, "validate", "-no-tests", "-no-color")
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

// readOutputs returns the outputs that Terraform left in its state.
func readOutputs(t *testing.T, place string) map[string]any {
	t.Helper()
	var state struct {
		Outputs map[string]struct{ Value any }
	}
	text, err := os.ReadFile(filepath.Join(place, "terraform.tfstate"))
	if err == nil {
		err = json.Unmarshal(text, &state)
	}
	if err != nil {
		t.Fatalf("read the state: %s", err)
	}
	values := make(map[string]any, len(state.Outputs))
	for name, output := range state.Outputs {
		values[name] = output.Value
	}
	return values
}

// compareOutputs compares the outputs of an example with those expected.
func compareOutputs(t *testing.T, folder string, got any) {
	t.Helper()
	text, ok := outputs[folder]
	if !ok {
		return
	}
	var want map[string]any
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatalf("the expected outputs are no JSON: %s", err)
	}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Errorf("outputs differ (-want +got):\n%s", diff)
	}
}
