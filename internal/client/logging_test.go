// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

func TestLogging(t *testing.T) {
	t.Setenv("TF_LOG", "TRACE")
	var out bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &out)
	status := 0
	next := logging{service: "Test", redact: newRedactor("hunter2"), next: roundTrip(func(req *http.Request) (*http.Response, error) {
		if status == 0 {
			return nil, errors.New("hunter2 is gone")
		}
		resp := reply(req, status, `{"key":"hunter2","oneTimeLink":"https://sectigo.example/x"}`)
		resp.Header.Set("Set-Cookie", "session=1")
		return resp, nil
	})}
	account := &call{attempts: 2}
	for _, status = range []int{0, 503} {
		req, err := http.NewRequestWithContext(withCall(ctx, account), http.MethodGet, "https://api.test/x?k=hunter2", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "ApiKey k3y")
		if resp, err := next.RoundTrip(req); (err == nil) != (status != 0) {
			t.Fatalf("got %v, %v", resp, err)
		}
	}
	if account.status != 503 {
		t.Errorf("got status %d in the account", account.status)
	}
	for _, leak := range []string{"hunter2", "sectigo.example", "k3y", "Authorization", "session", "oneTimeLink"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("the log tells %q:\n%s", leak, out.String())
		}
	}
	entries, err := tflogtest.MultilineJSONDecode(&out)
	if err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{"@level": "debug", "@message": "HTTP request failed", "error": "*** is gone", "attempt": 2.0, "service": "Test"},
		{"@level": "debug", "@message": "HTTP request", "status": 503.0, "method": "GET", "url": "https://api.test/x?k=***", "attempt": 2.0},
	}
	if len(entries) != len(want) {
		t.Fatalf("got %d entries: %v", len(entries), entries)
	}
	for i, members := range want {
		for name, value := range members {
			if entries[i][name] != value {
				t.Errorf("entry %d: %s is %v, want %v", i, name, entries[i][name], value)
			}
		}
	}
	if _, ok := entries[1]["ms"].(float64); !ok {
		t.Errorf("no duration in %v", entries[1])
	}
}
