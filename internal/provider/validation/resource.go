// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package validation is certops_dcv_validation: the resource that waits for an order, and the list of the orders that wait.
package validation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
)

var (
	_ resource.Resource                     = (*validationResource)(nil)
	_ resource.ResourceWithConfigure        = (*validationResource)(nil)
	_ resource.ResourceWithConfigValidators = (*validationResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*validationResource)(nil)
	_ resource.ResourceWithImportState      = (*validationResource)(nil)
	_ resource.ResourceWithIdentity         = (*validationResource)(nil)
)

// typeName is the name of the resource and of its list.
const typeName = "certops_dcv_validation"

const (
	defaultValidationTimeout = 45 * time.Minute
	defaultPollInterval      = 30 * time.Second
)

// validationResource stands for the fact that an order is validated. Creating it waits for that; it calls no write endpoint.
type validationResource struct {
	vendors []base.Vendor
	data    *base.Data
}

// NewResource returns the constructor of the resource for some vendors.
func NewResource(vendors []base.Vendor) func() resource.Resource {
	return func() resource.Resource { return &validationResource{vendors: vendors} }
}

// validationModel is the resource without the vendors' id arguments, which the list of services gives.
type validationModel struct {
	recordFQDNs      types.Set
	pollInterval     types.String
	createTimeout    types.String
	status           types.String
	validatedUntil   types.String
	validatedDomains types.List
	dcvStatus        types.Map
}

// Metadata implements resource.Resource and list.ListResource.
func (r *validationResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName
}

// Schema implements resource.Resource.
func (r *validationResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
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
			MarkdownDescription: "Pause before the second look at the order, as a duration such as `30s`. Each interval after that is 1.5 times " +
				"longer than " +
				"the one before, up to five minutes. Default: `" + defaultPollInterval.String() + "`.",
			Validators: []validator.String{base.DurationValidator{}},
		},
		"timeouts": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How long to wait.",
			Attributes: map[string]schema.Attribute{
				"create": schema.StringAttribute{
					Optional: true,
					MarkdownDescription: fmt.Sprintf("How long to wait for the validation, as a duration such as `2h` (units h, m and s). "+
						"It holds as well when a change of "+
						"`record_fqdns` makes the resource wait again. Default: `%s`.",
						strings.TrimSuffix(defaultValidationTimeout.String(), "0s")),
					Validators: []validator.String{base.DurationValidator{}},
				},
			},
		},
		"status": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "`validated`: the resource exists only while that holds. One that was imported while its order is open has the " +
				"status of the least advanced name until the next apply, which waits.",
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
			"An open order can be imported: the plan then shows a change of `status`, and the apply waits. `terraform query` finds the open " +
			"orders of an account.\n\n" +
			"Each look is logged; `TF_LOG_PROVIDER=INFO` shows them.",
		Attributes: attributes,
	}
}

// orderArgument is the argument that takes the id of a vendor's order.
func (r *validationResource) orderArgument(s base.Vendor) schema.Attribute {
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

// ConfigValidators implements resource.ResourceWithConfigValidators.
func (r *validationResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	var arguments base.ExactlyOne
	for _, s := range r.vendors {
		arguments = append(arguments, s.Order().Argument)
	}
	return []resource.ConfigValidator{arguments}
}

// Configure implements resource.ResourceWithConfigure and list.ListResourceWithConfigure.
func (r *validationResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	data, diags := base.Configured[*base.Data](req.ProviderData, typeName)
	resp.Diagnostics.Append(diags...)
	r.data = data
}

// ModifyPlan keeps the results while nothing changes that makes the resource wait again. An order that was imported while it is
// open has yet to be waited for.
func (r *validationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() || len(resp.RequiresReplace) > 0 {
		return
	}
	plan, diags := readModel(ctx, req.Plan)
	state, d := readModel(ctx, req.State)
	diags.Append(d...)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !state.validated() || !plan.recordFQDNs.Equal(state.recordFQDNs) {
		state = unknownResults
	}
	resp.Diagnostics.Append(state.setResults(ctx, &resp.Plan)...)
}

// Create implements resource.Resource.
func (r *validationResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(r.wait(ctx, req.Plan, &resp.State, resp.Identity)...)
	if resp.Diagnostics.HasError() {
		// Nothing exists that Terraform would have to remember: the next apply waits again.
		resp.State.RemoveResource(ctx)
	}
}

// Update implements resource.Resource.
func (r *validationResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	plan, diags := readModel(ctx, req.Plan)
	s, id, d := r.orderOf(ctx, req.Plan)
	diags.Append(d...)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.State.Raw = req.Plan.Raw
	if !plan.status.IsUnknown() {
		resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, s, id)...)
		return
	}
	resp.Diagnostics.Append(r.wait(ctx, req.Plan, &resp.State, resp.Identity)...)
	if resp.Diagnostics.HasError() {
		resp.State.Raw = req.State.Raw
	}
}

// Delete only forgets: a validation cannot be taken back.
func (r *validationResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}
