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

var _ function.Function = zoneForFunction{}

func newZoneForFunction() function.Function { return zoneForFunction{} }

// zoneForFunction chooses the zone that a name belongs to.
type zoneForFunction struct{}

func (zoneForFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "zone_for"
}

func (zoneForFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The zone that holds a name",
		MarkdownDescription: "Returns the longest of the zones that holds the name, matched on label boundaries, in lower case and punycode " +
			"without trailing dot. It is an error when none does.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "fqdn", MarkdownDescription: "Fully qualified name, with or without trailing dot."},
			function.SetParameter{Name: "zones", ElementType: types.StringType,
				Validators: []function.SetParameterValidator{setvalidator.NoNullValues()}, MarkdownDescription: "Zones to choose from, with or " +
					"without trailing dot."},
		},
		Return: function.StringReturn{},
	}
}

func (zoneForFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var (
		fqdn  string
		zones []string
	)
	if resp.Error = req.Arguments.Get(ctx, &fqdn, &zones); resp.Error != nil {
		return
	}
	if _, err := dcv.ParseDomain(fqdn); err != nil {
		resp.Error = function.NewArgumentFuncError(0, base.Phrase(err))
		return
	}
	var problems []error
	for _, zone := range zones {
		problems = append(problems, base.CheckZone(zone))
	}
	if err := errors.Join(problems...); err != nil {
		resp.Error = function.NewArgumentFuncError(1, base.Phrase(err))
		return
	}
	zone, err := dcv.Zone(fqdn, zones)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(1, base.Phrase(err))
		return
	}
	resp.Error = resp.Result.Set(ctx, zone)
}
