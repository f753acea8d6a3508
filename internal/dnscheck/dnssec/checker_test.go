// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// testChecker looks at the corpus as the provider does. It stands here because the corpus does.
func testChecker(t *testing.T, c *corpus) {
	anchors := filepath.Join(c.folder, "anchors.zone")
	put(t, anchors, []string{c.key.String()})
	checker := func(change func(*dnscheck.Checker)) *dnscheck.Checker {
		checker := &dnscheck.Checker{Roots: []string{c.address}, Port: c.port, Timeout: silence, TrustAnchors: anchors}
		change(checker)
		return checker
	}
	asIs := func(*dnscheck.Checker) {}
	tests := map[string]struct {
		zone    string
		change  func(*dnscheck.Checker)
		dnssec  string
		ready   bool
		message string // its beginning, or its end after …
	}{
		"secure":   {"p256.test", asIs, dnscheck.DNSSECSecure, true, "The TXT record at _dnsauth.p256.test is published"},
		"insecure": {"insecure.test", asIs, dnscheck.DNSSECInsecure, true, "The TXT record at _dnsauth.insecure.test is published"},
		"bogus record": {
			"stale.test", asIs, dnscheck.DNSSECBogus, false,
			"DNSSEC fails for the TXT record at _dnsauth.stale.test, so certificate authorities refuse it: " +
				"the signature of _dnsauth.stale.test TXT ended on ",
		},
		"bogus CAA": {
			"stalecaa.test", asIs, dnscheck.DNSSECBogus, false,
			"DNSSEC fails for the CAA records of stalecaa.test, so certificate authorities refuse it: the signature of stalecaa.test CAA ended on ",
		},
		"bogus zone": {
			"dsothertag.test", asIs, dnscheck.DNSSECBogus, false,
			"DNSSEC fails for the TXT record at _dnsauth.dsothertag.test, so certificate authorities refuse it: " +
				"the parent of dsothertag.test has a DS record for key ",
		},
		"no trust anchor": {
			"stale.test", func(c *dnscheck.Checker) { c.TrustAnchors = "" }, dnscheck.DNSSECInsecure, true,
			"The TXT record at _dnsauth.stale.test is published",
		},
		"other servers": {
			"p256.test", func(k *dnscheck.Checker) { k.Nameservers = []string{c.address} }, dnscheck.DNSSECUnknown, true,
			"The TXT record at _dnsauth.p256.test is published",
		},
		"another time": {
			"p256.test", func(c *dnscheck.Checker) { c.Now = time.Now().AddDate(1, 0, 0) }, dnscheck.DNSSECUnknown, true,
			"…The clock, the network or the trust anchor of this machine may be wrong.",
		},
		"no file": {
			"p256.test", func(c *dnscheck.Checker) { c.TrustAnchors += ".missing" }, dnscheck.DNSSECUnknown, false,
			"The trust anchors of DNSSEC cannot be read: open ",
		},
		"a file of something else": {
			"p256.test", func(k *dnscheck.Checker) { k.TrustAnchors = filepath.Join(c.folder, "anchors") }, dnscheck.DNSSECUnknown, false,
			"The file of DNSSEC trust anchors ",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := checker(test.change).Check(t.Context(), map[string]dnscheck.Expectation{"key": {
				Type: "TXT", FQDN: "_dnsauth." + test.zone, Value: "token", Domains: []string{test.zone}, Issuers: []string{"ca.example"},
			}})["key"]
			end, atEnd := strings.CutPrefix(test.message, "…")
			right := strings.HasPrefix(got.Message, test.message) || atEnd && strings.HasSuffix(got.Message, end)
			if got.DNSSEC != test.dnssec || got.Ready() != test.ready || !right {
				t.Errorf("got %s (ready: %t), want %s (%t) and %q:\n%+v", got.DNSSEC, got.Ready(), test.dnssec, test.ready, test.message, got)
			}
		})
	}
}
