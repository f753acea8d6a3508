// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPages(t *testing.T) {
	pages := Pages[*Int]{ID: func(id *Int) *Int { return id }}
	one, two, three := new(Int(1)), new(Int(2)), new(Int(3))
	for _, test := range []struct{ page, fresh []*Int }{
		{page: []*Int{one, two}, fresh: []*Int{one, two}},
		{page: []*Int{two, three, nil}, fresh: []*Int{three, nil}},
		{page: []*Int{}, fresh: []*Int{}},
	} {
		fresh, err := pages.Add(test.page)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.fresh, fresh); diff != "" {
			t.Errorf("new objects (-want +got):\n%s", diff)
		}
	}
	if _, err := pages.Add([]*Int{two, one}); err == nil {
		t.Error("a page that repeats earlier ones is taken")
	}
	if _, err := pages.Add([]*Int{nil, nil}); err == nil {
		t.Error("a page of which nobody can tell whether it is new is taken")
	}
	nameless := Pages[*Int]{ID: func(id *Int) *Int { return id }}
	if fresh, err := nameless.Add([]*Int{nil, nil}); err != nil || len(fresh) != 2 {
		t.Errorf("the first page without ids: got %v, %v", err, fresh)
	}
}

func TestAtTotal(t *testing.T) {
	for name, test := range map[string]struct {
		read        int
		total       *Int
		last, known bool
	}{
		"no total": {read: 5},
		"more":     {read: 5, total: new(Int(6)), known: true},
		"all":      {read: 5, total: new(Int(5)), last: true, known: true},
		"exceeded": {read: 5, total: new(Int(4))},
		"negative": {read: 5, total: new(Int(-1))},
		"none":     {read: 0, total: new(Int(0)), last: true, known: true},
	} {
		if last, known := AtTotal(test.read, test.total); last != test.last || known != test.known {
			t.Errorf("%s: got %t, %t", name, last, known)
		}
	}
}

// A server that always has another page of new objects is not read for ever.
func TestPagesEnd(t *testing.T) {
	pages := Pages[Int]{ID: func(id Int) *Int { return &id }}
	const size = 100
	for next := Int(0); ; next += size {
		page := make([]Int, size)
		for i := range page {
			page[i] = next + Int(i)
		}
		_, err := pages.Add(page)
		if next < maxListed {
			if err != nil {
				t.Fatalf("after %d objects: %v", next, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), "more than 100000 objects") {
			t.Errorf("got %v after %d objects", err, next)
		}
		return
	}
}
