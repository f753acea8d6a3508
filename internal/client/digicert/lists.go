// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/client"
)

// pageSize is the most the API gives at once:
// https://dev.digicert.com/certcentral-apis/services-api/filters-sorting-and-pagination-parameters.html.
const pageSize = 1000

// OrderFilter narrows Orders; zero fields do not.
type OrderFilter struct {
	Status     string // an order status, such as pending
	CommonName string // the certificate's common name
}

// RequestFilter narrows Requests; zero fields do not.
type RequestFilter struct {
	Status string // submitted, pending, approved or rejected
}

// pageInfo tells how many objects the whole listing has. The API sends it with every list but that of requests, where some
// responses lack it.
type pageInfo struct {
	Total *client.Int `json:"total"`
}

// list reads a list to its end. read gets one page; a page without its array is unusable, unless it says that the list has
// no objects. With bare, a page that does not tell the total is the last one when it is not full.
func list[T any](
	c *Client, query url.Values, path []string, id func(T) *client.Int, bare bool, read func(url.Values) (*[]T, *pageInfo, error),
) ([]T, error) {
	query.Set("limit", strconv.Itoa(pageSize))
	unusable := func(message string) error { return c.api.Unusable(client.KindBody, message, query, path...) }
	return client.List[T]{
		ID: id,
		From: func(offset int) (client.Page[T], error) {
			query.Set("offset", strconv.Itoa(offset))
			objects, info, err := read(query)
			if err != nil {
				return client.Page[T]{}, err
			}
			var page client.Page[T]
			if bare && info == nil && objects != nil {
				return client.Page[T]{Items: *objects, Last: len(*objects) < pageSize}, nil
			}
			if info == nil || info.Total == nil {
				return page, unusable("the response has no page.total, which tells how many objects the list has")
			}
			page.Total = info.Total
			switch {
			case objects != nil:
				page.Items = *objects
			case *page.Total != 0:
				return page, unusable("the response has no list")
			}
			return page, nil
		},
		Unusable: unusable,
	}.Read()
}

// filters returns the query for filters[name]=value pairs; those with an empty value are left out.
func filters(pairs map[string]string) url.Values {
	query := url.Values{}
	for name, value := range pairs {
		if value != "" {
			query.Set("filters["+name+"]", value)
		}
	}
	return query
}

// Orders lists the account's certificate orders, in the API's order.
func (c *Client) Orders(ctx context.Context, filter OrderFilter) ([]Order, error) {
	query := filters(map[string]string{"status": filter.Status, "common_name": filter.CommonName})
	path := []string{"order", "certificate"}
	return list(c, query, path, func(o Order) *client.Int { return o.ID }, false, func(query url.Values) (*[]Order, *pageInfo, error) {
		var page struct {
			Orders *[]Order  `json:"orders"`
			Page   *pageInfo `json:"page"`
		}
		err := c.api.Get(ctx, &page, query, path...)
		return page.Orders, page.Page, err
	})
}

// Requests lists the account's requests, in the API's order. A listed request lacks most of its order.
func (c *Client) Requests(ctx context.Context, filter RequestFilter) ([]Request, error) {
	path := []string{"request"}
	query := filters(map[string]string{"status": filter.Status})
	return list(c, query, path, func(r Request) *client.Int { return r.ID }, true, func(query url.Values) (*[]Request, *pageInfo, error) {
		var page struct {
			Requests *[]Request `json:"requests"`
			Page     *pageInfo  `json:"page"`
		}
		err := c.api.Get(ctx, &page, query, path...)
		return page.Requests, page.Page, err
	})
}

// DomainByName finds a domain by its exact name, in any case, and reads it like Domain. There being
// none is KindNotFound.
func (c *Client) DomainByName(ctx context.Context, name string) (*Domain, error) {
	path := []string{"domain"}
	query := filters(map[string]string{"search": name})
	id := func(d Domain) *client.Int { return d.ID }
	domains, err := list(c, query, path, id, false, func(query url.Values) (*[]Domain, *pageInfo, error) {
		var page struct {
			Domains *[]Domain `json:"domains"`
			Page    *pageInfo `json:"page"`
		}
		err := c.api.Get(ctx, &page, query, path...)
		return page.Domains, page.Page, err
	})
	if err != nil {
		return nil, err
	}
	for _, domain := range domains {
		if domain.ID != nil && domain.Name != nil && strings.EqualFold(domain.Name.String(), name) {
			found, err := c.Domain(ctx, domain.ID.String())
			if err == nil && found.Name != nil && !strings.EqualFold(found.Name.String(), name) {
				return nil, c.api.Unusable(client.KindBody, fmt.Sprintf("the response is about domain %q where %q was asked for", found.Name, name),
					domainQuery(), "domain", domain.ID.String())
			}
			return found, err
		}
	}
	missing := c.api.Unusable(client.KindNotFound, fmt.Sprintf("the account has no domain %q", name), query, path...)
	missing.StatusCode = 0 // That of the list is no part of what went wrong.
	return nil, missing
}
