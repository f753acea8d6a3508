// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

var (
	_ datasource.DataSource                     = (*digicertDomainDataSource)(nil)
	_ datasource.DataSourceWithConfigure        = (*digicertDomainDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*digicertDomainDataSource)(nil)
)

func newDigicertDomainDataSource() datasource.DataSource {
	return &digicertDomainDataSource{vendorDataSource[*digicert.Client]{typeName: "certops_digicert_domain", service: digicertService{}}}
}

// digicertDomainDataSource reads GET /domain/{domain_id}, for a name after GET /domain.
// Source: https://dev.digicert.com/en/certcentral-apis/services-api/domains/domain-info.html
type digicertDomainDataSource struct {
	vendorDataSource[*digicert.Client]
}

type digicertDomainModel struct {
	DomainID types.String `tfsdk:"domain_id"`
	Name     types.String `tfsdk:"name"`
	txtOwnerModel
	digicertDomainInfoModel
	dcvModel
}

// digicertDomainInfoModel is what the API tells of a domain, without the arguments and the records.
type digicertDomainInfoModel struct {
	IsActive              types.Bool                       `tfsdk:"is_active"`
	Status                types.String                     `tfsdk:"status"`
	DateCreated           types.String                     `tfsdk:"date_created"`
	Organization          *digicertDomainOrganizationModel `tfsdk:"organization"`
	DCVMethod             types.String                     `tfsdk:"dcv_method"`
	DCVApprovalDatetime   types.String                     `tfsdk:"dcv_approval_datetime"`
	DCVExpirationDatetime types.String                     `tfsdk:"dcv_expiration_datetime"`
	DCVExpiration         *digicertDCVExpirationModel      `tfsdk:"dcv_expiration"`
	Validations           []digicertDomainValidationModel  `tfsdk:"validations"`
	DCVToken              *digicertDCVTokenModel           `tfsdk:"dcv_token"`
}

type digicertDomainOrganizationModel struct {
	ID          types.Int64  `tfsdk:"id"`
	Status      types.String `tfsdk:"status"`
	Name        types.String `tfsdk:"name"`
	AssumedName types.String `tfsdk:"assumed_name"`
	DisplayName types.String `tfsdk:"display_name"`
	IsActive    types.Bool   `tfsdk:"is_active"`
}

type digicertDCVExpirationModel struct {
	OV types.String `tfsdk:"ov"`
	EV types.String `tfsdk:"ev"`
}

type digicertDomainValidationModel struct {
	Type           types.String `tfsdk:"type"`
	Name           types.String `tfsdk:"name"`
	Description    types.String `tfsdk:"description"`
	DateCreated    types.String `tfsdk:"date_created"`
	ValidatedUntil types.String `tfsdk:"validated_until"`
	Status         types.String `tfsdk:"status"`
	DCVStatus      types.String `tfsdk:"dcv_status"`
}

func (d *digicertDomainDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
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
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads a domain of the DigiCert account: how far its validations are, its DCV token, and the DNS record that proves control of it.\n\n" +
			"A domain that is validated before any certificate is ordered for it is read here; the domains of an order are in `certops_digicert_order_validation` too. " +
			"A key restricted to \"View Only\" suffices.",
		Attributes: withTXTOwner(withDCV(attributes), txtOwnerDNSAuth),
	}
}

// digicertDomainAttributes describes digicertDomainInfoModel.
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

// ConfigValidators refuses a configuration that names no domain, or names it twice.
func (d *digicertDomainDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("domain_id"), path.MatchRoot("name"))}
}

func (d *digicertDomainDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model digicertDomainModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	c, diags := d.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	subject := subject{service: d.service, noun: "DigiCert Domain", what: "domain", id: model.DomainID.ValueString(), attribute: "domain_id"}
	read := func() (*digicert.Domain, error) { return c.Domain(ctx, subject.id) }
	if model.DomainID.IsNull() {
		subject.id, subject.attribute = model.Name.ValueString(), "name"
		read = func() (*digicert.Domain, error) { return c.DomainByName(ctx, strings.TrimSuffix(subject.id, ".")) }
	}
	domain, err := read()
	if err != nil {
		resp.Diagnostics.Append(readError(subject, err))
		return
	}
	// What the user wrote stays as written.
	if model.DomainID.IsNull() {
		model.DomainID = types.StringPointerValue(digicertID(domain))
	} else {
		model.Name = text(domain.Name)
	}
	model.digicertDomainInfoModel = newDigicertDomainInfoModel(domain)
	resp.Diagnostics.Append(model.set(ctx, subject, digicertDomainChallenges(domain, model.owner(txtOwnerDNSAuth)), false)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(setState(ctx, &resp.State, &model)...)
}

// digicertID is the domain's id as text, like everywhere where a configuration takes it.
func digicertID(domain *digicert.Domain) *string {
	if domain.ID == nil {
		return nil
	}
	id := domain.ID.String()
	return &id
}

// digicertDomainChallenges puts a domain into vendor-neutral words. It has one challenge for each type of validation, all
// with the same record, so that the least advanced type tells where the domain stands.
func digicertDomainChallenges(domain *digicert.Domain, txtOwner string) []dcv.Challenge {
	if domain.Name == nil {
		return nil
	}
	challenge := dcv.Challenge{
		Domain:         domain.Name.String(),
		Method:         domain.DCVMethod.Ptr(),
		Channel:        digicertChannel(domain.DCVMethod.Ptr()),
		ValidatedUntil: domain.DCVExpirationDatetime.Ptr(),
		Publish:        digicertPublication(domain.DCVMethod.Ptr(), domain.Name.String(), domain.DCVToken, txtOwner),
	}
	var challenges []dcv.Challenge
	for _, validation := range domain.Validations {
		if validation.DCVStatus != nil {
			challenge.Status = digicertDCVStatus(validation.DCVStatus.String())
			challenges = append(challenges, challenge)
		}
	}
	if len(challenges) > 0 {
		return challenges
	}
	switch {
	case domain.DCVToken != nil:
		challenge.Status = dcv.StatusPending
	case domain.DCVApprovalDatetime != nil:
		challenge.Status = dcv.StatusValidated
	}
	return []dcv.Challenge{challenge}
}

// newDigicertDomainInfoModel maps an answer into Terraform values.
func newDigicertDomainInfoModel(domain *digicert.Domain) digicertDomainInfoModel {
	return digicertDomainInfoModel{
		IsActive:    boolean(domain.IsActive),
		Status:      text(domain.Status),
		DateCreated: text(domain.DateCreated),
		Organization: object(domain.Organization, func(o *digicert.DomainOrganization) digicertDomainOrganizationModel {
			return digicertDomainOrganizationModel{
				ID:          number(o.ID),
				Status:      text(o.Status),
				Name:        text(o.Name),
				AssumedName: text(o.AssumedName),
				DisplayName: text(o.DisplayName),
				IsActive:    boolean(o.IsActive),
			}
		}),
		DCVMethod:             text(domain.DCVMethod),
		DCVApprovalDatetime:   text(domain.DCVApprovalDatetime),
		DCVExpirationDatetime: text(domain.DCVExpirationDatetime),
		DCVExpiration: object(domain.DCVExpiration, func(e *digicert.DCVExpiration) digicertDCVExpirationModel {
			return digicertDCVExpirationModel{OV: text(e.OV), EV: text(e.EV)}
		}),
		Validations: list(domain.Validations, func(v *digicert.DomainValidation) digicertDomainValidationModel {
			return digicertDomainValidationModel{
				Type:           text(v.Type),
				Name:           text(v.Name),
				Description:    text(v.Description),
				DateCreated:    text(v.DateCreated),
				ValidatedUntil: text(v.ValidatedUntil),
				Status:         text(v.Status),
				DCVStatus:      text(v.DCVStatus),
			}
		}),
		DCVToken: object(domain.DCVToken, newDigicertDCVTokenModel),
	}
}
