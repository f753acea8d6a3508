// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"context"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// newOrderValidation reads GET /order/certificate/{order_id}/validation and, for token methods,
// GET /domain/{domain_id}.
// Source: https://dev.digicert.com/en/certcentral-apis/services-api/orders/validation-status.html
func newOrderValidation(typeName string) func() datasource.DataSource {
	return base.NewVendorSource(typeName, Vendor{}, orderValidationSchema, readOrderValidation)
}

type orderValidationModel struct {
	OrderID          types.String `tfsdk:"order_id"`
	IncludeDCVTokens types.Bool   `tfsdk:"include_dcv_tokens"`
	base.TXTOwnerModel
	validationModel
	base.DCVModel
}

// validationModel is what the API tells of an order's validation, with the tokens of its domains.
type validationModel struct {
	digicert.OrderValidation
	DNSNameValidations []dnsNameValidationModel `tfsdk:"dns_name_validations"`
}

type dnsNameValidationModel struct {
	digicert.DNSNameValidation
	DCVToken *digicert.DCVToken `tfsdk:"dcv_token"`
}

// idPattern is an id of DigiCert as text: digits, without a leading zero, at most 19 of them.
var idPattern = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// What validates the id of an order and of a domain.
var (
	OrderID  = base.TextValidator{Pattern: idPattern, Must: "the id of an order, in digits only"}
	DomainID = base.TextValidator{Pattern: idPattern, Must: "the id of a domain, in digits only"}
)

func orderValidationSchema() schema.Schema {
	attributes := validationAttributes()
	attributes["order_id"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Id of the order, in digits. A number is accepted too.",
		Validators:          []validator.String{OrderID},
	}
	attributes["include_dcv_tokens"] = schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether to read the DCV token of each open name that is validated by one, which takes one more request a domain. " +
			"Without them there are no `dns_records`. Default: `true`.",
	}
	return schema.Schema{
		MarkdownDescription: "Reads the validation status of a DigiCert certificate order, the DCV token of each domain, and the DNS records " +
			"that prove control of each domain.\n\n" +
			"A key restricted to \"View Only\" suffices. A key that may not see a domain of an open order is an error, since its record would be " +
			"missing; `include_dcv_tokens = false` reads the rest.",
		Attributes: base.WithTXTOwner(base.WithDCV(attributes), dcv.TXTOwnerDNSAuth),
	}
}

// validationAttributes describes validationModel.
func validationAttributes() map[string]schema.Attribute {
	const timestamp = " (ISO 8601 timestamp, UTC)"
	return map[string]schema.Attribute{
		"order_status": base.TextAttribute("Status of the order, such as `pending`, `needs_approval`, `processing`, `issued`, " +
			"`rejected`, `canceled`, `expired` or `reissue_pending`."),
		"order_name_scope": base.TextAttribute("Where the order's names are validated: `base_domain` or `fqdn`."),
		"order_dcv_method": base.TextAttribute("DCV method of the order: `email`, `dns-txt-token`, `dns-cname-token`, `http-token` or " +
			"`http-token-dynamic`."),
		"organization_id":   base.TextAttribute("Id of the organization."),
		"organization_name": base.TextAttribute("Name of the organization."),
		"organization_validations": base.ObjectListAttribute("Validations of the organization, in the API's order. Empty for DV orders.",
			map[string]schema.Attribute{
				"type":            base.TextAttribute("Identifier of the validation type, such as `ov` or `ev`."),
				"name":            base.TextAttribute("Short name of the validation type."),
				"description":     base.TextAttribute("Description of the validation type."),
				"date_created":    base.TextAttribute("When the validation was completed" + timestamp + ". Null while pending."),
				"validated_until": base.TextAttribute("When the validation ends" + timestamp + ". Null while pending."),
				"status":          base.TextAttribute("Status of the validation, such as `pending`, `active` or `complete`."),
				"verified_contacts": base.ObjectListAttribute("Verified contacts, in the API's order.", map[string]schema.Attribute{
					"user_id":    base.TextAttribute("Id of the contact's user; `0` without an account."),
					"name":       base.TextAttribute("Full name."),
					"first_name": base.TextAttribute("First name."),
					"last_name":  base.TextAttribute("Last name."),
					"job_title":  base.TextAttribute("Job title."),
					"telephone":  base.TextAttribute("Telephone number."),
					"email":      base.TextAttribute("E-mail address."),
					"status":     base.TextAttribute("Status of the contact."),
				}),
				"verification_details": schema.MapAttribute{
					Computed:    true,
					ElementType: types.StringType,
					MarkdownDescription: "Status of each part of the verification, by its name, such as `organization_type`, `organization_status`, " +
						"`address_verification`, `blacklist_fraud` or `request_authenticity`.",
				},
			}),
		"dns_name_validations": base.ObjectListAttribute("Domain control validations of the order, in the API's order. `dns_records` has them "+
			"ready for publishing.", map[string]schema.Attribute{
			"domain_id":      base.TextAttribute("Id of the domain."),
			"name_scope":     base.TextAttribute("The domain that is validated."),
			"approval_scope": base.TextAttribute("What the validation covers, such as `subdomains`."),
			"status":         base.TextAttribute("Status of the validation, such as `pending` or `approved`."),
			"method": base.TextAttribute("DCV method: `email`, `dns-txt-token`, `dns-cname-token`, `http-token` or " +
				"`http-token-dynamic`."),
			"dns_names":                base.TextListAttribute("Names on the certificate that this validation covers."),
			"approval_expiration_date": base.TextAttribute("When the validation ends" + timestamp + "."),
			"dcv_token": base.ObjectAttribute("The domain's DCV token. Null for e-mail validation, once the domain is validated, where the key "+
				"may not see the domain, and with `include_dcv_tokens = false`.",
				dcvTokenAttributes()),
		}),
	}
}

// dcvTokenAttributes describes digicert.DCVToken.
func dcvTokenAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"token":           base.TextAttribute("The token, verbatim. It is matched case-sensitively."),
		"status":          base.TextAttribute("Status of the token: `pending` or `active`."),
		"expiration_date": base.TextAttribute("When the token ends (ISO 8601 timestamp, UTC); 30 days after it was made."),
		"verification_value": base.TextAttribute("What the API calls the verification value. Informative only: its meaning changed in October " +
			"2025, and no record is built from it."),
		"http_token_url": base.TextAttribute("Where the token must be found, with the HTTP methods."),
	}
}

func readOrderValidation(ctx context.Context, c *digicert.Client, model *orderValidationModel) diag.Diagnostics {
	target := orderTarget(model.OrderID.ValueString())
	validation, err := c.OrderValidation(ctx, target.ID)
	if err != nil {
		return diag.Diagnostics{base.ReadError(target, err)}
	}
	now := time.Now()
	response := digicert.Response{Validation: validation}
	if base.Included(model.IncludeDCVTokens) {
		response = digicert.ReadDomains(ctx, c.Domain, validation, now)
	}
	order, err := response.Order(now, model.Owner(dcv.TXTOwnerDNSAuth))
	if err != nil {
		return diag.Diagnostics{base.ReadError(target, err)}
	}
	model.validationModel = newValidationModel(response)
	return model.SetOrder(ctx, target, order)
}

func orderTarget(id string) base.Target {
	return base.Target{Service: Vendor{}, Noun: "DigiCert Order Validation", What: "order", ID: id, Attribute: "order_id"}
}

// newValidationModel puts the tokens of the domains into the validations.
func newValidationModel(r digicert.Response) validationModel {
	model := validationModel{OrderValidation: *r.Validation}
	for i := range r.Validation.DNSNameValidations {
		v := &r.Validation.DNSNameValidations[i]
		model.DNSNameValidations = append(model.DNSNameValidations, dnsNameValidationModel{*v, r.Token(v)})
	}
	return model
}
