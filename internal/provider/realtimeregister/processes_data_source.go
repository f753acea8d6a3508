// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client/realtimeregister"
)

// newProcesses reads GET /v2/processes and, for each process, GET /v2/processes/{process_id}/info.
// Source: https://dm.realtimeregister.com/docs/api/processes/list
var newProcesses = base.NewVendorSource("certops_processes", Vendor{}, processesSchema, readProcesses)

type processesModel struct {
	RequiresAttention types.Bool           `tfsdk:"requires_attention"`
	Identifier        types.String         `tfsdk:"identifier"`
	Status            types.String         `tfsdk:"status"`
	IncludeInfo       types.Bool           `tfsdk:"include_info"`
	Processes         []listedProcessModel `tfsdk:"processes"`
	base.AllowPartialModel
	base.DCVModel
}

// listedProcessModel is what the list tells of a process, with what its info adds.
type listedProcessModel struct {
	realtimeregister.Process
	realtimeregister.ProcessInfo
}

func processesSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Reads all certificate processes of the Realtime Register account, or those that the arguments select, from the " +
			"oldest on. There may be none.\n\n" +
			"The list takes one request for 250 processes; `include_info` takes one more for each process. " +
			"A process whose info cannot be read is an error. The API key's user needs the permission `VIEW_PROCESS`.",
		Attributes: base.WithList(map[string]schema.Attribute{
			"requires_attention": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "`true` selects the orders that wait for you (`detailStatus=SSL_REQUIRES_ATTENTION`). `false` is like leaving " +
					"it out: all processes are read.",
			},
			"identifier": base.FilterAttribute("Selects the processes of this domain name."),
			"status": base.FilterAttribute("Selects the processes in this status. An order that waits for validation is `SUSPENDED`.",
				"NEW", "VALIDATED", "RUNNING", "COMPLETED", "INVALID", "CANCELLED", "FAILED", "IN_DOUBT", "SCHEDULED", "SUSPENDED"),
			"include_info": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to read the certificate information of each process too, which takes one more request a process: " +
					"select before you ask. Without it there are no `dns_records`, no `dcv_status`, and the members of `processes` from it are null or " +
					"empty. Default: `false`.",
			},
			"processes": base.ObjectListAttribute("The processes, from the oldest on. "+
				"`common_name`, `requires_attention`, `certificate_id`, `validations` and `notes` come from the info: null or empty without "+
				"`include_info`, and where a process that has ended gives none.",
				listedProcessAttributes()),
		}),
	}
}

// listedProcessAttributes describes listedProcessModel.
func listedProcessAttributes() map[string]schema.Attribute {
	attributes := processInfoAttributes()
	attributes["id"] = base.NumberAttribute("Id of the process.")
	attributes["user"] = base.TextAttribute("User who started the process.")
	attributes["customer"] = base.TextAttribute("Handle of the account.")
	attributes["status"] = base.TextAttribute("Status of the process, such as `RUNNING`, `SUSPENDED` (while the order waits for " +
		"validation) or `COMPLETED`.")
	attributes["status_detail"] = base.TextAttribute("Detail of the status, such as `SSL_REQUIRES_ATTENTION`.")
	attributes["resume_types"] = base.TextListAttribute("What can make the process go on: `PROVIDER`, `TIMER`, `MANUAL`, `INTERNAL`, " +
		"`RESEND` or `CANCEL`.")
	attributes["created_date"] = base.TextAttribute("When the process was created (RFC 3339).")
	attributes["updated_date"] = base.TextAttribute("When the process last changed (RFC 3339).")
	attributes["started_date"] = base.TextAttribute("When the process was started (RFC 3339).")
	attributes["type"] = base.TextAttribute("Type of the process: `certificate`.")
	attributes["identifier"] = base.TextAttribute("Domain name that the process is about.")
	attributes["action"] = base.TextAttribute("What the process does, such as `request` or `renew`.")
	attributes["command"] = base.TextAttribute("What was asked for, as JSON text: `jsondecode` reads it. Its members depend on the type and " +
		"the action.")
	attributes["billables"] = base.ObjectListAttribute("What the process is charged for, in the API's order.", map[string]schema.Attribute{
		"product":       base.TextAttribute("The product."),
		"action":        base.TextAttribute("What is charged, such as `REQUEST`, `RENEW`, `EXTRA_DOMAIN` or `EXTRA_WILDCARD`."),
		"provider_name": base.TextAttribute("Name of the provider."),
		"quantity":      base.DecimalAttribute("How many."),
		"amount":        base.DecimalAttribute("Price of one, as the API gives it."),
		"refundable":    base.BoolAttribute("Whether the amount can be refunded."),
		"total":         base.DecimalAttribute("Price of all, as the API gives it."),
	})
	for name, what := range map[string]string{"reservation": "is reserved", "transaction": "was charged", "refund": "was refunded"} {
		attributes[name] = schema.MapAttribute{
			ElementType: types.NumberType,
			Computed:    true,
			MarkdownDescription: "What " + what + " in the billing for the process: the numbers that the API gives, by its keys. Null where it " +
				"gives none.",
		}
	}
	attributes["error"] = base.TextAttribute("Why the process failed, as JSON text: `jsondecode` reads it. Null unless it failed.")
	return attributes
}

func readProcesses(ctx context.Context, c *realtimeregister.Client, model *processesModel) diag.Diagnostics {
	s := Vendor{}
	includeInfo := model.IncludeInfo.ValueBool()
	diags := base.NeedlessZones(model.Zones, includeInfo, "include_info")
	all := base.Target{Service: s, Noun: "Realtime Register Processes", What: "processes"}
	filter := realtimeregister.ProcessFilter{
		RequiresAttention: model.RequiresAttention.ValueBool(),
		Identifier:        model.Identifier.ValueString(),
		Status:            model.Status.ValueString(),
	}
	items, problems := base.ReadItems(ctx, all, model.AllowPartial.ValueBool(),
		func(ctx context.Context) ([]realtimeregister.Process, error) { return c.Processes(ctx, filter) },
		func(p *realtimeregister.Process) base.Target {
			return base.Target{Service: s, Noun: "Realtime Register Process", What: "process", ID: p.ID.String()}
		},
		func(ctx context.Context, p *realtimeregister.Process) (base.ListItem[listedProcessModel], error) {
			// That nothing was read does not mean that nothing requires attention.
			item := base.ListItem[listedProcessModel]{Model: listedProcessModel{*p,
				realtimeregister.ProcessInfo{Validations: &realtimeregister.Validations{}}}}
			if !includeInfo {
				return item, nil
			}
			if p.ID == nil {
				return item, base.ErrNoID
			}
			info, err := realtimeregister.ReadInfo(ctx, c, p, *p.ID.Ptr())
			if err != nil {
				return item, err
			}
			item.Model.ProcessInfo = completeProcessInfo(info)
			item.Order, err = realtimeregister.NewOrder(p, info)
			return item, err
		})
	diags.Append(problems...)
	if diags.HasError() {
		return diags
	}
	model.Processes = items.Models
	diags.Append(model.Set(ctx, all, items.Challenges, true)...)
	return diags
}
