// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
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
