// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/dnscheck"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnstest"
)

func TestCheckCAA(t *testing.T) {
	const target = "x9kq.dcv.digicert.com"
	tests := map[string]struct {
		ns1, ns2 []string // nil ns2: as ns1
		other    []string
		registry []string
		domains  []string // nil: www.example.test
		issuers  []string // nil: inferred, DigiCert
		txt      bool     // a TXT record, from which no authority can be inferred
		now      time.Time
		caa      string
		message  string
	}{
		"no records":    {caa: dnscheck.CAANone},
		"at the domain": {ns1: []string{`www.example.test. 60 IN CAA 0 issue "digicert.com"`}, caa: dnscheck.CAAAllowed},
		"at the parent": {ns1: []string{`example.test. 60 IN CAA 0 issue "digicert.com"`}, caa: dnscheck.CAAAllowed},
		"at the registry": {
			registry: []string{`test. 60 IN CAA 0 issue "ca.test"`}, caa: dnscheck.CAAForbidden,
			message: "CAA records at test let only",
		},
		"another brand": {ns1: []string{`example.test. 60 IN CAA 0 issue "RapidSSL.com"`}, caa: dnscheck.CAAAllowed},
		"with parameters": {
			ns1: []string{`example.test. 60 IN CAA 0 issue " digicert.com ; account=1; validationmethods=dns-01,ca-tbr-7"`},
			caa: dnscheck.CAAAllowed,
		},
		"another method": {
			ns1: []string{`example.test. 60 IN CAA 0 issue "digicert.com; validationmethods=dns-01"`}, caa: dnscheck.CAARestricted,
			message: `The CAA record issue "digicert.com" at example.test allows only the validation methods "dns-01", and not ` +
				`"ca-tbr-7", which validates this name. From 15 March 2027 the authority has to obey that: ` +
				`add ca-tbr-7 to its validationmethods.`,
		},
		"another method, later": {
			ns1: []string{`example.test. 60 IN CAA 0 issue "digicert.com; validationmethods=dns-01"`}, caa: dnscheck.CAAForbidden,
			now: time.Date(2027, 3, 15, 0, 0, 0, 0, time.UTC), message: `which validates this name. Add ca-tbr-7 to its validationmethods.`,
		},
		"an account": {
			ns1: []string{`example.test. 60 IN CAA 0 issue "digicert.com; accounturi=https://ca.test/1"`}, caa: dnscheck.CAARestricted,
			message: `lets only the account "https://ca.test/1" issue. DNS does not tell whether this order is of that account. ` +
				`From 15 March 2027 the authority has to obey that`,
		},
		"an account, later": {
			ns1: []string{`example.test. 60 IN CAA 0 issue "digicert.com; accounturi=https://ca.test/1"`}, caa: dnscheck.CAARestricted,
			now: time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC), message: "Compare it with the account that the authority gives.",
		},
		"an account, and any": {
			ns1: []string{`example.test. 60 IN CAA 0 issue "digicert.com; accounturi=https://ca.test/1"`,
				`example.test. 60 IN CAA 0 issue "digicert.com"`},
			caa: dnscheck.CAAAllowed,
		},
		"two accounts": {
			ns1: []string{`example.test. 60 IN CAA 0 issue "digicert.com; accounturi=https://x/1; accounturi=https://x/2"`},
			caa: dnscheck.CAAForbidden, message: `is not a single URI (RFC 8657, section 3): "digicert.com; accounturi=https://x/1`,
		},
		"two authorities in one": {
			ns1: []string{`example.test. 60 IN CAA 0 issue "digicert.com; letsencrypt.org"`}, caa: dnscheck.CAAForbidden,
			message: `A value that breaks the grammar of CAA authorizes nobody (RFC 8659, section 4.2)`,
		},
		"a dot at the end": {ns1: []string{`example.test. 60 IN CAA 0 issue "digicert.com."`}, caa: dnscheck.CAAForbidden},
		"tag in capitals":  {ns1: []string{`example.test. 60 IN CAA 0 ISSUE "letsencrypt.org"`}, caa: dnscheck.CAAForbidden},
		"one of several": {
			ns1: []string{`example.test. 60 IN CAA 0 issue "letsencrypt.org"`, `example.test. 60 IN CAA 0 issue "digicert.com"`},
			caa: dnscheck.CAAAllowed,
		},
		"only an address": {
			ns1: []string{`example.test. 60 IN CAA 0 iodef "mailto:a@example.test"`}, caa: dnscheck.CAAAllowed,
		},
		"critical but understood": {
			ns1: []string{`example.test. 60 IN CAA 128 iodef "mailto:a@example.test"`, `example.test. 60 IN CAA 128 issue "digicert.com"`},
			caa: dnscheck.CAAAllowed,
		},
		"unknown but not critical": {ns1: []string{`example.test. 60 IN CAA 0 tbs "x"`}, caa: dnscheck.CAAAllowed},
		"unknown and critical": {
			ns1: []string{`example.test. 60 IN CAA 128 tbs "x"`, `example.test. 60 IN CAA 0 issue "digicert.com"`},
			caa: dnscheck.CAAForbidden, message: `the property "tbs" is marked critical`,
		},
		"another authority": {
			ns1: []string{`example.test. 60 IN CAA 0 issue "letsencrypt.org"`, `example.test. 60 IN CAA 0 issue "pki.goog"`},
			caa: dnscheck.CAAForbidden,
			message: `The CAA records at example.test let only "letsencrypt.org" and "pki.goog" issue for www.example.test, ` +
				`which is not the authority of this order. Add the CAA record 0 issue "digicert.com" at example.test.`,
		},
		"nobody": {
			ns1: []string{`example.test. 60 IN CAA 0 issue ";"`}, caa: dnscheck.CAAForbidden,
			message: "forbid every authority to issue for www.example.test",
		},
		"empty value": {
			ns1: []string{`example.test. 60 IN CAA 0 issue ""`}, caa: dnscheck.CAAForbidden, message: "forbid every authority",
		},
		"broken value": {
			ns1: []string{`example.test. 60 IN CAA 0 issue "digicert com"`}, caa: dnscheck.CAAForbidden,
			message: "forbid every authority",
		},
		"nearest wins": {
			ns1: []string{`www.example.test. 60 IN CAA 0 issue "digicert.com"`, `example.test. 60 IN CAA 0 issue ";"`},
			caa: dnscheck.CAAAllowed,
		},
		"issuewild not for a host": {ns1: []string{`example.test. 60 IN CAA 0 issuewild ";"`}, caa: dnscheck.CAAAllowed},
		"issue for a wildcard": {
			ns1: []string{`example.test. 60 IN CAA 0 issue "digicert.com"`}, domains: []string{"*.example.test"},
			caa: dnscheck.CAAAllowed,
		},
		"issuewild overrides issue": {
			ns1:     []string{`example.test. 60 IN CAA 0 issue "digicert.com"`, `example.test. 60 IN CAA 0 issuewild "letsencrypt.org"`},
			domains: []string{"*.example.test"}, caa: dnscheck.CAAForbidden,
			message: `issue for *.example.test, which is not the authority of this order. ` +
				`Add the CAA record 0 issuewild "digicert.com" at example.test.`,
		},
		"issuewild alone": {
			ns1:     []string{`example.test. 60 IN CAA 0 issue ";"`, `example.test. 60 IN CAA 0 issuewild "digicert.com"`},
			domains: []string{"*.example.test"}, caa: dnscheck.CAAAllowed,
		},
		"the worst of the domains": {
			ns1:     []string{`example.test. 60 IN CAA 0 issue "digicert.com"`, `example.test. 60 IN CAA 0 issuewild ";"`},
			domains: []string{"example.test", "*.example.test"}, caa: dnscheck.CAAForbidden,
		},
		"Sectigo's names": {
			ns1: []string{`example.test. 60 IN CAA 0 issue "comodoca.com"`}, issuers: dnscheck.SectigoIssuers,
			caa: dnscheck.CAAAllowed,
		},
		"unknown authority": {ns1: []string{`example.test. 60 IN CAA 0 issue "digicert.com"`}, txt: true, caa: ""},
		"unknown authority, nobody": {
			ns1: []string{`example.test. 60 IN CAA 0 issue ";"`}, txt: true, caa: dnscheck.CAAForbidden,
			message: "Add a CAA record that names the authority at example.test.",
		},
		"unknown authority, none": {txt: true, caa: dnscheck.CAANone},
		"followed over CNAMEs": {
			ns1:   []string{nsOther, `www.example.test. 60 IN CNAME cdn.other.test.`},
			other: []string{`cdn.other.test. 60 IN CAA 0 issue "letsencrypt.org"`},
			caa:   dnscheck.CAAForbidden,
			message: `The CAA records at cdn.other.test, to which the CNAME at www.example.test leads, let only "letsencrypt.org" issue for ` +
				`www.example.test, which is not the authority of this order. Whoever runs cdn.other.test has to add the CAA record ` +
				`0 issue "digicert.com" there. At www.example.test it cannot stand, beside the CNAME.`,
		},
		"not climbed behind a CNAME": {
			ns1:   []string{nsOther, `www.example.test. 60 IN CNAME cdn.other.test.`, `example.test. 60 IN CAA 0 issue "digicert.com"`},
			other: []string{`other.test. 60 IN CAA 0 issue "letsencrypt.org"`, `cdn.other.test. 60 IN A 192.0.2.1`},
			caa:   dnscheck.CAAAllowed,
		},
		"CNAMEs in a circle": {
			ns1: []string{`www.example.test. 60 IN CNAME a.example.test.`, `a.example.test. 60 IN CNAME www.example.test.`},
			caa: dnscheck.CAANone,
		},
		"servers disagree": {
			ns1: []string{`example.test. 60 IN CAA 0 issue "digicert.com"`}, ns2: []string{`example.test. 60 IN CAA 0 issue "letsencrypt.org"`},
			caa: dnscheck.CAAForbidden,
		},
		"one server lags behind": {
			ns1: []string{}, ns2: []string{`example.test. 60 IN CAA 0 issue "letsencrypt.org"`}, caa: dnscheck.CAAForbidden,
		},
		"name above not served": {
			ns1: []string{nsOther}, domains: []string{"www.lost.test"},
			registry: []string{"lost.test. 60 IN NS ns.lost.test.", "ns.lost.test. 60 IN A " + otherIP}, caa: "",
			message: "The CAA records of www.lost.test could not be looked up",
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
			e := cname("_dnsauth.www.example.test", target)
			if test.txt {
				e = txt("_dnsauth.www.example.test", "x9Kq")
			}
			e.Domains, e.Issuers = test.domains, test.issuers
			c := checker(n)
			c.Now = test.now
			if test.now.IsZero() {
				c.Now = time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
			}
			got := checkOne(t, c, e)
			if got.CAA != test.caa {
				t.Errorf("CAA %q, want %q: %s", got.CAA, test.caa, got.Message)
			}
			if !strings.Contains(got.Message, test.message) {
				t.Errorf("message lacks %q:\n%s", test.message, got.Message)
			}
		})
	}
}

// Servers named for a zone need not know what is above it; that they do not is no news.
func TestCAAAboveGivenNameservers(t *testing.T) {
	t.Parallel()
	records := []string{"_dnsauth.example.test. 60 IN CNAME t0k3n.dcv.digicert.com."}
	n := dnstest.Start(t, tree(records, records, nil, nil)...)
	c := checker(n)
	c.Nameservers = []string{n.Addr(ns1IP)}
	got := checkOne(t, c, cname("_dnsauth.example.test", "t0k3n.dcv.digicert.com"))
	if got.Status != dnscheck.StatusPublished || got.CAA != "" {
		t.Errorf("status %q, CAA %q: %s", got.Status, got.CAA, got.Message)
	}
	if strings.Contains(got.Message, "CAA") {
		t.Errorf("the message tells of CAA records: %s", got.Message)
	}
}

func TestIssuersFor(t *testing.T) {
	tests := map[string]struct {
		recordType, value string
		want              []string
	}{
		"DigiCert":       {"CNAME", "x9kq.dcv.digicert.com.", dnscheck.DigiCertIssuers},
		"Sectigo":        {"cname", "a.b.Sectigo.com", dnscheck.SectigoIssuers},
		"Comodo":         {"CNAME", "a.b.comodoca.com", dnscheck.SectigoIssuers},
		"somebody else":  {"CNAME", "a.acm-validations.aws", nil},
		"similar suffix": {"CNAME", "a.notdigicert.com", nil},
		"TXT":            {"TXT", "a.dcv.digicert.com", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, dnscheck.IssuersFor(test.recordType, test.value)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
