// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

// TestAccOneTimeLink hands the link to a provider that only serves to show what is ephemeral.
func TestAccOneTimeLink(t *testing.T) {
	t.Parallel()
	if !exampletest.New(t, "").HasEphemeral() {
		t.Skip("this version has no ephemeral resources")
	}
	s := startSandbox(t, sandbox.Options{})
	factories := providers(s.Env())
	factories["echo"] = echoprovider.NewProviderServer()
	config := func(id any) string {
		return fmt.Sprintf(`
ephemeral "certops_process_one_time_link" "this" {
  process_id = %v
}

provider "echo" {
  data = ephemeral.certops_process_one_time_link.this
}

resource "echo" "this" {}
`, id)
	}
	shown := func(link knownvalue.Check) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownValue("echo.this", tfjsonpath.New("data").AtMapKey("one_time_link"), link)}
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config(0), ExpectError: regexp.MustCompile(`must be at least 1`)},
			{Config: config(940400), ExpectError: regexp.MustCompile(`(?s)Unable to Read Realtime Register Process.*process 940400`)},
			{
				Config:            config(sandbox.ProcessSample),
				ConfigStateChecks: shown(knownvalue.StringExact("https://secure.example.com/validate/sandbox-one-time-link")),
			},
			{Config: config(sandbox.ProcessSample), PlanOnly: true},
		},
	})
	// A process may have no link.
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps:                    []resource.TestStep{{Config: config(sandbox.ProcessPending), ConfigStateChecks: shown(knownvalue.Null())}},
	})
}
