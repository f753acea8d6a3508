// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// Request is a DigiCert request to add.
type Request struct {
	// ID is the request id; empty has one assigned.
	ID core.ID `json:"id"`
	// OrderID is the order that it asks for; empty makes a request without an order certificate, as revocations can be.
	OrderID core.ID `json:"order_id"`
	// Type is "new_request" (default), "revoke", "duplicate" or "reissue".
	Type string `json:"type"`
	// Status is "pending" (default), "submitted", "approved" or "rejected".
	Status string `json:"status"`
	// AutoRenew is how many renewals of the order are left.
	AutoRenew int `json:"auto_renew"`
	// Comments is the message of the request.
	Comments string `json:"comments"`
}

// AddRequest adds a DigiCert request and returns its id.
func (a *API) AddRequest(q Request) (core.ID, error) {
	var errs [2]error
	q.Type, errs[0] = core.OneOf("type", q.Type, "new_request", "revoke", "duplicate", "reissue")
	q.Status, errs[1] = core.OneOf("status", q.Status, "pending", "submitted", "approved", "rejected")
	if err := errors.Join(errs[:]...); err != nil {
		return "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for n := int64(1000); q.ID == ""; n++ {
		if id := core.NumberID(n); a.requests[id] == nil {
			q.ID = id
		}
	}
	if q.ID.Number() < 0 || a.requests[q.ID] != nil {
		return "", fmt.Errorf("sandbox: request id %s is negative or taken", q.ID)
	}
	view, err := a.requestView(q)
	if err != nil {
		return "", err
	}
	a.requests[q.ID] = view
	return q.ID, nil
}

// requestView makes a request out of the sample, so that it has every field that one can have.
func (a *API) requestView(q Request) (core.Object, error) {
	now := time.Now().UTC().Format(timeForm)
	v := samples.Object("request-198.json")
	v["id"], v["date"], v["type"], v["status"], v["comments"] = q.ID, now, q.Type, q.Status, q.Comments
	v["date_processed"] = now
	if q.Status == "pending" || q.Status == "submitted" {
		for _, k := range []string{"date_processed", "reviewer", "processor"} {
			delete(v, k)
		}
	}
	nested, _ := v["order"].(map[string]any)
	nested["auto_renew"] = q.AutoRenew
	nested["requests"] = []core.Object{{"id": q.ID, "date": now, "type": q.Type, "status": "pending", "comments": q.Comments}}
	if q.OrderID == "" {
		delete(nested, "certificate")
		return v, nil
	}
	known := a.View(Service, q.OrderID, func(o *core.Order) {
		nested["id"], nested["date_created"] = o.ID, now
		if cert, ok := nested["certificate"].(map[string]any); ok {
			cert["common_name"], cert["dns_names"], cert["date_created"] = o.CommonName(), slices.Clone(o.Names), now
		}
	})
	if !known {
		return nil, fmt.Errorf("sandbox: order %s: %w", q.OrderID, core.ErrNotFound)
	}
	return v, nil
}

// request returns a request.
func (a *API) request(r *http.Request) core.Reply {
	id, err := core.ParseNumber(r.PathValue("id"))
	if err != nil {
		return notFound("request")
	}
	if special, ok := special(id, "request"); ok {
		return special
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	v := a.requests[id]
	if v == nil {
		return notFound("request")
	}
	return reply(http.StatusOK, v)
}

// controlRequest adds a request for the control API.
func (a *API) controlRequest(decode func(any) error) (any, error) {
	var q Request
	if err := decode(&q); err != nil {
		return nil, err
	}
	id, err := a.AddRequest(q)
	if err != nil {
		return nil, core.BadInput{Err: err}
	}
	return core.Object{"id": id}, nil
}

// listRequests returns the list of requests. Filters that the simulator does not know find everything.
func (a *API) listRequests(r *http.Request) core.Reply {
	q := r.URL.Query()
	a.mu.Lock()
	defer a.mu.Unlock()
	var found []core.Object
	for _, id := range slices.SortedFunc(maps.Keys(a.requests), core.ID.Compare) {
		v := a.requests[id]
		order, _ := v["order"].(map[string]any)
		certificate, _ := order["certificate"].(map[string]any)
		if filtered(q, "status", fmt.Sprint(v["status"])) && filtered(q, "type", fmt.Sprint(v["type"])) &&
			searched(q, fmt.Sprint(certificate["common_name"])) {
			found = append(found, v)
		}
	}
	return list(q, "requests", !a.Quirk(QuirkNoPage), found, func(v core.Object) core.Object {
		short := core.Object{}
		for _, k := range []string{"id", "date", "date_processed", "type", "status", "requester", "comments"} {
			if value, ok := v[k]; ok {
				short[k] = value
			}
		}
		nested, _ := v["order"].(map[string]any)
		order := core.Object{"id": nested["id"], "container": nested["container"], "product": nested["product"]}
		if cert, ok := nested["certificate"].(map[string]any); ok {
			order["certificate"] = core.Object{"common_name": cert["common_name"]}
		}
		short["order"] = order
		return short
	})
}
