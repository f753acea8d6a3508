// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck_test

import (
	"testing"

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
