// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/dnscheck"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnstest"
)

func TestCheck(t *testing.T) {
	both := []string{"ns1.example.test", "ns2.example.test"}
	tests := map[string]struct {
		ns1, ns2 []string // nil ns2: as ns1
		other    []string
		registry []string
		expect   dnscheck.Expectation
		status   string
		observed []string
		servers  []string // nil: both of example.test
		message  []string
		not      []string
	}{
		"TXT published": {
			ns1:      []string{`example.test. 60 IN TXT "x9Kq"`},
			expect:   txt("example.test", "x9Kq"),
			status:   dnscheck.StatusPublished,
			observed: []string{"x9Kq"},
			message: []string{
				"The TXT record at example.test is published", "each of the 2 servers of the zone example.test", "ns1.example.test (127.0.0.3:",
			},
		},
		"TXT beside others": {
			ns1:      []string{`example.test. 60 IN TXT "v=spf1 -all"`, `example.test. 60 IN TXT "x9Kq"`},
			expect:   txt("EXAMPLE.test.", "x9Kq"),
			status:   dnscheck.StatusPublished,
			observed: []string{"v=spf1 -all", "x9Kq"},
		},
		"TXT in several strings": {
			ns1:      []string{fmt.Sprintf(`example.test. 60 IN TXT "%s" "%s"`, longToken[:255], longToken[255:])},
			expect:   txt("example.test", longToken),
			status:   dnscheck.StatusPublished,
			observed: []string{longToken},
		},
		"TXT with bytes that need escapes": {
			ns1:      []string{`example.test. 60 IN TXT "a\"b\\c\195\164\007;"`},
			expect:   txt("example.test", "a\"b\\cä\x07;"),
			status:   dnscheck.StatusPublished,
			observed: []string{`a"b\cä\007;`},
		},
		"TXT compared with upper and lower case": {
			ns1:      []string{`example.test. 60 IN TXT "X9KQ"`},
			expect:   txt("example.test", "x9Kq"),
			status:   dnscheck.StatusWrongValue,
			observed: []string{"X9KQ"},
			message:  []string{"upper and lower case"},
		},
		"TXT with its quotation marks": {
			ns1:      []string{`example.test. 60 IN TXT "\"x9Kq\""`},
			expect:   txt("example.test", "x9Kq"),
			status:   dnscheck.StatusWrongValue,
			observed: []string{`"x9Kq"`},
			message:  []string{"quotation marks have become part"},
		},
		"TXT with another value": {
			ns1:      []string{`example.test. 60 IN TXT "old"`, `example.test. 60 IN TXT "v=spf1 -all"`},
			expect:   txt("example.test", "x9Kq"),
			status:   dnscheck.StatusWrongValue,
			observed: []string{"old", "v=spf1 -all"},
			message:  []string{`returns "old" and "v=spf1 -all"`, `Add a TXT record with the value "x9Kq"`},
		},
		"missing, no such name": {
			expect:  txt("_dnsauth.example.test", "x9Kq"),
			status:  dnscheck.StatusMissing,
			message: []string{"does not exist", `Create a TXT record at _dnsauth.example.test in the zone example.test with the value "x9Kq".`},
		},
		"missing, no data": {
			ns1:     []string{`a._dnsauth.example.test. 60 IN A 192.0.2.1`},
			expect:  cname("_dnsauth.example.test", "x9kq.dcv.digicert.com"),
			status:  dnscheck.StatusMissing,
			message: []string{"has no CNAME record", "Create a CNAME record", "target x9kq.dcv.digicert.com."},
		},
		"a CNAME beside a TXT record": {
			ns1:    []string{`_dnsauth.example.test. 60 IN TXT "token of another service"`},
			expect: cname("_dnsauth.example.test", "x9kq.dcv.digicert.com"),
			status: dnscheck.StatusBlocked,
			message: []string{"Records of the type TXT stand at _dnsauth.example.test, and a CNAME cannot stand beside them " +
				"(RFC 1034, section 3.6.2). CertCentral's UltraDNS integration writes such records. " +
				"Remove them if nothing needs them any more, or choose a validation method with another record."},
			not: []string{"Create a CNAME"},
		},
		"a CNAME at a host": {
			ns1:     []string{`www.example.test. 60 IN A 192.0.2.1`},
			expect:  cname("www.example.test", "x9kq.dcv.digicert.com"),
			status:  dnscheck.StatusBlocked,
			message: []string{"Records of the type A stand at www.example.test", "Choose a validation method"},
			not:     []string{"Create a CNAME", "emove"},
		},
		"a CNAME at the apex": {
			expect:  cname("example.test", "x9kq.dcv.digicert.com"),
			status:  dnscheck.StatusBlocked,
			message: []string{"example.test is the apex of a zone, where SOA and NS records stand", "Choose a validation method"},
			not:     []string{"Create a CNAME", "emove"},
		},
		"a CNAME beside what a wildcard gives": {
			ns1:     []string{`*.example.test. 60 IN TXT "anything"`},
			expect:  cname("_dnsauth.example.test", "x9kq.dcv.digicert.com"),
			status:  dnscheck.StatusMissing,
			message: []string{"Create a CNAME record"},
		},
		"a wildcard instead of the CNAME": {
			ns1:      []string{`*.example.test. 60 IN CNAME front.example.test.`},
			expect:   cname("_dnsauth.example.test", "x9kq.dcv.digicert.com"),
			status:   dnscheck.StatusWrongValue,
			observed: []string{"front.example.test"},
			message: []string{`A wildcard record answers instead of the record. Create a CNAME record at exactly _dnsauth.example.test with the ` +
				`value "x9kq.dcv.digicert.com": it takes precedence over the wildcard, which stays as it is.`},
			not: []string{"Change the target"},
		},
		"missing, but there with the zone twice": {
			ns1:     []string{`_dnsauth.example.test.example.test. 60 IN TXT "x9Kq"`},
			expect:  txt("_dnsauth.example.test", "x9Kq"),
			status:  dnscheck.StatusMissing,
			message: []string{"exists at _dnsauth.example.test.example.test"},
			not:     []string{"Create a TXT"},
		},
		"CNAME published in another spelling": {
			ns1:      []string{`_dnsauth.example.test. 60 IN CNAME x9Kq.DCV.digicert.com.`},
			expect:   cname("_DNSAUTH.example.test.", "x9Kq.dcv.DigiCert.com."),
			status:   dnscheck.StatusPublished,
			observed: []string{"x9Kq.DCV.digicert.com"},
		},
		"CNAME whose token differs in upper and lower case": {
			ns1:      []string{`_dnsauth.example.test. 60 IN CNAME x9kq.dcv.digicert.com.`},
			expect:   cname("_dnsauth.example.test", "x9Kq.dcv.digicert.com"),
			status:   dnscheck.StatusWrongValue,
			observed: []string{"x9kq.dcv.digicert.com"},
			message:  []string{"upper and lower case"},
		},
		"CNAME of an authority that folds case": {
			ns1:      []string{`_a1.example.test. 60 IN CNAME b2.C3.sectigo.com.`},
			expect:   cname("_a1.example.test", "B2.c3.sectigo.com"),
			status:   dnscheck.StatusPublished,
			observed: []string{"b2.C3.sectigo.com"},
		},
		"CNAME with another target": {
			ns1:      []string{`_dnsauth.example.test. 60 IN CNAME old.dcv.digicert.com.`},
			expect:   cname("_dnsauth.example.test", "x9kq.dcv.digicert.com"),
			status:   dnscheck.StatusWrongValue,
			observed: []string{"old.dcv.digicert.com"},
			message:  []string{"Change the target of the CNAME to x9kq.dcv.digicert.com."},
		},
		"CNAME with the zone appended to its target": {
			ns1:      []string{`_dnsauth.example.test. 60 IN CNAME x9kq.dcv.digicert.com.example.test.`},
			expect:   cname("_dnsauth.example.test", "x9kq.dcv.digicert.com"),
			status:   dnscheck.StatusWrongValue,
			observed: []string{"x9kq.dcv.digicert.com.example.test"},
			message:  []string{"The zone was appended to the target. Write the target with a trailing dot: x9kq.dcv.digicert.com."},
		},
		"TXT reached over CNAMEs": {
			ns1: []string{
				`_dnsauth.example.test. 60 IN CNAME b.example.test.`,
				`b.example.test. 60 IN CNAME token.other.test.`,
				nsOther,
			},
			other:    []string{`token.other.test. 60 IN TXT "x9Kq"`},
			expect:   txt("_dnsauth.example.test", "x9Kq"),
			status:   dnscheck.StatusPublished,
			observed: []string{"x9Kq"},
			message:  []string{"returns a CNAME to b.example.test, which leads to the expected value"},
		},
		"TXT hidden by a CNAME to nowhere": {
			ns1:     []string{`_dnsauth.example.test. 60 IN CNAME web.example.test.`},
			expect:  txt("_dnsauth.example.test", "x9Kq"),
			status:  dnscheck.StatusShadowedByCNAME,
			message: []string{"hidden by a CNAME", "there is no TXT record at web.example.test", "at exactly _dnsauth.example.test"},
		},
		"TXT hidden by a wildcard CNAME with another value": {
			ns1: []string{
				`*.example.test. 60 IN CNAME web.example.test.`,
				`web.example.test. 60 IN TXT "other"`,
			},
			expect:   txt("_dnsauth.example.test", "x9Kq"),
			status:   dnscheck.StatusShadowedByCNAME,
			observed: []string{"other"},
			message:  []string{"the TXT record at web.example.test has another value"},
		},
		"TXT at its other owner name, where the first is a CNAME": {
			ns1:      []string{`www.example.test. 60 IN CNAME web.example.test.`, `_dnsauth.www.example.test. 60 IN TXT "x9Kq"`},
			expect:   dnscheck.Expectation{Type: "TXT", FQDN: "www.example.test", AlsoAt: []string{"_dnsauth.www.example.test"}, Value: "x9Kq"},
			status:   dnscheck.StatusPublished,
			observed: []string{"x9Kq"},
			message:  []string{"The TXT record at _dnsauth.www.example.test is published"},
		},
		"TXT at neither owner name": {
			ns1:     []string{`_dnsauth.example.test. 60 IN TXT "other"`},
			expect:  dnscheck.Expectation{Type: "TXT", FQDN: "example.test", AlsoAt: []string{"_dnsauth.example.test"}, Value: "x9Kq"},
			status:  dnscheck.StatusMissing,
			message: []string{"has no TXT record at example.test"},
		},
		"TXT hidden by CNAMEs in a circle": {
			ns1: []string{
				`_dnsauth.example.test. 60 IN CNAME b.example.test.`,
				`b.example.test. 60 IN CNAME _dnsauth.example.test.`,
			},
			expect:  txt("_dnsauth.example.test", "x9Kq"),
			status:  dnscheck.StatusShadowedByCNAME,
			message: []string{"round in a circle"},
		},
		"TXT hidden by too many CNAMEs": {
			ns1:     chain(12, `c12.example.test. 60 IN TXT "x9Kq"`),
			expect:  txt("c0.example.test", "x9Kq"),
			status:  dnscheck.StatusShadowedByCNAME,
			message: []string{"the first of more than 8"},
		},
		"TXT hidden by a CNAME into an unregistered domain": {
			ns1:     []string{`_dnsauth.example.test. 60 IN CNAME token.gone.test.`},
			expect:  txt("_dnsauth.example.test", "x9Kq"),
			status:  dnscheck.StatusShadowedByCNAME,
			message: []string{"gone.test does not exist"},
		},
		"servers disagree, one lags behind": {
			ns1:      []string{`example.test. 60 IN TXT "x9Kq"`},
			ns2:      []string{},
			expect:   txt("example.test", "x9Kq"),
			status:   dnscheck.StatusMissing,
			observed: []string{"x9Kq"},
			message: []string{
				"ns1.example.test (127.0.0.3:", " returns the expected value; ", "ns2.example.test (127.0.0.4:", " has no TXT record at example.test.",
				"The servers do not agree",
			},
			not: []string{"Create a TXT"},
		},
		"servers disagree, the worse value counts": {
			ns1:      []string{`_dnsauth.example.test. 60 IN CNAME old.dcv.digicert.com.`},
			ns2:      []string{},
			expect:   cname("_dnsauth.example.test", "x9kq.dcv.digicert.com"),
			status:   dnscheck.StatusWrongValue,
			observed: []string{"old.dcv.digicert.com"},
			message:  []string{"The servers do not agree", "Change the target"},
		},
		"zone without glue": {
			ns1:      []string{nsOther},
			other:    []string{`other.test. 60 IN TXT "x9Kq"`},
			expect:   txt("other.test", "x9Kq"),
			status:   dnscheck.StatusPublished,
			observed: []string{"x9Kq"},
			servers:  []string{"ns-other.example.test"},
			message:  []string{"the server ns-other.example.test (127.0.0.5:"},
		},
		"zone whose only server has no address": {
			expect:  txt("other.test", "x9Kq"),
			status:  dnscheck.StatusError,
			servers: []string{},
			message: []string{"ns-other.example.test does not exist"},
		},
		"child zone, apart from its parent": {
			ns1: []string{
				"child.example.test. 60 IN NS ns-other.example.test.",
				nsOther,
			},
			other:   nil,
			expect:  txt("_dnsauth.child.example.test", "x9Kq"),
			status:  dnscheck.StatusError,
			servers: []string{"ns-other.example.test"},
			message: []string{
				"no server of the zone child.example.test gives a usable answer: ns-other.example.test (127.0.0.5:", "answered REFUSED",
			},
		},
		"unregistered domain": {
			expect:  txt("_dnsauth.www.nowhere.test", "x9Kq"),
			status:  dnscheck.StatusNotDelegated,
			servers: []string{},
			message: []string{"the zone test does not delegate nowhere.test", "registered and not expired"},
		},
		"unknown top-level domain": {
			expect:  txt("_dnsauth.www.example.nosuch", "x9Kq"),
			status:  dnscheck.StatusNotDelegated,
			servers: []string{},
			message: []string{"the root zone does not delegate"},
		},
		"subzone that its parent does not delegate": {
			expect: dnscheck.Expectation{
				Type: "TXT", FQDN: "_dnsauth.dev.example.test", Value: "x9Kq", Zone: "dev.example.test",
			},
			status: dnscheck.StatusNotDelegated,
			message: []string{
				"the zone example.test does not delegate dev.example.test", "Add NS records for dev.example.test to the zone example.test",
			},
		},
		"record present though its zone is not delegated": {
			ns1: []string{`_dnsauth.dev.example.test. 60 IN TXT "x9Kq"`},
			expect: dnscheck.Expectation{
				Type: "TXT", FQDN: "_dnsauth.dev.example.test", Value: "x9Kq", Zone: "dev.example.test",
			},
			status:   dnscheck.StatusPublished,
			observed: []string{"x9Kq"},
		},
		"name servers that need one another": {
			registry: []string{
				"loop-a.test. 60 IN NS ns.loop-b.test.",
				"loop-b.test. 60 IN NS ns.loop-a.test.",
			},
			expect:  txt("loop-a.test", "x9Kq"),
			status:  dnscheck.StatusError,
			servers: []string{},
			message: []string{"ns.loop-b.test", "can only be found by asking itself"},
		},
		"name server inside its own zone without glue": {
			registry: []string{"selfish.test. 60 IN NS ns.selfish.test."},
			expect:   txt("selfish.test", "x9Kq"),
			status:   dnscheck.StatusError,
			servers:  []string{},
			message:  []string{"can only be found by asking itself"},
		},
		"other record type": {
			expect:  dnscheck.Expectation{Type: "MX", FQDN: "example.test", Value: "10 mail"},
			status:  dnscheck.StatusError,
			servers: []string{},
			message: []string{`A record of type "MX" cannot be checked`},
		},
		"name that is none": {
			expect:  txt("a..test", "x9Kq"),
			status:  dnscheck.StatusError,
			servers: []string{},
			message: []string{`"a..test" is not a DNS name`},
		},
		"U-labels": {
			ns1:      []string{`xn--bcher-kva.example.test. 60 IN TXT "x9Kq"`},
			expect:   txt("Bücher.example.test", "x9Kq"),
			status:   dnscheck.StatusPublished,
			observed: []string{"x9Kq"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ns2 := test.ns2
			if ns2 == nil {
				ns2 = test.ns1
			}
			n := dnstest.Start(t, tree(test.ns1, ns2, test.other, test.registry)...)
			got := checkOne(t, checker(n), test.expect)

			if got.Status != test.status {
				t.Errorf("status %q, want %q\n%s", got.Status, test.status, got.Message)
			}
			if diff := cmp.Diff(append([]string{}, test.observed...), got.Observed); diff != "" {
				t.Errorf("observed (-want +got):\n%s", diff)
			}
			servers := test.servers
			if servers == nil {
				servers = both
			}
			want := []string{}
			for _, s := range servers {
				want = append(want, s+":"+n.Port)
			}
			if diff := cmp.Diff(want, got.Nameservers); diff != "" {
				t.Errorf("nameservers (-want +got):\n%s", diff)
			}
			for _, part := range test.message {
				if !strings.Contains(got.Message, part) {
					t.Errorf("message lacks %q:\n%s", part, got.Message)
				}
			}
			for _, part := range test.not {
				if strings.Contains(got.Message, part) {
					t.Errorf("message has %q:\n%s", part, got.Message)
				}
			}
			t.Log(got.Message)
		})
	}
}
