// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package actions

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

var (
	// refusals are the findings that keep a certificate authority from issuing: the default of fail_on.
	refusals = []string{
		dnscheck.StatusMissing, dnscheck.StatusWrongValue, dnscheck.StatusShadowedByCNAME, dnscheck.StatusBlocked,
		dnscheck.StatusNotDelegated, dnscheck.StatusError, dnscheck.DNSSECBogus, dnscheck.CAAForbidden,
	}
	// findings are what fail_on can name: all that a look finds, but for what is as it should be.
	findings = append(slices.Clone(refusals), dnscheck.CAARestricted, dnscheck.CAANone, dnscheck.DNSSECInsecure, dnscheck.DNSSECUnknown)
)

var _ action.ActionWithConfigure = (*dnsCheck)(nil)

type dnsCheck struct {
	base.Action
}

func newDNSCheck() action.Action {
	return &dnsCheck{base.Action{TypeName: "certops_dns_check"}}
}

type dnsCheckModel struct {
	base.DNSCheckModel
	FailOn types.Set `tfsdk:"fail_on"`
}

// Schema implements action.Action.
func (*dnsCheck) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Looks records up in DNS as the data source `certops_dns_check` does: at every authoritative server of the " +
			"zone, found by walking the delegation from the root, with CAA and DNSSEC. It prints one line for each record, and fails when it " +
			"finds what `fail_on` names. It changes nothing.",
		Attributes: map[string]schema.Attribute{
			"dns_records": schema.MapAttribute{
				Required:            true,
				ElementType:         base.DNSRecordType,
				Validators:          []validator.Map{base.NoNullElements{}},
				MarkdownDescription: base.CheckedRecordsDescription,
			},
			"fail_on": schema.SetAttribute{
				Optional:    true,
				ElementType: types.StringType,
				Validators:  []validator.Set{base.WordsValidator(findings)},
				MarkdownDescription: "The findings that make the action fail, in the words that the data source has for `status`, `dnssec` and " +
					"`caa`: " + base.Words(findings) + ". An empty set lets it report only. Default: what makes a certificate authority refuse, " +
					"which is " + base.Words(refusals) + ".",
			},
			"nameservers": schema.ListAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: base.CheckNameserversDescription,
				Validators:          []validator.List{base.NameserversValidator{}},
			},
			"timeout": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: base.CheckTimeoutDescription(),
				Validators:          []validator.String{base.DurationValidator{}},
			},
		},
	}
}

// Invoke implements action.Action.
func (a *dnsCheck) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var model dnsCheckModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if a.Data == nil {
		resp.Diagnostics.Append(base.NotConfigured(a.TypeName))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	results, diags := model.Look(ctx, a.Data.Data, func(key string, result dnscheck.Result) {
		resp.SendProgress(action.InvokeProgressEvent{Message: progress(key, result)})
	})
	resp.Diagnostics.Append(diags...)

	failOn := refusals
	if !model.FailOn.IsNull() {
		failOn = base.TextElements(model.FailOn)
	}
	var failed []string
	for _, key := range slices.Sorted(maps.Keys(results)) {
		if bad := found(results[key], failOn); len(bad) > 0 {
			failed = append(failed, fmt.Sprintf("%s (%s): %s", dcv.Printable(key), strings.Join(bad, ", "), results[key].Message))
		}
	}
	if len(failed) == 0 {
		return
	}
	resp.Diagnostics.AddError("DNS Check Failed", failure(failed, len(results)))
}

// progress is the line about one record.
func progress(key string, r dnscheck.Result) string {
	caa := r.CAA
	if caa == "" {
		caa = "not judged"
	}
	return fmt.Sprintf("%s: %s, DNSSEC %s, CAA %s. %s", dcv.Printable(key), r.Status, r.DNSSEC, caa, r.Message)
}

// found returns what a result has of the findings to fail on.
func found(r dnscheck.Result, failOn []string) []string {
	var bad []string
	for _, finding := range []string{r.Status, r.DNSSEC, r.CAA} {
		if slices.Contains(failOn, finding) {
			bad = append(bad, finding)
		}
	}
	return bad
}

// failure says what was found at which records. The lines of progress have told about those that find no room here.
func failure(failed []string, total int) string {
	detail := fmt.Sprintf("The check fails for %d of %d DNS records.\n", len(failed), total)
	for _, line := range failed[:min(len(failed), base.MaxItemWarnings)] {
		detail += "\n  - " + line
	}
	if more := len(failed) - base.MaxItemWarnings; more > 0 {
		detail += fmt.Sprintf("\n  - %d more. The lines above tell about them.", more)
	}
	return detail + "\n\nCorrect DNS, then run the check again by terraform apply -invoke=action.certops_dns_check.<name>. Terraform does " +
		"not repeat an action that a change has triggered. `fail_on` selects the findings that fail."
}
