// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"crypto/rand"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
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
	token := "sandbox-token-" + rand.Text()
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

// RevokeTokens makes every CPS access token issued so far invalid: the API answers 401 to it.
func (s *Sandbox) RevokeTokens() {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	clear(s.tokens.tokens)
}

// tokenError is an error of the token endpoint (RFC 6749, section 5.2).
func tokenError(code, description string) reply {
	body := object{"error": code}
	if description != "" {
		body["error_description"] = description
	}
	r := jsonReply(http.StatusBadRequest, body)
	r.header = map[string]string{"Cache-Control": "no-store"}
	return r
}

// tokenHandler serves the token endpoint. Credentials are taken from the form only, not from HTTP Basic.
func (s *Sandbox) tokenHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /connect/token", func(w http.ResponseWriter, r *http.Request) { s.grant(r).write(w) })
	mux.HandleFunc("/connect/token", func(w http.ResponseWriter, _ *http.Request) {
		reply{status: http.StatusMethodNotAllowed, header: map[string]string{"Allow": "POST"}}.write(w)
	})
	return mux
}

// grant answers a token request.
func (s *Sandbox) grant(r *http.Request) reply {
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
	answer := object{
		"access_token": s.tokens.issue(s.lifetime, id == ClientID),
		"expires_in":   int(s.lifetime / time.Second),
		"token_type":   "Bearer",
		"scope":        Scope,
	}
	if id != ClientID {
		answer["scope"] = ""
	}
	rep := jsonReply(http.StatusOK, answer)
	rep.header = map[string]string{"Cache-Control": "no-store"}
	return rep
}
