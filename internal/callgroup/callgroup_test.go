// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package callgroup

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[int]
		var works atomic.Int32
		work := func(context.Context) (int, error) {
			time.Sleep(time.Second)
			return int(works.Add(1)), nil
		}
		var done sync.WaitGroup
		for range 10 {
			done.Go(func() {
				if got, err := g.Do(t.Context(), "a", work); got != 1 || err != nil {
					t.Errorf("got %d, %v", got, err)
				}
			})
		}
		done.Wait()
		// Nothing is kept.
		if got, err := g.Do(t.Context(), "a", work); got != 2 || err != nil {
			t.Errorf("got %d, %v", got, err)
		}
		for _, key := range []string{"a", "b"} {
			done.Go(func() { _, _ = g.Do(t.Context(), key, work) })
		}
		done.Wait()
		if got := works.Load(); got != 4 {
			t.Errorf("worked %d times, want 4", got)
		}
		if len(g.calls) != 0 {
			t.Errorf("%d left under way", len(g.calls))
		}
	})
}

func TestError(t *testing.T) {
	var g Group[int]
	broken := errors.New("broken")
	if _, err := g.Do(t.Context(), "a", func(context.Context) (int, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[int]
		canceled := false
		work := func(ctx context.Context) (int, error) {
			select {
			case <-ctx.Done():
				canceled = true
				return 0, ctx.Err()
			case <-time.After(10 * time.Second):
				return 1, nil
			}
		}
		first, cancelFirst := context.WithCancel(t.Context())
		second, cancelSecond := context.WithCancel(t.Context())
		defer cancelSecond()
		var done sync.WaitGroup
		done.Go(func() {
			began := time.Now()
			if _, err := g.Do(first, "a", work); !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
				t.Errorf("got %v after %s", err, time.Since(began))
			}
		})
		synctest.Wait()
		done.Go(func() {
			if got, err := g.Do(second, "a", work); got != 1 || err != nil {
				t.Errorf("the one who stayed got %d, %v", got, err)
			}
		})
		time.Sleep(time.Second)
		cancelFirst()
		done.Wait()
		if canceled {
			t.Error("the work was canceled while somebody waited")
		}

		// With nobody waiting the work ends, and the next caller gets work of its own.
		last, cancelLast := context.WithCancel(t.Context())
		done.Go(func() {
			if _, err := g.Do(last, "a", work); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
		synctest.Wait()
		cancelLast()
		done.Wait()
		if got, err := g.Do(t.Context(), "a", work); got != 1 || err != nil {
			t.Errorf("the next one got %d, %v", got, err)
		}
		if !canceled {
			t.Error("the work went on with nobody waiting")
		}
		if _, err := g.Do(last, "a", work); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v for a context that had ended", err)
		}
	})
}

// A caller who comes while the last one leaves does not get the cancellation.
func TestJoinWhileTheLastLeaves(t *testing.T) {
	work := func(ctx context.Context) (int, error) {
		for range 100 {
			runtime.Gosched()
		}
		return 1, ctx.Err()
	}
	for range 3000 {
		var g Group[int]
		leaving, leave := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { _, _ = g.Do(leaving, "a", work) })
		done.Go(leave)
		for range 4 {
			done.Go(func() {
				if got, err := g.Do(t.Context(), "a", work); got != 1 || err != nil {
					t.Errorf("got %d, %v", got, err)
				}
			})
		}
		done.Wait()
	}
}
