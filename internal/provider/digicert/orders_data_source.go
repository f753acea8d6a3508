// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// newOrders reads GET /order/certificate and, for each order, GET /order/certificate/{order_id}/validation
// with the domains that leads to.
// Source: https://dev.digicert.com/en/certcentral-apis/services-api/orders/list-orders.html
var newOrders = base.NewVendorSource("certops_digicert_orders", Vendor{}, ordersSchema, readOrders)

type ordersModel struct {
	Status            types.String       `tfsdk:"status"`
	CommonName        types.String       `tfsdk:"common_name"`
	IncludeValidation types.Bool         `tfsdk:"include_validation"`
	Orders            []listedOrderModel `tfsdk:"orders"`
	base.AllowPartialModel
	base.TXTOwnerModel
	base.DCVModel
}

// listedOrderModel is what the list tells of an order, with what its validation adds. The schema leaves out the days
// that remain, since they change from day to day.
type listedOrderModel struct {
	digicert.Order
	validationModel
}

func ordersSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Reads all certificate orders of the DigiCert account, or those that the arguments select. There may be none.\n\n" +
			"The list takes one request to the API for 1000 orders. `include_validation` takes one more for each order and one for each domain " +
			"with an open name that is validated by a token, however many orders share it. DigiCert allows a key 1000 requests in 3 minutes, and " +
			"the provider waits rather than exceed that: select before you ask.\n\n" +
			"An order whose validation cannot be read completely is an error, as is a domain of an open order that the key may not see. " +
			"A key restricted to \"View Only\" suffices.",
		Attributes: base.WithTXTOwner(base.WithList(map[string]schema.Attribute{
			"status": base.FilterAttribute("Selects the orders in this status.", "pending", "needs_approval", "needs_csr", "processing",
				"approved", "issued", "rejected", "denied", "revoked", "canceled", "expired", "waiting_pickup", "reissue_pending"),
			"common_name": base.FilterAttribute("Selects the orders whose certificate has this common name."),
			"include_validation": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to read the validation of each order and the DCV tokens too. Without it there are no `dns_records`, " +
					"no `dcv_status`, and the members of `orders` from it are null or empty. Default: `false`.",
			},
			"orders": base.ObjectListAttribute("The orders, in the API's order. The members from `order_status` to `dns_name_validations` that "+
				"`certops_digicert_order_validation` has too come from the validation: null or empty without `include_validation`.",
				listedOrderAttributes()),
		}), dcv.TXTOwnerDNSAuth),
	}
}

// listedOrderAttributes describes listedOrderModel.
func listedOrderAttributes() map[string]schema.Attribute {
	attributes := validationAttributes()
	attributes["id"] = base.NumberAttribute("Id of the order.")
	attributes["certificate"] = base.ObjectAttribute("The certificate that was ordered.", map[string]schema.Attribute{
		"id":             base.NumberAttribute("Id of the certificate."),
		"common_name":    base.TextAttribute("Common name."),
		"dns_names":      base.TextListAttribute("Names on the certificate (SANs)."),
		"valid_till":     base.TextAttribute("Last day of the certificate (`YYYY-MM-DD`). Null until it is issued."),
		"signature_hash": base.TextAttribute("Hash of the signature, such as `sha256`."),
	})
	attributes["status"] = base.TextAttribute("Status of the order, such as `pending`, `issued` or `expired`.")
	attributes["is_renewed"] = base.BoolAttribute("Whether the order has been renewed by another.")
	attributes["date_created"] = base.TextAttribute("When the order was placed (ISO 8601 timestamp, UTC).")
	attributes["organization"] = base.ObjectAttribute("Organization of the order. Null for DV orders.", map[string]schema.Attribute{
		"id":   base.NumberAttribute("Id of the organization."),
		"name": base.TextAttribute("Legal name."),
	})
	attributes["validity_years"] = base.NumberAttribute("Validity of the order in years.")
	attributes["disable_renewal_notifications"] = base.BoolAttribute("Whether renewal notifications are switched off.")
	attributes["container"] = containerAttribute("Container (division) of the order.")
	attributes["product"] = productAttribute()
	attributes["has_duplicates"] = base.BoolAttribute("Whether the certificate has duplicates.")
	attributes["product_name_id"] = base.TextAttribute("Identifier of the product, such as `ssl_plus`.")
	return attributes
}

func readOrders(ctx context.Context, c *digicert.Client, model *ordersModel) diag.Diagnostics {
	s := Vendor{}
	includeValidation := model.IncludeValidation.ValueBool()
	diags := base.NeedlessZones(model.Zones, includeValidation, "include_validation")

	all := base.Target{Service: s, Noun: "DigiCert Orders", What: "orders"}
	filter := digicert.OrderFilter{Status: model.Status.ValueString(), CommonName: model.CommonName.ValueString()}
	domain := digicert.EachDomainOnce(c.Domain)
	items, problems := base.ReadItems(ctx, all, model.AllowPartial.ValueBool(),
		func(ctx context.Context) ([]digicert.Order, error) { return c.Orders(ctx, filter) },
		func(o *digicert.Order) base.Target {
			return base.Target{Service: s, Noun: "DigiCert Order", What: "order", ID: o.ID.String()}
		},
		func(ctx context.Context, o *digicert.Order) (base.ListItem[listedOrderModel], error) {
			item := base.ListItem[listedOrderModel]{Model: listedOrderModel{Order: *o}}
			if !includeValidation {
				return item, nil
			}
			if o.ID == nil {
				return item, base.ErrNoID
			}
			validation, err := c.OrderValidation(ctx, o.ID.String())
			if err != nil {
				return item, err
			}
			now := time.Now()
			response := digicert.ReadDomains(ctx, domain, validation, now)
			item.Model.validationModel = newValidationModel(response)
			item.Order, err = response.Order(now, model.Owner(dcv.TXTOwnerDNSAuth))
			return item, err
		})
	diags.Append(problems...)
	if diags.HasError() {
		return diags
	}
	model.Orders = items.Models
	diags.Append(model.Set(ctx, all, items.Challenges, true)...)
	return diags
}
