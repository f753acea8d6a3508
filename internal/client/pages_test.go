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
	for _, page := range [][]*Int{{one, two}, {two, three, nil}, {}} {
		if err := pages.Add(page); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]*Int{one, two, three, nil}, pages.Items()); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if err := pages.Add([]*Int{two, one}); err == nil {
		t.Error("a page that repeats earlier ones is taken")
	}
	if err := pages.Add([]*Int{nil, nil}); err == nil {
		t.Error("a page of which nobody can tell whether it is new is taken")
	}
	nameless := Pages[*Int]{ID: func(id *Int) *Int { return id }}
	if err := nameless.Add([]*Int{nil, nil}); err != nil || len(nameless.Items()) != 2 {
		t.Errorf("the first page without ids: got %v, %v", err, nameless.Items())
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
		err := pages.Add(page)
		if next < maxListed {
			if err != nil {
				t.Fatalf("after %d objects: %v", next, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), "more than 100000 objects") || len(pages.Items()) != maxListed {
			t.Errorf("got %v with %d objects", err, len(pages.Items()))
		}
		return
	}
}
