// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec_test

import (
	"strings"

	"github.com/miekg/dns"
)

// past and future are arguments for signatures that are not valid now, by much more than clocks differ.
var (
	past   = []string{"-s", "-5184000", "-e", "now-2592000"}
	future = []string{"-s", "+2592000", "-e", "+5184000"}
)

// usual are records that most zones have.
var usual = []string{
	`@ IN TXT "apex"`,
	`@ IN CAA 0 issue "ca.example"`,
	`www IN TXT "www"`,
	`_dnsauth IN TXT "token"`,
	`deep.empty IN TXT "deep"`,
	`*.wild IN TXT "wild"`,
	`real.wild IN A 192.0.2.1`,
	`alias IN CNAME www`,
}

func and(records ...string) []string { return append(append([]string{}, usual...), records...) }

// noDS is the parent of a zone that has none of its keys.
func noDS(*dns.DNSKEY) []dns.RR { return nil }

func digest(digest uint8) func(*dns.DNSKEY) []dns.RR {
	return func(key *dns.DNSKEY) []dns.RR { return []dns.RR{key.ToDS(digest)} }
}

// changed is a DS record with something else in it.
func changed(change func(*dns.DS)) func(*dns.DNSKEY) []dns.RR {
	return func(key *dns.DNSKEY) []dns.RR {
		ds := key.ToDS(dns.SHA256)
		change(ds)
		return []dns.RR{ds}
	}
}

func otherTag(ds *dns.DS)        { ds.KeyTag++ }
func otherDigest(ds *dns.DS)     { ds.Digest = strings.Repeat("ab", 32) }
func otherAlgorithm(ds *dns.DS)  { ds.Algorithm = 100 }
func otherDigestType(ds *dns.DS) { ds.DigestType = 100 }

// both are the DS records of two functions.
func both(a, b func(*dns.DNSKEY) []dns.RR) func(*dns.DNSKEY) []dns.RR {
	return func(key *dns.DNSKEY) []dns.RR { return append(a(key), b(key)...) }
}

var (
	nsec3  = []string{"-3", "-"}
	optOut = []string{"-3", "-", "-A"}
)

// corpusZones are all zones of the corpus.
func corpusZones() []*signedZone {
	good := digest(dns.SHA256)
	return []*signedZone{
		{apex: "."},
		{apex: "test."},
		{apex: "nsec3.", sign: nsec3},
		{apex: "optout.", sign: optOut},

		// What algorithms and denials there are.
		{apex: "rsa8.test.", algorithm: "RSASHA256", records: usual},
		{apex: "rsa10.test.", algorithm: "RSASHA512", records: usual},
		{apex: "p256.test.", records: and(
			"to-secure IN CNAME www.rsa8.test.", "to-insecure IN CNAME www.insecure.test.", "to-bogus IN CNAME www.expired.test.",
			"to-nothing IN CNAME nothing.rsa8.test.", "to-chain IN CNAME to-secure.p256.test.", "*.star IN CNAME www.rsa8.test.",
			"dname IN DNAME rsa8.test.", "insecure-dname IN DNAME insecure.test.",
		)},
		{apex: "p384.test.", algorithm: "ECDSAP384SHA384", records: usual, ds: digest(dns.SHA384)},
		{apex: "ed25519.test.", algorithm: "ED25519", records: usual},
		{apex: "zsk.test.", zsk: "ECDSAP256SHA256", records: usual},
		{apex: "zskrsa.test.", algorithm: "RSASHA256", zsk: "RSASHA256", records: usual, sign: nsec3},
		{apex: "zskother.test.", zsk: "RSASHA256", records: usual},
		{apex: "nokeys.test.", records: usual, edit: without("nokeys.test. DNSKEY")},
		{apex: "n3most.test.", records: usual, sign: []string{"-3", "-", "-H", "150"}},
		{apex: "n3.test.", records: usual, sign: nsec3},
		{apex: "n3salt.test.", records: usual, sign: []string{"-3", "aabbcc", "-H", "10"}},
		{apex: "n3opt.test.", records: usual, sign: optOut},
		{apex: "n3rsa.test.", algorithm: "RSASHA256", records: usual, sign: nsec3},

		// Signatures.
		{apex: "expired.test.", records: usual, sign: past},
		{apex: "future.test.", records: usual, sign: future},
		{apex: "stale.test.", records: usual, stale: "_dnsauth.stale.test. TXT"},
		{apex: "stalecaa.test.", records: usual, stale: "stalecaa.test. CAA"},
		{apex: "stalensec.test.", records: usual, stale: "stalensec.test. NSEC"},
		{apex: "stalekey.test.", records: usual, stale: "stalekey.test. DNSKEY"},
		{apex: "nosig.test.", records: usual, edit: without("_dnsauth.nosig.test. RRSIG TXT")},
		{apex: "nokeysig.test.", records: usual, edit: without("nokeysig.test. RRSIG DNSKEY")},
		{apex: "nosigs.test.", records: usual, edit: without("* RRSIG")},
		{apex: "tampered.test.", records: usual, edit: replaced("_dnsauth.tampered.test. TXT", "token", "taken")},
		{apex: "tamperedrsa.test.", algorithm: "RSASHA256", records: usual, edit: replaced("_dnsauth.tamperedrsa.test. TXT", "token", "taken")},
		{apex: "tamperededdsa.test.", algorithm: "ED25519", records: usual, edit: replaced("_dnsauth.tamperededdsa.test. TXT", "token", "taken")},
		{apex: "tamperedwild.test.", records: usual, edit: replaced("*.wild.tamperedwild.test. TXT", `"wild"`, `"mild"`)},

		// Denials.
		{apex: "nodenial.test.", records: usual, edit: replaced("* NSEC", "RRSIG", "")},
		{apex: "nodenial3.test.", records: usual, sign: nsec3, edit: without("* NSEC3", "* RRSIG NSEC3")},
		{apex: "tampereddenial.test.", records: usual, edit: replaced("tampereddenial.test. NSEC", "TXT", "MX")},

		// Delegations.
		{apex: "insecure.test.", unsigned: true, records: and("to-bogus IN CNAME www.expired.test.", "to-secure IN CNAME www.p256.test.")},
		{apex: "keynods.test.", records: usual, ds: noDS},
		{apex: "dsnokey.test.", unsigned: true, records: usual, ds: good},
		{apex: "dsothertag.test.", records: usual, ds: changed(otherTag)},
		{apex: "dsotherdigest.test.", records: usual, ds: changed(otherDigest)},
		{apex: "dsunknownalgorithm.test.", records: usual, ds: changed(otherAlgorithm)},
		{apex: "dsunknowndigest.test.", records: usual, ds: changed(otherDigestType)},
		{apex: "dsrollover.test.", records: usual, ds: both(changed(otherTag), good)},
		{apex: "dsmixed.test.", records: usual, ds: both(changed(otherAlgorithm), good)},
		{apex: "dsmixedbad.test.", records: usual, ds: both(changed(otherAlgorithm), changed(otherTag))},
		{apex: "dstwodigests.test.", records: usual, ds: both(digest(dns.SHA384), good)},
		{apex: "dsonebaddigest.test.", records: usual, ds: both(digest(dns.SHA384), changed(otherDigest))},
		{apex: "child.insecure.test.", records: usual},
		{apex: "parent.test.", records: usual},
		{apex: "child.parent.test.", records: usual},
		{apex: "unsigned.parent.test.", unsigned: true, records: usual},
		{apex: "parentnoproof.test.", records: usual, edit: replaced("* NSEC", "RRSIG", "")},
		{apex: "unsigned.parentnoproof.test.", unsigned: true, records: usual},
		{apex: "parentnodssig.test.", records: usual, edit: without("child.parentnodssig.test. RRSIG DS")},
		{apex: "child.parentnodssig.test.", records: usual},
		{apex: "ghost.parent.test.", unsigned: true, records: usual},
		{apex: "ghostsigned.parent.test.", records: usual},
		{apex: "signed.nsec3.", records: usual},
		{apex: "unsigned.nsec3.", unsigned: true, records: usual},
		{apex: "signed.optout.", records: usual},
		{apex: "unsigned.optout.", unsigned: true, records: usual},
		{apex: "far.empty.optout.", unsigned: true, records: usual},
		{apex: "far.empty.nsec3.", unsigned: true, records: usual},
		{apex: "far.empty.parent.test.", records: usual},

		// What this package judges otherwise.
		{apex: "ds1.test.", records: usual, ds: digest(dns.SHA1)},
		{apex: "rsa5.test.", algorithm: "NSEC3RSASHA1", records: usual},
		{apex: "ed448.test.", algorithm: "ED448", records: usual},
	}
}
