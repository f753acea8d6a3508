// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/cps"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// TestConcurrentReads reads 200 objects of three vendors at the same time, while tokens end and are taken back, and responses
// of 401 and 429 come in between.
func TestConcurrentReads(t *testing.T) {
	t.Parallel()
	const each = 67 // of each vendor
	s := sandboxtest.Start(t, sandbox.Options{})
	gate := newTokenGate(t, s.URL(sandbox.Token))
	type task struct {
		typeName  string
		arguments map[string]any
	}
	var tasks []task
	for i := range each {
		id := sandbox.ID(fmt.Sprint(1000 + i))
		name := fmt.Sprintf("n%d.example.com", i)
		if _, err := s.Add(sandbox.Process{ID: id, Names: []string{name}}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Add(sandbox.Certificate{ID: id, Names: []string{name}}); err != nil {
			t.Fatal(err)
		}
		// One request for the order and one for its domain: more than the limit's 100 in all.
		if _, err := s.Add(sandbox.Order{ID: id, Names: []string{name}}); err != nil {
			t.Fatal(err)
		}
		tasks = append(tasks,
			task{"certops_process_info", map[string]any{"process_id": id.Number()}},
			task{"certops_cps_certificate", map[string]any{"certificate_id": id.Number()}},
			task{"certops_digicert_order_validation", map[string]any{"order_id": fmt.Sprint(id)}})
	}
	env := s.Env()
	env["CERTOPS_CPS_TOKEN_URL"] = gate.URL + "/connect/token"
	server, err := newProtoServer(t.Context(), base.Environment{Getenv: environment(env, map[string]string{base.EnvMaxRetries: "10"}),
		Backoff: 5 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	all := func(tasks []task) []protoResult {
		results := make([]protoResult, len(tasks))
		var running sync.WaitGroup
		for i, task := range tasks {
			running.Go(func() {
				result, err := server.read(t.Context(), task.typeName, task.arguments)
				if err != nil {
					t.Error(err)
				}
				results[i] = result
			})
		}
		running.Wait()
		return results
	}
	for i, fault := range []sandbox.Fault{
		{Service: sandbox.RealtimeRegister, Status: http.StatusTooManyRequests},
		{Service: sandbox.CPS, Status: http.StatusUnauthorized},
		{Service: sandbox.CPS, Status: http.StatusTooManyRequests},
		{Service: sandbox.DigiCert, Status: http.StatusTooManyRequests},
		{Service: sandbox.Token, Status: http.StatusServiceUnavailable},
		{Service: sandbox.CPS, Status: http.StatusBadGateway},
	} {
		fault.Kind, fault.After, fault.Times = sandbox.FaultStatus, 7*i, 5
		if fault.Status == http.StatusUnauthorized {
			// Twice in a row to one request is a refusal; the token that is taken back below makes the others.
			fault.Times = 1
		}
		if fault.Service == sandbox.Token {
			fault.After, fault.Times = 1, 2
		}
		inject(t, s, fault)
	}
	// Slow enough for many requests to be under way with a token when it is taken back.
	inject(t, s, sandbox.Fault{Service: sandbox.CPS, Kind: sandbox.FaultSlowHeaders, Delay: 20 * time.Millisecond})
	// And slow enough for another token request to come, if there were one.
	inject(t, s, sandbox.Fault{Service: sandbox.Token, Kind: sandbox.FaultSlowHeaders, Delay: 20 * time.Millisecond})
	var revoking sync.WaitGroup
	revoking.Go(func() {
		if err := s.Await(t.Context(), func() bool { return len(s.Requests(sandbox.CPS)) >= 2*each }); err != nil {
			t.Error(err)
		}
		sandbox.VendorOf[*cps.API](s).RevokeTokens()
	})
	results := all(tasks)
	revoking.Wait()
	// The next reads find a token that has ended.
	sandbox.VendorOf[*cps.API](s).RevokeTokens()
	before := gate.total.Load()
	again := slices.DeleteFunc(slices.Clone(tasks), func(task task) bool { return task.typeName != "certops_cps_certificate" })
	results = append(results, all(again)...)
	if gate.total.Load() == before {
		t.Error("there was no token request for the one that had ended")
	}
	numbers := make([]int, 0, len(results))
	for i := range tasks {
		numbers = append(numbers, i/3)
	}
	for i := range again {
		numbers = append(numbers, i)
	}
	tasks = append(tasks, again...)
	for i, result := range results {
		if len(result.Diagnostics) > 0 {
			t.Errorf("%s %v: %v", tasks[i].typeName, tasks[i].arguments, result.Diagnostics)
			continue
		}
		wantOwnName(t, result, numbers[i])
	}
	if got := gate.most.Load(); got != 1 {
		t.Errorf("there were %d token requests at the same time", got)
	}
	// The first; two that fail and the one after them, for the 401 that means nothing; one after all were taken back; the last.
	if gate.total.Load() < 6 {
		t.Errorf("there were only %d token requests", gate.total.Load())
	}
	if got := s.MaxInWindow(sandbox.DigiCert, 5*time.Second); got > 100 {
		t.Errorf("DigiCert counted %d requests in 5 s", got)
	}
	if got := len(s.Requests(sandbox.DigiCert)); got <= 100 {
		t.Errorf("DigiCert got %d requests, too few to reach the limit", got)
	}
	t.Logf("%d reads, %d token requests, DigiCert: %d requests, at most %d in 5 s", len(tasks), gate.total.Load(),
		len(s.Requests(sandbox.DigiCert)), s.MaxInWindow(sandbox.DigiCert, 5*time.Second))
}

// wantOwnName demands that a response is about the name of its order, and no other.
func wantOwnName(t *testing.T, result protoResult, number int) {
	t.Helper()
	state, ok := result.State.(map[string]any)
	if !ok {
		t.Errorf("number %d has no state", number)
		return
	}
	status, ok := state["dcv_status"].(map[string]any)
	if _, found := status[fmt.Sprintf("n%d.example.com", number)]; !ok || !found || len(status) != 1 {
		t.Errorf("number %d is about %v", number, status)
	}
}

// tokenGate stands before a token endpoint and counts the requests that are there at the same time.
type tokenGate struct {
	*httptest.Server
	now, most, total atomic.Int64
}

func newTokenGate(t *testing.T, tokenURL string) *tokenGate {
	t.Helper()
	target, err := url.Parse(tokenURL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
	}}
	g := &tokenGate{}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.total.Add(1)
		now := g.now.Add(1)
		defer g.now.Add(-1)
		for {
			most := g.most.Load()
			if now <= most || g.most.CompareAndSwap(most, now) {
				break
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(g.Close)
	return g
}

// TestConcurrentReadsKeepLimits reads 1200 objects of DigiCert as fast as it can, in time that only waits can pass, and
// counts as the server does.
func TestConcurrentReadsKeepLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const reads = 1200
		var mu sync.Mutex
		var arrivals []time.Time
		network := roundTrip(func(req *http.Request) (*http.Response, error) {
			// The way there takes between nothing and a tenth of a second, as the server counts arrivals.
			mu.Lock()
			way := time.Duration(len(arrivals)*7919%100) * time.Millisecond
			mu.Unlock()
			time.Sleep(way)
			mu.Lock()
			arrivals = append(arrivals, time.Now())
			mu.Unlock()
			id := req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:]
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"id":` + id + `}`)),
				Request: req}, nil
		})
		s, err := newProtoServer(t.Context(), base.Environment{Getenv: environment(answersEnvironment), Transport: network})
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		var running sync.WaitGroup
		for i := range reads {
			running.Go(func() {
				result, err := s.read(t.Context(), "certops_digicert_request", map[string]any{"request_id": 1 + i})
				if err != nil || len(result.Diagnostics) > 0 {
					t.Errorf("%d: %v, %v", i, result.Diagnostics, err)
				}
			})
		}
		running.Wait()
		slices.SortFunc(arrivals, time.Time.Compare)
		short, long := mostWithin(arrivals, 5*time.Second), mostWithin(arrivals, 3*time.Minute)
		t.Logf("%d reads took %s; at most %d in 5 s and %d in 3 minutes", reads, time.Since(begun), short, long)
		if short > 100 || long > 1000 {
			t.Errorf("the server counted %d requests in 5 s and %d in 3 minutes", short, long)
		}
		// Keeping the limits is no reason to be slower than they are.
		if took, most := time.Since(begun), 4*time.Minute; len(arrivals) != reads || took > most {
			t.Errorf("%d requests took %s", len(arrivals), took)
		}
	})
}

// mostWithin is the largest number of moments within any span of a length.
func mostWithin(sorted []time.Time, length time.Duration) int {
	most, first := 0, 0
	for i := range sorted {
		for sorted[i].Sub(sorted[first]) >= length {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}
