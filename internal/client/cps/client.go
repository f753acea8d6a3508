// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package cps reads certificate requests from the CPS API (Edgecast, later VDMS and Edgio). Its public
// service ended in January 2025, so base URL, token URL and scope can all be set.
package cps

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/client"
)

const (
	// Service is the vendor's display name.
	Service = "CPS"
	// DefaultBaseURL is the API gateway.
	DefaultBaseURL = "https://api.vdms.io"
	// DefaultTokenURL is the identity service's OAuth 2.0 token endpoint.
	DefaultTokenURL = "https://id.vdms.io/connect/token"
	// DefaultScope is the scope that reading certificates takes.
	DefaultScope = "sec.cps.certificates"
)

// Config makes a Client.
type Config struct {
	ClientID     string
	ClientSecret string
	Scope        string // "" means DefaultScope
	TokenURL     string // "" means DefaultTokenURL
	BaseURL      string // root without /sec/cps; "" means DefaultBaseURL

	// HTTP holds RequestTimeout, MaxRetries, Backoff, UserAgent and Transport; its other fields are not used.
	HTTP client.Options
}

// Client reads from one CPS account. It is safe for concurrent use.
type Client struct {
	api *client.Client
}

// New checks the configuration and returns a Client. It makes no request.
func New(config Config) (*Client, error) {
	if err := client.CheckSecret(config.ClientID); err != nil {
		return nil, fmt.Errorf("the client id %w", err)
	}
	if err := client.CheckSecret(config.ClientSecret); err != nil {
		return nil, fmt.Errorf("the client secret %w", err)
	}
	tokens, err := client.NewTokenSource(client.TokenOptions{
		Service:        Service,
		TokenURL:       cmp.Or(config.TokenURL, DefaultTokenURL),
		ClientID:       config.ClientID,
		ClientSecret:   config.ClientSecret,
		Scope:          cmp.Or(config.Scope, DefaultScope),
		UserAgent:      config.HTTP.UserAgent,
		RequestTimeout: config.HTTP.RequestTimeout,
		MaxRetries:     config.HTTP.MaxRetries,
		Backoff:        config.HTTP.Backoff,
		Transport:      config.HTTP.Transport,
	})
	if err != nil {
		return nil, err
	}
	options := config.HTTP
	options.Service = Service
	options.BaseURL = cmp.Or(config.BaseURL, DefaultBaseURL)
	options.Limits = nil
	options.Authorize = tokens
	options.DecodeError = decodeError
	options.Secrets = []string{config.ClientSecret}
	api, err := client.New(options)
	if err != nil {
		return nil, err
	}
	return &Client{api: api}, nil
}

// Certificate reads one certificate request. A response without an id, or about another certificate, is
// how the API says that it has none: KindNotFound.
func (c *Client) Certificate(ctx context.Context, id int64) (*Certificate, error) {
	path := []string{"certificates", strconv.FormatInt(id, 10)}
	var certificate Certificate
	if err := c.get(ctx, &certificate, nil, path...); err != nil {
		return nil, err
	}
	if err := c.checkID(certificate.ID, id, path...); err != nil {
		return nil, err
	}
	certificate.DropNoDates()
	return &certificate, nil
}

// CertificateStatus reads how far a certificate request is. Another certificate's status is
// KindNotFound, as with Certificate.
func (c *Client) CertificateStatus(ctx context.Context, id int64) (*CertificateStatus, error) {
	path := []string{"certificates", strconv.FormatInt(id, 10), "status"}
	var status CertificateStatus
	if err := c.get(ctx, &status, nil, path...); err != nil {
		return nil, err
	}
	// The vendor's generated SDK has no id here: without one it is the status that was asked for.
	if status.ID != nil {
		if err := c.checkID(status.ID, id, path...); err != nil {
			return nil, err
		}
	}
	if status.Status == nil {
		return nil, c.unusable(client.KindBody, "the response has no status", nil, path...)
	}
	return &status, nil
}

// DCV reads what proves control over the given domains of a certificate request. The two DNS methods
// need the domains' ids.
func (c *Client) DCV(ctx context.Context, certificateID int64, domainIDs []int64) ([]DomainDCV, error) {
	var query url.Values
	if len(domainIDs) > 0 {
		ids := make([]string, len(domainIDs))
		for i, id := range domainIDs {
			ids[i] = strconv.FormatInt(id, 10)
		}
		query = url.Values{"domain_ids": {strings.Join(ids, ",")}}
	}
	var collection struct {
		Items *[]DomainDCV `json:"items"`
	}
	path := []string{"dcv", "certificates", strconv.FormatInt(certificateID, 10)}
	if err := c.get(ctx, &collection, query, path...); err != nil {
		return nil, err
	}
	if collection.Items == nil {
		return nil, c.unusable(client.KindBody, "the response has no items", query, path...)
	}
	tokens := make(map[client.Int]string)
	for i := range *collection.Items {
		item := &(*collection.Items)[i]
		if item.DomainID == nil || *item.DomainID == 0 || item.token() == "" {
			continue
		}
		if known, ok := tokens[*item.DomainID]; ok && known != item.token() {
			message := fmt.Sprintf("the response has different tokens for the domain %s", item.DomainID)
			return nil, c.unusable(client.KindBody, message, query, path...)
		}
		tokens[*item.DomainID] = item.token()
	}
	return *collection.Items, nil
}

// get reads a document below the API's prefix.
func (c *Client) get(ctx context.Context, out any, query url.Values, path ...string) error {
	return c.api.Get(ctx, out, query, prefixed(path)...)
}

// prefixed returns a path with the API's prefix before it.
func prefixed(path []string) []string {
	return append([]string{"sec", "cps", "v2.0"}, path...)
}

// unusable makes the error for a document that get has read and that is of no use.
func (c *Client) unusable(kind client.Kind, message string, query url.Values, path ...string) error {
	return c.api.Unusable(kind, message, query, prefixed(path)...)
}

// checkID refuses a document that is not the one asked for.
func (c *Client) checkID(got *client.Int, want int64, path ...string) error {
	if got != nil && int64(*got) == want {
		return nil
	}
	message := fmt.Sprintf("the response has no id where %d was asked for", want)
	if got != nil {
		message = fmt.Sprintf("the response is about id %d where %d was asked for", int64(*got), want)
	}
	return c.unusable(client.KindNotFound, message, nil, path...)
}

// errorBody is the vendor's error document. Older parts of the platform send nothing but a message.
type errorBody struct {
	Code        *client.Text `json:"code"`
	Title       *client.Text `json:"title"`
	Description *client.Text `json:"description"`
	Message     *client.Text `json:"message"`
	Details     client.OneOrMany[struct {
		Source      *client.Text `json:"source"`
		Description *client.Text `json:"description"`
	}] `json:"details"`
}

// decodeError reads the vendor's error document.
func decodeError(body []byte) (client.Problem, bool) {
	var e errorBody
	if err := json.Unmarshal(body, &e); err != nil {
		return client.Problem{}, false
	}
	p := client.Problem{Code: e.Code.String()}
	// The title, the description and the details often say the same.
	said := map[string]bool{"": true}
	plain := func(text *client.Text) string {
		return strings.ToLower(strings.TrimSuffix(text.String(), "."))
	}
	for _, text := range []*client.Text{e.Title, e.Description, e.Message} {
		switch {
		case said[plain(text)]:
		case p.Message == "":
			p.Message = text.String()
		default:
			p.Details = append(p.Details, text.String())
		}
		said[plain(text)] = true
	}
	for _, detail := range e.Details {
		if said[plain(detail.Description)] {
			continue
		}
		text := detail.Description.String()
		if source := detail.Source.String(); source != "" {
			text = source + ": " + text
		}
		p.Details = append(p.Details, text)
	}
	return p, p.Code != "" || p.Message != ""
}
