// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// maxBody is the most a response may have. The largest documents of the APIs, listings of 1000 orders,
// stay well below it.
const maxBody = 8 << 20

// maxErrorBody is how much is kept of a response that tells an error.
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
	callFrom(ctx).handed.Store(true)
	resp, err := a.next.RoundTrip(req.WithContext(ctx))
	if err == nil && resp.StatusCode < http.StatusOK {
		// The body of a switch of protocols is the open connection, which no deadline of the request ends.
		err = errors.Join(&bodyError{status: resp.StatusCode, err: errSwitching}, resp.Body.Close())
	}
	if err == nil {
		err = a.buffer(resp)
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
func (a attempt) buffer(resp *http.Response) error {
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		// The status decides what happens next, also when the message behind it breaks off: a refused
		// credential is not tried again for the sake of a better message.
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // What came is what there is.
		resp.Body = newMemory(body)
		return nil
	}
	body, err := readBounded(resp.Body, resp.ContentLength)
	if err != nil {
		return &bodyError{status: resp.StatusCode, err: err}
	}
	resp.Body = newMemory(body)
	return nil
}

// readBounded reads a body of at most maxBody bytes; length is how long its sender says it is, not positive when it does not.
func readBounded(body io.Reader, length int64) ([]byte, error) {
	if length > maxBody {
		return nil, errTooLarge
	}
	read, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	if len(read) > maxBody {
		return nil, errTooLarge
	}
	return read, err
}

// memory is a body that was read already.
type memory struct {
	*bytes.Reader
	data []byte
}

func newMemory(data []byte) memory {
	return memory{bytes.NewReader(data), data}
}

// Close implements io.Closer.
func (memory) Close() error { return nil }

// contents returns the whole body of a response, which stays unread where it is in memory.
func contents(resp *http.Response) ([]byte, error) {
	if body, ok := resp.Body.(memory); ok {
		return body.data, nil
	}
	return io.ReadAll(resp.Body)
}
