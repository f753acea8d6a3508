// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// numberedKeys gives each request the next key, and a new one after a refusal if again is set.
type numberedKeys struct {
	given    int
	refused  []string
	accepted []string
	again    bool
	err      error
}

func (k *numberedKeys) Authorize(req *http.Request) error {
	if k.err != nil {
		return k.err
	}
	k.given++
	req.Header.Set("X-Key", string(rune('0'+k.given)))
	return nil
}

func (k *numberedKeys) Refused(req *http.Request) bool {
	k.refused = append(k.refused, req.Header.Get("X-Key"))
	return k.again
}

func (k *numberedKeys) Accepted(req *http.Request) {
	k.accepted = append(k.accepted, req.Header.Get("X-Key"))
}

func TestAuthorization(t *testing.T) {
	tests := map[string]struct {
		statuses []int
		again    bool
		status   int
		sent     []string
		refused  []string
		accepted []string
	}{
		"accepted":                 {[]int{200}, true, 200, []string{"1"}, nil, []string{"1"}},
		"forbidden":                {[]int{403}, true, 403, []string{"1"}, nil, []string{"1"}},
		"refused, nothing to do":   {[]int{401}, false, 401, []string{"1"}, []string{"1"}, nil},
		"refused, then accepted":   {[]int{401, 200}, true, 200, []string{"1", "2"}, []string{"1"}, []string{"2"}},
		"refused again, then left": {[]int{401, 401, 200}, true, 401, []string{"1", "2"}, []string{"1"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			keys := &numberedKeys{again: test.again}
			var sent []string
			next := authorization{authorizer: keys, next: roundTrip(func(req *http.Request) (*http.Response, error) {
				sent = append(sent, req.Header.Get("X-Key"))
				return reply(req, test.statuses[len(sent)-1], ""), nil
			})}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://api.test/", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := next.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != test.status {
				t.Errorf("got status %d, want %d", resp.StatusCode, test.status)
			}
			if diff := cmp.Diff([][]string{test.sent, test.refused, test.accepted}, [][]string{sent, keys.refused, keys.accepted}); diff != "" {
				t.Errorf("keys sent, refused and accepted (-want +got):\n%s", diff)
			}
			if len(req.Header) != 0 {
				t.Errorf("the caller's request got headers: %v", req.Header)
			}
		})
	}
}

func TestAuthorizationFails(t *testing.T) {
	keys := &numberedKeys{err: errors.New("no key")}
	next := authorization{authorizer: keys, next: roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("a request was sent without a key")
		return nil, errors.New("x")
	})}
	if _, err := get(t, t.Context(), next); !errors.Is(err, keys.err) {
		t.Errorf("got %v", err)
	}
	keys.err = nil
	broken := errors.New("broken")
	next.next = roundTrip(func(*http.Request) (*http.Response, error) { return nil, broken })
	if _, err := get(t, t.Context(), next); !errors.Is(err, broken) || keys.refused != nil {
		t.Errorf("got %v, refused %v", err, keys.refused)
	}
}

func TestHeaderAuth(t *testing.T) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://api.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	auth := HeaderAuth{"X-DC-DEVKEY": "k", "X-Account": "a"}
	if err := auth.Authorize(req); err != nil || req.Header.Get("X-Dc-Devkey") != "k" || req.Header.Get("X-Account") != "a" ||
		auth.Refused(req) {
		t.Errorf("got %v, %v", req.Header, err)
	}
}
