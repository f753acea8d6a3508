// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"fmt"
	"slices"
)

const (
	// maxListed is the most objects that a list may have, far more than any account's. A server that always has another
	// page would be read until the memory is used up.
	maxListed = 100_000
	// listReads is how often a list is read before it counts as contradictory.
	listReads = 3
)

// Page is one response of a list.
type Page[T any] struct {
	Items []T
	Total *Int // how many objects the whole list has; nil when the response does not tell
	Last  bool // whether the response says that no page follows; only used when it does not tell the total
}

// List reads a list that comes in pages. One of Page and From is set.
type List[T any] struct {
	// ID returns an object's id, nil when it has none.
	ID func(T) *Int
	// Page reads the page with a number, from 1 on.
	Page func(number int) (Page[T], error)
	// From reads the page that begins after so many objects.
	From func(offset int) (Page[T], error)
	// Unusable makes the error for a list that contradicts itself.
	Unusable func(message string) error
}

// Read reads the list to its end. Objects come and go while pages are read, and with them the others move from page to page,
// so that one can be missed, even where the total stays the same. Therefore a page that begins anywhere begins with the
// last object of the page before. Pages with numbers cannot: a list of several is right when two reads give the same. A
// list whose pages contradict each other or its total is read again, up to three times in all. More than 100,000 objects
// are an error.
func (l List[T]) Read() ([]T, error) {
	var (
		contradiction string
		before        []Int
	)
	for range listReads {
		objects, ids, pages, err := l.once()
		if err != nil {
			wrong, ok := errors.AsType[contradictory](err)
			if !ok {
				return nil, err
			}
			contradiction, before = string(wrong), nil
			continue
		}
		if l.From != nil || pages == 1 || slices.Equal(ids, before) {
			return objects, nil
		}
		contradiction, before = "the list changes while it is read", ids
	}
	return nil, l.Unusable(fmt.Sprintf("the list contradicts itself each of the %d times that it is read: %s", listReads, contradiction))
}

// contradictory says what is wrong with a list.
type contradictory string

// Error implements error.
func (c contradictory) Error() string { return string(c) }

// once reads the list once.
func (l List[T]) once() (objects []T, ids []Int, pages int, err error) {
	var total *Int
	seen := make(map[Int]bool)
	objects, ids = []T{}, []Int{}
	for number := 1; ; number++ {
		page, err := l.page(number, len(objects))
		if err != nil {
			return nil, nil, 0, err
		}
		if number > 1 && !equalTotals(total, page.Total) {
			return nil, nil, 0, contradictory(fmt.Sprintf("its total changes from %s to %s between two pages", totalText(total),
				totalText(page.Total)))
		}
		total = page.Total
		if l.From != nil && number > 1 {
			if len(page.Items) == 0 && total == nil {
				return nil, nil, 0, contradictory("a page is empty, which would begin with the last object of the page before")
			}
			if len(page.Items) > 0 {
				if id := l.ID(page.Items[0]); id == nil || *id != ids[len(ids)-1] {
					return nil, nil, 0, contradictory("its objects move from one page to another")
				}
				page.Items = page.Items[1:]
			}
		}
		for _, object := range page.Items {
			id := l.ID(object)
			if id == nil {
				return nil, nil, 0, contradictory("it has an object without an id")
			}
			if seen[*id] {
				return nil, nil, 0, contradictory(fmt.Sprintf("it has the object %s twice", id))
			}
			seen[*id] = true
			ids = append(ids, *id)
		}
		objects = append(objects, page.Items...)
		switch {
		case len(objects) > maxListed:
			return nil, nil, 0, l.Unusable(fmt.Sprintf("the list has more than %d objects", maxListed))
		case total != nil && int64(len(objects)) == int64(*total):
			return objects, ids, number, nil
		case total != nil && int64(len(objects)) > int64(*total):
			return nil, nil, 0, contradictory(fmt.Sprintf("it goes on after its total of %s", total))
		case total != nil && len(page.Items) == 0:
			return nil, nil, 0, contradictory(fmt.Sprintf("it ends after %d of %s", len(objects), total))
		case total == nil && (page.Last || len(page.Items) == 0):
			return objects, ids, number, nil
		}
	}
}

// page reads the next page. One that begins anywhere begins with the last object that was read.
func (l List[T]) page(number, read int) (Page[T], error) {
	if l.From == nil {
		return l.Page(number)
	}
	return l.From(max(read-1, 0))
}

func equalTotals(a, b *Int) bool {
	return a == b || a != nil && b != nil && *a == *b
}

func totalText(total *Int) string {
	if total == nil {
		return "none"
	}
	return total.String()
}
