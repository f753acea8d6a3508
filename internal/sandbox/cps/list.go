// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// list returns the list of certificates.
func (a *API) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	page, err1 := core.QueryPositive(q, "page", 1)
	size, err2 := core.QueryPositive(q, "page_size", maxPage)
	if err1 != nil || err2 != nil || size > maxPage {
		apiError(http.StatusBadRequest, "invalid_input", "page starts at 1, page_size is at most 20.", "/page_size").Write(w)
		return
	}
	match, ok := query(q.Get("query"))
	if !ok {
		apiError(http.StatusBadRequest, "invalid_input", "The query is not field:pattern of a searchable field.", "/query").Write(w)
		return
	}
	a.List(Service, func(all []*core.Order) core.Reply {
		return onePage(slices.DeleteFunc(slices.Clone(all), func(o *core.Order) bool { return !match(o) }), q.Get("query"), page, size)
	}).Write(w)
}

// onePage makes one page of the list of certificates.
func onePage(found []*core.Order, query string, page, size int) core.Reply {
	items := []core.Object{}
	for _, o := range core.Slice(found, (page-1)*size, size) {
		item := view(o)
		if o.Sample {
			item = samples.Object("certificate-11604.json")
		}
		delete(item, "organization")
		items = append(items, item)
	}
	link := func(page int) core.Object {
		next := url.Values{"page": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(size)}}
		if query != "" {
			next.Set("query", query)
		}
		return core.Object{"href": "/v2.0/certificates?" + next.Encode()}
	}
	links := core.Object{"self": link(page)}
	if page*size < len(found) {
		links["next"] = link(page + 1)
	}
	return core.JSON(http.StatusOK, core.Object{
		"@id": "/v2.0/certificates", "@type": "Collection", "@links": links, "items": items, "total_items": len(found),
	})
}

// query reads field:pattern, where * stands for any text.
func query(query string) (match func(*core.Order) bool, ok bool) {
	if query == "" {
		return func(*core.Order) bool { return true }, true
	}
	field, pattern, ok := strings.Cut(query, ":")
	if !ok {
		return nil, false
	}
	values := map[string]func(*core.Order) []string{
		"certificate_label": func(o *core.Order) []string { return []string{ordered(o).Label} },
		"description":       func(*core.Order) []string { return nil },
		"id":                func(o *core.Order) []string { return []string{string(o.ID)} },
		"domain_names":      func(o *core.Order) []string { return o.Names },
	}[field]
	if values == nil {
		return nil, false
	}
	return func(o *core.Order) bool {
		return slices.ContainsFunc(values(o), func(v string) bool { return core.Like(v, pattern, "*") })
	}, true
}
