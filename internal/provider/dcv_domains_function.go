// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

var _ function.Function = dcvDomainsFunction{}

func newDCVDomainsFunction() function.Function { return dcvDomainsFunction{} }

// dcvDomainsFunction gives the keys that dns_records has, before any token is known.
type dcvDomainsFunction struct{}

func (dcvDomainsFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "dcv_domains"
}

func (dcvDomainsFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The domains a certificate's names are validated at",
		MarkdownDescription: "Groups the names on a certificate by the domain that is validated: lower-case, punycode, without `*.` and " +
			"trailing dot, so that a wildcard and its apex share one. The keys are those of `dns_records` and depend on nothing but the names, " +
			"which makes them fit for `for_each` while the tokens are still unknown.",
		Parameters: []function.Parameter{function.SetParameter{
			Name:                "domains",
			ElementType:         types.StringType,
			Validators:          []function.SetParameterValidator{setvalidator.NoNullValues()},
			MarkdownDescription: "Names on the certificate, as ordered.",
		}},
		Return: function.MapReturn{ElementType: types.ListType{ElemType: types.StringType}},
	}
}

func (dcvDomainsFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var domains []string
	if resp.Error = req.Arguments.Get(ctx, &domains); resp.Error != nil {
		return
	}
	var problems []error
	for _, domain := range domains {
		if _, err := dcv.ParseDomain(domain); err != nil {
			problems = append(problems, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		resp.Error = function.NewArgumentFuncError(0, base.Phrase(err))
		return
	}
	resp.Error = resp.Result.Set(ctx, dcv.CoveredNames(domains))
}
