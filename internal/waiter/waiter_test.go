// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package waiter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

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
	return &client.Error{Kind: client.KindUnavailable, Message: "HTTP 503"}
}

func newTestWaiter(read func(context.Context) (dcv.Order, error)) Waiter {
	return Waiter{
		Order:   "order 20001 at DigiCert",
		Vendor:  "DigiCert",
		Issuers: dnscheck.DigiCertIssuers,
		Read:    read,
		Describe: func(part string, err error) string {
			return fmt.Sprintf("Reading %q failed: %s.", part, err)
		},
		Look: func(_ context.Context, expectations map[string]dnscheck.Expectation) map[string]dnscheck.Result {
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
		Interval: 30 * time.Second,
		Timeout:  10 * time.Minute,
	}
}

// wantFailure returns the failure that the error is.
func wantFailure(t *testing.T, err error) *Failure {
	t.Helper()
	failure, ok := errors.AsType[*Failure](err)
	if !ok {
		t.Fatalf("got %v, want a failure", err)
	}
	return failure
}

func TestWaitUntilValidated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := script{
			order(), // not placed yet
			order(challenge("example.com", dcv.StatusPending, cnameOf("example.com", "t1"))),
			failing(unavailable()),
			order(challenge("example.com", dcv.StatusPending, cnameOf("example.com", "t1"))),
			order(challenge("example.com", dcv.StatusValidated, nil)),
		}.read()
		start := time.Now()
		var times []time.Duration
		w := newTestWaiter(func(ctx context.Context) (dcv.Order, error) {
			times = append(times, time.Since(start))
			return answers(ctx)
		})
		w.Published = map[string]bool{"_dnsauth.example.com": true}
		got, err := w.Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !got.Done() {
			t.Errorf("the order is not validated: %s", got.Progress())
		}
		want := []time.Duration{0, 30 * time.Second, 75 * time.Second, 142500 * time.Millisecond, 243750 * time.Millisecond}
		if diff := cmp.Diff(want, times); diff != "" {
			t.Errorf("times of the reads (-want +got):\n%s", diff)
		}
	})
}

// An order that went through between two looks no longer lists its names.
func TestWaitKeepsNamesOfAnIssuedOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTestWaiter(script{
			order(challenge("example.com", dcv.StatusPending, nil), challenge("www.example.com", dcv.StatusPending, nil)),
			func() (dcv.Order, error) { return dcv.Order{Issued: true, Names: []string{"example.com"}}, nil },
		}.read())
		got, err := w.Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"example.com", "www.example.com"}, slices.Sorted(maps.Keys(got.Statuses()))); diff != "" {
			t.Errorf("names (-want +got):\n%s", diff)
		}
	})
}

// Records that cannot stand side by side are told as what they are, and names without statuses are never results.
func TestWaitMeetsAConflict(t *testing.T) {
	conflicting := func(status dcv.Status, issued bool) func() (dcv.Order, error) {
		return func() (dcv.Order, error) {
			return dcv.Order{Issued: issued, Challenges: []dcv.Challenge{challenge("example.com", status, cnameOf("example.com", "t1")),
				challenge("example.com", status, cnameOf("example.com", "t2"))}}, nil
		}
	}
	open := order(challenge("example.com", dcv.StatusPending, cnameOf("example.com", "t1")))
	for name, answers := range map[string]script{
		"at once":            {conflicting(dcv.StatusPending, false)},
		"later":              {open, conflicting(dcv.StatusPending, false)},
		"although validated": {conflicting(dcv.StatusValidated, false)},
		"validated later":    {open, conflicting(dcv.StatusValidated, false)},
	} {
		synctest.Test(t, func(t *testing.T) {
			_, err := newTestWaiter(answers.read()).Wait(t.Context())
			if _, ok := errors.AsType[*dcv.ConflictError](err); !ok {
				t.Errorf("%s: got %v", name, err)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		got, err := newTestWaiter(script{open, conflicting(dcv.StatusValidated, true)}.read()).Wait(t.Context())
		if err != nil || got.Statuses()["example.com"].Status != dcv.StatusValidated {
			t.Errorf("got %v, %v", got.Statuses(), err)
		}
	})
}

// A name that was open and is not listed any more is not validated.
func TestWaitMissesAName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTestWaiter(script{
			order(challenge("example.com", dcv.StatusPending, nil), challenge("b.example.com", dcv.StatusPending, nil)),
			order(challenge("example.com", dcv.StatusValidated, nil)),
		}.read())
		_, err := w.Wait(t.Context())
		if got := wantFailure(t, err); got.Title != "Name No Longer Listed" || !strings.Contains(got.Detail, "listed b.example.com among") {
			t.Errorf("got %v", got)
		}
	})
}

func TestWaitTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		w := newTestWaiter(script{order(
			challenge("*.example.com", dcv.StatusPending, cnameOf("example.com", "t1")),
			challenge("example.com", dcv.StatusPending, cnameOf("example.com", "t1")),
			challenge("mail.example.net", dcv.StatusUnknown, nil),
			challenge("www.example.com", dcv.StatusValidated, nil),
		)}.read())
		_, err := w.Wait(t.Context())
		failure := wantFailure(t, err)
		want := `Order 20001 at DigiCert was not validated within 10m0s. 1 of 4 names validated (*.example.com: pending, ` +
			`example.com: pending, mail.example.net: unknown).

*.example.com, example.com: pending (method dns-cname-token)
  expected:      _dnsauth.example.com CNAME t1.dcv.digicert.com.
  observed:      old.dcv.digicert.com
  servers asked: 192.0.2.1:53, 192.0.2.2:53
  token expires: 2026-12-22T00:00:00+00:00
  Replace the value of _dnsauth.example.com.

mail.example.net: unknown (method dns-cname-token)
  DigiCert gives no token: the order may not be placed with the certificate authority yet, or the token has ended.

Remove the cause, then apply again. If the authority only needs more time, raise ` + "`timeouts.create`."
		if diff := cmp.Diff(want, failure.Detail); diff != "" {
			t.Errorf("detail (-want +got):\n%s", diff)
		}
		if got := time.Since(start); got != w.Timeout {
			t.Errorf("waited %s, want %s", got, w.Timeout)
		}
	})
}

// A record that is right leaves one thing to do: have the authority look. Whoever has just done that reads something else.
func TestWaitAdvisesToLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTestWaiter(script{order(challenge("example.com", dcv.StatusPending, cnameOf("example.com", "t1")))}.read())
		w.Look = func(_ context.Context, expectations map[string]dnscheck.Expectation) map[string]dnscheck.Result {
			results := make(map[string]dnscheck.Result)
			for key := range expectations {
				results[key] = dnscheck.Result{Status: dnscheck.StatusPublished}
			}
			return results
		}
		for _, test := range []struct {
			advice string
			looked bool
			want   string
		}{
			{"Do this.", false, "\n  The record is right; DigiCert has not looked, or has looked and kept an old response. Do this.\n"},
			{"", false, "\n  The record is right; DigiCert has not looked, or has looked and kept an old response.\n"},
			{"Do this.", true, "\n  The record is right. DigiCert looked and is not satisfied: it may have kept an old response, or one of its " +
				"servers in other regions does not see the record yet.\n"},
		} {
			w.Advice, w.Looked = test.advice, test.looked
			_, err := w.Wait(t.Context())
			if failure := wantFailure(t, err); !strings.Contains(failure.Detail, test.want) {
				t.Errorf("detail lacks %q:\n%s", test.want, failure.Detail)
			}
		}
	})
}

// A client that waits out an outage does not stretch the time to wait.
func TestWaitBoundsARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		w := newTestWaiter(func(ctx context.Context) (dcv.Order, error) {
			<-ctx.Done()
			return dcv.Order{}, &client.Error{Kind: client.KindTimeout, Err: ctx.Err()}
		})
		_, err := w.Wait(t.Context())
		if got := wantFailure(t, err); got.Title != "Timed Out Waiting for Validation" || time.Since(start) != w.Timeout+lastRead {
			t.Errorf("got %v after %s", got, time.Since(start))
		}
	})
}

func TestWaitGivesUp(t *testing.T) {
	t.Parallel()
	pending := challenge("example.com", dcv.StatusPending, cnameOf("example.com", "t1"))
	tests := map[string]struct {
		script    script
		published map[string]bool
		late      bool
		title     string
		detail    string
	}{
		"a record is not published": {
			script:    script{order(pending)},
			published: map[string]bool{"_dnsauth.example.org": true},
			title:     "DNS Record Not Published",
			detail: "Order 20001 at DigiCert cannot be validated, because `record_fqdns` does not name every record it needs. Missing:\n\n" +
				"  _dnsauth.example.com CNAME t1.dcv.digicert.com.\n\n" +
				"Publish them, and pass the names of all the DNS resources. A certops_dcv_records has only the records of its `domains`: " +
				"check that every name of the order is there. If the order was made or changed in this apply, a certops_dcv_records " +
				"may have kept its earlier records, as its warning says: then apply again. `record_fqdns` has: _dnsauth.example.org.",
		},
		"the order was canceled": {
			script: script{func() (dcv.Order, error) {
				return dcv.Order{Challenges: []dcv.Challenge{challenge("example.com", dcv.StatusPending, nil)}, Ended: "the order has the status " +
					"canceled"}, nil
			}},
			title:  "Order Ended",
			detail: "Order 20001 at DigiCert can no longer be validated: the order has the status canceled. Place a new order.",
		},
		"a validation failed": {
			script: script{order(challenge("example.com", dcv.StatusFailed, nil))},
			title:  "Validation Failed",
			detail: "Order 20001 at DigiCert has a name whose validation failed. Waiting does not help. 0 of 1 names validated (example.com: " +
				"failed).\n\n" +
				"example.com: failed (method dns-cname-token)\n  DigiCert gives no token: the order may not be placed with the certificate " +
				"authority yet, or the token has ended.\n\n" +
				"Restart the validation at DigiCert, then apply again.",
		},
		"the token has ended": {
			script: script{order(pending)},
			late:   true,
			title:  "Tokens Ended",
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
					Unread:     []dcv.Unread{{Part: "the DCV token of domain 7", Err: &client.Error{Kind: client.KindForbidden, Message: "HTTP 403"}}},
				}, nil
			}},
			published: map[string]bool{"_dnsauth.example.com": true},
			title:     "Records Not Readable",
		},
		"it can never be read": {
			script: script{failing(unavailable())},
			title:  "Timed Out Waiting for Validation",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if test.late {
					time.Sleep(time.Until(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)))
				}
				w := newTestWaiter(test.script.read())
				w.Published = test.published
				_, err := w.Wait(t.Context())
				failure := wantFailure(t, err)
				if failure.Title != test.title || failure.Published != (test.published != nil) {
					t.Errorf("got %q (published: %t), want %q", failure.Title, failure.Published, test.title)
				}
				if diff := cmp.Diff(test.detail, failure.Detail); test.detail != "" && diff != "" {
					t.Errorf("detail (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A read that will not get better ends the waiting, with its own error.
func TestWaitRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := &client.Error{Kind: client.KindForbidden}
		_, err := newTestWaiter(script{failing(refused)}.read()).Wait(t.Context())
		if read, ok := errors.AsType[*ReadError](err); !ok || !errors.Is(read.Err, refused) {
			t.Errorf("got %v", err)
		}
	})
}

// Without record_fqdns a refused read is no reason not to wait, but the reason for what cannot be told.
func TestWaitTellsWhatItCouldNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTestWaiter(script{func() (dcv.Order, error) {
			return dcv.Order{
				Challenges: []dcv.Challenge{challenge("example.com", dcv.StatusPending, nil)},
				Unread:     []dcv.Unread{{Part: "the DCV token of domain 7", Err: &client.Error{Kind: client.KindForbidden, Message: "HTTP 403"}}},
			}, nil
		}}.read())
		_, err := w.Wait(t.Context())
		failure := wantFailure(t, err)
		for _, want := range []string{"Its record could not be read, see below.", `Reading "the DCV token of domain 7" failed: `} {
			if !strings.Contains(failure.Detail, want) {
				t.Errorf("detail lacks %q:\n%s", want, failure.Detail)
			}
		}
	})
}

func TestWaitStopsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTestWaiter(script{order(challenge("example.com", dcv.StatusPending, nil))}.read())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := w.Wait(ctx)
		if got := wantFailure(t, err); got.Title != "Interrupted" || time.Since(start) != time.Second {
			t.Errorf("got %v after %s", got, time.Since(start))
		}
	})
}

func TestTransient(t *testing.T) {
	t.Parallel()
	if isTransient(errors.New("something else"), true) {
		t.Error("an error of no known kind counts as transient")
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
				t.Errorf("isTransient(%s, %t) = %t, want %t", kind, seen, got, want)
			}
		}
	}
}
