// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package validation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/waiter"
)

var (
	_ list.ListResource              = (*validationResource)(nil)
	_ list.ListResourceWithConfigure = (*validationResource)(nil)
)

// NewListResource returns the constructor of the list of open orders at some vendors.
func NewListResource(vendors []base.Vendor) func() list.ListResource {
	return func() list.ListResource { return &validationResource{vendors: vendors} }
}

// ListResourceConfigSchema implements list.ListResource.
func (r *validationResource) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the certificate orders that are open: those for which `certops_dcv_validation` would wait. An order that " +
			"is issued, that has ended, or whose names are all validated is not listed.\n\n" +
			"Each order is read as `certops_dcv_validation` reads it. Where the list of a service, or one order that may be open, cannot be read " +
			"completely, the query fails: a list that leaves out an order would look complete.",
		Attributes: map[string]schema.Attribute{
			"service": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Lists the orders of this service: `" + strings.Join(r.services(), "`, `") + "`. Default: every service that " +
					"is configured.",
				Validators: []validator.String{base.WordsValidator(r.services())},
			},
			"domain": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Lists the orders for this domain or a name below it, with or without trailing dot. An order that names no " +
					"domain yet is listed too.",
				Validators: []validator.String{base.DomainValidator{}},
			},
		},
	}
}

// openOrder is an order that still waits, at a vendor.
type openOrder struct {
	vendor base.Vendor
	base.OpenOrder
}

// List implements list.ListResource. Everything is read before the first result is given: Terraform stops listening at the limit, and
// would not hear of an error that comes later.
func (r *validationResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var service, domain types.String
	diags := req.Config.GetAttribute(ctx, path.Root("service"), &service)
	diags.Append(req.Config.GetAttribute(ctx, path.Root("domain"), &domain)...)
	var orders []openOrder
	if !diags.HasError() {
		var d diag.Diagnostics
		orders, d = r.open(ctx, service.ValueString(), domain.ValueString())
		diags.Append(d...)
	}
	if limit := int(req.Limit); limit > 0 && len(orders) > limit {
		diags.AddWarning("More Open Orders", fmt.Sprintf("%d orders are open, and the list has the first %d of them. Raise `limit` in the list "+
			"block, or select with `service` and `domain`.", len(orders), limit))
		orders = orders[:limit]
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		if len(diags) > 0 && !push(list.ListResult{Diagnostics: diags}) {
			return
		}
		for _, order := range orders {
			if !push(result(ctx, req, order)) {
				return
			}
		}
	}
}

// open returns the open orders of one service, or of all that are configured.
func (r *validationResource) open(ctx context.Context, service, domain string) ([]openOrder, diag.Diagnostics) {
	var diags diag.Diagnostics
	vendors := r.configured()
	if s, ok := r.vendor(service); ok {
		vendors = []base.Vendor{s}
	}
	if len(vendors) == 0 {
		diags.AddError("No Service Configured", "There is no service whose orders could be listed. Configure one of "+
			strings.Join(r.services(), ", ")+" in the provider block or by environment variables.")
	}
	var orders []openOrder
	for _, s := range vendors {
		found, d := base.OpenOrders(ctx, r.data, s, "list \""+typeName+"\"")
		diags.Append(d...)
		for _, order := range found {
			if domain == "" || order.Concerns(domain) {
				orders = append(orders, openOrder{s, order})
			}
		}
	}
	return orders, diags
}

// result is an open order as Terraform lists it: the state that an import gives.
func result(ctx context.Context, req list.ListRequest, order openOrder) list.ListResult {
	result := req.NewListResult(ctx)
	view := waiter.NewView(order.Order)
	names := slices.Sorted(maps.Keys(view.Statuses()))
	if len(names) == 0 && order.Name != "" {
		names = []string{order.Name}
	}
	result.DisplayName = fmt.Sprintf("%s (%s)", dcv.Printable(dcv.ShortList(names)), standing(view))
	result.Diagnostics.Append(setIdentity(ctx, result.Identity, order.vendor, order.ID)...)
	if req.IncludeResource {
		result.Diagnostics.Append(setArguments(ctx, result.Resource, order.vendor, order.ID)...)
		result.Diagnostics.Append(results(view).setResults(ctx, result.Resource)...)
	}
	return result
}
