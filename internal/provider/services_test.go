// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
)

// capture is a service whose client is the settings that it would have been made from.
type capture struct {
	base.Vendor
}

func (capture) NewClient(values map[string]string, _ client.Options) (any, error) {
	return values, nil
}

// settingsObject is a vendor's attribute in the provider configuration; settings that are not given are null.
func settingsObject(t *testing.T, s base.Vendor, values map[string]attr.Value) types.Object {
	t.Helper()
	attributeTypes := make(map[string]attr.Type)
	all := make(map[string]attr.Value)
	for _, set := range s.Settings() {
		attributeTypes[set.Name] = types.StringType
		all[set.Name] = types.StringNull()
	}
	maps.Copy(all, values)
	object, diags := types.ObjectValue(attributeTypes, all)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return object
}

// sampleSetting is a value that a setting accepts.
func sampleSetting(set base.Setting, from string) string {
	if strings.HasSuffix(set.Name, "url") {
		return "https://" + from + ".example/" + set.Name
	}
	return from + "-" + set.Name
}

// TestConnectPrecedence takes each setting of each vendor from the configuration, then from the environment, then from
// the default, and holds that an empty string is no value.
func TestConnectPrecedence(t *testing.T) {
	t.Parallel()
	for _, s := range vendors {
		environment := make(map[string]string)
		for _, set := range s.Settings() {
			environment[set.Env] = sampleSetting(set, "env")
		}
		for _, set := range s.Settings() {
			configured := map[string]attr.Value{set.Name: types.StringValue(sampleSetting(set, "config"))}
			empty := map[string]attr.Value{set.Name: types.StringValue("")}
			without := maps.Clone(environment)
			without[set.Env] = ""
			for name, test := range map[string]struct {
				configured  types.Object
				environment map[string]string
				want        string
			}{
				"configuration":         {settingsObject(t, s, configured), environment, sampleSetting(set, "config")},
				"environment":           {settingsObject(t, s, nil), environment, sampleSetting(set, "env")},
				"empty configuration":   {settingsObject(t, s, empty), environment, sampleSetting(set, "env")},
				"no block":              {types.ObjectNull(nil), environment, sampleSetting(set, "env")},
				"default":               {settingsObject(t, s, nil), without, set.Fallback},
				"empty everywhere":      {settingsObject(t, s, empty), without, set.Fallback},
				"configuration, no env": {settingsObject(t, s, configured), without, sampleSetting(set, "config")},
			} {
				c := base.Connect(capture{s}, test.configured, func(name string) string { return test.environment[name] }, client.Options{})
				if test.want == "" && set.Required {
					for _, part := range []string{s.DisplayName(), "`" + s.Name() + "." + set.Name + "`", set.Env} {
						if !strings.Contains(c.Problem, part) || c.Client != nil {
							t.Errorf("%s.%s from %s: %q does not name %s", s.Name(), set.Name, name, c.Problem, part)
						}
					}
					continue
				}
				values, _ := c.Client.(map[string]string)
				if c.Problem != "" || values[set.Name] != test.want {
					t.Errorf("%s.%s from %s: got %q (%s), expected %q", s.Name(), set.Name, name, values[set.Name], c.Problem, test.want)
				}
			}
		}
	}
}

// TestSettingsAreDocumented holds the environment variables and defaults that configurations depend on.
func TestSettingsAreDocumented(t *testing.T) {
	t.Parallel()
	type documented struct{ Environment, Default string }
	want := map[string]documented{
		"realtime_register.api_key":  {"CERTOPS_REALTIME_REGISTER_API_KEY", ""},
		"realtime_register.base_url": {"CERTOPS_REALTIME_REGISTER_BASE_URL", "https://api.yoursrs.com"},
		"cps.client_id":              {"CERTOPS_CPS_CLIENT_ID", ""},
		"cps.client_secret":          {"CERTOPS_CPS_CLIENT_SECRET", ""},
		"cps.scope":                  {"CERTOPS_CPS_SCOPE", "sec.cps.certificates"},
		"cps.token_url":              {"CERTOPS_CPS_TOKEN_URL", "https://id.vdms.io/connect/token"},
		"cps.base_url":               {"CERTOPS_CPS_BASE_URL", "https://api.vdms.io"},
		"digicert.api_key":           {"CERTOPS_DIGICERT_API_KEY", ""},
		"digicert.base_url":          {"CERTOPS_DIGICERT_BASE_URL", "https://www.digicert.com/services/v2"},
	}
	got := make(map[string]documented)
	var secrets []string
	for _, s := range vendors {
		for _, set := range s.Settings() {
			got[s.Name()+"."+set.Name] = documented{set.Env, set.Fallback}
			if set.Secret {
				secrets = append(secrets, s.Name()+"."+set.Name)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unexpected settings (-want +got):\n%s", diff)
	}
	slices.Sort(secrets)
	if diff := cmp.Diff([]string{"cps.client_secret", "digicert.api_key", "realtime_register.api_key"}, secrets); diff != "" {
		t.Errorf("unexpected sensitive settings (-want +got):\n%s", diff)
	}
}

// TestConnectProblems compares the whole text of why there is no client.
func TestConnectProblems(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		service     base.Vendor
		configured  map[string]attr.Value
		environment map[string]string
		want        string
	}{
		{
			name: "one credential is missing", service: vendorNamed("digicert"),
			want: "The DigiCert API is not configured. Set `digicert.api_key` in the provider block or the environment variable " +
				"CERTOPS_DIGICERT_API_KEY.",
		},
		{
			name: "two credentials are missing", service: vendorNamed("cps"),
			want: "The Edgecast CPS API is not configured. Set `cps.client_id` in the provider block or the environment variable " +
				"CERTOPS_CPS_CLIENT_ID, and `cps.client_secret` in the provider block or the environment variable CERTOPS_CPS_CLIENT_SECRET.",
		},
		{
			name: "a credential is unknown", service: vendorNamed("realtime_register"),
			configured: map[string]attr.Value{"api_key": types.StringUnknown()},
			want: "The Realtime Register API cannot be read yet, because `realtime_register.api_key` will be known only after apply. " +
				"Create what the value comes from first (terraform apply -target=…), or pass it as a variable or by environment variable.",
		},
		{
			name: "an unknown value does not fall back to the environment", service: vendorNamed("digicert"),
			configured: map[string]attr.Value{"api_key": types.StringValue("key"), "base_url": types.StringUnknown()},
			want: "The DigiCert API cannot be read yet, because `digicert.base_url` will be known only after apply. " +
				"Create what the value comes from first (terraform apply -target=…), or pass it as a variable or by environment variable.",
			environment: map[string]string{"CERTOPS_DIGICERT_BASE_URL": "https://env.example"},
		},
		{
			name: "a key from the environment has a line end", service: vendorNamed("digicert"),
			environment: map[string]string{"CERTOPS_DIGICERT_API_KEY": "key\n"},
			want: "The DigiCert API cannot be used, because the environment variable CERTOPS_DIGICERT_API_KEY is not valid: it begins or " +
				"ends with white space or a line break.",
		},
		{
			name: "a URL from the environment", service: vendorNamed("cps"),
			configured:  map[string]attr.Value{"client_id": types.StringValue("id"), "client_secret": types.StringValue("secret")},
			environment: map[string]string{"CERTOPS_CPS_TOKEN_URL": "ftp://id.example"},
			want: "The Edgecast CPS API cannot be used, because the environment variable CERTOPS_CPS_TOKEN_URL is not valid: it must " +
				"begin with https://, got \"ftp://id.example\".",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := base.Connect(test.service, settingsObject(t, test.service, test.configured),
				func(name string) string { return test.environment[name] }, client.Options{})
			if c.Problem != test.want || c.Client != nil {
				t.Errorf("got %q, expected %q", c.Problem, test.want)
			}
		})
	}
	unknown := base.Connect(vendorNamed("digicert"), types.ObjectUnknown(nil), func(string) string { return "" }, client.Options{})
	if !strings.Contains(unknown.Problem, "`digicert.api_key` and `digicert.base_url` will be known only after apply") {
		t.Errorf("an unknown block: %q", unknown.Problem)
	}
}

// TestServiceClient covers what data sources find in place of a client.
func TestServiceClient(t *testing.T) {
	t.Parallel()
	_, diags := base.ClientOf[*digicert.Client](nil, vendorNamed("digicert"), "certops_digicert_request")
	if got := printed(diags[0]); len(diags) != 1 || got != "Error: Provider Not Configured\ncertops_digicert_request was read before the "+
		"certops provider was configured. In a module, pass the provider on with providers = { certops = certops }; in a test, mock it or "+
		"configure it." {
		t.Errorf("no data: %s", got)
	}
	data := &base.Data{Connections: map[string]base.Connection{"digicert": {Title: "DigiCert Not Configured", Problem: "It is broken."},
		"cps": {Client: 5}}}
	_, diags = base.ClientOf[*digicert.Client](data, vendorNamed("digicert"), "certops_digicert_request")
	if got := printed(diags[0]); len(diags) != 1 || got != "Error: DigiCert Not Configured\nIt is broken. It is needed by "+
		"certops_digicert_request." {
		t.Errorf("a problem: %s", got)
	}
	_, diags = base.ClientOf[*digicert.Client](data, vendorNamed("cps"), "certops_cps_certificate")
	if len(diags) != 1 || diags[0].Summary() != "Unexpected Client Type" {
		t.Errorf("another client: %v", diags)
	}
}
