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

var _ function.Function = sectigoDNSRecordFunction{}

func newSectigoDNSRecordFunction() function.Function { return sectigoDNSRecordFunction{} }

// sectigoDNSRecordFunction computes what Sectigo will ask for, before any order exists.
type sectigoDNSRecordFunction struct{}

func (sectigoDNSRecordFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "sectigo_dns_record"
}

func (sectigoDNSRecordFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The CNAME record Sectigo asks for",
		MarkdownDescription: "Computes from a certificate signing request the record that Sectigo looks for, before any order exists: " +
			"`_<MD5 of the CSR>.<domain>` as a CNAME of `<SHA-256 of the CSR in two halves>.sectigo.com`, both over the DER form in lower-case " +
			"hexadecimal. The result is one entry as `dns_records` has them, with `zone` and `relative_name` null. " +
			"An order with a unique value, as resellers may place it, has one more label in its target: then take the record from the order.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "csr_pem", MarkdownDescription: "Certificate signing request (PKCS #10) in PEM form."},
			function.StringParameter{Name: "domain", MarkdownDescription: "Domain to validate; `*.` and a trailing dot are left out."},
		},
		Return: function.ObjectReturn{AttributeTypes: base.DNSRecordType.AttrTypes},
	}
}

func (sectigoDNSRecordFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var csr, domain string
	if resp.Error = req.Arguments.Get(ctx, &csr, &domain); resp.Error != nil {
		return
	}
	record, err := dcv.SectigoRecord(csr, domain)
	if _, ok := errors.AsType[*dcv.NameError](err); ok {
		resp.Error = function.NewArgumentFuncError(1, base.Phrase(err))
		return
	}
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, base.Phrase(err))
		return
	}
	resp.Error = resp.Result.Set(ctx, base.NewDNSRecordModel(record))
}
