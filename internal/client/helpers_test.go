// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
)

// roundTrip is a RoundTripper made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// reply is a response without a server.
func reply(req *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:  http.Header{},
		Body:    io.NopCloser(bytes.NewReader([]byte(body))),
		Request: req,
	}
}

// serve starts a server and returns a client of it. change may be nil.
func serve(t *testing.T, handler http.HandlerFunc, change func(*Options)) (*Client, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	options := Options{Service: "Test", BaseURL: server.URL}
	if change != nil {
		change(&options)
	}
	return mustNew(t, options), server
}

func mustNew(t *testing.T, options Options) *Client {
	t.Helper()
	c, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// failed returns the error as an *Error of the kind wanted.
func failed(t *testing.T, err error, kind Kind) *Error {
	t.Helper()
	failure, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got error %v (%T), want an *Error", err, err)
	}
	if failure.Kind != kind {
		t.Fatalf("got kind %q, want %q: %v", failure.Kind, kind, failure)
	}
	return failure
}

// get makes a request as a round tripper's caller does.
func get(t *testing.T, ctx context.Context, next http.RoundTripper) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://api.test/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	return next.RoundTrip(req)
}

// discardLog keeps a server's complaints about handshakes out of the test's output.
func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }
