// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnsprovider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/miekg/dns"
)

var (
	_ resource.ResourceWithConfigure   = (*recordSetResource)(nil)
	_ resource.ResourceWithImportState = (*recordSetResource)(nil)
)

func newRecordSetResource() resource.Resource { return &recordSetResource{} }

type recordSetResource struct{ client *client }

// recordSetModel is sandboxdns_record_set.
type recordSetModel struct {
	Zone   types.String `tfsdk:"zone"`
	Name   types.String `tfsdk:"name"`
	Type   types.String `tfsdk:"type"`
	TTL    types.Int64  `tfsdk:"ttl"`
	RDatas []string     `tfsdk:"rdatas"`
}

// kinds are the record types that can be kept.
var kinds = []string{"A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"}

// Metadata implements resource.Resource.
func (r *recordSetResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_record_set"
}

// Schema implements resource.Resource.
func (r *recordSetResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	fixed := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A DNS record set: the records of one owner name and type. Import it as `zone/name/type`.",
		Attributes: map[string]schema.Attribute{
			"zone": schema.StringAttribute{
				Required:            true,
				PlanModifiers:       fixed,
				MarkdownDescription: "Zone, with or without a trailing dot.",
			},
			"name": schema.StringAttribute{
				Required:            true,
				PlanModifiers:       fixed,
				MarkdownDescription: "Owner name relative to the zone, `@` for the zone apex.",
			},
			"type": schema.StringAttribute{
				Required:            true,
				PlanModifiers:       fixed,
				Validators:          []validator.String{stringvalidator.OneOf(kinds...)},
				MarkdownDescription: "Record type: `" + strings.Join(kinds, "`, `") + "`.",
			},
			"ttl": schema.Int64Attribute{
				Optional:            true,
				Computed:            true,
				Default:             int64default.StaticInt64(60),
				Validators:          []validator.Int64{int64validator.Between(0, 1<<31-1)},
				MarkdownDescription: "Time to live in seconds. Default: `60`.",
			},
			"rdatas": schema.ListAttribute{
				Required:    true,
				ElementType: types.StringType,
				Validators:  []validator.List{listvalidator.SizeAtLeast(1), listvalidator.UniqueValues()},
				MarkdownDescription: "Data of the records in zone-file form: TXT in quotes, host names with a trailing dot. " +
					"The order has no meaning.",
			},
		},
	}
}

// Configure implements resource.ResourceWithConfigure.
func (r *recordSetResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	if req.ProviderData == nil {
		return
	}
	c, ok := req.ProviderData.(*client)
	if !ok {
		resp.Diagnostics.AddError("Unexpected Provider Data", fmt.Sprintf("Got %T. This is a bug in the provider.", req.ProviderData))
		return
	}
	r.client = c
}

// rrset returns the set that a model describes.
func (m recordSetModel) rrset() (rrset, error) {
	name, zone := m.Name.ValueString(), dns.CanonicalName(m.Zone.ValueString())
	kind, ok := dns.StringToType[m.Type.ValueString()]
	if !ok {
		return rrset{}, fmt.Errorf("%q is not a record type", m.Type.ValueString())
	}
	s := rrset{zone: zone, name: zone, kind: kind}
	if name != "@" {
		if name == "" || strings.HasSuffix(name, ".") {
			return rrset{}, fmt.Errorf("the name %q is not relative to the zone %s", name, zone)
		}
		s.name = dns.CanonicalName(name + "." + zone)
	}
	for _, n := range []string{s.zone, s.name} {
		if _, ok := dns.IsDomainName(n); !ok {
			return rrset{}, fmt.Errorf("%q is not a domain name", n)
		}
	}
	return s, nil
}

// write stores the planned set by one of the client's methods.
func (m recordSetModel) write(ctx context.Context, do func(context.Context, rrset, []dns.RR) error) (diags diag.Diagnostics) {
	s, err := m.rrset()
	if err != nil {
		diags.AddError("Invalid Record Set", err.Error())
		return diags
	}
	records, err := s.records(m.TTL.ValueInt64(), m.RDatas)
	if err != nil {
		diags.AddAttributeError(path.Root("rdatas"), "Invalid Record Data", err.Error())
		return diags
	}
	if err := do(ctx, s, records); err != nil {
		diags.AddError("Cannot Write Record Set", fmt.Sprintf("%s %s: %s.", s.name, m.Type.ValueString(), err))
	}
	return diags
}

// Create implements resource.Resource.
func (r *recordSetResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m recordSetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(m.write(ctx, r.client.create)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	}
}

// Read implements resource.Resource.
func (r *recordSetResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m recordSetModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s, err := m.rrset()
	if err != nil {
		resp.Diagnostics.AddError("Invalid Record Set", err.Error())
		return
	}
	found, err := r.client.read(ctx, s)
	if err != nil {
		resp.Diagnostics.AddError("Cannot Read Record Set", fmt.Sprintf("%s %s: %s.", s.name, m.Type.ValueString(), err))
		return
	}
	if len(found) == 0 {
		resp.State.RemoveResource(ctx)
		return
	}
	m.TTL = types.Int64Value(int64(found[0].Header().Ttl))
	m.RDatas = s.merge(m.RDatas, found)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// merge returns the data of the records found: first those known, in their order and spelling, then the others sorted.
// That keeps the plan silent when the server gives another order or writes the same data in another way.
func (s rrset) merge(known []string, found []dns.RR) []string {
	rest := slices.Clone(found)
	var merged []string
	for _, data := range known {
		parsed, err := s.records(0, []string{data})
		if err != nil {
			continue
		}
		i := slices.IndexFunc(rest, func(rr dns.RR) bool { return dns.IsDuplicate(rr, parsed[0]) })
		if i >= 0 {
			merged = append(merged, data)
			rest = slices.Delete(rest, i, i+1)
		}
	}
	var others []string
	for _, rr := range rest {
		others = append(others, strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	slices.Sort(others)
	return append(merged, others...)
}

// Update implements resource.Resource.
func (r *recordSetResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m recordSetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(m.write(ctx, r.client.replace)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	}
}

// Delete implements resource.Resource.
func (r *recordSetResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m recordSetModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s, err := m.rrset()
	if err == nil {
		err = r.client.remove(ctx, s)
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot Delete Record Set",
			fmt.Sprintf("%s %s in %s: %s.", m.Name.ValueString(), m.Type.ValueString(), m.Zone.ValueString(), err))
	}
}

// ImportState implements resource.ResourceWithImportState.
func (r *recordSetResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	parts := strings.Split(req.ID, "/")
	if len(parts) != 3 || slices.Contains(parts, "") {
		resp.Diagnostics.AddError("Invalid Import ID", fmt.Sprintf("%q is not zone/name/type.", req.ID))
		return
	}
	for i, name := range []string{"zone", "name", "type"} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), parts[i])...)
	}
}
