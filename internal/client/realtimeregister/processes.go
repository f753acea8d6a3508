// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"context"
	"net/url"
	"strconv"

	"github.com/certops/terraform-provider-certops/internal/client"
)

// pageSize is how many processes one request asks for, the most that the vendor gives. Its default is 10.
const pageSize = 250

// ProcessFilter narrows Processes; zero fields do not.
type ProcessFilter struct {
	RequiresAttention bool   // only orders that wait for the user
	Identifier        string // the domain
	Status            string // one of the process states, such as SUSPENDED
}

// page returns the parameters of GET /v2/processes for the page from an offset on. The oldest process
// comes first: one that is made meanwhile is then added at the end, and moves no other to another page.
func (f ProcessFilter) page(offset int) url.Values {
	query := url.Values{
		"type":   {"certificate"},
		"order":  {"createdDate"},
		"limit":  {strconv.Itoa(pageSize)},
		"offset": {strconv.Itoa(offset)},
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

// processPage is one response of GET /v2/processes.
type processPage struct {
	Entities   *[]Process `json:"entities"`
	Pagination *struct {
		Limit *client.Int `json:"limit"`
		Total *client.Int `json:"total"`
	} `json:"pagination"`
}

// last reports whether no page follows this one of so many processes. Only a list without a total asks.
func (p processPage) last(size int) bool {
	most := pageSize
	if p.Pagination != nil && p.Pagination.Limit != nil && *p.Pagination.Limit > 0 {
		most = int(min(*p.Pagination.Limit, pageSize))
	}
	return size < most
}

// Processes lists the account's certificate processes, the oldest first.
func (c *Client) Processes(ctx context.Context, filter ProcessFilter) ([]Process, error) {
	unusable := func(message string) error {
		return c.api.Unusable(client.KindBody, message, filter.page(0), "v2", "processes")
	}
	return client.List[Process]{
		ID: func(p Process) *client.Int { return p.ID },
		From: func(offset int) (client.Page[Process], error) {
			var response processPage
			if err := c.api.Get(ctx, &response, filter.page(offset), "v2", "processes"); err != nil {
				return client.Page[Process]{}, err
			}
			var page client.Page[Process]
			if response.Pagination != nil {
				page.Total = response.Pagination.Total
			}
			switch {
			case response.Entities != nil:
				page.Items = *response.Entities
			case page.Total == nil || *page.Total != 0:
				return page, unusable("the response has no list")
			}
			page.Last = response.last(len(page.Items))
			return page, nil
		},
		Unusable: unusable,
	}.Read()
}
