// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// newDomain reads GET /domain/{domain_id}, for a name after GET /domain.
// Source: https://dev.digicert.com/en/certcentral-apis/services-api/domains/domain-info.html
var newDomain = base.NewVendorSource("certops_digicert_domain", Vendor{}, domainSchema, readDomain,
	base.ExactlyOne{"domain_id", "name"})

type domainModel struct {
	DomainID types.String `tfsdk:"domain_id"`
	Name     types.String `tfsdk:"name"`
	base.TXTOwnerModel
	digicert.Domain
	base.DCVModel
}

func domainSchema() schema.Schema {
	attributes := domainAttributes()
	attributes["domain_id"] = schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: "Id of the domain, in digits. A number is accepted too. Exactly one of `domain_id` and `name` must be set.",
		Validators:          []validator.String{DomainID},
	}
	attributes["name"] = schema.StringAttribute{
		Optional: true,
		Computed: true,
		MarkdownDescription: "The domain's whole name, as the account has it, in any case and with or without trailing dot. It takes one more " +
			"request to the API than `domain_id`. A name that the account does not have is an error.",
		Validators: []validator.String{base.DomainValidator{}},
	}
	return schema.Schema{
		MarkdownDescription: "Reads a domain of the DigiCert account: how far its validations are, its DCV token, and the DNS record that " +
			"proves control of it.\n\n" +
			"A domain that is validated before any certificate is ordered for it is read here; the domains of an order are in " +
			"`certops_digicert_order_validation` too. A key restricted to \"View Only\" suffices.",
		Attributes: base.WithTXTOwner(base.WithDCV(attributes), dcv.TXTOwnerDNSAuth),
	}
}

// domainAttributes describes digicert.Domain without its id and its name.
func domainAttributes() map[string]schema.Attribute {
	const timestamp = " (ISO 8601 timestamp, UTC)"
	return map[string]schema.Attribute{
		"is_active":             base.BoolAttribute("Whether the domain is active in the account."),
		"status":                base.TextAttribute("Status of the domain. Deprecated by DigiCert; `validations` and `dcv_status` tell more."),
		"is_pending_validation": base.BoolAttribute("Whether a validation of the domain is pending."),
		"date_created":          base.TextAttribute("When the domain was added to the account" + timestamp + "."),
		"last_submitted_datetime": base.TextAttribute("When the domain was last submitted for validation" + timestamp + ". Null where the API " +
			"does not tell."),
		"domain_locking_status": base.TextAttribute("Status of the domain's lock, which keeps other accounts from ordering certificates for " +
			"it. Null where the account does not lock domains."),
		"account_token": base.TextAttribute("Token of the account for CAA records that lock a domain. It is public: a CAA record shows it. " +
			"Null where the account does not lock domains."),
		"container": containerAttribute("Container (division) of the domain."),
		"organization": base.ObjectAttribute("Organization the domain belongs to. Null when it belongs to none.", map[string]schema.Attribute{
			"id":           base.NumberAttribute("Id of the organization."),
			"status":       base.TextAttribute("Status of the organization."),
			"name":         base.TextAttribute("Legal name."),
			"assumed_name": base.TextAttribute("Assumed name."),
			"display_name": base.TextAttribute("Name as DigiCert shows it."),
			"is_active":    base.BoolAttribute("Whether the organization is active."),
		}),
		"dcv_method": base.TextAttribute("DCV method of the domain: `email`, `dns-txt-token`, `dns-cname-token`, `http-token` or " +
			"`http-token-dynamic`."),
		"dcv_approval_datetime":   base.TextAttribute("When control of the domain was last validated" + timestamp + ". Null before that."),
		"dcv_expiration_datetime": base.TextAttribute("When that validation ends" + timestamp + ". Null before that."),
		"dcv_expiration": base.ObjectAttribute("When that validation ends, by type of certificate.", map[string]schema.Attribute{
			"ov":                base.TextAttribute("For OV certificates (`YYYY-MM-DD`)."),
			"ev":                base.TextAttribute("For EV certificates (`YYYY-MM-DD`)."),
			"ov_status":         base.TextAttribute("Whether the validation can still be used for OV certificates, as the API says it."),
			"ev_status":         base.TextAttribute("Whether the validation can still be used for EV certificates, as the API says it."),
			"ov_shortened":      base.BoolAttribute("Whether a new industry rule made the validation end earlier for OV certificates."),
			"dcv_approval_date": base.TextAttribute("When control of the domain was last validated, as the API gives it."),
		}),
		"validations": base.ObjectListAttribute("Validations of the domain, in the API's order.", map[string]schema.Attribute{
			"type":            base.TextAttribute("Identifier of the validation type, such as `ov` or `ev`."),
			"name":            base.TextAttribute("Short name of the validation type."),
			"description":     base.TextAttribute("Description of the validation type."),
			"date_created":    base.TextAttribute("When the validation was begun" + timestamp + "."),
			"validated_until": base.TextAttribute("When the validation ends" + timestamp + ". Null while pending."),
			"status":          base.TextAttribute("Status of the validation, such as `pending`, `active` or `expired`."),
			"dcv_status":      base.TextAttribute("Status of its domain control validation, such as `pending` or `complete`."),
		}),
		"dcv_token": base.ObjectAttribute("The domain's DCV token. Null for e-mail validation and once the domain is validated.",
			dcvTokenAttributes()),
	}
}

func readDomain(ctx context.Context, c *digicert.Client, model *domainModel) diag.Diagnostics {
	target := base.Target{Service: Vendor{}, Noun: "DigiCert Domain", What: "domain", ID: model.DomainID.ValueString(), Attribute: "domain_id"}
	read := func() (*digicert.Domain, error) { return c.Domain(ctx, target.ID) }
	if model.DomainID.IsNull() {
		target.ID, target.Attribute = model.Name.ValueString(), "name"
		read = func() (*digicert.Domain, error) { return c.DomainByName(ctx, strings.TrimSuffix(target.ID, ".")) }
	}
	domain, err := read()
	if err != nil {
		return diag.Diagnostics{base.ReadError(target, err)}
	}
	// What the user wrote stays as written.
	if model.DomainID.IsNull() {
		model.DomainID = types.StringPointerValue(digicert.IDOf(domain))
	} else {
		model.Name = types.StringPointerValue(domain.Name.Ptr())
	}
	model.Domain = *domain
	order, err := digicert.DomainOrder(domain, model.Owner(dcv.TXTOwnerDNSAuth))
	if err != nil {
		return diag.Diagnostics{base.ReadError(target, err)}
	}
	diags := base.OrderDiagnostics(target, order)
	diags.Append(model.Set(ctx, target, order.Challenges, false)...)
	return diags
}
