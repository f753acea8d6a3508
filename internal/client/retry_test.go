// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// sequence responses with one status after the other, 0 for a connection that breaks, and repeats the
// last. It counts the requests.
type sequence struct {
	statuses   []int
	retryAfter string
	requests   int
}

func (s *sequence) RoundTrip(req *http.Request) (*http.Response, error) {
	status := s.statuses[min(s.requests, len(s.statuses)-1)]
	s.requests++
	if status == 0 {
		return nil, syscall.ECONNRESET
	}
	resp := reply(req, status, strconv.Itoa(s.requests))
	if s.retryAfter != "" {
		resp.Header.Set("Retry-After", s.retryAfter)
	}
	return resp, nil
}

func TestRetry(t *testing.T) {
	tests := map[string]struct {
		statuses []int
		retries  int
		requests int
		status   int // 0 for an error
	}{
		"good":                 {[]int{200}, 4, 1, 200},
		"good later":           {[]int{503, 0, 429, 200}, 4, 4, 200},
		"never good":           {[]int{502}, 4, 5, 502},
		"never connected":      {[]int{0}, 2, 3, 0},
		"no retries":           {[]int{503}, 0, 1, 503},
		"bad request":          {[]int{400}, 4, 1, 400},
		"unauthorized":         {[]int{401}, 4, 1, 401},
		"forbidden":            {[]int{403}, 4, 1, 403},
		"not found":            {[]int{404}, 4, 1, 404},
		"internal error":       {[]int{500}, 4, 1, 500},
		"request timeout":      {[]int{408, 504, 200}, 4, 3, 200},
		"good after a refusal": {[]int{503, 404}, 4, 2, 404},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &sequence{statuses: test.statuses}
				account := &call{}
				resp, err := get(t, withCall(t.Context(), account), newRetry(&http.Client{Transport: server}, test.retries, DefaultBackoff, checkRetry))
				if server.requests != test.requests || account.attempts != test.requests {
					t.Errorf("got %d requests, %d attempts in the account; want %d", server.requests, account.attempts, test.requests)
				}
				if test.status == 0 {
					if !errors.Is(err, syscall.ECONNRESET) {
						t.Errorf("got error %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if body, _ := io.ReadAll(resp.Body); resp.StatusCode != test.status || string(body) != strconv.Itoa(test.requests) {
					t.Errorf("got status %d, body %q", resp.StatusCode, body)
				}
			})
		})
	}
}

func TestRetryCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		server := &sequence{statuses: []int{503}, retryAfter: "50"}
		time.AfterFunc(3*time.Second, cancel)
		began := time.Now()
		_, err := get(t, ctx, newRetry(&http.Client{Transport: server}, 4, DefaultBackoff, checkRetry))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("took %s", took)
		}
		if server.requests != 1 {
			t.Errorf("got %d requests", server.requests)
		}
	})
}

func TestBackoff(t *testing.T) {
	// The wait before attempt n+2 is between half and all of what doubling gives.
	for attempt, most := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second,
		8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second} {
		waits := map[time.Duration]bool{}
		for range 50 {
			wait := backoff(DefaultBackoff, maxBackoff, attempt, nil)
			if wait < most/2 || wait > most {
				t.Fatalf("attempt %d: got %s, want %s to %s", attempt, wait, most/2, most)
			}
			waits[wait] = true
		}
		if len(waits) < 2 {
			t.Errorf("attempt %d: no jitter", attempt)
		}
	}
	if wait := backoff(DefaultBackoff, maxBackoff, 1<<30, nil); wait > maxBackoff {
		t.Errorf("got %s", wait)
	}
}

func TestBackoffRetryAfter(t *testing.T) {
	tests := map[string]struct{ shortest, longest time.Duration }{
		"7":                        {7 * time.Second, 7500 * time.Millisecond},
		"60":                       {time.Minute, time.Minute},
		"3600":                     {time.Minute, time.Minute},
		"0":                        {0, 500 * time.Millisecond},
		"-5":                       {0, 500 * time.Millisecond},
		"soon":                     {0, 500 * time.Millisecond},
		"1.5":                      {0, 500 * time.Millisecond},
		"":                         {0, 500 * time.Millisecond},
		" 7 ":                      {7 * time.Second, 7500 * time.Millisecond},
		"999999999999999999999999": {time.Minute, time.Minute},
	}
	for value, test := range tests {
		resp := &http.Response{Header: http.Header{"Retry-After": {value}}}
		if wait := backoff(DefaultBackoff, maxBackoff, 0, resp); wait < test.shortest || wait > test.longest {
			t.Errorf("Retry-After %q: got %s, want %s to %s", value, wait, test.shortest, test.longest)
		}
	}
}

func TestBackoffSpreadsRetryAfter(t *testing.T) {
	resp := &http.Response{Header: http.Header{"Retry-After": {"7"}}}
	waits := map[time.Duration]bool{}
	for range 50 {
		waits[backoff(DefaultBackoff, maxBackoff, 0, resp)] = true
	}
	if len(waits) < 2 {
		t.Error("requests that failed together come back together")
	}
}

func TestRetryAfterDate(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := map[string]struct {
		wait time.Duration
		ok   bool
	}{
		"Fri, 02 Jan 2026 03:04:25 GMT":  {20 * time.Second, true},
		"Friday, 02-Jan-26 03:04:25 GMT": {20 * time.Second, true},
		"Fri, 02 Jan 2036 03:04:25 GMT":  {time.Minute, true},
		"Fri, 02 Jan 2026 03:04:05 GMT":  {0, false},
		"Fri, 02 Jan 2016 03:04:25 GMT":  {0, false},
		"2026-01-02T03:04:25Z":           {0, false},
		"Fri, 32 Jan 2026 03:04:25 GMT":  {0, false},
	}
	for value, want := range tests {
		wait, ok := retryAfter(value, now)
		if ok != want.ok || ok && wait != want.wait {
			t.Errorf("%q: got %s, %t; want %s, %t", value, wait, ok, want.wait, want.ok)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"1", "-1", "99999999999999999999", "Fri, 02 Jan 2026 03:04:25 GMT", "\x00", "٣"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if wait, ok := retryAfter(value, time.Now()); ok && (wait <= 0 || wait > maxRetryAfter) {
			t.Errorf("got %s", wait)
		}
	})
}
