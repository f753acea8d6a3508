// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// OpenOrder is an order that certops_dcv_validation would wait for.
type OpenOrder struct {
	dcv.Listed
	Order dcv.Order
}

// OrderTarget is an order of a vendor.
func OrderTarget(s Vendor, id string) Target {
	return Target{Service: s, Noun: s.DisplayName() + " Order", What: s.Order().Noun, ID: id, Attribute: s.Order().Argument}
}

// OpenOrders lists a vendor's orders that are neither done nor ended, in the order of the vendor's list. One that cannot be read
// completely, and may be open, fails the list.
func OpenOrders(ctx context.Context, data *Data, s Vendor, typeName string) ([]OpenOrder, diag.Diagnostics) {
	c, diags := ClientOf[any](data, s, typeName)
	if diags.HasError() {
		return nil, diags
	}
	all := Target{Service: s, Noun: s.DisplayName() + " Orders", What: "orders"}
	ctx = client.WithQuota(ctx, ListQuota)
	listed, err := s.Order().List(ctx, c)
	if err != nil {
		return nil, diag.Diagnostics{ReadError(all, err)}
	}
	reads, err := client.ReadEach(ctx, listed, func(ctx context.Context, o *dcv.Listed) (dcv.Order, error) {
		if o.ID == "" {
			return dcv.Order{}, ErrNoID
		}
		return o.Read(ctx)
	})
	if err != nil {
		return nil, diag.Diagnostics{ReadError(all, err)}
	}
	var (
		open   []OpenOrder
		failed []ItemProblem
	)
	for _, read := range reads {
		target, order := OrderTarget(s, read.Object.ID), read.Result
		target.Attribute = ""
		order.Doubts = nil // Which records an order needs does not matter here.
		switch {
		case errors.Is(read.Err, dcv.ErrNoValidations):
			open = append(open, OpenOrder{*read.Object, dcv.Order{}}) // It waits for its names.
		case read.Err == nil && (order.Issued || order.Ended != ""):
		case len(ItemProblems(target, order, read.Err)) > 0:
			failed = append(failed, ItemProblems(target, order, read.Err)...)
		case !order.Done():
			open = append(open, OpenOrder{*read.Object, order})
		}
	}
	if len(failed) == 0 {
		return open, nil
	}
	detail := failed[0].detail + "\n\nNothing is listed, because a list without it would look complete. Select another service with " +
		"`service` to leave this one out."
	if len(failed) > 1 {
		detail += "\n\nAlso not readable: " + further(failed[1:]) + "."
	}
	return nil, diag.Diagnostics{diag.NewErrorDiagnostic(failed[0].summary, detail)}
}

// Concerns tells whether an order is for a domain or a name below it, as far as it names any.
func (o OpenOrder) Concerns(domain string) bool {
	names := slices.Clone(o.Order.Names)
	for _, c := range o.Order.Challenges {
		names = append(append(names, c.Names...), c.Domain)
	}
	names = slices.DeleteFunc(append(names, o.Name), func(name string) bool { return name == "" })
	return len(names) == 0 || slices.ContainsFunc(names, func(name string) bool { return dcv.Covers(domain, name) })
}
