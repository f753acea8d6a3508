// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package client reads JSON documents over HTTP, for the packages that each know one vendor's API. It
// retries what may pass, keeps the servers' rate limits, bounds the connections, shares identical
// requests, logs without credentials, and returns errors that tell what happened. Writing takes a WritePath.
package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/callgroup"
)

// DefaultRequestTimeout is the RequestTimeout of Options that name none.
const DefaultRequestTimeout = 30 * time.Second

// DefaultBackoff is the Backoff of Options that name none. It doubles with each attempt, up to 30 s.
const DefaultBackoff = 500 * time.Millisecond

// Limit is a rate limit as the server counts it: at most Requests in any Window.
type Limit struct {
	Requests int
	Window   time.Duration
}

// Options make a Client.
type Options struct {
	Service        string                            // the vendor's display name, for errors and logs
	BaseURL        string                            // root of the API, see ParseBaseURL
	UserAgent      string                            // User-Agent header; "" means net/http's own
	RequestTimeout time.Duration                     // for one attempt, body included; 0 means DefaultRequestTimeout
	MaxRetries     int                               // attempts after the first; 0 means none
	Backoff        time.Duration                     // shortest wait before another attempt, before jitter; 0 means DefaultBackoff
	Limits         []Limit                           // all of them are kept
	Authorize      Authorizer                        // nil sends no credential
	DecodeError    func(body []byte) (Problem, bool) // reads the vendor's error document; false: it is none
	Secrets        []string                          // texts that appear in no log and no error
	Certificate    *tls.Certificate                  // the client's certificate for TLS; nil sends none
	Transport      http.RoundTripper                 // replaces the connections to the network, in tests
	WritePath      *WritePath                        // what New makes the path for writes; nil: nobody writes
}

// Client reads JSON documents from one API. It is safe for concurrent use.
type Client struct {
	base        *url.URL
	service     string
	userAgent   string
	decodeError func(body []byte) (Problem, bool)
	chain       http.RoundTripper
	redact      *redactor
	reads       callgroup.Group[*response]
}

// New checks the options and returns a Client. It makes no request.
func New(o Options) (*Client, error) {
	base, err := ParseBaseURL(o.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("the base URL %w", err)
	}
	c := &Client{
		base:        base,
		service:     o.Service,
		userAgent:   o.UserAgent,
		decodeError: o.DecodeError,
		redact:      newRedactor(slices.Concat(o.Secrets, proxySecrets())...),
	}
	if tokens, ok := o.Authorize.(*TokenSource); ok {
		// The token is a credential as well, one that is not known yet.
		c.redact = tokens.redact
		for _, secret := range o.Secrets {
			c.redact.add(secret)
		}
	}
	chain, err := newChain(chainOptions{
		service:     o.Service,
		timeout:     o.RequestTimeout,
		retries:     o.MaxRetries,
		backoff:     o.Backoff,
		limits:      o.Limits,
		authorize:   o.Authorize,
		redact:      c.redact,
		inFlight:    true,
		transport:   o.Transport,
		certificate: o.Certificate,
	})
	if err != nil {
		return nil, err
	}
	c.chain = chain.retrying(sameHostRedirect, checkRetry)
	if o.WritePath != nil {
		*o.WritePath = WritePath{client: c, chain: chain.retrying(refuseRedirect, checkWriteRetry)}
	}
	return c, nil
}

// Get reads the document at a path below the base URL into out. Each path element is escaped on its
// own. Callers that ask for the same document at the same time share one request. Every error is an
// *Error.
func (c *Client) Get(ctx context.Context, out any, query url.Values, path ...string) error {
	return c.read(ctx, out, request{method: http.MethodGet}, query, path)
}

// Query reads the document that a POST of another one returns, for APIs that take what is asked for in
// a body. Its path must be of an endpoint that only reads: like those of Get, the request is sent again
// after a failure, and shared.
func (c *Client) Query(ctx context.Context, out, question any, path ...string) error {
	body, err := json.Marshal(question)
	if err != nil {
		return &Error{Kind: KindInvalid, Service: c.service, Method: http.MethodPost, URL: c.base.String(), Message: err.Error(), Err: err}
	}
	return c.read(ctx, out, request{method: http.MethodPost, body: body}, nil, path)
}

// request is what is asked for.
type request struct {
	method, target string
	body           []byte
}

// read fills out, or returns an *Error.
func (c *Client) read(ctx context.Context, out any, what request, query url.Values, path []string) error {
	var err error
	if what.target, err = c.target(query, path); err != nil {
		return &Error{Kind: KindInvalid, Service: c.service, Method: what.method, URL: what.target, Message: err.Error(), Err: err}
	}
	key := what.method + " " + what.target + " " + string(what.body)
	got, err := c.reads.Do(ctx, key, func(ctx context.Context) (*response, error) {
		return c.response(ctx, c.chain, what, &call{})
	})
	if err != nil {
		return c.failure(ctx, err, what)
	}
	failure := charge(ctx, got)
	switch {
	case failure != nil:
	case !got.ok():
		failure = got.refused(c.decodeError, c.redact)
	default:
		failure = got.decode(out, c.redact)
	}
	if failure != nil {
		failure.Service, failure.Method, failure.URL = c.service, what.method, what.target
		return failure
	}
	return nil
}

// Unusable makes the error for a document that Get has read and that its caller cannot take, such as
// one about another object. query and path are those of Get.
func (c *Client) Unusable(kind Kind, message string, query url.Values, path ...string) *Error {
	target, _ := c.target(query, path)
	return &Error{
		Kind:       kind,
		Service:    c.service,
		Method:     http.MethodGet,
		URL:        target,
		StatusCode: http.StatusOK,
		Message:    c.redact.line(message, maxMessage),
	}
}

// maxElement is the longest element of a path, in bytes: ids are numbers or short names.
const maxElement = 255

// target builds a URL below the base. An element that would lead elsewhere is an error.
func (c *Client) target(query url.Values, path []string) (string, error) {
	var b strings.Builder
	b.WriteString(c.base.String())
	var wrong error
	for _, element := range path {
		switch {
		case element == "" || element == "." || element == "..":
			wrong = fmt.Errorf("%q is not an element of a path", element)
		case len(element) > maxElement:
			wrong = fmt.Errorf("an id of %d bytes is too long for a request", len(element))
			continue
		}
		b.WriteString("/" + url.PathEscape(element))
	}
	if len(query) > 0 {
		b.WriteString("?" + query.Encode())
	}
	return b.String(), wrong
}

// response sends the request down a chain and returns the response, whatever its status.
func (c *Client) response(ctx context.Context, chain http.RoundTripper, what request, account *call) (*response, error) {
	req, err := http.NewRequestWithContext(withCall(ctx, account), what.method, what.target, bytes.NewReader(what.body))
	if err != nil {
		return nil, err
	}
	setHeaders(req, c.userAgent)
	if what.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	got, err := send(chain, req, account)
	if err != nil {
		failure := c.failure(ctx, err, what)
		failure.Attempts = max(failure.Attempts, account.attempts)
		return nil, failure
	}
	return got, nil
}

// send sends a request down a chain and returns the response, whatever its status.
func send(chain http.RoundTripper, req *http.Request, account *call) (*response, error) {
	resp, err := chain.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := contents(resp)
	if err != nil {
		return nil, err
	}
	return &response{status: resp.StatusCode, body: body, attempts: account.attempts}, nil
}

// failure makes a caller's own error for a request without a response.
func (c *Client) failure(ctx context.Context, err error, what request) *Error {
	if known, ok := errors.AsType[*Error](err); ok {
		own := *known
		return &own
	}
	failure := &Error{Service: c.service, Method: what.method, URL: what.target}
	failure.explain(ctx, err, c.redact)
	return failure
}
