// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
)

// maxListed is the most objects that a listing may have, far more than any account's. A server that always has another
// page would be read until the memory is used up.
const maxListed = 100_000

// Pages collects a listing that comes in pages. Objects may be made and vanish while pages are read, so
// that one can come twice: the first stands.
type Pages[T any] struct {
	// ID returns an object's id, nil when it has none; such an object is never taken for a repetition.
	ID func(T) *Int

	items []T
	seen  map[Int]bool
}

// Add takes one page's objects over. It is an error when none of them is known to be new: the server does
// not advance, and reading on would not end. The first page may hold objects without an id, which later
// ones are not known to be new by. More than 100,000 objects in all are an error too.
func (p *Pages[T]) Add(page []T) error {
	if p.seen == nil {
		p.seen = make(map[Int]bool)
	}
	before, added := len(p.items), 0
	if before+len(page) > maxListed {
		return fmt.Errorf("the list does not end: it has more than %d objects", maxListed)
	}
	for _, item := range page {
		if id := p.ID(item); id != nil {
			if p.seen[*id] {
				continue
			}
			p.seen[*id] = true
			added++
		}
		p.items = append(p.items, item)
	}
	if len(page) > 0 && added == 0 && before > 0 {
		return fmt.Errorf("the page after %d objects holds none that is new", before)
	}
	return nil
}

// Items returns the objects in the order they came in.
func (p *Pages[T]) Items() []T {
	return p.items
}
