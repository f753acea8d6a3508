// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"context"
	"sync"
)

// memo computes the value of a key once; whoever asks meanwhile waits for it, whoever asks later gets it at once.
// Errors are kept like values: what could not be found out is not asked again within one run. The zero value is
// ready for use.
//
// A computation must not wait for itself through other keys. The package keeps to one order: lookups wait for
// server sets, server sets for hosts, hosts for cuts, and cuts for nothing but the network.
type memo[V any] struct {
	mu    sync.Mutex
	calls map[string]*call[V]
}

type call[V any] struct {
	done  chan struct{}
	value V
	err   error
}

func (m *memo[V]) do(ctx context.Context, key string, compute func() (V, error)) (V, error) {
	m.mu.Lock()
	c, found := m.calls[key]
	if !found {
		c = &call[V]{done: make(chan struct{})}
		if m.calls == nil {
			m.calls = make(map[string]*call[V])
		}
		m.calls[key] = c
	}
	m.mu.Unlock()

	if !found {
		c.value, c.err = compute()
		close(c.done)
		return c.value, c.err
	}
	select {
	case <-c.done:
		return c.value, c.err
	case <-ctx.Done():
		var zero V
		return zero, ctx.Err()
	}
}

// done returns the value of a key whose computation has ended without an error.
func (m *memo[V]) done(key string) (V, bool) {
	m.mu.Lock()
	c, found := m.calls[key]
	m.mu.Unlock()
	var zero V
	if !found {
		return zero, false
	}
	select {
	case <-c.done:
		return c.value, c.err == nil
	default:
		return zero, false
	}
}
