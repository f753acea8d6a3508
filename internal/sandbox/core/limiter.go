// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"slices"
	"sync"
	"time"
)

// Limit is a rate limit over a rolling window.
type Limit struct {
	Requests int
	Window   time.Duration
}

// Limiter enforces rate limits over rolling windows.
type Limiter struct {
	limits []Limit
	mu     sync.Mutex
	taken  []time.Time
}

// NewLimiter returns a limiter that has counted nothing.
func NewLimiter(limits ...Limit) *Limiter { return &Limiter{limits: slices.Clone(limits)} }

// Take counts one request; false means that it exceeds a limit and does not count.
func (l *Limiter) Take() bool {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	var longest time.Duration
	for _, limit := range l.limits {
		longest = max(longest, limit.Window)
		first, _ := slices.BinarySearchFunc(l.taken, now.Add(-limit.Window), time.Time.Compare)
		if len(l.taken)-first >= limit.Requests {
			return false
		}
	}
	first, _ := slices.BinarySearchFunc(l.taken, now.Add(-longest), time.Time.Compare)
	l.taken = append(l.taken[first:], now)
	return true
}

// Reset forgets what was counted.
func (l *Limiter) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken = nil
}
