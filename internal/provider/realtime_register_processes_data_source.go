// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client/realtimeregister"
)

var (
	_ datasource.DataSource              = (*processesDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*processesDataSource)(nil)
)

func newProcessesDataSource() datasource.DataSource {
	return &processesDataSource{vendorDataSource[*realtimeregister.Client]{typeName: "certops_processes", service: realtimeRegisterService{}}}
}

// processesDataSource reads GET /v2/processes and, for each process, GET /v2/processes/{process_id}/info.
// Source: https://dm.realtimeregister.com/docs/api/processes/list
type processesDataSource struct {
	vendorDataSource[*realtimeregister.Client]
}

type processesModel struct {
	RequiresAttention types.Bool           `tfsdk:"requires_attention"`
	Identifier        types.String         `tfsdk:"identifier"`
	Status            types.String         `tfsdk:"status"`
	IncludeInfo       types.Bool           `tfsdk:"include_info"`
	Processes         []listedProcessModel `tfsdk:"processes"`
	OneTimeLinks      map[string]string    `tfsdk:"one_time_links"`
	allowPartialModel
	dcvModel
}

// listedProcessModel is what the list tells of a process, with what its info adds.
type listedProcessModel struct {
	ID           types.Int64  `tfsdk:"id"`
	User         types.String `tfsdk:"user"`
	Customer     types.String `tfsdk:"customer"`
	Status       types.String `tfsdk:"status"`
	StatusDetail types.String `tfsdk:"status_detail"`
	ResumeTypes  []string     `tfsdk:"resume_types"`
	CreatedDate  types.String `tfsdk:"created_date"`
	UpdatedDate  types.String `tfsdk:"updated_date"`
	StartedDate  types.String `tfsdk:"started_date"`
	Type         types.String `tfsdk:"type"`
	Identifier   types.String `tfsdk:"identifier"`
	Action       types.String `tfsdk:"action"`
	processDetailsModel
}

// readProcess is a process with its link, which is kept apart: a sensitive member in the objects of a list takes Terraform
// time that grows with the square of the list.
type readProcess struct {
	listedProcessModel
	oneTimeLink *string
}

func (d *processesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads all certificate processes of the Realtime Register account, or those that the arguments select, from the oldest on. There may be none.\n\n" +
			"The list takes one request for 250 processes; `include_info` takes one more for each process. " +
			"A process whose info cannot be read is an error. The API key's user needs the permission `VIEW_PROCESS`.",
		Attributes: withList(map[string]schema.Attribute{
			"requires_attention": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "`true` selects the orders that wait for you (`detailStatus=SSL_REQUIRES_ATTENTION`). `false` is like leaving it out: all processes are read.",
			},
			"identifier": filterAttribute("Selects the processes of this domain name."),
			"status": filterAttribute("Selects the processes in this status. An order that waits for validation is `SUSPENDED`.",
				"NEW", "VALIDATED", "RUNNING", "COMPLETED", "INVALID", "CANCELLED", "FAILED", "IN_DOUBT", "SCHEDULED", "SUSPENDED"),
			"include_info": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to read the certificate information of each process too, which takes one more request a process: select before you ask. " +
					"Without it there are no `dns_records`, no `dcv_status`, and the members of `processes` from it are null or empty. Default: `false`.",
			},
			"processes": objectListAttribute("The processes, from the oldest on. "+
				"`common_name`, `requires_attention`, `certificate_id`, `validations` and `notes` come from the info: null or empty without `include_info`, "+
				"and where a process that has ended gives none.",
				listedProcessAttributes()),
			"one_time_links": schema.MapAttribute{
				ElementType:         types.StringType,
				Computed:            true,
				Sensitive:           true,
				MarkdownDescription: oneTimeLinkDescription + " Keyed by the id of the process, for those that have one. Empty without `include_info`.",
			},
		}),
	}
}

// listedProcessAttributes describes listedProcessModel.
func listedProcessAttributes() map[string]schema.Attribute {
	attributes := processDetailsAttributes()
	attributes["id"] = numberAttribute("Id of the process.")
	attributes["user"] = textAttribute("User who started the process.")
	attributes["customer"] = textAttribute("Handle of the account.")
	attributes["status"] = textAttribute("Status of the process, such as `RUNNING`, `SUSPENDED` (while the order waits for validation) or `COMPLETED`.")
	attributes["status_detail"] = textAttribute("Detail of the status, such as `SSL_REQUIRES_ATTENTION`.")
	attributes["resume_types"] = textListAttribute("What can make the process go on: `PROVIDER`, `TIMER`, `MANUAL`, `INTERNAL`, `RESEND` or `CANCEL`.")
	attributes["created_date"] = textAttribute("When the process was created (RFC 3339).")
	attributes["updated_date"] = textAttribute("When the process last changed (RFC 3339).")
	attributes["started_date"] = textAttribute("When the process was started (RFC 3339).")
	attributes["type"] = textAttribute("Type of the process: `certificate`.")
	attributes["identifier"] = textAttribute("Domain name that the process is about.")
	attributes["action"] = textAttribute("What the process does, such as `request` or `renew`.")
	return attributes
}

func (d *processesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model processesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	c, diags := d.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	includeInfo := model.IncludeInfo.ValueBool()
	resp.Diagnostics.Append(needlessZones(model.Zones, includeInfo, "include_info")...)

	all := subject{service: d.service, noun: "Realtime Register Processes", what: "processes"}
	filter := realtimeregister.ProcessFilter{
		RequiresAttention: model.RequiresAttention.ValueBool(),
		Identifier:        model.Identifier.ValueString(),
		Status:            model.Status.ValueString(),
	}
	items, diags := readItems(ctx, all, model.AllowPartial.ValueBool(),
		func(ctx context.Context) ([]realtimeregister.Process, error) { return c.Processes(ctx, filter) },
		func(p *realtimeregister.Process) subject {
			return subject{service: d.service, noun: "Realtime Register Process", what: "process", id: p.ID.String()}
		},
		func(ctx context.Context, p *realtimeregister.Process) (listItem[readProcess], error) {
			item := listItem[readProcess]{model: readProcess{listedProcessModel: newListedProcessModel(p)}}
			if !includeInfo {
				return item, nil
			}
			if p.ID == nil {
				return item, errNoID
			}
			info, err := readProcessInfo(ctx, c, p, *p.ID.Ptr())
			if err != nil {
				return item, err
			}
			item.model.processDetailsModel = newProcessDetailsModel(info)
			item.model.oneTimeLink = info.OneTimeLink.Ptr()
			item.order, err = processOrder(p, info)
			return item, err
		})
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	model.Processes = make([]listedProcessModel, len(items.models))
	model.OneTimeLinks = make(map[string]string)
	for i, p := range items.models {
		model.Processes[i] = p.listedProcessModel
		if p.oneTimeLink != nil {
			model.OneTimeLinks[p.ID.String()] = *p.oneTimeLink
		}
	}
	resp.Diagnostics.Append(model.set(ctx, all, items.challenges, true)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(setState(ctx, &resp.State, &model)...)
}

// newListedProcessModel maps an entry of the list into Terraform values.
func newListedProcessModel(p *realtimeregister.Process) listedProcessModel {
	notRead := newProcessDetailsModel(&realtimeregister.ProcessInfo{})
	// That nothing was read does not mean that nothing requires attention.
	notRead.RequiresAttention = types.BoolNull()
	return listedProcessModel{
		processDetailsModel: notRead,
		ID:                  number(p.ID),
		User:                text(p.User),
		Customer:            text(p.Customer),
		Status:              text(p.Status),
		StatusDetail:        text(p.StatusDetail),
		ResumeTypes:         texts(p.ResumeTypes),
		CreatedDate:         text(p.CreatedDate),
		UpdatedDate:         text(p.UpdatedDate),
		StartedDate:         text(p.StartedDate),
		Type:                text(p.Type),
		Identifier:          text(p.Identifier),
		Action:              text(p.Action),
	}
}
