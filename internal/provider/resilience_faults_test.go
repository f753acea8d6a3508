// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/cps"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// endpoint is one endpoint of a vendor, with a read that calls it.
type endpoint struct {
	name    string
	service sandbox.Service
	path    string
	// typeName and arguments are what is read.
	typeName  string
	arguments map[string]any
	// ids tells whether the response is about an object whose id it holds.
	ids bool
	// extra is true when a refusal is a warning, since the rest can be read without.
	extra bool
}

// pattern matches the paths of its requests.
func (e endpoint) pattern() *regexp.Regexp {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(e.path), `\*`, "[^/]*") + "$")
}

// first tells whether it is the first endpoint of its service, whose client limits bodies and waits the same way for all of them.
func (e endpoint) first() bool {
	return e.name == endpoints[slices.IndexFunc(endpoints, func(other endpoint) bool { return other.service == e.service })].name
}

// endpoints are all endpoints that the provider calls.
var endpoints = []endpoint{
	{name: "process info", service: sandbox.RealtimeRegister, path: "/v2/processes/30001/info", typeName: "certops_process_info",
		arguments: map[string]any{"process_id": sandbox.ProcessPending.Number()}},
	{name: "process", service: sandbox.RealtimeRegister, path: "/v2/processes/30001", typeName: "certops_dcv_validation",
		arguments: map[string]any{"process_id": sandbox.ProcessPending.Number()}, ids: true},
	{name: "processes", service: sandbox.RealtimeRegister, path: "/v2/processes", typeName: "certops_processes"},
	{name: "token", service: sandbox.Token, path: "/connect/token", typeName: "certops_cps_certificate",
		arguments: map[string]any{"certificate_id": sandbox.CertificatePending.Number()}},
	{name: "certificate", service: sandbox.CPS, path: "/sec/cps/v2.0/certificates/40001", typeName: "certops_cps_certificate",
		arguments: map[string]any{"certificate_id": sandbox.CertificatePending.Number()}, ids: true},
	{name: "certificate status", service: sandbox.CPS, path: "/sec/cps/v2.0/certificates/40001/status", typeName: "certops_cps_certificate",
		arguments: map[string]any{"certificate_id": sandbox.CertificatePending.Number(), "include_dcv": false}, ids: true, extra: true},
	{name: "certificate DCV", service: sandbox.CPS, path: "/sec/cps/v2.0/dcv/certificates/40001", typeName: "certops_cps_certificate",
		arguments: map[string]any{"certificate_id": sandbox.CertificatePending.Number(), "include_status": false}, extra: true},
	{name: "certificates", service: sandbox.CPS, path: "/sec/cps/v2.0/certificates", typeName: "certops_cps_certificates",
		arguments: map[string]any{"include_status": false, "include_dcv": false}},
	{name: "order validation", service: sandbox.DigiCert, path: "/services/v2/order/certificate/112211/validation",
		typeName: "certops_digicert_order_validation", arguments: map[string]any{"order_id": "112211"}, ids: true},
	{name: "order domain", service: sandbox.DigiCert, path: "/services/v2/domain/*", typeName: "certops_digicert_order_validation",
		arguments: map[string]any{"order_id": "20002"}, ids: true, extra: true},
	{name: "domain", service: sandbox.DigiCert, path: "/services/v2/domain/1234", typeName: "certops_digicert_domain",
		arguments: map[string]any{"domain_id": "1234"}, ids: true},
	{name: "domain search", service: sandbox.DigiCert, path: "/services/v2/domain", typeName: "certops_digicert_domain",
		arguments: map[string]any{"name": "example.com"}},
	{name: "request", service: sandbox.DigiCert, path: "/services/v2/request/198", typeName: "certops_digicert_request",
		arguments: map[string]any{"request_id": sandbox.RequestSample.Number()}, ids: true},
	{name: "orders", service: sandbox.DigiCert, path: "/services/v2/order/certificate", typeName: "certops_digicert_orders"},
	{name: "requests", service: sandbox.DigiCert, path: "/services/v2/request", typeName: "certops_digicert_requests"},
}

// sandboxSecrets are the credentials that every sandbox takes.
var sandboxSecrets = []string{sandbox.APIKey, sandbox.ClientSecret, sandbox.DigiCertKey}

// trial is a fault with what the provider makes of it.
type trial struct {
	name  string
	fault sandbox.Fault
	// retried tells whether the request is sent again. It is then also tried with a fault that passes.
	retried bool
	// says is in the error that a fault leads to which lasts; "" means that it changes nothing.
	says string
}

// trials are the faults that every endpoint is tried with.
func trials() []trial {
	status := func(code int, retried bool, says string) trial {
		return trial{name: strconv.Itoa(code), fault: sandbox.Fault{Kind: sandbox.FaultStatus, Status: code}, retried: retried,
			says: says}
	}
	all := []trial{
		{name: "refused", fault: sandbox.Fault{Kind: sandbox.FaultRefuse}, retried: true, says: "the connection failed"},
		{name: "reset", fault: sandbox.Fault{Kind: sandbox.FaultResetBefore}, retried: true, says: "the connection failed"},
		{name: "reset after the service carried it out", fault: sandbox.Fault{Kind: sandbox.FaultResetAfter}, retried: true,
			says: "the connection failed"},
		{name: "reset in the body", fault: sandbox.Fault{Kind: sandbox.FaultResetInBody}, retried: true, says: "the connection failed"},
		{name: "truncated", fault: sandbox.Fault{Kind: sandbox.FaultTruncated}, retried: true, says: "cut short"},
		{name: "truncated JSON", fault: sandbox.Fault{Kind: sandbox.FaultBody, Body: `{"id":1,"text":"abc`}, says: "cut short"},
		{name: "wrong content type", fault: sandbox.Fault{Kind: sandbox.FaultWrongContentType}},
		{name: "HTML called HTML", fault: sandbox.Fault{Kind: sandbox.FaultWrongContentType, ContentType: "text/html"}},
		{name: "HTML page", fault: sandbox.Fault{Kind: sandbox.FaultHTML}, says: "HTML"},
		{name: "HTML page, forbidden", fault: sandbox.Fault{Kind: sandbox.FaultHTML, Status: http.StatusForbidden}, says: "HTML page"},
		{name: "empty", fault: sandbox.Fault{Kind: sandbox.FaultEmpty}, says: "the response is empty"},
		{name: "no content", fault: sandbox.Fault{Kind: sandbox.FaultNoContent}, says: "the response is empty"},
		{name: "null", fault: sandbox.Fault{Kind: sandbox.FaultBody, Body: "null"}, says: "null"},
		{name: "text", fault: sandbox.Fault{Kind: sandbox.FaultBody, Body: "OK", ContentType: "text/plain"}, says: "not JSON"},
		{name: "huge", fault: sandbox.Fault{Kind: sandbox.FaultHuge, Size: 32 << 20}, says: "larger than 8 MiB"},
		{name: "nested", fault: sandbox.Fault{Kind: sandbox.FaultNested}, says: "nested"},
		{name: "duplicate keys", fault: sandbox.Fault{Kind: sandbox.FaultDuplicateKeys}},
		{name: "invalid UTF-8", fault: sandbox.Fault{Kind: sandbox.FaultInvalidUTF8}, says: "UTF-8"},
		{name: "redirect to the same host", fault: sandbox.Fault{Kind: sandbox.FaultRedirect, Location: "same"}},
		{name: "redirect loop", fault: sandbox.Fault{Kind: sandbox.FaultRedirect, Location: "loop"}, says: "more than 3 redirects"},
		status(http.StatusBadRequest, false, "HTTP 400"),
		status(http.StatusUnauthorized, false, "HTTP 401"),
		status(http.StatusForbidden, false, "HTTP 403"),
		status(http.StatusNotFound, false, "HTTP 404"),
		status(http.StatusRequestTimeout, true, "HTTP 408"),
		status(http.StatusTooManyRequests, true, "HTTP 429"),
		status(http.StatusInternalServerError, false, "HTTP 500"),
		status(http.StatusBadGateway, true, "HTTP 502"),
		status(http.StatusServiceUnavailable, true, "HTTP 503"),
		status(http.StatusGatewayTimeout, true, "HTTP 504"),
	}
	for _, code := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect,
		http.StatusPermanentRedirect} {
		all = append(all, trial{
			name:  fmt.Sprintf("redirect %d to another host", code),
			fault: sandbox.Fault{Kind: sandbox.FaultRedirect, Location: "other", Status: code}, says: "redirect",
		})
	}
	return all
}

// of is the trial as the endpoint takes it, where that is not what all others do.
func (tr trial) of(e endpoint) trial {
	if e.service == sandbox.Token {
		switch tr.name {
		case "redirect to the same host", "redirect loop":
			// Credentials in a body are not sent again.
			tr.says = "redirect"
		case "400", "401", "403", "404", "500":
			tr.says = "no access token"
		}
	}
	return tr
}

// faultMatrix is the harness of one endpoint.
type faultMatrix struct {
	endpoint
	sandbox  *sandbox.Sandbox
	rt       base.Environment
	server   *protoServer // nil until there is one with rt
	settings map[string]string
	settled  func()
	baseline protoResult
}

// newFaultMatrix starts a simulator for the endpoint and reads it without a fault.
func newFaultMatrix(t *testing.T, e endpoint) *faultMatrix {
	t.Helper()
	m := &faultMatrix{
		endpoint: e,
		// A status that has an id lets the faults change it.
		sandbox: sandboxtest.Start(t, sandbox.Options{Limits: []sandbox.Limit{}, Quirks: []string{cps.QuirkStatusID}}),
		rt:      base.Environment{Backoff: time.Millisecond},
	}
	m.settled = watchGoroutines(t)
	m.baseline = m.read(t, 4, 0)
	if m.baseline.failed() || m.baseline.State == nil && e.typeName != "certops_dcv_validation" {
		t.Fatalf("without a fault: %v", m.baseline.Diagnostics)
	}
	return m
}

// read reads the endpoint with new clients.
func (m *faultMatrix) read(t *testing.T, retries int, timeout time.Duration) protoResult {
	t.Helper()
	m.settings = m.sandbox.Env()
	m.settings[base.EnvMaxRetries] = strconv.Itoa(retries)
	if timeout != 0 {
		m.settings[base.EnvRequestTimeout] = timeout.String()
	}
	var err error
	if m.server == nil {
		m.rt.Getenv = func(name string) string { return m.settings[name] }
		m.server, err = newProtoServer(t.Context(), m.rt)
	} else {
		err = m.server.configure(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	result, err := m.server.read(t.Context(), m.typeName, m.arguments)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// once injects a fault, reads, and returns the result with the number of requests that the endpoint got.
func (m *faultMatrix) once(t *testing.T, what string, tr trial, times, retries int) (protoResult, int) {
	t.Helper()
	fault := tr.fault
	fault.Service, fault.Path, fault.Times = m.service, m.path, times
	if fault.Kind == sandbox.FaultRefuse && times > 0 {
		fault.Delay = 5 * time.Millisecond
	}
	inject(t, m.sandbox, fault)
	m.sandbox.ResetCounters()
	begun := time.Now()
	result := m.read(t, retries, time.Hour)
	// The waits between attempts are milliseconds here. A machine can be slow, but not as slow as a read that hangs.
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("%s: it took %s", what, took)
	}
	if err := m.sandbox.ClearFaults(); err != nil {
		t.Fatal(err)
	}
	path := m.pattern()
	requests := 0
	for _, r := range m.sandbox.Requests(m.service) {
		if path.MatchString(r.Path) {
			requests++
		}
	}
	if strayed := m.sandbox.Requests(sandbox.Elsewhere); len(strayed) > 0 {
		t.Errorf("%s: another host got %v", what, strayed)
	}
	for _, d := range result.Diagnostics {
		wantNoSecrets(t, what+": the diagnostic", d.String(), sandboxSecrets...)
	}
	return result, requests
}

// try tries the endpoint with faults, once for a fault that lasts and, where another attempt can help, for one that passes.
func (m *faultMatrix) try(t *testing.T, faults []trial) {
	t.Helper()
	for _, tr := range faults {
		tr = tr.of(m.endpoint)
		if tr.fault.Kind == sandbox.FaultHuge && !m.first() {
			continue // That much takes long to read.
		}
		const retries = 1
		want := 1
		if tr.retried {
			want += retries
		}
		got, requests := m.once(t, tr.name, tr, 0, retries)
		if tr.says == "" {
			m.wantBaseline(t, tr.name, got)
		} else {
			m.wantDiagnostic(t, tr.name, got, tr.says)
		}
		counted := true
		switch {
		case tr.fault.Kind == sandbox.FaultRefuse, tr.fault.Kind == sandbox.FaultRedirect:
			// Nobody counts refused connections, and a redirect is a request of its own.
			counted = false
		case tr.fault.Kind == sandbox.FaultResetBefore, tr.fault.Kind == sandbox.FaultResetAfter:
			// net/http cannot tell a reset from the end of a connection that was used before, and tries again by itself.
			counted = false
		case tr.fault.Status == http.StatusUnauthorized && m.service == sandbox.CPS:
			want++ // with a new token
		}
		if counted && requests != want {
			t.Errorf("%s: the endpoint got %d requests, want %d", tr.name, requests, want)
		}
		if tr.retried {
			got, _ := m.once(t, tr.name+", once", tr, 1, 8)
			m.wantBaseline(t, tr.name+", once", got)
		}
	}
}

// wantBaseline demands the result that there is without a fault.
func (m *faultMatrix) wantBaseline(t *testing.T, what string, got protoResult) {
	t.Helper()
	if diff := cmp.Diff(m.baseline, got); diff != "" {
		t.Errorf("%s: the result differs from the one without a fault (-without +with):\n%s", what, diff)
	}
}

// wantDiagnostic demands one diagnostic more than without the fault, which tells the whole story.
func (m *faultMatrix) wantDiagnostic(t *testing.T, what string, got protoResult, says string) {
	t.Helper()
	if len(got.Diagnostics) != 1 {
		t.Errorf("%s: got %d diagnostics, want one: %v", what, len(got.Diagnostics), got.Diagnostics)
		return
	}
	d := got.Diagnostics[0]
	if !d.Error {
		t.Errorf("%s: got a warning, want an error: %s", what, d)
	}
	for _, text := range []string{says, "Request: "} {
		if !strings.Contains(d.Detail, text) {
			t.Errorf("%s: the diagnostic does not say %q:\n%s", what, text, d)
		}
	}
	if d.Summary == "" || strings.Contains(d.Detail, "%!") || strings.ContainsFunc(d.Detail, func(r rune) bool {
		return r < ' ' &&
			r != '\n'
	}) {
		t.Errorf("%s: the diagnostic is not fit to print: %q", what, d)
	}
}

// TestFaults tries every endpoint with every fault.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			m := newFaultMatrix(t, e)
			defer m.settled()
			m.try(t, trials())
		})
	}
}

// TestFaultsThatStall tries every endpoint with responses that stop, bodies halfway and headers before they begin, in time that
// only waits can pass.
func TestFaultsThatStall(t *testing.T) {
	t.Parallel()
	const timeout, jitter = 30 * time.Second, 500 * time.Millisecond
	for _, e := range endpoints {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			m := newFaultMatrix(t, e)
			for name, inBody := range map[string]bool{"stalled body": true, "slow headers": false} {
				synctest.Test(t, func(t *testing.T) {
					// A connection that is kept would keep the bubble's time from passing.
					network := &stallingNetwork{RoundTripper: &http.Transport{DisableKeepAlives: true}, path: e.pattern(), inBody: inBody}
					m.rt, m.server = base.Environment{Transport: network}, nil
					for _, test := range []struct {
						stalls         int64
						says           string
						shortest, most time.Duration
					}{
						{2, "no complete response within 30s", 2*timeout + jitter/2, 2*timeout + jitter},
						{1, "", timeout + jitter/2, timeout + jitter},
					} {
						network.left.Store(test.stalls)
						network.asked.Store(0)
						begun := time.Now()
						got := m.read(t, 1, timeout)
						if took := time.Since(begun); took < test.shortest || took > test.most {
							t.Errorf("%s: it took %s, want %s to %s", name, took, test.shortest, test.most)
						}
						if asked := network.asked.Load(); asked != 2 {
							t.Errorf("%s: the endpoint got %d requests, want 2", name, asked)
						}
						if test.says == "" {
							m.wantBaseline(t, name+", once", got)
						} else {
							m.wantDiagnostic(t, name, got, test.says)
						}
					}
				})
			}
		})
	}
}

// stallingNetwork is a network on which the responses to some requests stop.
type stallingNetwork struct {
	http.RoundTripper
	path   *regexp.Regexp
	inBody bool // after half of the body, not before the headers
	// left is how many more stop, and asked how many requests came.
	left, asked atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (n *stallingNetwork) RoundTrip(req *http.Request) (*http.Response, error) {
	if !n.path.MatchString(req.URL.Path) {
		return n.RoundTripper.RoundTrip(req)
	}
	n.asked.Add(1)
	if n.left.Add(-1) < 0 {
		return n.RoundTripper.RoundTrip(req)
	}
	if !n.inBody {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	resp, err := n.RoundTripper.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), stall{req.Context()}))
	return resp, nil
}

// stall is a reader that never has anything to read.
type stall struct{ ctx context.Context }

// Read implements io.Reader.
func (s stall) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

// TestFaultsOfIDs tries every endpoint with responses about another object, and with ids that no 64 bits hold.
func TestFaultsOfIDs(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			m := newFaultMatrix(t, e)
			defer m.settled()
			other := trial{name: "another object's id", fault: sandbox.Fault{Kind: sandbox.FaultOtherID}}
			big := trial{name: "a number past 64 bits", fault: sandbox.Fault{Kind: sandbox.FaultBigNumber}}
			gotOther, _ := m.once(t, other.name, other, 0, 0)
			gotBig, _ := m.once(t, big.name, big, 0, 0)
			switch {
			case e.ids && e.extra && e.service == sandbox.CPS:
				// CPS says like this that it has no such object.
				m.wantDiagnostic(t, other.name, gotOther, "where 40001 was asked for")
				m.wantDiagnostic(t, big.name, gotBig, `"id"`)
			case e.ids:
				m.wantDiagnostic(t, other.name, gotOther, "was asked for")
				m.wantDiagnostic(t, big.name, gotBig, "99999999999999999999")
			case e.name == "process info":
				// The response does not name its process; the fault changes the certificate's id.
				if gotOther.failed() {
					t.Errorf("%s: %v", other.name, gotOther.Diagnostics)
				}
				m.wantDiagnostic(t, big.name, gotBig, `"certificateId"`)
			default:
				m.wantBaseline(t, other.name, gotOther)
				m.wantBaseline(t, big.name, gotBig)
			}
		})
	}
}

// TestFaultsOfNames tries every endpoint with a host that DNS does not know, and with a DNS server that fails.
func TestFaultsOfNames(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			m := newFaultMatrix(t, e)
			defer m.settled()
			path := e.pattern()
			network := http.DefaultTransport.(*http.Transport).Clone()
			t.Cleanup(network.CloseIdleConnections)
			m.server = nil
			var failure net.DNSError
			var left, asked atomic.Int64
			m.rt.Transport = roundTrip(func(req *http.Request) (*http.Response, error) {
				if !path.MatchString(req.URL.Path) {
					return network.RoundTrip(req)
				}
				asked.Add(1)
				if left.Add(-1) >= 0 {
					return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &failure}
				}
				return network.RoundTrip(req)
			})
			for _, test := range []struct {
				name  string
				err   net.DNSError
				times int64
				asked int64
				says  string
			}{
				{"unknown host", net.DNSError{Err: "no such host", Name: "api.example", IsNotFound: true}, 100, 1, "no such host"},
				{"failing server", net.DNSError{Err: "server misbehaving", Name: "api.example", IsTemporary: true}, 100, 3, "server misbehaving"},
				{"failing server, once", net.DNSError{Err: "server misbehaving", Name: "api.example", IsTemporary: true}, 1, 2, ""},
			} {
				failure = test.err
				left.Store(test.times)
				asked.Store(0)
				got := m.read(t, 2, 0)
				if test.says == "" {
					m.wantBaseline(t, test.name, got)
				} else {
					m.wantDiagnostic(t, test.name, got, test.says)
				}
				if asked.Load() != test.asked {
					t.Errorf("%s: got %d attempts, want %d", test.name, asked.Load(), test.asked)
				}
			}
		})
	}
}

// TestFaultsOfTLS tries every endpoint with a server whose certificate nobody trusts, with one that speaks no TLS, and
// with a redirect that leaves TLS.
func TestFaultsOfTLS(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			secure := sandboxtest.Start(t, sandbox.Options{TLS: true, Limits: []sandbox.Limit{}})
			plain := sandboxtest.Start(t, sandbox.Options{})
			trusting := trust(t, secure.CAPEM)
			defer watchGoroutines(t)()
			m := &faultMatrix{endpoint: e, sandbox: secure}
			var variable string // that holds the URL of the endpoint
			for name, value := range secure.Env() {
				if value == secure.URL(e.service) {
					variable = name
				}
			}
			read := func(env map[string]string, transport http.RoundTripper) protoResult {
				s, err := newProtoServer(t.Context(), base.Environment{Getenv: environment(env), Backoff: time.Millisecond, Transport: transport})
				if err != nil {
					t.Fatal(err)
				}
				got, err := s.read(t.Context(), e.typeName, e.arguments)
				if err != nil {
					t.Fatal(err)
				}
				return got
			}
			// Everything else is plain, so that it is this endpoint's connection that fails.
			env := maps.Clone(plain.Env())
			env[variable] = secure.Env()[variable]
			untrusted := read(env, nil)
			wantTLSFailure(t, "untrusted certificate", untrusted, "certificate")

			env[variable] = strings.Replace(plain.Env()[variable], "http://", "https://", 1)
			wantTLSFailure(t, "no TLS", read(env, nil), "HTTP")

			inject(t, secure, sandbox.Fault{Service: e.service, Path: e.path, Kind: sandbox.FaultRedirect, Location: "http"})
			m.wantDiagnostic(t, "redirect to http", read(secure.Env(), trusting), "redirect")
			trusting.CloseIdleConnections()
		})
	}
}

// wantTLSFailure demands errors about a connection that one attempt was enough for.
func wantTLSFailure(t *testing.T, what string, got protoResult, says string) {
	t.Helper()
	if len(got.Diagnostics) == 0 {
		t.Errorf("%s: no diagnostic", what)
	}
	for _, d := range got.Diagnostics {
		if !d.Error || !strings.Contains(d.Detail, "TLS connection failed") || !strings.Contains(d.Detail, says) ||
			strings.Contains(d.Detail, "attempts") {
			t.Errorf("%s: got %s", what, d)
		}
		wantNoSecrets(t, what, d.String(), sandboxSecrets...)
	}
}

// TestFaultsWithRetryAfter tries every endpoint with 429 and every service with each form of Retry-After, in time that only waits can
// pass: the real back-off and the real waits, in no time.
func TestFaultsWithRetryAfter(t *testing.T) {
	t.Parallel()
	const jitter = 500 * time.Millisecond
	for _, e := range endpoints {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			m := newFaultMatrix(t, e)
			for _, test := range []struct {
				value          string
				shortest, most time.Duration
			}{
				{"", jitter / 2, jitter},
				{"7", 7 * time.Second, 7*time.Second + jitter},
				{"date", 19 * time.Second, 20*time.Second + jitter},
				{"61", time.Minute, time.Minute},
				{"99999999999999999999", time.Minute, time.Minute},
				{"Fri, 31 Dec 9999 23:59:59 GMT", time.Minute, time.Minute},
				{"Thu, 01 Jan 1970 00:00:00 GMT", jitter / 2, jitter},
				{"0", jitter / 2, jitter},
				{"-1", jitter / 2, jitter},
				{"1.5", jitter / 2, jitter},
				{"soon", jitter / 2, jitter},
			} {
				if test.value != "7" && !e.first() {
					continue
				}
				synctest.Test(t, func(t *testing.T) {
					// A connection that is kept would keep the bubble's time from passing.
					network := &http.Transport{DisableKeepAlives: true}
					m.rt, m.server = base.Environment{Transport: network}, nil
					value := test.value
					if value == "date" {
						value = time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat)
					}
					inject(t, m.sandbox, sandbox.Fault{Service: e.service, Path: e.path, Kind: sandbox.FaultStatus, Status: http.StatusTooManyRequests,
						RetryAfter: value, Times: 1})
					begun := time.Now()
					got := m.read(t, 1, time.Hour)
					m.wantBaseline(t, value, got)
					if took := time.Since(begun); took < test.shortest || took > test.most {
						t.Errorf("Retry-After %q: it took %s, want %s to %s", value, took, test.shortest, test.most)
					}
				})
				if err := m.sandbox.ClearFaults(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestFaultOfOneGibibyte reads a response of 1 GiB in a process of its own, whose memory it bounds.
func TestFaultOfOneGibibyte(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	inject(t, s, sandbox.Fault{Service: sandbox.DigiCert, Kind: sandbox.FaultHuge})
	got := inChild(t, childRead{Type: "certops_digicert_request", Arguments: map[string]any{"request_id": 198}, Times: 4}, s.Env())
	if len(got.Diagnostics) != 1 || !strings.Contains(got.Diagnostics[0].Detail, "larger than 8 MiB") {
		t.Errorf("got %v", got.Diagnostics)
	}
	most := uint64(64 << 20)
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		most *= 2 // The race detector keeps accounts of all memory.
	}
	t.Logf("the process grew by %d MiB", got.Grown>>20)
	if got.Grown > most {
		t.Errorf("the process grew by %d MiB, at most %d is right", got.Grown>>20, most>>20)
	}
}

// TestFaultsReadNothingTwice makes sure that a body is read to its end once and closed.
func TestFaultsReadNothingTwice(t *testing.T) {
	t.Parallel()
	var closed atomic.Int64
	transport := roundTrip(func(req *http.Request) (*http.Response, error) {
		body := &countingBody{Reader: strings.NewReader(`{"id":1`), closed: &closed}
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body, Request: req}, nil
	})
	s, err := newProtoServer(t.Context(), base.Environment{Getenv: environment(map[string]string{"CERTOPS_DIGICERT_API_KEY": "key"}),
		Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.read(t.Context(), "certops_digicert_request", map[string]any{"request_id": 1})
	if err != nil {
		t.Fatal(err)
	}
	if !got.failed() || closed.Load() != 1 {
		t.Errorf("the body was closed %d times; got %v", closed.Load(), got.Diagnostics)
	}
}

// countingBody counts how often it is closed.
type countingBody struct {
	io.Reader
	closed *atomic.Int64
}

// Close implements io.Closer.
func (b *countingBody) Close() error {
	b.closed.Add(1)
	return nil
}

// TestAccFaults plans under Terraform with faults that pass, with every vendor, and then with faults that last: one error each.
func TestAccFaults(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	env := s.Env()
	env[base.EnvMaxRetries], env[base.EnvRequestTimeout] = "1", "1s"
	w := newWorkspace(t, env, nil, map[string]string{"main.tf": requireCertops + `
data "certops_process_info" "it" {
  process_id = 30001
}

data "certops_cps_certificate" "it" {
  certificate_id = 40001
}

data "certops_digicert_order_validation" "it" {
  order_id = 20002
}

data "certops_digicert_request" "it" {
  request_id = 198
}
`})
	faults := map[string]sandbox.Fault{
		"data.certops_process_info.it": {Service: sandbox.RealtimeRegister, Kind: sandbox.FaultResetInBody},
		"data.certops_cps_certificate.it": {Service: sandbox.Token, Kind: sandbox.FaultStatus, Status: http.StatusServiceUnavailable,
			RetryAfter: "1"},
		"data.certops_digicert_order_validation.it": {Service: sandbox.DigiCert, Path: "/services/v2/domain/*", Kind: sandbox.FaultStallBody},
		"data.certops_digicert_request.it":          {Service: sandbox.DigiCert, Path: "/services/v2/request/198", Kind: sandbox.FaultTruncated},
	}
	for _, fault := range faults {
		fault.Times = 1
		inject(t, s, fault)
	}
	if diagnostics, output := w.plan(); len(diagnostics) > 0 {
		t.Errorf("faults that pass:\n%s", output)
	}
	if err := s.ClearFaults(); err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		inject(t, s, fault)
	}
	diagnostics, output := w.plan()
	for address := range faults {
		if got := diagnostics[address]; len(got) != 1 || got[0].Severity != "error" || !strings.Contains(got[0].Detail, "2 attempts") {
			t.Errorf("%s: got %v", address, got)
		}
	}
	if len(diagnostics) != len(faults) {
		t.Errorf("faults that last:\n%s", output)
	}
}
