// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnstest"
)

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
	if part := "ns-other.example.test (127.0.0.5:" + n.Port + ") has no TXT record"; got.Status != dnscheck.StatusMissing ||
		!strings.Contains(got.Message, part) {
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

// noIPv6 is the dialer of a machine without IPv6.
type noIPv6 struct{ *dnstest.Net }

func (d noIPv6) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if strings.HasPrefix(address, "[") {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ENETUNREACH}
	}
	return d.Net.DialContext(ctx, network, address)
}

// That this machine has no IPv6, or one that leads nowhere, is no news about the servers of a zone.
func TestCheckWithoutIPv6(t *testing.T) {
	t.Parallel()
	v6 := []string{"ns1.example.test. 60 IN AAAA 2001:db8::1", "ns2.example.test. 60 IN AAAA 2001:db8::2"}
	for _, routed := range []bool{false, true} {
		t.Run(fmt.Sprintf("routed %t", routed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := dnstest.New(t, tree(join(published, v6), join(published, v6), nil, v6)...)
				n.Silence("2001:db8::1", true)
				n.Silence("2001:db8::2", true)
				c := withoutNetwork(n)
				if !routed {
					c.Dialer = noIPv6{n}
				}
				got := checkOne(t, c, txt("example.test", "x9Kq"))
				if got.Status != dnscheck.StatusPublished || strings.Contains(got.Message, "2001:db8") {
					t.Errorf("got %q: %s", got.Status, got.Message)
				}
				want := []string{"ns1.example.test:" + n.Port, "ns2.example.test:" + n.Port}
				if diff := cmp.Diff(want, got.Nameservers); diff != "" {
					t.Errorf("nameservers (-want +got):\n%s", diff)
				}
				if asked := n.Queries("2001:db8::1") > 0; asked != routed {
					t.Errorf("the address of IPv6 was asked: %t, want %t", asked, routed)
				}
			})
		})
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
		"one": {
			[]string{ns1IP}, cname("_dnsauth.example.test", "token.example.test"),
			dnscheck.StatusPublished, "the server 127.0.0.3:",
		},
		"followed": {
			[]string{ns1IP}, txt("_dnsauth.example.test", "x9Kq"),
			dnscheck.StatusPublished, "leads to the expected value",
		},
		"two disagree": {
			[]string{ns1IP, ns2IP}, cname("_dnsauth.example.test", "token.example.test"),
			dnscheck.StatusMissing, "The servers do not agree",
		},
		"not theirs": {
			[]string{otherIP}, txt("_dnsauth.example.test", "x9Kq"),
			dnscheck.StatusError, "answered REFUSED. Check the name servers given",
		},
		"registry's": {
			[]string{testIP}, txt("_dnsauth.nowhere.test", "x9Kq"),
			dnscheck.StatusNotDelegated, "the zone test does not delegate nowhere.test",
		},
		"zone not created": {
			[]string{ns1IP}, dnscheck.Expectation{Type: "TXT", FQDN: "a.dev.example.test", Value: "x", Zone: "dev.example.test"},
			dnscheck.StatusNotDelegated, "the zone example.test does not delegate dev.example.test",
		},
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
