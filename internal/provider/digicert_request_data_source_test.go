// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/certops/terraform-provider-certops/internal/provider/providertest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

func TestAccDigicertRequest(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	state := func(sample, id string) string { return strings.TrimSuffix(sample, "}") + `, "request_id": ` + id + `}` }
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{{
			Config: `
data "certops_digicert_request" "approved" {
  request_id = 198
}

data "digicert_request" "approved" {
  provider   = certops
  request_id = 198
}

data "certops_digicert_request" "pending" {
  request_id = 199
}`,
			ConfigStateChecks: slices.Concat(
				wholeState(t, "data.certops_digicert_request.approved", state(providertest.DigiCertApprovedSample, "198")),
				wholeState(t, "data.digicert_request.approved", state(providertest.DigiCertApprovedSample, "198")),
				wholeState(t, "data.certops_digicert_request.pending", state(providertest.DigiCertPendingSample, "199")),
			),
		}},
	})
}
