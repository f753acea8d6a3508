// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// newDigicertDomainDataSource reads GET /domain/{domain_id}, for a name after GET /domain.
// Source: https://dev.digicert.com/en/certcentral-apis/services-api/domains/domain-info.html
var newDigicertDomainDataSource = vendorSource("certops_digicert_domain", digicertService{}, digicertDomainSchema, readDigicertDomain,
	datasourcevalidator.ExactlyOneOf(path.MatchRoot("domain_id"), path.MatchRoot("name")))

type digicertDomainModel struct {
	DomainID types.String `tfsdk:"domain_id"`
	Name     types.String `tfsdk:"name"`
	txtOwnerModel
	digicert.Domain
	dcvModel
}

func digicertDomainSchema() schema.Schema {
	attributes := digicertDomainAttributes()
	attributes["domain_id"] = schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: "Id of the domain, in digits. A number is accepted too. Exactly one of `domain_id` and `name` must be set.",
		Validators:          []validator.String{stringvalidator.RegexMatches(idPattern, "must be the id of a domain, in digits only")},
	}
	attributes["name"] = schema.StringAttribute{
		Optional: true,
		Computed: true,
		MarkdownDescription: "The domain's whole name, as the account has it, in any case and with or without trailing dot. It takes one more request to the API than `domain_id`. " +
			"A name that the account does not have is an error.",
		Validators: []validator.String{domainValidator{}},
	}
	return schema.Schema{
		MarkdownDescription: "Reads a domain of the DigiCert account: how far its validations are, its DCV token, and the DNS record that proves control of it.\n\n" +
			"A domain that is validated before any certificate is ordered for it is read here; the domains of an order are in `certops_digicert_order_validation` too. " +
			"A key restricted to \"View Only\" suffices.",
		Attributes: withTXTOwner(withDCV(attributes), dcv.TXTOwnerDNSAuth),
	}
}

// digicertDomainAttributes describes digicert.Domain without its id and its name.
func digicertDomainAttributes() map[string]schema.Attribute {
	const timestamp = " (ISO 8601 timestamp, UTC)"
	return map[string]schema.Attribute{
		"is_active":    boolAttribute("Whether the domain is active in the account."),
		"status":       textAttribute("Status of the domain. Deprecated by DigiCert; `validations` and `dcv_status` tell more."),
		"date_created": textAttribute("When the domain was added to the account" + timestamp + "."),
		"organization": objectAttribute("Organization the domain belongs to. Null when it belongs to none.", map[string]schema.Attribute{
			"id":           numberAttribute("Id of the organization."),
			"status":       textAttribute("Status of the organization."),
			"name":         textAttribute("Legal name."),
			"assumed_name": textAttribute("Assumed name."),
			"display_name": textAttribute("Name as DigiCert shows it."),
			"is_active":    boolAttribute("Whether the organization is active."),
		}),
		"dcv_method":              textAttribute("DCV method of the domain: `email`, `dns-txt-token`, `dns-cname-token`, `http-token` or `http-token-dynamic`."),
		"dcv_approval_datetime":   textAttribute("When control of the domain was last validated" + timestamp + ". Null before that."),
		"dcv_expiration_datetime": textAttribute("When that validation ends" + timestamp + ". Null before that."),
		"dcv_expiration": objectAttribute("When that validation ends, by type of certificate.", map[string]schema.Attribute{
			"ov": textAttribute("For OV certificates (`YYYY-MM-DD`)."),
			"ev": textAttribute("For EV certificates (`YYYY-MM-DD`)."),
		}),
		"validations": objectListAttribute("Validations of the domain, in the API's order.", map[string]schema.Attribute{
			"type":            textAttribute("Identifier of the validation type, such as `ov` or `ev`."),
			"name":            textAttribute("Short name of the validation type."),
			"description":     textAttribute("Description of the validation type."),
			"date_created":    textAttribute("When the validation was begun" + timestamp + "."),
			"validated_until": textAttribute("When the validation ends" + timestamp + ". Null while pending."),
			"status":          textAttribute("Status of the validation, such as `pending`, `active` or `expired`."),
			"dcv_status":      textAttribute("Status of its domain control validation, such as `pending` or `complete`."),
		}),
		"dcv_token": objectAttribute("The domain's DCV token. Null for e-mail validation and once the domain is validated.", digicertDCVTokenAttributes()),
	}
}

func readDigicertDomain(ctx context.Context, c *digicert.Client, model *digicertDomainModel) diag.Diagnostics {
	target := target{service: digicertService{}, noun: "DigiCert Domain", what: "domain", id: model.DomainID.ValueString(), attribute: "domain_id"}
	read := func() (*digicert.Domain, error) { return c.Domain(ctx, target.id) }
	if model.DomainID.IsNull() {
		target.id, target.attribute = model.Name.ValueString(), "name"
		read = func() (*digicert.Domain, error) { return c.DomainByName(ctx, strings.TrimSuffix(target.id, ".")) }
	}
	domain, err := read()
	if err != nil {
		return diag.Diagnostics{readError(target, err)}
	}
	// What the user wrote stays as written.
	if model.DomainID.IsNull() {
		model.DomainID = types.StringPointerValue(digicert.IDOf(domain))
	} else {
		model.Name = types.StringPointerValue(domain.Name.Ptr())
	}
	model.Domain = *domain
	return model.set(ctx, target, digicert.DomainChallenges(domain, model.owner(dcv.TXTOwnerDNSAuth)), false)
}
