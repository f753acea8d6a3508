// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package cps simulates the Edgecast CPS API with its token endpoint.
package cps

import (
	"embed"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// The services.
const (
	// Service is the CPS API.
	Service core.Service = "cps"
	// Token is the OAuth 2.0 token endpoint of the CPS API.
	Token core.Service = "token"
)

// Credentials that the simulator accepts. They are fixed, public and worth nothing: no vendor issues keys of this form.
const (
	// ClientID and ClientSecret are the client credentials.
	ClientID     = "sandbox-cps-client"
	ClientSecret = "sandbox-cps-secret-not-a-secret="
	// ClientIDWithoutScope is a client, with ClientSecret, whose tokens lack the scope: the API returns 403 "forbidden".
	ClientIDWithoutScope = "sandbox-cps-client-without-scope"
	// Scope is the only scope that the token endpoint grants.
	Scope = "sec.cps.certificates"
)

// The objects that are there from the start.
const (
	// CertificateSample is the sample of the vendor's document and never changes.
	CertificateSample core.ID = "11604"
	// CertificatePending waits for one TXT token at cdn.example.com and cdn.example.net.
	CertificatePending core.ID = "40001"
	// CertificateUnplaced is not placed at the CA yet.
	CertificateUnplaced core.ID = "40002"
)

// prefix stands before every path of the CPS API; the @id values in bodies leave /sec/cps out.
const prefix = "/sec/cps/v2.0"

// timeForm is the form of CPS timestamps, with six fraction digits; dateForm that of expiration dates.
const (
	timeForm = "2006-01-02T15:04:05.000000Z"
	dateForm = "2006-01-02T15:04:05Z"
)

// maxPage is the largest page_size.
const maxPage = 20

//go:embed samples/*.json
var files embed.FS

var samples = core.Samples{FS: files}

// API is the simulated API.
type API struct {
	core.Base
	tokens tokenStore
}

// New returns the API with no objects.
func New(base core.Base) core.Vendor {
	if base.TokenLifetime == 0 {
		base.TokenLifetime = 300 * time.Second
	}
	return &API{Base: base}
}

// Profile implements core.Vendor.
func (a *API) Profile() core.Profile {
	return core.Profile{
		Listeners: []core.Listener{
			{Service: Service, Handler: a.handler(), Error: failure, IDs: []string{"id"}},
			{Service: Token, Path: tokenPath, Handler: a.tokenHandler(), Error: tokenFailure, Asks: true},
		},
		NewOrder: func() core.Spec { return &Certificate{} },
		ParseID:  core.ParseNumber,
		Controls: []core.Control{{
			Pattern: "POST /v1/revoke-tokens", Help: "make all CPS access tokens invalid",
			Handle: func(func(any) error) (any, error) {
				a.RevokeTokens()
				return nil, nil
			},
		}},
		Quirks:  allQuirks,
		Headers: []string{"Authorization"},
		Secrets: []string{ClientSecret, tokenPrefix + "[0-9A-Z]+"},
		Waiting: fmt.Sprintf("CPS certificates %s and %s (not placed yet)", CertificatePending, CertificateUnplaced),
	}
}

// Settings implements core.Vendor.
func (a *API) Settings(url func(core.Service) string) []core.Setting {
	return []core.Setting{
		{Name: "client_id", Value: ClientID}, {Name: "client_secret", Value: ClientSecret},
		{Name: "token_url", Value: url(Token)}, {Name: "base_url", Value: url(Service)},
	}
}

// Seed implements core.Vendor.
func (a *API) Seed() error {
	sample := Certificate{ID: CertificateSample, Names: []string{"cdn-resources.example.com"}, Label: "CDN resources certificate"}
	errs := []error{a.AddSample(sample, func(o *core.Order) { o.Checks[0].DomainID = "15230" })}
	certificates := []Certificate{
		{ID: CertificatePending, Names: []string{"cdn.example.com", "cdn.example.net"}},
		{ID: CertificateUnplaced, Names: []string{"static.example.com"}, Unplaced: true},
	}
	for _, id := range []core.ID{IDStatusForbidden, IDStatusNotFound, IDDCVForbidden, IDDCVNotFound, IDDeleted} {
		certificates = append(certificates, Certificate{ID: id, Names: []string{fmt.Sprintf("c%s.example.com", id)}})
	}
	for _, c := range certificates {
		_, err := a.Add(c)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Populate implements core.Vendor.
func (a *API) Populate(number int64, name string, _ bool) (core.ID, error) {
	return a.Add(Certificate{ID: core.NumberID(number), Names: []string{name}})
}

// PopulateMixed implements core.Vendor.
func (a *API) PopulateMixed(number int64, domain string) (core.ID, core.Stage, error) {
	www, shop := "www."+domain, "shop."+domain
	states := []struct {
		certificate Certificate
		stage       core.Stage
	}{
		{Certificate{Names: []string{domain, www}}, ""},
		{Certificate{Names: []string{domain, www, shop}, ValidationType: "OV"}, ""},
		{Certificate{Names: []string{www, "*." + domain, domain}, ValidationType: "EV", Method: "DnsCnameToken"}, ""},
		{Certificate{Names: []string{www, shop}, ValidationType: "OV", Validated: []string{www}}, ""},
		{Certificate{Names: []string{domain, www}, Method: "Email"}, ""},
		{Certificate{Names: []string{domain, www}, Method: "Email", ValidationType: "OV"}, ""},
		{Certificate{Names: []string{"bücher." + domain}, Method: "DnsCnameToken"}, ""},
		{Certificate{Names: []string{domain, www}}, core.StageIssued},
		{Certificate{Names: []string{domain}, Unplaced: true}, ""},
		{Certificate{Names: []string{domain}}, core.StageFailed},
		{Certificate{Names: []string{domain}}, core.StageCanceled},
	}
	state := states[number%int64(len(states))]
	state.certificate.ID = core.NumberID(number)
	id, err := a.Add(state.certificate)
	return id, state.stage, err
}

// handler serves the CPS API.
func (a *API) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+prefix+"/certificates", a.list)
	for pattern, respond := range map[string]func(*http.Request, *core.Order) core.Reply{
		"/certificates/{id}":        certificate,
		"/certificates/{id}/status": status,
		"/dcv/certificates/{id}":    dcv,
	} {
		mux.HandleFunc("GET "+prefix+pattern, func(w http.ResponseWriter, r *http.Request) {
			id, err := core.ParseNumber(r.PathValue("id"))
			if err != nil {
				apiError(http.StatusBadRequest, "invalid_input", "The id is not a number.", "/id").Write(w)
				return
			}
			if special, ok := a.special(id, pattern); ok {
				special.Write(w)
				return
			}
			rep, ok := a.Read(r, Service, id, func(o *core.Order) core.Reply { return respond(r, o) })
			if !ok {
				rep = notFound()
			}
			rep.Write(w)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			apiError(http.StatusMethodNotAllowed, "method_not_allowed", "The method is not allowed.", "").Write(w)
			return
		}
		apiError(http.StatusNotFound, "not_found", "The resource does not exist.", "").Write(w)
	})

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		valid, scoped := a.tokens.check(token)
		switch {
		case !ok || !valid:
			apiError(http.StatusUnauthorized, "unauthorized", "The access token is missing, invalid or expired.", "").Write(w)
		case !scoped:
			apiError(http.StatusForbidden, "forbidden", "The access token lacks the scope.", "").Write(w)
		default:
			mux.ServeHTTP(w, r)
		}
	})
}
