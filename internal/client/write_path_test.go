// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// writer starts a server and returns the write path to it, and how many requests it got.
func writer(t *testing.T, handler http.HandlerFunc, change func(*Options)) (*WritePath, *atomic.Int64) {
	t.Helper()
	var requests atomic.Int64
	path := &WritePath{}
	serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		handler(w, r)
	}, func(o *Options) {
		o.WritePath, o.MaxRetries, o.Backoff = path, 4, time.Nanosecond
		if change != nil {
			change(o)
		}
	})
	return path, &requests
}

func TestWrite(t *testing.T) {
	t.Parallel()
	path, requests := writer(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPut || r.URL.EscapedPath() != "/order/a%2Fb" || string(body) != `{"names":["x"]}` ||
			r.Header.Get("Content-Type") != "application/json" || r.Header.Get("X-Key") != "k" {
			t.Errorf("got %s %s %q %v", r.Method, r.URL.EscapedPath(), body, r.Header)
		}
		_, _ = io.WriteString(w, `{"status":"done"}`)
	}, func(o *Options) { o.Authorize = HeaderAuth{"X-Key": "k"} })
	var out struct {
		Status *Text `json:"status"`
	}
	err := path.Send(t.Context(), http.MethodPut, map[string][]string{"names": {"x"}}, &out, "order", "a/b")
	if err != nil || out.Status.String() != "done" || requests.Load() != 1 {
		t.Errorf("got %v, %v after %d requests", out, err, requests.Load())
	}
}

// A write is sent again only where the vendor certainly did not carry it out, and its error tells where that is not certain.
func TestWriteIsSentOnce(t *testing.T) {
	t.Parallel()
	status := func(statuses ...int) http.HandlerFunc {
		next := 0
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(statuses[min(next, len(statuses)-1)])
			next++
		}
	}
	text := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	tests := map[string]struct {
		handler   http.HandlerFunc
		kind      Kind // 0 for success
		requests  int64
		uncertain bool
	}{
		"done":                  {text(`{}`), 0, 1, false},
		"done without a word":   {status(http.StatusNoContent), 0, 1, false},
		"turned away, then not": {status(http.StatusTooManyRequests, http.StatusOK), 0, 2, false},
		"turned away for good":  {status(http.StatusTooManyRequests), KindRateLimited, 5, false},
		"bad request":           {status(http.StatusBadRequest), KindInvalid, 1, false},
		"unauthorized":          {status(http.StatusUnauthorized), KindUnauthorized, 1, false},
		"forbidden":             {status(http.StatusForbidden), KindForbidden, 1, false},
		"internal error":        {status(http.StatusInternalServerError), KindUnavailable, 1, true},
		"bad gateway":           {status(http.StatusBadGateway), KindUnavailable, 1, true},
		"unavailable":           {status(http.StatusServiceUnavailable), KindUnavailable, 1, true},
		"gateway timeout":       {status(http.StatusGatewayTimeout), KindUnavailable, 1, true},
		"request timeout":       {status(http.StatusRequestTimeout), KindUnavailable, 1, true},
		"broken before a word":  {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, KindNetwork, 1, true},
		"broken in a body": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"status":`)
		}, KindBody, 1, true},
		"slow": {func(_ http.ResponseWriter, r *http.Request) {
			// The server notices that the client gave up once the body is read.
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}, KindTimeout, 1, true},
		"a page":       {text("<html></html>"), KindBody, 1, true},
		"not JSON":     {text("ok"), KindBody, 1, true},
		"too large":    {text(strings.Repeat(" ", maxBody+1)), KindBody, 1, true},
		"another type": {text(`{"status":{}}`), KindDecode, 1, true},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
		}, KindRedirect, 1, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, requests := writer(t, test.handler, func(o *Options) {
				if test.kind == KindTimeout {
					o.RequestTimeout = 100 * time.Millisecond
				}
			})
			var out struct {
				Status *Text `json:"status"`
			}
			err := path.Send(t.Context(), http.MethodPost, struct{}{}, &out, "x")
			if got := requests.Load(); got != test.requests {
				t.Errorf("the server got %d requests, want %d", got, test.requests)
			}
			if test.kind == 0 {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			failure := failed(t, err, test.kind)
			if failure.Uncertain != test.uncertain || IsUncertain(err) != test.uncertain ||
				strings.Contains(failure.Error(), "may have been carried out") != test.uncertain {
				t.Errorf("uncertain is %t, want %t: %v", failure.Uncertain, test.uncertain, failure)
			}
		})
	}
}

// A server that nobody could connect to has received nothing.
func TestWriteRefusedConnection(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	path := &WritePath{}
	mustNew(t, Options{Service: "Test", BaseURL: "http://" + address, MaxRetries: 2, Backoff: time.Nanosecond, WritePath: path})
	failure := failed(t, path.Send(t.Context(), http.MethodPost, nil, nil, "x"), KindNetwork)
	if failure.Attempts != 3 || failure.Uncertain {
		t.Errorf("got %d attempts, uncertain %t: %v", failure.Attempts, failure.Uncertain, failure)
	}
}

// The handshake of TLS fails before anything of the request is sent.
func TestWriteUntrustedServer(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = discardLog()
	server.StartTLS()
	t.Cleanup(server.Close)
	path := &WritePath{}
	mustNew(t, Options{Service: "Test", BaseURL: server.URL, MaxRetries: 2, WritePath: path})
	if failure := failed(t, path.Send(t.Context(), http.MethodPost, nil, nil, "x"), KindTLS); failure.Uncertain || failure.Attempts != 1 {
		t.Errorf("got %d attempts, uncertain %t: %v", failure.Attempts, failure.Uncertain, failure)
	}
}

// Reads share a request; writes never do.
func TestWritesAreNotShared(t *testing.T) {
	t.Parallel()
	const writes = 3
	var arrived sync.WaitGroup
	arrived.Add(writes)
	path, requests := writer(t, func(w http.ResponseWriter, _ *http.Request) {
		arrived.Done()
		arrived.Wait() // All of them are under way at the same time.
		w.WriteHeader(http.StatusNoContent)
	}, nil)
	var group sync.WaitGroup
	for range writes {
		group.Go(func() {
			if err := path.Send(t.Context(), http.MethodPost, nil, nil, "x"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := requests.Load(); got != writes {
		t.Errorf("the server got %d requests, want %d", got, writes)
	}
}

// Reads and writes together keep the vendor's limit.
func TestWritesShareTheRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var times []time.Duration
		path := &WritePath{}
		c := mustNew(t, Options{Service: "Test", BaseURL: "https://api.test", WritePath: path,
			Limits: []Limit{{Requests: 2, Window: time.Minute}},
			Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
				times = append(times, time.Since(begin))
				return reply(req, http.StatusOK, "{}"), nil
			})})
		var out struct{}
		for _, err := range []error{
			c.Get(t.Context(), &out, nil, "a"), path.Send(t.Context(), http.MethodPost, nil, nil, "b"), c.Get(t.Context(), &out, nil, "c"),
		} {
			if err != nil {
				t.Error(err)
			}
		}
		if len(times) != 3 || times[1] != 0 || times[2] != time.Minute {
			t.Errorf("the requests went out at %v", times)
		}
		// Whoever gives up while waiting for the limit has sent nothing.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := path.Send(t.Context(), http.MethodPost, nil, nil, "d"); err != nil {
			t.Error(err)
		}
		if failure := failed(t, path.Send(ctx, http.MethodPost, nil, nil, "e"), KindTimeout); failure.Uncertain {
			t.Errorf("got %v", failure)
		}
		time.Sleep(2 * time.Minute) // The limit's timers end.
	})
}

func TestWriteRedacts(t *testing.T) {
	t.Parallel()
	path, _ := writer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "the key s3cret= may not")
	}, func(o *Options) {
		o.Secrets = []string{"s3cret="}
		o.DecodeError = func(body []byte) (Problem, bool) { return Problem{Message: string(body)}, true }
	})
	err := path.Send(t.Context(), http.MethodPost, nil, nil, "x")
	if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "the key *** may not") {
		t.Errorf("got %v", err)
	}
}

// A client that nobody asked for a write path, and a path that leads elsewhere, send nothing.
func TestWriteNothing(t *testing.T) {
	t.Parallel()
	for _, path := range []*WritePath{nil, {}} {
		failed(t, path.Send(t.Context(), http.MethodPost, nil, nil, "x"), KindInvalid)
	}
	path, requests := writer(t, func(http.ResponseWriter, *http.Request) {}, nil)
	failed(t, path.Send(t.Context(), http.MethodPost, nil, nil, ".."), KindInvalid)
	failed(t, path.Send(t.Context(), http.MethodPost, func() {}, nil, "x"), KindInvalid)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	failure := failed(t, path.Send(ctx, http.MethodPost, nil, nil, "x"), KindCanceled)
	if failure.Uncertain || !errors.Is(failure, context.Canceled) {
		t.Errorf("got %v", failure)
	}
	if requests.Load() != 0 {
		t.Errorf("the server got %d requests", requests.Load())
	}
}
