// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"iter"
)

// maxListed is the most objects that a listing may have, far more than any account's. A server that always has another
// page would be read until the memory is used up.
const maxListed = 100_000

// Pages watches over a listing that comes in pages. Objects may be made and vanish while pages are read,
// so that one can come twice: the first stands.
type Pages[T any] struct {
	// ID returns an object's id, nil when it has none; such an object is never taken for a repetition.
	ID func(T) *Int

	listed int
	seen   map[Int]bool
}

// Add returns the objects of the next page that no page before it had. It is an error when none of them is
// known to be new: the server does not advance, and reading on would not end. The first page may hold
// objects without an id, which later ones are not known to be new by. More than 100,000 objects in all are
// an error too.
func (p *Pages[T]) Add(page []T) ([]T, error) {
	if p.seen == nil {
		p.seen = make(map[Int]bool)
	}
	before, added := p.listed, 0
	if before+len(page) > maxListed {
		return nil, fmt.Errorf("the list does not end: it has more than %d objects", maxListed)
	}
	fresh := make([]T, 0, len(page))
	for _, item := range page {
		if id := p.ID(item); id != nil {
			if p.seen[*id] {
				continue
			}
			p.seen[*id] = true
			added++
		}
		fresh = append(fresh, item)
	}
	if len(page) > 0 && added == 0 && before > 0 {
		return nil, fmt.Errorf("the page after %d objects holds none that is new", before)
	}
	p.listed += len(fresh)
	return fresh, nil
}

// AtTotal tells whether a listing is at its end once so many objects have been read, by the total that its
// server gives. It is not known when there is no total, nor when it is exceeded already: then it says
// nothing about what follows.
func AtTotal(read int, total *Int) (last, known bool) {
	if total == nil || int64(read) > int64(*total) {
		return false, false
	}
	return int64(read) == int64(*total), true
}

// Collect reads a listing to its end.
func Collect[T any](pages iter.Seq2[[]T, error]) ([]T, error) {
	var all []T
	for page, err := range pages {
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
	}
	return all, nil
}
