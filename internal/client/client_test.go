// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestNewRefuses(t *testing.T) {
	tests := map[string]Options{
		"base URL":       {BaseURL: "http://api.example.com"},
		"retries":        {BaseURL: "https://api.example.com", MaxRetries: -1},
		"timeout":        {BaseURL: "https://api.example.com", RequestTimeout: -time.Second},
		"rate limit":     {BaseURL: "https://api.example.com", Limits: []Limit{{Requests: 0, Window: time.Second}}},
		"limit's window": {BaseURL: "https://api.example.com", Limits: []Limit{{Requests: 1}}},
	}
	for name, options := range tests {
		if _, err := New(options); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func TestGetRequest(t *testing.T) {
	var got *http.Request
	c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		_, _ = io.WriteString(w, `{"text":"a"}`)
	}, func(o *Options) {
		o.BaseURL += "/proxy/"
		o.UserAgent = "certops/1"
		o.Authorize = HeaderAuth{"X-Key": "k"}
	})
	var out document
	if err := c.Get(t.Context(), &out, url.Values{"filters[status]": {"a&b"}}, "order", "a/b?c#d%", "é"); err != nil {
		t.Fatal(err)
	}
	if out.Text.String() != "a" {
		t.Errorf("got %+v", out)
	}
	if want := "/proxy/order/a%2Fb%3Fc%23d%25/%C3%A9?filters%5Bstatus%5D=a%26b"; got.RequestURI != want {
		t.Errorf("got %s of %s, want %s", got.RequestURI, server.URL, want)
	}
	if got.Method != http.MethodGet || got.Header.Get("Accept") != "application/json" || got.UserAgent() != "certops/1" ||
		got.Header.Get("X-Key") != "k" {
		t.Errorf("got %s with %v", got.Method, got.Header)
	}
}

func TestGetRefusesPaths(t *testing.T) {
	c, _ := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was made") }, nil)
	for _, element := range []string{"", ".", "..", strings.Repeat("1", maxElement+1)} {
		failed(t, c.Get(t.Context(), &document{}, nil, "order", element, "validation"), KindInvalid)
	}
}

func TestGetErrors(t *testing.T) {
	c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/gone":
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "k3y is unknown")
		case "/nothing":
			w.WriteHeader(http.StatusNoContent)
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "{")
		case "/endless":
			for range 300 {
				_, _ = w.Write(make([]byte, 64<<10))
			}
		case "/hangs":
			<-r.Context().Done()
		}
	}, func(o *Options) {
		o.Secrets = []string{"k3y"}
		o.MaxRetries = 1
		o.Backoff = time.Millisecond
	})
	impatient := mustNew(t, Options{Service: "Test", BaseURL: server.URL, RequestTimeout: 200 * time.Millisecond, MaxRetries: 1,
		Backoff: time.Millisecond})
	tests := map[string]struct {
		kind             Kind
		status, attempts int
		message          string
	}{
		"gone":    {KindNotFound, 404, 1, ""},
		"nothing": {KindBody, 204, 1, "the response is empty"},
		"cut":     {KindBody, 200, 2, "the response is cut short"},
		"endless": {KindBody, 200, 1, "the response is larger than 8 MiB"},
		"hangs":   {KindTimeout, 0, 2, "no complete response within 200ms"},
	}
	for path, want := range tests {
		t.Run(path, func(t *testing.T) {
			reader := c
			if want.kind == KindTimeout {
				reader = impatient
			}
			failure := failed(t, reader.Get(t.Context(), &document{}, nil, path), want.kind)
			if failure.StatusCode != want.status || failure.Attempts != want.attempts || failure.Message != want.message {
				t.Errorf("got %+v", failure)
			}
			if failure.Service != "Test" || failure.Method != http.MethodGet || failure.URL != server.URL+"/"+path {
				t.Errorf("got %s: %s %s", failure.Service, failure.Method, failure.URL)
			}
		})
	}
	t.Run("refused", func(t *testing.T) {
		closed := httptest.NewServer(http.NotFoundHandler())
		closed.Close()
		c := mustNew(t, Options{Service: "Test", BaseURL: closed.URL})
		failed(t, c.Get(t.Context(), &document{}, nil, "x"), KindNetwork)
	})
}

func TestGetErrorsOfNames(t *testing.T) {
	for name, test := range map[string]struct {
		err      net.DNSError
		attempts int
	}{
		"no such host":        {net.DNSError{Err: "no such host", Name: "api.test", IsNotFound: true}, 1},
		"a server that fails": {net.DNSError{Err: "server misbehaving", Name: "api.test", IsTemporary: true}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := mustNew(t, Options{Service: "Test", BaseURL: "https://api.test", MaxRetries: 3,
					Transport: roundTrip(func(*http.Request) (*http.Response, error) {
						return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &test.err}
					})})
				if failure := failed(t, c.Get(t.Context(), &document{}, nil, "x"), KindDNS); failure.Attempts != test.attempts {
					t.Errorf("got %+v", failure)
				}
			})
		})
	}
}

func TestGetShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int32
		answer := roundTrip(func(req *http.Request) (*http.Response, error) {
			requests.Add(1)
			time.Sleep(time.Second)
			return reply(req, 200, `{"texts":["a"]}`), nil
		})
		c := mustNew(t, Options{Service: "Test", BaseURL: "https://api.test", Transport: answer})
		var done sync.WaitGroup
		documents := make([]document, 20)
		for i := range documents {
			done.Go(func() {
				if err := c.Get(t.Context(), &documents[i], nil, "x"); err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
		if got := requests.Load(); got != 1 {
			t.Errorf("got %d requests", got)
		}
		*documents[0].Texts[0] = "changed"
		if got := documents[1].Texts[0].String(); got != "a" {
			t.Errorf("one caller sees %q of another", got)
		}
		if err := c.Get(t.Context(), &document{}, nil, "x"); err != nil || requests.Load() != 2 {
			t.Errorf("got %v, %d requests: a response was kept", err, requests.Load())
		}
	})
}

// Each caller owns its error, too.
func TestGetSharesErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := mustNew(t, Options{Service: "Test", BaseURL: "https://api.test", Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return nil, io.EOF
		})})
		failures := make([]*Error, 5)
		var done sync.WaitGroup
		for i := range failures {
			done.Go(func() { failures[i] = failed(t, c.Get(t.Context(), &document{}, nil, "x"), KindNetwork) })
		}
		done.Wait()
		failures[0].Message = "changed"
		if failures[1].Message == "changed" || failures[1].Attempts != 1 {
			t.Errorf("got %+v", failures[1])
		}
	})
}

func TestGetCanceledAtOnce(t *testing.T) {
	hang := roundTrip(func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	busy := roundTrip(func(req *http.Request) (*http.Response, error) { return reply(req, 503, ""), nil })
	quick := roundTrip(func(req *http.Request) (*http.Response, error) { return reply(req, 200, "{}"), nil })
	tests := map[string]struct {
		options Options
		before  int // reads that succeed first
	}{
		"in a request":       {Options{Transport: hang}, 0},
		"between attempts":   {Options{Transport: busy, MaxRetries: 50}, 0},
		"for the rate limit": {Options{Transport: quick, Limits: []Limit{{Requests: 2, Window: time.Hour}}}, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.options.Service, test.options.BaseURL = "Test", "https://api.test"
				c := mustNew(t, test.options)
				for range test.before {
					if err := c.Get(t.Context(), &document{}, nil, "x"); err != nil {
						t.Fatal(err)
					}
				}
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(3*time.Second, cancel)
				began := time.Now()
				failed(t, c.Get(ctx, &document{}, nil, "x"), KindCanceled)
				if took := time.Since(began); took != 3*time.Second {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

func TestGetWithTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		endpoint := &tokenEndpoint{lifetime: "300", took: time.Second}
		tokens := newTokens(t, endpoint)
		var refused atomic.Bool
		c := mustNew(t, Options{Service: "Test", BaseURL: "https://api.test", Authorize: tokens, Secrets: []string{"other"},
			Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
				if refused.Load() {
					return reply(req, 401, req.Header.Get("Authorization")+" is refused, as is other"), nil
				}
				return reply(req, 200, "{}"), nil
			})})
		var done sync.WaitGroup
		for i := range 30 {
			done.Go(func() {
				if err := c.Get(t.Context(), &document{}, nil, string(rune('a'+i))); err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
		if endpoint.requests != 1 {
			t.Errorf("got %d token requests", endpoint.requests)
		}
		refused.Store(true)
		for i := range 30 {
			done.Go(func() {
				failed(t, c.Get(t.Context(), &document{}, nil, string(rune('a'+i))), KindUnauthorized)
			})
		}
		done.Wait()
		if endpoint.requests != 2 {
			t.Errorf("got %d token requests", endpoint.requests)
		}
	})
}

// A token endpoint's failure reaches the reader as it is, and is not retried once more for the read.
func TestGetWithoutToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		endpoint := &tokenEndpoint{status: 400, body: `{"error":"invalid_client"}`}
		c := mustNew(t, Options{Service: "Test", BaseURL: "https://api.test", Authorize: newTokens(t, endpoint), MaxRetries: 4,
			Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				t.Error("a request was made without a token")
				return nil, io.EOF
			})})
		for range 3 {
			failure := failed(t, c.Get(t.Context(), &document{}, nil, "x"), KindUnauthorized)
			if failure.Code != "invalid_client" || failure.URL != "https://id.test/connect/token" || failure.StatusCode != 400 {
				t.Errorf("got %+v", failure)
			}
		}
		if endpoint.requests != 1 {
			t.Errorf("got %d token requests", endpoint.requests)
		}
	})
}

func TestUnusable(t *testing.T) {
	c := mustNew(t, Options{Service: "Test", BaseURL: "https://api.test", Secrets: []string{"k3y"}})
	got := c.Unusable(KindNotFound, "no k3y", url.Values{"a": {"b"}}, "x", "y")
	if want := "Test: GET https://api.test/x/y?a=b: not found (HTTP 200): no ***"; got.Error() != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestGetSharesNoGoroutines(t *testing.T) {
	// The bubble ends only when every goroutine has: a flight, a timer or a waiter left over fails it.
	synctest.Test(t, func(t *testing.T) {
		c := mustNew(t, Options{Service: "Test", BaseURL: "https://api.test", MaxRetries: 2, Limits: []Limit{{Requests: 1, Window: time.Second}},
			Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
				if strings.HasSuffix(req.URL.Path, "bad") {
					return nil, io.EOF
				}
				return reply(req, 200, "{}"), nil
			})})
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		var done sync.WaitGroup
		for _, path := range []string{"a", "bad", "b", "c", "d", "a"} {
			done.Go(func() { _ = c.Get(ctx, &document{}, nil, path) })
		}
		done.Wait()
	})
}
