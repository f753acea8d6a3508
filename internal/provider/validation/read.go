// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package validation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/waiter"
)

// Read drops the resource when the validation no longer holds, and tells where an order stands that is yet to be waited for.
func (r *validationResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	s, id, diags := r.orderOf(ctx, req.State)
	resp.Diagnostics.Append(diags...)
	state, d := readModel(ctx, req.State)
	resp.Diagnostics.Append(d...)
	if resp.Diagnostics.HasError() {
		return
	}
	read, diags := r.reader(s, id)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, s, id)...)
	target := base.OrderTarget(s, id)
	order, err := read(ctx)
	imported := state.status.IsNull()
	var e *client.Error
	switch {
	case !imported && errors.As(err, &e) && e.Kind == client.KindNotFound && !e.HTML && e.Code+e.Message != "":
		// The vendor says so. A proxy's page, or nothing at all, says nothing of the order.
		order.Ended = s.DisplayName() + " no longer knows it"
	case !state.validated() && errors.Is(err, dcv.ErrNoValidations):
		// They come once the order is placed.
	case err != nil:
		resp.Diagnostics.Append(base.ReadError(target, err))
		return
	}
	switch {
	case imported && order.Ended != "":
		resp.Diagnostics.AddError("Order Ended", fmt.Sprintf("%s cannot be imported, because it can no longer be validated: %s.",
			dcv.Capital(target.String()), order.Ended))
	case !state.validated() && order.Ended == "":
		resp.Diagnostics.Append(results(waiter.NewView(order)).setResults(ctx, &resp.State)...)
	default:
		reason, d := lapse(target, order, state)
		resp.Diagnostics.Append(d...)
		if reason != "" {
			resp.Diagnostics.AddWarning("Validation No Longer Holds", fmt.Sprintf("%s is no longer validated: %s. The next apply waits for "+
				"its validation again.", dcv.Capital(target.String()), reason))
			resp.State.RemoveResource(ctx)
		}
	}
}

// lapse says why the validation in the state no longer holds, "" while it does.
func lapse(target base.Target, order dcv.Order, state validationModel) (string, diag.Diagnostics) {
	summary, err := dcv.Summarize(order.Challenges, dcv.Options{})
	if err != nil && !order.Issued && order.Ended == "" {
		return "", diag.Diagnostics{base.RecordDiagnostic(target, err)}
	}
	return lapsed(order, summary, state, time.Now()), nil
}

// lapsed judges the summary of an order. A name that is pending again keeps its validation while the certificate renews, and until
// the day the vendor said it would end.
func lapsed(o dcv.Order, summary dcv.Summary, state validationModel, now time.Time) string {
	if o.Ended != "" {
		return o.Ended
	}
	if o.Issued {
		return ""
	}
	if len(summary.Names) == 0 && !o.Renewing {
		return "the order names no domain any more"
	}
	until, ok := dcv.ParseEnd(state.validatedUntil.ValueString())
	held := o.Renewing || ok && now.Before(until)
	if n := o.Nameless(); n > 0 && !held {
		return fmt.Sprintf("%d validations of names that the response does not tell are open", n)
	}
	known := base.TextElements(state.validatedDomains)
	for _, name := range slices.Sorted(maps.Keys(summary.Names)) {
		switch status := summary.Names[name].Status; status {
		case dcv.StatusValidated:
		case dcv.StatusPending, dcv.StatusUnknown:
			if !held || !slices.Contains(known, name) {
				return fmt.Sprintf("%s is %s", dcv.Printable(name), status)
			}
		default:
			return fmt.Sprintf("%s is %s", dcv.Printable(name), status)
		}
	}
	return ""
}
