// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnstest"
)

// signed are the zones of tree, all signed but other.test.
func signed(zones []dnstest.Zone) []dnstest.Zone {
	for i := range zones {
		zones[i].Signed = zones[i].Apex != "other.test"
	}
	return zones
}

// Zones that are signed while they answer are secure, whatever is asked: what is there, what is not, and below a zone that
// is not signed.
func TestCheckSigned(t *testing.T) {
	t.Parallel()
	data := []string{
		`_dnsauth.here.example.test. 60 IN TXT "x9Kq"`, "to.example.test. 60 IN CNAME _dnsauth.here.example.test.", nsOther,
		`deep.empty.example.test. 60 IN TXT "x9Kq"`, `example.test. 60 IN CAA 0 issue "digicert.com"`,
	}
	other := []string{`_dnsauth.other.test. 60 IN TXT "x9Kq"`}
	n := dnstest.Start(t, signed(tree(data, data, other, nil))...)
	c := checker(n)
	c.TrustAnchors = n.Anchors(t)
	for name, want := range map[string]struct{ status, dnssec string }{
		"_dnsauth.here.example.test":    {dnscheck.StatusPublished, dnscheck.DNSSECSecure},
		"to.example.test":               {dnscheck.StatusPublished, dnscheck.DNSSECSecure},
		"_dnsauth.missing.example.test": {dnscheck.StatusMissing, dnscheck.DNSSECSecure},
		"empty.example.test":            {dnscheck.StatusMissing, dnscheck.DNSSECSecure},
		"_dnsauth.other.test":           {dnscheck.StatusPublished, dnscheck.DNSSECInsecure},
		"_dnsauth.missing.other.test":   {dnscheck.StatusMissing, dnscheck.DNSSECInsecure},
	} {
		if got := checkOne(t, c, txt(name, "x9Kq")); got.Status != want.status || got.DNSSEC != want.dnssec {
			t.Errorf("%s: %s, %s, want %s, %s: %s", name, got.Status, got.DNSSEC, want.status, want.dnssec, got.Message)
		}
	}
	n.Expire("example.test")
	if got := checkOne(t, c, txt("_dnsauth.here.example.test", "x9Kq")); got.DNSSEC != dnscheck.DNSSECBogus {
		t.Errorf("signatures that have ended: %s: %s", got.DNSSEC, got.Message)
	}
}

// TestCheckManySignedRecords looks 500 records up in signed zones, one of whose servers is dead. Time passes only while the
// check waits, so it is that of the wait for the dead server. DNSSEC asks once more for each answer, and twice for each zone.
func TestCheckManySignedRecords(t *testing.T) {
	t.Parallel()
	const records, zoneAnswers, keys, delegations = 500, 3, 3, 3
	synctest.Test(t, func(t *testing.T) {
		expectations, example, other := many(records)
		n := dnstest.New(t, signed(tree(example, example, other, nil))...)
		n.Silence(ns2IP, true)
		var asked atomic.Int64
		for _, ip := range []string{rootIP, testIP, ns1IP, otherIP} {
			n.Handle(ip, func(q *dns.Msg, _ string) *dns.Msg {
				if opt := q.IsEdns0(); opt != nil && opt.Do() {
					asked.Add(1)
				}
				return nil
			})
		}
		c := withoutNetwork(n)
		c.Timeout = 0
		c.TrustAnchors = n.Anchors(t)
		start := time.Now()
		results := c.Check(t.Context(), expectations)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("took %s", took)
		}
		counts := make(map[string]int)
		for _, result := range results {
			counts[result.DNSSEC]++
		}
		if diff := cmp.Diff(map[string]int{dnscheck.DNSSECSecure: records / 2, dnscheck.DNSSECInsecure: records / 2}, counts); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		// The record and the CAA records of each name, the CAA records of the three zones, and what validates these.
		if got, want := asked.Load(), int64(2*records+zoneAnswers+keys+delegations); got != want {
			t.Errorf("%d queries for DNSSEC, want %d", got, want)
		}
		if sent := n.Queries(ns2IP); sent != 2 {
			t.Errorf("%d queries went to the dead server, want one that is sent twice", sent)
		}
	})
}

// BenchmarkSignedRecords measures the same over loopback.
func BenchmarkSignedRecords(b *testing.B) {
	expectations, example, other := many(500)
	n := dnstest.Start(b, signed(tree(example, example, other, nil))...)
	n.Silence(ns2IP, true)
	c := checker(n)
	c.Timeout = 0
	c.TrustAnchors = n.Anchors(b)
	for b.Loop() {
		queries := 0
		for _, ip := range []string{rootIP, testIP, ns1IP, ns2IP, otherIP} {
			queries -= n.Queries(ip)
		}
		c.Check(b.Context(), expectations)
		for _, ip := range []string{rootIP, testIP, ns1IP, ns2IP, otherIP} {
			queries += n.Queries(ip)
		}
		b.ReportMetric(float64(queries), "queries")
	}
}
