// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// listed is what a server has: ids, and how it tells of them.
type listed struct {
	ids   []Int
	total func(n int) *Int
}

func totalOf(n int) *Int { return new(Int(n)) }
func noTotal(int) *Int   { return nil }

// noID stands for an object without an id.
const noID Int = -1

// at changes the ids before one request.
func at(request int, change func([]Int) []Int) func(int, *listed) error {
	return func(now int, l *listed) error {
		if now == request {
			l.ids = change(slices.Clone(l.ids))
		}
		return nil
	}
}

// TestList reads lists in pages of three, while something happens to them between two pages.
func TestList(t *testing.T) {
	t.Parallel()
	failure := errors.New("the API is down")
	tests := map[string]struct {
		start    listed
		between  func(request int, l *listed) error // before a request, which are counted from 1 on
		want     []Int
		wrong    string
		err      error
		pages    int
		numbered bool // whether pages have numbers, rather than begin anywhere
	}{
		"empty":                   {start: listed{nil, totalOf}, want: []Int{}, pages: 1},
		"empty, no total":         {start: listed{nil, noTotal}, want: []Int{}, pages: 1},
		"one page":                {start: listed{[]Int{1, 2}, totalOf}, want: []Int{1, 2}, pages: 1},
		"one full page":           {start: listed{[]Int{1, 2, 3}, totalOf}, want: []Int{1, 2, 3}, pages: 1},
		"one page, no total":      {start: listed{[]Int{1}, noTotal}, want: []Int{1}, pages: 1},
		"one object more":         {start: listed{[]Int{1, 2, 3, 4}, totalOf}, want: []Int{1, 2, 3, 4}, pages: 2},
		"two full pages":          {start: listed{[]Int{1, 2, 3, 4, 5}, totalOf}, want: []Int{1, 2, 3, 4, 5}, pages: 2},
		"three pages":             {start: listed{[]Int{1, 2, 3, 4, 5, 6}, totalOf}, want: []Int{1, 2, 3, 4, 5, 6}, pages: 3},
		"several pages, no total": {start: listed{[]Int{1, 2, 3, 4, 5}, noTotal}, want: []Int{1, 2, 3, 4, 5}, pages: 3},
		// Pages with numbers are read twice, for nothing else shows that an object has moved.
		"numbered, one page":    {numbered: true, start: listed{[]Int{1, 2, 3}, totalOf}, want: []Int{1, 2, 3}, pages: 1},
		"numbered, three pages": {numbered: true, start: listed{[]Int{1, 2, 3, 4, 5, 6, 7}, totalOf}, want: []Int{1, 2, 3, 4, 5, 6, 7}, pages: 6},
		"one leaves": {
			start: listed{[]Int{1, 2, 3, 4, 5}, totalOf}, want: []Int{2, 3, 4, 5}, pages: 4,
			between: at(2, func(ids []Int) []Int { return ids[1:] }),
		},
		"one leaves, no total": {
			start: listed{[]Int{1, 2, 3, 4, 5}, noTotal}, want: []Int{2, 3, 4, 5}, pages: 4,
			between: at(2, func(ids []Int) []Int { return ids[1:] }),
		},
		"one leaves for another": {
			start: listed{[]Int{1, 2, 3, 4, 5}, totalOf}, want: []Int{2, 3, 4, 5, 6}, pages: 4,
			between: at(2, func(ids []Int) []Int { return append(ids[1:], 6) }),
		},
		"numbered, one leaves for another": {
			numbered: true, start: listed{[]Int{1, 2, 3, 4, 5}, totalOf}, want: []Int{2, 3, 4, 5, 6}, pages: 6,
			between: at(2, func(ids []Int) []Int { return append(ids[1:], 6) }),
		},
		"the last of a page leaves for another": {
			start: listed{[]Int{1, 2, 3, 4, 5}, totalOf}, want: []Int{1, 2, 4, 5, 6}, pages: 4,
			between: at(2, func([]Int) []Int { return []Int{1, 2, 4, 5, 6} }),
		},
		"one comes first": {
			start: listed{[]Int{1, 2, 3, 4}, totalOf}, want: []Int{9, 1, 2, 3, 4}, pages: 4,
			between: at(2, func(ids []Int) []Int { return append([]Int{9}, ids...) }),
		},
		"it always changes": {
			start: listed{[]Int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, totalOf}, wrong: "its total changes from 5 to 4 between two pages", pages: 6,
			between: func(_ int, l *listed) error {
				l.ids = l.ids[:len(l.ids)-1]
				return nil
			},
		},
		"numbered, it always changes": {
			numbered: true, start: listed{[]Int{1, 2, 3, 4}, totalOf}, wrong: "the list changes while it is read", pages: 6,
			between: func(request int, l *listed) error {
				l.ids[0] = Int(100 + request)
				return nil
			},
		},
		"fewer than the total": {start: listed{[]Int{1}, func(n int) *Int { return totalOf(n + 2) }}, wrong: "it ends after 1 of 3", pages: 6},
		"more than the total": {start: listed{[]Int{1, 2}, func(int) *Int { return totalOf(1) }}, wrong: "it goes on after its total of 1",
			pages: 3},
		"nothing of the total": {start: listed{nil, func(int) *Int { return totalOf(3) }}, wrong: "it ends after 0 of 3", pages: 3},
		"a negative total": {start: listed{[]Int{1}, func(int) *Int { return totalOf(-1) }}, wrong: "it goes on after its total of -1",
			pages: 3},
		"one of them twice": {start: listed{[]Int{1, 2, 3, 1}, totalOf}, wrong: "it has the object 1 twice", pages: 6},
		"an empty page, no total": {
			start: listed{[]Int{1, 2, 3}, noTotal}, wrong: "a page is empty", pages: 6,
			between: func(request int, l *listed) error {
				l.ids = l.ids[:3*(request%2)]
				return nil
			},
		},
		"one without an id": {start: listed{[]Int{1, noID}, totalOf}, wrong: "it has an object without an id", pages: 3},
		"a page that fails": {
			start: listed{[]Int{1, 2, 3, 4}, totalOf}, err: failure, pages: 1,
			between: func(request int, _ *listed) error {
				if request == 2 {
					return failure
				}
				return nil
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const size = 3
			requests, pages := 0, 0
			state := test.start
			from := func(read int) (Page[Int], error) {
				requests++
				if test.between != nil {
					if err := test.between(requests, &state); err != nil {
						return Page[Int]{}, err
					}
				}
				pages++
				items := state.ids[min(read, len(state.ids)):min(read+size, len(state.ids))]
				return Page[Int]{Items: items, Total: state.total(len(state.ids)), Last: len(items) < size}, nil
			}
			idOf := func(i Int) *Int {
				if i == noID {
					return nil
				}
				return &i
			}
			list := List[Int]{ID: idOf, From: from, Unusable: errors.New}
			if test.numbered {
				list.From, list.Page = nil, func(number int) (Page[Int], error) { return from((number - 1) * size) }
			}
			got, err := list.Read()
			switch {
			case test.err != nil:
				if !errors.Is(err, test.err) {
					t.Errorf("got %v", err)
				}
			case test.wrong != "":
				if err == nil || !strings.Contains(err.Error(), test.wrong) {
					t.Errorf("got %v, expected %q", err, test.wrong)
				}
			case err != nil:
				t.Error(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
			if pages != test.pages {
				t.Errorf("%d pages, expected %d", pages, test.pages)
			}
		})
	}
}

// TestListDoesNotEnd stops at a list that always has another page.
func TestListDoesNotEnd(t *testing.T) {
	t.Parallel()
	_, err := List[Int]{
		ID: func(id Int) *Int { return &id },
		Page: func(number int) (Page[Int], error) {
			var page Page[Int]
			for i := range 1000 {
				page.Items = append(page.Items, Int(1000*number+i))
			}
			return page, nil
		},
		Unusable: errors.New,
	}.Read()
	if err == nil || err.Error() != "the list has more than 100000 objects" {
		t.Errorf("got %v", err)
	}
}
