// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ resource.Resource                = (*dcvRecordsResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*dcvRecordsResource)(nil)
	_ resource.ResourceWithImportState = (*dcvRecordsResource)(nil)
)

// The values of scope.
const (
	scopeFQDN       = "fqdn"
	scopeBaseDomain = "base_domain"
)

func newDCVRecordsResource() resource.Resource { return &dcvRecordsResource{} }

// dcvRecordsResource keeps the records of an order after the certification authority has forgotten them. It calls no API:
// everything it knows stands in its arguments and its own state.
type dcvRecordsResource struct{}

type dcvRecordsModel struct {
	Domains       types.Set    `tfsdk:"domains"`
	Source        types.Map    `tfsdk:"source"`
	Zones         types.Set    `tfsdk:"zones"`
	Scope         types.String `tfsdk:"scope"`
	DNSRecords    types.Map    `tfsdk:"dns_records"`
	DNSRecordSets types.Map    `tfsdk:"dns_record_sets"`
}

func (r *dcvRecordsResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_dcv_records"
}

func (r *dcvRecordsResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Keeps the DNS records of an order, so that they survive its validation.\n\n" +
			"Certification authorities stop returning a token once its domain is validated. A configuration that feeds DNS resources straight from a data source then plans to destroy " +
			"the records, which the next renewal needs. This resource calls no API; it remembers in the state what `source` said last:\n\n" +
			"* its keys come from `domains` and are known at plan, even while `source` is unknown, so that `for_each` over `dns_records` works in one apply from nothing;\n" +
			"* a record that the vendor no longer returns stays as it was, and the plan says \"No changes\";\n" +
			"* a new token updates its record in place;\n" +
			"* a domain removed from `domains` goes, one added comes.\n\n" +
			"`status` and `expires_at` of an entry are those of the moment its record was last written; a data source's `dcv_status` tells where the validation stands now.",
		Attributes: map[string]schema.Attribute{
			"domains": schema.SetAttribute{
				Required:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Names on the certificate, as ordered. A wildcard and its apex share one record.",
				Validators:          []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.NoNullValues(), setvalidator.ValueStringsAre(domainValidator{})},
			},
			"source": schema.MapAttribute{
				Required:            true,
				ElementType:         dnsRecordType,
				Validators:          []validator.Map{mapvalidator.NoNullValues()},
				MarkdownDescription: "The `dns_records` of a data source, or of several, merged where no two have the same key. The plan shows a change here only when it changes a record.",
			},
			"zones": schema.SetAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: zonesDescription + " Without it each record keeps the zone that `source` gives it.",
				Validators:          []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(domainValidator{zone: true})},
			},
			"scope": schema.StringAttribute{
				Optional: true,
				Computed: true,
				Default:  stringdefault.StaticString(scopeFQDN),
				MarkdownDescription: "Where the order's names are validated: `fqdn` (each at itself) or `base_domain` (all at their registrable domain, by the public suffix list). " +
					"It decides on the keys. Default: `fqdn`.",
				Validators: []validator.String{stringvalidator.OneOf(scopeFQDN, scopeBaseDomain)},
			},
			"dns_records": schema.MapAttribute{
				Computed:            true,
				ElementType:         dnsRecordType,
				MarkdownDescription: dnsRecordsDescription,
			},
			"dns_record_sets": schema.MapAttribute{
				Computed:            true,
				ElementType:         dnsRecordSetType,
				MarkdownDescription: dnsRecordSetsDescription,
			},
		},
	}
}

// ModifyPlan works out the records while planning, as far as they can be known.
func (r *dcvRecordsResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan dcvRecordsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	prior, diags := priorDCVRecords(ctx, req.State.Raw.IsNull(), req.State.Get)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	kept, diags := keepRecords(ctx, plan, prior)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(kept.missing)) {
		resp.Diagnostics.AddAttributeWarning(path.Root("domains"), kept.missing[key].Summary(), kept.missing[key].Detail()+" As it stands, apply will fail.")
	}
	plan.DNSRecords, plan.DNSRecordSets, diags = kept.values(ctx)
	resp.Diagnostics.Append(diags...)
	if prior != nil && plan.sameBut(prior) {
		// Terraform takes a planned value that equals the prior one as "nothing to do here": a source that merely lost
		// what is kept anyway must not show as a change.
		plan.Source = prior.Source
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// sameBut tells whether nothing but the source differs from the prior state.
func (m dcvRecordsModel) sameBut(prior *dcvRecordsModel) bool {
	return m.Domains.Equal(prior.Domains) && m.Zones.Equal(prior.Zones) && m.Scope.Equal(prior.Scope) &&
		m.DNSRecords.Equal(prior.DNSRecords) && m.DNSRecordSets.Equal(prior.DNSRecordSets)
}

func (r *dcvRecordsResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan dcvRecordsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(plan.fill(ctx, nil)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Read has nothing to ask: the state is the only place where the records are.
func (r *dcvRecordsResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r *dcvRecordsResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior dcvRecordsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(plan.fill(ctx, &prior)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Delete only forgets: the records in DNS belong to the resources that published them.
func (r *dcvRecordsResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ImportState explains why there is nothing to import.
func (r *dcvRecordsResource) ImportState(_ context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.AddError("Import Not Needed",
		fmt.Sprintf("certops_dcv_records keeps its records in the Terraform state and manages nothing outside it, so there is nothing to import for %q. "+
			"Write the resource into the configuration and apply: it takes its records from `source`.", req.ID))
}

// fill sets the records at apply, when everything is known.
func (m *dcvRecordsModel) fill(ctx context.Context, prior *dcvRecordsModel) diag.Diagnostics {
	kept, all := keepRecords(ctx, *m, prior)
	// What it warns of, the plan has warned of already.
	diags := all.Errors()
	for _, key := range slices.Sorted(maps.Keys(kept.missing)) {
		diags.Append(kept.missing[key])
	}
	if diags.HasError() {
		return diags
	}
	var d diag.Diagnostics
	m.DNSRecords, m.DNSRecordSets, d = kept.values(ctx)
	diags.Append(d...)
	return diags
}

// priorDCVRecords is the state before this plan, nil when there is none.
func priorDCVRecords(ctx context.Context, none bool, get func(context.Context, any) diag.Diagnostics) (*dcvRecordsModel, diag.Diagnostics) {
	if none {
		return nil, nil
	}
	var prior dcvRecordsModel
	diags := get(ctx, &prior)
	return &prior, diags
}
