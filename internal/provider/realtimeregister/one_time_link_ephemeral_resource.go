// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client/realtimeregister"
)

var (
	_ ephemeral.EphemeralResource              = (*oneTimeLink)(nil)
	_ ephemeral.EphemeralResourceWithConfigure = (*oneTimeLink)(nil)
)

const oneTimeLinkType = "certops_process_one_time_link"

func newOneTimeLink() ephemeral.EphemeralResource { return &oneTimeLink{} }

// oneTimeLink reads the link of GET /v2/processes/{process_id}/info, which no data source shows: a state would hold it.
// Source: https://dm.realtimeregister.com/docs/api/processes/info
type oneTimeLink struct {
	data *base.Data
}

type oneTimeLinkModel struct {
	ProcessID   types.Int64  `tfsdk:"process_id"`
	OneTimeLink types.String `tfsdk:"one_time_link"`
}

func (l *oneTimeLink) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = oneTimeLinkType
}

func (l *oneTimeLink) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads Sectigo's one-time link for the validation of the organization, at Realtime Register. Whoever has the " +
			"link can act on the order. Therefore it is an ephemeral resource: Terraform writes the link neither into the state nor into a plan, " +
			"and reads it anew each time.\n\n" +
			"It needs Terraform 1.10 or OpenTofu 1.11. The API key's user needs the permission `VIEW_PROCESS`.",
		Attributes: map[string]schema.Attribute{
			"process_id": schema.Int64Attribute{
				Required:            true,
				MarkdownDescription: processIDDescription,
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
			},
			"one_time_link": schema.StringAttribute{
				Computed:            true,
				Sensitive:           true,
				MarkdownDescription: "The link. Null when the process has none: Sectigo gives one to orders whose organization it still validates.",
			},
		},
	}
}

func (l *oneTimeLink) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	data, diags := base.Configured[*base.Data](req.ProviderData, oneTimeLinkType)
	resp.Diagnostics.Append(diags...)
	l.data = data
}

// Open reads the link.
func (l *oneTimeLink) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model oneTimeLinkModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	c, diags := base.ClientOf[*realtimeregister.Client](l.data, Vendor{}, oneTimeLinkType)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := model.ProcessID.ValueInt64()
	link, err := c.OneTimeLink(ctx, id)
	if err != nil {
		resp.Diagnostics.Append(base.ReadError(processTarget(id), err))
		return
	}
	model.OneTimeLink = types.StringPointerValue(link.Ptr())
	resp.Diagnostics.Append(resp.Result.Set(ctx, model)...)
}
