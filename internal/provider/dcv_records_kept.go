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
	// unknown are the keys whose record will be known only after apply, unknownSets those whose record set will.
	unknown, unknownSets map[string]bool
	// missing tells, by key, why a domain has no record. It is an error at apply.
	missing map[string]diag.Diagnostic
}

// keepRecords works out the records from the arguments and the state before, which is nil when there is none.
func keepRecords(ctx context.Context, m dcvRecordsModel, prior *dcvRecordsModel) (*keptRecords, diag.Diagnostics) {
	kept := &keptRecords{
		records: make(map[string]dcv.Record),
		unknown: make(map[string]bool), unknownSets: make(map[string]bool),
		missing: make(map[string]diag.Diagnostic),
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

	known, d := prior.knownKeys()
	diags.Append(d...)
	if diags.HasError() {
		return kept, diags
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		own := dcv.Keep(key, before, nil)
		if source.unknownFor(key) {
			// A domain that was here before without a record of its own is validated at its parent, and stays so.
			if known[key] == nil || len(own) > 0 {
				kept.unknown[key] = true
				kept.unknownSets[key] = true
			}
			for extra := range own {
				kept.unknown[extra] = true
			}
			// Several records of a domain may be one record set.
			for extra := range dcv.Sets(own) {
				kept.unknownSets[extra] = true
			}
			continue
		}
		if records := dcv.Keep(key, before, source.records); len(records) > 0 {
			diags.Append(kept.add(key, records, own, known[key] == nil)...)
			continue
		}
		if cover := source.covering(keys[key]); cover != "" {
			if known[key] == nil || keys[cover] == nil {
				diags.Append(coveredWarning(key, cover, keys[cover] != nil))
			}
			continue
		}
		kept.unknown[key] = true
		kept.unknownSets[key] = true
		kept.missing[key] = diag.NewAttributeErrorDiagnostic(path.Root("domains"), "No DNS Record for Domain",
			fmt.Sprintf("`source` has no record for %s (ordered as %s), and none was ever kept. Either the order is not placed yet, so that there is no token: apply again later; "+
				"or the domain is validated already or by another method (e-mail, file): take it out of `domains`; "+
				"or it is not part of the order that `source` comes from.%s", key, strings.Join(keys[key], ", "), source.list()))
	}
	diags.Append(kept.chooseZones(ctx, m.Zones)...)
	return kept, diags
}

// add takes over the records of a domain. The first time only the one that carries the domain's own key: with the source
// unknown at plan Terraform was promised that key and no other, and at apply the two cases cannot be told apart.
func (k *keptRecords) add(key string, records, before map[string]dcv.Record, first bool) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, extra := range slices.Sorted(maps.Keys(records)) {
		_, kept := before[extra]
		switch {
		case kept || extra == key:
		case first:
			diags.AddAttributeWarning(path.Root("domains"), "Another Record to Keep",
				fmt.Sprintf("%s has more than one record. The first time only one is taken; plan and apply again for %s.", key, extra))
			continue
		default:
			diags.AddAttributeWarning(path.Root("domains"), "Another Record to Keep",
				fmt.Sprintf("%s has another record now, %s. If Terraform says that a new element has appeared, this is why: when the plan was made, `source` was not known yet. "+
					"Plan and apply again.", key, extra))
		}
		k.records[extra] = records[extra]
	}
	return diags
}

// coveredWarning explains a domain without an entry. When the source is unknown at plan, Terraform has been promised an
// entry by then and stops, which this warning explains; the protocol gives a provider no means to tell the two apart.
func coveredWarning(key, cover string, kept bool) diag.Diagnostic {
	remedy := fmt.Sprintf("Set `scope = \"base_domain\"` if the order's names are validated at their registrable domain, or take %s out of `domains`. ", key)
	if !kept {
		remedy += fmt.Sprintf("As it stands, the record of %s is not kept, because that domain is not among `domains`.", cover)
	} else {
		remedy += "If Terraform says that an element has vanished, this is why: when the plan was made, `source` was not known yet."
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("domains"), "Domain Validated at Its Parent",
		fmt.Sprintf("%s has no record of its own and gets no entry: the record of its parent %s validates it. %s", key, cover, remedy))
}

// knownKeys are the keys of the state before.
func (m *dcvRecordsModel) knownKeys() (map[string][]string, diag.Diagnostics) {
	if m == nil {
		return nil, nil
	}
	return m.keys()
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
		domain, _, _ := strings.Cut(key, "#")
		record, err := model.respell(domain)
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
	return " It holds records for: " + printable(strings.Join(slices.Sorted(maps.Keys(s.records)), ", ")) + "."
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
	}
	for key := range k.unknownSets {
		setValues[key] = types.ObjectUnknown(dnsRecordSetType.AttrTypes)
	}
	records, d := types.MapValue(dnsRecordType, recordValues)
	diags.Append(d...)
	sets, d = types.MapValue(dnsRecordSetType, setValues)
	diags.Append(d...)
	return records, sets, diags
}
