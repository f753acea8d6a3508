// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// busyServer responds after a second, and counts the requests under way.
type busyServer struct {
	now, most atomic.Int32
}

func (b *busyServer) RoundTrip(req *http.Request) (*http.Response, error) {
	now := b.now.Add(1)
	defer b.now.Add(-1)
	for most := b.most.Load(); now > most && !b.most.CompareAndSwap(most, now); most = b.most.Load() {
	}
	time.Sleep(time.Second)
	return reply(req, 200, "{}"), nil
}

func TestInFlightLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &busyServer{}
		next := newInFlightLimit(server)
		began := time.Now()
		var done sync.WaitGroup
		for range 2*MaxInFlight + 1 {
			done.Go(func() {
				if _, err := get(t, t.Context(), next); err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
		if most := server.most.Load(); most != MaxInFlight {
			t.Errorf("got %d requests at once, want %d", most, MaxInFlight)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("took %s, want 3 s", took)
		}
	})
}

// A request that is canceled while it waits sends nothing and leaves its place to others.
func TestInFlightLimitCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &busyServer{}
		next := newInFlightLimit(server)
		var done sync.WaitGroup
		for range MaxInFlight {
			done.Go(func() { _, _ = get(t, t.Context(), next) })
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		if _, err := get(t, ctx, next); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		done.Wait()
		if !next.places.TryAcquire(MaxInFlight) {
			t.Error("places are left taken")
		}
	})
}
