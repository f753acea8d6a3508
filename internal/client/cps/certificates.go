// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/client"
)

// pageSize is the most the API gives at once.
const pageSize = 20

// CertificateFilter narrows Certificates; zero fields do not. In both, * stands for any text.
type CertificateFilter struct {
	Label  string // the certificate's label
	Domain string // one of its domain names
}

// query returns the API's filter, which takes one field only.
func (f CertificateFilter) query() string {
	switch {
	case f.Label != "":
		return "certificate_label:" + f.Label
	case f.Domain != "":
		return "domain_names:" + f.Domain
	default:
		return ""
	}
}

// matches applies what the API's filter could not.
func (f CertificateFilter) matches(certificate Certificate) bool {
	if f.Label == "" || f.Domain == "" {
		return true
	}
	for _, domain := range certificate.Domains {
		if domain.Name != nil && like(strings.ToLower(domain.Name.String()), strings.ToLower(f.Domain)) {
			return true
		}
	}
	return false
}

// like reports whether text has a pattern's form, in which * stands for any text.
func like(text, pattern string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return text == pattern
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, ok := strings.Cut(text, part)
		if !ok {
			return false
		}
		text = after
	}
	return true
}

// certificatePage is one response of GET /sec/cps/v2.0/certificates.
type certificatePage struct {
	Items      *[]Certificate `json:"items"`
	TotalItems *client.Int    `json:"total_items"`
	NextCursor *client.Text   `json:"next_cursor"`
	Links      *struct {
		Next *struct {
			Href *client.Text `json:"href"`
		} `json:"next"`
	} `json:"@links"`
}

// last reports whether no page follows this one of so many certificates. Only a list without a total asks.
func (p certificatePage) last(size int) bool {
	if p.Links != nil {
		return p.Links.Next == nil || p.Links.Next.Href.String() == ""
	}
	return p.NextCursor.String() == "" && size < pageSize
}

// Certificates lists the account's certificate requests, in the API's order.
func (c *Client) Certificates(ctx context.Context, filter CertificateFilter) ([]Certificate, error) {
	query := url.Values{"page_size": {strconv.Itoa(pageSize)}}
	if narrowed := filter.query(); narrowed != "" {
		query.Set("query", narrowed)
	}
	unusable := func(message string) error { return c.unusable(client.KindBody, message, query, "certificates") }
	certificates, err := client.List[Certificate]{
		ID: func(c Certificate) *client.Int { return c.ID },
		Page: func(number int) (client.Page[Certificate], error) {
			query.Set("page", strconv.Itoa(number))
			var response certificatePage
			if err := c.get(ctx, &response, query, "certificates"); err != nil {
				return client.Page[Certificate]{}, err
			}
			page := client.Page[Certificate]{Total: response.TotalItems}
			switch {
			case response.Items != nil:
				page.Items = *response.Items
				for i := range page.Items {
					page.Items[i].DropNoDates()
				}
			case page.Total == nil || *page.Total != 0:
				return page, unusable("the response has no list")
			}
			page.Last = response.last(len(page.Items))
			return page, nil
		},
		Unusable: unusable,
	}.Read()
	return slices.DeleteFunc(certificates, func(certificate Certificate) bool { return !filter.matches(certificate) }), err
}
