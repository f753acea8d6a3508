// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package realtimeregister simulates the processes API of Realtime Register.
package realtimeregister

import (
	"embed"
	"errors"
	"net/http"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// Service is the Realtime Register API.
const Service core.Service = "realtime_register"

// Credentials that the simulator accepts. They are fixed, public and worth nothing: no vendor issues keys of this form.
const (
	// APIKey is the key of a user with the VIEW_PROCESS permission. Like the real keys it ends in "=".
	APIKey = "sandbox-rtr-key-not-a-secret="
	// APIKeyViewOnly is the key of a user who may read everything and change nothing: a resend returns 403 with an empty body.
	APIKeyViewOnly = "sandbox-rtr-key-view-only="
	// APIKeyWithoutPermission is the key of a user without VIEW_PROCESS: 403 with an empty body.
	APIKeyWithoutPermission = "sandbox-rtr-key-without-permission="
)

// The objects that are there from the start.
const (
	// ProcessSample has every documented field and never changes.
	ProcessSample core.ID = "2323533016"
	// ProcessPending waits for Sectigo's CNAME records of example.com, *.example.com (one record) and www.example.net.
	ProcessPending core.ID = "30001"
)

// API is the simulated API.
type API struct {
	core.Base
	failures *core.Limiter
}

//go:embed samples/*.json
var files embed.FS

var samples = core.Samples{FS: files}

// New returns the API with no objects.
func New(base core.Base) core.Vendor {
	// The vendor documents that too many authentication failures are refused, not how many.
	return &API{Base: base, failures: core.NewLimiter(core.Limit{Requests: 10, Window: time.Minute})}
}

// Profile implements core.Vendor.
func (a *API) Profile() core.Profile {
	return core.Profile{
		Listeners: []core.Listener{{
			Service: Service, Handler: a.handler(), Error: failure, Limiter: a.failures, IDs: []string{"id", "certificateId"},
		}},
		NewOrder: func() core.Spec { return &Process{} },
		ParseID:  core.ParseNumber,
		Quirks:   []core.Quirk{{Name: QuirkCutLimit, Help: "Realtime Register cuts a limit beyond 250 down instead of refusing it"}},
		Headers:  []string{"Authorization"},
		Secrets:  []string{APIKey, APIKeyViewOnly, APIKeyWithoutPermission},
		Waiting:  "process " + string(ProcessPending),
	}
}

// Settings implements core.Vendor.
func (a *API) Settings(url func(core.Service) string) []core.Setting {
	return []core.Setting{{Name: "api_key", Value: APIKey}, {Name: "base_url", Value: url(Service)}}
}

// Seed implements core.Vendor.
func (a *API) Seed() error {
	sample := Process{ID: ProcessSample, Names: []string{"www.example.com", "mail.example.com", "files.example.net"}}
	_, err := a.Add(Process{ID: ProcessPending, Names: []string{"example.com", "*.example.com", "www.example.net"}})
	// The third validation of the sample is at ATTENTION.
	return errors.Join(a.AddSample(sample, func(o *core.Order) { o.Checks[2].Status = core.StatusFailed }), err)
}

// Populate implements core.Vendor.
func (a *API) Populate(number int64, name string, _ bool) (core.ID, error) {
	return a.Add(Process{ID: core.NumberID(number), Names: []string{name}})
}

// PopulateMixed implements core.Vendor.
func (a *API) PopulateMixed(number int64, domain string) (core.ID, core.Stage, error) {
	www := "www." + domain
	states := []struct {
		process Process
		stage   core.Stage
	}{
		{Process{Names: []string{domain, "*." + domain, www}}, ""},
		{Process{Names: []string{domain, www}, CA: "digicert", TrailingDots: true}, ""},
		{Process{Names: []string{domain, www}, Validated: []string{domain}}, ""},
		{Process{Names: []string{domain}, Method: "EMAIL"}, ""},
		{Process{Names: []string{domain, "192.0.2.10", "2001:db8::10"}, Method: "FILE"}, ""},
		{Process{Names: []string{"bücher." + domain}, OmitDNSType: true}, ""},
		{Process{Names: []string{domain}, CA: "digicert", DNSType: "TXT"}, ""},
		{Process{Names: []string{domain, www}}, core.StageIssued},
		{Process{Names: []string{domain}, Unplaced: true}, ""},
		{Process{Names: []string{domain}}, core.StageFailed},
		{Process{Names: []string{domain}}, core.StageCanceled},
	}
	state := states[number%int64(len(states))]
	state.process.ID = core.NumberID(number)
	id, err := a.Add(state.process)
	return id, state.stage, err
}

// timeForm is the form of Realtime Register's timestamps.
const timeForm = "2006-01-02T15:04:05Z07:00"

// handler serves the Realtime Register API.
func (a *API) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2/processes", a.list)
	mux.HandleFunc("GET /v2/processes/{$}", a.list)
	mux.HandleFunc("GET /v2/processes/{id}", func(w http.ResponseWriter, r *http.Request) { a.process(w, r, false) })
	mux.HandleFunc("GET /v2/processes/{id}/info", func(w http.ResponseWriter, r *http.Request) { a.process(w, r, true) })
	mux.HandleFunc("POST /v2/processes/{id}/resend", func(w http.ResponseWriter, r *http.Request) { a.resend(r).Write(w) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { noRoute(r).Write(w) })

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Authorization") {
		case "ApiKey " + APIKeyViewOnly:
			if r.Method != http.MethodGet {
				core.Reply{Status: http.StatusForbidden}.Write(w)
				return
			}
			mux.ServeHTTP(w, r)
		case "ApiKey " + APIKey:
			mux.ServeHTTP(w, r)
		case "ApiKey " + APIKeyWithoutPermission:
			core.Reply{Status: http.StatusForbidden}.Write(w)
		default:
			if !a.failures.Take() {
				core.Reply{Status: http.StatusTooManyRequests}.Write(w)
				return
			}
			apiError(http.StatusUnauthorized, "AuthenticationError", "Authentication failed").Write(w)
		}
	})
}

// noRoute responds to a path that does not exist, or a method other than GET, without a body.
func noRoute(r *http.Request) core.Reply {
	if r.Method != http.MethodGet {
		return core.Reply{Status: http.StatusMethodNotAllowed, Header: map[string]string{"Allow": "GET"}}
	}
	return core.Reply{Status: http.StatusNotFound}
}

// process returns a process or its info.
func (a *API) process(w http.ResponseWriter, r *http.Request, info bool) {
	id, err := core.ParseNumber(r.PathValue("id"))
	if err != nil {
		violation("processId", "must be a number").Write(w)
		return
	}
	if special, ok := special(id, info); ok {
		special.Write(w)
		return
	}
	rep, ok := a.Read(r, Service, id, func(o *core.Order) core.Reply {
		switch {
		case !info:
			return core.JSON(http.StatusOK, view(o))
		case o.Sample:
			return samples.Reply("process-2323533016-info.json")
		default:
			return core.JSON(http.StatusOK, infoView(o))
		}
	})
	if !ok {
		rep = notFound("process", id)
	}
	rep.Write(w)
}
