// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"context"
	"iter"
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
		if end, known := client.AtTotal(read, p.Pagination.Total); known {
			return end
		}
		if limit := p.Pagination.Limit; limit != nil && *limit > 0 {
			size = int(min(*limit, pageSize))
		}
	}
	return len(p.Entities) < size
}

// following returns the offsets of the next pages of which it is known that they are there, after this one,
// which is not empty and ends after read processes.
func (p processPage) following(read int) []int {
	if p.Pagination == nil || p.Pagination.Total == nil {
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

// Processes lists the account's certificate processes, the oldest first, a page at a time. Once a page has
// told how many there are, those that follow it are asked for before they are needed. An error is the last that comes.
func (c *Client) Processes(ctx context.Context, filter ProcessFilter) iter.Seq2[[]Process, error] {
	return func(yield func([]Process, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var reads sync.WaitGroup
		defer reads.Wait()
		defer cancel()

		ahead := make(map[int]chan pageRead) // by offset
		start := func(offset int) {
			if ahead[offset] != nil {
				return
			}
			arrived := make(chan pageRead, 1)
			ahead[offset] = arrived
			reads.Go(func() {
				var page pageRead
				page.err = c.api.Get(ctx, &page.processPage, filter.page(offset), "v2", "processes")
				arrived <- page
			})
		}

		pages := client.Pages[Process]{ID: func(p Process) *client.Int { return p.ID }}
		start(0)
		for read := 0; ; {
			page := <-ahead[read]
			delete(ahead, read)
			if page.err != nil {
				yield(nil, page.err)
				return
			}
			processes, err := pages.Add(page.Entities)
			if err != nil {
				yield(nil, c.api.Unusable(client.KindBody, err.Error(), filter.page(read), "v2", "processes"))
				return
			}
			read += len(page.Entities)
			last := page.last(read)
			if !last {
				// The next one in any case: pages can turn out shorter than the first one.
				start(read)
				for _, offset := range page.following(read) {
					if len(ahead) < pagesAtOnce {
						start(offset)
					}
				}
			}
			if !yield(processes, nil) || last {
				return
			}
		}
	}
}
