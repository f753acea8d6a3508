// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/client"
	read "github.com/certops/terraform-provider-certops/internal/client/realtimeregister"
	"github.com/certops/terraform-provider-certops/internal/client/write/realtimeregister"
)

const (
	request = `POST /v2/processes/7/resend {"dcv":[{"commonName":"*.example.com","type":"DNS"},` +
		`{"commonName":"example.net","type":"FILE"}]} ApiKey k3y`
	link = "https://secure.example.com/one-time?x=1"
)

func TestResend(t *testing.T) {
	t.Parallel()
	type warnings = []realtimeregister.Warning
	for name, test := range map[string]struct {
		status int
		body   string
		want   warnings
		kind   client.Kind // 0 for none
	}{
		"nothing":         {200, "", nil, 0},
		"an empty object": {200, "{}", nil, 0},
		"a warning":       {200, `{"warning":"no record for example.com"}`, warnings{{Reason: "no record for example.com"}}, 0},
		"several":         {200, `{"warning":["a",null,""," b\n"]}`, warnings{{Reason: "a"}, {Reason: "b"}}, 0},
		"beside names": {200, `{"dcv":[{"commonName":"example.com","warning":"CAA"},{"commonName":"b.example.com"},null]}`,
			warnings{{"example.com", "CAA"}}, 0},
		"secrets":       {200, fmt.Sprintf(`{"warning":"k3y, see %s now"}`, link), warnings{{Reason: "***, see (link left out) now"}}, 0},
		"another type":  {200, `{"warning":{"text":"x"}}`, warnings{{Reason: ""}}[:0], client.KindDecode},
		"no permission": {403, "", nil, client.KindForbidden},
		"prohibited":    {400, fmt.Sprintf(`{"type":"ObjectStatusProhibitsOperation","message":"see %s"}`, link), nil, client.KindInvalid},
		"prohibited by names": {400, fmt.Sprintf(`{"type":"X","violations":[{"field":"dcv","message":"see %s"}]}`, link), nil,
			client.KindInvalid},
		"a page": {200, "<html></html>", nil, client.KindBody},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sent, _ := io.ReadAll(r.Body)
				if got := fmt.Sprintf("%s %s %s %s", r.Method, r.URL.Path, sent, r.Header.Get("Authorization")); got != request {
					t.Errorf("got the request %s", got)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			t.Cleanup(server.Close)
			path := &client.WritePath{}
			if _, err := read.New(read.Config{APIKey: "k3y", BaseURL: server.URL, HTTP: client.Options{WritePath: path}}); err != nil {
				t.Fatal(err)
			}
			got, err := realtimeregister.New(path).Resend(t.Context(), 7,
				[]realtimeregister.Validation{{CommonName: "*.example.com", Type: "DNS"}, {CommonName: "example.net", Type: "FILE"}})
			failure, ok := errors.AsType[*client.Error](err)
			if test.kind != 0 && (!ok || failure.Kind != test.kind) || test.kind == 0 && err != nil {
				t.Fatalf("got %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "one-time") {
				t.Errorf("the error has the link: %v", err)
			}
			if diff := cmp.Diff(test.want, got); test.kind == 0 && diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}
