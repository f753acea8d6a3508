// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

var _ function.Function = txtQuoteFunction{}

func newTXTQuoteFunction() function.Function { return txtQuoteFunction{} }

// txtQuoteFunction writes a TXT value as a zone file has it.
type txtQuoteFunction struct{}

func (txtQuoteFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "txt_quote"
}

func (txtQuoteFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "A TXT value in zone-file quotes",
		MarkdownDescription: "Returns the value as a zone file has it (RFC 1035): in double quotes, escaped, and cut into strings of at most " +
			"255 bytes. A value that is quoted already is not quoted again, but cut anew.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "value", MarkdownDescription: "Value of a TXT record, bare or quoted."},
		},
		Return: function.StringReturn{},
	}
}

func (txtQuoteFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var value string
	if resp.Error = req.Arguments.Get(ctx, &value); resp.Error != nil {
		return
	}
	resp.Error = resp.Result.Set(ctx, dcv.QuoteTXT(value))
}
