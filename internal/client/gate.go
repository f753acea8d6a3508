// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"net/http"
	"slices"
	"sync"
)

const (
	// minInFlight requests may be under way at any time: Terraform's own default parallelism, so that
	// a run never has more connections than that unless it was told to.
	minInFlight = 10
	// maxInFlight is the most there may be, whatever the parallelism: more connections were not faster.
	maxInFlight = 32
)

// gate bounds the requests under way to as many as callers have announced, within minInFlight and
// maxInFlight. Each request has a slot, the lowest one free. The zero value is ready for use.
type gate struct {
	mu        sync.Mutex
	announced int
	busy      [maxInFlight]bool
	waiting   []chan int // in order of arrival; each holds one slot when it is given
}

// expect announces n reads until release is called.
func (g *gate) expect(n int) (release func()) {
	if n <= 0 {
		return func() {}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.announced += n
	g.admit()
	return sync.OnceFunc(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.announced -= n
	})
}

// admit gives free slots to those who wait. The caller holds the lock.
func (g *gate) admit() {
	bound := min(max(g.announced, minInFlight), maxInFlight)
	for slot := 0; slot < bound && len(g.waiting) > 0; slot++ {
		if g.busy[slot] {
			continue
		}
		g.busy[slot] = true
		g.waiting[0] <- slot
		g.waiting = slices.Delete(g.waiting, 0, 1)
	}
}

// enter waits for a slot.
func (g *gate) enter(ctx context.Context) (slot int, err error) {
	given := make(chan int, 1)
	g.mu.Lock()
	g.waiting = append(g.waiting, given)
	g.admit()
	g.mu.Unlock()
	select {
	case slot := <-given:
		if ctx.Err() == nil {
			return slot, nil
		}
		g.leave(slot)
		return 0, ctx.Err()
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if at := slices.Index(g.waiting, given); at >= 0 {
		g.waiting = slices.Delete(g.waiting, at, at+1)
	} else {
		g.free(<-given)
	}
	return 0, ctx.Err()
}

// leave gives the slot back.
func (g *gate) leave(slot int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free(slot)
}

// free passes a slot on. The caller holds the lock.
func (g *gate) free(slot int) {
	g.busy[slot] = false
	g.admit()
}

// gated sends requests through a gate.
type gated struct {
	next http.RoundTripper
	gate *gate
}

type slotKey struct{}

// RoundTrip implements http.RoundTripper.
func (t gated) RoundTrip(req *http.Request) (*http.Response, error) {
	slot, err := t.gate.enter(req.Context())
	if err != nil {
		return nil, err
	}
	defer t.gate.leave(slot)
	return t.next.RoundTrip(req.WithContext(context.WithValue(req.Context(), slotKey{}, slot)))
}

// slotFrom returns the slot of a request, 0 for one that passed no gate.
func slotFrom(ctx context.Context) int {
	slot, ok := ctx.Value(slotKey{}).(int)
	if !ok {
		return 0
	}
	return slot
}
