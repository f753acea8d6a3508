// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"context"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/cps"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// newCertificate reads GET /sec/cps/v2.0/certificates/{certificate_id} and its supplements for status and DCV.
func newCertificate(typeName string) func() datasource.DataSource {
	return base.NewVendorSource(typeName, Vendor{}, certificateSchema, readCertificate)
}

type certificateModel struct {
	CertificateID types.Int64 `tfsdk:"certificate_id"`
	IncludeStatus types.Bool  `tfsdk:"include_status"`
	IncludeDCV    types.Bool  `tfsdk:"include_dcv"`
	base.TXTOwnerModel
	requestModel
	base.DCVModel
}

// requestModel is what the API tells of a certificate request, with what its supplements add.
type requestModel struct {
	cps.Certificate
	Domains []domainModel          `tfsdk:"domains"`
	Status  *cps.CertificateStatus `tfsdk:"status"`
}

type domainModel struct {
	cps.Domain
	DCVToken  *client.Text   `tfsdk:"dcv_token"`
	DCVEmails []*client.Text `tfsdk:"dcv_emails"`
}

func certificateSchema() schema.Schema {
	attributes := requestAttributes()
	attributes["certificate_id"] = base.IDAttribute("Id of the certificate request.")
	attributes["include_status"] = includeStatusAttribute()
	attributes["include_dcv"] = includeDCVAttribute()
	return schema.Schema{
		MarkdownDescription: "Reads a certificate request of Edgecast's Certificate Provisioning System (CPS), its status, its DCV tokens, " +
			"and the DNS records that prove control of each domain.\n\n" +
			"The public CPS service ended on 15 January 2025 with Edgio's delivery network. This data source is verified against a " +
			"simulator only; set `cps.base_url` and `cps.token_url` to where the API still responds.",
		Attributes: base.WithTXTOwner(base.WithDCV(attributes), dcv.TXTOwnerDomain),
	}
}

func includeStatusAttribute() schema.BoolAttribute {
	return schema.BoolAttribute{
		Optional:            true,
		MarkdownDescription: "Whether to read `status` too, which takes one more request a certificate. Default: `true`.",
	}
}

func includeDCVAttribute() schema.BoolAttribute {
	return schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether to read the DCV tokens too, which takes one more request a certificate. Without them there are no " +
			"`dns_records`. Default: `true`.",
	}
}

// requestAttributes describes requestModel without its id.
func requestAttributes() map[string]schema.Attribute {
	const timestamp = " (`YYYY-MM-DDThh:mm:ss.ffffffZ`)"
	identity := func(description string) schema.Attribute {
		return base.ObjectAttribute(description, map[string]schema.Attribute{
			"user_id":        base.NumberAttribute("Id of the user; null for an API client."),
			"portal_type_id": base.TextAttribute("Id of the portal the user belongs to."),
			"identity_id":    base.TextAttribute("Id of the identity; usually a UUID."),
			"identity_type":  base.TextAttribute("Kind of identity: `User` or `Client`."),
		})
	}
	return map[string]schema.Attribute{
		"resource_path":         base.TextAttribute("The API's `@id`: relative path of the certificate request."),
		"resource_type":         base.TextAttribute("The API's `@type`: `Certificate`."),
		"auto_renew":            base.BoolAttribute("Whether the certificate renews by itself before it expires."),
		"certificate_authority": base.TextAttribute("Certificate authority: `DigiCert`."),
		"certificate_label":     base.TextAttribute("Name of the certificate."),
		"created":               base.TextAttribute("When the request was submitted" + timestamp + "."),
		"created_by":            identity("Who submitted the request."),
		"dcv_method":            base.TextAttribute("How control over the domains is validated: `Email`, `DnsCnameToken` or `DnsTxtToken`."),
		"deployments": base.ObjectListAttribute("Delivery regions to which the certificate is deployed.", map[string]schema.Attribute{
			"delivery_region": base.TextAttribute("Name of the delivery region."),
			"platform":        base.TextAttribute("Delivery platform."),
			"hex_url":         base.TextAttribute("CDN domain through which requests for the certificate are routed."),
		}),
		"description": base.TextAttribute("Description of the certificate."),
		"domains": base.ObjectListAttribute("Domains of the certificate, in the API's order.", map[string]schema.Attribute{
			"id":   base.NumberAttribute("Id of the domain."),
			"name": base.TextAttribute("Domain name."),
			"status": base.TextAttribute("Status of the domain, such as `Active`, `PendingDns`, `AwaitingCertificateAuthority`, " +
				"`Rejected` or `TimedOut`."),
			"active_date":    base.TextAttribute("When the domain became active" + timestamp + "; usually null."),
			"created":        base.TextAttribute("When the domain was added to the request" + timestamp + "."),
			"is_common_name": base.BoolAttribute("Whether this is the certificate's common name."),
			"dcv_token": base.TextAttribute("Token that proves control of the domain, verbatim. Null before the order is placed, after " +
				"validation, for e-mail validation, and with `include_dcv = false`."),
			"dcv_emails": base.TextListAttribute("Addresses the validation e-mail goes to, with `Email`."),
		}),
		"expiration_date": base.TextAttribute("When the certificate expires" + timestamp + ". Null until it is issued."),
		"last_modified":   base.TextAttribute("When the request was last modified" + timestamp + "."),
		"modified_by":     identity("Who last modified the request; null if nobody did."),
		"organization": base.ObjectAttribute("Organization of the certificate; null for DV certificates.", map[string]schema.Attribute{
			"id": base.NumberAttribute("Id of the organization."),
			"additional_contacts": base.ObjectListAttribute("Further contacts for the organization's validation.", map[string]schema.Attribute{
				"id":           base.NumberAttribute("Reserved by the API for future use."),
				"contact_type": base.TextAttribute("Kind of contact: `EVApprover` for EV certificates."),
				"email":        base.TextAttribute("E-mail address."),
				"first_name":   base.TextAttribute("First name."),
				"last_name":    base.TextAttribute("Last name."),
				"phone":        base.TextAttribute("Telephone number."),
				"title":        base.TextAttribute("Title."),
			}),
			"city":                base.TextAttribute("City."),
			"company_address":     base.TextAttribute("Address."),
			"company_address2":    base.TextAttribute("Second line of the address."),
			"company_name":        base.TextAttribute("Name of the organization."),
			"contact_email":       base.TextAttribute("E-mail address of the contact for the organization's validation."),
			"contact_first_name":  base.TextAttribute("First name of that contact."),
			"contact_last_name":   base.TextAttribute("Last name of that contact."),
			"contact_phone":       base.TextAttribute("Telephone number of that contact."),
			"contact_title":       base.TextAttribute("Title of that contact."),
			"country":             base.TextAttribute("Country (ISO 3166 code)."),
			"organizational_unit": base.TextAttribute("Unit that is responsible for the organization's certificates."),
			"state":               base.TextAttribute("State or province, abbreviated."),
			"zip_code":            base.TextAttribute("Postal code."),
		}),
		"request_type": base.TextAttribute("Kind of request: `Enterprise`."),
		"status": base.ObjectAttribute("Status of the request. Null with `include_status = false`, and where the API refuses it.",
			map[string]schema.Attribute{
				"step": base.NumberAttribute("Number of the current step."),
				"status": base.TextAttribute("Current step: `Processing`, `DomainControlValidation`, `OtherValidation`, `Deployment`, " +
					"`Active` or `Deleted`."),
				"requires_attention": base.BoolAttribute("Whether the request waits for you."),
				"error_message":      base.TextAttribute("What went wrong, if anything did."),
				"order_validation": base.ObjectAttribute("Validation of the order; null until it is placed with the certificate authority.",
					map[string]schema.Attribute{
						"status": base.TextAttribute("Status of the order, such as `Pending`, `Issued` or `Rejected`."),
						"organization_validation": base.ObjectAttribute("Validation of the organization.", map[string]schema.Attribute{
							"validation_type": base.TextAttribute("Level of validation: `None`, `DV`, `OV` or `EV`."),
							"status":          base.TextAttribute("`Unknown`, `Pending`, `Rejected`, `Approved` or `NA`."),
						}),
						"domain_validations": base.ObjectListAttribute("Validation of the domains, in the API's order.", map[string]schema.Attribute{
							"domain_id":    base.NumberAttribute("Id of the domain."),
							"domain_names": base.TextListAttribute("Names this validation covers."),
							"status":       base.TextAttribute("`Unknown`, `Pending`, `Rejected`, `Approved` or `NA`."),
						}),
					}),
			}),
		"thumbprint": base.TextAttribute("SHA-1 thumbprint of the certificate, 40 upper-case hexadecimal digits. Null until it " +
			"is issued."),
		"validation_type":        base.TextAttribute("Level of validation: `None`, `DV`, `OV` or `EV`."),
		"workflow_error_message": base.TextAttribute("Error message of the workflow; usually null."),
	}
}

func readCertificate(ctx context.Context, c *cps.Client, model *certificateModel) diag.Diagnostics {
	id := model.CertificateID.ValueInt64()
	target := target(id)
	certificate, err := c.Certificate(ctx, id)
	if err != nil {
		return diag.Diagnostics{base.ReadError(target, err)}
	}
	response := cps.ReadSupplements(ctx, c, certificate, id, base.Included(model.IncludeStatus), base.Included(model.IncludeDCV))
	order, err := response.Order(model.Owner(dcv.TXTOwnerDomain))
	if err != nil {
		return diag.Diagnostics{base.ReadError(target, err)}
	}
	model.requestModel = newRequestModel(response)
	return model.SetOrder(ctx, target, order)
}

func target(id int64) base.Target {
	return base.Target{Service: Vendor{}, Noun: "CPS Certificate", What: "certificate request", ID: strconv.FormatInt(id, 10),
		Attribute: "certificate_id"}
}

// newRequestModel puts the supplements into a certificate request.
func newRequestModel(r cps.Response) requestModel {
	model := requestModel{Certificate: *r.Certificate, Status: r.Status, Domains: make([]domainModel, len(r.Certificate.Domains))}
	for i := range r.Certificate.Domains {
		domain := &r.Certificate.Domains[i]
		model.Domains[i].Domain = *domain
		if entry := r.DomainDCV(domain); entry != nil {
			model.Domains[i].DCVEmails = entry.Emails
			if entry.DCVToken != nil {
				model.Domains[i].DCVToken = entry.DCVToken.Token
			}
		}
	}
	return model
}
