// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/certops/terraform-provider-certops/internal/callgroup"
)

// TokenOptions make a TokenSource.
type TokenOptions struct {
	Service        string // the vendor's display name, for errors and logs
	TokenURL       string // the token endpoint, under the rules of ParseBaseURL
	ClientID       string
	ClientSecret   string
	Scope          string            // "" asks for none
	UserAgent      string            // User-Agent header; "" leaves it out
	RequestTimeout time.Duration     // for one attempt, body included; 0 means 30 s
	MaxRetries     int               // attempts after the first; 0 means none
	Backoff        time.Duration     // shortest wait before another attempt; 0 means DefaultBackoff
	Transport      http.RoundTripper // replaces the connections to the network, in tests
}

// TokenSource is the Authorizer for OAuth 2.0 client credentials (RFC 6749, section 4.4), sent in the body. It keeps one token
// for all requests and fetches the next shortly before that one ends, or when the API refuses it. It does not ask a token
// endpoint again that refuses the credentials. It is safe for concurrent use.
type TokenSource struct {
	service   string
	url       string
	userAgent string
	form      string
	chain     http.RoundTripper
	redact    *redactor
	fetches   callgroup.Group[*token]

	mu        sync.Mutex
	current   *token
	replacing bool   // the API refused the token before the next one
	refusal   *Error // why there will be no token
}

// token is an access token and how long it lasts.
type token struct {
	header      string        // value of the Authorization header
	fetched     time.Time     // when it came
	lifetime    time.Duration // 0 when the endpoint named none
	replacement bool          // it came because the API had refused its predecessor
	accepted    bool          // the API took it
}

const (
	// tokenMargin is how long before its end a token is no longer used, for requests under way and clocks that differ.
	// Short-lived tokens get a tenth of their lifetime.
	tokenMargin = 10 * time.Second
	// endlessTokenTrial is how long a token without a lifetime must have worked for a refusal to mean that it has ended.
	endlessTokenTrial = time.Minute
	// maxToken is the most bytes that a token may have, with its type. Servers take no longer header.
	maxToken = 16 << 10
)

// usable reports whether the token will last for another request.
func (t *token) usable(now time.Time) bool {
	return t.lifetime == 0 || now.Sub(t.fetched) < t.lifetime-min(tokenMargin, t.lifetime/10)
}

// refusedForGood reports whether the API would refuse the next token as well: this one has only just replaced another that
// was refused, and the API never took it, so that its age is not the reason.
func (t *token) refusedForGood(now time.Time) bool {
	return t.replacement && !t.accepted && now.Sub(t.fetched) < cmp.Or(t.lifetime/2, endlessTokenTrial)
}

// NewTokenSource checks the options and returns a TokenSource. It makes no request.
func NewTokenSource(o TokenOptions) (*TokenSource, error) {
	endpoint, err := ParseBaseURL(o.TokenURL)
	if err != nil {
		return nil, fmt.Errorf("the token URL %w", err)
	}
	s := &TokenSource{
		service: o.Service,
		// A trailing slash counts here: the URL is used as it is, not built upon.
		url:       endpoint.Scheme + "://" + endpoint.Host + tokenPath(o.TokenURL),
		userAgent: o.UserAgent,
		redact:    newRedactor(append(proxySecrets(), o.ClientSecret)...),
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {o.ClientID}, "client_secret": {o.ClientSecret}}
	if o.Scope != "" {
		form.Set("scope", o.Scope)
	}
	s.form = form.Encode()
	chain, err := newChain(chainOptions{
		service:   o.Service,
		timeout:   o.RequestTimeout,
		retries:   o.MaxRetries,
		backoff:   o.Backoff,
		redact:    s.redact,
		transport: o.Transport,
	})
	s.chain = chain.retrying(refuseRedirect, checkRetry)
	return s, err
}

// tokenPath returns the path of a URL that ParseBaseURL has accepted.
func tokenPath(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.EscapedPath()
}

// Authorize implements Authorizer.
func (s *TokenSource) Authorize(req *http.Request) error {
	t, err := s.token(req.Context())
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", t.header)
	return nil
}

// Refused implements Authorizer. The token is given up, unless another one has taken its place already or a new one would
// fare no better.
func (s *TokenSource) Refused(req *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil || s.current.header != req.Header.Get("Authorization") {
		return true
	}
	if s.current.refusedForGood(time.Now()) {
		return false
	}
	s.current = nil
	s.replacing = true
	return true
}

// Accepted implements Authorizer.
func (s *TokenSource) Accepted(req *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil && s.current.header == req.Header.Get("Authorization") {
		s.current.accepted = true
	}
}

// token returns the token in use, or fetches one for everybody who waits.
func (s *TokenSource) token(ctx context.Context) (*token, error) {
	if t, err := s.cached(); t != nil || err != nil {
		return t, err
	}
	t, err := s.fetches.Do(ctx, "", func(ctx context.Context) (*token, error) {
		// Another fetch may have ended between the look before and this one's start.
		if t, err := s.cached(); t != nil || err != nil {
			return t, err
		}
		return s.fetch(ctx)
	})
	if err != nil {
		return nil, s.failure(ctx, err)
	}
	return t, nil
}

// cached returns the token in use, the reason why there will be none, or neither.
func (s *TokenSource) cached() (*token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusal != nil {
		return nil, s.refusal
	}
	if s.current != nil && s.current.usable(time.Now()) {
		return s.current, nil
	}
	return nil, nil
}

// fetch asks the token endpoint.
func (s *TokenSource) fetch(ctx context.Context) (*token, error) {
	stats := &call{}
	req, err := http.NewRequestWithContext(withCall(ctx, stats), http.MethodPost, s.url, strings.NewReader(s.form))
	if err != nil {
		return nil, err
	}
	setHeaders(req, s.userAgent)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	got, err := send(s.chain, req, stats)
	if err != nil {
		failure := s.failure(ctx, err)
		failure.Attempts = max(failure.Attempts, stats.attempts)
		return nil, failure
	}
	if !got.ok() {
		failure := got.refused(decodeGrantError, s.redact)
		switch failure.Kind {
		case KindInvalid, KindForbidden, KindNotFound, KindUnauthorized:
			failure.Kind = KindUnauthorized
			s.mu.Lock()
			defer s.mu.Unlock()
			s.refusal = s.failure(ctx, failure)
		}
		return nil, s.failure(ctx, failure)
	}
	t, failure := granted(got, s.redact)
	if failure != nil {
		return nil, s.failure(ctx, failure)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t.replacement, s.replacing = s.replacing, false
	s.current = t
	return t, nil
}

// failure makes a caller's own error for a token request.
func (s *TokenSource) failure(ctx context.Context, err error) *Error {
	failure := &Error{}
	if known, ok := errors.AsType[*Error](err); ok {
		*failure = *known
	} else {
		failure.explain(ctx, err, s.redact)
	}
	failure.Service, failure.Method, failure.URL, failure.Token = s.service, http.MethodPost, s.url, true
	return failure
}

// grant is the response of a token endpoint (RFC 6749, sections 5.1 and 5.2).
type grant struct {
	AccessToken Text `json:"access_token"`
	TokenType   Text `json:"token_type"`
	ExpiresIn   *Int `json:"expires_in"` // seconds
	Error       Text `json:"error"`
	Description Text `json:"error_description"`
}

// decodeGrantError reads the error document of a token endpoint.
func decodeGrantError(body []byte) (Problem, bool) {
	var g grant
	err := json.Unmarshal(body, &g)
	return Problem{Code: string(g.Error), Message: string(g.Description)}, err == nil && g.Error != ""
}

// errorCode finds the codes of RFC 6749, section 5.2, and extensions in their form.
var errorCode = regexp.MustCompile(`^[a-z][a-z_]{0,40}$`)

// granted reads the token of a response. Its errors quote nothing of the response: the token may be there, in another form.
func granted(got *response, redact *redactor) (*token, *Error) {
	var g grant
	failure := got.decode(&g, redact)
	if failure != nil && failure.Kind == KindBody {
		failure.Err = nil
		return nil, failure
	}
	if failure != nil || g.AccessToken == "" {
		failure = got.unusable("the token endpoint's response holds no access token")
		if errorCode.MatchString(string(g.Error)) {
			failure.Code = string(g.Error)
		}
		return nil, failure
	}
	kind := string(g.TokenType)
	if kind == "" || strings.EqualFold(kind, "bearer") {
		kind = "Bearer"
	}
	t := &token{header: kind + " " + string(g.AccessToken), fetched: time.Now()}
	err := CheckSecret(t.header)
	if len(t.header) > maxToken {
		err = errors.New("is longer than 16 KiB")
	}
	if err != nil {
		return nil, got.unusable("the token endpoint's response holds no usable access token: it " + err.Error())
	}
	redact.renew(string(g.AccessToken))
	if g.ExpiresIn != nil && *g.ExpiresIn != 0 {
		t.lifetime = time.Duration(min(max(*g.ExpiresIn, math.MinInt32), math.MaxInt32)) * time.Second
	}
	return t, nil
}
