// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// The element types of the maps. They are plain object types, not nested attributes, because only those can be
// overridden in `terraform test`.
var (
	DNSRecordType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"type":          types.StringType,
		"fqdn":          types.StringType,
		"fqdn_dot":      types.StringType,
		"zone":          types.StringType,
		"relative_name": types.StringType,
		"value":         types.StringType,
		"value_dot":     types.StringType,
		"value_quoted":  types.StringType,
		"rdata":         types.StringType,
		"domains":       types.ListType{ElemType: types.StringType},
		"status":        types.StringType,
		"expires_at":    types.StringType,
	}}
	DNSRecordSetType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"type":          types.StringType,
		"fqdn":          types.StringType,
		"fqdn_dot":      types.StringType,
		"zone":          types.StringType,
		"relative_name": types.StringType,
		"values":        types.ListType{ElemType: types.StringType},
		"rdatas":        types.ListType{ElemType: types.StringType},
		"domains":       types.ListType{ElemType: types.StringType},
		"status":        types.StringType,
		"expires_at":    types.StringType,
	}}
	DCVStatusType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"status":          types.StringType,
		"method":          types.StringType,
		"channel":         types.StringType,
		"validated_until": types.StringType,
		"record_key":      types.StringType,
		"reason":          types.StringType,
	}}
)

// dnsModel is the part of a model that carries the records to publish.
type dnsModel struct {
	Zones         types.Set                    `tfsdk:"zones"`
	DNSRecords    map[string]DNSRecordModel    `tfsdk:"dns_records"`
	DNSRecordSets map[string]DNSRecordSetModel `tfsdk:"dns_record_sets"`
}

// DCVModel is dnsModel with where each name stands.
type DCVModel struct {
	dnsModel
	DCVStatus   map[string]DCVStatusModel `tfsdk:"dcv_status"`
	DCVComplete types.Bool                `tfsdk:"dcv_complete"`
}

// DNSRecordModel has only Terraform types, because configurations hand records back to certops_dcv_records,
// certops_dns_check and zone_file, with members that can be null or unknown.
type DNSRecordModel struct {
	Type         types.String `tfsdk:"type"`
	FQDN         types.String `tfsdk:"fqdn"`
	FQDNDot      types.String `tfsdk:"fqdn_dot"`
	Zone         types.String `tfsdk:"zone"`
	RelativeName types.String `tfsdk:"relative_name"`
	Value        types.String `tfsdk:"value"`
	ValueDot     types.String `tfsdk:"value_dot"`
	ValueQuoted  types.String `tfsdk:"value_quoted"`
	RData        types.String `tfsdk:"rdata"`
	Domains      types.List   `tfsdk:"domains"`
	Status       types.String `tfsdk:"status"`
	ExpiresAt    types.String `tfsdk:"expires_at"`
}

// DNSRecordSetModel is an entry of dns_record_sets.
type DNSRecordSetModel struct {
	Type         types.String `tfsdk:"type"`
	FQDN         types.String `tfsdk:"fqdn"`
	FQDNDot      types.String `tfsdk:"fqdn_dot"`
	Zone         types.String `tfsdk:"zone"`
	RelativeName types.String `tfsdk:"relative_name"`
	Values       types.List   `tfsdk:"values"`
	RDatas       types.List   `tfsdk:"rdatas"`
	Domains      types.List   `tfsdk:"domains"`
	Status       types.String `tfsdk:"status"`
	ExpiresAt    types.String `tfsdk:"expires_at"`
}

// DCVStatusModel is an entry of dcv_status.
type DCVStatusModel struct {
	Status         string       `tfsdk:"status"`
	Method         types.String `tfsdk:"method"`
	Channel        string       `tfsdk:"channel"`
	ValidatedUntil types.String `tfsdk:"validated_until"`
	RecordKey      types.String `tfsdk:"record_key"`
	Reason         types.String `tfsdk:"reason"`
}

// withDNS adds the attributes of dnsModel to a data source's own.
func withDNS(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	maps.Copy(attributes, map[string]schema.Attribute{
		"zones": schema.SetAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: ZonesDescription,
			Validators:          []validator.Set{DomainValidator{Zone: true}},
		},
		"dns_records": schema.MapAttribute{
			ElementType:         DNSRecordType,
			Computed:            true,
			MarkdownDescription: DNSRecordsDescription,
		},
		"dns_record_sets": schema.MapAttribute{
			ElementType:         DNSRecordSetType,
			Computed:            true,
			MarkdownDescription: DNSRecordSetsDescription,
		},
	})
	return attributes
}

// TXTOwnerModel is the argument that says where a TXT token of DigiCert is published.
type TXTOwnerModel struct {
	TXTOwner types.String `tfsdk:"txt_owner"`
}

// Owner is where TXT tokens are published.
func (m TXTOwnerModel) Owner(fallback string) string {
	if m.TXTOwner.IsNull() {
		return fallback
	}
	return m.TXTOwner.ValueString()
}

// WithTXTOwner adds the attribute of TXTOwnerModel to a data source's own.
func WithTXTOwner(attributes map[string]schema.Attribute, fallback string) map[string]schema.Attribute {
	attributes["txt_owner"] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Where a TXT token is published: `_dnsauth` (at `_dnsauth.<domain>`, where DigiCert looks first) or `domain` (at " +
			"the domain itself, which must have no CNAME, and where other TXT records often stand already). DigiCert accepts both. A change " +
			"replaces the DNS records. Default: `" + fallback + "`.",
		Validators: []validator.String{WordsValidator{dcv.TXTOwnerDNSAuth, dcv.TXTOwnerDomain}},
	}
	return attributes
}

// WithDCV adds the attributes of DCVModel to a data source's own.
func WithDCV(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	maps.Copy(attributes, map[string]schema.Attribute{
		"dcv_status": schema.MapAttribute{
			ElementType:         DCVStatusType,
			Computed:            true,
			MarkdownDescription: DCVStatusDescription,
		},
		"dcv_complete": schema.BoolAttribute{
			Computed:            true,
			MarkdownDescription: dcvCompleteDescription,
		},
	})
	return withDNS(attributes)
}

// SetOrder fills the model from one order.
func (m *DCVModel) SetOrder(ctx context.Context, target Target, order dcv.Order) diag.Diagnostics {
	diags := OrderDiagnostics(target, order)
	if !diags.HasError() {
		diags.Append(m.Set(ctx, target, order.From(target.What+" "+target.ID).Challenges, false)...)
	}
	return diags
}

// Set fills the model from what vendors say of its names. byOwner is as in [dcv.Options].
func (m *DCVModel) Set(ctx context.Context, target Target, challenges []dcv.Challenge, byOwner bool) diag.Diagnostics {
	summary, diags := m.summarize(ctx, target, challenges, byOwner)
	m.DCVStatus = MapValues(summary.Names, NewDCVStatusModel)
	m.DCVComplete = types.BoolValue(summary.Complete)
	return diags
}

// summarize fills the records and returns the whole summary.
func (m *dnsModel) summarize(ctx context.Context, target Target, challenges []dcv.Challenge, byOwner bool) (dcv.Summary, diag.Diagnostics) {
	zones, diags := zoneList(ctx, m.Zones)
	if diags.HasError() {
		return dcv.Summary{}, diags
	}
	summary, err := dcv.Summarize(challenges, dcv.Options{Zones: zones, ByOwner: byOwner})
	if err != nil {
		diags.Append(RecordDiagnostic(target, err))
		return dcv.Summary{}, diags
	}
	diags.Append(refusalDiagnostics(summary.Refused)...)
	m.DNSRecords = MapValues(summary.Records, NewDNSRecordModel)
	m.DNSRecordSets = MapValues(summary.RecordSets, NewDNSRecordSetModel)
	return summary, diags
}

// zoneList is nil when no zones are set, which leaves zone and relative_name null.
func zoneList(ctx context.Context, zones types.Set) ([]string, diag.Diagnostics) {
	if !Known(zones) {
		return nil, nil
	}
	list := []string{}
	diags := zones.ElementsAs(ctx, &list, false)
	return list, diags
}

// RecordDiagnostic explains why a vendor's response could not become DNS records.
func RecordDiagnostic(target Target, err error) diag.Diagnostic {
	if zone, ok := errors.AsType[*dcv.ZoneError](err); ok {
		if target.ID != "" {
			zone.Orders = nil // There is only one.
		}
		return diag.NewAttributeErrorDiagnostic(path.Root("zones"), "No Zone for DNS Record", ZoneErrorDetail(zone))
	}
	if conflict, ok := errors.AsType[*dcv.ConflictError](err); ok {
		return ConflictDiagnostic(conflict)
	}
	return diag.NewErrorDiagnostic("Unusable DNS Record", "The response for "+target.String()+" holds a DNS record that cannot be "+
		"published: "+err.Error()+".")
}

// ZoneErrorDetail says what to do about records that lie in none of the zones.
func ZoneErrorDetail(err *dcv.ZoneError) string {
	detail := err.Error() + ". Add the zone of each record to `zones`, by its name and not by an id, " +
		"or leave `zones` out if you do not need `zone` and `relative_name`."
	if len(err.Orders) > 0 {
		detail += "\n\nNeeded by " + dcv.ShortList(err.Orders) + ". " +
			"Without `zones` the functions zone_for and relative_name find the zones of the names that you can publish, " +
			"and `can(provider::certops::zone_for(fqdn, zones))` tells which these are."
	}
	return detail
}

// ConflictSummary heads every message about records that cannot stand at one name.
const ConflictSummary = "Conflicting DNS Records"

// ConflictDiagnostic tells of records that cannot stand side by side.
func ConflictDiagnostic(err *dcv.ConflictError) diag.Diagnostic {
	if err.Zone != "" {
		return diag.NewAttributeErrorDiagnostic(path.Root("zones"), "CNAME at Zone Apex",
			Sentence(err)+" Publish it in the parent zone instead, and leave this zone out of `zones`; or choose another validation method for "+
				"the name.")
	}
	return diag.NewErrorDiagnostic(ConflictSummary,
		Sentence(err)+" Only one of them can be published. Cancel one of these orders, select fewer orders, or choose a validation method for "+
			"one of them whose records can exist beside the other record.")
}

// refusalDiagnostics warn once of all records that are not handed out.
func refusalDiagnostics(refused []dcv.Refusal) diag.Diagnostics {
	if len(refused) == 0 {
		return nil
	}
	var problems []string
	for _, r := range refused {
		names := dcv.Printable(strings.Join(r.Names, ", "))
		if r.Order != "" {
			names += " (" + r.Order + ")"
		}
		problems = append(problems, fmt.Sprintf("%s: %s", names, r.Err))
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("DNS Record Refused", "These names get no DNS record:\n"+bullets(problems)+
		"\n\n`dcv_status` tells the reasons too. The other names are not affected.")}
}

// MapValues applies a function to each value of a map.
func MapValues[A, B any](in map[string]A, f func(A) B) map[string]B {
	out := make(map[string]B, len(in))
	for k, v := range in {
		out[k] = f(v)
	}
	return out
}

// NewDNSRecordModel returns an entry of dns_records.
func NewDNSRecordModel(r dcv.Record) DNSRecordModel {
	return DNSRecordModel{
		Type:         types.StringValue(r.Type),
		FQDN:         types.StringValue(r.FQDN),
		FQDNDot:      types.StringValue(r.FQDNDot),
		Zone:         types.StringPointerValue(r.Zone),
		RelativeName: types.StringPointerValue(r.RelativeName),
		Value:        types.StringValue(r.Value),
		ValueDot:     types.StringValue(r.ValueDot),
		ValueQuoted:  types.StringValue(r.ValueQuoted),
		RData:        types.StringValue(r.RData),
		Domains:      TextListValue(r.Domains),
		Status:       types.StringValue(string(r.Status)),
		ExpiresAt:    types.StringPointerValue(r.ExpiresAt),
	}
}

// NewDNSRecordSetModel returns an entry of dns_record_sets.
func NewDNSRecordSetModel(s dcv.RecordSet) DNSRecordSetModel {
	return DNSRecordSetModel{
		Type:         types.StringValue(s.Type),
		FQDN:         types.StringValue(s.FQDN),
		FQDNDot:      types.StringValue(s.FQDNDot),
		Zone:         types.StringPointerValue(s.Zone),
		RelativeName: types.StringPointerValue(s.RelativeName),
		Values:       TextListValue(s.Values),
		RDatas:       TextListValue(s.RDatas),
		Domains:      TextListValue(s.Domains),
		Status:       types.StringValue(string(s.Status)),
		ExpiresAt:    types.StringPointerValue(s.ExpiresAt),
	}
}

// NewDCVStatusModel returns an entry of dcv_status.
func NewDCVStatusModel(s dcv.NameStatus) DCVStatusModel {
	return DCVStatusModel{
		Status:         string(s.Status),
		Method:         types.StringPointerValue(s.Method),
		Channel:        string(s.Channel),
		ValidatedUntil: types.StringPointerValue(s.ValidatedUntil),
		RecordKey:      types.StringPointerValue(s.RecordKey),
		Reason:         types.StringPointerValue(s.Reason),
	}
}

// Respell spells a record that a configuration handed back anew from its type, owner name, value and zone, so that spellings
// which do not fit together, as a mock or another module may have them, never reach DNS. The record has to be one for the
// validation of domain; an empty domain leaves that out.
func (m DNSRecordModel) Respell(domain string) (dcv.Record, error) {
	var zones []string
	if zone := m.Zone.ValueString(); zone != "" {
		zones = []string{zone}
	}
	record, err := dcv.NewRecord(dcv.Publication{
		Type:      m.Type.ValueString(),
		Name:      strings.TrimSuffix(m.FQDN.ValueString(), ".") + ".",
		Value:     m.Value.ValueString(),
		ExpiresAt: m.ExpiresAt.ValueStringPointer(),
	}, domain, zones)
	if err != nil {
		return dcv.Record{}, err
	}
	record.Status = dcv.Status(m.Status.ValueString()).Normalized()
	if Known(m.Domains) {
		record.Domains = TextElements(m.Domains)
	}
	return record, nil
}

// StatusValues are the statuses of names as a Terraform value.
func StatusValues(names map[string]dcv.NameStatus) types.Map {
	values := make(map[string]attr.Value, len(names))
	for name, status := range names {
		model := NewDCVStatusModel(status)
		values[name] = types.ObjectValueMust(DCVStatusType.AttrTypes, map[string]attr.Value{
			"status":          types.StringValue(model.Status),
			"method":          model.Method,
			"channel":         types.StringValue(model.Channel),
			"validated_until": model.ValidatedUntil,
			"record_key":      model.RecordKey,
			"reason":          model.Reason,
		})
	}
	return types.MapValueMust(DCVStatusType, values)
}
