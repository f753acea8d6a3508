// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package writeactions

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/provider/digicert"
)

var (
	_ action.ActionWithConfigure      = (*checkNow)(nil)
	_ action.ActionWithValidateConfig = (*checkNow)(nil)
)

// checkNow has a vendor look for records at once.
type checkNow struct {
	base.Action
}

func newCheckNow() action.Action {
	return &checkNow{base.Action{TypeName: "certops_check_now"}}
}

type checkNowModel struct {
	ProcessID        types.Int64  `tfsdk:"process_id"`
	DigiCertOrderID  types.String `tfsdk:"digicert_order_id"`
	DigiCertDomainID types.String `tfsdk:"digicert_domain_id"`
	CPSCertificateID types.Int64  `tfsdk:"cps_certificate_id"`
	Domains          types.List   `tfsdk:"domains"`
	FailOnPending    types.Bool   `tfsdk:"fail_on_pending"`
	FailOnError      types.Bool   `tfsdk:"fail_on_error"`
}

// The arguments of which exactly one is set.
const (
	argumentProcess = "process_id"
	argumentOrder   = "digicert_order_id"
	argumentDomain  = "digicert_domain_id"
)

// Schema implements action.Action.
func (*checkNow) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	exactly := fmt.Sprintf(" Exactly one of `%s`, `%s` and `%s` is set.", argumentProcess, argumentOrder, argumentDomain)
	resp.Schema = schema.Schema{
		MarkdownDescription: "Asks the vendor to look for the records at once, and reports what the certificate authority said of each name. " +
			"**It writes at the vendor**, and does so only when you invoke it or trigger it.\n\n" +
			"Without it, certificate authorities look by their own schedule, which can take hours. The action asks for names that are not " +
			"validated yet. When there is none, it sends no request that writes. A check of a DigiCert order can end in the issuance of the " +
			"certificate.",
		Attributes: map[string]schema.Attribute{
			argumentProcess: schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "Id of the Realtime Register process that orders the certificate. The process must allow it: its " +
					"`resume_types` contain `RESEND`." + exactly,
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
			argumentOrder: schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Id of the DigiCert order, in digits. A number is accepted too." + exactly,
				Validators:          []validator.String{digicert.OrderID},
			},
			argumentDomain: schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Id of the DigiCert domain, in digits. A number is accepted too." + exactly,
				Validators:          []validator.String{digicert.DomainID},
			},
			"cps_certificate_id": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "Always an error that says why: there is no such request for CPS. Its certificate authority looks by its " +
					"own schedule only.",
			},
			"domains": schema.ListAttribute{
				Optional:    true,
				ElementType: types.StringType,
				MarkdownDescription: "Names to check, as ordered; the others are neither asked for nor reported. A name that the order does not " +
					"have is an error, unless the order is issued: then it may list only some of its names. Default: every name. " +
					"Not with `" + argumentDomain + "`, which is one name.",
				Validators: []validator.List{base.DomainValidator{IP: true}},
			},
			"fail_on_pending": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether a name that is not validated after the check is an error. The error has the authority's reason for " +
					"each name, beside what DNS responds. When the check itself fails, `fail_on_error` alone decides: with `false` there is no error, " +
					"and a name may still be open. Default: `false`, the action reports and succeeds.",
			},
			"fail_on_error": failOnError("a check", "Terraform goes on with what waits for the action, such as certops_dcv_validation"),
		},
	}
}

// ValidateConfig implements action.ActionWithValidateConfig.
func (*checkNow) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	var model checkNowModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if base.Known(model.CPSCertificateID) {
		resp.Diagnostics.AddAttributeError(path.Root("cps_certificate_id"), "CPS Cannot Look at Once",
			"There is no request by which certops can have the certificate authority of CPS look for records at once: the authority looks by "+
				"its own schedule, for a week. Publish the records and wait, for instance with certops_dcv_validation. The action "+
				"certops_dns_check tells whether the records are right.")
		return
	}
	resp.Diagnostics.Append(base.ExactlyOne{argumentProcess, argumentOrder, argumentDomain}.Check(ctx, req.Config)...)
	if base.Known(model.Domains) && base.Known(model.DigiCertDomainID) {
		resp.Diagnostics.AddAttributeError(path.Root("domains"), "Invalid Combination of Arguments",
			"A DigiCert domain is one name. Remove `domains`, or use `"+argumentOrder+"`.")
	}
}

// Invoke implements action.Action.
func (a *checkNow) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var model checkNowModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	l, diags := a.looker(model)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	l.progress = newProgress(resp, l.path, model.FailOnError)
	l.failOnPending = model.FailOnPending.ValueBool()
	if !model.Domains.IsNull() {
		l.domains = base.TextElements(model.Domains)
	}
	resp.Diagnostics.Append(l.clean(l.run(ctx))...)
}
