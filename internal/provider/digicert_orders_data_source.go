// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// newDigicertOrdersDataSource reads GET /order/certificate and, for each order, GET /order/certificate/{order_id}/validation
// with the domains that leads to.
// Source: https://dev.digicert.com/en/certcentral-apis/services-api/orders/list-orders.html
var newDigicertOrdersDataSource = vendorSource("certops_digicert_orders", digicertService{}, digicertOrdersSchema, readDigicertOrders)

type digicertOrdersModel struct {
	Status            types.String               `tfsdk:"status"`
	CommonName        types.String               `tfsdk:"common_name"`
	IncludeValidation types.Bool                 `tfsdk:"include_validation"`
	Orders            []listedDigicertOrderModel `tfsdk:"orders"`
	allowPartialModel
	txtOwnerModel
	dcvModel
}

// listedDigicertOrderModel is what the list tells of an order, with what its validation adds. The schema leaves out the days
// that remain, since they change from day to day.
type listedDigicertOrderModel struct {
	digicert.Order
	digicertValidationModel
}

func digicertOrdersSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Reads all certificate orders of the DigiCert account, or those that the arguments select. There may be none.\n\n" +
			"The list takes one request to the API for 1000 orders. `include_validation` takes one more for each order and one for each domain that is validated by a token, however many orders share it. " +
			"DigiCert allows a key 1000 requests in 3 minutes, and the provider waits rather than exceed that: select before you ask.\n\n" +
			"An order whose validation cannot be read completely is an error, as is a domain of an open order that the key may not see. " +
			"A key restricted to \"View Only\" suffices.",
		Attributes: withTXTOwner(withList(map[string]schema.Attribute{
			"status":      filterAttribute("Selects the orders in this status.", "pending", "needs_approval", "needs_csr", "processing", "approved", "issued", "rejected", "denied", "revoked", "canceled", "expired", "waiting_pickup", "reissue_pending"),
			"common_name": filterAttribute("Selects the orders whose certificate has this common name."),
			"include_validation": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to read the validation of each order and the DCV tokens too. Without it there are no `dns_records`, no `dcv_status`, " +
					"and the members of `orders` from it are null or empty. Default: `false`.",
			},
			"orders": objectListAttribute("The orders, in the API's order. The members from `order_status` to `dns_name_validations` that `certops_digicert_order_validation` has too "+
				"come from the validation: null or empty without `include_validation`.", listedDigicertOrderAttributes()),
		}), dcv.TXTOwnerDNSAuth),
	}
}

// listedDigicertOrderAttributes describes listedDigicertOrderModel.
func listedDigicertOrderAttributes() map[string]schema.Attribute {
	attributes := digicertValidationAttributes()
	attributes["id"] = numberAttribute("Id of the order.")
	attributes["certificate"] = objectAttribute("The certificate that was ordered.", map[string]schema.Attribute{
		"id":             numberAttribute("Id of the certificate."),
		"common_name":    textAttribute("Common name."),
		"dns_names":      textListAttribute("Names on the certificate (SANs)."),
		"valid_till":     textAttribute("Last day of the certificate (`YYYY-MM-DD`). Null until it is issued."),
		"signature_hash": textAttribute("Hash of the signature, such as `sha256`."),
	})
	attributes["status"] = textAttribute("Status of the order, such as `pending`, `issued` or `expired`.")
	attributes["is_renewed"] = boolAttribute("Whether the order has been renewed by another.")
	attributes["date_created"] = textAttribute("When the order was placed (ISO 8601 timestamp, UTC).")
	attributes["organization"] = objectAttribute("Organization of the order. Null for DV orders.", map[string]schema.Attribute{
		"id":   numberAttribute("Id of the organization."),
		"name": textAttribute("Legal name."),
	})
	attributes["validity_years"] = numberAttribute("Validity of the order in years.")
	attributes["disable_renewal_notifications"] = boolAttribute("Whether renewal notifications are switched off.")
	attributes["container"] = digicertContainerAttribute()
	attributes["product"] = digicertProductAttribute()
	attributes["has_duplicates"] = boolAttribute("Whether the certificate has duplicates.")
	attributes["product_name_id"] = textAttribute("Identifier of the product, such as `ssl_plus`.")
	return attributes
}

func readDigicertOrders(ctx context.Context, c *digicert.Client, model *digicertOrdersModel) diag.Diagnostics {
	s := digicertService{}
	includeValidation := model.IncludeValidation.ValueBool()
	diags := needlessZones(model.Zones, includeValidation, "include_validation")

	all := target{service: s, noun: "DigiCert Orders", what: "orders"}
	filter := digicert.OrderFilter{Status: model.Status.ValueString(), CommonName: model.CommonName.ValueString()}
	domain := digicert.EachDomainOnce(c.Domain)
	items, problems := readItems(ctx, all, model.AllowPartial.ValueBool(),
		func(ctx context.Context) ([]digicert.Order, error) { return c.Orders(ctx, filter) },
		func(o *digicert.Order) target {
			return target{service: s, noun: "DigiCert Order", what: "order", id: o.ID.String()}
		},
		func(ctx context.Context, o *digicert.Order) (listItem[listedDigicertOrderModel], error) {
			item := listItem[listedDigicertOrderModel]{model: listedDigicertOrderModel{Order: *o}}
			if !includeValidation {
				return item, nil
			}
			if o.ID == nil {
				return item, errNoID
			}
			validation, err := c.OrderValidation(ctx, o.ID.String())
			if err != nil {
				return item, err
			}
			response := digicert.ReadDomains(ctx, domain, validation)
			item.model.digicertValidationModel = newDigicertValidationModel(response)
			item.order, err = response.Order(time.Now(), model.owner(dcv.TXTOwnerDNSAuth))
			return item, err
		})
	diags.Append(problems...)
	if diags.HasError() {
		return diags
	}
	model.Orders = items.models
	diags.Append(model.set(ctx, all, items.challenges, true)...)
	return diags
}
