// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/waiter"
)

// values is what plan, state and configuration have in common.
type values interface {
	GetAttribute(ctx context.Context, p path.Path, target any) diag.Diagnostics
}

func readValidationModel(ctx context.Context, v values) (dcvValidationModel, diag.Diagnostics) {
	var (
		m     dcvValidationModel
		diags diag.Diagnostics
	)
	for name, target := range map[string]any{
		"record_fqdns":      &m.recordFQDNs,
		"poll_interval":     &m.pollInterval,
		"status":            &m.status,
		"validated_until":   &m.validatedUntil,
		"validated_domains": &m.validatedDomains,
		"dcv_status":        &m.dcvStatus,
	} {
		diags.Append(v.GetAttribute(ctx, path.Root(name), target)...)
	}
	diags.Append(v.GetAttribute(ctx, path.Root("timeouts").AtName("create"), &m.createTimeout)...)
	return m, diags
}

// setter is a plan or a state to write to.
type setter interface {
	SetAttribute(ctx context.Context, p path.Path, value any) diag.Diagnostics
}

// setResults writes the computed attributes.
func (m dcvValidationModel) setResults(ctx context.Context, target setter) diag.Diagnostics {
	diags := target.SetAttribute(ctx, path.Root("status"), m.status)
	diags.Append(target.SetAttribute(ctx, path.Root("validated_until"), m.validatedUntil)...)
	diags.Append(target.SetAttribute(ctx, path.Root("validated_domains"), m.validatedDomains)...)
	diags.Append(target.SetAttribute(ctx, path.Root("dcv_status"), m.dcvStatus)...)
	return diags
}

// orderOf finds which vendor's order the values name.
func (r *dcvValidationResource) orderOf(ctx context.Context, v values) (base.Vendor, string, diag.Diagnostics) {
	var diags diag.Diagnostics
	for _, s := range r.vendors {
		kind := s.Order()
		if kind.Pattern != nil {
			var id types.String
			diags.Append(v.GetAttribute(ctx, path.Root(kind.Argument), &id)...)
			if id.ValueString() != "" {
				return s, id.ValueString(), diags
			}
			continue
		}
		var id types.Int64
		diags.Append(v.GetAttribute(ctx, path.Root(kind.Argument), &id)...)
		if id.ValueInt64() != 0 {
			return s, strconv.FormatInt(id.ValueInt64(), 10), diags
		}
	}
	diags.AddError("No Order", "certops_dcv_validation needs the id of an order.")
	return nil, "", diags
}

// results are the computed attributes of a validated order.
func results(view waiter.View) dcvValidationModel {
	var until *string
	for _, c := range view.Challenges {
		until = dcv.Earliest(until, c.ValidatedUntil)
	}
	statuses := view.Statuses()
	validated := slices.DeleteFunc(slices.Sorted(maps.Keys(statuses)),
		func(name string) bool { return statuses[name].Status != dcv.StatusValidated })
	return dcvValidationModel{
		status:           types.StringValue(string(dcv.StatusValidated)),
		validatedUntil:   types.StringPointerValue(until),
		validatedDomains: base.TextListValue(validated),
		dcvStatus:        statusValues(statuses),
	}
}
