// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// fetch reads a request of DigiCert and returns response, body as far as it came, and error.
func fetch(t *testing.T, s *Sandbox, client *http.Client) (res *http.Response, body []byte, err error) {
	t.Helper()
	return fetchUntil(t, t.Context(), s, client)
}

// fetchUntil is fetch with a context of its own.
func fetchUntil(t *testing.T, ctx context.Context, s *Sandbox, client *http.Client) (res *http.Response, body []byte, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, "GET", s.URL(DigiCert)+"/request/198", nil)
	ok(t, err)
	req.Header.Set("X-DC-DEVKEY", DigiCertKey)
	res, err = client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	return res, body, err
}

// plainClient uses a connection for each request and follows no redirect.
func plainClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func TestFaultResponses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fault  Fault
		status int
		check  func(header http.Header, body string) bool
	}{
		{Fault{Kind: FaultHTML, Status: 403}, 403, func(h http.Header, b string) bool {
			return strings.HasPrefix(h.Get("Content-Type"), "text/html") && strings.Contains(b, "Request Rejected")
		}},
		{Fault{Kind: FaultEmpty}, 200, func(h http.Header, b string) bool { return b == "" && h.Get("Content-Length") == "0" }},
		{Fault{Kind: FaultNoContent}, 204, func(_ http.Header, b string) bool { return b == "" }},
		{Fault{Kind: FaultStatus, Status: 429, RetryAfter: "-5"}, 429, func(h http.Header, b string) bool {
			return h.Get("Retry-After") == "-5" && strings.Contains(b, "request_limit_exceeded")
		}},
		{Fault{Kind: FaultStatus, Status: 503, Body: "down", ContentType: "text/plain"}, 503, func(h http.Header, b string) bool {
			return h.Get("Content-Type") == "text/plain" && b == "down"
		}},
		{Fault{Kind: FaultWrongContentType}, 200, func(h http.Header, b string) bool {
			return strings.HasPrefix(h.Get("Content-Type"), "text/plain") && json.Valid([]byte(b))
		}},
		{Fault{Kind: FaultRedirect, Location: "same"}, 302, func(h http.Header, _ string) bool {
			return h.Get("Location") == "/services/v2/request/198?sandbox-redirect=1"
		}},
		{Fault{Kind: FaultRedirect, Location: "http", Status: 307}, 307, func(h http.Header, _ string) bool {
			return strings.HasPrefix(h.Get("Location"), "http://127.0.0.1:")
		}},
		{Fault{Kind: FaultHuge, Size: 1 << 20}, 200, func(_ http.Header, b string) bool { return len(b) == 1<<20 && json.Valid([]byte(b)) }},
		{Fault{Kind: FaultNested, Size: 50}, 200, func(_ http.Header, b string) bool {
			return strings.Count(b, "[") == 50 && json.Valid([]byte(b))
		}},
		{Fault{Kind: FaultDuplicateKeys}, 200, func(_ http.Header, b string) bool {
			return strings.Count(b, `"comments":"New certificate."`) == 2 && json.Valid([]byte(b))
		}},
		{Fault{Kind: FaultInvalidUTF8}, 200, func(_ http.Header, b string) bool { return !utf8.ValidString(b) }},
		{Fault{Kind: FaultBigNumber}, 200, func(_ http.Header, b string) bool { return strings.Contains(b, `"id":99999999999999999999`) }},
		{Fault{Kind: FaultOtherID}, 200, func(_ http.Header, b string) bool { return strings.Contains(b, `"id":199,`) }},
		{Fault{Kind: FaultBody, Body: "[]"}, 200, func(h http.Header, b string) bool {
			return b == "[]" && strings.HasPrefix(h.Get("Content-Type"), "application/json")
		}},
		{Fault{Kind: FaultSlowHeaders, Delay: 20 * time.Millisecond}, 200, func(_ http.Header, b string) bool { return json.Valid([]byte(b)) }},
		{Fault{Kind: FaultStallBody, Delay: 20 * time.Millisecond}, 200, func(_ http.Header, b string) bool { return json.Valid([]byte(b)) }},
	} {
		t.Run(string(tt.fault.Kind), func(t *testing.T) {
			t.Parallel()
			s := start(t, Options{})
			tt.fault.Service = DigiCert
			ok(t, s.Inject(tt.fault))
			begun := time.Now()
			res, body, err := fetch(t, s, plainClient())
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != tt.status || !tt.check(res.Header, string(body)) {
				t.Errorf("%d %v %.300q", res.StatusCode, res.Header, body)
			}
			if spent := time.Since(begun); spent < tt.fault.Delay {
				t.Errorf("it took %s, less than %s", spent, tt.fault.Delay)
			}
			ok(t, s.ClearFaults())
			if res, _, err := fetch(t, s, plainClient()); err != nil || res.StatusCode != 200 {
				t.Errorf("after ClearFaults: %v, %v", res, err)
			}
		})
	}
}

func TestFaultConnections(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind FaultKind
		half bool // half of the body comes
		want error
	}{
		{FaultRefuse, false, syscall.ECONNREFUSED},
		{FaultResetBefore, false, syscall.ECONNRESET},
		{FaultResetAfter, false, syscall.ECONNRESET},
		{FaultResetInBody, true, syscall.ECONNRESET},
		{FaultTruncated, true, io.ErrUnexpectedEOF},
		{FaultStallBody, true, context.Canceled},
		{FaultSlowHeaders, false, context.Canceled},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			t.Parallel()
			s := start(t, Options{})
			ok(t, s.Inject(Fault{Service: DigiCert, Kind: tt.kind}))
			client := plainClient()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			// The client gives up once the fault has come as far as it goes.
			switch tt.kind {
			case FaultSlowHeaders:
				go func() {
					_ = s.Await(ctx, func() bool { return len(s.Requests(DigiCert)) == 1 })
					cancel()
				}()
			case FaultStallBody:
				client.Transport = impatient{client.Transport, cancel}
			}
			res, body, err := fetchUntil(t, ctx, s, client)
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			// A reset may overtake the bytes before it.
			if tt.half && tt.kind != FaultResetInBody && (res == nil || len(body) == 0 || json.Valid(body)) {
				t.Errorf("body %q", body)
			}
			if !tt.half && res != nil {
				t.Errorf("response %v", res)
			}
			ok(t, s.ClearFaults())
			if res, _, err := fetch(t, s, plainClient()); err != nil || res.StatusCode != 200 {
				t.Errorf("after ClearFaults: %v, %v", res, err)
			}
		})
	}
}

// impatient is a transport that gives up after the first bytes of a body.
type impatient struct {
	http.RoundTripper
	giveUp func()
}

func (i impatient) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := i.RoundTripper.RoundTrip(req)
	if err == nil {
		res.Body = impatientBody{res.Body, i.giveUp}
	}
	return res, err
}

type impatientBody struct {
	io.ReadCloser
	giveUp func()
}

func (b impatientBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.giveUp()
	}
	return n, err
}

func TestFaultRefuseForAWhile(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	ok(t, s.Inject(Fault{Service: DigiCert, Kind: FaultRefuse, After: 1, Delay: time.Hour}))
	if _, _, err := fetch(t, s, plainClient()); err != nil {
		t.Fatalf("before: %v", err)
	}
	if _, _, err := fetch(t, s, plainClient()); err == nil {
		t.Fatal("the request that begins the refusal was answered")
	}
	l := s.apis[DigiCert].listener
	l.mu.Lock()
	resume := l.resume
	l.mu.Unlock()
	if _, _, err := fetch(t, s, plainClient()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("during: %v", err)
	}
	s.faults.mu.Lock()
	s.faults.all = nil // Else the next request begins another refusal.
	if len(s.faults.timers) != 1 || !s.faults.timers[0].Reset(0) {
		t.Error("no timer ends the refusal")
	}
	s.faults.mu.Unlock()
	<-resume
	if _, _, err := fetch(t, s, plainClient()); err != nil {
		t.Errorf("after: %v", err)
	}
}

// TestFaultCounting checks After, Times, Path, Method and the order of faults.
func TestFaultCounting(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	ok(t, s.Inject(Fault{Service: DigiCert, Path: "/services/v2/domain/*", Kind: FaultStatus, Status: 500}))
	ok(t, s.Inject(Fault{Service: DigiCert, Method: "POST", Kind: FaultStatus, Status: 501}))
	ok(t, s.Inject(Fault{Service: DigiCert, Path: "/**/198", After: 1, Times: 2, Kind: FaultStatus, Status: 502}))
	ok(t, s.Inject(Fault{Service: DigiCert, Path: "**/198", Times: 2, Kind: FaultStatus, Status: 503}))
	var statuses []int
	for range 6 {
		statuses = append(statuses, readDigiCert(t, s, "/request/198").status)
	}
	if diff := cmp.Diff([]int{503, 502, 502, 503, 200, 200}, statuses); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	if a := readDigiCert(t, s, "/domain/1234"); a.status != 500 {
		t.Errorf("domain: %d", a.status)
	}
	if a := readDigiCert(t, s, "/domain"); a.status != 200 {
		t.Errorf("list of domains: %d", a.status)
	}
	if got := len(s.Faults()); got != 4 {
		t.Errorf("%d faults, want 4", got)
	}
}

func TestFaultRedirects(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	follow := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

	ok(t, s.Inject(Fault{Service: DigiCert, Kind: FaultRedirect, Location: "same"}))
	if res, body, err := fetch(t, s, follow); err != nil || res.StatusCode != 200 || !json.Valid(body) {
		t.Errorf("same: %v, %v", res, err)
	}
	ok(t, s.ClearFaults())
	ok(t, s.Inject(Fault{Service: DigiCert, Kind: FaultRedirect, Location: "loop"}))
	if _, _, err := fetch(t, s, follow); err == nil || !strings.Contains(err.Error(), "10 redirects") {
		t.Errorf("loop: %v", err)
	}
	ok(t, s.ClearFaults())
	ok(t, s.Inject(Fault{Service: DigiCert, Kind: FaultRedirect, Location: "other"}))
	if _, _, err := fetch(t, s, follow); err != nil {
		t.Errorf("other: %v", err)
	}
	// Go's own client carries this header to another host: the simulator has to tell.
	got := s.Requests(Elsewhere)
	if len(got) != 1 || !got[0].Credential || got[0].Status != 404 {
		t.Errorf("requests elsewhere: %+v", got)
	}
}

func TestFaultTLS(t *testing.T) {
	t.Parallel()
	s := start(t, Options{TLS: true})
	client := tlsClient(t, s)
	res, _, err := fetch(t, s, client)
	if err != nil || res.ProtoMajor != 2 {
		t.Fatalf("%v, %v", res, err)
	}
	for _, kind := range []FaultKind{FaultResetBefore, FaultResetInBody, FaultTruncated} {
		ok(t, s.Inject(Fault{Service: DigiCert, Kind: kind}))
		if _, _, err := fetch(t, s, client); err == nil {
			t.Errorf("%s: no error", kind)
		}
		ok(t, s.ClearFaults())
	}
	if res, _, err := fetch(t, s, client); err != nil || res.StatusCode != 200 {
		t.Errorf("afterwards: %v, %v", res, err)
	}
}

func TestFaultJSON(t *testing.T) {
	t.Parallel()
	plan := `{"faults":[{"service":"cps","path":"/sec/**","method":"GET","after":1,"times":2,"kind":"status","status":503,
	"retry_after":"soon"},
		{"service":"token","kind":"slow_headers","delay":"1.5s"}]}`
	got, err := ParseFaults(strings.NewReader(plan))
	ok(t, err)
	want := []Fault{
		{Service: CPS, Path: "/sec/**", Method: "GET", After: 1, Times: 2, Kind: FaultStatus, Status: 503, RetryAfter: "soon"},
		{Service: Token, Kind: FaultSlowHeaders, Delay: 1500 * time.Millisecond},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	b, err := json.Marshal(map[string]any{"faults": want})
	ok(t, err)
	again, err := ParseFaults(strings.NewReader(string(b)))
	if err != nil || !cmp.Equal(want, again) {
		t.Errorf("%s does not read back: %v", b, err)
	}
	for name, bad := range map[string]string{
		"JSON": `{`, "member": `{"fault":[]}`, "fault member": `{"faults":[{"service":"cps","kind":"empty","nonsense":1}]}`,
		"service": `{"faults":[{"kind":"empty"}]}`, "kind": `{"faults":[{"service":"cps"}]}`,
		"delay":    `{"faults":[{"service":"cps","kind":"empty","delay":"x"}]}`,
		"negative": `{"faults":[{"service":"cps","kind":"empty","after":-1}]}`,
		"status":   `{"faults":[{"service":"cps","kind":"status"}]}`, "range": `{"faults":[{"service":"cps","kind":"html","status":99}]}`,
		"location": `{"faults":[{"service":"cps","kind":"redirect"}]}`,
	} {
		if _, err := ParseFaults(strings.NewReader(bad)); err == nil {
			t.Errorf("%s: %s was accepted", name, bad)
		}
	}
	s := start(t, Options{})
	for name, bad := range map[string]Fault{"kind": {Service: CPS, Kind: "nonsense"}, "service": {Service: "nobody", Kind: FaultEmpty}} {
		if err := s.Inject(Fault{Service: CPS, Kind: FaultEmpty}, bad); err == nil || len(s.Faults()) > 0 {
			t.Errorf("Inject took an unknown %s, or a part: %v, %v", name, err, s.Faults())
		}
	}
}

func TestChangeIDs(t *testing.T) {
	t.Parallel()
	next := func(n json.Number) json.Number {
		id, err := n.Int64()
		if err != nil {
			return n
		}
		return json.Number(fmt.Sprint(id + 1))
	}
	for in, want := range map[string]string{
		`{"id":1}`:            `{"id":2}`,
		`{"order_id":"1"}`:    `{"order_id":"2"}`,
		`{"commonName":"a"}`:  `{"certificateId":2,"commonName":"a"}`,
		`[1]`:                 `[1]`,
		`{"id":"x","a":1.50}`: `{"a":1.50,"id":"x"}`,
	} {
		if got := string(changeIDs([]byte(in), []string{"id", "order_id"}, next)); got != want {
			t.Errorf("changeIDs(%s) = %s, want %s", in, got, want)
		}
	}
}
