// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
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

// TestList reads lists in pages of two, while something happens to them between two pages.
func TestList(t *testing.T) {
	t.Parallel()
	failure := errors.New("the API is down")
	tests := map[string]struct {
		start   listed
		between func(request int, l *listed) error // before a request, which are counted from 1 on
		want    []Int
		wrong   string
		err     error
		pages   int
	}{
		"empty":                   {start: listed{nil, totalOf}, want: []Int{}, pages: 1},
		"empty, no total":         {start: listed{nil, noTotal}, want: []Int{}, pages: 1},
		"one page":                {start: listed{[]Int{1, 2}, totalOf}, want: []Int{1, 2}, pages: 1},
		"one page, no total":      {start: listed{[]Int{1}, noTotal}, want: []Int{1}, pages: 1},
		"three pages":             {start: listed{[]Int{1, 2, 3, 4, 5}, totalOf}, want: []Int{1, 2, 3, 4, 5}, pages: 3},
		"two full pages":          {start: listed{[]Int{1, 2, 3, 4}, totalOf}, want: []Int{1, 2, 3, 4}, pages: 2},
		"several pages, no total": {start: listed{[]Int{1, 2, 3}, noTotal}, want: []Int{1, 2, 3}, pages: 4},
		"one leaves": {
			start: listed{[]Int{1, 2, 3, 4, 5}, totalOf}, want: []Int{2, 3, 4, 5}, pages: 4,
			between: func(request int, l *listed) error {
				if request == 2 {
					l.ids = l.ids[1:]
				}
				return nil
			},
		},
		"one leaves, no total": {
			start: listed{[]Int{1, 2, 3, 4, 5}, noTotal}, want: []Int{2, 3, 4, 5}, pages: 9,
			between: func(request int, l *listed) error {
				if request == 2 {
					l.ids = l.ids[1:]
				}
				return nil
			},
		},
		"one comes first": {
			start: listed{[]Int{1, 2, 3}, totalOf}, want: []Int{9, 1, 2, 3}, pages: 4,
			between: func(request int, l *listed) error {
				if request == 2 {
					l.ids = append([]Int{9}, l.ids...)
				}
				return nil
			},
		},
		"it always changes": {
			start: listed{[]Int{1, 2, 3, 4, 5, 6, 7, 8, 9}, totalOf}, wrong: "its total changes from 4 to 3 between two pages", pages: 6,
			between: func(_ int, l *listed) error {
				l.ids = l.ids[:len(l.ids)-1]
				return nil
			},
		},
		"fewer than the total": {start: listed{[]Int{1}, func(n int) *Int { return totalOf(n + 2) }}, wrong: "it has 1 objects, and gives a total of 3", pages: 6},
		"more than the total":  {start: listed{[]Int{1, 2}, func(int) *Int { return totalOf(1) }}, wrong: "it has 2 objects, and gives a total of 1", pages: 3},
		"nothing of the total": {start: listed{nil, func(int) *Int { return totalOf(3) }}, wrong: "it has 0 objects, and gives a total of 3", pages: 3},
		"a negative total":     {start: listed{[]Int{1}, func(int) *Int { return totalOf(-1) }}, wrong: "it has 1 objects, and gives a total of -1", pages: 3},
		"one of them twice":    {start: listed{[]Int{1, 2, 1}, totalOf}, wrong: "it has the object 1 twice", pages: 6},
		"a page that fails": {
			start: listed{[]Int{1, 2, 3}, totalOf}, err: failure, pages: 1,
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
			const size = 2
			requests, pages := 0, 0
			state := test.start
			got, err := List[Int]{
				ID: func(i Int) *Int { return &i },
				Page: func(_, read int) (Page[Int], error) {
					requests++
					if test.between != nil {
						if err := test.between(requests, &state); err != nil {
							return Page[Int]{}, err
						}
					}
					pages++
					items := state.ids[min(read, len(state.ids)):min(read+size, len(state.ids))]
					return Page[Int]{Items: items, Total: state.total(len(state.ids)), Last: len(items) < size}, nil
				},
				Unusable: errors.New,
			}.Read()
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
	page := make([]*Int, 1000)
	_, err := List[*Int]{
		ID:       func(id *Int) *Int { return id },
		Page:     func(int, int) (Page[*Int], error) { return Page[*Int]{Items: page}, nil },
		Unusable: errors.New,
	}.Read()
	if err == nil || err.Error() != "the list has more than 100000 objects" {
		t.Errorf("got %v", err)
	}
}
