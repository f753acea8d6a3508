// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

var _ function.Function = persistentDCVRecordFunction{}

func newPersistentDCVRecordFunction() function.Function { return persistentDCVRecordFunction{} }

// persistentDCVRecordFunction makes the record of BR 3.2.2.4.22.
type persistentDCVRecordFunction struct{}

func (persistentDCVRecordFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "persistent_dcv_record"
}

func (persistentDCVRecordFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The TXT record that lets an account validate a domain again and again",
		MarkdownDescription: "Makes the persistent record of the Baseline Requirements, 3.2.2.4.22: a TXT record at " +
			"`_validation-persist.<domain>` with the authority and the account. While it stands, the authority validates the domain for this " +
			"account without a new token. The result is one entry as `dns_records` has them, with `zone` and `relative_name` null. " +
			"For a wildcard the value ends in `; policy=wildcard`.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "domain", MarkdownDescription: "Domain to validate. `*.` and a trailing dot are left out of the name."},
			function.StringParameter{Name: "issuer", MarkdownDescription: "Name of the certificate authority as in CAA records, such as " +
				"`sectigo.com`."},
			function.StringParameter{Name: "account_uri", MarkdownDescription: "Address of the account, beginning with `https://`, as the " +
				"authority gives it."},
		},
		Return: function.ObjectReturn{AttributeTypes: base.DNSRecordType.AttrTypes},
	}
}

func (persistentDCVRecordFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var domain, issuer, account string
	if resp.Error = req.Arguments.Get(ctx, &domain, &issuer, &account); resp.Error != nil {
		return
	}
	record, err := dcv.PersistentRecord(domain, issuer, account)
	if wrong, ok := errors.AsType[*dcv.NameError](err); ok {
		argument := int64(0)
		if wrong.Text == issuer {
			argument = 1
		}
		resp.Error = function.NewArgumentFuncError(argument, base.Phrase(err))
		return
	}
	if err != nil {
		resp.Error = function.NewArgumentFuncError(2, base.Phrase(err))
		return
	}
	resp.Error = resp.Result.Set(ctx, base.NewDNSRecordModel(record))
}
