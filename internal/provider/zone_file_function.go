// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"math"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

var _ function.Function = zoneFileFunction{}

func newZoneFileFunction() function.Function { return zoneFileFunction{} }

// zoneFileFunction writes records for whoever runs the DNS by hand.
type zoneFileFunction struct{}

func (zoneFileFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "zone_file"
}

func (zoneFileFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "DNS records as zone-file text",
		MarkdownDescription: "Returns the records as text of a BIND zone file (RFC 1035), sorted by name, for DNS that is run by hand. Names " +
			"are fully qualified, so the text fits any zone file.",
		Parameters: []function.Parameter{
			dnsRecordsParameter(),
			function.Int64Parameter{Name: "ttl", MarkdownDescription: "Time to live of the records in seconds."},
		},
		Return: function.StringReturn{},
	}
}

func (zoneFileFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var (
		models map[string]base.DNSRecordModel
		ttl    int64
	)
	if resp.Error = req.Arguments.Get(ctx, &models, &ttl); resp.Error != nil {
		return
	}
	// RFC 2181, section 8: a TTL is an unsigned number of 31 bits.
	if ttl < 0 || ttl > math.MaxInt32 {
		resp.Error = function.NewArgumentFuncError(1, fmt.Sprintf("A TTL must be from 0 to %d seconds, got %d", math.MaxInt32, ttl))
		return
	}
	records, failure := respelled(models)
	if failure != nil {
		resp.Error = failure
		return
	}
	resp.Error = resp.Result.Set(ctx, dcv.ZoneFile(records, int(ttl)))
}
