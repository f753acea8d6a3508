// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec

import (
	"context"
	"sync"
)

// memo keeps what was found, by key. Callers that want the same at the same time share one look-up. The zero value is ready
// for use.
type memo[V any] struct {
	mu      sync.Mutex
	entries map[string]*entry[V]
}

type entry[V any] struct {
	ended chan struct{} // closed when the look-up has ended
	done  bool          // false if the caller who looked was stopped
	value V
}

// get returns what find returns, which runs once. done is false if ctx ended first.
func (m *memo[V]) get(ctx context.Context, key string, find func() V) (value V, done bool) {
	for {
		m.mu.Lock()
		e, found := m.entries[key]
		if !found {
			e = &entry[V]{ended: make(chan struct{})}
			if m.entries == nil {
				m.entries = make(map[string]*entry[V])
			}
			m.entries[key] = e
		}
		m.mu.Unlock()
		if !found {
			return m.look(ctx, key, e, find)
		}
		select {
		case <-e.ended:
			if e.done {
				return e.value, true
			}
		case <-ctx.Done():
			return value, false
		}
	}
}

// look runs find. What it finds after the end of ctx says nothing, so the next caller looks again.
func (m *memo[V]) look(ctx context.Context, key string, e *entry[V], find func() V) (value V, done bool) {
	value = find()
	m.mu.Lock()
	defer m.mu.Unlock()
	if ctx.Err() != nil {
		delete(m.entries, key)
	} else {
		e.value, e.done = value, true
	}
	close(e.ended)
	return value, e.done
}
