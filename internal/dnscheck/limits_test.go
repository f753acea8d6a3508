// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnstest"
)

// A server that stops answering in the middle of a check is given up before it holds everything up.
func TestCheckServerDiesMidway(t *testing.T) {
	t.Parallel()
	expectations, example, other := many(60)
	n := dnstest.Start(t, tree(example, example, other, nil)...)
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
	for key, got := range checker(n).Check(t.Context(), expectations) {
		if got.Status != dnscheck.StatusPublished && got.Status != dnscheck.StatusMissing {
			t.Errorf("%s: %q: %s", key, got.Status, got.Message)
		}
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
}

// A delegation may name any number of servers; not all of them are asked.
func TestCheckManyNameservers(t *testing.T) {
	t.Parallel()
	var registry []string
	for i := range 200 {
		registry = append(registry, fmt.Sprintf("many.test. 60 IN NS ns%d.deep%d.other.test.", i, i))
	}
	n := dnstest.Start(t, tree([]string{nsOther}, []string{nsOther}, nil, registry)...)
	got := checkOne(t, checker(n), txt("many.test", "x9Kq"))
	if got.Status != dnscheck.StatusError {
		t.Errorf("got %q: %s", got.Status, got.Message)
	}
	if sent := n.Queries(otherIP); sent > 300 {
		t.Errorf("%d queries sent to one server for one record", sent)
	}
	if len(got.Message) > 3000 {
		t.Errorf("the message has %d bytes", len(got.Message))
	}
}

// Delegations that lead to ever more delegations end at a bound.
func TestCheckEndlessDelegations(t *testing.T) {
	t.Parallel()
	n := dnstest.Start(t, tree([]string{nsOther}, []string{nsOther}, nil, nil)...)
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
	got := checkOne(t, checker(n), txt("a.b.c.other.test", "x9Kq"))
	if got.Status != dnscheck.StatusError {
		t.Errorf("got %q: %s", got.Status, got.Message)
	}
	if took, sent := time.Since(start), n.Queries(otherIP); took > 10*time.Second || sent > 5000 {
		t.Errorf("took %s and %d queries", took, sent)
	}
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

// 500 records with one server of their zone dead end in seconds, leave nothing behind and come out the same twice.
func TestCheckManyRecords(t *testing.T) {
	expectations, example, other := many(500)
	n := dnstest.Start(t, tree(example, example, other, nil)...)
	n.Silence(ns2IP, true)
	c := checker(n)
	c.Timeout = time.Second

	before := runtime.NumGoroutine()
	start := time.Now()
	first := c.Check(t.Context(), expectations)
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s, want less than 10 s", took)
	} else {
		t.Logf("took %s", took)
	}
	settled(t, before)

	counts := make(map[string]int)
	for _, result := range first {
		counts[result.Status+" "+result.CAA]++
	}
	want := map[string]int{
		dnscheck.StatusPublished + " allowed": 214, dnscheck.StatusMissing + " allowed": 36,
		dnscheck.StatusPublished + " none": 214, dnscheck.StatusMissing + " none": 36,
	}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	if sent := n.Queries(ns2IP); sent > 20 {
		t.Errorf("%d queries went to the dead server", sent)
	}
	// Delegations are asked for once, not once for each record.
	if roots := n.Queries(rootIP); roots > 20 {
		t.Errorf("%d queries went to the root server", roots)
	}
	if diff := cmp.Diff(first, c.Check(t.Context(), expectations)); diff != "" {
		t.Errorf("a second check differs (-first +second):\n%s", diff)
	}
}

func TestCheckCanceled(t *testing.T) {
	expectations, example, other := many(100)
	tests := map[string]struct {
		context func(t *testing.T) context.Context
		message string
	}{
		"canceled": {
			context: func(t *testing.T) context.Context {
				ctx, cancel := context.WithCancel(t.Context())
				timer := time.AfterFunc(100*time.Millisecond, cancel)
				t.Cleanup(func() { timer.Stop(); cancel() })
				return ctx
			},
			message: "The check was stopped before",
		},
		"timed out": {
			context: func(t *testing.T) context.Context {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				t.Cleanup(cancel)
				return ctx
			},
			message: "The time allowed ended before",
		},
	}
	for name, test := range tests {
		for _, dead := range []string{rootIP, ns1IP} {
			t.Run(name+" at "+dead, func(t *testing.T) {
				n := dnstest.Start(t, tree(example, example, other, nil)...)
				n.Silence(dead, true)
				n.Silence(ns2IP, true)
				c := checker(n)
				c.Timeout = time.Minute
				before := runtime.NumGoroutine()
				ctx := test.context(t)
				start := time.Now()
				results := c.Check(ctx, expectations)
				if took := time.Since(start); took > time.Second {
					t.Errorf("took %s", took)
				}
				settled(t, before)
				if len(results) != len(expectations) {
					t.Errorf("%d results for %d expectations", len(results), len(expectations))
				}
				for key, result := range results {
					if result.Status != dnscheck.StatusError || !strings.HasPrefix(result.Message, test.message) {
						t.Fatalf("%s: %q: %s", key, result.Status, result.Message)
					}
				}
			})
		}
	}
}

// settled fails when more goroutines run than before. Those of the test servers end a moment after their query.
func settled(t *testing.T, before int) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Second)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(10 * time.Millisecond)
	}
}
