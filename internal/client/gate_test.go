// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// busyServer answers after a second, and notes the slots under way.
type busyServer struct {
	mu    sync.Mutex
	slots map[int]bool
	most  int
	seen  []int
}

func (b *busyServer) RoundTrip(req *http.Request) (*http.Response, error) {
	slot := slotFrom(req.Context())
	b.mu.Lock()
	if b.slots == nil {
		b.slots = map[int]bool{}
	}
	if b.slots[slot] {
		b.seen = append(b.seen, -1)
	}
	b.slots[slot] = true
	b.most = max(b.most, len(b.slots))
	b.seen = append(b.seen, slot)
	b.mu.Unlock()
	time.Sleep(time.Second)
	b.mu.Lock()
	delete(b.slots, slot)
	b.mu.Unlock()
	return reply(req, 200, "{}"), nil
}

func TestGateBounds(t *testing.T) {
	tests := map[string]struct {
		announced []int
		most      int
		took      time.Duration
	}{
		"nothing announced":  {nil, 10, 7 * time.Second},
		"few announced":      {[]int{1, 2}, 10, 7 * time.Second},
		"some announced":     {[]int{10, 10}, 20, 4 * time.Second},
		"many announced":     {[]int{1000}, 32, 2 * time.Second},
		"nonsense announced": {[]int{-5, 0}, 10, 7 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &busyServer{}
				next := gated{next: server, gate: &gate{}}
				for _, n := range test.announced {
					next.gate.expect(n)
				}
				began := time.Now()
				var done sync.WaitGroup
				for range 64 {
					done.Go(func() {
						if _, err := get(t, t.Context(), next); err != nil {
							t.Error(err)
						}
					})
				}
				done.Wait()
				if server.most != test.most || slices.Max(server.seen) != test.most-1 || slices.Contains(server.seen, -1) {
					t.Errorf("got %d at once in slots %v, want %d", server.most, server.seen, test.most)
				}
				if took := time.Since(began); took != test.took {
					t.Errorf("took %s, want %s", took, test.took)
				}
			})
		})
	}
}

func TestGateExpectations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &busyServer{}
		next := gated{next: server, gate: &gate{}}
		var done sync.WaitGroup
		for range 20 {
			done.Go(func() {
				if _, err := get(t, t.Context(), next); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if server.most != 10 {
			t.Fatalf("got %d at once", server.most)
		}
		// Those who wait come in as soon as more is announced.
		release := next.gate.expect(15)
		synctest.Wait()
		if server.most != 15 {
			t.Errorf("got %d at once, want 15", server.most)
		}
		release()
		release()
		done.Wait()
		if next.gate.announced != 0 || server.most != 15 {
			t.Errorf("got %d announced, %d at once", next.gate.announced, server.most)
		}
	})
}

func TestGateCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &busyServer{}
		next := gated{next: server, gate: &gate{}}
		var done sync.WaitGroup
		for range 10 {
			done.Go(func() { _, _ = get(t, t.Context(), next) })
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		if _, err := get(t, ctx, next); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if len(next.gate.waiting) != 0 {
			t.Errorf("%d still wait", len(next.gate.waiting))
		}
		done.Wait()
		if slices.Contains(next.gate.busy[:], true) {
			t.Errorf("slots are left busy: %v", next.gate.busy)
		}
	})
}

// Whoever was canceled sends nothing any more, even where there is a free slot.
func TestGateAfterCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		g := &gate{}
		if _, err := g.enter(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		if slices.Contains(g.busy[:], true) {
			t.Fatalf("slots are left busy: %v", g.busy)
		}
	}
}

// A slot that is given at the moment its caller leaves goes to the next one.
func TestGateGivesUpItsSlot(t *testing.T) {
	for range 200 {
		g := &gate{}
		var done sync.WaitGroup
		for range 40 {
			done.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Microsecond)
				defer cancel()
				if slot, err := g.enter(ctx); err == nil {
					time.Sleep(20 * time.Microsecond)
					g.leave(slot)
				}
			})
		}
		done.Wait()
		if slices.Contains(g.busy[:], true) || len(g.waiting) != 0 {
			t.Fatalf("slots are left busy: %v, %d wait", g.busy, len(g.waiting))
		}
	}
}
