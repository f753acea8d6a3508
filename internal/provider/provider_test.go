// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/exampletest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// apiServices are the listeners that a provider sends requests to.
func apiServices(s *sandbox.Sandbox) []sandbox.Service {
	var all []sandbox.Service
	for _, vendor := range s.Vendors() {
		for _, listener := range vendor.Profile().Listeners {
			all = append(all, listener.Service)
		}
	}
	return all
}

// wantNoRequests demands that nothing was sent.
func wantNoRequests(t *testing.T, s *sandbox.Sandbox) {
	t.Helper()
	for _, service := range apiServices(s) {
		if requests := s.Requests(service); len(requests) > 0 || s.Connections(service) > 0 {
			t.Errorf("%s got %v over %d connections, expected nothing", service, requests, s.Connections(service))
		}
	}
}

func TestCommonOptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		timeout     any
		retries     any
		environment map[string]string
		wantTimeout time.Duration
		wantRetries int
		wantError   string
	}{
		{name: "defaults", wantTimeout: 30 * time.Second, wantRetries: 4},
		{name: "configuration", timeout: "1m30s", retries: 0, wantTimeout: 90 * time.Second, wantRetries: 0,
			environment: map[string]string{"CERTOPS_REQUEST_TIMEOUT": "5s", "CERTOPS_MAX_RETRIES": "7"}},
		{name: "environment", wantTimeout: 5 * time.Second, wantRetries: 7,
			environment: map[string]string{"CERTOPS_REQUEST_TIMEOUT": "5s", "CERTOPS_MAX_RETRIES": "7"}},
		{name: "empty", timeout: "", wantTimeout: 30 * time.Second, wantRetries: 4,
			environment: map[string]string{"CERTOPS_REQUEST_TIMEOUT": "", "CERTOPS_MAX_RETRIES": ""}},
		{name: "empty configuration", timeout: "", wantTimeout: 5 * time.Second, wantRetries: 4,
			environment: map[string]string{"CERTOPS_REQUEST_TIMEOUT": "5s"}},
		{name: "unknown", timeout: tftypes.UnknownValue, retries: tftypes.UnknownValue, wantTimeout: 30 * time.Second, wantRetries: 4},
		{name: "malformed configuration", timeout: "5",
			wantError: "Invalid Duration: `request_timeout` must be a duration above zero with the units h, m and s, " +
				"such as 720h or 1m30s, got \"5\"."},
		{name: "malformed duration", environment: map[string]string{"CERTOPS_REQUEST_TIMEOUT": "soon"},
			wantError: `Invalid Duration: The environment variable CERTOPS_REQUEST_TIMEOUT must be a ` +
				`duration above zero with the units h, m and s, such as 720h or 1m30s, got "soon".`},
		{name: "negative duration", environment: map[string]string{"CERTOPS_REQUEST_TIMEOUT": "-5s"},
			wantError: `Invalid Duration: The environment variable CERTOPS_REQUEST_TIMEOUT must be a ` +
				`duration above zero with the units h, m and s, such as 720h or 1m30s, got "-5s".`},
		{name: "malformed retries", environment: map[string]string{"CERTOPS_MAX_RETRIES": "few"},
			wantError: `Invalid Number of Retries: The environment variable CERTOPS_MAX_RETRIES must be a whole number from 0 to 20, got "few".`},
		{name: "negative retries", environment: map[string]string{"CERTOPS_MAX_RETRIES": "-1"},
			wantError: `Invalid Number of Retries: The environment variable CERTOPS_MAX_RETRIES must be a whole number from 0 to 20, got "-1".`},
		{name: "too many retries", environment: map[string]string{"CERTOPS_MAX_RETRIES": "21"},
			wantError: `Invalid Number of Retries: The environment variable CERTOPS_MAX_RETRIES must be a whole number from 0 to 20, got "21".`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := &certopsProvider{version: "1.2.3", runtime: base.Environment{Getenv: func(name string) string { return test.environment[name] }}}
			var described provider.SchemaResponse
			p.Schema(t.Context(), provider.SchemaRequest{}, &described)
			object := described.Schema.Type().TerraformType(t.Context()).(tftypes.Object)
			values := make(map[string]tftypes.Value)
			for name, kind := range object.AttributeTypes {
				values[name] = tftypes.NewValue(kind, nil)
			}
			values["request_timeout"] = tftypes.NewValue(tftypes.String, test.timeout)
			values["max_retries"] = tftypes.NewValue(tftypes.Number, test.retries)
			config := tfsdk.Config{Schema: described.Schema, Raw: tftypes.NewValue(object, values)}

			options, diagnostics := p.commonOptions(t.Context(), provider.ConfigureRequest{Config: config, TerraformVersion: "1.9.0"})
			if test.wantError != "" {
				if len(diagnostics) != 1 || diagnostics[0].Summary()+": "+diagnostics[0].Detail() != test.wantError {
					t.Errorf("got %v, expected %s", diagnostics, test.wantError)
				}
				return
			}
			if diagnostics.HasError() || options.RequestTimeout != test.wantTimeout || options.MaxRetries != test.wantRetries {
				t.Errorf("got %s and %d retries (%v), expected %s and %d", options.RequestTimeout, options.MaxRetries, diagnostics, test.wantTimeout,
					test.wantRetries)
			}
			want := "terraform-provider-certops/1.2.3 (+https://registry.terraform.io/providers/certops/certops) Terraform/1.9.0"
			if options.UserAgent != want {
				t.Errorf("the user agent is %q, expected %q", options.UserAgent, want)
			}
		})
	}
}

// TestAccInvalidConfiguration holds that what can be seen to be wrong is refused with all its reasons at once, before any
// request, at the attribute to blame.
func TestAccInvalidConfiguration(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	const key = "do-not-print-this"
	rows := []struct {
		provider, want string
	}{
		{`request_timeout = "5"`, "Invalid Duration: `request_timeout` must be a duration above zero with the units h, m and s, " +
			"such as 720h or 1m30s, got \"5\"."},
		{`request_timeout = "-1s"`, "Invalid Duration: `request_timeout` must be a duration above zero with the units h, m and s, " +
			"such as 720h or 1m30s, got \"-1s\"."},
		{`max_retries = -1`, "Invalid Attribute Value: Attribute max_retries value must be between 0 and 20, got: -1"},
		{`max_retries = 21`, "Invalid Attribute Value: Attribute max_retries value must be between 0 and 20, got: 21"},
		{`realtime_register = { base_url = "https://user:` + key + `@api.example" }`, "Invalid Value: `realtime_register.base_url` is not " +
			"valid: it must not hold a user name or password."},
		{`digicert = { base_url = "https://api.example?key=` + key + `" }`, "Invalid Value: `digicert.base_url` is not valid: it must not " +
			"hold a query (?)."},
		{`digicert = { base_url = "https://api.example#top" }`, "Invalid Value: `digicert.base_url` is not valid: it must not hold a " +
			"fragment (#)."},
		{`cps = { base_url = "http://api.example" }`, "Invalid Value: `cps.base_url` is not valid: it must begin with https://: http is " +
			"accepted for loopback addresses only, and api.example is none."},
		{`cps = { token_url = "id.example/token" }`, "Invalid Value: `cps.token_url` is not valid: it must begin with " +
			"https://, got \"id.example/token\"."},
		{`cps = { token_url = "user:` + key + `@id.example/token" }`, "Invalid Value: `cps.token_url` is not valid: it must begin " +
			"with https://."},
		{`cps = { token_url = "https://" }`, "Invalid Value: `cps.token_url` is not valid: it has no host."},
		{`cps = { base_url = "https://[::1" }`, "Invalid Value: `cps.base_url` is not valid: it is not a URL."},
		{`realtime_register = { api_key = "` + key + `\n" }`, "Invalid Credential: `realtime_register.api_key` is not valid: it begins or " +
			"ends with white space or a line break."},
		{`digicert = { api_key = "` + key + `\r\nX-Evil: 1" }`, "Invalid Credential: `digicert.api_key` is not valid: it holds a line break."},
		{`digicert = { api_key = "` + key + `ü" }`, "Invalid Credential: `digicert.api_key` is not valid: it holds a character that is " +
			"not ASCII."},
		{`cps = { client_secret = "` + key + `\u0007x" }`, "Invalid Credential: `cps.client_secret` is not valid: it holds a control character."},
		{`cps = { client_id = " " }`, "Invalid Value: `cps.client_id` is not valid: it is nothing but white space."},
	}
	config := requireCertops
	for i, row := range rows {
		config += fmt.Sprintf("\nprovider \"certops\" {\n  alias = \"p%02d\"\n  %s\n}\n\ndata \"certops_process_info\" \"p%02[1]d\" {\n  "+
			"provider   = certops.p%02[1]d\n  process_id = 1\n}\n", i, row.provider)
	}
	w := newWorkspace(t, s.Env(), nil, map[string]string{"main.tf": config})
	diagnostics, output := w.plan()
	host := exampletest.New(t, "").Host
	// What Terraform says of a provider block has the block for its address.
	for i, row := range rows {
		address := fmt.Sprintf(`provider["%s/certops/certops"].p%02d`, host, i)
		var got []string
		for _, d := range diagnostics[address] {
			got = append(got, d.Summary+": "+d.Detail)
		}
		if diff := cmp.Diff([]string{row.want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.provider, diff)
		}
	}
	if strings.Contains(output, key) {
		t.Error("Terraform printed a credential")
	}
	wantNoRequests(t, s)
}

// TestAccInvalidArguments does the same for the arguments of data sources, and of resources, whose types begin with "resource ".
func TestAccInvalidArguments(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	rows := []struct {
		block, want string
	}{
		{"certops_process_info|process_id = 0", "Invalid Attribute Value: Attribute process_id value must be at least 1, got: 0"},
		{"certops_process_info|process_id = -5", "Invalid Attribute Value: Attribute process_id value must be at least 1, got: -5"},
		{"certops_cps_certificate|certificate_id = 0", "Invalid Attribute Value: Attribute certificate_id value must be at least 1, got: 0"},
		{"certops_digicert_request|request_id = -1", "Invalid Attribute Value: Attribute request_id value must be at least 1, got: -1"},
		{`certops_digicert_order_validation|order_id = ""`, "Invalid Value: `order_id` must be the id of an order, in digits only, got \"\"."},
		{`certops_digicert_order_validation|order_id = "12/../34"`, "Invalid Value: `order_id` must be the id of an order, in digits only, " +
			"got \"12/../34\"."},
		{`certops_digicert_order_validation|order_id = "0012"`, "Invalid Value: `order_id` must be the id of an order, in digits only, got " +
			"\"0012\"."},
		{`certops_digicert_order_validation|order_id = -12`, "Invalid Value: `order_id` must be the id of an order, in digits only, got " +
			"\"-12\"."},
		{"certops_digicert_domain|", "Missing Argument: Set one of `domain_id` and `name`. The configuration sets none of them."},
		{"certops_digicert_domain|domain_id = 1234\n  name = \"example.com\"", "Invalid Combination of Arguments: Set only one of `domain_id` " +
			"and `name`. The configuration sets `domain_id` and `name`."},
		{`certops_digicert_domain|domain_id = "example.com"`, "Invalid Value: `domain_id` must be the id of a domain, in digits only, got " +
			"\"example.com\"."},
		{`certops_digicert_domain|name = "no such name"`, "Invalid Domain Name: `name` cannot be used: domain \"no such name\" contains ' ', " +
			"which has no place in a DNS name."},
		{`certops_processes|status = ""`, "Invalid Value: `status` must be text, or left out to select everything, got \"\"."},
		{`certops_digicert_orders|status = ""`, "Invalid Value: `status` must be text, or left out to select everything, got \"\"."},
		{"certops_process_info|process_id = 1\n  zones = [\"exa mple.com\"]", "Invalid Domain Name: `zones` cannot be used: domain " +
			"\"exa mple.com\" contains ' ', which has no place in a DNS name."},
		{"certops_process_info|process_id = 1\n  zones = [\"\", \"exa mple.com\", \"example.com\", \"*.example.net\"]", "Invalid Domain Name: " +
			"`zones` cannot be used, for 3 reasons:\n\n  - domain \"\" is empty\n  - zone \"*.example.net\" is a wildcard, and a zone is not\n  - " +
			"domain \"exa mple.com\" contains ' ', which has no place in a DNS name"},
		{"certops_process_info|process_id = 1\n  zones = [\"example.com\", null]", "Invalid Domain Name: `zones` cannot be used: an element is " +
			"null."},
		{"certops_dns_check|dns_records = { \"example.com\" = null }", "Null Element: `dns_records` cannot be used: the element " +
			"\"example.com\" is null."},
		{"certops_dns_check|dns_records = {}\n  nameservers = [\"a b\", \"192.0.2.1:0\"]", "Invalid Name Server: `nameservers` cannot be used, " +
			"for 2 reasons:\n\n  - \"a b\" is not the address of a name server: write host:port, such as 192.0.2.53:53, [2001:db8::53]:53 or " +
			"ns1.example.com:53\n  - \"192.0.2.1:0\" is not the address of a name server: the port must be a number from 1 to 65535"},
		{"certops_dns_check|dns_records = {}\n  nameservers = [null]", "Invalid Name Server: `nameservers` cannot be used: an element is null."},
		{"certops_dns_check|dns_records = {}\n  timeout = \"soon\"", "Invalid Duration: `timeout` must be a duration above zero with the " +
			"units h, m and s, such as 720h or 1m30s, got \"soon\"."},
		{"resource certops_dcv_records|domains = []\n  sources = []", "No Domain Name: `domains` is empty. Give at least one name."},
		{`resource certops_dcv_records|domains = ["a b.example", "example.com", null]` + "\n  sources = []", "Invalid Domain Name: `domains` " +
			"cannot be used, for 2 reasons:\n\n  - domain \"a b.example\" contains ' ', which has no place in a DNS name\n  - an element is null"},
	}
	config := requireCertops
	for i, row := range rows {
		typeName, arguments, _ := strings.Cut(row.block, "|")
		kind := "data"
		if name, ok := strings.CutPrefix(typeName, "resource "); ok {
			kind, typeName = "resource", name
		}
		config += fmt.Sprintf("\n%s %q \"d%02d\" {\n  %s\n}\n", kind, typeName, i, arguments)
	}
	diagnostics, _ := newWorkspace(t, s.Env(), nil, map[string]string{"main.tf": config}).plan()
	for i, row := range rows {
		typeName, _, _ := strings.Cut(row.block, "|")
		var got []string
		address := fmt.Sprintf("data.%s.d%02d", typeName, i)
		if name, ok := strings.CutPrefix(typeName, "resource "); ok {
			address = fmt.Sprintf("%s.d%02d", name, i)
		}
		for _, d := range diagnostics[address] {
			got = append(got, d.Summary+": "+d.Detail)
		}
		if diff := cmp.Diff([]string{row.want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.block, diff)
		}
	}
	wantNoRequests(t, s)
}

// TestAccMissingCredentials holds that a vendor without credentials is an error of its own data sources only.
func TestAccMissingCredentials(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	environment := map[string]string{
		"CERTOPS_REALTIME_REGISTER_API_KEY":  sandbox.APIKey,
		"CERTOPS_REALTIME_REGISTER_BASE_URL": s.URL(sandbox.RealtimeRegister),
		"CERTOPS_CPS_CLIENT_ID":              "", // as good as unset
		"CERTOPS_DIGICERT_API_KEY":           "key\r\nX-Evil: 1",
	}
	w := newWorkspace(t, environment, nil, map[string]string{"main.tf": requireCertops + `
provider "certops" {
  digicert = { api_key = "" }
}

data "certops_process_info" "this" {
  process_id = 30001
}

data "certops_cps_certificate" "this" {
  certificate_id = 1
}

data "digicert_request" "this" {
  provider   = certops
  request_id = 1
}
`})
	diagnostics, _ := w.plan()
	want := map[string][]diagnostic{
		"data.certops_cps_certificate.this": {{Severity: "error", Summary: "Edgecast CPS Not Configured",
			Address: "data.certops_cps_certificate.this",
			Detail: "The Edgecast CPS API is not configured. Set `cps.client_id` in the provider block or the environment variable " +
				"CERTOPS_CPS_CLIENT_ID, and `cps.client_secret` in the provider block or the environment variable CERTOPS_CPS_CLIENT_SECRET. It is " +
				"needed by certops_cps_certificate."}},
		"data.digicert_request.this": {{Severity: "error", Summary: "Invalid DigiCert Configuration", Address: "data.digicert_request.this",
			Detail: "The DigiCert API cannot be used, because the environment variable CERTOPS_DIGICERT_API_KEY is not valid: it holds a line " +
				"break. It is needed by digicert_request."}},
	}
	if diff := cmp.Diff(want, diagnostics); diff != "" {
		t.Errorf("unexpected diagnostics (-want +got):\n%s", diff)
	}
	if n := len(s.Requests(sandbox.RealtimeRegister)); n != 1 {
		t.Errorf("Realtime Register got %d requests, expected 1", n)
	}
}

// TestAccUnknownConfiguration uses a key and an id that come from resources which do not exist yet.
func TestAccUnknownConfiguration(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	environment := s.Env()
	delete(environment, "CERTOPS_REALTIME_REGISTER_API_KEY")
	deferred := requireCertops + fmt.Sprintf(`
resource "terraform_data" "key" {
  input = %q
}

resource "terraform_data" "process" {
  input = 2323533016
}

provider "certops" {
  request_timeout = terraform_data.key.id == "" ? "1s" : "20s"

  realtime_register = {
    api_key = terraform_data.key.output
  }
}

data "certops_process_info" "this" {
  process_id = terraform_data.process.output
}

output "common_name" {
  value = data.certops_process_info.this.common_name
}
`, sandbox.APIKey)
	w := newWorkspace(t, environment, nil, map[string]string{"main.tf": deferred})
	if diagnostics, output := w.plan(); len(diagnostics) > 0 || !strings.Contains(output, "data.certops_process_info.this") {
		t.Errorf("the plan before the key is known: %v\n%s", diagnostics, output)
	}
	wantNoRequests(t, s)

	// A read that does not wait for the key has to say so.
	early := strings.Replace(deferred, "terraform_data.process.output", "2323533016", 1)
	diagnostics, _ := newWorkspace(t, environment, nil, map[string]string{"main.tf": early}).plan()
	want := map[string][]diagnostic{"data.certops_process_info.this": {{
		Severity: "error", Summary: "Realtime Register Not Configured Yet", Address: "data.certops_process_info.this",
		Detail: "The Realtime Register API cannot be read yet, because `realtime_register.api_key` will be known only after apply. " +
			"Create what the value comes from first (terraform apply -target=…), or pass it as a variable or by environment variable. It is " +
			"needed by certops_process_info.",
	}}}
	if diff := cmp.Diff(want, diagnostics); diff != "" {
		t.Errorf("unexpected diagnostics (-want +got):\n%s", diff)
	}
	wantNoRequests(t, s)

	if output, ok := w.terraform("apply", "-auto-approve", "-input=false", "-no-color"); !ok ||
		!strings.Contains(output, `common_name = "www.example.com"`) {
		t.Errorf("apply:\n%s", output)
	}
	if output, ok := w.terraform("plan", "-detailed-exitcode", "-input=false", "-no-color"); !ok {
		t.Errorf("the second plan is not empty:\n%s", output)
	}
}

// TestAccBaseURLs reaches the APIs by every form of address that users give.
func TestAccBaseURLs(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	mux := http.NewServeMux()
	for prefix, target := range map[string]string{"/rtr/": s.URL(sandbox.RealtimeRegister),
		"/digicert/": strings.TrimSuffix(s.URL(sandbox.DigiCert), "/services/v2"), "/deep/down/cps/": s.URL(sandbox.CPS)} {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		mux.Handle(prefix, http.StripPrefix(strings.TrimSuffix(prefix, "/"), httputil.NewSingleHostReverseProxy(u)))
	}
	proxy := httptest.NewServer(mux)
	t.Cleanup(proxy.Close)

	host := strings.TrimSuffix(s.URL(sandbox.DigiCert), "/services/v2")
	config := requireCertops
	for i, row := range []struct{ service, url, block string }{
		{"realtime_register", s.URL(sandbox.RealtimeRegister) + "/", `"certops_process_info"|process_id = 30001`},
		{"realtime_register", proxy.URL + "/rtr", `"certops_process_info"|process_id = 30001`},
		{"realtime_register", proxy.URL + "/rtr/", `"certops_process_info"|process_id = 30001`},
		{"realtime_register", strings.Replace(s.URL(sandbox.RealtimeRegister), "http://127.0.0.1", "HTTP://localhost", 1),
			`"certops_process_info"|process_id = 30001`},
		{"cps", proxy.URL + "/deep/down/cps/", `"certops_cps_certificate"|certificate_id = 11604`},
		{"digicert", host, `"certops_digicert_request"|request_id = 198`},
		{"digicert", host + "/", `"certops_digicert_request"|request_id = 198`},
		{"digicert", host + "/services/v2/", `"certops_digicert_request"|request_id = 198`},
		{"digicert", proxy.URL + "/digicert", `"certops_digicert_request"|request_id = 198`},
		{"digicert", proxy.URL + "/digicert/services/v2", `"certops_digicert_request"|request_id = 198`},
	} {
		typeName, arguments, _ := strings.Cut(row.block, "|")
		config += fmt.Sprintf(`
provider "certops" {
  alias = "p%02[1]d"
  %[2]s = { base_url = %[3]q }
}

data %[4]s "p%02[1]d" {
  provider = certops.p%02[1]d
  %[5]s
}
`, i, row.service, row.url, typeName, arguments)
	}
	w := newWorkspace(t, s.Env(), nil, map[string]string{"main.tf": config})
	if diagnostics, output := w.plan(); len(diagnostics) > 0 {
		t.Errorf("unexpected diagnostics: %v\n%s", diagnostics, output)
	}
}

// TestAccModules uses the provider in a module that is given it, by the local name of the vendor, and in one that is not.
func TestAccModules(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	module := `
terraform {
  required_providers {
    digicert = {
      source = "certops/certops"
    }
  }
}

data "digicert_request" "this" {
  request_id = 198
}

output "status" {
  value = data.digicert_request.this.status
}
`
	w := newWorkspace(t, nil, nil, map[string]string{
		"module/main.tf": module,
		"main.tf": requireCertops + fmt.Sprintf(`
provider "certops" {
  alias    = "given"
  digicert = { api_key = %q, base_url = %q }
}

module "given" {
  source    = "./module"
  providers = { digicert = certops.given }
}

module "unconfigured" {
  source    = "./module"
  providers = { digicert = certops }
}
`, sandbox.DigiCertKey, s.URL(sandbox.DigiCert)),
	})
	if output, ok := w.terraform("get"); !ok {
		t.Fatalf("get: %s", output)
	}
	diagnostics, output := w.plan()
	const address = "module.unconfigured.data.digicert_request.this"
	want := map[string][]diagnostic{address: {{
		Severity: "error", Summary: "DigiCert Not Configured", Address: address,
		Detail: "The DigiCert API is not configured. Set `digicert.api_key` in the provider block or the environment variable " +
			"CERTOPS_DIGICERT_API_KEY. It is needed by digicert_request.",
	}}}
	if diff := cmp.Diff(want, diagnostics); diff != "" {
		t.Errorf("unexpected diagnostics (-want +got):\n%s\n%s", diff, output)
	}
	if n := len(s.Requests(sandbox.DigiCert)); n != 1 {
		t.Errorf("DigiCert got %d requests, expected the one of the configured module", n)
	}
}
