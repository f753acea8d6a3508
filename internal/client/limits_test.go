// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// clockedServer notes when each request comes in and when it is answered.
type clockedServer struct {
	mu    sync.Mutex
	took  time.Duration
	came  []time.Time
	ended []time.Time
}

func (s *clockedServer) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.came = append(s.came, time.Now())
	s.mu.Unlock()
	time.Sleep(s.took)
	s.mu.Lock()
	s.ended = append(s.ended, time.Now())
	s.mu.Unlock()
	return reply(req, 200, "{}"), nil
}

// most returns the largest number of requests a server that counts at some moment of each request can
// see within a window.
func (s *clockedServer) most(window time.Duration) int {
	most := 0
	for _, start := range s.ended {
		n := 0
		for i := range s.came {
			// Counted at its end at the earliest for the window's start, at its beginning for its end.
			if !s.ended[i].Before(start) && s.came[i].Before(start.Add(window)) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

func TestRateLimit(t *testing.T) {
	limits := []Limit{{Requests: 5, Window: 5 * time.Second}, {Requests: 12, Window: 60 * time.Second}}
	for _, took := range []time.Duration{0, 300 * time.Millisecond, 7 * time.Second} {
		t.Run(took.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &clockedServer{took: took}
				next := newRateLimit(server, limits)
				began := time.Now()
				var done sync.WaitGroup
				for range 40 {
					done.Go(func() {
						if _, err := get(t, t.Context(), next); err != nil {
							t.Error(err)
						}
					})
				}
				done.Wait()
				for _, limit := range limits {
					if got := server.most(limit.Window); got > limit.Requests {
						t.Errorf("got %d requests in %s, want at most %d", got, limit.Window, limit.Requests)
					}
				}
				// 40 requests are three full long windows and four more.
				if total := time.Since(began); total < 180*time.Second || total > 240*time.Second {
					t.Errorf("took %s", total)
				}
			})
		})
	}
}

func TestRateLimitCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &clockedServer{}
		next := newRateLimit(server, []Limit{{Requests: 1, Window: time.Minute}, {Requests: 2, Window: time.Second}})
		if _, err := get(t, t.Context(), next); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		if _, err := get(t, ctx, next); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("took %s", took)
		}
		// The one that gave up has taken nothing.
		if _, err := get(t, t.Context(), next); err != nil {
			t.Fatal(err)
		}
		if got := server.came[1].Sub(server.came[0]); got != time.Minute {
			t.Errorf("the next request came after %s", got)
		}
	})
}
