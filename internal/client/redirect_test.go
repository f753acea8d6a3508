// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func TestRedirects(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	var keys []string
	c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.Header.Get("X-Key"))
		switch {
		case strings.HasPrefix(r.URL.Path, "/other"):
			http.Redirect(w, r, other.URL+"/stolen?session=hunter2", http.StatusFound)
		case strings.HasPrefix(r.URL.Path, "/scheme"):
			http.Redirect(w, r, "https://"+r.Host+"/", http.StatusPermanentRedirect)
		case r.URL.Path == "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case strings.HasPrefix(r.URL.Path, "/hop/") && len(r.URL.Path) > len("/hop/"):
			http.Redirect(w, r, r.URL.Path[:len(r.URL.Path)-1], http.StatusFound)
		case r.URL.Path == "/nowhere":
			w.WriteHeader(http.StatusFound)
		default:
			_, _ = w.Write([]byte(`{"text":"here"}`))
		}
	}, func(o *Options) {
		o.Authorize = HeaderAuth{"X-Key": "k"}
		o.MaxRetries = 3
	})

	t.Run("same host", func(t *testing.T) {
		keys = nil
		var got document
		if err := c.Get(t.Context(), &got, nil, "hop", "111"); err != nil {
			t.Fatal(err)
		}
		if got.Text.String() != "here" || strings.Join(keys, "") != "kkkk" {
			t.Errorf("got %q with keys %q", got.Text, keys)
		}
	})
	tests := map[string]struct {
		path     []string
		requests int
		message  string
	}{
		"other host": {[]string{"other"}, 1, "redirected to " + other.URL + "/stolen: another host or scheme"},
		"other scheme": {[]string{"scheme"}, 1, "redirected to https://" + strings.TrimPrefix(server.URL, "http://") +
			"/: another host or scheme"},
		"too many":   {[]string{"hop", "1111"}, 4, "more than 3 redirects"},
		"loop":       {[]string{"loop"}, 4, "more than 3 redirects"},
		"to nowhere": {[]string{"nowhere"}, 1, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			keys = nil
			failure := failed(t, c.Get(t.Context(), &document{}, nil, test.path...), KindRedirect)
			if len(keys) != test.requests {
				t.Errorf("got %d requests, want %d", len(keys), test.requests)
			}
			if failure.StatusCode < 300 || failure.StatusCode > 399 || failure.Attempts != 1 {
				t.Errorf("got status %d, %d attempts", failure.StatusCode, failure.Attempts)
			}
			if text := failure.Error(); !strings.Contains(text, test.message) || strings.Contains(text, "hunter2") {
				t.Errorf("got %q, want it to say %q", text, test.message)
			}
		})
	}
	if got := elsewhere.Load(); got != 0 {
		t.Errorf("another host got %d requests", got)
	}
}
