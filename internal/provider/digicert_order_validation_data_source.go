// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client/digicert"
)

var (
	_ datasource.DataSource              = (*digicertOrderValidationDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*digicertOrderValidationDataSource)(nil)
)

func newDigicertOrderValidationDataSource(typeName string) func() datasource.DataSource {
	return func() datasource.DataSource {
		return &digicertOrderValidationDataSource{vendorDataSource[*digicert.Client]{typeName: typeName, service: digicertService{}}}
	}
}

// digicertOrderValidationDataSource reads GET /order/certificate/{order_id}/validation and, for token methods, GET /domain/{domain_id}.
// Source: https://dev.digicert.com/en/certcentral-apis/services-api/orders/validation-status.html
type digicertOrderValidationDataSource struct {
	vendorDataSource[*digicert.Client]
}

type digicertOrderValidationModel struct {
	OrderID          types.String `tfsdk:"order_id"`
	IncludeDCVTokens types.Bool   `tfsdk:"include_dcv_tokens"`
	txtOwnerModel
	digicertValidationModel
	dcvModel
}

// digicertValidationModel is what the API tells of an order's validation, without the arguments and the records.
type digicertValidationModel struct {
	OrderStatus             types.String                          `tfsdk:"order_status"`
	OrderNameScope          types.String                          `tfsdk:"order_name_scope"`
	OrderDCVMethod          types.String                          `tfsdk:"order_dcv_method"`
	OrganizationID          types.String                          `tfsdk:"organization_id"`
	OrganizationName        types.String                          `tfsdk:"organization_name"`
	OrganizationValidations []digicertOrganizationValidationModel `tfsdk:"organization_validations"`
	DNSNameValidations      []digicertDNSNameValidationModel      `tfsdk:"dns_name_validations"`
}

type digicertOrganizationValidationModel struct {
	Type                types.String                   `tfsdk:"type"`
	Name                types.String                   `tfsdk:"name"`
	Description         types.String                   `tfsdk:"description"`
	DateCreated         types.String                   `tfsdk:"date_created"`
	ValidatedUntil      types.String                   `tfsdk:"validated_until"`
	Status              types.String                   `tfsdk:"status"`
	VerifiedContacts    []digicertVerifiedContactModel `tfsdk:"verified_contacts"`
	VerificationDetails map[string]types.String        `tfsdk:"verification_details"`
}

type digicertVerifiedContactModel struct {
	UserID    types.String `tfsdk:"user_id"`
	Name      types.String `tfsdk:"name"`
	FirstName types.String `tfsdk:"first_name"`
	LastName  types.String `tfsdk:"last_name"`
	JobTitle  types.String `tfsdk:"job_title"`
	Telephone types.String `tfsdk:"telephone"`
	Email     types.String `tfsdk:"email"`
	Status    types.String `tfsdk:"status"`
}

type digicertDNSNameValidationModel struct {
	DomainID               types.String           `tfsdk:"domain_id"`
	NameScope              types.String           `tfsdk:"name_scope"`
	ApprovalScope          types.String           `tfsdk:"approval_scope"`
	Status                 types.String           `tfsdk:"status"`
	Method                 types.String           `tfsdk:"method"`
	DNSNames               []string               `tfsdk:"dns_names"`
	ApprovalExpirationDate types.String           `tfsdk:"approval_expiration_date"`
	DCVToken               *digicertDCVTokenModel `tfsdk:"dcv_token"`
}

type digicertDCVTokenModel struct {
	Token             types.String `tfsdk:"token"`
	Status            types.String `tfsdk:"status"`
	ExpirationDate    types.String `tfsdk:"expiration_date"`
	VerificationValue types.String `tfsdk:"verification_value"`
	HTTPTokenURL      types.String `tfsdk:"http_token_url"`
}

// idPattern is an id of DigiCert as text: digits, without a leading zero, at most 19 of them.
var idPattern = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

func (d *digicertOrderValidationDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := digicertValidationAttributes()
	attributes["order_id"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Id of the order, in digits. A number is accepted too.",
		Validators:          []validator.String{stringvalidator.RegexMatches(idPattern, "must be the id of an order, in digits only")},
	}
	attributes["include_dcv_tokens"] = schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether to read the DCV token of each domain that is validated by one, which takes one more request a domain. " +
			"Without them there are no `dns_records`. Default: `true`.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the validation status of a DigiCert certificate order, the DCV token of each domain, and the DNS records that prove control of each domain.\n\n" +
			"A key restricted to \"View Only\" suffices. A key that may not see a domain of an open order is an error, since its record would be missing; " +
			"`include_dcv_tokens = false` reads the rest.",
		Attributes: withTXTOwner(withDCV(attributes), txtOwnerDNSAuth),
	}
}

// digicertValidationAttributes describes digicertValidationModel.
func digicertValidationAttributes() map[string]schema.Attribute {
	const timestamp = " (ISO 8601 timestamp, UTC)"
	return map[string]schema.Attribute{
		"order_status":      textAttribute("Status of the order, such as `pending`, `needs_approval`, `processing`, `issued`, `rejected`, `canceled`, `expired` or `reissue_pending`."),
		"order_name_scope":  textAttribute("Where the order's names are validated: `base_domain` or `fqdn`."),
		"order_dcv_method":  textAttribute("DCV method of the order: `email`, `dns-txt-token`, `dns-cname-token`, `http-token` or `http-token-dynamic`."),
		"organization_id":   textAttribute("Id of the organization."),
		"organization_name": textAttribute("Name of the organization."),
		"organization_validations": objectListAttribute("Validations of the organization, in the API's order. Empty for DV orders.", map[string]schema.Attribute{
			"type":            textAttribute("Identifier of the validation type, such as `ov` or `ev`."),
			"name":            textAttribute("Short name of the validation type."),
			"description":     textAttribute("Description of the validation type."),
			"date_created":    textAttribute("When the validation was completed" + timestamp + ". Null while pending."),
			"validated_until": textAttribute("When the validation ends" + timestamp + ". Null while pending."),
			"status":          textAttribute("Status of the validation, such as `pending`, `active` or `complete`."),
			"verified_contacts": objectListAttribute("Verified contacts, in the API's order.", map[string]schema.Attribute{
				"user_id":    textAttribute("Id of the contact's user; `0` without an account."),
				"name":       textAttribute("Full name."),
				"first_name": textAttribute("First name."),
				"last_name":  textAttribute("Last name."),
				"job_title":  textAttribute("Job title."),
				"telephone":  textAttribute("Telephone number."),
				"email":      textAttribute("E-mail address."),
				"status":     textAttribute("Status of the contact."),
			}),
			"verification_details": schema.MapAttribute{
				Computed:    true,
				ElementType: types.StringType,
				MarkdownDescription: "Status of each part of the verification, by its name, such as `organization_type`, `organization_status`, `address_verification`, " +
					"`blacklist_fraud` or `request_authenticity`.",
			},
		}),
		"dns_name_validations": objectListAttribute("Domain control validations of the order, in the API's order. `dns_records` has them ready for publishing.", map[string]schema.Attribute{
			"domain_id":                textAttribute("Id of the domain."),
			"name_scope":               textAttribute("The domain that is validated."),
			"approval_scope":           textAttribute("What the validation covers, such as `subdomains`."),
			"status":                   textAttribute("Status of the validation, such as `pending` or `approved`."),
			"method":                   textAttribute("DCV method: `email`, `dns-txt-token`, `dns-cname-token`, `http-token` or `http-token-dynamic`."),
			"dns_names":                textListAttribute("Names on the certificate that this validation covers."),
			"approval_expiration_date": textAttribute("When the validation ends" + timestamp + "."),
			"dcv_token": objectAttribute("The domain's DCV token. Null for e-mail validation, once the domain is validated, where the key may not see the domain, and with `include_dcv_tokens = false`.",
				digicertDCVTokenAttributes()),
		}),
	}
}

// digicertDCVTokenAttributes describes digicertDCVTokenModel.
func digicertDCVTokenAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"token":              textAttribute("The token, verbatim. It is matched case-sensitively."),
		"status":             textAttribute("Status of the token: `pending` or `active`."),
		"expiration_date":    textAttribute("When the token ends (ISO 8601 timestamp, UTC); 30 days after it was made."),
		"verification_value": textAttribute("What the API calls the verification value. Informative only: its meaning changed in October 2025, and no record is built from it."),
		"http_token_url":     textAttribute("Where the token must be found, with the HTTP methods."),
	}
}

func (d *digicertOrderValidationDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model digicertOrderValidationModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	c, diags := d.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	subject := digicertOrderSubject(d.service, model.OrderID.ValueString())
	validation, err := c.OrderValidation(ctx, subject.id)
	if err != nil {
		resp.Diagnostics.Append(readError(subject, err))
		return
	}
	response := digicertResponse{validation: validation}
	if included(model.IncludeDCVTokens) {
		response = readDigicertDomains(ctx, c.Domain, validation)
	}
	order, err := response.order(d.data.clock.now(), model.owner(txtOwnerDNSAuth))
	if err != nil {
		resp.Diagnostics.Append(readError(subject, err))
		return
	}
	model.digicertValidationModel = newDigicertValidationModel(response)
	resp.Diagnostics.Append(model.setOrder(ctx, subject, order)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(setState(ctx, &resp.State, &model)...)
}

func digicertOrderSubject(s service, id string) subject {
	return subject{service: s, noun: "DigiCert Order Validation", what: "order", id: id, attribute: "order_id"}
}

// newDigicertValidationModel maps a response into Terraform values.
func newDigicertValidationModel(r digicertResponse) digicertValidationModel {
	v := r.validation
	return digicertValidationModel{
		OrderStatus:             text(v.OrderStatus),
		OrderNameScope:          text(v.OrderNameScope),
		OrderDCVMethod:          text(v.OrderDCVMethod),
		OrganizationID:          text(v.OrganizationID),
		OrganizationName:        text(v.OrganizationName),
		OrganizationValidations: list(v.OrganizationValidations, newDigicertOrganizationValidationModel),
		DNSNameValidations: list(v.DNSNameValidations, func(v *digicert.DNSNameValidation) digicertDNSNameValidationModel {
			return newDigicertDNSNameValidationModel(v, r.token(v))
		}),
	}
}

func newDigicertOrganizationValidationModel(v *digicert.OrganizationValidation) digicertOrganizationValidationModel {
	return digicertOrganizationValidationModel{
		Type:                text(v.Type),
		Name:                text(v.Name),
		Description:         text(v.Description),
		DateCreated:         text(v.DateCreated),
		ValidatedUntil:      text(v.ValidatedUntil),
		Status:              text(v.Status),
		VerifiedContacts:    list(v.VerifiedContacts, newDigicertVerifiedContactModel),
		VerificationDetails: textMap(v.VerificationDetails),
	}
}

func newDigicertVerifiedContactModel(c *digicert.VerifiedContact) digicertVerifiedContactModel {
	return digicertVerifiedContactModel{
		UserID:    text(c.UserID),
		Name:      text(c.Name),
		FirstName: text(c.FirstName),
		LastName:  text(c.LastName),
		JobTitle:  text(c.JobTitle),
		Telephone: text(c.Telephone),
		Email:     text(c.Email),
		Status:    text(c.Status),
	}
}

func newDigicertDNSNameValidationModel(v *digicert.DNSNameValidation, token *digicert.DCVToken) digicertDNSNameValidationModel {
	return digicertDNSNameValidationModel{
		DomainID:               text(v.DomainID),
		NameScope:              text(v.NameScope),
		ApprovalScope:          text(v.ApprovalScope),
		Status:                 text(v.Status),
		Method:                 text(v.Method),
		DNSNames:               texts(v.DNSNames),
		ApprovalExpirationDate: text(v.ApprovalExpirationDate),
		DCVToken:               object(token, newDigicertDCVTokenModel),
	}
}

func newDigicertDCVTokenModel(t *digicert.DCVToken) digicertDCVTokenModel {
	return digicertDCVTokenModel{
		Token:             text(t.Token),
		Status:            text(t.Status),
		ExpirationDate:    text(t.ExpirationDate),
		VerificationValue: text(t.VerificationValue),
		HTTPTokenURL:      text(t.HTTPTokenURL),
	}
}
