// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"crypto/rand"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// tokenPath is the token endpoint, and tokenPrefix begins every token.
const (
	tokenPath   = "/connect/token"
	tokenPrefix = "sandbox-token-"
)

// tokenStore holds the access tokens that were issued.
type tokenStore struct {
	mu     sync.Mutex
	tokens map[string]accessToken
}

// accessToken is what is known of a token.
type accessToken struct {
	expires time.Time
	scoped  bool // it carries the scope
}

// issue makes a token. Expired ones are dropped on the way.
func (st *tokenStore) issue(lifetime time.Duration, scoped bool) string {
	token := tokenPrefix + rand.Text()
	now := time.Now()
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.tokens == nil {
		st.tokens = map[string]accessToken{}
	}
	for t, a := range st.tokens {
		if now.After(a.expires) {
			delete(st.tokens, t)
		}
	}
	st.tokens[token] = accessToken{expires: now.Add(lifetime), scoped: scoped}
	return token
}

// check tells whether a token is valid and whether it carries the scope.
func (st *tokenStore) check(token string) (valid, scoped bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	a, ok := st.tokens[token]
	return ok && time.Now().Before(a.expires), a.scoped
}

// RevokeTokens makes every access token issued so far invalid: the API returns 401 to it.
func (a *API) RevokeTokens() {
	a.tokens.mu.Lock()
	defer a.tokens.mu.Unlock()
	clear(a.tokens.tokens)
}

// tokenError is an error of the token endpoint (RFC 6749, section 5.2).
func tokenError(code, description string) core.Reply {
	body := core.Object{"error": code}
	if description != "" {
		body["error_description"] = description
	}
	return core.JSON(http.StatusBadRequest, body).With("Cache-Control", "no-store")
}

// tokenFailure is the error of the token endpoint for an HTTP status.
func tokenFailure(status int) core.Reply {
	r := tokenError("invalid_client", "")
	switch {
	case status >= http.StatusInternalServerError:
		r = tokenError("server_error", "")
	case status == http.StatusTooManyRequests:
		r = tokenError("temporarily_unavailable", "")
	}
	r.Status = status
	return r
}

// tokenHandler serves the token endpoint. Credentials are taken from the form only, not from HTTP Basic.
func (a *API) tokenHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+tokenPath, func(w http.ResponseWriter, r *http.Request) { a.grant(r).Write(w) })
	mux.HandleFunc(tokenPath, func(w http.ResponseWriter, _ *http.Request) {
		core.Reply{Status: http.StatusMethodNotAllowed, Header: map[string]string{"Allow": "POST"}}.Write(w)
	})
	return mux
}

// grant responds to a token request.
func (a *API) grant(r *http.Request) core.Reply {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return tokenError("invalid_request", "the request is not form-encoded")
	}
	r.Body = http.MaxBytesReader(nil, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		return tokenError("invalid_request", "the form cannot be read")
	}
	form := r.PostForm
	id := form.Get("client_id")
	known := id == ClientID || id == ClientIDWithoutScope
	if !known || form.Get("client_secret") != ClientSecret {
		return tokenError("invalid_client", "")
	}
	if form.Get("grant_type") != "client_credentials" {
		return tokenError("unsupported_grant_type", "the grant type is not client_credentials")
	}
	scopes := strings.Fields(form.Get("scope"))
	if slices.ContainsFunc(scopes, func(scope string) bool { return scope != Scope }) {
		return tokenError("invalid_scope", "the scope is not known")
	}
	response := core.Object{
		"access_token": a.tokens.issue(a.TokenLifetime, id == ClientID),
		"expires_in":   int(a.TokenLifetime / time.Second),
		"token_type":   "Bearer",
		"scope":        Scope,
	}
	if id != ClientID {
		response["scope"] = ""
	}
	return core.JSON(http.StatusOK, response).With("Cache-Control", "no-store")
}
