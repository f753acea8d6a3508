// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client/cps"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// newCertificates reads GET /sec/cps/v2.0/certificates and, for each certificate request, its supplements.
var newCertificates = base.NewVendorSource("certops_cps_certificates", Vendor{}, certificatesSchema, readCertificates)

type certificatesModel struct {
	Label         types.String   `tfsdk:"label"`
	Domain        types.String   `tfsdk:"domain"`
	IncludeStatus types.Bool     `tfsdk:"include_status"`
	IncludeDCV    types.Bool     `tfsdk:"include_dcv"`
	Certificates  []requestModel `tfsdk:"certificates"`
	base.AllowPartialModel
	base.TXTOwnerModel
	base.DCVModel
}

func certificatesSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Reads all certificate requests of the account at Edgecast's Certificate Provisioning System (CPS), or those " +
			"that the arguments select. There may be none.\n\n" +
			"The list takes one request for up to 20 certificate requests, and two for every 20 when there are more: its pages are read twice, " +
			"since one can move while they are read. `include_status` and `include_dcv` each take one more for each of them. A certificate " +
			"request whose status or DCV data cannot be read is an error.\n\n" +
			"The public CPS service ended on 15 January 2025 with Edgio's delivery network. This data source is verified against a " +
			"simulator only; set `cps.base_url` and `cps.token_url` to where the API still responds.",
		Attributes: base.WithTXTOwner(base.WithList(map[string]schema.Attribute{
			"label":          base.FilterAttribute("Selects the certificates with this name (`certificate_label`); `*` stands for any text."),
			"domain":         base.FilterAttribute("Selects the certificates that have this domain; `*` stands for any text."),
			"include_status": includeStatusAttribute(),
			"include_dcv":    includeDCVAttribute(),
			"certificates":   base.ObjectListAttribute("The certificate requests, in the API's order.", listedAttributes()),
		}), dcv.TXTOwnerDomain),
	}
}

// listedAttributes describes requestModel.
func listedAttributes() map[string]schema.Attribute {
	attributes := requestAttributes()
	attributes["id"] = base.NumberAttribute("Id of the certificate request.")
	if organization, ok := attributes["organization"].(schema.SingleNestedAttribute); ok {
		organization.MarkdownDescription = "Organization of the certificate. The API leaves it out of lists, so this is null as a rule; " +
			"`certops_cps_certificate` has it."
		attributes["organization"] = organization
	}
	return attributes
}

func readCertificates(ctx context.Context, c *cps.Client, model *certificatesModel) diag.Diagnostics {
	s := Vendor{}
	includeStatus, includeDCV := base.Included(model.IncludeStatus), base.Included(model.IncludeDCV)
	diags := base.NeedlessZones(model.Zones, includeDCV, "include_dcv")
	all := base.Target{Service: s, Noun: "CPS Certificates", What: "certificate requests"}
	filter := cps.CertificateFilter{Label: model.Label.ValueString(), Domain: model.Domain.ValueString()}
	items, problems := base.ReadItems(ctx, all, model.AllowPartial.ValueBool(),
		func(ctx context.Context) ([]cps.Certificate, error) { return c.Certificates(ctx, filter) },
		func(certificate *cps.Certificate) base.Target {
			return base.Target{Service: s, Noun: "CPS Certificate", What: "certificate request", ID: certificate.ID.String()}
		},
		func(ctx context.Context, certificate *cps.Certificate) (base.ListItem[requestModel], error) {
			var item base.ListItem[requestModel]
			var id int64 // not used when nothing more is read
			switch {
			case certificate.ID != nil:
				id = *certificate.ID.Ptr()
			case includeStatus || includeDCV:
				return item, base.ErrNoID
			}
			response := cps.ReadSupplements(ctx, c, certificate, id, includeStatus, includeDCV)
			item.Model = newRequestModel(response)
			var err error
			item.Order, err = response.Order(model.Owner(dcv.TXTOwnerDomain))
			return item, err
		})
	diags.Append(problems...)
	if diags.HasError() {
		return diags
	}
	model.Certificates = items.Models
	diags.Append(model.Set(ctx, all, items.Challenges, true)...)
	return diags
}
