// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
)

// newRequests reads GET /request.
// Source: https://dev.digicert.com/en/certcentral-apis/services-api/requests/list-requests.html
var newRequests = base.NewVendorSource("certops_digicert_requests", Vendor{}, requestsSchema, readRequests)

type requestsModel struct {
	Status   types.String       `tfsdk:"status"`
	Requests []digicert.Request `tfsdk:"requests"`
}

func requestsSchema() schema.Schema {
	attributes := requestAttributes()
	attributes["id"] = base.NumberAttribute("Id of the request.")
	return schema.Schema{
		MarkdownDescription: "Reads all requests of the DigiCert account, or those in one status. There may be none. It takes one request to " +
			"the API for 1000 of them.",
		Attributes: map[string]schema.Attribute{
			"status": base.FilterAttribute("Selects the requests in this status.", "submitted", "pending", "approved", "rejected"),
			"requests": base.ObjectListAttribute("The requests, in the API's order. The list tells less of each than `certops_digicert_request`, "+
				"above all of its `order`; what it leaves out is null, or an empty list.", attributes),
		},
	}
}

func readRequests(ctx context.Context, c *digicert.Client, model *requestsModel) diag.Diagnostics {
	requests, err := c.Requests(client.WithQuota(ctx, base.ListQuota), digicert.RequestFilter{Status: model.Status.ValueString()})
	if err != nil {
		return diag.Diagnostics{base.ReadError(base.Target{Service: Vendor{}, Noun: "DigiCert Requests", What: "requests"}, err)}
	}
	model.Requests = requests
	return nil
}
