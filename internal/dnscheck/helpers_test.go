// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/certops/terraform-provider-certops/internal/dnscheck"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnstest"
)

// The addresses of the tree that tree builds.
const (
	rootIP  = "127.0.0.1"
	testIP  = "127.0.0.2"
	ns1IP   = "127.0.0.3"
	ns2IP   = "127.0.0.4"
	otherIP = "127.0.0.5"
)

const longToken = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" +
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" +
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" +
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef-end"

// apexRecords are what the zone example.test has in every test.
var apexRecords = []string{
	"example.test. 60 IN NS ns1.example.test.",
	"example.test. 60 IN NS ns2.example.test.",
	"ns1.example.test. 60 IN A " + ns1IP,
	"ns2.example.test. 60 IN A " + ns2IP,
}

// tree is a root, the registry test, the zone example.test on two servers and other.test on one without glue.
func tree(example1, example2, other, registry []string) []dnstest.Zone {
	return []dnstest.Zone{
		{Apex: ".", Servers: []string{rootIP}, Records: []string{
			". 60 IN NS a.root.",
			"a.root. 60 IN A " + rootIP,
			"test. 60 IN NS ns.nic.test.",
			"ns.nic.test. 60 IN A " + testIP,
		}},
		{Apex: "test", Servers: []string{testIP}, Records: append([]string{
			"test. 60 IN NS ns.nic.test.",
			"ns.nic.test. 60 IN A " + testIP,
			"example.test. 60 IN NS ns1.example.test.",
			"example.test. 60 IN NS ns2.example.test.",
			"ns1.example.test. 60 IN A " + ns1IP,
			"ns2.example.test. 60 IN A " + ns2IP,
			"other.test. 60 IN NS ns-other.example.test.",
		}, registry...)},
		{Apex: "example.test", Servers: []string{ns1IP}, Records: join(apexRecords, example1)},
		{Apex: "example.test", Servers: []string{ns2IP}, Records: join(apexRecords, example2)},
		{Apex: "other.test", Servers: []string{otherIP}, Records: join([]string{"other.test. 60 IN NS ns-other.example.test."}, other)},
	}
}

// nsOther is where example.test says that the server of other.test is.
const nsOther = "ns-other.example.test. 60 IN A " + otherIP

func join(a, b []string) []string { return append(append([]string{}, a...), b...) }

// silence is how long a check waits for a server that does not answer. Only a bubble has the time for one.
const silence = 30 * time.Second

func checker(n *dnstest.Net) *dnscheck.Checker {
	return &dnscheck.Checker{Roots: n.Roots(), Port: n.Port, Timeout: silence}
}

// withoutNetwork is a checker for a bubble.
func withoutNetwork(n *dnstest.Net) *dnscheck.Checker {
	c := checker(n)
	c.Dialer = n
	return c
}

func txt(fqdn, value string) dnscheck.Expectation {
	return dnscheck.Expectation{Type: "TXT", FQDN: fqdn, Value: value}
}

func cname(fqdn, value string) dnscheck.Expectation {
	return dnscheck.Expectation{Type: "CNAME", FQDN: fqdn, Value: value}
}

// checkOne checks one expectation.
func checkOne(t *testing.T, c *dnscheck.Checker, e dnscheck.Expectation) dnscheck.Result {
	t.Helper()
	results := c.Check(t.Context(), map[string]dnscheck.Expectation{"key": e})
	if len(results) != 1 {
		t.Fatalf("got %d results, want 1", len(results))
	}
	return results["key"]
}

// chain is n CNAMEs c0 → c1 → … → cn in example.test, and a last record.
func chain(n int, last string) []string {
	records := []string{last}
	for i := range n {
		records = append(records, fmt.Sprintf("c%d.example.test. 60 IN CNAME c%d.example.test.", i, i+1))
	}
	return records
}
