// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dcv/retention"
)

var (
	_ resource.Resource                = (*dcvRecordsResource)(nil)
	_ resource.ResourceWithImportState = (*dcvRecordsResource)(nil)
)

// The values of scope and on_missing.
const (
	scopeFQDN       = "fqdn"
	scopeBaseDomain = "base_domain"

	onMissingError = "error"
	onMissingSkip  = "skip"
)

func newDCVRecordsResource() resource.Resource { return &dcvRecordsResource{} }

// dcvRecordsResource retains the records of orders after the certificate authority has forgotten them. It calls no API:
// everything it knows stands in its arguments and its own state. All work is done while planning, in planDCVRecords and
// retention.Input. Terraform plans once more at apply, when everything is known, so that creating and updating only write the
// plan.
type dcvRecordsResource struct{}

type dcvRecordsModel struct {
	Domains       types.List   `tfsdk:"domains"`
	Sources       types.List   `tfsdk:"sources"`
	Statuses      types.List   `tfsdk:"statuses"`
	Zones         types.Set    `tfsdk:"zones"`
	Scope         types.String `tfsdk:"scope"`
	OnMissing     types.String `tfsdk:"on_missing"`
	DNSRecords    types.Map    `tfsdk:"dns_records"`
	DNSRecordSets types.Map    `tfsdk:"dns_record_sets"`
	WithoutRecord types.Map    `tfsdk:"without_record"`
}

func (r *dcvRecordsResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = dcvRecordsTypeName
}

func (r *dcvRecordsResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Retains the DNS records of certificate orders, so that they survive validation, renewal and outages.\n\n" +
			"Certificate authorities stop returning a token once its domain is validated. A configuration that feeds DNS resources straight from " +
			"a data source then plans to destroy the record, which the next renewal needs. This resource remembers the records in the Terraform " +
			"state. It calls no API.",
		Attributes: map[string]schema.Attribute{
			"domains": schema.ListAttribute{
				Required:    true,
				ElementType: types.StringType,
				MarkdownDescription: "Names on the certificates, as ordered. Their order does not matter. A wildcard and its base name share one " +
					"record. Removing a name removes its record.",
				Validators: []validator.List{base.DomainValidator{IP: true}},
			},
			"sources": schema.ListAttribute{
				Required:    true,
				ElementType: types.MapType{ElemType: base.DNSRecordType},
				MarkdownDescription: "The `dns_records` of one or more data sources, or maps of entries made with the function `dns_record`. " +
					"Equal records of several sources become one entry; a different record for the same domain gets the key `<domain>#2`. Null " +
					"elements are skipped. Updates show no change here; `dns_records` shows what changes.",
			},
			"statuses": schema.ListAttribute{
				Optional:    true,
				ElementType: types.MapType{ElemType: base.DCVStatusType},
				MarkdownDescription: "The `dcv_status` of the same data sources. It tells which names need no record, because they are validated " +
					"already or validated by e-mail or HTTP: they get no entry, and `without_record` names them. Null elements are skipped.",
			},
			"zones": schema.SetAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: base.ZonesDescription + " Without it each record keeps the zone that its source gives it.",
				Validators:          []validator.Set{base.DomainValidator{Zone: true}},
			},
			"scope": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "Where the names are validated: `fqdn` (each at itself) or `base_domain` (all at their registrable domain, by " +
					"the ICANN section of the public suffix list). It decides on the keys. Default: `fqdn`.",
				Validators: []validator.String{base.WordsValidator{scopeFQDN, scopeBaseDomain}},
			},
			"on_missing": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "What happens when a name needs a record and none is returned or retained: `error` (the plan fails) or `skip` " +
					"(the name gets no entry, with a warning). Default: `error`.",
				Validators: []validator.String{base.WordsValidator{onMissingError, onMissingSkip}},
			},
			"dns_records": schema.MapAttribute{
				Computed:            true,
				ElementType:         base.DNSRecordType,
				MarkdownDescription: base.DNSRecordsDescription,
			},
			"dns_record_sets": schema.MapAttribute{
				Computed:            true,
				ElementType:         base.DNSRecordSetType,
				MarkdownDescription: base.DNSRecordSetsDescription,
			},
			"without_record": schema.MapAttribute{
				Computed:    true,
				ElementType: types.StringType,
				MarkdownDescription: "The names of `domains` that have no entry of their own, and why: validated already, validated by e-mail or " +
					"HTTP, or by the record of another name.",
			},
		},
	}
}

// retain fills in what is retained.
func (m *dcvRecordsModel) retain(prior *dcvRecordsModel) diag.Diagnostics {
	if !base.IsWhollyKnown(m.Domains) || m.Scope.IsUnknown() {
		m.DNSRecords, m.DNSRecordSets = types.MapUnknown(base.DNSRecordType), types.MapUnknown(base.DNSRecordSetType)
		m.WithoutRecord = types.MapUnknown(types.StringType)
		return nil
	}
	in, diags := m.input(prior)
	if diags.HasError() {
		return diags
	}
	plan, err := in.Plan()
	if err != nil {
		diags.Append(retentionDiagnostic(err))
		return diags
	}
	if len(plan.Missing) > 0 {
		diags.Append(m.missingDiagnostic(in, plan.Missing))
	}
	if diags.HasError() {
		return diags
	}
	diags.Append(planWarnings(plan, prior == nil, in.SourcesUnknown)...)
	m.setResults(plan)
	return diags
}

// Create writes what was planned.
func (r *dcvRecordsResource) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.Append(writePlan(req.Plan, &resp.State)...)
}

// Read has nothing to ask: the state is the only place where the records are.
func (r *dcvRecordsResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update writes what was planned.
func (r *dcvRecordsResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(writePlan(req.Plan, &resp.State)...)
}

// writePlan writes a plan into the state. It refuses one that leaves something open, which Terraform never applies.
func writePlan(plan tfsdk.Plan, state *tfsdk.State) diag.Diagnostics {
	if plan.Raw.IsFullyKnown() {
		state.Raw = plan.Raw
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic("Records Not Known",
		"Terraform applies a plan of certops_dcv_records in which something is still unknown. This is a bug in the provider; please report it.")}
}

// Delete only forgets: the records in DNS belong to the resources that published them.
func (r *dcvRecordsResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// destroyWarning says what is lost with the resource.
func (m *dcvRecordsModel) destroyWarning() diag.Diagnostics {
	if m == nil || len(m.DNSRecords.Elements()) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Retained DNS Records Are Forgotten",
		fmt.Sprintf("This plan destroys a certops_dcv_records that retains records: %s. The DNS resources made from them are destroyed too, "+
			"unless another certops_dcv_records has the same records under the same keys, and a certificate authority does not return the token "+
			"of a validated domain again. If this is not what you want, do not apply.",
			dcv.ShortList(dcv.SortedKeys(m.DNSRecords.Elements()))))}
}

// ImportState says how existing records are adopted.
func (r *dcvRecordsResource) ImportState(_ context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.AddError("Import Not Supported",
		fmt.Sprintf("certops_dcv_records retains records in the Terraform state and manages nothing outside it, so %q cannot be imported. "+
			"To adopt records that exist in DNS already, write them into `sources` with the function `dns_record`, for instance "+
			"sources = [{ \"example.com\" = provider::certops::dns_record(\"CNAME\", \"_dnsauth.example.com\", \"tok.dcv.digicert.com\") }, …]. "+
			"The guide \"Existing records and lost state\" shows it.", req.ID))
}

// missingDiagnostic tells of names that need a record and have none.
func (m *dcvRecordsModel) missingDiagnostic(in retention.Input, missing []retention.Missing) diag.Diagnostic {
	const most = 10
	var b strings.Builder
	b.WriteString("These names need a DNS record; no source returns one and none is retained:\n")
	for _, one := range missing[:min(len(missing), most)] {
		fmt.Fprintf(&b, "\n  %s: %s", strings.Join(one.Names, ", "), standing(one.Status, in))
	}
	if more := len(missing) - most; more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	fmt.Fprintf(&b, "\n\n%s\n", held(in.Sources))
	if m.OnMissing.ValueString() == onMissingSkip {
		b.WriteString("\nThey get no entry, because `on_missing` is \"skip\".")
		return diag.NewAttributeWarningDiagnostic(path.Root("domains"), "No DNS Record for Domain", b.String())
	}
	b.WriteString(`
Check which of these it is:
  - The order is not placed with the certificate authority yet, so there is no token: apply again later.
  - The name is not part of the orders that the sources read, or it is misspelled.
  - The credentials may not see the domain: the warnings of the data source tell.
  - The name is validated already, or by e-mail or HTTP: pass the data source's dcv_status in "statuses".
  - The record exists in DNS, and the state that retained it is lost (-replace, taint, a rename without "moved", "state rm"):
    give it in "sources" with the function dns_record, see the guide "Existing records and lost state".

Terraform destroys nothing while this plan fails. on_missing = "skip" leaves such names without an entry. ` +
		`Where this stops "terraform destroy", "terraform destroy -refresh=false" destroys.`)
	return diag.NewAttributeErrorDiagnostic(path.Root("domains"), "No DNS Record for Domain", b.String())
}

// standing tells where a name without a record stands.
func standing(status *dcv.NameStatus, in retention.Input) string {
	switch {
	case len(in.Statuses) == 0:
		return "`statuses` is not set"
	case status == nil:
		return "no order in `statuses` has this name"
	case status.Reason != nil:
		return fmt.Sprintf("%s. %s", status.Status, dcv.Printable(*status.Reason))
	}
	return fmt.Sprintf("%s (channel %s), without a record", status.Status, status.Channel)
}

// held lists what the sources have records for, so that a misspelled name shows.
func held(sources []retention.SourceRecord) string {
	keys := make(map[string]bool)
	for _, source := range sources {
		keys[source.Key] = true
	}
	if len(keys) == 0 {
		return "The sources hold no record."
	}
	return "The sources hold records for: " + dcv.Printable(dcv.ShortList(dcv.SortedKeys(keys))) + "."
}

// newWithoutRecords is the summary of the warning about a resource that has no records yet.
const newWithoutRecords = "New Resource Without Retained Records"

// planWarnings tell what a plan does not show: what Terraform cannot expect where the sources were unknown when it planned, and
// what it does to DNS records that exist. A provider cannot tell the plan that Terraform shows from the one that it makes again
// at apply, so the warnings come with both.
func planWarnings(plan retention.Plan, isNew, sourcesUnknown bool) diag.Diagnostics {
	var diags diag.Diagnostics
	if plan.Frozen {
		diags.AddAttributeWarning(path.Root("sources"), "Retained Records Stay As They Are",
			"`sources` will be known only after apply. The owner names of retained records contain a hash, so that new ones cannot be planned yet. "+
				"All retained records stay as they are. Plan again after this apply to publish new records.")
	}
	if len(plan.Left) > 0 {
		var records []string
		for _, record := range plan.Left {
			records = append(records, fmt.Sprintf("%s %s (%s)", record.Type, record.FQDN, record.Status))
		}
		diags.AddAttributeWarning(path.Root("domains"), "Record of an Open Order Is Forgotten",
			"An order still waits for these records, as `sources` say, and their names are no longer in `domains`: "+dcv.ShortList(records)+". "+
				"The DNS resources made from them are destroyed. Keep the names until no order needs them.")
	}
	// The final plan of an apply may differ from the first one where `sources` were unknown then.
	const inconsistent = "If this apply ends with \"Provider produced inconsistent final plan\", this is the reason. Terraform then changed " +
		"no DNS resource made from these entries: plan and apply again."
	changes := strings.Join(plan.Changes[:min(len(plan.Changes), base.MaxItemWarnings)], "\n") + more(len(plan.Changes)-base.MaxItemWarnings)
	const adopt = "The guide \"Existing records and lost state\" shows how to adopt them."
	switch {
	case isNew && sourcesUnknown:
		diags.AddAttributeWarning(path.Root("sources"), newWithoutRecords, "This certops_dcv_records is new, and `sources` will be known "+
			"only after apply. If Terraform manages DNS records of these names already, this plan can replace or destroy them: then do not "+
			"apply it. "+adopt)
	case isNew && len(plan.Changes) > 0:
		diags.AddAttributeWarning(path.Root("sources"), newWithoutRecords, changes+"\n\nThis certops_dcv_records is new. If Terraform manages "+
			"DNS records of these names already, check that this plan neither replaces nor destroys them. "+adopt+"\n\n"+inconsistent)
	case len(plan.Changes) > 0:
		diags.AddAttributeWarning(path.Root("sources"), "Entries Come, Go or Move", changes+"\n\n"+inconsistent)
	}
	return diags
}

// more counts what a list leaves out.
func more(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf("\nand %d more", n)
}

// retentionDiagnostic explains why nothing can be retained.
func retentionDiagnostic(err error) diag.Diagnostic {
	if zone, ok := errors.AsType[*dcv.ZoneError](err); ok {
		return diag.NewAttributeErrorDiagnostic(path.Root("zones"), "No Zone for DNS Record", base.ZoneErrorDetail(zone))
	}
	if conflict, ok := errors.AsType[*dcv.ConflictError](err); ok && conflict.Zone == "" {
		return diag.NewAttributeErrorDiagnostic(path.Root("sources"), base.ConflictSummary,
			base.Sentence(conflict)+" Only one of them can be published. If one is written by hand with dns_record, leave it out: the order's "+
				"record then takes its place in DNS, changed in place. If both come from orders, take the order that is no longer needed out of "+
				"`sources` and `statuses`, or choose a validation method for one of them whose records can exist beside the other record.")
	} else if ok {
		return base.ConflictDiagnostic(conflict)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("domains"), "No Registrable Domain",
		base.Sentence(err)+" With `scope = \"base_domain\"` every name needs one.")
}
