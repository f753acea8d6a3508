// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// TestDNSSEC looks at signed zones as the provider does, and lets the simulated CA do so too.
func TestDNSSEC(t *testing.T) {
	t.Parallel()
	s := start(t, Options{DNSSEC: true, Zones: []string{"example.com", "dev.example.com", "example.net"}})
	anchors := filepath.Join(t.TempDir(), "anchors")
	if err := os.WriteFile(anchors, []byte(s.TrustAnchor()), 0o600); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(s.DNSAddr)
	if err != nil {
		t.Fatal(err)
	}
	checker := dnscheck.Checker{Roots: []string{s.DNSAddr}, Port: port, TrustAnchors: anchors}
	check := func(name, status, dnssec, message string) {
		t.Helper()
		got := checker.Check(t.Context(), map[string]dnscheck.Expectation{"": {Type: "TXT", FQDN: name, Value: "x9Kq"}})[""]
		if got.Status != status || got.DNSSEC != dnssec || !strings.Contains(got.Message, message) {
			t.Errorf("%s: %s, %s, want %s, %s and %q: %s", name, got.Status, got.DNSSEC, status, dnssec, message, got.Message)
		}
	}
	for _, name := range []string{"_dnsauth.a.example.com", "_dnsauth.a.dev.example.com", "_dnsauth.a.example.net"} {
		check(name, dnscheck.StatusMissing, dnscheck.DNSSECSecure, "")
		ok(t, s.SetRecords(name, "TXT", `"x9Kq"`))
		check(name, dnscheck.StatusPublished, dnscheck.DNSSECSecure, "")
	}
	check("_dnsauth.a.example.org", dnscheck.StatusNotDelegated, dnscheck.DNSSECSecure, "")

	for signing, reason := range map[Signing]string{
		SignedExpired:    "the signature of example.net DNSKEY ended on ",
		SignedByOtherKey: "and the zone has no such key",
	} {
		ok(t, s.SetSigning("example.net", signing))
		check("_dnsauth.a.example.net", dnscheck.StatusPublished, dnscheck.DNSSECBogus, reason)
		if s.hasTXT(t.Context(), "_dnsauth.a.example.net", "x9Kq") {
			t.Errorf("%s: the CA sees the record", signing)
		}
	}
	ok(t, s.SetSigning("example.net", Signed))
	check("_dnsauth.a.example.net", dnscheck.StatusPublished, dnscheck.DNSSECSecure, "")
	if !s.hasTXT(t.Context(), "_dnsauth.a.example.net", "x9Kq") {
		t.Error("the CA does not see a record of a zone that is signed well")
	}
	if err := s.SetSigning("example.net", "unsigned"); err == nil {
		t.Error("a zone could be signed in a way that is not known")
	}
	if err := s.SetSigning("example.org", Signed); err == nil {
		t.Error("a zone that is not there could be signed")
	}
}
