// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// FuzzTokenAnswer gives a token endpoint any response: there is a token that fits a header, or an error of the right kind.
func FuzzTokenAnswer(f *testing.F) {
	f.Add(200, "application/json", `{"access_token":"t","expires_in":300,"token_type":"Bearer"}`)
	f.Add(200, "text/plain", `{"access_token":"t\n","expires_in":"300"}`)
	f.Add(200, "application/x-www-form-urlencoded", "access_token=t&expires_in=1")
	f.Add(400, "application/json", `{"error":"invalid_client","error_description":"no hunter2/+"}`)
	f.Add(403, "text/html", "<html>hunter2%2F%2B</html>")
	f.Add(200, "", "{\"access_token\":\"\xff\"}")
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		if status < 200 || status > 599 || retryStatus(status) || status/100 == 3 {
			t.Skip("not the final response of a server")
		}
		response := roundTrip(func(req *http.Request) (*http.Response, error) {
			resp := reply(req, status, body)
			resp.Header.Set("Content-Type", contentType)
			return resp, nil
		})
		s, err := NewTokenSource(TokenOptions{Service: "Test", TokenURL: "https://id.test/token", ClientID: "i", ClientSecret: "hunter2/+",
			Transport: response})
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.test/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Authorize(req); err != nil {
			var failure *Error
			if !errors.As(err, &failure) || !failure.Token {
				t.Fatalf("got %v", err)
			}
			text := failure.Error()
			if strings.Contains(text, "hunter2/+") || strings.ContainsAny(text, "\r\n\x00\x1b") {
				t.Errorf("got %q", text)
			}
			return
		}
		if header := req.Header.Get("Authorization"); CheckSecret(header) != nil {
			t.Errorf("got the header %q", header)
		}
	})
}
