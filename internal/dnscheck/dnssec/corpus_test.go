// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec_test

import (
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnssec"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/resolve"
)

// nothing is a Reader for a Resolver that is asked for signatures only.
type nothing struct{}

func (nothing) Read([]dns.RR) (struct{}, error)    { return struct{}{}, nil }
func (nothing) Bound([]resolve.Response[struct{}]) {}

// silence is how long a look-up waits for a server that does not answer. The servers of the corpus do.
const silence = 30 * time.Second

var corpusCases = []struct {
	name, qtype string
	want        dnssec.Status
	reason      string // is in the Reason
}{
	// Answers.
	{"www.rsa8.test.", "TXT", "secure", ""},
	{"www.rsa10.test.", "TXT", "secure", ""},
	{"www.p256.test.", "TXT", "secure", ""},
	{"www.p384.test.", "TXT", "secure", ""},
	{"www.ed25519.test.", "TXT", "secure", ""},
	{"www.zsk.test.", "TXT", "secure", ""},
	{"www.zskrsa.test.", "TXT", "secure", ""},
	{"www.zskother.test.", "TXT", "secure", ""},
	{"_dnsauth.p256.test.", "TXT", "secure", ""},
	{"p256.test.", "CAA", "secure", ""},
	{"p256.test.", "TXT", "secure", ""},
	{"deep.empty.p256.test.", "TXT", "secure", ""},
	{"n3.test.", "CAA", "secure", ""},
	{"test.", "SOA", "secure", ""},

	// Denials.
	{"www.p256.test.", "CAA", "secure", ""},
	{"nothing.p256.test.", "TXT", "secure", ""},
	{"a.b.c.p256.test.", "TXT", "secure", ""},
	{"empty.p256.test.", "TXT", "secure", ""},
	{"test.", "CAA", "secure", ""},
	{"nothing.", "TXT", "secure", ""},
	{"www.rsa8.test.", "CAA", "secure", ""},
	{"nothing.rsa8.test.", "TXT", "secure", ""},
	{"nothing.zsk.test.", "TXT", "secure", ""},
	{"nothing.zskrsa.test.", "TXT", "secure", ""},
	{"nothing.ed25519.test.", "TXT", "secure", ""},
	{"www.n3.test.", "CAA", "secure", ""},
	{"nothing.n3.test.", "TXT", "secure", ""},
	{"a.b.c.n3.test.", "TXT", "secure", ""},
	{"empty.n3.test.", "TXT", "secure", ""},
	{"www.n3salt.test.", "CAA", "secure", ""},
	{"nothing.n3salt.test.", "TXT", "secure", ""},
	{"nothing.n3most.test.", "TXT", "secure", ""},
	{"nothing.n3rsa.test.", "TXT", "secure", ""},
	{"www.n3opt.test.", "CAA", "secure", ""},
	{"empty.n3opt.test.", "TXT", "secure", ""},
	{"nothing.nodenial.test.", "TXT", "bogus", "does not prove that the name nothing.nodenial.test does not exist"},
	{"www.nodenial.test.", "CAA", "bogus", "does not prove that www.nodenial.test CAA does not exist"},
	{"www.nodenial.test.", "TXT", "secure", ""},
	{"nothing.nodenial3.test.", "TXT", "bogus", "does not prove"},
	{"tampereddenial.test.", "MX", "bogus", "does not match the records"},

	// Wildcards.
	{"x.wild.p256.test.", "TXT", "secure", ""},
	{"y.x.wild.p256.test.", "TXT", "secure", ""},
	{"*.wild.p256.test.", "TXT", "secure", ""},
	{"x.wild.p256.test.", "CAA", "secure", ""},
	{"real.wild.p256.test.", "TXT", "secure", ""},
	{"x.real.wild.p256.test.", "TXT", "secure", ""},
	{"wild.p256.test.", "TXT", "secure", ""},
	{"x.wild.n3.test.", "TXT", "secure", ""},
	{"x.wild.n3.test.", "CAA", "secure", ""},
	{"x.wild.n3opt.test.", "TXT", "insecure", "opt-out, which leaves open whether x.wild.n3opt.test exists"},
	{"x.wild.nodenial.test.", "TXT", "bogus", "comes from a wildcard"},
	{"x.wild.nodenial3.test.", "TXT", "bogus", "comes from a wildcard"},
	{"x.wild.tamperedwild.test.", "TXT", "bogus", "does not match the records"},

	// Signatures.
	{"www.expired.test.", "TXT", "bogus", "the signature of expired.test DNSKEY ended on "},
	{"www.future.test.", "TXT", "bogus", "the signature of future.test DNSKEY is not valid before "},
	{"_dnsauth.stale.test.", "TXT", "bogus", "the signature of _dnsauth.stale.test TXT ended on "},
	{"www.stale.test.", "TXT", "secure", ""},
	{"stalecaa.test.", "CAA", "bogus", "the signature of stalecaa.test CAA ended on "},
	{"www.stalekey.test.", "TXT", "bogus", "the signature of stalekey.test DNSKEY ended on "},
	{"stalensec.test.", "MX", "bogus", "the signature of stalensec.test NSEC ended on "},
	{"_dnsauth.nosig.test.", "TXT", "bogus", "_dnsauth.nosig.test TXT has no signature"},
	{"www.nosig.test.", "TXT", "secure", ""},
	{"www.nokeysig.test.", "TXT", "bogus", "nokeysig.test DNSKEY has no signature"},
	{"www.nosigs.test.", "TXT", "bogus", "has no signature"},
	{"_dnsauth.tampered.test.", "TXT", "bogus", "the signature of _dnsauth.tampered.test TXT by key "},
	{"_dnsauth.tamperedrsa.test.", "TXT", "bogus", "does not match the records"},
	{"_dnsauth.tamperededdsa.test.", "TXT", "bogus", "does not match the records"},

	// Delegations.
	{"www.insecure.test.", "TXT", "insecure", "the zone test has no DS record for insecure.test"},
	{"nothing.insecure.test.", "TXT", "insecure", ""},
	{"insecure.test.", "CAA", "insecure", ""},
	{"www.keynods.test.", "TXT", "insecure", "the zone test has no DS record for keynods.test"},
	{"www.dsnokey.test.", "TXT", "bogus", "and the zone has no DNSKEY record"},
	{"www.nokeys.test.", "TXT", "bogus", "and the zone has no DNSKEY record"},
	{"www.dsothertag.test.", "TXT", "bogus", "and the zone has no such key, only "},
	{"www.dsotherdigest.test.", "TXT", "bogus", "with another digest"},
	{"www.dsunknownalgorithm.test.", "TXT", "insecure", "the algorithm 100"},
	{"www.dsunknowndigest.test.", "TXT", "insecure", "the digest type 100"},
	{"www.dsrollover.test.", "TXT", "secure", ""},
	{"www.dsmixed.test.", "TXT", "secure", ""},
	{"www.dsmixedbad.test.", "TXT", "bogus", "and the zone has no such key"},
	{"www.dstwodigests.test.", "TXT", "secure", ""},
	{"www.dsonebaddigest.test.", "TXT", "secure", ""},
	{"www.child.insecure.test.", "TXT", "insecure", ""},
	{"www.child.parent.test.", "TXT", "secure", ""},
	{"www.unsigned.parent.test.", "TXT", "insecure", ""},
	{"www.unsigned.parentnoproof.test.", "TXT", "bogus", "does not prove that it has no DS record for unsigned.parentnoproof.test"},
	{"www.child.parentnodssig.test.", "TXT", "bogus", "child.parentnodssig.test DS has no signature"},
	{"www.ghost.parent.test.", "TXT", "bogus", "does not delegate ghost.parent.test"},
	{"www.ghostsigned.parent.test.", "TXT", "bogus", "does not delegate ghostsigned.parent.test"},
	{"www.signed.nsec3.", "TXT", "secure", ""},
	{"www.unsigned.nsec3.", "TXT", "insecure", "the zone nsec3 has no DS record for unsigned.nsec3"},
	{"www.far.empty.nsec3.", "TXT", "insecure", ""},
	{"www.signed.optout.", "TXT", "secure", ""},
	{"www.unsigned.optout.", "TXT", "insecure", "the zone optout has no DS record for unsigned.optout"},
	{"www.far.empty.optout.", "TXT", "insecure", ""},
	{"nothing.nsec3.", "TXT", "secure", ""},
	{"empty.nsec3.", "TXT", "secure", ""},
	{"www.far.empty.parent.test.", "TXT", "secure", ""},
	{"empty.parent.test.", "TXT", "secure", ""},

	// CNAME and DNAME records.
	{"alias.p256.test.", "TXT", "secure", ""},
	{"alias.n3.test.", "TXT", "secure", ""},
	{"alias.p256.test.", "CNAME", "secure", ""},
	{"to-secure.p256.test.", "TXT", "secure", ""},
	{"to-chain.p256.test.", "TXT", "secure", ""},
	{"to-insecure.p256.test.", "TXT", "insecure", "insecure.test"},
	{"to-bogus.p256.test.", "TXT", "bogus", "expired.test DNSKEY ended"},
	{"to-nothing.p256.test.", "TXT", "secure", ""},
	{"x.star.p256.test.", "TXT", "secure", ""},
	{"to-secure.insecure.test.", "TXT", "insecure", ""},
	{"to-bogus.insecure.test.", "TXT", "bogus", "expired.test DNSKEY ended"},
	{"www.dname.p256.test.", "TXT", "secure", ""},
	{"nothing.dname.p256.test.", "TXT", "secure", ""},
	{"www.insecure-dname.p256.test.", "TXT", "insecure", ""},
}

// deviations are cases that BIND judges otherwise, and why.
var deviations = []struct {
	name, qtype string
	want, bind  dnssec.Status
	why         string
}{
	{"www.ds1.test.", "TXT", "insecure", "secure", "validators treat SHA-1 in DS records as unsupported (RFC 9905)"},
	{"www.rsa5.test.", "TXT", "insecure", "secure", "validators treat SHA-1 in signatures as unsupported (RFC 9905)"},
	{"www.ed448.test.", "TXT", "insecure", "secure", "Go has no Ed448, and few validators need it"},
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	c := serve(t, corpusZones())
	anchors := []dns.RR{c.key}
	now := time.Now()
	validator := dnssec.New(anchors, now)
	resolver := resolve.New(resolve.Config{Roots: []string{c.address}, Port: c.port, Timeout: silence}, nothing{})
	validate := func(t *testing.T, name, qtype string) dnssec.Result {
		return validator.Validate(t.Context(), resolver.Signed(resolve.NewTask()), name, dns.StringToType[qtype])
	}
	for _, test := range corpusCases {
		t.Run(test.name+" "+test.qtype, func(t *testing.T) {
			t.Parallel()
			got := validate(t, test.name, test.qtype)
			status := c.judge(t, test.name, test.qtype)
			if got.Status != test.want || status != test.want || !strings.Contains(got.Reason, test.reason) {
				t.Errorf("got %s (%s), want %s (%s), and BIND judges %s", got.Status, got.Reason, test.want, test.reason, status)
			}
			if (got.Reason == "") != (got.Status == dnssec.Secure) {
				t.Errorf("the reason for %s is %q", got.Status, got.Reason)
			}
		})
	}
	t.Run("checker", func(t *testing.T) {
		t.Parallel()
		testChecker(t, c)
	})
	t.Run("resolver", func(t *testing.T) {
		t.Parallel()
		testResolver(t, c)
	})
	for _, test := range deviations {
		t.Run(test.name+" "+test.qtype, func(t *testing.T) {
			t.Parallel()
			got := validate(t, test.name, test.qtype)
			status := c.judge(t, test.name, test.qtype)
			if got.Status != test.want || status != test.bind {
				t.Errorf("got %s (%s), want %s since %s, and BIND judges %s", got.Status, got.Reason, test.want, test.why, status)
			}
		})
	}
}
