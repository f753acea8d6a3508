// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
)

var (
	_ datasource.DataSource              = (*digicertRequestsDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*digicertRequestsDataSource)(nil)
)

func newDigicertRequestsDataSource() datasource.DataSource {
	return &digicertRequestsDataSource{vendorDataSource[*digicert.Client]{typeName: "certops_digicert_requests", service: digicertService{}}}
}

// digicertRequestsDataSource reads GET /request.
// Source: https://dev.digicert.com/en/certcentral-apis/services-api/requests/list-requests.html
type digicertRequestsDataSource struct {
	vendorDataSource[*digicert.Client]
}

type digicertRequestsModel struct {
	Status   types.String                 `tfsdk:"status"`
	Requests []listedDigicertRequestModel `tfsdk:"requests"`
}

// listedDigicertRequestModel is what the list tells of a request.
type listedDigicertRequestModel struct {
	ID types.Int64 `tfsdk:"id"`
	digicertRequestInfoModel
}

func (d *digicertRequestsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := digicertRequestAttributes()
	attributes["id"] = numberAttribute("Id of the request.")
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads all requests of the DigiCert account, or those in one status. There may be none. It takes one request to the API for 1000 of them.",
		Attributes: map[string]schema.Attribute{
			"status": filterAttribute("Selects the requests in this status.", "submitted", "pending", "approved", "rejected"),
			"requests": objectListAttribute("The requests, in the API's order. The list tells less of each than `certops_digicert_request`, above all of its `order`; "+
				"what it leaves out is null, or an empty list.", attributes),
		},
	}
}

func (d *digicertRequestsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model digicertRequestsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	c, diags := d.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	requests, err := c.Requests(client.WithBudget(ctx, listBudget), digicert.RequestFilter{Status: model.Status.ValueString()})
	if err != nil {
		resp.Diagnostics.Append(readError(subject{service: d.service, noun: "DigiCert Requests", what: "requests"}, err))
		return
	}
	model.Requests = list(requests, func(r *digicert.Request) listedDigicertRequestModel {
		return listedDigicertRequestModel{ID: number(r.ID), digicertRequestInfoModel: newDigicertRequestInfoModel(r)}
	})
	resp.Diagnostics.Append(setState(ctx, &resp.State, &model)...)
}
