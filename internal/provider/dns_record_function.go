// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dcv/retention"
)

var _ function.Function = dnsRecordFunction{}

func newDNSRecordFunction() function.Function { return dnsRecordFunction{} }

// dnsRecordFunction makes an entry of dns_records by hand.
type dnsRecordFunction struct{}

func (dnsRecordFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "dns_record"
}

func (dnsRecordFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "One entry of dns_records, made by hand",
		MarkdownDescription: "Returns one complete entry as the attribute `dns_records` of a data source has them, for the argument `sources` " +
			"of `certops_dcv_records`: to adopt a record that exists in DNS already, or to keep the records of other certificate authorities " +
			"(ACM, Akamai, Azure, Cloudflare). `zone` and `relative_name` are null, `domains` is empty, and `status` is `unknown`.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "type", MarkdownDescription: "Record type, `CNAME` or `TXT`, in any case."},
			function.StringParameter{Name: "fqdn", MarkdownDescription: "Owner name in full, with or without a trailing dot."},
			function.StringParameter{
				Name:               "value",
				AllowUnknownValues: true,
				MarkdownDescription: "The TXT value without quotes, or the CNAME target with or without a trailing dot. It may be unknown at plan: " +
					"type and owner name of the result are known then, and the rest is not.",
			},
		},
		Return: function.ObjectReturn{AttributeTypes: base.DNSRecordType.AttrTypes},
	}
}

func (dnsRecordFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var (
		recordType, fqdn string
		value            types.String
	)
	if resp.Error = req.Arguments.Get(ctx, &recordType, &fqdn, &value); resp.Error != nil {
		return
	}
	if strings.HasPrefix(fqdn, "*") {
		resp.Error = function.NewArgumentFuncError(1, "A certificate authority validates a wildcard at its base name: leave \"*.\" out")
		return
	}
	entry := retention.Entry{}
	text := value.ValueString()
	if len(text) > 1 && strings.HasPrefix(text, `"`) && strings.HasSuffix(text, `"`) {
		resp.Error = function.NewArgumentFuncError(2, "The value is written without the quotes that zone files and some DNS providers put "+
			"around it: use trim(value, \"\\\"\")")
		return
	}
	if value.IsUnknown() {
		entry.Knowledge = retention.ValueUnknown
		text = unknownValue
	}
	var err error
	entry.Record, err = dcv.NewRecord(dcv.Publication{Type: recordType, Name: strings.TrimSuffix(fqdn, ".") + ".", Value: text}, "", nil)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(dnsRecordArgument(err), base.Phrase(err))
		return
	}
	object := entryValue(entry)
	if value.IsUnknown() {
		// No certificate authority has told names, a status or an end.
		attributes := object.Attributes()
		attributes["domains"] = base.TextListValue(nil)
		attributes["status"] = types.StringValue(string(dcv.StatusUnknown))
		attributes["expires_at"] = types.StringNull()
		object = types.ObjectValueMust(base.DNSRecordType.AttrTypes, attributes)
	}
	resp.Error = resp.Result.Set(ctx, object)
}

// dnsRecordArgument is the position of the argument that an error is about.
func dnsRecordArgument(err error) int64 {
	name, _ := errors.AsType[*dcv.NameError](err)
	switch {
	case name == nil || name.Field == "record type":
		return 0
	case name.Field == "value" || name.Field == "CNAME target":
		return 2
	}
	return 1
}
