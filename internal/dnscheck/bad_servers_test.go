// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck_test

import (
	"net"
	"strings"
	"testing"
	"testing/synctest"

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
			message: "No usable answer came from the rest: ns2.example.test (127.0.0.4:PORT) did not answer within 30s.",
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
			message: "did not answer within 30s",
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
			message: "did not answer within 30s",
		},
		"echoes the query": {
			handler: func(*testing.T) dnstest.Handler {
				return func(q *dns.Msg, _ string) *dns.Msg { return q.Copy() }
			},
			message: "did not answer within 30s",
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
			message: "ns2.example.test (127.0.0.4:PORT) has an answer too large for UDP, but over TCP it did not answer within 30s.",
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
			synctest.Test(t, func(t *testing.T) {
				n := dnstest.New(t, tree(published, published, nil, nil)...)
				if test.handler == nil {
					n.Silence(ns2IP, true)
				} else {
					n.Handle(ns2IP, test.handler(t))
				}
				got := checkOne(t, withoutNetwork(n), txt("example.test", "x9Kq"))
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
		})
	}
}

func TestCheckAllServersDead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := dnstest.New(t, tree(published, published, nil, nil)...)
		n.Silence(ns1IP, true)
		n.Silence(ns2IP, true)
		got := checkOne(t, withoutNetwork(n), txt("example.test", "x9Kq"))
		if got.Status != dnscheck.StatusError || got.CAA != "" {
			t.Errorf("got %q, CAA %q, want an error and no CAA", got.Status, got.CAA)
		}
		for _, part := range []string{
			"no server of the zone example.test", "ns1.example.test (127.0.0.3:", "ns2.example.test (127.0.0.4:", "did not answer within 30s",
		} {
			if !strings.Contains(got.Message, part) {
				t.Errorf("message lacks %q:\n%s", part, got.Message)
			}
		}
	})
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
