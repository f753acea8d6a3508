// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package fourthvendor

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/certops/terraform-provider-certops/internal/client"
)

const displayName = "Example CA"

// apiClient reads from one account.
type apiClient struct{ api *client.Client }

func newClient(values map[string]string, options client.Options) (*apiClient, error) {
	pair, err := tls.X509KeyPair([]byte(values["client_certificate"]), []byte(values["client_key"]))
	if err != nil {
		return nil, fmt.Errorf("the client certificate and its key do not work: %w", err)
	}
	options.Service = displayName
	options.BaseURL = values["base_url"]
	options.Authorize = client.HeaderAuth{"X-Account": values["account"], "X-Api-Key": values["api_key"]}
	options.Certificate = &pair
	options.Secrets = []string{values["api_key"]}
	options.DecodeError = func(body []byte) (client.Problem, bool) {
		var e struct{ Fault, Text client.Text }
		err := json.Unmarshal(body, &e)
		return client.Problem{Code: string(e.Fault), Message: string(e.Text)}, err == nil && e.Fault != ""
	}
	api, err := client.New(options)
	return &apiClient{api}, err
}

// order is an order as the API returns it.
type order struct {
	ID    *client.Text `json:"id"`
	State *client.Text `json:"state"`
	Names []name       `json:"names"`
}

type name struct {
	Name  *client.Text `json:"name"`
	State *client.Text `json:"state"`
	// Record is null once the name is validated.
	Record *record `json:"record"`
}

type record struct {
	Owner  *client.Text `json:"owner"`
	Target *client.Text `json:"target"`
}

// search finds the order with an id, and every order for "": POST /v1/orders/search.
func (c *apiClient) search(ctx context.Context, id string) ([]order, error) {
	var found struct {
		Orders []order `json:"orders"`
	}
	question := map[string]string{}
	if id != "" {
		question["id"] = id
	}
	err := c.api.Query(ctx, &found, question, searchPath...)
	return found.Orders, err
}

var searchPath = []string{"v1", "orders", "search"}

// order reads an order.
func (c *apiClient) order(ctx context.Context, id string) (*order, error) {
	orders, err := c.search(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(orders) == 1 && orders[0].ID.String() == id {
		return &orders[0], nil
	}
	failure := c.api.Unusable(client.KindNotFound, fmt.Sprintf("the search returns %d orders", len(orders)), nil, searchPath...)
	failure.Method = http.MethodPost
	return nil, failure
}
