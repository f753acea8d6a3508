// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

func TestAccProcessInfo(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{{
			Config: `
data "certops_process_info" "this" {
  process_id = 30001
  zones      = ["example.com", "example.net."]
}`,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.certops_process_info.this", tfjsonpath.New("common_name"), knownvalue.NotNull()),
			},
		}},
	})
}
