// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"context"
	"net/url"
	"strconv"
	"sync"

	"github.com/certops/terraform-provider-certops/internal/client"
)

// pageSize is how many processes one request asks for. The vendor's default is 10.
const pageSize = 100

// pagesAtOnce is how many pages are read at the same time, so many as the client always has under way.
const pagesAtOnce = 10

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

// following returns the offsets of the pages from read on, as far as it is known that there are any.
func (p processPage) following(read int) []int {
	if p.Pagination == nil || p.Pagination.Total == nil || len(p.Entities) == 0 {
		return nil
	}
	var offsets []int
	for offset := read; int64(offset) < int64(*p.Pagination.Total) && len(offsets) < pagesAtOnce; offset += len(p.Entities) {
		offsets = append(offsets, offset)
	}
	return offsets
}

// pageRead is a page, or why there is none.
type pageRead struct {
	processPage
	err error
}

// Processes lists the account's certificate processes, the oldest first. Once a page has told how many
// there are, those that follow it are read several at a time.
func (c *Client) Processes(ctx context.Context, filter ProcessFilter) ([]Process, error) {
	pages := client.Pages[Process]{ID: func(p Process) *client.Int { return p.ID }}
	ahead := c.processPages(ctx, filter, []int{0})
	for read := 0; ; {
		page := ahead[read]
		if page.err != nil {
			return nil, page.err
		}
		if err := pages.Add(page.Entities); err != nil {
			return nil, c.api.Unusable(client.KindBody, err.Error(), filter.page(read), "v2", "processes")
		}
		read += len(page.Entities)
		if page.last(read) {
			return pages.Items(), nil
		}
		if _, known := ahead[read]; known {
			continue
		}
		// Also where the pages turn out shorter than the first one.
		offsets := page.following(read)
		if len(offsets) == 0 {
			offsets = []int{read}
		}
		ahead = c.processPages(ctx, filter, offsets)
	}
}

// processPages reads pages at the same time, and returns them by offset.
func (c *Client) processPages(ctx context.Context, filter ProcessFilter, offsets []int) map[int]pageRead {
	results := make([]pageRead, len(offsets))
	var reads sync.WaitGroup
	for i, offset := range offsets {
		reads.Go(func() {
			results[i].err = c.api.Get(ctx, &results[i].processPage, filter.page(offset), "v2", "processes")
		})
	}
	reads.Wait()
	pages := make(map[int]pageRead, len(offsets))
	for i, offset := range offsets {
		pages[offset] = results[i]
	}
	return pages
}
