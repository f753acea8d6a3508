// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/semaphore"
)

// rateLimit keeps the number of requests in any window of time within what the server allows. A token
// bucket would not do: it lets a burst through and the next requests at once, which a server that
// counts a rolling window sees as too many.
type rateLimit struct {
	next    http.RoundTripper
	windows []window
}

// window is one limit. A request holds one unit of it from before it is sent until the window's length
// after its response, so that the server, which counts it at some moment in between, never has more
// than the limit in view.
type window struct {
	length time.Duration
	units  *semaphore.Weighted
}

// newRateLimit returns a rateLimit that keeps all the limits.
func newRateLimit(next http.RoundTripper, limits []Limit) *rateLimit {
	// A unit of the long window is the scarcer one; waiting for it should not hold one of the short.
	sorted := slices.SortedFunc(slices.Values(limits), func(a, b Limit) int { return cmp.Compare(b.Window, a.Window) })
	l := &rateLimit{next: next}
	for _, limit := range sorted {
		l.windows = append(l.windows, window{length: limit.Window, units: semaphore.NewWeighted(int64(limit.Requests))})
	}
	return l
}

// RoundTrip implements http.RoundTripper.
func (l *rateLimit) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := l.acquire(req.Context()); err != nil {
		return nil, err
	}
	resp, err := l.next.RoundTrip(req)
	for _, w := range l.windows {
		time.AfterFunc(w.length, func() { w.units.Release(1) })
	}
	return resp, err
}

// acquire takes one unit of each window, or none.
func (l *rateLimit) acquire(ctx context.Context) error {
	for i, w := range l.windows {
		if err := w.units.Acquire(ctx, 1); err != nil {
			for _, held := range l.windows[:i] {
				held.units.Release(1)
			}
			return err
		}
	}
	return nil
}

// MaxInFlight is how many requests of one client are under way at any time. More of them were not faster (benchmarks).
const MaxInFlight = 32

// inFlightLimit bounds how many requests are under way. It stands outside of the attempts, so that waiting for a place takes
// none of the time that an attempt has.
type inFlightLimit struct {
	next   http.RoundTripper
	places *semaphore.Weighted
}

func newInFlightLimit(next http.RoundTripper) inFlightLimit {
	return inFlightLimit{next: next, places: semaphore.NewWeighted(MaxInFlight)}
}

// RoundTrip implements http.RoundTripper.
func (l inFlightLimit) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := l.places.Acquire(req.Context(), 1); err != nil {
		return nil, err
	}
	defer l.places.Release(1)
	return l.next.RoundTrip(req)
}
