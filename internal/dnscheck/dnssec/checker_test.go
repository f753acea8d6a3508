// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/certops/terraform-provider-certops/internal/dnscheck"
	"github.com/certops/terraform-provider-certops/internal/sandbox/bindtest"
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

// testResolver looks at the corpus through resolvers. One that validates must lead to the same verdicts as the servers of the
// zones, and one that does not must never make a zone bogus.
func testResolver(t *testing.T, c *corpus) {
	file := filepath.Join(c.folder, "resolver.anchors")
	put(t, file, []string{c.key.String()})
	look := func(servers ...string) map[string]dnscheck.Result {
		expectations := make(map[string]dnscheck.Expectation)
		for _, test := range corpusCases {
			name := strings.TrimSuffix(test.name, ".")
			if test.qtype == "TXT" {
				expectations[name] = dnscheck.Expectation{Type: "TXT", FQDN: name, Value: "token", Domains: []string{"test"}}
			}
		}
		checker := &dnscheck.Checker{Roots: []string{c.address}, Port: c.port, Timeout: silence, TrustAnchors: file, Nameservers: servers}
		return checker.Check(t.Context(), expectations)
	}
	byServers := look()
	for name, resolver := range map[string]string{"validates": c.resolver, "does not validate": bindtest.Resolve(t, c.address, "")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			byResolver := look(resolver)
			for key, want := range byServers {
				got := byResolver[key]
				if resolver != c.resolver && want.DNSSEC == dnscheck.DNSSECBogus {
					want.DNSSEC = dnscheck.DNSSECUnknown
				}
				if got.DNSSEC != want.DNSSEC || got.Status != want.Status {
					t.Errorf("%s: got %s and %s, want %s and %s\nby the resolver: %s\nby the servers: %s",
						key, got.Status, got.DNSSEC, want.Status, want.DNSSEC, got.Message, want.Message)
				}
			}
		})
	}
}
