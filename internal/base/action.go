// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
)

// Action is what all actions share: their name, and what the provider's Configure handed over.
type Action struct {
	// TypeName is the whole name of the action.
	TypeName string
	// Data is nil while Terraform validates.
	Data *ActionData
}

// Metadata implements action.Action.
func (a *Action) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = a.TypeName
}

// Configure implements action.ActionWithConfigure.
func (a *Action) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	data, diags := Configured[*ActionData](req.ProviderData, a.TypeName)
	resp.Diagnostics.Append(diags...)
	a.Data = data
}
