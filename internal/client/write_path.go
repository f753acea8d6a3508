// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptrace"
)

// WritePath is what a request goes through that may change something at the vendor. It passes the credentials, the limits, the
// log and the bounds of its client's reads: the same instances, so that both together keep the vendor's rate limit. Unlike a
// read, nobody shares it, no redirect leads it elsewhere, and it is not sent again once the vendor may have received it.
//
// A Client cannot write. Whoever makes one can ask for its WritePath with the Options. The provider does that for its actions
// alone, see internal/client/write.
type WritePath struct {
	client *Client
	chain  http.RoundTripper
}

// Send sends a request with a JSON document, none for nil, and reads the response into out, which may be nil. Each path element
// is escaped on its own. An empty response is one that says nothing. Every error is an *Error.
func (p *WritePath) Send(ctx context.Context, method string, in, out any, path ...string) error {
	if p == nil || p.client == nil {
		return &Error{Kind: KindInvalid, Method: method, Message: "this client was made for reading only"}
	}
	what := request{method: method}
	var err error
	if what.target, err = p.client.target(nil, path); err == nil && in != nil {
		what.body, err = json.Marshal(in)
	}
	if err != nil {
		return &Error{Kind: KindInvalid, Service: p.client.service, Method: method, URL: what.target, Message: err.Error(), Err: err}
	}
	account := &call{writes: true}
	got, err := p.client.response(httptrace.WithClientTrace(ctx, account.trace()), p.chain, what, account)
	if err != nil {
		failure := p.client.failure(ctx, err, what)
		failure.Uncertain = account.mayHaveArrived()
		return failure
	}
	var failure *Error
	switch {
	case !got.ok():
		failure = got.refused(p.client.decodeError, p.client.redact)
		failure.Uncertain = !isRefusal(got.status)
	case out != nil && len(got.document()) > 0:
		if failure = got.decode(out, p.client.redact); failure != nil {
			failure.Uncertain = true
		}
	}
	if failure != nil {
		failure.Service, failure.Method, failure.URL = p.client.service, method, what.target
		return failure
	}
	return nil
}

// Clean returns text of a response that a person may read: without credentials, on one line and bounded.
func (p *WritePath) Clean(text string) string {
	if p == nil || p.client == nil {
		return ""
	}
	return p.client.redact.line(text, maxMessage)
}

// Mask returns a text of several lines without credentials.
func (p *WritePath) Mask(text string) string {
	if p == nil || p.client == nil {
		return text
	}
	return p.client.redact.text(text)
}

// trace notes how far the transport came with an attempt.
func (c *call) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { c.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { c.connected.Store(true) },
	}
}

// mayHaveArrived reports whether the server may have got the latest attempt. It is false only where that is certain: the attempt
// never got as far as the transport, or the transport never had a connection for it.
func (c *call) mayHaveArrived() bool {
	return c.handed.Load() && (c.connected.Load() || !c.asked.Load())
}

// isRefusal reports whether an HTTP status says that the vendor did not do what it was asked for. A gateway's 5xx says nothing
// of what happened behind it, and a 408 comes from a server that may have read enough.
func isRefusal(status int) bool {
	return status >= http.StatusBadRequest && status < http.StatusInternalServerError && status != http.StatusRequestTimeout
}

// checkWriteRetry implements retryablehttp.CheckRetry for writes: only an attempt that certainly did not arrive, or that the
// server turned away because of its rate limit, has another after it.
func checkWriteRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		_, again := classify(ctx, err)
		return again && !callFrom(ctx).mayHaveArrived(), nil
	}
	return resp.StatusCode == http.StatusTooManyRequests, nil
}

// IsUncertain tells whether the vendor may have carried out a write that failed.
func IsUncertain(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Uncertain
}
