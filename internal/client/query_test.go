// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// renewing is an Authorizer that has another credential once.
type renewing struct{ HeaderAuth }

func (r renewing) Refused(*http.Request) bool {
	renew := r.HeaderAuth["X-Key"] == "old"
	r.HeaderAuth["X-Key"] = "new"
	return renew
}

// A question is sent whole with every attempt: after a failure, a renewed credential and a redirect.
func TestQueryRequest(t *testing.T) {
	statuses := []int{http.StatusServiceUnavailable, http.StatusUnauthorized, http.StatusTemporaryRedirect, http.StatusOK}
	var got []string
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = append(got, strings.Join([]string{r.Method, r.URL.Path, r.Header.Get("Content-Type"), r.Header.Get("X-Key"), string(body)}, " "))
		w.Header().Set("Location", "/moved")
		w.WriteHeader(statuses[len(got)-1])
		_, _ = io.WriteString(w, `{"text":"a"}`)
	}, func(o *Options) {
		o.Authorize = renewing{HeaderAuth{"X-Key": "old"}}
		o.MaxRetries, o.Backoff = 1, time.Nanosecond
	})
	var out document
	if err := c.Query(t.Context(), &out, map[string]string{"order": "x"}, "orders", "search"); err != nil {
		t.Fatal(err)
	}
	const question = ` application/json `
	want := []string{
		"POST /orders/search" + question + `old {"order":"x"}`,
		"POST /orders/search" + question + `old {"order":"x"}`,
		"POST /orders/search" + question + `new {"order":"x"}`,
		"POST /moved" + question + `new {"order":"x"}`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") || out.Text.String() != "a" {
		t.Errorf("got %q:\n%s\nwant\n%s", out.Text, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Only equal questions share a request.
func TestQueryShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		asked := make(map[string]int)
		answer := roundTrip(func(req *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(req.Body)
			time.Sleep(time.Second)
			mu.Lock()
			defer mu.Unlock()
			asked[string(body)]++
			return reply(req, 200, `{"text":"about `+string(body[1:2])+`"}`), err
		})
		c := mustNew(t, Options{Service: "Test", BaseURL: "https://api.test", Transport: answer})
		var done sync.WaitGroup
		for i := range 20 {
			question := string(rune('a' + i%2))
			done.Go(func() {
				var out document
				if err := c.Query(t.Context(), &out, question, "x"); err != nil || out.Text.String() != "about "+question {
					t.Errorf("got %q, %v", out.Text, err)
				}
			})
		}
		done.Wait()
		if asked[`"a"`] != 1 || asked[`"b"`] != 1 || len(asked) != 2 {
			t.Errorf("asked %v", asked)
		}
	})
}

// A redirect that net/http follows with a GET would read something else.
func TestQueryRedirectedToGet(t *testing.T) {
	c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			t.Errorf("a request with the method %s", r.Method)
		}
		http.Redirect(w, r, "/y", http.StatusFound)
	}, nil)
	failure := failed(t, c.Query(t.Context(), &document{}, 1, "x"), KindRedirect)
	if failure.Method != http.MethodPost || failure.URL != server.URL+"/x" || !strings.Contains(failure.Message, "no longer be a POST") {
		t.Errorf("got %+v", failure)
	}
}

func TestQueryRefusesWhatIsNotJSON(t *testing.T) {
	c, _ := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was made") }, nil)
	failed(t, c.Query(t.Context(), &document{}, func() {}, "x"), KindInvalid)
}
