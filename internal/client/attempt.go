// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"
)

// maxBody is the most an answer may have. The largest documents of the APIs, listings of 1000 orders,
// stay well below it.
const maxBody = 8 << 20

// maxErrorBody is how much is kept of an answer that tells an error.
const maxErrorBody = 64 << 10

// attempt bounds one attempt in time, and reads the whole body within it: a connection that breaks or
// stalls halfway through a body is then an attempt that failed, like one that broke before.
type attempt struct {
	next    http.RoundTripper
	timeout time.Duration
}

// RoundTrip implements http.RoundTripper.
func (a attempt) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), a.timeout)
	defer cancel()
	resp, err := a.next.RoundTrip(req.WithContext(ctx))
	if err == nil {
		err = buffer(resp)
	}
	if err == nil {
		return resp, nil
	}
	if req.Context().Err() == nil && ctx.Err() != nil {
		return nil, &timeoutError{after: a.timeout}
	}
	return nil, err
}

// buffer replaces the body with one that is in memory.
func buffer(resp *http.Response) error {
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		// The status decides what happens next, also when the message behind it breaks off: a refused
		// credential is not tried again for the sake of a better message.
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		resp.Body = io.NopCloser(bytes.NewReader(body))
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err == nil && len(body) > maxBody {
		err = errTooLarge
	}
	if err != nil {
		return &bodyError{status: resp.StatusCode, err: err}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}
