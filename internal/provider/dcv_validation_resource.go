// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/waiter"
)

var (
	_ resource.Resource                     = (*dcvValidationResource)(nil)
	_ resource.ResourceWithConfigure        = (*dcvValidationResource)(nil)
	_ resource.ResourceWithConfigValidators = (*dcvValidationResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*dcvValidationResource)(nil)
	_ resource.ResourceWithImportState      = (*dcvValidationResource)(nil)
)

const (
	defaultValidationTimeout = 45 * time.Minute
	defaultPollInterval      = 30 * time.Second
)

// dcvValidationResource stands for the fact that an order is validated. Creating it waits for that; it calls no write endpoint.
type dcvValidationResource struct {
	vendors []base.Vendor
	data    *base.Data
}

// dcvValidationModel is the resource without the vendors' id arguments, which the list of services gives.
type dcvValidationModel struct {
	recordFQDNs      types.Set
	pollInterval     types.String
	createTimeout    types.String
	status           types.String
	validatedUntil   types.String
	validatedDomains types.List
	dcvStatus        types.Map
}

func (r *dcvValidationResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_dcv_validation"
}

func (r *dcvValidationResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"record_fqdns": schema.SetAttribute{
			Optional:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Owner names of the DNS resources that publish the records, with or without trailing dot. They make the waiting " +
				"start after the publishing, and a record that the order needs and that is missing here is an error before any waiting. Without it " +
				"nothing is checked.",
			Validators: []validator.Set{base.DomainValidator{}},
		},
		"poll_interval": schema.StringAttribute{
			Optional: true,
			Computed: true,
			Default:  stringdefault.StaticString(defaultPollInterval.String()),
			MarkdownDescription: "Pause before the second look at the order, as a Go duration. Each interval after that is 1.5 times longer than " +
				"the one before, up to five minutes. Default: `" + defaultPollInterval.String() + "`.",
			Validators: []validator.String{base.DurationValidator{}},
		},
		"timeouts": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How long to wait.",
			Attributes: map[string]schema.Attribute{
				"create": schema.StringAttribute{
					Optional: true,
					MarkdownDescription: fmt.Sprintf("How long to wait for the validation, as a Go duration. It holds as well when a change of "+
						"`record_fqdns` makes the resource wait again. Default: `%s`.",
						strings.TrimSuffix(defaultValidationTimeout.String(), "0s")),
					Validators: []validator.String{base.DurationValidator{}},
				},
			},
		},
		"status": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "`validated`: the resource exists only while that holds.",
		},
		"validated_until": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "When the first of the validations ends, as the vendor gives it; null when the vendor does not tell.",
		},
		"validated_domains": schema.ListAttribute{
			Computed:            true,
			ElementType:         types.StringType,
			MarkdownDescription: "The validated names, as ordered, sorted.",
		},
		"dcv_status": schema.MapAttribute{
			Computed:            true,
			ElementType:         base.DCVStatusType,
			MarkdownDescription: "As it was when the waiting ended. " + base.DCVStatusDescription,
		},
	}
	for _, s := range r.vendors {
		attributes[s.Order().Argument] = r.orderArgument(s)
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Waits until every name of an order is validated, and says why if that does not happen.\n\n" +
			"Creating it reads the order again and again until the certificate authority has validated each name. On time-out, or when a " +
			"validation fails, the error tells for each open name its status, the record that was expected, what DNS responds, which servers " +
			"were asked and when the token ends. Refreshing leaves it alone while the validation holds, also while the certificate renews, and " +
			"drops it from the state when it no longer does, so that the next apply waits again. A name that the vendor calls pending again " +
			"keeps its validation until the day in `validated_until`; without such a day it has lapsed. Destroying it changes nothing anywhere. " +
			"It never calls a write endpoint of a vendor.\n\n" +
			"Each look is logged; `TF_LOG_PROVIDER=INFO` shows them.",
		Attributes: attributes,
	}
}

// orderArgument is the argument that takes the id of a vendor's order.
func (r *dcvValidationResource) orderArgument(s base.Vendor) schema.Attribute {
	var others []string
	for _, other := range r.vendors {
		if other.Name() != s.Name() {
			others = append(others, "`"+other.Order().Argument+"`")
		}
	}
	description := s.Order().Description + " Exactly one of this and " + strings.Join(others, ", ") + " is set. Changing it waits anew."
	if s.Order().Pattern != nil {
		return schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: description,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			Validators:          []validator.String{base.TextValidator{Pattern: s.Order().Pattern, Must: s.Order().Form}},
		}
	}
	return schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: description,
		PlanModifiers:       []planmodifier.Int64{int64planmodifier.RequiresReplace()},
		Validators:          []validator.Int64{int64validator.AtLeast(1)},
	}
}

func (r *dcvValidationResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	var arguments []path.Expression
	for _, s := range r.vendors {
		arguments = append(arguments, path.MatchRoot(s.Order().Argument))
	}
	return []resource.ConfigValidator{resourcevalidator.ExactlyOneOf(arguments...)}
}

func (r *dcvValidationResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	data, diags := base.ConfiguredData(req.ProviderData, "certops_dcv_validation")
	resp.Diagnostics.Append(diags...)
	r.data = data
}

// ModifyPlan keeps the results while nothing changes that makes the resource wait again.
func (r *dcvValidationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() || len(resp.RequiresReplace) > 0 {
		return
	}
	plan, diags := readValidationModel(ctx, req.Plan)
	state, d := readValidationModel(ctx, req.State)
	diags.Append(d...)
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() && plan.recordFQDNs.Equal(state.recordFQDNs) {
		resp.Diagnostics.Append(state.setResults(ctx, &resp.Plan)...)
	}
}

func (r *dcvValidationResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(r.wait(ctx, req.Plan, &resp.State)...)
	if resp.Diagnostics.HasError() {
		// Nothing exists that Terraform would have to remember: the next apply waits again.
		resp.State.RemoveResource(ctx)
	}
}

func (r *dcvValidationResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	plan, diags := readValidationModel(ctx, req.Plan)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.State.Raw = req.Plan.Raw
	if !plan.status.IsUnknown() {
		return
	}
	resp.Diagnostics.Append(r.wait(ctx, req.Plan, &resp.State)...)
	if resp.Diagnostics.HasError() {
		resp.State.Raw = req.State.Raw
	}
}

// wait waits for the order that the plan names and writes the results.
func (r *dcvValidationResource) wait(ctx context.Context, plan values, state setter) diag.Diagnostics {
	model, diags := readValidationModel(ctx, plan)
	s, id, d := r.orderOf(ctx, plan)
	diags.Append(d...)
	if diags.HasError() {
		return diags
	}
	read, d := r.reader(s, id)
	diags.Append(d...)
	if diags.HasError() {
		return diags
	}
	target := orderTarget(s, id)
	w := waiter.Waiter{
		Order:   target.String(),
		Vendor:  s.DisplayName(),
		Issuers: s.Order().Issuers,
		Read:    read,
		Describe: func(part string, err error) string {
			return base.FailureDetail(target, target.Part(part).String(), err)
		},
		Look:     base.NewChecker(r.data).Check,
		Interval: base.DurationOr(model.pollInterval, defaultPollInterval),
		Timeout:  base.DurationOr(model.createTimeout, defaultValidationTimeout),
	}
	if !model.recordFQDNs.IsNull() {
		w.Published = make(map[string]bool)
		for _, name := range base.TextElements(model.recordFQDNs) {
			if canonical, err := dcv.ParseDomain(name); err == nil {
				w.Published[canonical] = true
			}
		}
	}
	view, err := w.Wait(ctx)
	if err != nil {
		diags.Append(waitDiagnostic(target, err))
		return diags
	}
	diags.Append(results(view).setResults(ctx, state)...)
	return diags
}

// waitDiagnostic says why the waiting failed.
func waitDiagnostic(target base.Target, err error) diag.Diagnostic {
	var (
		failure *waiter.Failure
		read    *waiter.ReadError
	)
	switch {
	case errors.As(err, &failure) && failure.Published:
		return diag.NewAttributeErrorDiagnostic(path.Root("record_fqdns"), failure.Title, failure.Detail)
	case errors.As(err, &failure):
		return diag.NewErrorDiagnostic(failure.Title, failure.Detail)
	case errors.As(err, &read):
		return base.ReadError(target, read.Err)
	}
	return base.RecordDiagnostic(target, err)
}

// reader reads an order of a vendor.
func (r *dcvValidationResource) reader(s base.Vendor, id string) (func(context.Context) (dcv.Order, error), diag.Diagnostics) {
	c, diags := base.ClientOf[any](r.data, s, "certops_dcv_validation")
	if diags.HasError() {
		return nil, diags
	}
	return func(ctx context.Context) (dcv.Order, error) { return s.Order().Read(ctx, c, id) }, diags
}

func orderTarget(s base.Vendor, id string) base.Target {
	return base.Target{Service: s, Noun: s.DisplayName() + " Order", What: s.Order().Noun, ID: id, Attribute: s.Order().Argument}
}

// Read drops the resource when the validation no longer holds.
func (r *dcvValidationResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	s, id, diags := r.orderOf(ctx, req.State)
	resp.Diagnostics.Append(diags...)
	state, d := readValidationModel(ctx, req.State)
	resp.Diagnostics.Append(d...)
	if resp.Diagnostics.HasError() {
		return
	}
	read, diags := r.reader(s, id)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	target := orderTarget(s, id)
	order, err := read(ctx)
	var e *client.Error
	switch {
	case errors.As(err, &e) && e.Kind == client.KindNotFound && !e.HTML && e.Code+e.Message != "":
		// The vendor says so. A proxy's page, or nothing at all, says nothing of the order.
		order.Ended = s.DisplayName() + " no longer knows it"
	case err != nil:
		resp.Diagnostics.Append(base.ReadError(target, err))
		return
	}
	summary, err := dcv.Summarize(order.Challenges, dcv.Options{})
	if err != nil && !order.Issued && order.Ended == "" {
		resp.Diagnostics.Append(base.RecordDiagnostic(target, err))
		return
	}
	if reason := lapsed(order, summary, state, time.Now()); reason != "" {
		resp.Diagnostics.AddWarning("Validation No Longer Holds",
			fmt.Sprintf("%s is no longer validated: %s. The next apply waits for its validation again.", dcv.Capital(target.String()), reason))
		resp.State.RemoveResource(ctx)
	}
}

// lapsed says why the validation in the state no longer holds, "" while it does. A name that is pending again keeps its
// validation while the certificate renews, and until the day the vendor said it would end.
func lapsed(o dcv.Order, summary dcv.Summary, state dcvValidationModel, now time.Time) string {
	if o.Ended != "" {
		return o.Ended
	}
	if o.Issued {
		return ""
	}
	if len(summary.Names) == 0 && !o.Renewing {
		return "the order names no domain any more"
	}
	until, err := time.Parse(time.RFC3339, state.validatedUntil.ValueString())
	held := o.Renewing || (err == nil && now.Before(until))
	if n := o.Nameless(); n > 0 && !held {
		return fmt.Sprintf("%d validations of names that the response does not tell are open", n)
	}
	known := base.TextElements(state.validatedDomains)
	for _, name := range slices.Sorted(maps.Keys(summary.Names)) {
		switch status := summary.Names[name].Status; status {
		case dcv.StatusValidated:
		case dcv.StatusPending, dcv.StatusUnknown:
			if !held || !slices.Contains(known, name) {
				return fmt.Sprintf("%s is %s", dcv.Printable(name), status)
			}
		default:
			return fmt.Sprintf("%s is %s", dcv.Printable(name), status)
		}
	}
	return ""
}

// Delete only forgets: a validation cannot be taken back.
func (r *dcvValidationResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ImportState explains why there is nothing to import.
func (r *dcvValidationResource) ImportState(_ context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.AddError("Import Not Needed",
		fmt.Sprintf("certops_dcv_validation manages nothing, so there is nothing to import for %q. Write the resource into the configuration "+
			"and apply: when the order is validated already, it is there at once.", req.ID))
}
