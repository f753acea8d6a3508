// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/realtimeregister"
)

// newProcessInfoDataSource reads GET /v2/processes/{process_id}/info.
// Source: https://dm.realtimeregister.com/docs/api/processes/info
var newProcessInfoDataSource = vendorSource("certops_process_info", realtimeRegisterService{}, processInfoSchema, readProcessInfoModel)

type processInfoModel struct {
	ProcessID types.Int64 `tfsdk:"process_id"`
	realtimeregister.ProcessInfo
	dcvModel
}

func processInfoSchema() schema.Schema {
	attributes := processInfoAttributes()
	attributes["process_id"] = schema.Int64Attribute{
		Required: true,
		MarkdownDescription: "Id of the process, as Realtime Register returns it in the header `X-Process-Id` when a certificate is ordered, " +
			"renewed or reissued.",
		Validators: []validator.Int64{int64validator.AtLeast(1)},
	}
	return schema.Schema{
		MarkdownDescription: "Reads the certificate information of a Realtime Register process: which validations are still open, and the DNS records that prove control of each domain.\n\n" +
			"It is meant for processes that order a certificate. For other processes, and for finished ones, the API may return an error or an empty document. " +
			"An empty document produces a warning. The API key's user needs the permission `VIEW_PROCESS`.",
		Attributes: withDCV(attributes),
	}
}

const oneTimeLinkDescription = "Sectigo's one-time link for the validation of the organization. Whoever has it can act on the order."

// processInfoAttributes describes realtimeregister.ProcessInfo.
func processInfoAttributes() map[string]schema.Attribute {
	attributes := processDetailsAttributes()
	attributes["one_time_link"] = schema.StringAttribute{
		Computed:            true,
		Sensitive:           true,
		MarkdownDescription: oneTimeLinkDescription,
	}
	return attributes
}

// processDetailsAttributes describes what is no secret of realtimeregister.ProcessInfo.
func processDetailsAttributes() map[string]schema.Attribute {
	const validationStates = "`WAITING`, `ATTENTION` (requires action) or `VALIDATED`"
	validation := func(of string) schema.StringAttribute {
		return textAttribute("Status of the validation of " + of + ": " + validationStates + ". Null when it is not needed.")
	}
	return map[string]schema.Attribute{
		"common_name":        textAttribute("Common name of the requested certificate."),
		"requires_attention": boolAttribute("True when the request waits for you; `validations` and `notes` tell for what. False when the API does not say."),
		"certificate_id":     numberAttribute("Id of the certificate, when it was issued at once."),
		"validations": objectAttribute("Status of the request's validations. Always an object; members are null where the API says nothing.",
			map[string]schema.Attribute{
				"organization": validation("the organization"),
				"docs":         validation("the documents"),
				"voice":        validation("the telephone call"),
				"whois":        validation("the domain's WHOIS data"),
				"agreement":    validation("the agreement"),
				"dcv": objectListAttribute("Domain control validations, one a name, in the API's order. `dns_records` has them ready for publishing.",
					map[string]schema.Attribute{
						"common_name":       textAttribute("Name that is validated; may be a wildcard such as `*.example.com`."),
						"type":              textAttribute("Validation method: `EMAIL`, `FILE` or `DNS`. Can be null."),
						"email":             textAttribute("Address the validation e-mail goes to, with `EMAIL`."),
						"status":            textAttribute("Status of this validation: " + validationStates + "."),
						"dns_record":        textAttribute("Name of the DNS record as the API gives it, with or without trailing dot."),
						"dns_type":          textAttribute("Type of the DNS record: `CNAME` or `TXT`. Null means `CNAME`."),
						"dns_contents":      textAttribute("Value of the DNS record as the API gives it, with or without trailing dot."),
						"file_location":     textAttribute("Where the validation file must be found, usually without a scheme, with `FILE`."),
						"file_contents":     textAttribute("Contents of the validation file; may have several lines."),
						"caa_record_status": textAttribute("What the check of the CAA records found: `UNKNOWN`, `VALID`, `INVALID`, `WAITING`, `EMPTY`, `TIMEOUT`, `UNRECOGNIZED_CRITICAL_TAG` or `MALFORMED_RESPONSE`."),
						"risk_status":       textAttribute("Result of the certificate authority's risk check: `PASSED`, `WAITING` or `FAILED`."),
					}),
			}),
		"notes": objectListAttribute("Notes on the request. Deprecated by Realtime Register; nearly always empty.",
			map[string]schema.Attribute{
				"created_date": textAttribute("When the note was made (RFC 3339)."),
				"type":         textAttribute("`INCOMING` or `OUTGOING`."),
				"message":      textAttribute("Text of the note."),
			}),
	}
}

func readProcessInfoModel(ctx context.Context, c *realtimeregister.Client, model *processInfoModel) diag.Diagnostics {
	var diags diag.Diagnostics
	id := model.ProcessID.ValueInt64()
	target := processTarget(realtimeRegisterService{}, id)
	info, err := c.ProcessInfo(ctx, id)
	if err != nil {
		diags.Append(readError(target, err))
		return diags
	}
	order, err := realtimeregister.ReadInfoOrder(ctx, c, id, info)
	if err != nil {
		diags.Append(readError(target, err))
		return diags
	}
	if info.CommonName == nil && info.Validations == nil {
		diags.AddWarning("No Certificate Information",
			fmt.Sprintf("The response for process %d has neither a common name nor validations. "+
				"The process has ended, or it has not begun.", id))
	}
	model.ProcessInfo = completeProcessInfo(info)
	diags.Append(model.setOrder(ctx, target, order)...)
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

func processTarget(s service, id int64) target {
	return target{service: s, noun: "Realtime Register Process", what: "process", id: strconv.FormatInt(id, 10), attribute: "process_id"}
}
