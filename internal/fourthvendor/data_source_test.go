// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package fourthvendor

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
)

var newOrder = base.NewVendorSource("certops_example_ca_order", vendor{}, orderSchema, readSource)

type orderModel struct {
	OrderID types.String `tfsdk:"order_id"`
	order
	base.DCVModel
}

func orderSchema() schema.Schema {
	return schema.Schema{MarkdownDescription: "Reads an order.", Attributes: base.WithDCV(map[string]schema.Attribute{
		"order_id": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Id of the order.",
			Validators:          []validator.String{stringvalidator.RegexMatches(idPattern, "must be the id of an order")},
		},
		"id":    base.TextAttribute("Id of the order."),
		"state": base.TextAttribute("State of the order."),
		"names": base.ObjectListAttribute("Names of the order.", map[string]schema.Attribute{
			"name":  base.TextAttribute("The name."),
			"state": base.TextAttribute("State of the name."),
			"record": base.ObjectAttribute("The record to publish.", map[string]schema.Attribute{
				"owner":  base.TextAttribute("Its owner name."),
				"target": base.TextAttribute("Its target."),
			}),
		}),
	})}
}

func readSource(ctx context.Context, c *apiClient, model *orderModel) diag.Diagnostics {
	var diags diag.Diagnostics
	id := model.OrderID.ValueString()
	target := base.Target{Service: vendor{}, Noun: "Example CA Order", What: "order", ID: id, Attribute: "order_id"}
	found, err := c.order(ctx, id)
	if err != nil {
		diags.Append(base.ReadError(target, err))
		return diags
	}
	model.order = *found
	read, err := found.order()
	if err != nil {
		diags.Append(base.ReadError(target, err))
		return diags
	}
	return model.SetOrder(ctx, target, read)
}
