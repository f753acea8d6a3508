// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package validation

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/waiter"
)

// wait waits for the order that the plan names and writes the results and the identity.
func (r *validationResource) wait(ctx context.Context, plan values, state, identity setter) diag.Diagnostics {
	model, diags := readModel(ctx, plan)
	s, id, d := r.orderOf(ctx, plan)
	diags.Append(d...)
	if diags.HasError() {
		return diags
	}
	read, d := r.reader(s, id)
	diags.Append(d...)
	if diags.HasError() {
		return diags
	}
	target := base.OrderTarget(s, id)
	w := waiter.Waiter{
		Order:    target.String(),
		Vendor:   s.DisplayName(),
		Issuers:  s.Order().Issuers,
		Advice:   adviceToLook(s, id),
		Read:     read,
		Describe: target.FailureDetail,
		Look:     base.NewChecker(r.data).Check,
		Interval: base.DurationOr(model.pollInterval, defaultPollInterval),
		Timeout:  base.DurationOr(model.createTimeout, defaultValidationTimeout),
	}
	if !model.recordFQDNs.IsNull() {
		w.Published = make(map[string]bool)
		for _, name := range base.TextElements(model.recordFQDNs) {
			if canonical, err := dcv.ParseDomain(name); err == nil {
				w.Published[canonical] = true
			}
		}
	}
	view, err := w.Wait(ctx)
	if err != nil {
		diags.Append(waitDiagnostic(target, err))
		return diags
	}
	diags.Append(results(view).setResults(ctx, state)...)
	diags.Append(setIdentity(ctx, identity, s, id)...)
	return diags
}

// adviceToLook says how to have a vendor look for the records of an order at once, "" where that cannot be done.
func adviceToLook(s base.Vendor, id string) string {
	if !s.Order().LooksAtOnce {
		return ""
	}
	return fmt.Sprintf("With Terraform 1.14 or newer, the action `certops_check_now` with `%s = %s` has %s look at once.",
		s.Order().Argument, id, s.DisplayName())
}

// waitDiagnostic says why the waiting failed.
func waitDiagnostic(target base.Target, err error) diag.Diagnostic {
	var (
		failure *waiter.Failure
		read    *waiter.ReadError
	)
	switch {
	case errors.As(err, &failure) && failure.Published:
		return diag.NewAttributeErrorDiagnostic(path.Root("record_fqdns"), failure.Title, failure.Detail)
	case errors.As(err, &failure):
		return diag.NewErrorDiagnostic(failure.Title, failure.Detail)
	case errors.As(err, &read):
		return base.ReadError(target, read.Err)
	}
	return base.RecordDiagnostic(target, err)
}

// reader reads an order of a vendor.
func (r *validationResource) reader(s base.Vendor, id string) (func(context.Context) (dcv.Order, error), diag.Diagnostics) {
	c, diags := base.ClientOf[any](r.data, s, typeName)
	if diags.HasError() {
		return nil, diags
	}
	return func(ctx context.Context) (dcv.Order, error) { return s.Order().Read(ctx, c, id) }, diags
}
