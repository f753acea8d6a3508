// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
)

// newDigicertRequestsDataSource reads GET /request.
// Source: https://dev.digicert.com/en/certcentral-apis/services-api/requests/list-requests.html
var newDigicertRequestsDataSource = vendorSource("certops_digicert_requests", digicertService{}, digicertRequestsSchema, readDigicertRequests)

type digicertRequestsModel struct {
	Status   types.String       `tfsdk:"status"`
	Requests []digicert.Request `tfsdk:"requests"`
}

func digicertRequestsSchema() schema.Schema {
	attributes := digicertRequestAttributes()
	attributes["id"] = numberAttribute("Id of the request.")
	return schema.Schema{
		MarkdownDescription: "Reads all requests of the DigiCert account, or those in one status. There may be none. It takes one request to the API for 1000 of them.",
		Attributes: map[string]schema.Attribute{
			"status": filterAttribute("Selects the requests in this status.", "submitted", "pending", "approved", "rejected"),
			"requests": objectListAttribute("The requests, in the API's order. The list tells less of each than `certops_digicert_request`, above all of its `order`; "+
				"what it leaves out is null, or an empty list.", attributes),
		},
	}
}

func readDigicertRequests(ctx context.Context, c *digicert.Client, model *digicertRequestsModel) diag.Diagnostics {
	requests, err := c.Requests(client.WithQuota(ctx, listQuota), digicert.RequestFilter{Status: model.Status.ValueString()})
	if err != nil {
		return diag.Diagnostics{readError(target{service: digicertService{}, noun: "DigiCert Requests", what: "requests"}, err)}
	}
	model.Requests = requests
	return nil
}
