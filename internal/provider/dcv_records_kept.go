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

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// keptRecords is what certops_dcv_records knows of its records, in a plan or at apply.
type keptRecords struct {
	// domainsUnknown is true while not even the keys can be told.
	domainsUnknown bool
	// zonesUnknown is true while the records are known but not the zones they lie in.
	zonesUnknown bool
	records      map[string]dcv.Record
	// unknown are the keys whose record will be known only after apply.
	unknown map[string]bool
	// missing tells, by key, why a domain has no record. It is an error at apply.
	missing map[string]diag.Diagnostic
	// covered tells, by key, why a domain needs no record of its own.
	covered map[string]string
}

// keepRecords works out the records from the arguments and the state before, which is nil when there is none.
func keepRecords(ctx context.Context, m dcvRecordsModel, prior *dcvRecordsModel) (*keptRecords, diag.Diagnostics) {
	kept := &keptRecords{
		records: make(map[string]dcv.Record),
		unknown: make(map[string]bool),
		missing: make(map[string]diag.Diagnostic),
		covered: make(map[string]string),
	}
	if !isWhollyKnown(m.Domains) || m.Scope.IsUnknown() {
		kept.domainsUnknown = true
		return kept, nil
	}
	keys, diags := m.keys()
	if diags.HasError() {
		return kept, diags
	}
	source, d := newRecordSource(ctx, m.Source)
	diags.Append(d...)
	before, d := priorRecords(ctx, prior)
	diags.Append(d...)
	if diags.HasError() {
		return kept, diags
	}

	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if source.unknownFor(key) {
			kept.unknown[key] = true
			continue
		}
		if records := dcv.Keep(key, before, source.records); len(records) > 0 {
			maps.Copy(kept.records, records)
			continue
		}
		if cover := source.covering(keys[key]); cover != "" {
			kept.covered[key] = cover
			if _, ok := keys[cover]; !ok {
				diags.AddAttributeWarning(path.Root("domains"), "Domain Validated at Its Parent",
					fmt.Sprintf("%s has no record of its own: the record of %s validates it, and that is not among `domains`. "+
						"Set `scope = \"base_domain\"`, or add %[2]s to `domains`, so that its record is kept.", key, cover))
			}
			continue
		}
		kept.unknown[key] = true
		kept.missing[key] = diag.NewAttributeErrorDiagnostic(path.Root("domains"), "No DNS Record for Domain",
			fmt.Sprintf("`source` has no record for %s (ordered as %s), and none was ever kept. Either the order is not placed yet, so that there is no token: apply again later; "+
				"or the domain is validated already or by another method (e-mail, file): take it out of `domains`; "+
				"or it is not part of the order that `source` comes from.%s", key, strings.Join(keys[key], ", "), source.list()))
	}
	diags.Append(kept.chooseZones(ctx, m.Zones)...)
	return kept, diags
}

// keys maps each key to the names that share it.
func (m dcvRecordsModel) keys() (map[string][]string, diag.Diagnostics) {
	var diags diag.Diagnostics
	keys := dcv.CoveredNames(textElements(m.Domains))
	if m.Scope.ValueString() != scopeBaseDomain {
		return keys, diags
	}
	bases := make(map[string][]string)
	for _, domain := range slices.Sorted(maps.Keys(keys)) {
		base, err := dcv.RegistrableDomain(domain)
		if err != nil {
			diags.AddAttributeError(path.Root("domains"), "No Registrable Domain", sentence(err)+" With `scope = \"base_domain\"` every name needs one.")
			continue
		}
		bases[base] = append(bases[base], keys[domain]...)
	}
	return bases, diags
}

// priorRecords are the records in the state.
func priorRecords(ctx context.Context, prior *dcvRecordsModel) (map[string]dcv.Record, diag.Diagnostics) {
	if prior == nil {
		return nil, nil
	}
	source, diags := newRecordSource(ctx, prior.DNSRecords)
	return source.records, diags
}

// recordSource is a map of records that a configuration hands over, as far as it is known.
type recordSource struct {
	wholly  bool // false while the whole map is unknown
	records map[string]dcv.Record
	unknown map[string]bool
}

func newRecordSource(ctx context.Context, value types.Map) (recordSource, diag.Diagnostics) {
	source := recordSource{wholly: !value.IsUnknown(), records: make(map[string]dcv.Record), unknown: make(map[string]bool)}
	var diags diag.Diagnostics
	for key, element := range value.Elements() {
		if element.IsNull() {
			continue
		}
		object, ok := element.(types.Object)
		if !ok || !isWhollyKnown(object) {
			source.unknown[key] = true
			continue
		}
		var model dnsRecordModel
		diags.Append(object.As(ctx, &model, basetypes.ObjectAsOptions{})...)
		if diags.HasError() {
			return source, diags
		}
		record, err := model.record(key)
		if err != nil {
			diags.AddAttributeError(path.Root("source").AtMapKey(key), "Unusable DNS Record", sentence(err))
			continue
		}
		source.records[key] = record
	}
	return source, diags
}

// unknownFor tells whether the records of a key cannot be told yet.
func (s recordSource) unknownFor(key string) bool {
	if !s.wholly {
		return true
	}
	for unknown := range s.unknown {
		if base, _, _ := strings.Cut(unknown, "#"); base == key {
			return true
		}
	}
	// While any element is unknown, so is whether it covers a key that has no record of its own.
	return len(s.unknown) > 0 && len(dcv.Keep(key, nil, s.records)) == 0
}

// covering is the key of another domain's record that validates all the names, "" if there is none.
func (s recordSource) covering(names []string) string {
	for _, key := range slices.Sorted(maps.Keys(s.records)) {
		listed := s.records[key].Domains
		if !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(listed, name) }) {
			base, _, _ := strings.Cut(key, "#")
			return base
		}
	}
	return ""
}

// list names the domains that the source has records for, so that a slip of the pen shows.
func (s recordSource) list() string {
	if len(s.records) == 0 {
		return " It holds no record at all."
	}
	return " It holds records for: " + strings.Join(slices.Sorted(maps.Keys(s.records)), ", ") + "."
}

// chooseZones puts the records into the zones; without zones each keeps the one it came with.
func (k *keptRecords) chooseZones(ctx context.Context, zones types.Set) diag.Diagnostics {
	if zones.IsNull() {
		return nil
	}
	if !isWhollyKnown(zones) {
		k.zonesUnknown = true
		return nil
	}
	list, diags := zoneList(ctx, zones)
	for _, key := range slices.Sorted(maps.Keys(k.records)) {
		record, err := k.records[key].InZones(list)
		if zoneErr := (*dcv.ZoneError)(nil); errors.As(err, &zoneErr) {
			diags.AddAttributeError(path.Root("zones"), "No Zone for DNS Record", zoneErrorDetail(zoneErr))
			continue
		}
		k.records[key] = record
	}
	return diags
}

// limitTo keeps to the keys that a plan promised while the source was unknown: Terraform takes neither more nor fewer.
func (k *keptRecords) limitTo(promised types.Map) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, key := range slices.Sorted(maps.Keys(promised.Elements())) {
		if cover, ok := k.covered[key]; ok {
			diags.AddAttributeError(path.Root("scope"), "Domain Validated at Its Parent",
				fmt.Sprintf("%s has no record of its own: the record of its parent %s validates it, which could not be known when the plan was made. "+
					"Set `scope = \"base_domain\"` if the order's names are validated at their registrable domain; "+
					"otherwise apply again, now that `source` is known: %[1]s then gets no entry.", key, cover))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(k.records)) {
		if _, ok := promised.Elements()[key]; !ok {
			delete(k.records, key)
			diags.AddWarning("Another Record to Keep",
				fmt.Sprintf("The order has a second record, %s, which could not be known when the plan was made. Apply again to keep and publish it.", key))
		}
	}
	return diags
}

// values are the two maps as Terraform values, unknown only where they must be.
func (k *keptRecords) values(ctx context.Context) (records, sets types.Map, diags diag.Diagnostics) {
	if k.domainsUnknown {
		return types.MapUnknown(dnsRecordType), types.MapUnknown(dnsRecordSetType), nil
	}
	recordValues := make(map[string]attr.Value)
	setValues := make(map[string]attr.Value)
	for key, record := range k.records {
		model := newDNSRecordModel(record)
		if k.zonesUnknown {
			model.Zone, model.RelativeName = types.StringUnknown(), types.StringUnknown()
		}
		value, d := types.ObjectValueFrom(ctx, dnsRecordType.AttrTypes, model)
		diags.Append(d...)
		recordValues[key] = value
	}
	for key, set := range dcv.Sets(k.records) {
		model := newDNSRecordSetModel(set)
		if k.zonesUnknown {
			model.Zone, model.RelativeName = types.StringUnknown(), types.StringUnknown()
		}
		value, d := types.ObjectValueFrom(ctx, dnsRecordSetType.AttrTypes, model)
		diags.Append(d...)
		setValues[key] = value
	}
	for key := range k.unknown {
		recordValues[key] = types.ObjectUnknown(dnsRecordType.AttrTypes)
		setValues[key] = types.ObjectUnknown(dnsRecordSetType.AttrTypes)
	}
	records, d := types.MapValue(dnsRecordType, recordValues)
	diags.Append(d...)
	sets, d = types.MapValue(dnsRecordSetType, setValues)
	diags.Append(d...)
	return records, sets, diags
}
