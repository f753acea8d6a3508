// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// functionCall is one row of a function's table.
type functionCall struct {
	name      string
	arguments []tftypes.Value
	want      tftypes.Value
	// wantError is the error's text, after the position of the argument it blames: "0: …".
	wantError string
}

// checkFunction calls a function through the provider's server.
func checkFunction(t *testing.T, name string, calls []functionCall) {
	t.Helper()
	for _, call := range calls {
		t.Run(call.name, func(t *testing.T) {
			t.Parallel()
			server, err := providers()["certops"]()
			if err != nil {
				t.Fatal(err)
			}
			schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
			if err != nil {
				t.Fatal(err)
			}
			definition := schemas.Functions[name]
			arguments := make([]*tfprotov6.DynamicValue, len(call.arguments))
			for i, argument := range call.arguments {
				value, err := tfprotov6.NewDynamicValue(definition.Parameters[i].Type, argument)
				if err != nil {
					t.Fatal(err)
				}
				arguments[i] = &value
			}
			resp, err := server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{Name: name, Arguments: arguments})
			if err != nil {
				t.Fatal(err)
			}
			if resp.Error != nil {
				got := resp.Error.Text
				if at := resp.Error.FunctionArgument; at != nil {
					got = string(rune('0'+*at)) + ": " + got
				}
				if got != call.wantError {
					t.Errorf("got the error %q, expected %q", got, call.wantError)
				}
				return
			}
			got, err := resp.Result.Unmarshal(definition.Return.Type)
			if err != nil {
				t.Fatal(err)
			}
			if call.wantError != "" {
				t.Fatalf("got %s, expected the error %q", got, call.wantError)
			}
			if diff := cmp.Diff(call.want.String(), got.String()); diff != "" {
				t.Errorf("unexpected result (-want +got):\n%s", diff)
			}
		})
	}
}

func stringValue(text string) tftypes.Value { return tftypes.NewValue(tftypes.String, text) }

func numberValue(n int64) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }

func textSet(texts ...string) tftypes.Value {
	return tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, textValues(texts))
}

func textList(texts ...string) tftypes.Value {
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, textValues(texts))
}

func textValues(texts []string) []tftypes.Value {
	values := make([]tftypes.Value, len(texts))
	for i, text := range texts {
		values[i] = stringValue(text)
	}
	return values
}

// TestFunctionsRefuseNulls holds for every parameter of every function: what is null or unknown never reaches the code. The
// value of dns_record is the exception: type and owner name are known before it.
func TestFunctionsRefuseNulls(t *testing.T) {
	t.Parallel()
	for _, constructor := range new(certopsProvider).Functions(t.Context()) {
		var resp function.DefinitionResponse
		var metadata function.MetadataResponse
		f := constructor()
		f.Metadata(t.Context(), function.MetadataRequest{}, &metadata)
		f.Definition(t.Context(), function.DefinitionRequest{}, &resp)
		for _, p := range resp.Definition.Parameters {
			looksForUnknown := metadata.Name == "dns_record" && p.GetName() == "value"
			if p.GetAllowNullValue() || p.GetAllowUnknownValues() && !looksForUnknown {
				t.Errorf("%s: %s may be null or unknown, which the code does not look for", metadata.Name, p.GetName())
			}
		}
	}
}

// TestAccFunctions calls the functions in configurations: with what a plan knows, with what it does not know yet, and
// with what is wrong.
func TestAccFunctions(t *testing.T) {
	t.Parallel()
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		ProtoV6ProviderFactories: providers(),
		Steps: []resource.TestStep{{
			Config: requireTestCertops + `
resource "terraform_data" "later" {
  input = "www.example.com"
}

locals {
  record = {
    type = "TXT", fqdn = "example.com", fqdn_dot = "example.com.", zone = null, relative_name = null, value = "x y", value_dot = "x y",
    value_quoted = "\"x y\"", rdata = "\"x y\"", domains = ["example.com"], status = "pending", expires_at = null
  }
}

output "known" {
  value = {
    domains  = provider::certops::dcv_domains(["*.Example.com", "example.com", "www.example.com."])
    zone     = provider::certops::zone_for("www.example.com", ["example.com", "com"])
    relative = provider::certops::relative_name("www.example.com.", "example.com")
    quoted   = provider::certops::txt_quote("a \"b\"")
    file     = provider::certops::zone_file({ "example.com" = local.record }, 300)
  }
}

output "later" {
  value = provider::certops::zone_for(terraform_data.later.output, ["example.com"])
}`,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownOutputValue("later")},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("later", known("example.com")),
				statecheck.ExpectKnownOutputValue("known", known(map[string]any{
					"domains":  map[string]any{"example.com": []any{"*.Example.com", "example.com"}, "www.example.com": []any{"www.example.com."}},
					"zone":     "example.com",
					"relative": "www",
					"quoted":   `"a \"b\""`,
					"file":     "example.com.\t300\tIN\tTXT\t\"x y\"\n",
				})),
			},
		}},
	})
}

// requireTestCertops names the provider that the testing framework serves.
const requireTestCertops = `
terraform {
  required_providers {
    certops = {
      source = "hashicorp/certops"
    }
  }
}
`

// TestAccFunctionErrors compares what a user reads about wrong arguments.
func TestAccFunctionErrors(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, nil, nil, map[string]string{"main.tf": requireCertops + `
output "zone_for" {
  value = provider::certops::zone_for("www.example.com", ["example.net", "ample.com"])
}

output "relative_name" {
  value = provider::certops::relative_name("www.example.com", "exa mple.com")
}

output "null" {
  value = provider::certops::txt_quote(null)
}

output "zone_file" {
  value = provider::certops::zone_file({}, -1)
}
`})
	diagnostics, output := w.plan()
	var got []string
	for _, d := range diagnostics[""] {
		got = append(got, d.Summary+": "+d.Detail)
	}
	slices.Sort(got)
	want := []string{
		`Invalid function argument: Invalid value for "ttl" parameter: A TTL must be from 0 to 2147483647 seconds, got -1.`,
		`Invalid function argument: Invalid value for "value" parameter: argument must not be null.`,
		`Invalid function argument: Invalid value for "zone" parameter: Domain "exa mple.com" contains ' ', which has no place in a DNS name.`,
		`Invalid function argument: Invalid value for "zones" parameter: "www.example.com" is in none of the zones "ample.com", "example.net".`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unexpected diagnostics (-want +got):\n%s\n%s", diff, strings.TrimSpace(output))
	}
}
