// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package digicert reads orders, domains and requests from the DigiCert Services API (CertCentral):
// https://dev.digicert.com/certcentral-apis/services-api.html.
package digicert

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/client"
)

const (
	// Service is the vendor's display name.
	Service = "DigiCert"
	// DefaultBaseURL is the United States instance.
	DefaultBaseURL = "https://www.digicert.com/services/v2"

	// apiPath is where the API lives on every instance.
	apiPath = "/services/v2"
)

// Config makes a Client.
type Config struct {
	APIKey  string // sent as X-DC-DEVKEY
	BaseURL string // with or without /services/v2; "" means DefaultBaseURL

	// HTTP holds RequestTimeout, MaxRetries, Backoff, UserAgent and Transport; its other fields are not used.
	HTTP client.Options
}

// Client reads from one CertCentral account. It is safe for concurrent use.
type Client struct {
	api *client.Client
}

// New checks the configuration and returns a Client. It makes no request.
func New(config Config) (*Client, error) {
	if err := client.CheckSecret(config.APIKey); err != nil {
		return nil, fmt.Errorf("the API key %w", err)
	}
	options := config.HTTP
	options.Service = Service
	options.BaseURL = baseURL(config.BaseURL)
	// https://dev.digicert.com/certcentral-apis/services-api.html, "Rate limits", for each key.
	options.Limits = []client.Limit{
		{Requests: 100, Window: 5 * time.Second},
		{Requests: 1000, Window: 3 * time.Minute},
	}
	options.Authorize = client.HeaderAuth{"X-DC-DEVKEY": config.APIKey}
	options.DecodeError = decodeError
	options.Secrets = []string{config.APIKey}
	api, err := client.New(options)
	if err != nil {
		return nil, err
	}
	return &Client{api: api}, nil
}

// baseURL completes an instance's address with the API's path.
func baseURL(raw string) string {
	if raw == "" {
		return DefaultBaseURL
	}
	trimmed := strings.TrimRight(raw, "/")
	if strings.ContainsAny(raw, "?#") || strings.HasSuffix(trimmed, apiPath) {
		return raw
	}
	return trimmed + apiPath
}

// OrderValidation reads how far the validation of an order is.
func (c *Client) OrderValidation(ctx context.Context, orderID string) (*OrderValidation, error) {
	path := []string{"order", "certificate", orderID, "validation"}
	var validation OrderValidation
	if err := c.api.Get(ctx, &validation, nil, path...); err != nil {
		return nil, err
	}
	if err := c.checkID("order", validation.OrderID.Ptr(), orderID, nil, path...); err != nil {
		return nil, err
	}
	if validation.OrderID == nil && validation.OrderStatus == nil {
		return nil, c.api.Unusable(client.KindBody, "the response has neither an order id nor an order status", nil, path...)
	}
	return &validation, nil
}

// domainQuery asks for what the API leaves out of a domain by default.
func domainQuery() url.Values {
	return url.Values{"include_dcv": {"true"}, "include_validation": {"true"}, "include_validation_reuse_status": {"true"}}
}

// Domain reads a domain with its DCV token and validations.
func (c *Client) Domain(ctx context.Context, domainID string) (*Domain, error) {
	path := []string{"domain", domainID}
	var domain Domain
	if err := c.api.Get(ctx, &domain, domainQuery(), path...); err != nil {
		return nil, err
	}
	if err := c.checkID("domain", idText(domain.ID), domainID, domainQuery(), path...); err != nil {
		return nil, err
	}
	if domain.ID == nil {
		return nil, c.api.Unusable(client.KindBody, "the response has no domain id", domainQuery(), path...)
	}
	return &domain, nil
}

// Request reads one request for a certificate, a duplicate, a reissue or a revocation.
func (c *Client) Request(ctx context.Context, id int64) (*Request, error) {
	wanted := strconv.FormatInt(id, 10)
	path := []string{"request", wanted}
	var request Request
	if err := c.api.Get(ctx, &request, nil, path...); err != nil {
		return nil, err
	}
	if err := c.checkID("request", idText(request.ID), wanted, nil, path...); err != nil {
		return nil, err
	}
	if request.ID == nil {
		return nil, c.api.Unusable(client.KindBody, "the response has no request id", nil, path...)
	}
	return &request, nil
}

// idText is a numeric id as text, nil for nil.
func idText(id *client.Int) *string {
	if id == nil {
		return nil
	}
	text := id.String()
	return &text
}

// checkID refuses a response about another object than the one asked for.
func (c *Client) checkID(what string, got *string, want string, query url.Values, path ...string) error {
	if got == nil || strings.TrimLeft(*got, "0") == strings.TrimLeft(want, "0") {
		return nil
	}
	message := fmt.Sprintf("the response is about %s %q where %q was asked for", what, *got, want)
	return c.api.Unusable(client.KindBody, message, query, path...)
}

// errorBody is the vendor's error document.
type errorBody struct {
	Errors client.OneOrMany[struct {
		Code    *client.Text `json:"code"`
		Message *client.Text `json:"message"`
	}] `json:"errors"`
}

// decodeError reads the vendor's error document: the first error is the problem, the others are
// details.
func decodeError(body []byte) (client.Problem, bool) {
	var e errorBody
	if err := json.Unmarshal(body, &e); err != nil || len(e.Errors) == 0 {
		return client.Problem{}, false
	}
	p := client.Problem{Code: e.Errors[0].Code.String(), Message: e.Errors[0].Message.String()}
	if p.Code == "" && p.Message == "" {
		return client.Problem{}, false
	}
	if strings.Contains(p.Code, "invalid_key") {
		// DigiCert sends this with 401 or with 403. Either way the key is wrong, which says nothing about the object.
		p.Kind = client.KindUnauthorized
	}
	for _, further := range e.Errors[1:] {
		text := further.Message.String()
		if code := further.Code.String(); code != "" {
			text = strings.TrimSuffix(code+": "+text, ": ")
		}
		if text != "" {
			p.Details = append(p.Details, text)
		}
	}
	return p, true
}
