// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package callgroup lets callers that want the same thing at the same time share one call, as golang.org/x/sync/singleflight
// does. Unlike there, a caller whose context ends leaves at once, and the call is canceled when the last one leaves: an
// interrupted run must not go on asking. Results can be kept.
package callgroup

import (
	"context"
	"sync"
)

// Group shares calls by their key. The zero value is ready for use and keeps nothing.
type Group[V any] struct {
	// Keep makes later callers get the result of an earlier call, an error included, unless that call was canceled.
	Keep bool

	mu    sync.Mutex
	calls map[string]*call[V] // under way, and those whose results are kept
}

// call is one piece of work.
type call[V any] struct {
	waiters int // guarded by Group.mu
	cancel  context.CancelFunc
	done    chan struct{} // closed when value and err are set
	value   V
	err     error
}

// Do returns the result of work, which runs once for all callers with the same key. A caller whose context ends gets the
// context's error.
func (g *Group[V]) Do(ctx context.Context, key string, work func(context.Context) (V, error)) (V, error) {
	var none V
	if err := ctx.Err(); err != nil {
		return none, err
	}
	c := g.join(ctx, key, work)
	select {
	case <-c.done:
		return c.value, c.err
	case <-ctx.Done():
		g.leave(key, c)
		return none, ctx.Err()
	}
}

// Kept returns the result of a call that has ended without an error.
func (g *Group[V]) Kept(key string) (value V, ok bool) {
	g.mu.Lock()
	c, ok := g.calls[key]
	g.mu.Unlock()
	if !ok {
		return value, false
	}
	select {
	case <-c.done:
		return c.value, c.err == nil
	default:
		return value, false
	}
}

// join counts the caller in, and starts the work if nobody has.
func (g *Group[V]) join(ctx context.Context, key string, work func(context.Context) (V, error)) *call[V] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c, ok := g.calls[key]; ok {
		c.waiters++
		return c
	}
	// The work outlives the caller that began it as long as others wait.
	workCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c := &call[V]{waiters: 1, cancel: cancel, done: make(chan struct{})}
	if g.calls == nil {
		g.calls = make(map[string]*call[V])
	}
	g.calls[key] = c
	go func() {
		defer cancel()
		c.value, c.err = work(workCtx)
		if !g.Keep || workCtx.Err() != nil {
			g.mu.Lock()
			g.forget(key, c)
			g.mu.Unlock()
		}
		close(c.done)
	}()
	return c
}

// leave counts a caller out. A call that nobody waits for is forgotten under the same lock, or a caller could join it and
// get the cancellation.
func (g *Group[V]) leave(key string, c *call[V]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.waiters--; c.waiters == 0 {
		g.forget(key, c)
		c.cancel()
	}
}

// forget keeps later callers from joining a call. The caller holds the lock.
func (g *Group[V]) forget(key string, c *call[V]) {
	if g.calls[key] == c {
		delete(g.calls, key)
	}
}
