// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/cps"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// newCPSCertificateDataSource reads GET /sec/cps/v2.0/certificates/{certificate_id} and its supplements for status and DCV.
func newCPSCertificateDataSource(typeName string) func() datasource.DataSource {
	return vendorSource(typeName, cpsService{}, cpsCertificateSchema, readCPSCertificate)
}

type cpsCertificateModel struct {
	CertificateID types.Int64 `tfsdk:"certificate_id"`
	IncludeStatus types.Bool  `tfsdk:"include_status"`
	IncludeDCV    types.Bool  `tfsdk:"include_dcv"`
	txtOwnerModel
	cpsModel
	dcvModel
}

// cpsModel is what the API tells of a certificate request, with what its supplements add.
type cpsModel struct {
	cps.Certificate
	Domains []cpsDomainModel       `tfsdk:"domains"`
	Status  *cps.CertificateStatus `tfsdk:"status"`
}

type cpsDomainModel struct {
	cps.Domain
	DCVToken  *client.Text   `tfsdk:"dcv_token"`
	DCVEmails []*client.Text `tfsdk:"dcv_emails"`
}

func cpsCertificateSchema() schema.Schema {
	attributes := cpsAttributes()
	attributes["certificate_id"] = schema.Int64Attribute{
		Required:            true,
		MarkdownDescription: "Id of the certificate request.",
		Validators:          []validator.Int64{int64validator.AtLeast(1)},
	}
	attributes["include_status"] = includeStatusAttribute()
	attributes["include_dcv"] = includeDCVAttribute()
	return schema.Schema{
		MarkdownDescription: "Reads a certificate request of Edgecast's Certificate Provisioning System (CPS), its status, its DCV tokens, and the DNS records that prove control of each domain.\n\n" +
			"The public CPS service ended on 15 January 2025 with Edgio's delivery network. This data source is verified against a simulator only; " +
			"set `cps.base_url` and `cps.token_url` to where the API still responds.",
		Attributes: withTXTOwner(withDCV(attributes), dcv.TXTOwnerDomain),
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
		Optional:            true,
		MarkdownDescription: "Whether to read the DCV tokens too, which takes one more request a certificate. Without them there are no `dns_records`. Default: `true`.",
	}
}

// cpsAttributes describes cpsModel.
func cpsAttributes() map[string]schema.Attribute {
	const timestamp = " (`YYYY-MM-DDThh:mm:ss.ffffffZ`)"
	identity := func(description string) schema.Attribute {
		return objectAttribute(description, map[string]schema.Attribute{
			"user_id":        numberAttribute("Id of the user; null for an API client."),
			"portal_type_id": textAttribute("Id of the portal the user belongs to."),
			"identity_id":    textAttribute("Id of the identity; usually a UUID."),
			"identity_type":  textAttribute("Kind of identity: `User` or `Client`."),
		})
	}
	return map[string]schema.Attribute{
		"resource_path":         textAttribute("The API's `@id`: relative path of the certificate request."),
		"resource_type":         textAttribute("The API's `@type`: `Certificate`."),
		"auto_renew":            boolAttribute("Whether the certificate renews by itself before it expires."),
		"certificate_authority": textAttribute("Certificate authority: `DigiCert`."),
		"certificate_label":     textAttribute("Name of the certificate."),
		"created":               textAttribute("When the request was submitted" + timestamp + "."),
		"created_by":            identity("Who submitted the request."),
		"dcv_method":            textAttribute("How control over the domains is validated: `Email`, `DnsCnameToken` or `DnsTxtToken`."),
		"deployments": objectListAttribute("Delivery regions to which the certificate is deployed.", map[string]schema.Attribute{
			"delivery_region": textAttribute("Name of the delivery region."),
			"platform":        textAttribute("Delivery platform."),
			"hex_url":         textAttribute("CDN domain through which requests for the certificate are routed."),
		}),
		"description": textAttribute("Description of the certificate."),
		"domains": objectListAttribute("Domains of the certificate, in the API's order.", map[string]schema.Attribute{
			"id":             numberAttribute("Id of the domain."),
			"name":           textAttribute("Domain name."),
			"status":         textAttribute("Status of the domain, such as `Active`, `PendingDns`, `AwaitingCertificateAuthority`, `Rejected` or `TimedOut`."),
			"active_date":    textAttribute("When the domain became active" + timestamp + "; usually null."),
			"created":        textAttribute("When the domain was added to the request" + timestamp + "."),
			"is_common_name": boolAttribute("Whether this is the certificate's common name."),
			"dcv_token":      textAttribute("Token that proves control of the domain, verbatim. Null before the order is placed, after validation, for e-mail validation, and with `include_dcv = false`."),
			"dcv_emails":     textListAttribute("Addresses the validation e-mail goes to, with `Email`."),
		}),
		"expiration_date": textAttribute("When the certificate expires" + timestamp + ". Null until it is issued."),
		"last_modified":   textAttribute("When the request was last modified" + timestamp + "."),
		"modified_by":     identity("Who last modified the request; null if nobody did."),
		"organization": objectAttribute("Organization of the certificate; null for DV certificates.", map[string]schema.Attribute{
			"id": numberAttribute("Id of the organization."),
			"additional_contacts": objectListAttribute("Further contacts for the organization's validation.", map[string]schema.Attribute{
				"id":           numberAttribute("Reserved by the API for future use."),
				"contact_type": textAttribute("Kind of contact: `EVApprover` for EV certificates."),
				"email":        textAttribute("E-mail address."),
				"first_name":   textAttribute("First name."),
				"last_name":    textAttribute("Last name."),
				"phone":        textAttribute("Telephone number."),
				"title":        textAttribute("Title."),
			}),
			"city":                textAttribute("City."),
			"company_address":     textAttribute("Address."),
			"company_address2":    textAttribute("Second line of the address."),
			"company_name":        textAttribute("Name of the organization."),
			"contact_email":       textAttribute("E-mail address of the contact for the organization's validation."),
			"contact_first_name":  textAttribute("First name of that contact."),
			"contact_last_name":   textAttribute("Last name of that contact."),
			"contact_phone":       textAttribute("Telephone number of that contact."),
			"contact_title":       textAttribute("Title of that contact."),
			"country":             textAttribute("Country (ISO 3166 code)."),
			"organizational_unit": textAttribute("Unit that is responsible for the organization's certificates."),
			"state":               textAttribute("State or province, abbreviated."),
			"zip_code":            textAttribute("Postal code."),
		}),
		"request_type": textAttribute("Kind of request: `Enterprise`."),
		"status": objectAttribute("Status of the request. Null with `include_status = false`, and where the API refuses it.", map[string]schema.Attribute{
			"step":               numberAttribute("Number of the current step."),
			"status":             textAttribute("Current step: `Processing`, `DomainControlValidation`, `OtherValidation`, `Deployment`, `Active` or `Deleted`."),
			"requires_attention": boolAttribute("Whether the request waits for you."),
			"error_message":      textAttribute("What went wrong, if anything did."),
			"order_validation": objectAttribute("Validation of the order; null until it is placed with the certificate authority.", map[string]schema.Attribute{
				"status": textAttribute("Status of the order, such as `Pending`, `Issued` or `Rejected`."),
				"organization_validation": objectAttribute("Validation of the organization.", map[string]schema.Attribute{
					"validation_type": textAttribute("Level of validation: `None`, `DV`, `OV` or `EV`."),
					"status":          textAttribute("`Unknown`, `Pending`, `Rejected`, `Approved` or `NA`."),
				}),
				"domain_validations": objectListAttribute("Validation of the domains, in the API's order.", map[string]schema.Attribute{
					"domain_id":    numberAttribute("Id of the domain."),
					"domain_names": textListAttribute("Names this validation covers."),
					"status":       textAttribute("`Unknown`, `Pending`, `Rejected`, `Approved` or `NA`."),
				}),
			}),
		}),
		"thumbprint":             textAttribute("SHA-1 thumbprint of the certificate, 40 upper-case hexadecimal digits. Null until it is issued."),
		"validation_type":        textAttribute("Level of validation: `None`, `DV`, `OV` or `EV`."),
		"workflow_error_message": textAttribute("Error message of the workflow; usually null."),
	}
}

func readCPSCertificate(ctx context.Context, c *cps.Client, model *cpsCertificateModel) diag.Diagnostics {
	id := model.CertificateID.ValueInt64()
	target := cpsTarget(cpsService{}, id)
	certificate, err := c.Certificate(ctx, id)
	if err != nil {
		return diag.Diagnostics{readError(target, err)}
	}
	response := cps.ReadSupplements(ctx, c, certificate, id, included(model.IncludeStatus), included(model.IncludeDCV))
	order, err := response.Order(model.owner(dcv.TXTOwnerDomain))
	if err != nil {
		return diag.Diagnostics{readError(target, err)}
	}
	model.cpsModel = newCPSModel(response)
	return model.setOrder(ctx, target, order)
}

// included is the value of an option that is on unless switched off.
func included(option types.Bool) bool {
	return option.IsNull() || option.ValueBool()
}

func cpsTarget(s service, id int64) target {
	return target{service: s, noun: "CPS Certificate", what: "certificate request", id: strconv.FormatInt(id, 10), attribute: "certificate_id"}
}

// newCPSModel puts the supplements into a certificate request.
func newCPSModel(r cps.Response) cpsModel {
	model := cpsModel{Certificate: *r.Certificate, Status: r.Status, Domains: make([]cpsDomainModel, len(r.Certificate.Domains))}
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
