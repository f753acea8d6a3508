// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dcv/retention"
)

// This file turns the Terraform values of certops_dcv_records into a retention.Input, and its plan back into values. It takes
// the members of objects one by one: the framework's reflection would take most of the time of a plan with 500 names.

// input is what the arguments and the state before say.
func (m *dcvRecordsModel) input(prior *dcvRecordsModel) (retention.Input, diag.Diagnostics) {
	in := retention.Input{
		Names:      base.TextElements(m.Domains),
		BaseDomain: m.Scope.ValueString() == scopeBaseDomain,
		Prior:      prior.retained(),
	}
	diags := m.addSources(&in)
	m.addStatuses(&in)
	switch {
	case m.Zones.IsNull():
	case base.IsWhollyKnown(m.Zones):
		in.Zones = base.TextElements(m.Zones)
	default:
		in.ZonesUnknown = true
	}
	return in, diags
}

// addSources reads the sources, as far as they are known.
func (m *dcvRecordsModel) addSources(in *retention.Input) diag.Diagnostics {
	var problems []string
	if m.Sources.IsUnknown() {
		in.SourcesUnknown = true
		return nil
	}
	for i, element := range m.Sources.Elements() {
		source, ok := element.(types.Map)
		if !ok || element.IsUnknown() {
			in.SourcesUnknown = true
			continue
		}
		elements := source.Elements()
		for _, key := range dcv.SortedKeys(elements) {
			object, ok := elements[key].(types.Object)
			if !ok || object.IsNull() {
				continue
			}
			origin := fmt.Sprintf("sources[%d][%q]", i, key)
			record, known, err := newSourceRecord(key, object, !m.Zones.IsNull())
			switch {
			case err != nil:
				problems = append(problems, fmt.Sprintf("%s: %s", origin, err))
			case known:
				record.Origin = origin
				in.Sources = append(in.Sources, record)
			case isDomainKey(key):
				domain, _, _ := strings.Cut(key, "#")
				in.UnknownDomains = append(in.UnknownDomains, domain)
			default:
				in.SourcesUnknown = true
			}
		}
	}
	if problems == nil {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("sources"), "Unusable DNS Record", base.Unusable("sources", problems))}
}

// isDomainKey tells whether the key of a record names the domain that it validates.
func isDomainKey(key string) bool {
	domain, _, _ := strings.Cut(key, "#")
	_, err := dcv.ParseDomain(domain)
	return err == nil
}

// newSourceRecord reads an entry of a source. It is not known while its type, its owner or its zone is not. With zones of
// the resource's own the zone of the source does not matter.
func newSourceRecord(key string, object types.Object, withoutZone bool) (record retention.SourceRecord, known bool, err error) {
	if object.IsUnknown() {
		return retention.SourceRecord{}, false, nil
	}
	model := newRecordMembers(object.Attributes())
	if withoutZone {
		model.Zone = types.StringNull()
	}
	if model.Type.IsUnknown() || model.FQDN.IsUnknown() || model.Zone.IsUnknown() {
		return retention.SourceRecord{}, false, nil
	}
	record = retention.SourceRecord{Key: key, ValueUnknown: model.Value.IsUnknown()}
	if record.ValueUnknown {
		// Type, owner and zone are judged as they will be with a value.
		model.Value = types.StringValue(unknownValue)
	}
	domain, _, _ := strings.Cut(key, "#")
	record.Record, err = model.Respell(domain)
	return record, true, err
}

// unknownValue stands for a value that is not known yet, where type and owner of a record are judged.
const unknownValue = "value.invalid"

// newRecordMembers takes an entry apart.
func newRecordMembers(attributes map[string]attr.Value) base.DNSRecordModel {
	member := func(name string) types.String {
		value, _ := attributes[name].(types.String)
		return value
	}
	domains, _ := attributes["domains"].(types.List)
	return base.DNSRecordModel{
		Type:         member("type"),
		FQDN:         member("fqdn"),
		FQDNDot:      member("fqdn_dot"),
		Zone:         member("zone"),
		RelativeName: member("relative_name"),
		Value:        member("value"),
		ValueDot:     member("value_dot"),
		ValueQuoted:  member("value_quoted"),
		RData:        member("rdata"),
		Domains:      domains,
		Status:       member("status"),
		ExpiresAt:    member("expires_at"),
	}
}

// addStatuses reads the statuses, as far as they are known.
func (m *dcvRecordsModel) addStatuses(in *retention.Input) {
	in.StatusesUnknown = m.Statuses.IsUnknown()
	for _, element := range m.Statuses.Elements() {
		source, ok := element.(types.Map)
		if !ok || element.IsUnknown() {
			in.StatusesUnknown = true
			continue
		}
		if element.IsNull() {
			continue
		}
		statuses := make(map[string]dcv.NameStatus, len(source.Elements()))
		for name, value := range source.Elements() {
			object, ok := value.(types.Object)
			if !ok || object.IsNull() {
				continue
			}
			status, known := newNameStatus(object)
			if !known {
				in.StatusesUnknown = true
				continue
			}
			statuses[name] = status
		}
		in.Statuses = append(in.Statuses, statuses)
	}
}

// newNameStatus reads an entry of dcv_status.
func newNameStatus(object types.Object) (status dcv.NameStatus, known bool) {
	if object.IsUnknown() {
		return dcv.NameStatus{}, false
	}
	attributes := object.Attributes()
	word, _ := attributes["status"].(types.String)
	channel, _ := attributes["channel"].(types.String)
	reason, _ := attributes["reason"].(types.String)
	if word.IsUnknown() || channel.IsUnknown() {
		return dcv.NameStatus{}, false
	}
	status = dcv.NameStatus{
		Status:  dcv.Status(word.ValueString()).Normalized(),
		Channel: dcv.Channel(channel.ValueString()),
		Reason:  reason.ValueStringPointer(),
	}
	if key, ok := attributes["record_key"].(types.String); ok && !key.IsNull() {
		status.RecordKey = new(key.ValueString())
	}
	return status, true
}

// retained is what the state before holds; nil when there is none.
func (m *dcvRecordsModel) retained() *retention.Retained {
	if m == nil {
		return nil
	}
	retained := &retention.Retained{
		Records: make(map[string]dcv.Record), Sets: make(map[dcv.SetID]string), Without: make(map[string]string),
	}
	for key, element := range m.DNSRecords.Elements() {
		if object, ok := element.(types.Object); ok {
			retained.Records[key] = storedRecord(newRecordMembers(object.Attributes()))
		}
	}
	for key, element := range m.DNSRecordSets.Elements() {
		if object, ok := element.(types.Object); ok {
			members := newRecordMembers(object.Attributes())
			retained.Sets[dcv.SetID{FQDN: members.FQDN.ValueString(), Type: members.Type.ValueString()}] = key
		}
	}
	for name, element := range m.WithoutRecord.Elements() {
		if reason, ok := element.(types.String); ok {
			retained.Without[name] = reason.ValueString()
		}
	}
	return retained
}

// storedRecord is an entry of the state, which the provider itself has spelled.
func storedRecord(m base.DNSRecordModel) dcv.Record {
	return dcv.Record{
		Type:         m.Type.ValueString(),
		FQDN:         m.FQDN.ValueString(),
		FQDNDot:      m.FQDNDot.ValueString(),
		Zone:         m.Zone.ValueStringPointer(),
		RelativeName: m.RelativeName.ValueStringPointer(),
		Value:        m.Value.ValueString(),
		ValueDot:     m.ValueDot.ValueString(),
		ValueQuoted:  m.ValueQuoted.ValueString(),
		RData:        m.RData.ValueString(),
		Domains:      base.TextElements(m.Domains),
		Status:       dcv.Status(m.Status.ValueString()),
		ExpiresAt:    m.ExpiresAt.ValueStringPointer(),
	}
}

// setResults writes a plan into the computed attributes, unknown only where it must be.
func (m *dcvRecordsModel) setResults(plan retention.Plan) {
	records := make(map[string]attr.Value, len(plan.Entries))
	for key, entry := range plan.Entries {
		records[key] = entryValue(entry)
	}
	sets := make(map[string]attr.Value, len(plan.Sets))
	for key, set := range plan.Sets {
		sets[key] = setValue(set)
	}
	m.DNSRecords = types.MapValueMust(base.DNSRecordType, records)
	m.DNSRecordSets = types.MapValueMust(base.DNSRecordSetType, sets)
	m.WithoutRecord = types.MapUnknown(types.StringType)
	if !plan.WithoutUnknown {
		without := make(map[string]attr.Value, len(plan.Without))
		for name, reason := range plan.Without {
			without[name] = types.StringUnknown()
			if reason != nil {
				without[name] = types.StringValue(*reason)
			}
		}
		m.WithoutRecord = types.MapValueMust(types.StringType, without)
	}
}

// entryValue is an entry as a Terraform value.
func entryValue(entry retention.Entry) types.Object {
	if entry.Knowledge == retention.Unknown {
		return types.ObjectUnknown(base.DNSRecordType.AttrTypes)
	}
	record := base.NewDNSRecordModel(entry.Record)
	if entry.ZoneUnknown {
		record.Zone, record.RelativeName = types.StringUnknown(), types.StringUnknown()
	}
	if entry.Knowledge == retention.ValueUnknown {
		record.Value, record.ValueDot, record.ValueQuoted = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		record.RData, record.Status, record.ExpiresAt = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		record.Domains = types.ListUnknown(types.StringType)
	}
	return types.ObjectValueMust(base.DNSRecordType.AttrTypes, map[string]attr.Value{
		"type":          record.Type,
		"fqdn":          record.FQDN,
		"fqdn_dot":      record.FQDNDot,
		"zone":          record.Zone,
		"relative_name": record.RelativeName,
		"value":         record.Value,
		"value_dot":     record.ValueDot,
		"value_quoted":  record.ValueQuoted,
		"rdata":         record.RData,
		"domains":       record.Domains,
		"status":        record.Status,
		"expires_at":    record.ExpiresAt,
	})
}

// setValue is a record set as a Terraform value.
func setValue(entry retention.SetEntry) types.Object {
	if entry.Knowledge == retention.Unknown {
		return types.ObjectUnknown(base.DNSRecordSetType.AttrTypes)
	}
	set := base.NewDNSRecordSetModel(entry.Set)
	if entry.ZoneUnknown {
		set.Zone, set.RelativeName = types.StringUnknown(), types.StringUnknown()
	}
	if entry.Knowledge == retention.ValueUnknown {
		unknown := types.ListUnknown(types.StringType)
		set.Values, set.RDatas, set.Domains = unknown, unknown, unknown
		set.Status, set.ExpiresAt = types.StringUnknown(), types.StringUnknown()
	}
	return types.ObjectValueMust(base.DNSRecordSetType.AttrTypes, map[string]attr.Value{
		"type":          set.Type,
		"fqdn":          set.FQDN,
		"fqdn_dot":      set.FQDNDot,
		"zone":          set.Zone,
		"relative_name": set.RelativeName,
		"values":        set.Values,
		"rdatas":        set.RDatas,
		"domains":       set.Domains,
		"status":        set.Status,
		"expires_at":    set.ExpiresAt,
	})
}

// sameNames tells whether two lists hold the same names, in any order.
func sameNames(a, b types.List) bool {
	sorted := func(list types.List) []string {
		names := base.TextElements(list)
		slices.Sort(names)
		return slices.Compact(names)
	}
	return !a.IsNull() && !b.IsNull() && base.IsWhollyKnown(a) && base.IsWhollyKnown(b) && slices.Equal(sorted(a), sorted(b))
}
