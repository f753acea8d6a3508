// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"sync"
)

// flights lets callers that want the same thing at the same time share one piece of work. Nothing is
// kept once the work is done. The zero value is ready for use.
type flights[T any] struct {
	mu       sync.Mutex
	underway map[string]*flight[T]
}

// flight is one piece of work that callers wait for.
type flight[T any] struct {
	waiters int // guarded by flights.mu
	cancel  context.CancelFunc
	done    chan struct{} // closed when value and err are set
	value   T
	err     error
}

// do returns the result of work, which runs once for all callers with the same key. A caller whose
// context ends leaves at once with the context's error; the work is canceled when the last one leaves.
func (g *flights[T]) do(ctx context.Context, key string, work func(context.Context) (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	f := g.join(ctx, key, work)
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		g.leave(key, f)
		return none, ctx.Err()
	}
}

// join counts the caller in, and starts the work if nobody has.
func (g *flights[T]) join(ctx context.Context, key string, work func(context.Context) (T, error)) *flight[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f, ok := g.underway[key]; ok {
		f.waiters++
		return f
	}
	// The work outlives the caller that began it as long as others wait.
	workCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight[T]{waiters: 1, cancel: cancel, done: make(chan struct{})}
	if g.underway == nil {
		g.underway = make(map[string]*flight[T])
	}
	g.underway[key] = f
	go func() {
		defer cancel()
		f.value, f.err = work(workCtx)
		g.mu.Lock()
		g.forget(key, f)
		g.mu.Unlock()
		close(f.done)
	}()
	return f
}

// leave counts a caller out.
func (g *flights[T]) leave(key string, f *flight[T]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f.waiters--
	if f.waiters == 0 {
		g.forget(key, f)
		f.cancel()
	}
}

// forget keeps later callers from joining a flight. The caller holds the lock.
func (g *flights[T]) forget(key string, f *flight[T]) {
	if g.underway[key] == f {
		delete(g.underway, key)
	}
}
