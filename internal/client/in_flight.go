// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"

	"golang.org/x/sync/semaphore"
)

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
