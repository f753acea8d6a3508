// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
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

// TokenSource is the Authorizer for OAuth 2.0 client credentials (RFC 6749, section 4.4), sent in the
// body. It keeps one token for all requests and fetches the next shortly before that one ends, or when
// the API refuses it. A token endpoint that refuses the credentials is not asked again. It is safe for
// concurrent use.
type TokenSource struct {
	options TokenOptions
	config  clientcredentials.Config
	http    *http.Client
	mask    *masker
	fetches flights[*token]

	mu        sync.Mutex
	current   *token
	replacing bool   // the API refused the token before the next one
	refusal   *Error // why there will be no token
}

// token is an access token and how long it lasts.
type token struct {
	header      string    // value of the Authorization header
	fetched     time.Time // when it came
	lifetime    time.Duration
	endless     bool // the endpoint named no lifetime
	replacement bool // it came because the API had refused its predecessor
	accepted    bool // the API took it
}

const (
	// tokenMargin is how long before its end a token is no longer used, for requests under way and
	// clocks that differ. Short-lived tokens get a tenth of their lifetime.
	tokenMargin = 10 * time.Second
	// endlessTokenTrial is how long a token without a lifetime must have worked for a refusal to mean
	// that it has ended.
	endlessTokenTrial = time.Minute
)

// maxToken is the most bytes that a token may have, with its type. Servers take no longer header, and each one that
// is logged is searched for it.
const maxToken = 16 << 10

// errLongToken says what CheckSecret would of a token that is longer than maxToken.
var errLongToken = errors.New("is longer than 16 KiB")

// usable reports whether the token will last for another request.
func (t *token) usable(now time.Time) bool {
	return t.endless || now.Sub(t.fetched) < t.lifetime-min(tokenMargin, t.lifetime/10)
}

// hopeless reports whether a refusal of the token is no matter of its age: it has only just replaced
// one that was refused too, was never taken, and the next would not be either.
func (t *token) hopeless(now time.Time) bool {
	trial := t.lifetime / 2
	if t.endless {
		trial = endlessTokenTrial
	}
	return t.replacement && !t.accepted && now.Sub(t.fetched) < trial
}

// NewTokenSource checks the options and returns a TokenSource. It makes no request.
func NewTokenSource(o TokenOptions) (*TokenSource, error) {
	endpoint, err := ParseBaseURL(o.TokenURL)
	if err != nil {
		return nil, fmt.Errorf("the token URL %w", err)
	}
	mask := newMasker(append(proxySecrets(httpproxy.FromEnvironment()), o.ClientSecret)...)
	chain, err := newChain(chainOptions{
		service:   o.Service,
		timeout:   o.RequestTimeout,
		retries:   o.MaxRetries,
		backoff:   o.Backoff,
		mask:      mask,
		transport: o.Transport,
		redirect:  refuseRedirect,
	})
	if err != nil {
		return nil, err
	}
	// A trailing slash counts here: the URL is used as it is, not built upon.
	o.TokenURL = endpoint.Scheme + "://" + endpoint.Host + tokenPath(o.TokenURL)
	s := &TokenSource{
		options: o,
		config: clientcredentials.Config{
			ClientID:     o.ClientID,
			ClientSecret: o.ClientSecret,
			TokenURL:     o.TokenURL,
			AuthStyle:    oauth2.AuthStyleInParams,
		},
		http: &http.Client{Transport: tokenExchange{next: chain, userAgent: o.UserAgent, mask: mask}},
		mask: mask,
	}
	if o.Scope != "" {
		s.config.Scopes = []string{o.Scope}
	}
	return s, nil
}

// tokenPath returns the path of a URL that ParseBaseURL has accepted.
func tokenPath(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.EscapedPath()
}

// tokenExchange completes the token request and makes sure that the answer to it is JSON.
type tokenExchange struct {
	next      http.RoundTripper
	userAgent string
	mask      *masker
}

// RoundTrip implements http.RoundTripper.
func (t tokenExchange) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	setHeaders(req, t.userAgent)
	resp, err := t.next.RoundTrip(req)
	if err != nil || resp.StatusCode < 200 || resp.StatusCode > 299 {
		return resp, err
	}
	// oauth2 goes by the media type, which says less than the body, and says of any other document only
	// that it holds no token.
	body, err := contents(resp)
	if err != nil {
		return nil, err
	}
	got := &answer{status: resp.StatusCode, contentType: resp.Header.Get("Content-Type"), body: body, granting: true}
	failure := got.check(t.mask)
	if failure == nil && !grants(body) {
		failure = got.unusable(noToken)
	}
	if failure != nil {
		failure.Kind = KindToken
		return nil, failure
	}
	resp.Header.Set("Content-Type", "application/json")
	resp.Body = newMemory(bytes.TrimPrefix(body, byteOrderMark))
	return resp, nil
}

// noToken is what an error says of an answer in which no token can be found. It quotes none of the answer: the
// token may be there, in another form.
const noToken = "the token endpoint's answer holds no access token"

// grants reports whether a JSON document has one of the members that RFC 6749 gives to the answer of a token endpoint.
func grants(document []byte) bool {
	var grant struct {
		AccessToken string `json:"access_token"`
		Error       string `json:"error"`
	}
	err := json.Unmarshal(bytes.TrimPrefix(document, byteOrderMark), &grant)
	return err == nil && (grant.AccessToken != "" || grant.Error != "")
}

// errorCode finds the codes of RFC 6749, section 5.2, and extensions in their form.
var errorCode = regexp.MustCompile(`^[a-z][a-z_]{0,40}$`)

// Authorize implements Authorizer.
func (s *TokenSource) Authorize(req *http.Request) error {
	t, err := s.token(req.Context())
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", t.header)
	return nil
}

// Refused implements Authorizer. The token is given up, unless another one has taken its place already
// or a new one would fare no better.
func (s *TokenSource) Refused(req *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil || s.current.header != req.Header.Get("Authorization") {
		return true
	}
	if s.current.hopeless(time.Now()) {
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
	t, err := s.fetches.do(ctx, "", func(ctx context.Context) (*token, error) {
		// Another fetch may have ended between the look before and this one's start.
		if t, err := s.cached(); t != nil || err != nil {
			return t, err
		}
		return s.fetch(ctx)
	})
	if err == nil {
		return t, nil
	}
	if known, ok := errors.AsType[*Error](err); ok {
		shared := *known
		return nil, &shared
	}
	return nil, s.failure(ctx, err, nil)
}

// cached returns the token in use, the reason why there will be none, or neither.
func (s *TokenSource) cached() (*token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusal != nil {
		shared := *s.refusal
		return nil, &shared
	}
	if s.current != nil && s.current.usable(time.Now()) {
		return s.current, nil
	}
	return nil, nil
}

// fetch asks the token endpoint.
func (s *TokenSource) fetch(ctx context.Context) (*token, error) {
	call := &call{}
	ctx = context.WithValue(withCall(ctx, call), oauth2.HTTPClient, s.http)
	granted, err := s.config.Token(ctx)
	if err != nil {
		failure := s.failure(ctx, err, call)
		s.remember(failure)
		return nil, failure
	}
	now := time.Now()
	t := &token{header: granted.Type() + " " + granted.AccessToken, fetched: now}
	err = CheckSecret(t.header)
	if len(t.header) > maxToken {
		err = errLongToken
	}
	if err != nil {
		failure := s.failure(ctx, err, call)
		failure.Kind, failure.Message = KindToken, "the token endpoint's answer holds no usable access token: it "+err.Error()
		return nil, failure
	}
	s.mask.renew(granted.AccessToken)
	if granted.Expiry.IsZero() {
		t.endless = true
	} else {
		t.lifetime = granted.Expiry.Sub(now)
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	t.replacement = s.replacing
	s.replacing = false
	s.current = t
	return t, nil
}

// remember keeps a refusal that no later request would change.
func (s *TokenSource) remember(failure *Error) {
	status := failure.StatusCode
	if failure.Kind != KindToken || status < 400 || status >= 500 || retryStatus(status) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusal = failure
}

// failure makes the error for a token request. call is nil for a caller that did not make the request.
func (s *TokenSource) failure(ctx context.Context, err error, call *call) *Error {
	failure := &Error{Service: s.options.Service, Method: http.MethodPost, URL: s.options.TokenURL, Token: true}
	if call != nil {
		failure.Attempts = call.attempts
		failure.StatusCode = call.status
	}
	if answer, ok := errors.AsType[*Error](err); ok {
		failure.Kind, failure.StatusCode, failure.Message = answer.Kind, answer.StatusCode, answer.Message
		failure.HTML, failure.Err = answer.HTML, answer.Err
		return failure
	}
	answered, refused := errors.AsType[*oauth2.RetrieveError](err)
	if !refused {
		failure.explain(ctx, err, s.mask)
		if _, broken := errors.AsType[*url.Error](err); !broken && failure.Kind == KindNetwork {
			// The request went well, and oauth2 found no token in the answer.
			failure.Kind = KindToken
			// What it says may quote the answer.
			failure.Message, failure.Err = noToken, nil
		}
		return failure
	}
	failure.Kind = KindToken
	failure.StatusCode = answered.Response.StatusCode
	if failure.StatusCode/100 == 2 {
		failure.Message = noToken
		if errorCode.MatchString(answered.ErrorCode) {
			failure.Code = s.mask.line(answered.ErrorCode, maxCode)
		}
		return failure
	}
	if status := failure.StatusCode; retryStatus(status) || status >= 500 {
		// An outage of the token endpoint is one like any other.
		failure.Kind = statusKind(status)
	}
	failure.Code = s.mask.line(answered.ErrorCode, maxCode)
	failure.Message = s.mask.line(answered.ErrorDescription, maxMessage)
	if failure.Code == "" && (&answer{body: answered.Body}).html() {
		failure.HTML, failure.Message = true, htmlPage
	}
	return failure
}
