// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

import (
	"context"
	"slices"
	"sync"
)

// maxStrikes is the number of queries in a row that a server which has answered before may leave unanswered.
const maxStrikes = 3

// health remembers which servers answer. The first query to a server is a probe: others wait for its outcome, so
// that a dead server costs a run one time-out, not one for each record. The zero value is ready for use.
type health struct {
	mu     sync.Mutex
	states map[string]*serverState
}

type serverState struct {
	alive   bool
	dead    error
	strikes int
	probe   chan struct{}
}

// admit waits until a query may be sent to addr. It returns the remembered error of a dead server, or the
// function to call with the outcome of the query.
func (h *health) admit(ctx context.Context, addr string) (report func(error), err error) {
	for {
		h.mu.Lock()
		state, found := h.states[addr]
		if !found {
			state = &serverState{}
			if h.states == nil {
				h.states = make(map[string]*serverState)
			}
			h.states[addr] = state
		}
		switch {
		case state.dead != nil:
			err := state.dead
			h.mu.Unlock()
			return nil, err
		case state.alive:
			h.mu.Unlock()
			return func(err error) { h.report(ctx, state, nil, err) }, nil
		case state.probe == nil:
			probe := make(chan struct{})
			state.probe = probe
			h.mu.Unlock()
			return func(err error) { h.report(ctx, state, probe, err) }, nil
		}
		probe := state.probe
		h.mu.Unlock()
		select {
		case <-probe:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (h *health) report(ctx context.Context, state *serverState, probe chan struct{}, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if probe != nil {
		state.probe = nil
		close(probe)
	}
	switch {
	case err == nil:
		state.alive, state.strikes = true, 0
	case ctx.Err() != nil:
		// The query was abandoned, which says nothing about the server.
	default:
		state.strikes++
		if !state.alive || state.strikes >= maxStrikes {
			state.dead = err
		}
	}
}

// order returns the servers with those known to answer first and the dead ones last.
func (h *health) order(servers []server) []server {
	h.mu.Lock()
	defer h.mu.Unlock()
	rank := func(s server) int {
		state := h.states[s.addr]
		switch {
		case state == nil:
			return 1
		case state.dead != nil:
			return 2
		case state.alive:
			return 0
		default:
			return 1
		}
	}
	sorted := slices.Clone(servers)
	slices.SortStableFunc(sorted, func(a, b server) int { return rank(a) - rank(b) })
	return sorted
}
