// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnstest"
)

const resolverIP = "127.0.0.6"

// The verdict of a resolver on signatures counts (RFC 4035, section 3.2). TestCorpus has BIND for one.
func TestCheckByResolver(t *testing.T) {
	t.Parallel()
	expired := []*dns.EDNS0_EDE{{InfoCode: dns.ExtendedErrorCodeSignatureExpired, ExtraText: "ended\x07 yesterday\x00"}}
	unreachable := []*dns.EDNS0_EDE{{InfoCode: dns.ExtendedErrorCodeNoReachableAuthority}}
	const zone, other = "example.test.", "other.test."
	tests := map[string]struct {
		resolver dnstest.Resolver
		records  []string
		public   bool // whether the trust anchors are those of the public root
		status   string
		dnssec   string
		ready    bool
		begins   string
		message  string
	}{
		"vouches": {
			resolver: dnstest.Resolver{Secure: []string{zone, "test.", "."}},
			status:   dnscheck.StatusPublished, dnssec: dnscheck.DNSSECSecure, ready: true,
			begins: "The TXT record at _dnsauth.example.test is published: the server 127.0.0.6:",
		},
		"refuses and explains": {
			resolver: dnstest.Resolver{Bogus: map[string][]*dns.EDNS0_EDE{zone: expired}},
			status:   dnscheck.StatusPublished, dnssec: dnscheck.DNSSECBogus,
			begins: "DNSSEC fails for the TXT record at _dnsauth.example.test, so certificate authorities refuse it: 127.0.0.6:",
			message: `answered SERVFAIL (Signature Expired: ended\007 yesterday), and gives the records only when told not to ` +
				`validate them. Correct it at the DNS operator`,
		},
		"refuses": {
			resolver: dnstest.Resolver{Bogus: map[string][]*dns.EDNS0_EDE{zone: nil}},
			status:   dnscheck.StatusPublished, dnssec: dnscheck.DNSSECBogus,
			begins:  "DNSSEC fails for the TXT record",
			message: "answered SERVFAIL, and gives the records only when told not to validate them.",
		},
		"refuses for another reason": {
			resolver: dnstest.Resolver{Bogus: map[string][]*dns.EDNS0_EDE{zone: unreachable}},
			status:   dnscheck.StatusPublished, dnssec: dnscheck.DNSSECUnknown, ready: true,
			message: "could not be judged: 127.0.0.6:",
		},
		"refuses what a CNAME leads to": {
			resolver: dnstest.Resolver{Secure: []string{zone}, Bogus: map[string][]*dns.EDNS0_EDE{other: expired}},
			records:  []string{nsOther, "_dnsauth.example.test. 60 IN CNAME token.other.test."},
			status:   dnscheck.StatusPublished, dnssec: dnscheck.DNSSECBogus,
			begins: "DNSSEC fails for the TXT record at _dnsauth.example.test,",
		},
		"refuses the CAA records above": {
			resolver: dnstest.Resolver{Secure: []string{zone}, Bogus: map[string][]*dns.EDNS0_EDE{"test.": expired}},
			status:   dnscheck.StatusPublished, dnssec: dnscheck.DNSSECBogus,
			begins: "DNSSEC fails for the CAA records of test, so",
		},
		"does not reach the servers": {
			resolver: dnstest.Resolver{Down: []string{zone}},
			status:   dnscheck.StatusError, dnssec: dnscheck.DNSSECUnknown,
			message: "answered SERVFAIL. Check the name servers given",
		},
		"has no verdict": {
			status: dnscheck.StatusPublished, dnssec: dnscheck.DNSSECInsecure, ready: true,
			begins: "The TXT record at _dnsauth.example.test is published",
		},
		"has no verdict and no signatures": {
			public: true,
			status: dnscheck.StatusPublished, dnssec: dnscheck.DNSSECUnknown, ready: true,
			message: "DNSSEC of the TXT record at _dnsauth.example.test could not be judged: the keys of the root do not validate",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records := test.records
			if records == nil {
				records = []string{`_dnsauth.example.test. 60 IN TXT "x9Kq"`}
			}
			zones := tree(records, records, []string{`token.other.test. 60 IN TXT "x9Kq"`}, nil)
			n := dnstest.Start(t, append(zones, dnstest.Zone{Apex: "resolver.invalid", Servers: []string{resolverIP}})...)
			n.Handle(resolverIP, n.Resolver(test.resolver))
			c := checker(n)
			c.Nameservers = []string{n.Addr(resolverIP)}
			if test.public {
				c.Roots = nil
			}
			got := checkOne(t, c, txt("_dnsauth.example.test", "x9Kq"))
			if got.Status != test.status || got.DNSSEC != test.dnssec || got.Ready() != test.ready {
				t.Errorf("got %s, %s, ready: %t, want %s, %s, %t", got.Status, got.DNSSEC, got.Ready(), test.status, test.dnssec, test.ready)
			}
			if !strings.HasPrefix(got.Message, test.begins) || !strings.Contains(got.Message, test.message) {
				t.Errorf("the message does not begin with %q or lacks %q:\n%s", test.begins, test.message, got.Message)
			}
			if n.Queries(rootIP) > 0 {
				t.Error("a root server was asked")
			}
		})
	}
}

// A failure that passes is not the fault of signatures, and one resolver that refuses counts.
func TestCheckByResolvers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		// refusals is how many queries for the record without CD the first of two resolvers answers with SERVFAIL.
		refusals int32
		dnssec   string
	}{
		"it passes": {1, dnscheck.DNSSECSecure},
		"it stays":  {1 << 20, dnscheck.DNSSECBogus},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zones := tree(published, published, nil, nil)
			n := dnstest.Start(t, append(zones, dnstest.Zone{Apex: "resolver.invalid", Servers: []string{otherIP, resolverIP}})...)
			resolve := n.Resolver(dnstest.Resolver{Secure: []string{"example.test.", "test.", "."}})
			n.Handle(otherIP, resolve)
			var asked atomic.Int32
			n.Handle(resolverIP, func(query *dns.Msg, network string) *dns.Msg {
				if query.Question[0].Qtype == dns.TypeTXT && !query.CheckingDisabled && asked.Add(1) <= test.refusals {
					return reply(query, dns.RcodeServerFailure)
				}
				return resolve(query, network)
			})
			c := checker(n)
			c.Nameservers = []string{n.Addr(otherIP), n.Addr(resolverIP)}
			if got := checkOne(t, c, txt("example.test", "x9Kq")); got.DNSSEC != test.dnssec || got.Status != dnscheck.StatusPublished {
				t.Errorf("got %s and %s, want published and %s: %s", got.Status, got.DNSSEC, test.dnssec, got.Message)
			}
		})
	}
}

// Servers that are named because they have the zone need not resolve anything. That they vouch for its records says nothing.
func TestCheckByServersThatDoNotResolve(t *testing.T) {
	t.Parallel()
	n := dnstest.Start(t, tree(published, published, nil, nil)...)
	answers := records(t, published...)
	n.Handle(ns1IP, func(query *dns.Msg, _ string) *dns.Msg {
		m := reply(query, dns.RcodeSuccess)
		m.Authoritative, m.AuthenticatedData = true, true
		if query.Question[0].Qtype == dns.TypeTXT {
			m.Answer = answers
		}
		return m
	})
	c := checker(n)
	c.Nameservers = []string{n.Addr(ns1IP)}
	got := checkOne(t, c, txt("example.test", "x9Kq"))
	const why = "the servers given answer for their own zones only"
	if got.DNSSEC != dnscheck.DNSSECUnknown || !got.Ready() || !strings.Contains(got.Message, why) {
		t.Errorf("got %+v", got)
	}
}

// Some networks redirect all DNS queries to a resolver of their own.
func TestCheckRedirected(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		servers []string
		offers  bool // recursion
	}{
		"every server":                      {[]string{rootIP, testIP, ns1IP, ns2IP, otherIP}, true},
		"the servers of the zone":           {[]string{ns1IP, ns2IP}, true},
		"the servers of the zone, no flags": {[]string{ns1IP, ns2IP}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := dnstest.Start(t, tree(published, published, nil, nil)...)
			resolve := n.Resolver(dnstest.Resolver{})
			for _, ip := range test.servers {
				n.Handle(ip, func(query *dns.Msg, network string) *dns.Msg {
					asked := query.Copy()
					asked.RecursionDesired = true // It answers from its cache.
					m := resolve(asked, network)
					m.RecursionAvailable = test.offers
					return m
				})
			}
			got := checkOne(t, checker(n), txt("example.test", "x9Kq"))
			const want = "is not authoritative for "
			if got.Status != dnscheck.StatusError || !strings.Contains(got.Message, want) || !strings.Contains(got.Message, "argument nameservers") {
				t.Errorf("got %s: %s", got.Status, got.Message)
			}
			c := checker(n)
			c.Nameservers = []string{n.Addr(ns1IP)}
			if got := checkOne(t, c, txt("example.test", "x9Kq")); got.Status != dnscheck.StatusPublished {
				t.Errorf("with the resolver named: %s: %s", got.Status, got.Message)
			}
		})
	}
}

// A name that does not exist has no records, whatever a server sends with that answer.
func TestCheckNameErrorWithRecords(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		expect  dnscheck.Expectation
		inside  string
		status  string
		message string
	}{
		"TXT": {
			txt("_dnsauth.example.test", "x9Kq"), `_dnsauth.example.test. 60 IN TXT "x9Kq"`, dnscheck.StatusMissing,
			"answers that the name _dnsauth.example.test does not exist (NXDOMAIN), so that nobody looks at the TXT records that it sends with it",
		},
		"CNAME": {
			cname("_dnsauth.example.test", "x9Kq.dcv.digicert.com"), `_dnsauth.example.test. 60 IN CNAME x9Kq.dcv.digicert.com.`,
			dnscheck.StatusMissing, "nobody looks at the CNAME records",
		},
		"a CNAME that leads nowhere": {
			txt("_dnsauth.example.test", "x9Kq"), `_dnsauth.example.test. 60 IN CNAME nowhere.example.test.`, dnscheck.StatusShadowedByCNAME,
			"there is no TXT record at nowhere.example.test",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := dnstest.Start(t, tree(nil, nil, nil, nil)...)
			inside := records(t, test.inside)
			for _, ip := range []string{ns1IP, ns2IP} {
				n.Handle(ip, func(query *dns.Msg, _ string) *dns.Msg {
					if query.Question[0].Name != "_dnsauth.example.test." {
						return nil
					}
					m := reply(query, dns.RcodeNameError)
					m.Authoritative, m.Answer = true, inside
					return m
				})
			}
			got := checkOne(t, checker(n), test.expect)
			if got.Status != test.status || !strings.Contains(got.Message, test.message) || got.Ready() {
				t.Errorf("got %s: %s", got.Status, got.Message)
			}
		})
	}
}
