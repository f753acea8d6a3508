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
// after it was answered, so that the server, which counts it at some moment in between, never has more
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
