// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// words is an order of a vendor whose ids are no numbers.
type words struct {
	ID ID `json:"id"`
}

func (w words) Plan() (Plan, error) {
	return Plan{
		Service: "words", ID: w.ID, Names: []string{"example.com"}, Spec: w,
		Checks: func(id ID, _ Quirks) []*Check {
			return []*Check{{
				Challenge: Challenge{Domain: "example.com", DomainID: "domain-of-" + id, Status: StatusPending},
				Assign: func(c *Check, seed string) bool {
					c.Type, c.Name, c.Value = "TXT", "example.com", Token(seed)
					return true
				},
			}}
		},
	}, nil
}

// read reads an order as its API does and returns its stage.
func read(t *testing.T, st *Store, id ID) Stage {
	t.Helper()
	var stage Stage
	_, ok := st.Read(httptest.NewRequest("POST", "/", nil), "words", id, func(o *Order) Reply {
		stage = o.Stage
		return Reply{}
	})
	if !ok {
		t.Fatalf("there is no order %s", id)
	}
	return stage
}

func TestLookInterval(t *testing.T) {
	t.Parallel()
	visible := false
	st := NewStore(time.Hour, nil, func(context.Context, Challenge) bool { return visible })
	id, err := st.Add(words{})
	if err != nil {
		t.Fatal(err)
	}
	_ = read(t, st, id)
	visible = true
	if got := read(t, st, id); got != StageTokenAssigned {
		t.Errorf("looked again before the interval was over: stage %s", got)
	}
	st.View("words", id, func(o *Order) { o.looked = o.looked.Add(-time.Hour) })
	if got := read(t, st, id); got != StageValidated {
		t.Errorf("did not look after the interval: stage %s", got)
	}
}

// TestIDsOfWords follows ids that are no numbers through the store and JSON.
func TestIDsOfWords(t *testing.T) {
	t.Parallel()
	st := NewStore(0, nil, func(context.Context, Challenge) bool { return false })
	for _, id := range []ID{"order-b", "10", "9", "order-a"} {
		if _, err := st.Add(words{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	var ids []ID
	for _, state := range st.States("words") {
		ids = append(ids, state.ID)
	}
	if want := []ID{"9", "10", "order-a", "order-b"}; !slices.Equal(ids, want) {
		t.Errorf("ids %q, want %q", ids, want)
	}
	if got := st.OrderOf("words", "domain-of-order-a"); got != "order-a" {
		t.Errorf("the domain is of order %q", got)
	}
	b, err := json.Marshal(ids)
	if want := `[9,10,"order-a","order-b"]`; err != nil || string(b) != want {
		t.Errorf("JSON %s, want %s; %v", b, want, err)
	}
	var again []ID
	if err := json.Unmarshal([]byte(`[9,10,"order-a","order-b",0]`), &again); err != nil || !slices.Equal(again, append(ids, "")) {
		t.Errorf("read back: %q, %v", again, err)
	}
	if err := json.Unmarshal([]byte(`[1.5]`), &again); err == nil {
		t.Error("1.5 is no id")
	}
}
