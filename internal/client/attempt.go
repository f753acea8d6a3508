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
	mask    *masker
}

// RoundTrip implements http.RoundTripper.
func (a attempt) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), a.timeout)
	defer cancel()
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
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		if err != nil || len(body) == maxErrorBody {
			body = []byte(a.mask.uncut(string(body)))
		}
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

// readBounded reads a body of at most maxBody bytes; length is how long its sender says it is, not positive when it
// does not. The pieces are joined once they are all there: a slice that grows on the way would take several times
// the memory.
func readBounded(body io.Reader, length int64) ([]byte, error) {
	if length > maxBody {
		return nil, errTooLarge
	}
	const least, most = 4 << 10, 1 << 20
	var pieces [][]byte
	total := 0
	// The one byte more is for the read that finds the end.
	for size := max(int(length)+1, least); ; size = min(2*size, most) {
		piece, err := fill(body, size)
		pieces = append(pieces, piece)
		total += len(piece)
		switch {
		case total > maxBody:
			return nil, errTooLarge
		case errors.Is(err, io.EOF) && len(pieces) == 1:
			return piece, nil
		case errors.Is(err, io.EOF):
			return bytes.Join(pieces, nil), nil
		case err != nil:
			return nil, err
		}
	}
}

// fill reads up to size bytes. Unlike io.ReadFull it hands on the reader's own error, io.EOF at the end.
func fill(r io.Reader, size int) ([]byte, error) {
	buffer, filled := make([]byte, size), 0
	for filled < size {
		n, err := r.Read(buffer[filled:])
		filled += n
		if err != nil {
			return buffer[:filled], err
		}
	}
	return buffer, nil
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

// contents returns the whole body of an answer, which stays unread where it is in memory.
func contents(resp *http.Response) ([]byte, error) {
	if body, ok := resp.Body.(memory); ok {
		return body.data, nil
	}
	return io.ReadAll(resp.Body)
}
