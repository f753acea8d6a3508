// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client/cps"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// newCPSCertificatesDataSource reads GET /sec/cps/v2.0/certificates and, for each certificate request, its supplements.
var newCPSCertificatesDataSource = vendorSource("certops_cps_certificates", cpsService{}, cpsCertificatesSchema, readCPSCertificates)

type cpsCertificatesModel struct {
	Label         types.String `tfsdk:"label"`
	Domain        types.String `tfsdk:"domain"`
	IncludeStatus types.Bool   `tfsdk:"include_status"`
	IncludeDCV    types.Bool   `tfsdk:"include_dcv"`
	Certificates  []cpsModel   `tfsdk:"certificates"`
	allowPartialModel
	txtOwnerModel
	dcvModel
}

func cpsCertificatesSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Reads all certificate requests of the account at Edgecast's Certificate Provisioning System (CPS), or those that the arguments select. There may be none.\n\n" +
			"The list takes one request for up to 20 certificate requests, and two for every 20 when there are more: its pages are read twice, since one can move while they are read. `include_status` and `include_dcv` each take one more for each of them. " +
			"A certificate request whose status or DCV data cannot be read is an error.\n\n" +
			"The public CPS service ended on 15 January 2025 with Edgio's delivery network. This data source is verified against a simulator only; " +
			"set `cps.base_url` and `cps.token_url` to where the API still responds.",
		Attributes: withTXTOwner(withList(map[string]schema.Attribute{
			"label":          filterAttribute("Selects the certificates with this name (`certificate_label`); `*` stands for any text."),
			"domain":         filterAttribute("Selects the certificates that have this domain; `*` stands for any text."),
			"include_status": includeStatusAttribute(),
			"include_dcv":    includeDCVAttribute(),
			"certificates":   objectListAttribute("The certificate requests, in the API's order.", listedCPSCertificateAttributes()),
		}), dcv.TXTOwnerDomain),
	}
}

// listedCPSCertificateAttributes describes cpsModel in a list.
func listedCPSCertificateAttributes() map[string]schema.Attribute {
	attributes := cpsAttributes()
	attributes["id"] = numberAttribute("Id of the certificate request.")
	if organization, ok := attributes["organization"].(schema.SingleNestedAttribute); ok {
		organization.MarkdownDescription = "Organization of the certificate. The API leaves it out of lists, so this is null as a rule; `certops_cps_certificate` has it."
		attributes["organization"] = organization
	}
	return attributes
}

func readCPSCertificates(ctx context.Context, c *cps.Client, model *cpsCertificatesModel) diag.Diagnostics {
	s := cpsService{}
	includeStatus, includeDCV := included(model.IncludeStatus), included(model.IncludeDCV)
	diags := needlessZones(model.Zones, includeDCV, "include_dcv")
	all := target{service: s, noun: "CPS Certificates", what: "certificate requests"}
	filter := cps.CertificateFilter{Label: model.Label.ValueString(), Domain: model.Domain.ValueString()}
	items, problems := readItems(ctx, all, model.AllowPartial.ValueBool(),
		func(ctx context.Context) ([]cps.Certificate, error) { return c.Certificates(ctx, filter) },
		func(certificate *cps.Certificate) target {
			return target{service: s, noun: "CPS Certificate", what: "certificate request", id: certificate.ID.String()}
		},
		func(ctx context.Context, certificate *cps.Certificate) (listItem[cpsModel], error) {
			var item listItem[cpsModel]
			var id int64 // not used when nothing more is read
			switch {
			case certificate.ID != nil:
				id = *certificate.ID.Ptr()
			case includeStatus || includeDCV:
				return item, errNoID
			}
			response := cps.ReadSupplements(ctx, c, certificate, id, includeStatus, includeDCV)
			item.model = newCPSModel(response)
			var err error
			item.order, err = response.Order(model.owner(dcv.TXTOwnerDomain))
			return item, err
		})
	diags.Append(problems...)
	if diags.HasError() {
		return diags
	}
	model.Certificates = items.models
	diags.Append(model.set(ctx, all, items.challenges, true)...)
	return diags
}
