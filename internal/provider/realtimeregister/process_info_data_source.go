// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"context"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/realtimeregister"
)

// newProcessInfo reads GET /v2/processes/{process_id}/info.
// Source: https://dm.realtimeregister.com/docs/api/processes/info
var newProcessInfo = base.NewVendorSource("certops_process_info", Vendor{}, processInfoSchema, readProcessInfo)

type processInfoModel struct {
	ProcessID types.Int64 `tfsdk:"process_id"`
	realtimeregister.ProcessInfo
	base.DCVModel
}

const processIDDescription = "Id of the process, as Realtime Register returns it in the header `X-Process-Id` when a certificate is " +
	"ordered, renewed or reissued."

func processInfoSchema() schema.Schema {
	attributes := processInfoAttributes()
	attributes["process_id"] = base.IDAttribute(processIDDescription)
	return schema.Schema{
		MarkdownDescription: "Reads the certificate information of a Realtime Register process: which validations are still open, and the DNS " +
			"records that prove control of each domain.\n\n" +
			"It is meant for processes that order a certificate. For other processes, and for finished ones, the API may return an error or an " +
			"empty document. An empty document produces a warning. Sectigo's one-time link is not here, since it is a credential: see the " +
			"ephemeral resource `certops_process_one_time_link`. The API key's user needs the permission `VIEW_PROCESS`.",
		Attributes: base.WithDCV(attributes),
	}
}

// processInfoAttributes describes realtimeregister.ProcessInfo.
func processInfoAttributes() map[string]schema.Attribute {
	const validationStates = "`WAITING`, `ATTENTION` (requires action) or `VALIDATED`"
	validation := func(of string) schema.StringAttribute {
		return base.TextAttribute("Status of the validation of " + of + ": " + validationStates + ". Null when it is not needed.")
	}
	return map[string]schema.Attribute{
		"common_name": base.TextAttribute("Common name of the requested certificate."),
		"requires_attention": base.BoolAttribute("True when the request waits for you; `validations` and `notes` tell for what. False when " +
			"the API does not say."),
		"certificate_id": base.NumberAttribute("Id of the certificate, when it was issued at once."),
		"validations": base.ObjectAttribute("Status of the request's validations. Always an object; members are null where the API says nothing.",
			map[string]schema.Attribute{
				"organization": validation("the organization"),
				"docs":         validation("the documents"),
				"voice":        validation("the telephone call"),
				"whois":        validation("the domain's WHOIS data"),
				"agreement":    validation("the agreement"),
				"dcv": base.ObjectListAttribute("Domain control validations, one a name, in the API's order. `dns_records` has them ready for "+
					"publishing.",
					map[string]schema.Attribute{
						"common_name":   base.TextAttribute("Name that is validated; may be a wildcard such as `*.example.com`."),
						"type":          base.TextAttribute("Validation method: `EMAIL`, `FILE` or `DNS`. Can be null."),
						"email":         base.TextAttribute("Address the validation e-mail goes to, with `EMAIL`."),
						"status":        base.TextAttribute("Status of this validation: " + validationStates + "."),
						"dns_record":    base.TextAttribute("Name of the DNS record as the API gives it, with or without trailing dot."),
						"dns_type":      base.TextAttribute("Type of the DNS record: `CNAME` or `TXT`. Null means `CNAME`."),
						"dns_contents":  base.TextAttribute("Value of the DNS record as the API gives it, with or without trailing dot."),
						"file_location": base.TextAttribute("Where the validation file must be found, usually without a scheme, with `FILE`."),
						"file_contents": base.TextAttribute("Contents of the validation file; may have several lines."),
						"caa_record_status": base.TextAttribute("What the check of the CAA records found: `UNKNOWN`, `VALID`, `INVALID`, `WAITING`, " +
							"`EMPTY`, `TIMEOUT`, `UNRECOGNIZED_CRITICAL_TAG` or `MALFORMED_RESPONSE`."),
						"risk_status": base.TextAttribute("Result of the certificate authority's risk check: `PASSED`, `WAITING` or `FAILED`."),
					}),
			}),
		"notes": base.ObjectListAttribute("Notes on the request. Deprecated by Realtime Register; nearly always empty.",
			map[string]schema.Attribute{
				"created_date": base.TextAttribute("When the note was made (RFC 3339)."),
				"type":         base.TextAttribute("`INCOMING` or `OUTGOING`."),
				"message":      base.TextAttribute("Text of the note."),
			}),
	}
}

func readProcessInfo(ctx context.Context, c *realtimeregister.Client, model *processInfoModel) diag.Diagnostics {
	var diags diag.Diagnostics
	id := model.ProcessID.ValueInt64()
	target := processTarget(id)
	info, err := c.ProcessInfo(ctx, id)
	if err != nil {
		diags.Append(base.ReadError(target, err))
		return diags
	}
	order, err := realtimeregister.ReadInfoOrder(ctx, c, id, info)
	if err != nil {
		diags.Append(base.ReadError(target, err))
		return diags
	}
	if info.CommonName == nil && info.Validations == nil {
		diags.AddWarning("No Certificate Information",
			fmt.Sprintf("The response for process %d has neither a common name nor validations. "+
				"The process has ended, or it has not begun.", id))
	}
	model.ProcessInfo = completeProcessInfo(info)
	diags.Append(model.SetOrder(ctx, target, order)...)
	return diags
}

// completeProcessInfo fills in what an absent member means: nothing requires attention, and no validation is told of.
func completeProcessInfo(info *realtimeregister.ProcessInfo) realtimeregister.ProcessInfo {
	complete := *info
	if complete.RequiresAttention == nil {
		complete.RequiresAttention = new(client.Bool)
	}
	if complete.Validations == nil {
		complete.Validations = &realtimeregister.Validations{}
	}
	return complete
}

func processTarget(id int64) base.Target {
	return base.Target{Service: Vendor{}, Noun: "Realtime Register Process", What: "process", ID: strconv.FormatInt(id, 10),
		Attribute: "process_id"}
}
