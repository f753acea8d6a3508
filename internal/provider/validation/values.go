// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package validation

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

func readModel(ctx context.Context, v values) (validationModel, diag.Diagnostics) {
	var (
		m     validationModel
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
func (m validationModel) setResults(ctx context.Context, target setter) diag.Diagnostics {
	diags := target.SetAttribute(ctx, path.Root("status"), m.status)
	diags.Append(target.SetAttribute(ctx, path.Root("validated_until"), m.validatedUntil)...)
	diags.Append(target.SetAttribute(ctx, path.Root("validated_domains"), m.validatedDomains)...)
	diags.Append(target.SetAttribute(ctx, path.Root("dcv_status"), m.dcvStatus)...)
	return diags
}

// orderOf finds which vendor's order the values name.
func (r *validationResource) orderOf(ctx context.Context, v values) (base.Vendor, string, diag.Diagnostics) {
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

// validated tells whether the resource stands for an order that was waited for.
func (m validationModel) validated() bool {
	return m.status.ValueString() == string(dcv.StatusValidated)
}

// unknownResults are the computed attributes of an order that is yet to be waited for.
var unknownResults = validationModel{
	status:           types.StringUnknown(),
	validatedUntil:   types.StringUnknown(),
	validatedDomains: types.ListUnknown(types.StringType),
	dcvStatus:        types.MapUnknown(base.DCVStatusType),
}

// results are the computed attributes of an order.
func results(view waiter.View) validationModel {
	var until *string
	for _, c := range view.Challenges {
		until = dcv.Earliest(until, c.ValidatedUntil)
	}
	statuses := view.Statuses()
	validated := slices.DeleteFunc(slices.Sorted(maps.Keys(statuses)),
		func(name string) bool { return statuses[name].Status != dcv.StatusValidated })
	return validationModel{
		status:           types.StringValue(string(standing(view))),
		validatedUntil:   types.StringPointerValue(until),
		validatedDomains: base.TextListValue(validated),
		dcvStatus:        base.StatusValues(statuses),
	}
}

// standing is the status of an order as a whole: validated once nothing is waited for, else that of the least advanced name.
func standing(view waiter.View) dcv.Status {
	if view.Done() {
		return dcv.StatusValidated
	}
	if view.Unknown != "" {
		return dcv.StatusUnknown
	}
	status := dcv.StatusPending
	for _, name := range view.Statuses() {
		if dcv.CompareStatus(name.Status, status) < 0 {
			status = name.Status
		}
	}
	return status
}
