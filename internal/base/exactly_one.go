// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

// ExactlyOne are the names of arguments of which a configuration sets exactly one.
type ExactlyOne []string

var (
	_ action.ConfigValidator     = ExactlyOne{}
	_ datasource.ConfigValidator = ExactlyOne{}
	_ resource.ConfigValidator   = ExactlyOne{}
)

// Description implements the describers of validators.
func (v ExactlyOne) Description(context.Context) string {
	return "exactly one of " + Words(v) + " is set"
}

// MarkdownDescription implements the describers of validators.
func (v ExactlyOne) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateAction implements action.ConfigValidator.
func (v ExactlyOne) ValidateAction(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	resp.Diagnostics.Append(v.Check(ctx, req.Config)...)
}

// ValidateDataSource implements datasource.ConfigValidator.
func (v ExactlyOne) ValidateDataSource(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	resp.Diagnostics.Append(v.Check(ctx, req.Config)...)
}

// ValidateResource implements resource.ConfigValidator.
func (v ExactlyOne) ValidateResource(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	resp.Diagnostics.Append(v.Check(ctx, req.Config)...)
}

// Check returns an error unless exactly one argument is set. An unknown value counts as neither, since it may turn out to be null.
func (v ExactlyOne) Check(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var diags diag.Diagnostics
	var set []string
	unknown := false
	for _, name := range v {
		var value attr.Value
		diags.Append(config.GetAttribute(ctx, path.Root(name), &value)...)
		if diags.HasError() {
			return diags
		}
		unknown = unknown || value.IsUnknown()
		if Known(value) {
			set = append(set, name)
		}
	}
	switch {
	case len(set) == 0 && !unknown:
		diags.AddError("Missing Argument", fmt.Sprintf("Set one of %s. The configuration sets none of them.", Words(v)))
	case len(set) > 1:
		diags.AddError("Invalid Combination of Arguments", fmt.Sprintf("Set only one of %s. The configuration sets %s.", Words(v), Words(set)))
	}
	return diags
}

// Words lists values as documentation does.
func Words(values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = "`" + value + "`"
	}
	if len(quoted) == 1 {
		return quoted[0]
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " and " + quoted[len(quoted)-1]
}
