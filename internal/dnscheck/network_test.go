// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnstest"
)

// published is a zone with the record that the tests of this file look for.
var published = []string{`example.test. 60 IN TXT "x9Kq"`}

// reply is an empty answer to a query.
func reply(query *dns.Msg, code int) *dns.Msg {
	m := new(dns.Msg)
	m.SetRcode(query, code)
	return m
}

func records(t *testing.T, lines ...string) []dns.RR {
	t.Helper()
	var set []dns.RR
	for _, line := range lines {
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		set = append(set, rr)
	}
	return set
}

// A server that misbehaves must not hide what the other one says, and must be named.
func TestCheckBesideABadServer(t *testing.T) {
	tests := map[string]struct {
		handler func(t *testing.T) dnstest.Handler // of ns2; nil silences it
		status  string                             // "" for published
		message string
	}{
		"silent": {
			message: "No usable answer came from the rest: ns2.example.test (127.0.0.4:PORT) did not answer within 500ms.",
		},
		"REFUSED": {
			handler: func(*testing.T) dnstest.Handler {
				return func(q *dns.Msg, _ string) *dns.Msg { return reply(q, dns.RcodeRefused) }
			},
			message: "ns2.example.test (127.0.0.4:PORT) answered REFUSED.",
		},
		"SERVFAIL": {
			handler: func(*testing.T) dnstest.Handler {
				return func(q *dns.Msg, _ string) *dns.Msg { return reply(q, dns.RcodeServerFailure) }
			},
			message: "answered SERVFAIL.",
		},
		"lame": {
			handler: func(t *testing.T) dnstest.Handler {
				answer := records(t, `example.test. 60 IN TXT "from a cache"`)
				return func(q *dns.Msg, _ string) *dns.Msg {
					m := reply(q, dns.RcodeSuccess)
					m.RecursionAvailable, m.Answer = true, answer
					return m
				}
			},
			message: "is not authoritative for example.test.",
		},
		"refers upwards": {
			handler: func(t *testing.T) dnstest.Handler {
				root := records(t, ". 60 IN NS a.root.")
				return func(q *dns.Msg, _ string) *dns.Msg {
					m := reply(q, dns.RcodeSuccess)
					m.Ns = root
					return m
				}
			},
			message: "is not authoritative for example.test.",
		},
		"refers to itself": {
			handler: func(t *testing.T) dnstest.Handler {
				same := records(t, "example.test. 60 IN NS ns2.example.test.")
				return func(q *dns.Msg, _ string) *dns.Msg {
					m := reply(q, dns.RcodeSuccess)
					m.Ns = same
					return m
				}
			},
			message: "is not authoritative for example.test.",
		},
		"answers with another ID": {
			handler: func(*testing.T) dnstest.Handler {
				return func(q *dns.Msg, _ string) *dns.Msg {
					m := reply(q, dns.RcodeNameError)
					if m.Id++; m.Id == 0 {
						m.Id = 1
					}
					m.Authoritative = true
					return m
				}
			},
			message: "did not answer within 500ms",
		},
		"answers another question": {
			handler: func(*testing.T) dnstest.Handler {
				return func(q *dns.Msg, _ string) *dns.Msg {
					m := reply(q, dns.RcodeNameError)
					m.Question = []dns.Question{{Name: "example.org.", Qtype: dns.TypeTXT, Qclass: dns.ClassINET}}
					m.Authoritative = true
					return m
				}
			},
			message: "did not answer within 500ms",
		},
		"echoes the query": {
			handler: func(*testing.T) dnstest.Handler {
				return func(q *dns.Msg, _ string) *dns.Msg { return q.Copy() }
			},
			message: "did not answer within 500ms",
		},
		"says truncated and closes TCP": {
			handler: func(*testing.T) dnstest.Handler {
				return func(q *dns.Msg, network string) *dns.Msg {
					m := reply(q, dns.RcodeSuccess)
					m.Authoritative, m.Truncated = true, network == "udp"
					if network == "tcp" {
						m.Question = nil
					}
					return m
				}
			},
			message: "over TCP it sent an answer that is not a DNS message",
		},
		"says truncated and is silent over TCP": {
			handler: func(*testing.T) dnstest.Handler {
				return func(q *dns.Msg, network string) *dns.Msg {
					if network == "tcp" {
						return dnstest.Drop
					}
					m := reply(q, dns.RcodeSuccess)
					m.Authoritative, m.Truncated = true, true
					return m
				}
			},
			message: "ns2.example.test (127.0.0.4:PORT) has an answer too large for UDP, but over TCP it did not answer within 500ms.",
		},
		"records of other names": {
			handler: func(t *testing.T) dnstest.Handler {
				foreign := records(t, `example.org. 60 IN TXT "x9Kq"`)
				return func(q *dns.Msg, _ string) *dns.Msg {
					m := reply(q, dns.RcodeSuccess)
					m.Authoritative, m.Answer = true, foreign
					return m
				}
			},
			status:  dnscheck.StatusMissing,
			message: "ns2.example.test (127.0.0.4:PORT) has no TXT record at example.test",
		},
		"no EDNS0": {
			handler: func(t *testing.T) dnstest.Handler {
				answer := records(t, published...)
				return func(q *dns.Msg, _ string) *dns.Msg {
					if q.IsEdns0() != nil {
						m := reply(q, dns.RcodeFormatError)
						m.Question = nil
						return m
					}
					m := reply(q, dns.RcodeSuccess)
					m.Authoritative = true
					if q.Question[0].Qtype == dns.TypeTXT {
						m.Answer = answer
					}
					return m
				}
			},
			message: "each of the 2 servers",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := dnstest.Start(t, tree(published, published, nil, nil)...)
			if test.handler == nil {
				n.Silence(ns2IP, true)
			} else {
				n.Handle(ns2IP, test.handler(t))
			}
			got := checkOne(t, checker(n), txt("example.test", "x9Kq"))
			want := test.status
			if want == "" {
				want = dnscheck.StatusPublished
			}
			if got.Status != want {
				t.Errorf("status %q, want %q", got.Status, want)
			}
			if part := strings.ReplaceAll(test.message, "PORT", n.Port); !strings.Contains(got.Message, part) {
				t.Errorf("message lacks %q:\n%s", part, got.Message)
			}
		})
	}
}

func TestCheckAllServersDead(t *testing.T) {
	t.Parallel()
	n := dnstest.Start(t, tree(published, published, nil, nil)...)
	n.Silence(ns1IP, true)
	n.Silence(ns2IP, true)
	got := checkOne(t, checker(n), txt("example.test", "x9Kq"))
	if got.Status != dnscheck.StatusError || got.CAA != "" {
		t.Errorf("got %q, CAA %q, want an error and no CAA", got.Status, got.CAA)
	}
	for _, part := range []string{"no server of the zone example.test", "ns1.example.test (127.0.0.3:", "ns2.example.test (127.0.0.4:", "did not answer within 500ms"} {
		if !strings.Contains(got.Message, part) {
			t.Errorf("message lacks %q:\n%s", part, got.Message)
		}
	}
}

func TestCheckNoRootAnswers(t *testing.T) {
	t.Parallel()
	listener, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.LocalAddr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	got := checkOne(t, &dnscheck.Checker{Roots: []string{closed}}, txt("example.test", "x9Kq"))
	if got.Status != dnscheck.StatusError || !strings.Contains(got.Message, closed+" refused the connection") {
		t.Errorf("got %q: %s", got.Status, got.Message)
	}
}

// An RRset larger than a datagram comes over TCP.
func TestCheckTruncated(t *testing.T) {
	t.Parallel()
	large := slices.Clone(published)
	for i := range 100 {
		large = append(large, fmt.Sprintf(`example.test. 60 IN TXT "filler %03d %s"`, i, strings.Repeat("x", 200)))
	}
	n := dnstest.Start(t, tree(large, large, nil, nil)...)
	got := checkOne(t, checker(n), txt("example.test", "x9Kq"))
	if got.Status != dnscheck.StatusPublished {
		t.Errorf("got %q: %s", got.Status, got.Message)
	}
	if len(got.Observed) > 60 || len(got.Message) > 2000 {
		t.Errorf("%d values observed and %d bytes of message, want them bounded", len(got.Observed), len(got.Message))
	}
}

// A zone may list servers that its parent does not know.
func TestCheckServersOfTheZoneItself(t *testing.T) {
	t.Parallel()
	more := join(published, []string{"example.test. 60 IN NS ns-other.example.test.", nsOther})
	zones := tree(more, more, nil, nil)
	zones = append(zones, dnstest.Zone{Apex: "example.test", Servers: []string{otherIP}, Records: apexRecords})
	n := dnstest.Start(t, zones...)
	got := checkOne(t, checker(n), txt("example.test", "x9Kq"))
	if got.Status != dnscheck.StatusMissing || !strings.Contains(got.Message, "ns-other.example.test (127.0.0.5:"+n.Port+") has no TXT record") {
		t.Errorf("got %q: %s", got.Status, got.Message)
	}
}

// One server for a zone and its child answers for the child without ever referring to it.
func TestCheckParentAndChildOnOneServer(t *testing.T) {
	t.Parallel()
	delegation := []string{"dev.example.test. 60 IN NS ns1.example.test.", "dev.example.test. 60 IN NS ns-other.example.test.", nsOther}
	zones := tree(delegation, delegation, nil, nil)
	zones = append(zones,
		dnstest.Zone{Apex: "dev.example.test", Servers: []string{ns1IP, ns2IP}, Records: []string{
			"dev.example.test. 60 IN NS ns1.example.test.",
			"dev.example.test. 60 IN NS ns-other.example.test.",
			`_dnsauth.dev.example.test. 60 IN TXT "x9Kq"`,
		}},
		dnstest.Zone{Apex: "dev.example.test", Servers: []string{otherIP}, Records: []string{
			"dev.example.test. 60 IN NS ns-other.example.test.",
		}})
	n := dnstest.Start(t, zones...)
	got := checkOne(t, checker(n), txt("_dnsauth.dev.example.test", "x9Kq"))
	if got.Status != dnscheck.StatusMissing {
		t.Errorf("got %q: %s", got.Status, got.Message)
	}
	want := []string{"ns-other.example.test:" + n.Port, "ns1.example.test:" + n.Port}
	if diff := cmp.Diff(want, got.Nameservers); diff != "" {
		t.Errorf("nameservers (-want +got):\n%s", diff)
	}
}

// Some servers say that a name without records does not exist although there are names, and delegations, below it.
func TestCheckDelegationBelowANameDenied(t *testing.T) {
	t.Parallel()
	delegation := []string{"dev.empty.example.test. 60 IN NS ns-other.example.test.", nsOther}
	zones := tree(delegation, delegation, nil, nil)
	zones = append(zones, dnstest.Zone{Apex: "dev.empty.example.test", Servers: []string{otherIP}, Records: []string{
		"dev.empty.example.test. 60 IN NS ns-other.example.test.",
		`_dnsauth.dev.empty.example.test. 60 IN TXT "x9Kq"`,
	}})
	n := dnstest.Start(t, zones...)
	deny := func(q *dns.Msg, _ string) *dns.Msg {
		if q.Question[0].Name != "empty.example.test." {
			return nil
		}
		m := reply(q, dns.RcodeNameError)
		m.Authoritative = true
		return m
	}
	n.Handle(ns1IP, deny)
	n.Handle(ns2IP, deny)
	got := checkOne(t, checker(n), txt("_dnsauth.dev.empty.example.test", "x9Kq"))
	if got.Status != dnscheck.StatusPublished || !strings.Contains(got.Message, "of the zone dev.empty.example.test") {
		t.Errorf("got %q: %s", got.Status, got.Message)
	}
}

// That this machine has no IPv6 is no news about the servers of a zone.
func TestCheckWithoutIPv6(t *testing.T) {
	t.Parallel()
	v6 := []string{"ns1.example.test. 60 IN AAAA 2001:db8::1", "ns2.example.test. 60 IN AAAA 2001:db8::2"}
	n := dnstest.Start(t, tree(join(published, v6), join(published, v6), nil, v6)...)
	got := checkOne(t, checker(n), txt("example.test", "x9Kq"))
	if got.Status != dnscheck.StatusPublished || strings.Contains(got.Message, "2001:db8") {
		t.Errorf("got %q: %s", got.Status, got.Message)
	}
	want := []string{"ns1.example.test:" + n.Port, "ns2.example.test:" + n.Port}
	if diff := cmp.Diff(want, got.Nameservers); diff != "" {
		t.Errorf("nameservers (-want +got):\n%s", diff)
	}
}

// The addresses of one name server can hold different data.
func TestCheckEveryAddress(t *testing.T) {
	t.Parallel()
	second := []string{"ns1.example.test. 60 IN A " + otherIP}
	zones := tree(join(published, second), published, nil, second)
	zones = append(zones, dnstest.Zone{Apex: "example.test", Servers: []string{otherIP}, Records: apexRecords})
	n := dnstest.Start(t, zones...)
	got := checkOne(t, checker(n), txt("example.test", "x9Kq"))
	if got.Status != dnscheck.StatusMissing || !strings.Contains(got.Message, "ns1.example.test (127.0.0.5:"+n.Port+") has no TXT record") {
		t.Errorf("got %q: %s", got.Status, got.Message)
	}
}

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

func TestCheckNameservers(t *testing.T) {
	t.Parallel()
	behind := []string{nsOther, `_dnsauth.example.test. 60 IN CNAME token.example.test.`, `token.example.test. 60 IN TXT "x9Kq"`}
	n := dnstest.Start(t, tree(behind, nil, nil, nil)...)
	tests := map[string]struct {
		servers []string
		expect  dnscheck.Expectation
		status  string
		message string
	}{
		"one":              {[]string{ns1IP}, cname("_dnsauth.example.test", "token.example.test"), dnscheck.StatusPublished, "the server 127.0.0.3:"},
		"followed":         {[]string{ns1IP}, txt("_dnsauth.example.test", "x9Kq"), dnscheck.StatusPublished, "leads to the expected value"},
		"two disagree":     {[]string{ns1IP, ns2IP}, cname("_dnsauth.example.test", "token.example.test"), dnscheck.StatusMissing, "The servers do not agree"},
		"not theirs":       {[]string{otherIP}, txt("_dnsauth.example.test", "x9Kq"), dnscheck.StatusError, "answered REFUSED. Check the name servers given"},
		"registry's":       {[]string{testIP}, txt("_dnsauth.nowhere.test", "x9Kq"), dnscheck.StatusNotDelegated, "the zone test does not delegate nowhere.test"},
		"zone not created": {[]string{ns1IP}, dnscheck.Expectation{Type: "TXT", FQDN: "a.dev.example.test", Value: "x", Zone: "dev.example.test"}, dnscheck.StatusNotDelegated, "the zone example.test does not delegate dev.example.test"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := checker(n)
			var want []string
			for _, ip := range test.servers {
				c.Nameservers = append(c.Nameservers, n.Addr(ip))
				want = append(want, n.Addr(ip))
			}
			before := n.Queries(rootIP)
			got := checkOne(t, c, test.expect)
			if got.Status != test.status || !strings.Contains(got.Message, test.message) {
				t.Errorf("got %q: %s", got.Status, got.Message)
			}
			if diff := cmp.Diff(want, got.Nameservers); diff != "" {
				t.Errorf("nameservers (-want +got):\n%s", diff)
			}
			if n.Queries(rootIP) != before {
				t.Error("a root server was asked")
			}
		})
	}
	t.Run("not an address", func(t *testing.T) {
		got := checkOne(t, &dnscheck.Checker{Nameservers: []string{"not an address"}}, txt("example.test", "x"))
		if got.Status != dnscheck.StatusError || !strings.Contains(got.Message, "not the address of a name server") {
			t.Errorf("got %q: %s", got.Status, got.Message)
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

func TestCheckNothing(t *testing.T) {
	if got := new(dnscheck.Checker).Check(t.Context(), nil); got == nil || len(got) != 0 {
		t.Errorf("got %v, want an empty map", got)
	}
}

// One Checker sees DNS anew with every Check, and serves several goroutines.
func TestCheckAgain(t *testing.T) {
	t.Parallel()
	n := dnstest.Start(t, tree(nil, nil, nil, nil)...)
	c := checker(n)
	e := txt("example.test", "x9Kq")
	if got := checkOne(t, c, e); got.Status != dnscheck.StatusMissing {
		t.Errorf("before: %q", got.Status)
	}
	n.Set(t, "example.test", join(apexRecords, published))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if got := checkOne(t, c, e); got.Status != dnscheck.StatusPublished {
				t.Errorf("after: %q: %s", got.Status, got.Message)
			}
		})
	}
	wg.Wait()
}

// dialer counts the connections to each network.
type dialer struct {
	net.Dialer
	mu       sync.Mutex
	networks map[string]int
}

func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	d.networks[network]++
	d.mu.Unlock()
	return d.Dialer.DialContext(ctx, network, address)
}

func TestCheckDialer(t *testing.T) {
	t.Parallel()
	n := dnstest.Start(t, tree(published, published, nil, nil)...)
	c := checker(n)
	d := &dialer{networks: map[string]int{}}
	c.Dialer = d
	checkOne(t, c, txt("example.test", "x9Kq"))
	if used := slices.Sorted(maps.Keys(d.networks)); !cmp.Equal(used, []string{"udp"}) {
		t.Errorf("networks used: %v", d.networks)
	}
}
