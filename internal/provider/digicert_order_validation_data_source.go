// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// newDigicertOrderValidationDataSource reads GET /order/certificate/{order_id}/validation and, for token methods,
// GET /domain/{domain_id}.
// Source: https://dev.digicert.com/en/certcentral-apis/services-api/orders/validation-status.html
func newDigicertOrderValidationDataSource(typeName string) func() datasource.DataSource {
	return vendorSource(typeName, digicertService{}, digicertOrderValidationSchema, readDigicertOrderValidation)
}

type digicertOrderValidationModel struct {
	OrderID          types.String `tfsdk:"order_id"`
	IncludeDCVTokens types.Bool   `tfsdk:"include_dcv_tokens"`
	txtOwnerModel
	digicertValidationModel
	dcvModel
}

// digicertValidationModel is what the API tells of an order's validation, with the tokens of its domains.
type digicertValidationModel struct {
	digicert.OrderValidation
	DNSNameValidations []digicertDNSNameValidationModel `tfsdk:"dns_name_validations"`
}

type digicertDNSNameValidationModel struct {
	digicert.DNSNameValidation
	DCVToken *digicert.DCVToken `tfsdk:"dcv_token"`
}

// idPattern is an id of DigiCert as text: digits, without a leading zero, at most 19 of them.
var idPattern = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

func digicertOrderValidationSchema() schema.Schema {
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
	return schema.Schema{
		MarkdownDescription: "Reads the validation status of a DigiCert certificate order, the DCV token of each domain, and the DNS records that prove control of each domain.\n\n" +
			"A key restricted to \"View Only\" suffices. A key that may not see a domain of an open order is an error, since its record would be missing; " +
			"`include_dcv_tokens = false` reads the rest.",
		Attributes: withTXTOwner(withDCV(attributes), dcv.TXTOwnerDNSAuth),
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

// digicertDCVTokenAttributes describes digicert.DCVToken.
func digicertDCVTokenAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"token":              textAttribute("The token, verbatim. It is matched case-sensitively."),
		"status":             textAttribute("Status of the token: `pending` or `active`."),
		"expiration_date":    textAttribute("When the token ends (ISO 8601 timestamp, UTC); 30 days after it was made."),
		"verification_value": textAttribute("What the API calls the verification value. Informative only: its meaning changed in October 2025, and no record is built from it."),
		"http_token_url":     textAttribute("Where the token must be found, with the HTTP methods."),
	}
}

func readDigicertOrderValidation(ctx context.Context, c *digicert.Client, model *digicertOrderValidationModel) diag.Diagnostics {
	target := digicertOrderTarget(digicertService{}, model.OrderID.ValueString())
	validation, err := c.OrderValidation(ctx, target.id)
	if err != nil {
		return diag.Diagnostics{readError(target, err)}
	}
	response := digicert.Response{Validation: validation}
	if included(model.IncludeDCVTokens) {
		response = digicert.ReadDomains(ctx, c.Domain, validation)
	}
	order, err := response.Order(time.Now(), model.owner(dcv.TXTOwnerDNSAuth))
	if err != nil {
		return diag.Diagnostics{readError(target, err)}
	}
	model.digicertValidationModel = newDigicertValidationModel(response)
	return model.setOrder(ctx, target, order)
}

func digicertOrderTarget(s service, id string) target {
	return target{service: s, noun: "DigiCert Order Validation", what: "order", id: id, attribute: "order_id"}
}

// newDigicertValidationModel puts the tokens of the domains into the validations.
func newDigicertValidationModel(r digicert.Response) digicertValidationModel {
	model := digicertValidationModel{OrderValidation: *r.Validation}
	for i := range r.Validation.DNSNameValidations {
		v := &r.Validation.DNSNameValidations[i]
		model.DNSNameValidations = append(model.DNSNameValidations, digicertDNSNameValidationModel{*v, r.Token(v)})
	}
	return model
}
