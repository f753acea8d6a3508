// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

var _ function.Function = recordsTableFunction{}

func newRecordsTableFunction() function.Function { return recordsTableFunction{} }

// recordsTableFunction writes records for a ticket to the people who run the DNS.
type recordsTableFunction struct{}

func (recordsTableFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "records_table"
}

func (recordsTableFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "DNS records as a Markdown table",
		MarkdownDescription: "Returns the records as a Markdown table, one row each, sorted by name, for a ticket to the team that runs " +
			"the DNS. Columns for the zone, for the names that a record validates and for the end of the token appear when a record has them. An " +
			"empty map gives `No DNS records.`",
		Parameters: []function.Parameter{dnsRecordsParameter()},
		Return:     function.StringReturn{},
	}
}

func (recordsTableFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var models map[string]base.DNSRecordModel
	if resp.Error = req.Arguments.Get(ctx, &models); resp.Error != nil {
		return
	}
	records, failure := respelled(models)
	if failure != nil {
		resp.Error = failure
		return
	}
	resp.Error = resp.Result.Set(ctx, dcv.MarkdownTable(records))
}

// dnsRecordsParameter takes what the attribute dns_records has.
func dnsRecordsParameter() function.Parameter {
	return function.MapParameter{
		Name:                "dns_records",
		ElementType:         base.DNSRecordType,
		Validators:          []function.MapParameterValidator{mapvalidator.NoNullValues()},
		MarkdownDescription: "Records, as the attribute `dns_records` of a data source or of `certops_dcv_records` has them.",
	}
}

// respelled makes records of a function's first argument.
func respelled(models map[string]base.DNSRecordModel) (map[string]dcv.Record, *function.FuncError) {
	records := make(map[string]dcv.Record, len(models))
	var problems []error
	for _, key := range dcv.SortedKeys(models) {
		record, err := models[key].Respell("")
		if err != nil {
			problems = append(problems, fmt.Errorf("the record %q cannot be published: %w", key, err))
		}
		records[key] = record
	}
	if err := errors.Join(problems...); err != nil {
		return nil, function.NewArgumentFuncError(0, base.Phrase(err))
	}
	return records, nil
}
