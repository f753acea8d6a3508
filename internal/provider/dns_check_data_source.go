// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// newDNSCheckDataSource looks at DNS the way a certificate authority does. That DNS is wrong is its response, never an error.
var newDNSCheckDataSource = base.NewSource("certops_dns_check",
	func(data *base.Data, typeName string) (*base.Data, diag.Diagnostics) {
		if data == nil {
			return nil, diag.Diagnostics{base.NotConfigured(typeName)}
		}
		return data, nil
	}, dnsCheckSchema, readDNSCheck)

type dnsCheckModel struct {
	base.DNSCheckModel
	Ready   types.Bool                     `tfsdk:"ready"`
	Results map[string]dnsCheckResultModel `tfsdk:"results"`
}

type dnsCheckResultModel struct {
	Status      types.String `tfsdk:"status"`
	Expected    types.String `tfsdk:"expected"`
	Observed    types.List   `tfsdk:"observed"`
	Nameservers types.List   `tfsdk:"nameservers"`
	DNSSEC      types.String `tfsdk:"dnssec"`
	CAA         types.String `tfsdk:"caa"`
	Message     types.String `tfsdk:"message"`
}

var dnsCheckResultType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"status":      types.StringType,
	"expected":    types.StringType,
	"observed":    types.ListType{ElemType: types.StringType},
	"nameservers": types.ListType{ElemType: types.StringType},
	"dnssec":      types.StringType,
	"caa":         types.StringType,
	"message":     types.StringType,
}}

func dnsCheckSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Looks records up in DNS the way a certificate authority does: at every authoritative server of the zone, found " +
			"by walking the delegation from the root, without any cache. It also judges the CAA records (RFC 8659 and RFC 8657) and validates " +
			"DNSSEC. It never fails because DNS is wrong: that is its response.\n\n" +
			"The look-up happens whenever Terraform reads the data source. Make it depend on the DNS resources to look after they are applied.",
		Attributes: map[string]schema.Attribute{
			"dns_records": schema.MapAttribute{
				Required:            true,
				ElementType:         base.DNSRecordType,
				Validators:          []validator.Map{base.NoNullElements{}},
				MarkdownDescription: base.CheckedRecordsDescription,
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
			"ready": schema.BoolAttribute{
				Computed: true,
				MarkdownDescription: "True when every record is `published`, no CAA record forbids the certificate and DNSSEC is not `bogus`; " +
					"true without records.",
			},
			"results": schema.MapAttribute{
				Computed:    true,
				ElementType: dnsCheckResultType,
				MarkdownDescription: "What was found, by the keys of `dns_records`.\n\n" +
					"* `status`: `published`, `missing`, `wrong_value`, `not_delegated`, `shadowed_by_cname`, `blocked_by_other_records` where a " +
					"CNAME cannot stand beside what is there, or `error`. When the servers of a zone disagree, the worst.\n" +
					"* `expected`: the value looked for.\n" +
					"* `observed`: the values found.\n" +
					"* `nameservers`: the servers asked, as `host:port`.\n" +
					"* `dnssec`: what DNSSEC makes of the record and of the CAA records, the worst of them. `secure`; `insecure`, when the zone is " +
					"not signed; `bogus`, when its signatures do not hold, so that certificate authorities refuse; or `unknown`, with the reason in " +
					"the message. Resolvers in `nameservers` make it `secure` with the AD bit, and `bogus` when they refuse the answer unless " +
					"they are told not to validate. The answers of other resolvers are validated by the provider.\n" +
					"* `caa`: what the CAA records say. `allowed`; `restricted`, where they allow the certificate under conditions of RFC 8657 that " +
					"DNS cannot show to be met, or that authorities must obey from 15 March 2027 only; `forbidden`; or `none`. Null when they could " +
					"not be judged, as for a TXT record, which does not tell its certificate authority unless it is a persistent one.\n" +
					"* `message`: what was found, at which server, and what to change.",
			},
		},
	}
}

func readDNSCheck(ctx context.Context, data *base.Data, model *dnsCheckModel) diag.Diagnostics {
	results, diags := model.Look(ctx, data, nil)
	if diags.HasError() {
		return diags
	}
	ready := true
	for _, result := range results {
		ready = ready && result.Ready()
	}
	model.Ready = types.BoolValue(ready)
	model.Results = base.MapValues(results, newDNSCheckResultModel)
	return nil
}

func newDNSCheckResultModel(r dnscheck.Result) dnsCheckResultModel {
	caa := types.StringNull()
	if r.CAA != "" {
		caa = types.StringValue(r.CAA)
	}
	return dnsCheckResultModel{
		Status:      types.StringValue(r.Status),
		Expected:    types.StringValue(r.Expected),
		Observed:    base.TextListValue(r.Observed),
		Nameservers: base.TextListValue(r.Nameservers),
		DNSSEC:      types.StringValue(r.DNSSEC),
		CAA:         caa,
		Message:     types.StringValue(r.Message),
	}
}
