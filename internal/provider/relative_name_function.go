// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

var _ function.Function = relativeNameFunction{}

func newRelativeNameFunction() function.Function { return relativeNameFunction{} }

// relativeNameFunction writes a name relative to its zone.
type relativeNameFunction struct{}

func (relativeNameFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "relative_name"
}

func (relativeNameFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "A name inside its zone",
		MarkdownDescription: "Returns the name relative to the zone, `@` at the zone apex. It is an error when the name lies outside the zone.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "fqdn", MarkdownDescription: "Fully qualified name, with or without trailing dot."},
			function.StringParameter{Name: "zone", MarkdownDescription: "Zone, with or without trailing dot."},
		},
		Return: function.StringReturn{},
	}
}

func (relativeNameFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var fqdn, zone string
	if resp.Error = req.Arguments.Get(ctx, &fqdn, &zone); resp.Error != nil {
		return
	}
	for i, name := range []string{fqdn, zone} {
		if _, err := dcv.ParseDomain(name); err != nil {
			resp.Error = function.NewArgumentFuncError(int64(i), base.Phrase(err))
			return
		}
	}
	relative, err := dcv.RelativeName(fqdn, zone)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, base.Phrase(err))
		return
	}
	resp.Error = resp.Result.Set(ctx, relative)
}
