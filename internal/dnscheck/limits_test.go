// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnstest"
)

// A server that stops answering in the middle of a check is given up before it holds everything up.
func TestCheckServerDiesMidway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		expectations, example, other := many(280)
		n := dnstest.New(t, tree(example, example, other, nil)...)
		var mu sync.Mutex
		answered := 0
		n.Handle(ns2IP, func(*dns.Msg, string) *dns.Msg {
			mu.Lock()
			answered++
			if answered == 10 {
				n.Silence(ns2IP, true)
			}
			mu.Unlock()
			return nil
		})
		start := time.Now()
		for key, got := range withoutNetwork(n).Check(t.Context(), expectations) {
			if got.Status != dnscheck.StatusPublished && got.Status != dnscheck.StatusMissing {
				t.Errorf("%s: %q: %s", key, got.Status, got.Message)
			}
		}
		// A query is sent twice, and a server that has answered before is given up after three.
		if took := time.Since(start); took < 2*silence || took > 3*2*silence {
			t.Errorf("took %s, want %s to %s", took, 2*silence, 3*2*silence)
		}
	})
}

// A delegation may name any number of servers; not all of them are asked.
func TestCheckManyNameservers(t *testing.T) {
	t.Parallel()
	var registry []string
	for i := range 200 {
		registry = append(registry, fmt.Sprintf("many.test. 60 IN NS ns%d.deep%d.other.test.", i, i))
	}
	n := dnstest.New(t, tree([]string{nsOther}, []string{nsOther}, nil, registry)...)
	got := checkOne(t, withoutNetwork(n), txt("many.test", "x9Kq"))
	if got.Status != dnscheck.StatusError {
		t.Errorf("got %q: %s", got.Status, got.Message)
	}
	if sent := n.Queries(otherIP); sent == 0 || sent > 50 {
		t.Errorf("%d queries sent to one server for one record", sent)
	}
	if len(got.Message) > 3000 {
		t.Errorf("the message has %d bytes", len(got.Message))
	}
}

// Delegations that lead to ever more delegations end at a bound.
func TestCheckEndlessDelegations(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := dnstest.New(t, tree([]string{nsOther}, []string{nsOther}, nil, nil)...)
		n.Handle(otherIP, func(q *dns.Msg, _ string) *dns.Msg {
			m := reply(q, dns.RcodeSuccess)
			name := q.Question[0].Name
			for i := range 16 {
				ns := &dns.NS{Ns: fmt.Sprintf("n%d.%x.other.test.", i, len(name)+i)}
				ns.Hdr = dns.RR_Header{Name: name, Rrtype: dns.TypeNS, Class: dns.ClassINET}
				m.Ns = append(m.Ns, ns)
			}
			return m
		})
		start := time.Now()
		got := checkOne(t, withoutNetwork(n), txt("a.b.c.other.test", "x9Kq"))
		if got.Status != dnscheck.StatusError || !strings.Contains(got.Message, "more than 500 queries") {
			t.Errorf("got %q: %s", got.Status, got.Message)
		}
		if took, sent := time.Since(start), n.Queries(otherIP); took != 0 || sent < 2 || sent > 50 {
			t.Errorf("took %s and %d queries", took, sent)
		}
	})
}

// many is n records over two zones, and the zones' data. Every seventh is missing.
func many(n int) (map[string]dnscheck.Expectation, []string, []string) {
	expectations := make(map[string]dnscheck.Expectation, n)
	data := map[string][]string{}
	for i := range n {
		zone := []string{"example.test", "other.test"}[i%2]
		host := fmt.Sprintf("_dnsauth.h%d.%s", i, zone)
		e := txt(host, fmt.Sprintf("value %d", i))
		e.Issuers = dnscheck.DigiCertIssuers
		expectations[host] = e
		if i%7 != 0 {
			data[zone] = append(data[zone], fmt.Sprintf(`%s. 60 IN TXT "value %d"`, host, i))
		}
	}
	return expectations, append(data["example.test"], nsOther, `example.test. 60 IN CAA 0 issue "digicert.com"`), data["other.test"]
}

// More records than a check looks up at a time, with one server of their zone dead, end after one time-out, leave nothing behind
// and come out the same twice.
func TestCheckManyRecords(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		expectations, example, other := many(140)
		n := dnstest.New(t, tree(example, example, other, nil)...)
		n.Silence(ns2IP, true)
		c := withoutNetwork(n)
		start := time.Now()
		first := c.Check(t.Context(), expectations)
		if took := time.Since(start); took != 2*silence {
			t.Errorf("took %s, want %s", took, 2*silence)
		}

		settled(t, n)
		counts := make(map[string]int)
		for _, result := range first {
			counts[result.Status+" "+result.CAA]++
		}
		want := map[string]int{
			dnscheck.StatusPublished + " allowed": 60, dnscheck.StatusMissing + " allowed": 10,
			dnscheck.StatusPublished + " none": 60, dnscheck.StatusMissing + " none": 10,
		}
		if diff := cmp.Diff(want, counts); diff != "" {
			t.Errorf("statuses (-want +got):\n%s", diff)
		}
		if sent := n.Queries(ns2IP); sent != 2 {
			t.Errorf("%d queries went to the dead server, want one that is sent twice", sent)
		}
		// Delegations are asked for once, not once for each record.
		if roots := n.Queries(rootIP); roots != 1 {
			t.Errorf("%d queries went to the root server, want one", roots)
		}
		if diff := cmp.Diff(first, c.Check(t.Context(), expectations)); diff != "" {
			t.Errorf("a second check differs (-first +second):\n%s", diff)
		}
	})
}

func TestCheckCanceled(t *testing.T) {
	t.Parallel()
	const after = 100 * time.Millisecond
	expectations, example, other := many(100)
	tests := map[string]struct {
		context func(context.Context) (context.Context, context.CancelFunc)
		message string
	}{
		"canceled": {
			context: func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(after, cancel)
				return ctx, cancel
			},
			message: "The check was stopped before",
		},
		"timed out": {
			context: func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, after)
			},
			message: "The time allowed ended before",
		},
	}
	for name, test := range tests {
		for _, dead := range []string{rootIP, ns1IP} {
			t.Run(name+" at "+dead, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					n := dnstest.New(t, tree(example, example, other, nil)...)
					n.Silence(dead, true)
					n.Silence(ns2IP, true)
					ctx, cancel := test.context(t.Context())
					defer cancel()
					start := time.Now()
					results := withoutNetwork(n).Check(ctx, expectations)
					if took := time.Since(start); took != after {
						t.Errorf("took %s, want %s", took, after)
					}
					settled(t, n)
					if len(results) != len(expectations) {
						t.Errorf("%d results for %d expectations", len(results), len(expectations))
					}
					for key, result := range results {
						if result.Status != dnscheck.StatusError || !strings.HasPrefix(result.Message, test.message) {
							t.Fatalf("%s: %q: %s", key, result.Status, result.Message)
						}
					}
				})
			})
		}
	}
}

// settled demands that a check in a bubble has left nothing behind. Its goroutines have to end for the bubble to end; those
// that would do so later have a connection open.
func settled(t *testing.T, n *dnstest.Net) {
	t.Helper()
	synctest.Wait()
	if open := n.Connections(); open != 0 {
		t.Errorf("%d connections are open", open)
	}
}
