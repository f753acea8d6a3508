// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

// tokenEndpoint gives tokens t1, t2 and so on.
type tokenEndpoint struct {
	mu       sync.Mutex
	requests int
	took     time.Duration
	lifetime string // expires_in, as JSON; "" leaves it out
	status   int    // 0 means 200
	body     string // instead of a token
	forms    []url.Values
}

func (e *tokenEndpoint) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	select {
	case <-time.After(e.took):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests++
	e.forms = append(e.forms, form)
	status, response := e.status, e.body
	if status == 0 {
		status = http.StatusOK
	}
	if response == "" {
		response = fmt.Sprintf(`{"access_token":"t%d","token_type":"Bearer","scope":"x"`, e.requests)
		if e.lifetime != "" {
			response += `,"expires_in":` + e.lifetime
		}
		response += "}"
	}
	resp := reply(req, status, response)
	resp.Header.Set("Content-Type", "application/json; charset=utf-8")
	return resp, nil
}

func newTokens(t *testing.T, endpoint http.RoundTripper) *TokenSource {
	t.Helper()
	s, err := NewTokenSource(TokenOptions{
		Service: "Test", TokenURL: "https://id.test/connect/token", ClientID: "id", ClientSecret: "hunter2/+",
		Scope: "read", MaxRetries: 2, Transport: endpoint,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// authorize returns the Authorization header that a request gets, and the request.
func authorize(t *testing.T, ctx context.Context, s *TokenSource) (string, *http.Request, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Authorize(req)
	return req.Header.Get("Authorization"), req, err
}

func mustAuthorize(t *testing.T, s *TokenSource, want string) *http.Request {
	t.Helper()
	got, req, err := authorize(t, t.Context(), s)
	if err != nil || got != want {
		t.Fatalf("got %q, %v; want %q", got, err, want)
	}
	return req
}

func TestTokenRequest(t *testing.T) {
	var got *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		got = r
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"t","token_type":"bearer","expires_in":300}`)
	}))
	defer server.Close()
	s, err := NewTokenSource(TokenOptions{Service: "Test", TokenURL: server.URL + "/connect/token/", ClientID: "i d", ClientSecret: "s&",
		Scope: "a", UserAgent: "certops"})
	if err != nil {
		t.Fatal(err)
	}
	mustAuthorize(t, s, "Bearer t")
	want := url.Values{"grant_type": {"client_credentials"}, "client_id": {"i d"}, "client_secret": {"s&"}, "scope": {"a"}}
	if diff := cmp.Diff(want, got.PostForm); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	if got.Method != http.MethodPost || got.URL.Path != "/connect/token/" || got.Header.Get("Authorization") != "" ||
		got.Header.Get("Accept") != "application/json" || got.UserAgent() != "certops" {
		t.Errorf("got %s %s with %v", got.Method, got.URL, got.Header)
	}
}

func TestTokenIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		endpoint := &tokenEndpoint{took: time.Second, lifetime: "300"}
		s := newTokens(t, endpoint)
		var done sync.WaitGroup
		for range 50 {
			done.Go(func() { mustAuthorize(t, s, "Bearer t1") })
		}
		done.Wait()
		// Ten seconds before its end the token is replaced, once.
		time.Sleep(289 * time.Second)
		mustAuthorize(t, s, "Bearer t1")
		time.Sleep(2 * time.Second)
		for range 50 {
			done.Go(func() { mustAuthorize(t, s, "Bearer t2") })
		}
		done.Wait()
		if endpoint.requests != 2 {
			t.Errorf("got %d token requests", endpoint.requests)
		}
	})
}

func TestTokenLifetimes(t *testing.T) {
	tests := map[string]struct {
		lifetime string
		lasts    time.Duration // 0 means for good
	}{
		"long":          {"3600", 3590 * time.Second},
		"short":         {"60", 54 * time.Second},
		"text":          {`"60"`, 54 * time.Second},
		"not told":      {"", 0},
		"already ended": {"-5", time.Nanosecond},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newTokens(t, &tokenEndpoint{lifetime: test.lifetime})
				mustAuthorize(t, s, "Bearer t1")
				if test.lasts == 0 {
					time.Sleep(24 * time.Hour)
					mustAuthorize(t, s, "Bearer t1")
					return
				}
				time.Sleep(test.lasts - time.Nanosecond)
				if test.lasts > time.Second {
					mustAuthorize(t, s, "Bearer t1")
				}
				time.Sleep(time.Nanosecond)
				mustAuthorize(t, s, "Bearer t2")
			})
		})
	}
}

func TestTokenRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTokens(t, &tokenEndpoint{lifetime: "300"})
		first := mustAuthorize(t, s, "Bearer t1")
		alsoFirst := mustAuthorize(t, s, "Bearer t1")
		if !s.Refused(first) {
			t.Error("the first refusal gives no new token")
		}
		if !s.Refused(alsoFirst) {
			t.Error("the second refusal of the same token does not wait for the new one")
		}
		second := mustAuthorize(t, s, "Bearer t2")
		if !s.Refused(first) {
			t.Error("a late refusal does not use the new token")
		}
		mustAuthorize(t, s, "Bearer t2")
		// A token that replaced a refused one and is refused at once would be followed by more of them.
		if s.Refused(second) {
			t.Error("a token that has just replaced another is replaced again")
		}
		s.Accepted(second)
		if !s.Refused(second) {
			t.Error("a token that the API has taken is not replaced")
		}
		third := mustAuthorize(t, s, "Bearer t3")
		s.Accepted(second)
		if s.Refused(third) {
			t.Error("the success of another token counts for one that has just replaced it")
		}
		time.Sleep(200 * time.Second)
		if !s.Refused(third) {
			t.Error("a token that has worked for long is not replaced")
		}
		mustAuthorize(t, s, "Bearer t4")
	})
}

func TestTokenErrors(t *testing.T) {
	tests := map[string]struct {
		status        int
		body          string
		kind          Kind
		code, message string
		requests      int // for two reads one after the other
	}{
		"wrong client": {400, `{"error":"invalid_client"}`, KindUnauthorized, "invalid_client", "", 1},
		"with description": {401, `{"error":"invalid_scope","error_description":"no hunter2/+ here"}`,
			KindUnauthorized, "invalid_scope", "no *** here", 1},
		"not JSON":      {403, `<html>hunter2/+</html>`, KindUnauthorized, "", "", 1},
		"unavailable":   {503, `{"error":"temporarily_unavailable"}`, KindUnavailable, "temporarily_unavailable", "", 6},
		"rate limited":  {429, ``, KindRateLimited, "", "", 6},
		"broken server": {500, `{}`, KindUnavailable, "", "", 2},
		"no token":      {200, `{"token_type":"Bearer"}`, KindBody, "", "holds no access token", 2},
		"too long":      {200, `{"access_token":"` + strings.Repeat("t", maxToken) + `"}`, KindBody, "", "it is longer than 16 KiB", 2},
		"line break":    {200, `{"access_token":"t\n1"}`, KindBody, "", "holds a line break", 2},
		"HTML":          {200, `<html>`, KindBody, "", "HTML or XML page", 2},
		"HTML, refused": {403, `<html>`, KindUnauthorized, "", "HTML page", 1},
		"cut short":     {200, `{"access_token":"t`, KindBody, "", "cut short", 2},
		"not UTF-8":     {200, "{\"access_token\":\"t\xff\"}", KindBody, "", "not UTF-8", 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				endpoint := &tokenEndpoint{status: test.status, body: test.body}
				if test.body == "" {
					endpoint.body = " "
				}
				s := newTokens(t, endpoint)
				for range 2 {
					_, _, err := authorize(t, t.Context(), s)
					failure := failed(t, err, test.kind)
					if failure.StatusCode != test.status || failure.Code != test.code || !strings.Contains(failure.Message, test.message) {
						t.Errorf("got %+v", failure)
					}
					if !failure.Token || failure.Method != http.MethodPost || failure.URL != "https://id.test/connect/token" || failure.Attempts == 0 {
						t.Errorf("got %s %s, %d attempts", failure.Method, failure.URL, failure.Attempts)
					}
					if text := fmt.Sprintf("%v %+v", failure, *failure); strings.Contains(text, "hunter2") {
						t.Errorf("the error tells the secret: %s", text)
					}
				}
				if endpoint.requests != test.requests {
					t.Errorf("got %d requests, want %d", endpoint.requests, test.requests)
				}
			})
		})
	}
}

// Every text that is logged is searched for the tokens: they are few, and none is so long that it takes long.
func TestTokensAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTokens(t, &tokenEndpoint{lifetime: "300"})
		for n := range 50 {
			mustAuthorize(t, s, fmt.Sprintf("Bearer t%d", n+1))
			time.Sleep(300 * time.Second)
		}
		if diff := cmp.Diff([]string{"t49", "t50"}, s.redact.tokens); diff != "" {
			t.Errorf("tokens (-want +got):\n%s", diff)
		}
	})
}

// TestTokenIsNotShown gives tokens in forms other than that of RFC 6749: whether they work or not, they are in no error
// and in no log.
func TestTokenIsNotShown(t *testing.T) {
	t.Setenv("TF_LOG", "TRACE")
	const live = "LIVE0123456789abcdef"
	tests := map[string]struct {
		contentType, body string
		works             bool
	}{
		"form":            {"application/x-www-form-urlencoded", "access_token=" + live + "&token_type=bearer", false},
		"text":            {"text/plain", live, false},
		"other name":      {"application/json", `{"accessToken":"` + live + `"}`, false},
		"nested":          {"application/json", `{"data":{"access_token":"` + live + `"}}`, false},
		"string":          {"application/json", `"` + live + `"`, false},
		"array":           {"application/json", `[{"access_token":"` + live + `"}]`, false},
		"escaped name":    {"application/json", `{"access\u005ftoken":"` + live + `","token":"` + live + `"}`, true},
		"other members":   {"application/json", `{"access_token":"` + live + `","jwt":"` + live + `"}`, true},
		"cut short":       {"application/json", `{"token":"` + live, false},
		"in the lifetime": {"application/json", `{"access_token":"t-other","expires_in":"` + live + `"}`, false},
		"in an error":     {"application/json", `{"error":"` + live + `","error_description":"` + live + `"}`, false},
		"beside an error": {"application/json", `{"error":"invalid_scope","error_description":"not for ` + live + `"}`, false},
		"HTML":            {"text/html", "<html>" + live, false},
		"HTML, as JSON":   {"application/json", "<html>" + live, false},
		"not UTF-8":       {"application/json", `{"access_token":"` + live + "\xff\"}", false},
		"line break":      {"application/json", `{"access_token":"` + live + `\n"}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			ctx := tflogtest.RootLogger(t.Context(), &out)
			_, _, err := authorize(t, ctx, newTokens(t, roundTrip(func(req *http.Request) (*http.Response, error) {
				resp := reply(req, http.StatusOK, test.body)
				resp.Header.Set("Content-Type", test.contentType)
				return resp, nil
			})))
			if strings.Contains(out.String(), live) {
				t.Errorf("the log tells the token:\n%s", out.String())
			}
			if want := fmt.Sprintf(`"bytes":%d`, len(test.body)); !strings.Contains(out.String(), want) {
				t.Errorf("the log has no %s:\n%s", want, out.String())
			}
			if test.works {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			failure := failed(t, err, KindBody)
			for cause := error(failure); cause != nil; cause = errors.Unwrap(cause) {
				if text := fmt.Sprintf("%v %+v", cause, cause); strings.Contains(text, live) {
					t.Errorf("the error tells the token: %s", text)
				}
			}
			if text := fmt.Sprintf("%+v", *failure); strings.Contains(text, live) || failure.Message == "" {
				t.Errorf("got %s", text)
			}
		})
	}
}

func TestTokenRedirected(t *testing.T) {
	var elsewhere int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
			return
		}
		elsewhere++
	}))
	defer server.Close()
	s, err := NewTokenSource(TokenOptions{Service: "Test", TokenURL: server.URL + "/token", ClientID: "i", ClientSecret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = authorize(t, t.Context(), s)
	if failure := failed(t, err, KindRedirect); failure.StatusCode != http.StatusTemporaryRedirect || elsewhere != 0 {
		t.Errorf("got %v, %d requests elsewhere", failure, elsewhere)
	}
}

func TestTokenCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		endpoint := &tokenEndpoint{took: 10 * time.Second}
		s := newTokens(t, endpoint)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, _, err := authorize(t, ctx, s)
		failed(t, err, KindTimeout)
		if took := time.Since(began); took != time.Second {
			t.Errorf("took %s", took)
		}
		synctest.Wait()
		mustAuthorize(t, s, "Bearer t1")
	})
}

func TestNewTokenSourceRefuses(t *testing.T) {
	for _, options := range []TokenOptions{
		{TokenURL: "http://id.example.com/token"},
		{TokenURL: "https://id.example.com/token", MaxRetries: -1},
		{TokenURL: "https://id.example.com/token", RequestTimeout: -1},
	} {
		if _, err := NewTokenSource(options); err == nil {
			t.Errorf("%+v: got no error", options)
		}
	}
}
