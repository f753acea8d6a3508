// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package realtimeregister reads certificate processes from the Realtime Register API:
// https://dm.realtimeregister.com/docs/api.
package realtimeregister

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/certops/terraform-provider-certops/internal/client"
)

const (
	// Service is the vendor's display name.
	Service = "Realtime Register"
	// DefaultBaseURL is the production API.
	DefaultBaseURL = "https://api.yoursrs.com"
)

// Config makes a Client.
type Config struct {
	APIKey  string // sent as "Authorization: ApiKey <key>"
	BaseURL string // root without /v2; "" means DefaultBaseURL

	// HTTP holds RequestTimeout, MaxRetries, Backoff, UserAgent and Transport; its other fields are not used.
	HTTP client.Options
}

// Client reads from one Realtime Register account. It is safe for concurrent use.
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
	options.BaseURL = cmp.Or(config.BaseURL, DefaultBaseURL)
	options.Limits = nil
	options.Authorize = client.HeaderAuth{"Authorization": "ApiKey " + config.APIKey}
	options.DecodeError = decodeError
	options.Secrets = []string{config.APIKey}
	api, err := client.New(options)
	if err != nil {
		return nil, err
	}
	return &Client{api: api}, nil
}

// ProcessInfo reads what a certificate process waits for. A process of another type, or a finished
// one, may give an empty document.
func (c *Client) ProcessInfo(ctx context.Context, id int64) (*ProcessInfo, error) {
	var info ProcessInfo
	if err := c.api.Get(ctx, &info, nil, "v2", "processes", strconv.FormatInt(id, 10), "info"); err != nil {
		return nil, err
	}
	return &info, nil
}

// OneTimeLink reads Sectigo's link for the validation of the organization: a credential. It is nil where the process has none.
func (c *Client) OneTimeLink(ctx context.Context, id int64) (*client.Text, error) {
	var info struct {
		OneTimeLink *client.Text `json:"oneTimeLink"`
	}
	err := c.api.Get(ctx, &info, nil, "v2", "processes", strconv.FormatInt(id, 10), "info")
	return info.OneTimeLink, err
}

// Process reads one process. A response about another process is KindBody.
func (c *Client) Process(ctx context.Context, id int64) (*Process, error) {
	path := []string{"v2", "processes", strconv.FormatInt(id, 10)}
	var process Process
	if err := c.api.Get(ctx, &process, nil, path...); err != nil {
		return nil, err
	}
	if process.ID == nil {
		return nil, c.api.Unusable(client.KindBody, "the response has no process id", nil, path...)
	}
	if int64(*process.ID) != id {
		message := fmt.Sprintf("the response is about process %s where %d was asked for", process.ID, id)
		return nil, c.api.Unusable(client.KindBody, message, nil, path...)
	}
	return &process, nil
}

// errorBody is the vendor's error document: https://dm.realtimeregister.com/docs/api/errors.
type errorBody struct {
	Type       *client.Text `json:"type"`
	Message    *client.Text `json:"message"`
	ObjectType *client.Text `json:"objectType"`
	Identifier *client.Text `json:"identifier"`
	Property   *client.Text `json:"property"`
	StartDate  *client.Text `json:"startDate"` // of planned downtime
	EndDate    *client.Text `json:"endDate"`
	Violations []struct {
		Field   *client.Text `json:"field"`
		Message *client.Text `json:"message"`
	} `json:"violations"`
}

// decodeError reads the vendor's error document. An unknown object is HTTP 400 with a type of its own.
func decodeError(body []byte) (client.Problem, bool) {
	var e errorBody
	if err := json.Unmarshal(body, &e); err != nil || e.Type == nil && e.Message == nil {
		return client.Problem{}, false
	}
	p := client.Problem{Code: e.Type.String(), Message: e.Message.String()}
	if p.Code == "ObjectDoesNotExist" {
		p.Kind = client.KindNotFound
	}
	if e.ObjectType != nil || e.Identifier != nil {
		p.Details = append(p.Details, fmt.Sprintf("object %q %q", e.ObjectType.String(), e.Identifier.String()))
	}
	if e.Property != nil {
		p.Details = append(p.Details, fmt.Sprintf("property %q", e.Property.String()))
	}
	for _, violation := range e.Violations {
		p.Details = append(p.Details, fmt.Sprintf("%s: %s", violation.Field.String(), violation.Message.String()))
	}
	if e.StartDate != nil {
		p.Details = append(p.Details, "down from "+e.StartDate.String())
	}
	if e.EndDate != nil {
		p.Details = append(p.Details, "down until "+e.EndDate.String())
	}
	return p, true
}
