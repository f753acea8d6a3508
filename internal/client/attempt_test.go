// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// brokenReader gives its text and then its error, after a wait for the context when it has none.
type brokenReader struct {
	text io.Reader
	err  error
	ctx  context.Context
}

func (b brokenReader) Read(p []byte) (int, error) {
	n, err := b.text.Read(p)
	if err == nil {
		return n, nil
	}
	if b.err == nil {
		<-b.ctx.Done()
		return n, b.ctx.Err()
	}
	return n, b.err
}

func (b brokenReader) Close() error { return nil }

func TestAttemptReadsTheBody(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		err    error
		want   string
		fails  error
	}{
		"whole":             {200, "abc", io.EOF, "abc", nil},
		"cut short":         {200, "abc", io.ErrUnexpectedEOF, "", io.ErrUnexpectedEOF},
		"largest":           {200, strings.Repeat("x", maxBody), io.EOF, strings.Repeat("x", maxBody), nil},
		"too large":         {200, strings.Repeat("x", maxBody+1), io.EOF, "", errTooLarge},
		"error, whole":      {404, "abc", io.EOF, "abc", nil},
		"error, cut short":  {401, "abc", io.ErrUnexpectedEOF, "abc", nil},
		"error, very large": {500, strings.Repeat("x", maxBody+1), io.EOF, strings.Repeat("x", maxErrorBody), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			resp, err := get(t, t.Context(), attempt{timeout: time.Minute, next: roundTrip(func(req *http.Request) (*http.Response, error) {
				resp := reply(req, test.status, "")
				resp.Body = brokenReader{text: strings.NewReader(test.body), err: test.err}
				return resp, nil
			})})
			if !errors.Is(err, test.fails) || (err == nil) != (test.fails == nil) {
				t.Fatalf("got error %v, want %v", err, test.fails)
			}
			if err != nil {
				if broken, ok := errors.AsType[*bodyError](err); !ok || broken.status != test.status {
					t.Errorf("got %#v, want a bodyError with the status", err)
				}
				return
			}
			if got, err := io.ReadAll(resp.Body); err != nil || string(got) != test.want {
				t.Errorf("got %d bytes, error %v; want %d", len(got), err, len(test.want))
			}
		})
	}
}

func TestAttemptTimeout(t *testing.T) {
	waiting := map[string]http.RoundTripper{
		"for the response": roundTrip(func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}),
		"within the body": roundTrip(func(req *http.Request) (*http.Response, error) {
			resp := reply(req, 200, "")
			resp.Body = brokenReader{text: strings.NewReader("{"), ctx: req.Context()}
			return resp, nil
		}),
	}
	for name, next := range waiting {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				_, err := get(t, t.Context(), attempt{next: next, timeout: 30 * time.Second})
				if timeout, ok := errors.AsType[*timeoutError](err); !ok || timeout.after != 30*time.Second {
					t.Errorf("got %v, want a timeoutError", err)
				}
				if took := time.Since(began); took != 30*time.Second {
					t.Errorf("took %s", took)
				}

				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_, err = get(t, ctx, attempt{next: next, timeout: 30 * time.Second})
				if _, ok := errors.AsType[*timeoutError](err); ok || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want the caller's deadline", err)
				}
			})
		})
	}
}

func TestAttemptEndsItsContext(t *testing.T) {
	var ended <-chan struct{}
	_, err := get(t, t.Context(), attempt{timeout: time.Hour, next: roundTrip(func(req *http.Request) (*http.Response, error) {
		ended = req.Context().Done()
		return reply(req, 200, ""), nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	default:
		t.Error("the attempt's timer is left running")
	}
}

func TestAttemptTruncatedByServer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"a":`)
	}))
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = attempt{next: newTransport(nil), timeout: time.Minute}.RoundTrip(req)
	if kind, retry := classify(t.Context(), err); kind != KindBody || !retry {
		t.Errorf("got %q, retry %t for %v", kind, retry, err)
	}
}
