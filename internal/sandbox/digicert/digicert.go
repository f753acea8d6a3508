// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package digicert simulates the DigiCert Services API.
package digicert

import (
	"embed"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// Service is the DigiCert Services API.
const Service core.Service = "digicert"

// Credentials that the simulator accepts. They are fixed, public and worth nothing: no vendor issues keys of this form.
const (
	// Key is the key that may read everything.
	Key = "sandbox-digicert-key-not-a-secret="
	// KeyViewOnly is a key with the restriction "View Only": it reads everything, and gets 403 for requests that write.
	KeyViewOnly = "sandbox-digicert-key-view-only="
	// KeyOrdersOnly is a key that reads orders and requests, and gets 403 for domains.
	KeyOrdersOnly = "sandbox-digicert-key-orders-only="
	// KeyWithoutPermission is a key that may read nothing: 403 "access_denied|missing_permission".
	KeyWithoutPermission = "sandbox-digicert-key-without-permission="
)

// keyHeader is the header that holds the key.
const keyHeader = "X-DC-DEVKEY"

// prefix stands before every path of the DigiCert API.
const prefix = "/services/v2"

// The forms of DigiCert's dates.
const (
	timeForm = "2006-01-02T15:04:05+00:00"
	dateForm = "2006-01-02"
)

//go:embed samples/*.json
var files embed.FS

var samples = core.Samples{FS: files}

// API is the simulated API.
type API struct {
	core.Base
	limiter *core.Limiter

	mu       sync.Mutex
	requests map[core.ID]core.Object
}

// New returns the API with no objects.
func New(base core.Base) core.Vendor {
	limits := base.Limits
	if limits == nil {
		limits = []core.Limit{{Requests: 100, Window: 5 * time.Second}, {Requests: 1000, Window: 3 * time.Minute}}
	}
	return &API{Base: base, limiter: core.NewLimiter(limits...), requests: map[core.ID]core.Object{}}
}

// Profile implements core.Vendor.
func (a *API) Profile() core.Profile {
	return core.Profile{
		Listeners: []core.Listener{{
			Service: Service, Path: prefix, Handler: a.handler(), Error: failure, Limiter: a.limiter, IDs: []string{"id", "order_id"},
		}},
		NewOrder: func() core.Spec { return &Order{} },
		ParseID:  core.ParseNumber,
		Controls: []core.Control{{
			Pattern: "POST /v1/requests", Help: "add a DigiCert request", Adds: true, Handle: a.controlRequest,
		}},
		Quirks: []core.Quirk{
			{Name: core.QuirkMixedCase, Help: "CNAME tokens of DigiCert have capital letters too, at each vendor that resells DigiCert"},
			{Name: QuirkCheckRefuses, Help: "DigiCert returns 400 to a check that finds no DNS record, as it did before"},
			{Name: QuirkNoPage, Help: "DigiCert's list of requests has no page"},
		},
		Headers: []string{keyHeader},
		Secrets: []string{Key, KeyViewOnly, KeyOrdersOnly, KeyWithoutPermission},
		Waiting: fmt.Sprintf("DigiCert orders %s and %s", OrderPending, OrderBaseDomain),
	}
}

// Settings implements core.Vendor.
func (a *API) Settings(url func(core.Service) string) []core.Setting {
	return []core.Setting{{Name: "api_key", Value: Key}, {Name: "base_url", Value: url(Service)}}
}

// handler serves the DigiCert API.
func (a *API) handler() http.Handler {
	mux := http.NewServeMux()
	get := func(pattern string, h func(r *http.Request) core.Reply) {
		mux.HandleFunc("GET "+prefix+pattern, func(w http.ResponseWriter, r *http.Request) { h(r).Write(w) })
	}
	get("/order/certificate", a.orders)
	get("/order/certificate/{id}/validation", a.validation)
	get("/domain", a.domains)
	get("/domain/{id}", a.domain)
	get("/request", a.listRequests)
	get("/request/{id}", a.request)
	for pattern, h := range map[string]func(*http.Request) core.Reply{
		"PUT /order/certificate/{id}/check-dcv": a.checkOrder,
		"PUT /domain/{id}/dcv/validate-token":   a.checkDomain,
		"POST /domain/{id}/validation":          a.submitDomain,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+prefix+path, func(w http.ResponseWriter, r *http.Request) { h(r).Write(w) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { notFound("route").Write(w) })

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.limiter.Take() {
			failure(http.StatusTooManyRequests).Write(w)
			return
		}
		key := r.Header.Get(keyHeader)
		switch {
		case key == KeyWithoutPermission,
			key == KeyOrdersOnly && strings.HasPrefix(r.URL.Path, prefix+"/domain"):
			missingPermission().Write(w)
		case key == KeyViewOnly && r.Method != http.MethodGet:
			missingPermission().Write(w)
		case key != Key && key != KeyViewOnly && key != KeyOrdersOnly:
			invalidKey(http.StatusForbidden).Write(w)
		case !acceptsJSON(r.Header.Get("Accept")):
			failure(http.StatusNotAcceptable).Write(w)
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// acceptsJSON tells whether an Accept header allows JSON. None at all does.
func acceptsJSON(accept string) bool {
	if accept == "" {
		return true
	}
	for _, part := range strings.Split(accept, ",") {
		kind, _, err := mime.ParseMediaType(part)
		if err == nil && (kind == "application/json" || kind == "application/*" || kind == "*/*") {
			return true
		}
	}
	return false
}
