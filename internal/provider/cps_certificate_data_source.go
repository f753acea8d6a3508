// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/cps"
)

var (
	_ datasource.DataSource              = (*cpsCertificateDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*cpsCertificateDataSource)(nil)
)

func newCPSCertificateDataSource(typeName string) func() datasource.DataSource {
	return func() datasource.DataSource {
		return &cpsCertificateDataSource{vendorDataSource[*cps.Client]{typeName: typeName, service: cpsService{}}}
	}
}

// cpsCertificateDataSource reads GET /sec/cps/v2.0/certificates/{certificate_id} and its companions for status and DCV.
type cpsCertificateDataSource struct {
	vendorDataSource[*cps.Client]
}

type cpsCertificateModel struct {
	CertificateID types.Int64 `tfsdk:"certificate_id"`
	IncludeStatus types.Bool  `tfsdk:"include_status"`
	IncludeDCV    types.Bool  `tfsdk:"include_dcv"`
	txtOwnerModel
	cpsModel
	dcvModel
}

// cpsModel is what the API tells of a certificate request, without the arguments and the records.
type cpsModel struct {
	ResourcePath         types.String          `tfsdk:"resource_path"`
	ResourceType         types.String          `tfsdk:"resource_type"`
	AutoRenew            types.Bool            `tfsdk:"auto_renew"`
	CertificateAuthority types.String          `tfsdk:"certificate_authority"`
	CertificateLabel     types.String          `tfsdk:"certificate_label"`
	Created              types.String          `tfsdk:"created"`
	CreatedBy            *cpsIdentityModel     `tfsdk:"created_by"`
	DCVMethod            types.String          `tfsdk:"dcv_method"`
	Deployments          []cpsDeploymentModel  `tfsdk:"deployments"`
	Description          types.String          `tfsdk:"description"`
	Domains              []cpsDomainModel      `tfsdk:"domains"`
	ExpirationDate       types.String          `tfsdk:"expiration_date"`
	LastModified         types.String          `tfsdk:"last_modified"`
	ModifiedBy           *cpsIdentityModel     `tfsdk:"modified_by"`
	Organization         *cpsOrganizationModel `tfsdk:"organization"`
	RequestType          types.String          `tfsdk:"request_type"`
	Status               *cpsStatusModel       `tfsdk:"status"`
	Thumbprint           types.String          `tfsdk:"thumbprint"`
	ValidationType       types.String          `tfsdk:"validation_type"`
	WorkflowErrorMessage types.String          `tfsdk:"workflow_error_message"`
}

type cpsIdentityModel struct {
	UserID       types.Int64  `tfsdk:"user_id"`
	PortalTypeID types.String `tfsdk:"portal_type_id"`
	IdentityID   types.String `tfsdk:"identity_id"`
	IdentityType types.String `tfsdk:"identity_type"`
}

type cpsDeploymentModel struct {
	DeliveryRegion types.String `tfsdk:"delivery_region"`
	Platform       types.String `tfsdk:"platform"`
	HexURL         types.String `tfsdk:"hex_url"`
}

type cpsDomainModel struct {
	ID           types.Int64  `tfsdk:"id"`
	Name         types.String `tfsdk:"name"`
	Status       types.String `tfsdk:"status"`
	ActiveDate   types.String `tfsdk:"active_date"`
	Created      types.String `tfsdk:"created"`
	IsCommonName types.Bool   `tfsdk:"is_common_name"`
	DCVToken     types.String `tfsdk:"dcv_token"`
	DCVEmails    []string     `tfsdk:"dcv_emails"`
}

type cpsOrganizationModel struct {
	ID                 types.Int64       `tfsdk:"id"`
	AdditionalContacts []cpsContactModel `tfsdk:"additional_contacts"`
	City               types.String      `tfsdk:"city"`
	CompanyAddress     types.String      `tfsdk:"company_address"`
	CompanyAddress2    types.String      `tfsdk:"company_address2"`
	CompanyName        types.String      `tfsdk:"company_name"`
	ContactEmail       types.String      `tfsdk:"contact_email"`
	ContactFirstName   types.String      `tfsdk:"contact_first_name"`
	ContactLastName    types.String      `tfsdk:"contact_last_name"`
	ContactPhone       types.String      `tfsdk:"contact_phone"`
	ContactTitle       types.String      `tfsdk:"contact_title"`
	Country            types.String      `tfsdk:"country"`
	OrganizationalUnit types.String      `tfsdk:"organizational_unit"`
	State              types.String      `tfsdk:"state"`
	ZipCode            types.String      `tfsdk:"zip_code"`
}

type cpsContactModel struct {
	ID          types.Int64  `tfsdk:"id"`
	ContactType types.String `tfsdk:"contact_type"`
	Email       types.String `tfsdk:"email"`
	FirstName   types.String `tfsdk:"first_name"`
	LastName    types.String `tfsdk:"last_name"`
	Phone       types.String `tfsdk:"phone"`
	Title       types.String `tfsdk:"title"`
}

type cpsStatusModel struct {
	Step              types.Int64              `tfsdk:"step"`
	Status            types.String             `tfsdk:"status"`
	RequiresAttention types.Bool               `tfsdk:"requires_attention"`
	ErrorMessage      types.String             `tfsdk:"error_message"`
	OrderValidation   *cpsOrderValidationModel `tfsdk:"order_validation"`
}

type cpsOrderValidationModel struct {
	Status                 types.String                    `tfsdk:"status"`
	OrganizationValidation *cpsOrganizationValidationModel `tfsdk:"organization_validation"`
	DomainValidations      []cpsDomainValidationModel      `tfsdk:"domain_validations"`
}

type cpsOrganizationValidationModel struct {
	ValidationType types.String `tfsdk:"validation_type"`
	Status         types.String `tfsdk:"status"`
}

type cpsDomainValidationModel struct {
	DomainID    types.Int64  `tfsdk:"domain_id"`
	DomainNames []string     `tfsdk:"domain_names"`
	Status      types.String `tfsdk:"status"`
}

func (d *cpsCertificateDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := cpsAttributes()
	attributes["certificate_id"] = schema.Int64Attribute{
		Required:            true,
		MarkdownDescription: "Id of the certificate request.",
		Validators:          []validator.Int64{int64validator.AtLeast(1)},
	}
	attributes["include_status"] = includeStatusAttribute()
	attributes["include_dcv"] = includeDCVAttribute()
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads a certificate request of Edgecast's Certificate Provisioning System (CPS), its status, its DCV tokens, and the DNS records that prove control of each domain.\n\n" +
			"The public CPS service ended on 15 January 2025 with Edgio's delivery network. This data source is verified against a simulator only; " +
			"set `cps.base_url` and `cps.token_url` to where the API still answers.",
		Attributes: withTXTOwner(withDCV(attributes), txtOwnerDomain),
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
		"certificate_authority": textAttribute("Certification authority: `DigiCert`."),
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
			"additional_contacts": objectListAttribute("Further contacts that answer for the organization's validation.", map[string]schema.Attribute{
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
			"contact_email":       textAttribute("E-mail address of the contact who answers for the organization's validation."),
			"contact_first_name":  textAttribute("First name of that contact."),
			"contact_last_name":   textAttribute("Last name of that contact."),
			"contact_phone":       textAttribute("Telephone number of that contact."),
			"contact_title":       textAttribute("Title of that contact."),
			"country":             textAttribute("Country (ISO 3166 code)."),
			"organizational_unit": textAttribute("Unit that answers for the organization's certificates."),
			"state":               textAttribute("State or province, abbreviated."),
			"zip_code":            textAttribute("Postal code."),
		}),
		"request_type": textAttribute("Kind of request: `Enterprise`."),
		"status": objectAttribute("Status of the request. Null with `include_status = false`, and where the API refuses it.", map[string]schema.Attribute{
			"step":               numberAttribute("Number of the current step."),
			"status":             textAttribute("Current step: `Processing`, `DomainControlValidation`, `OtherValidation`, `Deployment`, `Active` or `Deleted`."),
			"requires_attention": boolAttribute("Whether the request waits for you."),
			"error_message":      textAttribute("What went wrong, if anything did."),
			"order_validation": objectAttribute("Validation of the order; null until it is placed with the certification authority.", map[string]schema.Attribute{
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

func (d *cpsCertificateDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model cpsCertificateModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	c, diags := d.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	id := model.CertificateID.ValueInt64()
	subject := cpsSubject(d.service, id)
	certificate, err := c.Certificate(ctx, id)
	if err != nil {
		resp.Diagnostics.Append(readError(subject, err))
		return
	}
	response := readCPSSupplements(ctx, c, certificate, id, included(model.IncludeStatus), included(model.IncludeDCV))
	order, err := response.order(model.owner(txtOwnerDomain))
	if err != nil {
		resp.Diagnostics.Append(readError(subject, err))
		return
	}
	model.cpsModel = newCPSModel(response)
	resp.Diagnostics.Append(model.setOrder(ctx, subject, order)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(setState(ctx, &resp.State, &model)...)
}

// included is the value of an option that is on unless switched off.
func included(option types.Bool) bool {
	return option.IsNull() || option.ValueBool()
}

func cpsSubject(s service, id int64) subject {
	return subject{service: s, noun: "CPS Certificate", what: "certificate request", id: strconv.FormatInt(id, 10), attribute: "certificate_id"}
}

// newCPSModel maps a response into Terraform values.
func newCPSModel(r cpsResponse) cpsModel {
	c := r.certificate
	return cpsModel{
		ResourcePath:         text(c.ResourcePath),
		ResourceType:         text(c.ResourceType),
		AutoRenew:            boolean(c.AutoRenew),
		CertificateAuthority: text(c.CertificateAuthority),
		CertificateLabel:     text(c.CertificateLabel),
		Created:              cpsTime(c.Created),
		CreatedBy:            object(c.CreatedBy, newCPSIdentityModel),
		DCVMethod:            text(c.DCVMethod),
		Deployments:          list(c.Deployments, newCPSDeploymentModel),
		Description:          text(c.Description),
		Domains: list(c.Domains, func(domain *cps.Domain) cpsDomainModel {
			return newCPSDomainModel(domain, r.domainDCV(domain))
		}),
		ExpirationDate:       cpsTime(c.ExpirationDate),
		LastModified:         cpsTime(c.LastModified),
		ModifiedBy:           object(c.ModifiedBy, newCPSIdentityModel),
		Organization:         object(c.Organization, newCPSOrganizationModel),
		RequestType:          text(c.RequestType),
		Status:               object(r.status, newCPSStatusModel),
		Thumbprint:           text(c.Thumbprint),
		ValidationType:       text(c.ValidationType),
		WorkflowErrorMessage: text(c.WorkflowErrorMessage),
	}
}

// cpsTime is null for the "no date yet" of the API, the zero time of its programming language.
func cpsTime(v *client.Text) types.String {
	if v != nil && strings.HasPrefix(v.String(), "0001-01-01T00:00:00") {
		return types.StringNull()
	}
	return text(v)
}

func newCPSIdentityModel(i *cps.Actor) cpsIdentityModel {
	return cpsIdentityModel{
		UserID:       number(i.UserID),
		PortalTypeID: text(i.PortalTypeID),
		IdentityID:   text(i.IdentityID),
		IdentityType: text(i.IdentityType),
	}
}

func newCPSDeploymentModel(d *cps.Deployment) cpsDeploymentModel {
	return cpsDeploymentModel{DeliveryRegion: text(d.DeliveryRegion), Platform: text(d.Platform), HexURL: text(d.HexURL)}
}

func newCPSDomainModel(d *cps.Domain, entry *cps.DomainDCV) cpsDomainModel {
	model := cpsDomainModel{
		ID:           number(d.ID),
		Name:         text(d.Name),
		Status:       text(d.Status),
		ActiveDate:   cpsTime(d.ActiveDate),
		Created:      cpsTime(d.Created),
		IsCommonName: boolean(d.IsCommonName),
		DCVEmails:    []string{},
	}
	if entry != nil {
		model.DCVEmails = texts(entry.Emails)
		if entry.DCVToken != nil {
			model.DCVToken = text(entry.DCVToken.Token)
		}
	}
	return model
}

func newCPSOrganizationModel(o *cps.Organization) cpsOrganizationModel {
	return cpsOrganizationModel{
		ID:                 number(o.ID),
		AdditionalContacts: list(o.AdditionalContacts, newCPSContactModel),
		City:               text(o.City),
		CompanyAddress:     text(o.CompanyAddress),
		CompanyAddress2:    text(o.CompanyAddress2),
		CompanyName:        text(o.CompanyName),
		ContactEmail:       text(o.ContactEmail),
		ContactFirstName:   text(o.ContactFirstName),
		ContactLastName:    text(o.ContactLastName),
		ContactPhone:       text(o.ContactPhone),
		ContactTitle:       text(o.ContactTitle),
		Country:            text(o.Country),
		OrganizationalUnit: text(o.OrganizationalUnit),
		State:              text(o.State),
		ZipCode:            text(o.ZipCode),
	}
}

func newCPSContactModel(c *cps.Contact) cpsContactModel {
	return cpsContactModel{
		ID:          number(c.ID),
		ContactType: text(c.ContactType),
		Email:       text(c.Email),
		FirstName:   text(c.FirstName),
		LastName:    text(c.LastName),
		Phone:       text(c.Phone),
		Title:       text(c.Title),
	}
}

func newCPSStatusModel(s *cps.CertificateStatus) cpsStatusModel {
	return cpsStatusModel{
		Step:              number(s.Step),
		Status:            text(s.Status),
		RequiresAttention: boolean(s.RequiresAttention),
		ErrorMessage:      text(s.ErrorMessage),
		OrderValidation:   object(s.OrderValidation, newCPSOrderValidationModel),
	}
}

func newCPSOrderValidationModel(v *cps.OrderValidation) cpsOrderValidationModel {
	return cpsOrderValidationModel{
		Status: text(v.Status),
		OrganizationValidation: object(v.OrganizationValidation, func(o *cps.OrganizationValidation) cpsOrganizationValidationModel {
			return cpsOrganizationValidationModel{ValidationType: text(o.ValidationType), Status: text(o.Status)}
		}),
		DomainValidations: list(v.DomainValidations, func(d *cps.DomainValidation) cpsDomainValidationModel {
			return cpsDomainValidationModel{DomainID: number(d.DomainID), DomainNames: texts(d.DomainNames), Status: text(d.Status)}
		}),
	}
}
