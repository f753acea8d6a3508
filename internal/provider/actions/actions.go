// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package actions holds the provider's actions, for Terraform 1.14 and newer. Terraform invokes an action when a resource's
// lifecycle triggers it, or by hand with terraform apply -invoke. An action has no state: it reports its progress, and fails or not.
package actions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"

	"github.com/certops/terraform-provider-certops/internal/base"
)

// All returns the constructors of all actions.
func All() []func() action.Action {
	return []func() action.Action{newDNSCheck}
}

// configured is the part of an action that keeps what the provider's Configure handed over.
type configured struct {
	// typeName is the whole name of the action.
	typeName string
	data     *base.Data
}

// Metadata implements action.Action.
func (c *configured) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = c.typeName
}

// Configure keeps the provider's data. There is none while Terraform validates.
func (c *configured) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	data, diags := base.ConfiguredData(req.ProviderData, c.typeName)
	resp.Diagnostics.Append(diags...)
	c.data = data
}
