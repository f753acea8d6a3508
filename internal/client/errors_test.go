// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestErrorText(t *testing.T) {
	tests := map[string]struct {
		err  Error
		want string
	}{
		"vendor's word": {
			Error{Kind: KindNotFound, Service: "DigiCert", Method: "GET", URL: "https://a/b", StatusCode: 404,
				Code: "not_found|order", Message: "No order", Details: []string{"one", "two"}, Attempts: 1},
			"DigiCert: GET https://a/b: not found (HTTP 404, not_found|order): No order: one: two",
		},
		"after retries": {
			Error{Kind: KindNetwork, Service: "CPS", Method: "GET", URL: "https://a/b", Attempts: 5, Err: errors.New("reset")},
			"CPS: GET https://a/b: network failure (5 attempts): reset",
		},
		"field": {
			Error{Kind: KindDecode, Service: "CPS", Method: "GET", URL: "https://a", StatusCode: 200, Field: "id", Message: "no"},
			"CPS: GET https://a: unexpected value (HTTP 200): field id: no",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.err.Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	if err := (&Error{Err: context.Canceled}); !errors.Is(err, context.Canceled) {
		t.Error("the cause is not found")
	}
}

func TestKindNames(t *testing.T) {
	seen := map[string]Kind{}
	for kind := KindUnauthorized; kind <= KindDecode; kind++ {
		name := kind.String()
		if other, ok := seen[name]; ok || strings.Contains(name, "unknown") {
			t.Errorf("kinds %d and %d are both %q", other, kind, name)
		}
		seen[name] = kind
	}
	if got := Kind(0).String(); got != "unknown failure" {
		t.Errorf("got %q for no kind", got)
	}
}
