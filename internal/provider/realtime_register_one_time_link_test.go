// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// TestAccOneTimeLink hands the link to a provider that only serves to show what is ephemeral.
func TestAccOneTimeLink(t *testing.T) {
	t.Parallel()
	if !exampletest.New(t, "").HasEphemeral() {
		t.Skip("this version has no ephemeral resources")
	}
	s := sandboxtest.Start(t, sandbox.Options{})
	w := newWorkspace(t, nil, nil, map[string]string{"require.tf": `
terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    echo = {
      source = "certops/echo"
    }
  }
}
`})
	w.serve(map[string]func() (tfprotov6.ProviderServer, error){
		"certops/certops": providers(s.Env())["certops"],
		"certops/echo":    echoprovider.NewProviderServer(),
	})
	const link = "ephemeral \"certops_process_one_time_link\" %q {\n  process_id = %v\n}\n"
	w.write("main.tf", fmt.Sprintf(link, "zero", 0))
	w.planFails(nil, "must be at least 1")
	w.write("main.tf", fmt.Sprintf(link, "absent", 940400))
	w.planFails(nil, "Unable to Read Realtime Register Process", "process 940400")

	// A process may have no link.
	w.write("main.tf", fmt.Sprintf(link+link, "sample", sandbox.ProcessSample, "pending", sandbox.ProcessPending)+`
provider "echo" {
  data = {
    sample  = ephemeral.certops_process_one_time_link.sample.one_time_link
    pending = ephemeral.certops_process_one_time_link.pending.one_time_link
  }
}

resource "echo" "this" {}
`)
	w.apply()
	w.unchanged()
	// A value of any type stands in the state beside its type.
	w.holds(statecheck.ExpectKnownValue("echo.this", tfjsonpath.New("data").AtMapKey("value"), known(map[string]any{
		"sample": "https://secure.example.com/validate/sandbox-one-time-link", "pending": nil,
	})))
}
