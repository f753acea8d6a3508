// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client/digicert"
)

var (
	_ datasource.DataSource              = (*digicertRequestDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*digicertRequestDataSource)(nil)
)

func newDigicertRequestDataSource(typeName string) func() datasource.DataSource {
	return func() datasource.DataSource {
		return &digicertRequestDataSource{vendorDataSource[*digicert.Client]{typeName: typeName, service: digicertService{}}}
	}
}

// digicertRequestDataSource reads GET /request/{request_id}.
// Source: https://dev.digicert.com/en/certcentral-apis/services-api/requests/request-info.html
type digicertRequestDataSource struct {
	vendorDataSource[*digicert.Client]
}

type digicertRequestModel struct {
	RequestID types.Int64 `tfsdk:"request_id"`
	digicertRequestInfoModel
}

// digicertRequestInfoModel is what the API tells of a request, without the argument.
type digicertRequestInfoModel struct {
	Date             types.String               `tfsdk:"date"`
	Type             types.String               `tfsdk:"type"`
	Status           types.String               `tfsdk:"status"`
	DateProcessed    types.String               `tfsdk:"date_processed"`
	Requester        *digicertUserModel         `tfsdk:"requester"`
	Reviewer         *digicertUserModel         `tfsdk:"reviewer"`
	Processor        *digicertUserModel         `tfsdk:"processor"`
	ProcessorComment types.String               `tfsdk:"processor_comment"`
	Order            *digicertRequestOrderModel `tfsdk:"order"`
	Comments         types.String               `tfsdk:"comments"`
}

type digicertUserModel struct {
	ID        types.Int64  `tfsdk:"id"`
	FirstName types.String `tfsdk:"first_name"`
	LastName  types.String `tfsdk:"last_name"`
	Email     types.String `tfsdk:"email"`
}

type digicertRequestOrderModel struct {
	ID                          types.Int64                      `tfsdk:"id"`
	Certificate                 *digicertRequestCertificateModel `tfsdk:"certificate"`
	Status                      types.String                     `tfsdk:"status"`
	IsRenewal                   types.Bool                       `tfsdk:"is_renewal"`
	RenewalOfOrderValidTill     types.String                     `tfsdk:"renewal_of_order_valid_till"`
	DateCreated                 types.String                     `tfsdk:"date_created"`
	Organization                *digicertOrganizationModel       `tfsdk:"organization"`
	ValidityYears               types.Int64                      `tfsdk:"validity_years"`
	OrderValidity               *digicertOrderValidityModel      `tfsdk:"order_validity"`
	DisableRenewalNotifications types.Bool                       `tfsdk:"disable_renewal_notifications"`
	AutoRenew                   types.Bool                       `tfsdk:"auto_renew"`
	Container                   *digicertContainerModel          `tfsdk:"container"`
	Product                     *digicertProductModel            `tfsdk:"product"`
	OrganizationContact         *digicertContactModel            `tfsdk:"organization_contact"`
	TechnicalContact            *digicertContactModel            `tfsdk:"technical_contact"`
	User                        *digicertUserModel               `tfsdk:"user"`
	Requests                    []digicertOrderRequestModel      `tfsdk:"requests"`
	UnsubmittedDomains          []string                         `tfsdk:"unsubmitted_domains"`
	AdditionalEmails            []string                         `tfsdk:"additional_emails"`
	Price                       types.Number                     `tfsdk:"price"`
	IsOutOfContract             types.Bool                       `tfsdk:"is_out_of_contract"`
	PaymentMethod               types.String                     `tfsdk:"payment_method"`
	ProductNameID               types.String                     `tfsdk:"product_name_id"`
	DisableIssuanceEmail        types.Bool                       `tfsdk:"disable_issuance_email"`
	CSProvisioningMethod        types.String                     `tfsdk:"cs_provisioning_method"`
	ShipInfo                    *digicertShipInfoModel           `tfsdk:"ship_info"`
}

type digicertRequestCertificateModel struct {
	CommonName        types.String                   `tfsdk:"common_name"`
	DNSNames          []string                       `tfsdk:"dns_names"`
	Emails            []string                       `tfsdk:"emails"`
	DateCreated       types.String                   `tfsdk:"date_created"`
	CSR               types.String                   `tfsdk:"csr"`
	Organization      *digicertOrganizationLinkModel `tfsdk:"organization"`
	OrganizationUnits []string                       `tfsdk:"organization_units"`
	ServerPlatform    *digicertServerPlatformModel   `tfsdk:"server_platform"`
	SignatureHash     types.String                   `tfsdk:"signature_hash"`
	KeySize           types.Int64                    `tfsdk:"key_size"`
	CACert            *digicertCACertModel           `tfsdk:"ca_cert"`
}

type digicertOrganizationLinkModel struct {
	ID types.Int64 `tfsdk:"id"`
}

type digicertServerPlatformModel struct {
	ID         types.Int64  `tfsdk:"id"`
	Name       types.String `tfsdk:"name"`
	InstallURL types.String `tfsdk:"install_url"`
	CSRURL     types.String `tfsdk:"csr_url"`
}

type digicertCACertModel struct {
	ID   types.String `tfsdk:"id"`
	Name types.String `tfsdk:"name"`
}

type digicertOrganizationModel struct {
	ID          types.Int64  `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	AssumedName types.String `tfsdk:"assumed_name"`
	DisplayName types.String `tfsdk:"display_name"`
	City        types.String `tfsdk:"city"`
	State       types.String `tfsdk:"state"`
	Country     types.String `tfsdk:"country"`
}

type digicertOrderValidityModel struct {
	Years                types.Int64  `tfsdk:"years"`
	Days                 types.Int64  `tfsdk:"days"`
	CustomExpirationDate types.String `tfsdk:"custom_expiration_date"`
}

type digicertContainerModel struct {
	ID       types.Int64  `tfsdk:"id"`
	Name     types.String `tfsdk:"name"`
	IsActive types.Bool   `tfsdk:"is_active"`
}

type digicertProductModel struct {
	NameID                types.String `tfsdk:"name_id"`
	Name                  types.String `tfsdk:"name"`
	Type                  types.String `tfsdk:"type"`
	ValidationType        types.String `tfsdk:"validation_type"`
	ValidationName        types.String `tfsdk:"validation_name"`
	ValidationDescription types.String `tfsdk:"validation_description"`
}

type digicertContactModel struct {
	FirstName          types.String `tfsdk:"first_name"`
	LastName           types.String `tfsdk:"last_name"`
	Email              types.String `tfsdk:"email"`
	JobTitle           types.String `tfsdk:"job_title"`
	Telephone          types.String `tfsdk:"telephone"`
	TelephoneExtension types.String `tfsdk:"telephone_extension"`
}

type digicertOrderRequestModel struct {
	ID       types.Int64  `tfsdk:"id"`
	Date     types.String `tfsdk:"date"`
	Type     types.String `tfsdk:"type"`
	Status   types.String `tfsdk:"status"`
	Comments types.String `tfsdk:"comments"`
}

type digicertShipInfoModel struct {
	Name    types.String `tfsdk:"name"`
	Addr1   types.String `tfsdk:"addr1"`
	Addr2   types.String `tfsdk:"addr2"`
	City    types.String `tfsdk:"city"`
	State   types.String `tfsdk:"state"`
	Zip     types.String `tfsdk:"zip"`
	Country types.String `tfsdk:"country"`
	Method  types.String `tfsdk:"method"`
}

func (d *digicertRequestDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := digicertRequestAttributes()
	attributes["request_id"] = schema.Int64Attribute{
		Required:            true,
		MarkdownDescription: "Id of the request.",
		Validators:          []validator.Int64{int64validator.AtLeast(1)},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads a DigiCert request: who asked for a certificate to be issued, revoked, duplicated or reissued, where the approval stands, and a snapshot of the order.\n\n" +
			"The nested `order` is a snapshot that DigiCert does not keep up to date: an approved request can hold an order that still says `needs_approval`. " +
			"Requests other than `new_request` carry fewer fields; what the API leaves out is null.",
		Attributes: attributes,
	}
}

// digicertRequestAttributes describes digicertRequestInfoModel.
func digicertRequestAttributes() map[string]schema.Attribute {
	const timestamp = " (ISO 8601 timestamp, UTC)"
	user := func(description string) schema.Attribute {
		return objectAttribute(description, map[string]schema.Attribute{
			"id":         numberAttribute("Id of the user."),
			"first_name": textAttribute("First name."),
			"last_name":  textAttribute("Last name."),
			"email":      textAttribute("E-mail address."),
		})
	}
	contact := func(description string) schema.Attribute {
		return objectAttribute(description, map[string]schema.Attribute{
			"first_name":          textAttribute("First name."),
			"last_name":           textAttribute("Last name."),
			"email":               textAttribute("E-mail address."),
			"job_title":           textAttribute("Job title."),
			"telephone":           textAttribute("Telephone number."),
			"telephone_extension": textAttribute("Extension of the telephone number."),
		})
	}
	return map[string]schema.Attribute{
		"date":              textAttribute("When the request was submitted" + timestamp + "."),
		"type":              textAttribute("Kind of request: `new_request`, `revoke`, `duplicate` or `reissue`."),
		"status":            textAttribute("Status of the request: `submitted`, `pending`, `approved` or `rejected`."),
		"date_processed":    textAttribute("When the request was processed" + timestamp + ". Null while pending."),
		"requester":         user("Who submitted the request."),
		"reviewer":          user("Who reviewed the request. Null while pending."),
		"processor":         user("Who processed the request. Null while pending."),
		"processor_comment": textAttribute("Comment of who processed the request."),
		"comments":          textAttribute("Message that came with the request."),
		"order": objectAttribute("Snapshot of the order that the request belongs to.", map[string]schema.Attribute{
			"id": numberAttribute("Id of the order."),
			"certificate": objectAttribute("The certificate asked for. Can be null for requests other than `new_request`.", map[string]schema.Attribute{
				"common_name":  textAttribute("Common name."),
				"dns_names":    textListAttribute("Names on the certificate (SANs)."),
				"emails":       textListAttribute("E-mail addresses on the certificate, for client certificates."),
				"date_created": textAttribute("When the certificate was asked for" + timestamp + "."),
				"csr":          textAttribute("Certificate signing request (PEM)."),
				"organization": objectAttribute("Organization on the certificate.", map[string]schema.Attribute{
					"id": numberAttribute("Id of the organization."),
				}),
				"organization_units": textListAttribute("Organizational units on the certificate."),
				"server_platform": objectAttribute("Server software the certificate is meant for.", map[string]schema.Attribute{
					"id":          numberAttribute("Id of the server software; `-1` for any other."),
					"name":        textAttribute("Name of the server software."),
					"install_url": textAttribute("Address of the installation instructions."),
					"csr_url":     textAttribute("Address of the instructions for making a CSR."),
				}),
				"signature_hash": textAttribute("Hash of the signature, such as `sha256`."),
				"key_size":       numberAttribute("Size of the key in bits."),
				"ca_cert": objectAttribute("Certificate of the issuing certification authority.", map[string]schema.Attribute{
					"id":   textAttribute("Id of the certificate; opaque text."),
					"name": textAttribute("Name of the certificate."),
				}),
			}),
			"status":                      textAttribute("Status of the order when the snapshot was taken."),
			"is_renewal":                  boolAttribute("Whether the order renews another."),
			"renewal_of_order_valid_till": textAttribute("Until when the renewed order is valid (`YYYY-MM-DD`)."),
			"date_created":                textAttribute("When the order was placed" + timestamp + "."),
			"organization": objectAttribute("Organization of the order.", map[string]schema.Attribute{
				"id":           numberAttribute("Id of the organization."),
				"name":         textAttribute("Legal name."),
				"assumed_name": textAttribute("Assumed name."),
				"display_name": textAttribute("Name as DigiCert shows it."),
				"city":         textAttribute("City."),
				"state":        textAttribute("State or province."),
				"country":      textAttribute("Country (ISO 3166 code)."),
			}),
			"validity_years": numberAttribute("Validity of the order in years."),
			"order_validity": objectAttribute("Validity of the order; one of its members is set.", map[string]schema.Attribute{
				"years":                  numberAttribute("Years."),
				"days":                   numberAttribute("Days."),
				"custom_expiration_date": textAttribute("Date on which the order ends, as the API gives it."),
			}),
			"disable_renewal_notifications": boolAttribute("Whether renewal notifications are switched off."),
			"auto_renew":                    boolAttribute("Whether the order renews by itself."),
			"container":                     digicertContainerAttribute(),
			"product":                       digicertProductAttribute(),
			"organization_contact":          contact("Contact of the organization."),
			"technical_contact":             contact("Technical contact."),
			"user":                          user("User who placed the order."),
			"requests": objectListAttribute("Requests on the order, in the API's order.", map[string]schema.Attribute{
				"id":       numberAttribute("Id of the request."),
				"date":     textAttribute("When the request was submitted" + timestamp + "."),
				"type":     textAttribute("Kind of request."),
				"status":   textAttribute("Status of the request when the snapshot was taken."),
				"comments": textAttribute("Message that came with the request."),
			}),
			"unsubmitted_domains":    textListAttribute("Domains of the order that were not submitted for validation or not yet added to the account."),
			"additional_emails":      textListAttribute("Further addresses that get messages about the order."),
			"price":                  schema.NumberAttribute{Computed: true, MarkdownDescription: "Price of the order, in the currency of the account."},
			"is_out_of_contract":     boolAttribute("Whether the order lies outside the account's contract."),
			"payment_method":         textAttribute("How the order is paid, such as `balance`."),
			"product_name_id":        textAttribute("Identifier of the product, such as `ssl_plus`."),
			"disable_issuance_email": boolAttribute("Whether the message that the certificate was issued is switched off."),
			"cs_provisioning_method": textAttribute("How a code signing certificate is delivered."),
			"ship_info": objectAttribute("Where a hardware token is sent.", map[string]schema.Attribute{
				"name":    textAttribute("Name of the recipient."),
				"addr1":   textAttribute("First line of the address."),
				"addr2":   textAttribute("Second line of the address."),
				"city":    textAttribute("City."),
				"state":   textAttribute("State or province."),
				"zip":     textAttribute("Postal code."),
				"country": textAttribute("Country (ISO 3166 code)."),
				"method":  textAttribute("Shipping method."),
			}),
		}),
	}
}

// digicertContainerAttribute describes digicertContainerModel.
func digicertContainerAttribute() schema.Attribute {
	return objectAttribute("Container (division) of the order.", map[string]schema.Attribute{
		"id":        numberAttribute("Id of the container."),
		"name":      textAttribute("Name of the container."),
		"is_active": boolAttribute("Whether the container is active."),
	})
}

// digicertProductAttribute describes digicertProductModel.
func digicertProductAttribute() schema.Attribute {
	return objectAttribute("Product that was ordered.", map[string]schema.Attribute{
		"name_id":                textAttribute("Identifier of the product, such as `ssl_plus`."),
		"name":                   textAttribute("Name of the product."),
		"type":                   textAttribute("Type of the product, such as `ssl_certificate`."),
		"validation_type":        textAttribute("Identifier of the validation type, such as `ov`."),
		"validation_name":        textAttribute("Short name of the validation type."),
		"validation_description": textAttribute("Description of the validation type."),
	})
}

func (d *digicertRequestDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model digicertRequestModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	c, diags := d.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	id := model.RequestID.ValueInt64()
	request, err := c.Request(ctx, id)
	if err != nil {
		resp.Diagnostics.Append(readError(digicertRequestSubject(d.service, id), err))
		return
	}
	model.digicertRequestInfoModel = newDigicertRequestInfoModel(request)
	resp.Diagnostics.Append(setState(ctx, &resp.State, &model)...)
}

func digicertRequestSubject(s service, id int64) subject {
	return subject{service: s, noun: "DigiCert Request", what: "request", id: strconv.FormatInt(id, 10), attribute: "request_id"}
}

// newDigicertRequestInfoModel maps an answer into Terraform values.
func newDigicertRequestInfoModel(r *digicert.Request) digicertRequestInfoModel {
	return digicertRequestInfoModel{
		Date:             text(r.Date),
		Type:             text(r.Type),
		Status:           text(r.Status),
		DateProcessed:    text(r.DateProcessed),
		Requester:        object(r.Requester, newDigicertUserModel),
		Reviewer:         object(r.Reviewer, newDigicertUserModel),
		Processor:        object(r.Processor, newDigicertUserModel),
		ProcessorComment: text(r.ProcessorComment),
		Order:            object(r.Order, newDigicertRequestOrderModel),
		Comments:         text(r.Comments),
	}
}

func newDigicertUserModel(u *digicert.User) digicertUserModel {
	return digicertUserModel{ID: number(u.ID), FirstName: text(u.FirstName), LastName: text(u.LastName), Email: text(u.Email)}
}

func newDigicertRequestOrderModel(o *digicert.RequestOrder) digicertRequestOrderModel {
	return digicertRequestOrderModel{
		ID:                      number(o.ID),
		Certificate:             object(o.Certificate, newDigicertRequestCertificateModel),
		Status:                  text(o.Status),
		IsRenewal:               boolean(o.IsRenewal),
		RenewalOfOrderValidTill: text(o.RenewalOfOrderValidTill),
		DateCreated:             text(o.DateCreated),
		Organization:            object(o.Organization, newDigicertOrganizationModel),
		ValidityYears:           number(o.ValidityYears),
		OrderValidity: object(o.OrderValidity, func(v *digicert.OrderValidity) digicertOrderValidityModel {
			return digicertOrderValidityModel{Years: number(v.Years), Days: number(v.Days), CustomExpirationDate: text(v.CustomExpirationDate)}
		}),
		DisableRenewalNotifications: boolean(o.DisableRenewalNotifications),
		AutoRenew:                   boolean(o.AutoRenew),
		Container:                   object(o.Container, newDigicertContainerModel),
		Product:                     object(o.Product, newDigicertProductModel),
		OrganizationContact:         object(o.OrganizationContact, newDigicertContactModel),
		TechnicalContact:            object(o.TechnicalContact, newDigicertContactModel),
		User:                        object(o.User, newDigicertUserModel),
		Requests:                    list(o.Requests, newDigicertOrderRequestModel),
		UnsubmittedDomains:          texts(o.UnsubmittedDomains),
		AdditionalEmails:            texts(o.AdditionalEmails),
		Price:                       decimal(o.Price),
		IsOutOfContract:             boolean(o.IsOutOfContract),
		PaymentMethod:               text(o.PaymentMethod),
		ProductNameID:               text(o.ProductNameID),
		DisableIssuanceEmail:        boolean(o.DisableIssuanceEmail),
		CSProvisioningMethod:        text(o.CSProvisioningMethod),
		ShipInfo:                    object(o.ShipInfo, newDigicertShipInfoModel),
	}
}

func newDigicertRequestCertificateModel(c *digicert.RequestCertificate) digicertRequestCertificateModel {
	return digicertRequestCertificateModel{
		CommonName:  text(c.CommonName),
		DNSNames:    texts(c.DNSNames),
		Emails:      texts(c.Emails),
		DateCreated: text(c.DateCreated),
		CSR:         text(c.CSR),
		Organization: object(c.Organization, func(o *digicert.OrganizationLink) digicertOrganizationLinkModel {
			return digicertOrganizationLinkModel{ID: number(o.ID)}
		}),
		OrganizationUnits: texts(c.OrganizationUnits),
		ServerPlatform: object(c.ServerPlatform, func(p *digicert.ServerPlatform) digicertServerPlatformModel {
			return digicertServerPlatformModel{ID: number(p.ID), Name: text(p.Name), InstallURL: text(p.InstallURL), CSRURL: text(p.CSRURL)}
		}),
		SignatureHash: text(c.SignatureHash),
		KeySize:       number(c.KeySize),
		CACert: object(c.CACert, func(a *digicert.CACert) digicertCACertModel {
			return digicertCACertModel{ID: text(a.ID), Name: text(a.Name)}
		}),
	}
}

func newDigicertOrganizationModel(o *digicert.Organization) digicertOrganizationModel {
	return digicertOrganizationModel{
		ID:          number(o.ID),
		Name:        text(o.Name),
		AssumedName: text(o.AssumedName),
		DisplayName: text(o.DisplayName),
		City:        text(o.City),
		State:       text(o.State),
		Country:     text(o.Country),
	}
}

func newDigicertContainerModel(c *digicert.Container) digicertContainerModel {
	return digicertContainerModel{ID: number(c.ID), Name: text(c.Name), IsActive: boolean(c.IsActive)}
}

func newDigicertProductModel(p *digicert.Product) digicertProductModel {
	return digicertProductModel{
		NameID:                text(p.NameID),
		Name:                  text(p.Name),
		Type:                  text(p.Type),
		ValidationType:        text(p.ValidationType),
		ValidationName:        text(p.ValidationName),
		ValidationDescription: text(p.ValidationDescription),
	}
}

func newDigicertContactModel(c *digicert.OrderContact) digicertContactModel {
	return digicertContactModel{
		FirstName:          text(c.FirstName),
		LastName:           text(c.LastName),
		Email:              text(c.Email),
		JobTitle:           text(c.JobTitle),
		Telephone:          text(c.Telephone),
		TelephoneExtension: text(c.TelephoneExtension),
	}
}

func newDigicertOrderRequestModel(r *digicert.OrderRequest) digicertOrderRequestModel {
	return digicertOrderRequestModel{ID: number(r.ID), Date: text(r.Date), Type: text(r.Type), Status: text(r.Status), Comments: text(r.Comments)}
}

func newDigicertShipInfoModel(s *digicert.ShipInfo) digicertShipInfoModel {
	return digicertShipInfoModel{
		Name:    text(s.Name),
		Addr1:   text(s.Addr1),
		Addr2:   text(s.Addr2),
		City:    text(s.City),
		State:   text(s.State),
		Zip:     text(s.Zip),
		Country: text(s.Country),
		Method:  text(s.Method),
	}
}
