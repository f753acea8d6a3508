// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limit is a rate limit as the server counts it: at most Requests in any Window.
type Limit struct {
	Requests int
	Window   time.Duration
}

// Options make a Client.
type Options struct {
	Service        string                            // the vendor's display name, for errors and logs
	BaseURL        string                            // root of the API, see ParseBaseURL
	UserAgent      string                            // User-Agent header; "" leaves it out
	RequestTimeout time.Duration                     // for one attempt, body included; 0 means 30 s
	MaxRetries     int                               // attempts after the first; 0 means none
	Limits         []Limit                           // all of them are kept
	Authorize      Authorizer                        // nil sends no credential
	DecodeError    func(body []byte) (Problem, bool) // reads the vendor's error document; false: it is none
	Secrets        []string                          // texts that appear in no log and no error
	Transport      http.RoundTripper                 // replaces the connections to the network, in tests
}

// DefaultRequestTimeout is the RequestTimeout of Options that name none.
const DefaultRequestTimeout = 30 * time.Second

// Client reads JSON documents from one API. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	options Options
	http    *http.Client
}

// New checks the options and returns a Client. It makes no request.
func New(o Options) (*Client, error) {
	base, err := ParseBaseURL(o.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("the base URL %w", err)
	}
	if o.MaxRetries < 0 {
		return nil, fmt.Errorf("the number of retries is %d; it must be 0 or more", o.MaxRetries)
	}
	if o.RequestTimeout < 0 {
		return nil, fmt.Errorf("the request timeout is %s; it must be more than 0", o.RequestTimeout)
	}
	if o.RequestTimeout == 0 {
		o.RequestTimeout = DefaultRequestTimeout
	}
	return &Client{base: base, options: o, http: &http.Client{Transport: o.Transport, Timeout: o.RequestTimeout}}, nil
}

// Expect announces n reads that the caller is about to have in flight at the same time. Until release
// is called, the client may use that many connections, within its own bounds.
func (c *Client) Expect(n int) (release func()) {
	return func() {}
}

// Get reads the document at the path below the base URL into out. Each path element is escaped on its
// own. Every error is an *Error.
func (c *Client) Get(ctx context.Context, out any, query url.Values, path ...string) error {
	u := c.base.String()
	for _, element := range path {
		u += "/" + url.PathEscape(element)
	}
	if len(query) > 0 {
		u += "?" + query.Encode()
	}
	fail := &Error{Service: c.options.Service, Method: http.MethodGet, URL: u, Attempts: 1}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		fail.Kind, fail.Err = KindInvalid, err
		return fail
	}
	req.Header.Set("Accept", "application/json")
	if c.options.Authorize != nil {
		if err := c.options.Authorize.Authorize(req); err != nil {
			return err
		}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		fail.Kind, fail.Err = KindNetwork, err
		return fail
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		fail.Kind, fail.Err = KindNetwork, err
		return fail
	}
	fail.StatusCode = resp.StatusCode
	if resp.StatusCode/100 != 2 {
		fail.Kind = statusKind(resp.StatusCode)
		if c.options.DecodeError != nil {
			if p, ok := c.options.DecodeError(body); ok {
				fail.Code, fail.Message, fail.Details = p.Code, p.Message, p.Details
				if p.Kind != 0 {
					fail.Kind = p.Kind
				}
			}
		}
		return fail
	}
	if trimmed := strings.TrimSpace(string(bytes.TrimSpace(body))); trimmed == "" || trimmed == "null" {
		fail.Kind, fail.Message = KindBody, "the answer is empty"
		return fail
	}
	if err := json.Unmarshal(body, out); err != nil {
		fail.Kind, fail.Err = KindBody, err
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			fail.Kind, fail.Field = KindDecode, wrong.Field
		}
		return fail
	}
	return nil
}

// statusKind is what an HTTP status that is not 2xx means.
func statusKind(status int) Kind {
	switch {
	case status < 400:
		return KindRedirect
	case status == http.StatusUnauthorized:
		return KindUnauthorized
	case status == http.StatusForbidden:
		return KindForbidden
	case status == http.StatusNotFound:
		return KindNotFound
	case status == http.StatusTooManyRequests:
		return KindRateLimited
	case status == http.StatusRequestTimeout, status >= 500:
		return KindUnavailable
	default:
		return KindInvalid
	}
}
