// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// call is what is learned about one request on its way through the chain.
type call struct {
	attempts int // attempts begun
	status   int // HTTP status of the latest response, 0 for none
	writes   bool

	// How far the latest attempt came: handed to the transport, which asked for a connection, and got one.
	handed, asked, connected atomic.Bool
}

// begin notes that another attempt begins.
func (c *call) begin(number int) {
	c.attempts = number
	c.handed.Store(false)
	c.asked.Store(false)
	c.connected.Store(false)
}

type callKey struct{}

// withCall returns a context in which the chain keeps account in c.
func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// callFrom returns the account of a request that newChain's round tripper was given.
func callFrom(ctx context.Context) *call {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		return &call{}
	}
	return c
}

// chainOptions make a chain.
type chainOptions struct {
	service     string
	timeout     time.Duration // 0 means DefaultRequestTimeout
	retries     int
	backoff     time.Duration // 0 means DefaultBackoff
	limits      []Limit
	authorize   Authorizer // nil sends no credential
	redact      *redactor
	inFlight    bool              // whether the number of requests under way is bounded
	transport   http.RoundTripper // nil connects to the network
	certificate *tls.Certificate  // the client's certificate, nil for none
}

// chain is what every request of a client goes through. What differs between requests that read and requests that write
// stands around it.
type chain struct {
	next    http.RoundTripper
	retries int
	backoff time.Duration
}

// retrying puts the last link around the chain: further attempts where check says so.
func (c chain) retrying(redirect redirectCheck, check retryablehttp.CheckRetry) http.RoundTripper {
	return newRetry(&http.Client{Transport: c.next, CheckRedirect: redirect}, c.retries, c.backoff, check)
}

// redirectCheck is http.Client's CheckRedirect.
type redirectCheck = func(req *http.Request, via []*http.Request) error

// newChain builds what a request goes through, from the connections outward. Each attempt of a retried
// request passes the in-flight limit and the rate limits anew, and so does the second request of an attempt whose
// credential had to be renewed. The log stands inside the waits, so that it tells the server's times.
func newChain(o chainOptions) (chain, error) {
	if o.retries < 0 {
		return chain{}, fmt.Errorf("the number of retries is %d; it must be 0 or more", o.retries)
	}
	if o.timeout < 0 {
		return chain{}, fmt.Errorf("the request timeout is %s; it must be more than 0", o.timeout)
	}
	if o.timeout == 0 {
		o.timeout = DefaultRequestTimeout
	}
	if o.backoff < 0 {
		return chain{}, fmt.Errorf("the wait before another attempt is %s; it must be more than 0", o.backoff)
	}
	if o.backoff == 0 {
		o.backoff = DefaultBackoff
	}
	for _, limit := range o.limits {
		if limit.Requests < 1 || limit.Window <= 0 {
			return chain{}, errors.New("a rate limit must allow at least one request in a time above 0")
		}
	}
	next := o.transport
	if next == nil {
		next = newConnections(o.certificate)
	}
	next = attempt{next: next, timeout: o.timeout}
	next = logging{next: next, service: o.service, redact: o.redact}
	if len(o.limits) > 0 {
		next = newRateLimit(next, o.limits)
	}
	if o.authorize != nil {
		next = authorization{next: next, authorizer: o.authorize}
	}
	if o.inFlight {
		next = newInFlightLimit(next)
	}
	return chain{next: next, retries: o.retries, backoff: o.backoff}, nil
}

// setHeaders sets what every request says about itself.
func setHeaders(req *http.Request, userAgent string) {
	// Some of the servers respond XML or CSV to a client that does not say what it wants.
	req.Header.Set("Accept", "application/json")
	if userAgent != "" {
		req.Header.Set("User-Agent", userAgent)
	}
}
