// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"context"
	"net/url"
	"strconv"

	"github.com/certops/terraform-provider-certops/internal/client"
)

// pageSize is how many processes one request asks for. The vendor's default is 10.
const pageSize = 100

// ProcessFilter narrows Processes; zero fields do not.
type ProcessFilter struct {
	RequiresAttention bool   // only orders that wait for the user
	Identifier        string // the domain
	Status            string // one of the process states, such as SUSPENDED
}

// query returns the parameters of GET /v2/processes. The oldest process comes first: one that is made
// meanwhile is then added at the end, and moves no other to another page.
func (f ProcessFilter) query() url.Values {
	query := url.Values{
		"type":  {"certificate"},
		"order": {"createdDate"},
		"limit": {strconv.Itoa(pageSize)},
	}
	if f.RequiresAttention {
		query.Set("detailStatus", "SSL_REQUIRES_ATTENTION")
	}
	if f.Identifier != "" {
		query.Set("identifier", f.Identifier)
	}
	if f.Status != "" {
		query.Set("status", f.Status)
	}
	return query
}

// processPage is one answer of GET /v2/processes.
type processPage struct {
	Entities   []Process `json:"entities"`
	Pagination *struct {
		Limit *client.Int `json:"limit"`
		Total *client.Int `json:"total"`
	} `json:"pagination"`
}

// last reports whether no page follows this one, which ends after read processes.
func (p processPage) last(read int) bool {
	if len(p.Entities) == 0 {
		return true
	}
	size := pageSize
	if p.Pagination != nil {
		if total := p.Pagination.Total; total != nil {
			return int64(read) >= int64(*total)
		}
		if limit := p.Pagination.Limit; limit != nil && *limit > 0 {
			size = int(min(*limit, pageSize))
		}
	}
	return len(p.Entities) < size
}

// Processes lists the account's certificate processes, the oldest first.
func (c *Client) Processes(ctx context.Context, filter ProcessFilter) ([]Process, error) {
	query := filter.query()
	pages := client.Pages[Process]{ID: func(p Process) *client.Int { return p.ID }}
	for read := 0; ; {
		query.Set("offset", strconv.Itoa(read))
		var page processPage
		if err := c.api.Get(ctx, &page, query, "v2", "processes"); err != nil {
			return nil, err
		}
		if err := pages.Add(page.Entities); err != nil {
			return nil, c.api.Unusable(client.KindBody, err.Error(), query, "v2", "processes")
		}
		read += len(page.Entities)
		if page.last(read) {
			return pages.Items(), nil
		}
	}
}
