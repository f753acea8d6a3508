// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// fakeClock only moves when somebody sleeps.
type fakeClock struct {
	time   time.Time
	pauses []time.Duration
}

func (c *fakeClock) clock() base.Clock {
	return base.Clock{
		Now: func() time.Time { return c.time },
		Sleep: func(ctx context.Context, d time.Duration) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			c.pauses = append(c.pauses, d)
			c.time = c.time.Add(d)
			return nil
		},
	}
}

func challenge(domain string, status dcv.Status, publish *dcv.Publication) dcv.Challenge {
	method := "dns-cname-token"
	return dcv.Challenge{Domain: domain, Status: status, Method: &method, Channel: dcv.ChannelDNS, Publish: publish}
}

func cnameOf(domain, token string) *dcv.Publication {
	expires := "2026-12-22T00:00:00+00:00"
	return &dcv.Publication{Type: "CNAME", Name: "_dnsauth." + domain, Value: token + ".dcv.digicert.com", ExpiresAt: &expires}
}

// script answers each poll with the next element, and with the last one from then on.
type script []func() (dcv.Order, error)

func (s script) read() func(context.Context) (dcv.Order, error) {
	next := 0
	return func(context.Context) (dcv.Order, error) {
		answer := s[min(next, len(s)-1)]
		next++
		return answer()
	}
}

func order(challenges ...dcv.Challenge) func() (dcv.Order, error) {
	return func() (dcv.Order, error) { return dcv.Order{Challenges: challenges}, nil }
}

func failing(err error) func() (dcv.Order, error) {
	return func() (dcv.Order, error) { return dcv.Order{}, err }
}

func unavailable() error {
	return &client.Error{Kind: client.KindUnavailable, Service: "DigiCert", Method: http.MethodGet, URL: "https://api.example/order/1",
		StatusCode: 503, Attempts: 5}
}

func newTestWaiter(clock *fakeClock, read func(context.Context) (dcv.Order, error)) waiter {
	return waiter{
		target:  orderTarget(vendorNamed("digicert"), "20001"),
		issuers: dnscheck.DigiCertIssuers,
		read:    read,
		look: func(_ context.Context, expectations map[string]dnscheck.Expectation) map[string]dnscheck.Result {
			results := make(map[string]dnscheck.Result)
			for key, e := range expectations {
				results[key] = dnscheck.Result{
					Status: dnscheck.StatusWrongValue, Expected: e.Value, Observed: []string{"old.dcv.digicert.com"},
					Nameservers: []string{"192.0.2.1:53", "192.0.2.2:53"},
					Message:     "Replace the value of " + e.FQDN + ".",
				}
			}
			return results
		},
		clock:    clock.clock(),
		interval: 30 * time.Second,
		timeout:  10 * time.Minute,
	}
}

func TestWaiterWaitsUntilValidated(t *testing.T) {
	t.Parallel()
	clock := &fakeClock{time: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
	w := newTestWaiter(clock, script{
		order(), // not placed yet
		order(challenge("example.com", dcv.StatusPending, cnameOf("example.com", "t1"))),
		failing(unavailable()),
		order(challenge("example.com", dcv.StatusPending, cnameOf("example.com", "t1"))),
		order(challenge("example.com", dcv.StatusValidated, nil)),
	}.read())
	w.published = map[string]bool{"_dnsauth.example.com": true}
	got, diags := w.wait(t.Context())
	if diags.HasError() {
		t.Fatalf("wait: %v", diags)
	}
	if !got.Done() {
		t.Errorf("the order is not validated: %s", progress(got))
	}
	want := []time.Duration{30 * time.Second, 45 * time.Second, 67500 * time.Millisecond, 101250 * time.Millisecond}
	if diff := cmp.Diff(want, clock.pauses); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
}

// An order that went through between two looks no longer lists its names.
func TestWaiterKeepsNamesOfAnIssuedOrder(t *testing.T) {
	t.Parallel()
	w := newTestWaiter(&fakeClock{}, script{
		order(challenge("example.com", dcv.StatusPending, nil), challenge("www.example.com", dcv.StatusPending, nil)),
		func() (dcv.Order, error) { return dcv.Order{Issued: true, Names: []string{"example.com"}}, nil },
	}.read())
	got, diags := w.wait(t.Context())
	if diags.HasError() {
		t.Fatalf("wait: %v", diags)
	}
	if diff := cmp.Diff([]string{"example.com", "www.example.com"}, allNames(got)); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

// A name that was open and is not listed any more is not validated.
func TestWaiterMissesAName(t *testing.T) {
	t.Parallel()
	w := newTestWaiter(&fakeClock{}, script{
		order(challenge("example.com", dcv.StatusPending, nil), challenge("b.example.com", dcv.StatusPending, nil)),
		order(challenge("example.com", dcv.StatusValidated, nil)),
	}.read())
	_, diags := w.wait(t.Context())
	if !diags.HasError() || diags[0].Summary() != "Name No Longer Listed" || !strings.Contains(diags[0].Detail(),
		"listed b.example.com among") {
		t.Errorf("got %v", diags)
	}
}

// An order that is issued says nothing of a name that is pending again.
func TestResultsHoldValidatedNames(t *testing.T) {
	t.Parallel()
	got := results(dcv.Order{Issued: true, Names: []string{"www.example.com"}, Challenges: []dcv.Challenge{challenge("example.com",
		dcv.StatusPending, nil)}})
	if diff := cmp.Diff([]string{"www.example.com"}, base.TextElements(got.validatedDomains)); diff != "" {
		t.Errorf("validated domains (-want +got):\n%s", diff)
	}
}

func TestWaiterTimeOut(t *testing.T) {
	t.Parallel()
	clock := &fakeClock{time: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
	w := newTestWaiter(clock, script{order(
		challenge("*.example.com", dcv.StatusPending, cnameOf("example.com", "t1")),
		challenge("example.com", dcv.StatusPending, cnameOf("example.com", "t1")),
		challenge("mail.example.net", dcv.StatusUnknown, nil),
		challenge("www.example.com", dcv.StatusValidated, nil),
	)}.read())
	_, diags := w.wait(t.Context())
	if len(diags) != 1 {
		t.Fatalf("want one diagnostic, got %v", diags)
	}
	want := `Order 20001 at DigiCert was not validated within 10m0s. 1 of 4 names validated (*.example.com: pending, example.com: pending, mail.example.net: unknown).

*.example.com, example.com: pending (method dns-cname-token)
  expected:      _dnsauth.example.com CNAME t1.dcv.digicert.com.
  observed:      old.dcv.digicert.com
  servers asked: 192.0.2.1:53, 192.0.2.2:53
  token expires: 2026-12-22T00:00:00+00:00
  Replace the value of _dnsauth.example.com.

mail.example.net: unknown (method dns-cname-token)
  DigiCert gives no token: the order may not be placed with the certificate authority yet, or the token has ended.

Once the cause is removed, apply again. If the authority only needs longer, raise ` + "`timeouts.create`."
	if diff := cmp.Diff(want, diags[0].Detail()); diff != "" {
		t.Errorf("detail (-want +got):\n%s", diff)
	}
	if got := clock.time.Sub(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)); got != w.timeout {
		t.Errorf("waited %s, want %s", got, w.timeout)
	}
}

func TestWaiterGivesUp(t *testing.T) {
	t.Parallel()
	pending := challenge("example.com", dcv.StatusPending, cnameOf("example.com", "t1"))
	tests := map[string]struct {
		script    script
		published map[string]bool
		late      bool
		summary   string
		detail    string
	}{
		"a record is not published": {
			script:    script{order(pending)},
			published: map[string]bool{"_dnsauth.example.org": true},
			summary:   "DNS Record Not Published",
			detail: "Order 20001 at DigiCert cannot be validated, because `record_fqdns` does not name every record it needs. Missing:\n\n" +
				"  _dnsauth.example.com CNAME t1.dcv.digicert.com.\n\n" +
				"Publish them, and pass the names of all the DNS resources. If the order was made or changed in this apply, a certops_dcv_records " +
				"may have kept its earlier records, as its warning says: then apply again. `record_fqdns` has: _dnsauth.example.org.",
		},
		"the order was canceled": {
			script: script{func() (dcv.Order, error) {
				return dcv.Order{Challenges: []dcv.Challenge{challenge("example.com", dcv.StatusPending, nil)}, Ended: "the order has the status " +
					"canceled"}, nil
			}},
			summary: "Order Ended",
			detail:  "Order 20001 at DigiCert can no longer be validated: the order has the status canceled. Place a new order.",
		},
		"a validation failed": {
			script:  script{order(challenge("example.com", dcv.StatusFailed, nil))},
			summary: "Validation Failed",
			detail: "Order 20001 at DigiCert holds a name whose validation failed, which no waiting mends. 0 of 1 names validated (example.com: " +
				"failed).\n\n" +
				"example.com: failed (method dns-cname-token)\n  DigiCert gives no token: the order may not be placed with the certificate " +
				"authority yet, or the token has ended.\n\n" +
				"Restart the validation at DigiCert, then apply again.",
		},
		"the key is refused": {
			script: script{failing(&client.Error{Kind: client.KindForbidden, Service: "DigiCert", Method: http.MethodGet,
				URL: "https://api.example/order/1", StatusCode: 403,
				Code: "access_denied|missing_permission", Message: "no", Attempts: 1})},
			summary: "Unable to Read DigiCert Order",
		},
		"the token has ended": {
			script:  script{order(pending)},
			late:    true,
			summary: "Tokens Ended",
			detail: "Order 20001 at DigiCert waits for names whose tokens have all ended. 0 of 1 names validated (example.com: pending).\n\n" +
				"example.com: pending (method dns-cname-token)\n" +
				"  expected:      _dnsauth.example.com CNAME t1.dcv.digicert.com.\n" +
				"  observed:      old.dcv.digicert.com\n" +
				"  servers asked: 192.0.2.1:53, 192.0.2.2:53\n" +
				"  token ended:   2026-12-22T00:00:00+00:00\n" +
				"  No record validates the name with this token. Have DigiCert make a new one; certops never does that by itself.",
		},
		"the key may not see the domains": {
			script: script{func() (dcv.Order, error) {
				return dcv.Order{
					Challenges: []dcv.Challenge{challenge("example.com", dcv.StatusPending, nil)},
					Unread: []dcv.Unread{{Part: "the DCV token of domain 7", Err: &client.Error{
						Kind: client.KindForbidden, Service: "DigiCert", Method: http.MethodGet, URL: "https://api.example/domain/7", StatusCode: 403,
						Code: "access_denied|missing_permission", Message: "no", Attempts: 1,
					}}},
				}, nil
			}},
			published: map[string]bool{"_dnsauth.example.com": true},
			summary:   "Records Not Readable",
		},
		"it can never be read": {
			script:  script{failing(unavailable())},
			summary: "Timed Out Waiting for Validation",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := &fakeClock{}
			if test.late {
				clock.time = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
			}
			w := newTestWaiter(clock, test.script.read())
			w.published = test.published
			_, diags := w.wait(t.Context())
			if len(diags) != 1 {
				t.Fatalf("want one diagnostic, got %v", diags)
			}
			if got := diags[0].Summary(); got != test.summary {
				t.Errorf("summary %q, want %q", got, test.summary)
			}
			if diff := cmp.Diff(test.detail, diags[0].Detail()); test.detail != "" && diff != "" {
				t.Errorf("detail (-want +got):\n%s", diff)
			}
		})
	}
}

// Without record_fqdns a refused read is no reason not to wait, but the reason for what cannot be told.
func TestWaiterTellsWhatItCouldNotRead(t *testing.T) {
	t.Parallel()
	w := newTestWaiter(&fakeClock{}, script{func() (dcv.Order, error) {
		return dcv.Order{
			Challenges: []dcv.Challenge{challenge("example.com", dcv.StatusPending, nil)},
			Unread: []dcv.Unread{{Part: "the DCV token of domain 7", Err: &client.Error{
				Kind: client.KindForbidden, Service: "DigiCert", Method: http.MethodGet, URL: "https://api.example/domain/7", StatusCode: 403,
				Attempts: 1,
			}}},
		}, nil
	}}.read())
	_, diags := w.wait(t.Context())
	if len(diags) != 1 {
		t.Fatalf("want one diagnostic, got %v", diags)
	}
	for _, want := range []string{"Its record could not be read, see below.", "Reading the DCV token of domain 7 of order 20001 at " +
		"DigiCert failed: HTTP 403 Forbidden"} {
		if !strings.Contains(diags[0].Detail(), want) {
			t.Errorf("detail lacks %q:\n%s", want, diags[0].Detail())
		}
	}
}

func TestWaiterStopsAtOnce(t *testing.T) {
	t.Parallel()
	w := newTestWaiter(&fakeClock{}, script{order(challenge("example.com", dcv.StatusPending, nil))}.read())
	w.clock = base.SystemClock
	w.interval = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	_, diags := w.wait(ctx)
	if elapsed := time.Since(start); elapsed > time.Second {
		t.Errorf("took %s to stop", elapsed)
	}
	if len(diags) != 1 || diags[0].Summary() != "Interrupted" {
		t.Errorf("want one diagnostic %q, got %v", "Interrupted", diags)
	}
}

func TestPassing(t *testing.T) {
	t.Parallel()
	if isTransient(errors.New("something else"), true) {
		t.Error("an error of no known kind counts as passing")
	}
	const never, later, always = 0, 1, 2
	for kind, when := range map[client.Kind]int{
		client.KindUnavailable: always, client.KindRateLimited: always, client.KindTimeout: always, client.KindNetwork: always,
		client.KindDNS: later, client.KindBody: later,
		client.KindUnauthorized: never, client.KindForbidden: never, client.KindNotFound: never, client.KindTLS: never, client.KindDecode: never,
	} {
		for _, seen := range []bool{false, true} {
			want := when == always || when == later && seen
			if got := isTransient(&client.Error{Kind: kind}, seen); got != want {
				t.Errorf("passing(%s, %t) = %t, want %t", kind, seen, got, want)
			}
		}
	}
}
