// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// rrset is the records of one type at one name, and their signatures.
type rrset struct {
	name    string
	qtype   uint16
	records []dns.RR
	sigs    []*dns.RRSIG
}

func (s rrset) String() string { return trimDot(s.name) + " " + typeName(s.qtype) }

// collect takes the RRset at name from a section of a response. It writes the owner names as the signatures need them: all
// the same.
func collect(section []dns.RR, name string, qtype uint16) rrset {
	s := rrset{name: name, qtype: qtype}
	for _, rr := range section {
		h := rr.Header()
		if h.Class != dns.ClassINET || dns.CanonicalName(h.Name) != name {
			continue
		}
		sig, isSig := rr.(*dns.RRSIG)
		switch {
		case isSig && sig.TypeCovered == qtype:
			h.Name = name
			s.sigs = append(s.sigs, sig)
		case h.Rrtype == qtype:
			h.Name = name
			s.records = append(s.records, rr)
		}
	}
	return s
}

// supported tells whether signatures of an algorithm can be verified. RSASHA512 is there because validators must have it
// (RFC 8624). The algorithms with SHA-1 count as unsupported (RFC 9905).
func supported(algorithm uint8) bool {
	switch algorithm {
	case dns.RSASHA256, dns.RSASHA512, dns.ECDSAP256SHA256, dns.ECDSAP384SHA384, dns.ED25519:
		return true
	}
	return false
}

// supportedDigest tells whether DS records of a digest type count. SHA-1 does not (RFC 9905).
func supportedDigest(digest uint8) bool { return digest == dns.SHA256 || digest == dns.SHA384 }

// isZoneKey tells whether a key may sign records (RFC 4034, section 2.1).
func isZoneKey(key *dns.DNSKEY) bool { return key.Protocol == 3 && key.Flags&dns.ZONE != 0 }

// verify checks that one of the signatures of an RRset is by one of the keys of a zone, and valid now. It returns the
// number of labels that are signed: less than the owner has if the records come from a wildcard.
func (v *Validator) verify(w *work, s rrset, apex string, keys []zoneKey) (labels int, failed *failure) {
	switch {
	case len(s.records) > maxRecords:
		return 0, unknown("%s has %d records, which is more than can be judged", s, len(s.records))
	case len(s.sigs) > maxSignatures:
		return 0, unknown("%s has %d signatures, which is more than can be judged", s, len(s.sigs))
	case len(s.sigs) == 0:
		return 0, bogus("%s has no signature, and the zone %s is signed", s, trimDot(apex))
	}
	labels = dns.CountLabel(s.name)
	if len(s.name) > 1 && s.name[:2] == "*." {
		labels-- // RFC 4034, section 3.1.3
	}
	var problems []*failure
	for _, sig := range s.sigs {
		if int(sig.Labels) > labels || dns.CanonicalName(sig.SignerName) != apex {
			problems = append(problems, misplaced(s, sig, apex, labels))
			continue
		}
		problem := v.verifyOne(w, s, sig, keys)
		if problem == nil {
			return int(sig.Labels), nil
		}
		if problem == errTooMuch {
			return 0, problem
		}
		problems = append(problems, problem)
	}
	return 0, slices.MinFunc(problems, func(a, b *failure) int { return a.order() - b.order() })
}

// misplaced says why a signature is not one of the zone.
func misplaced(s rrset, sig *dns.RRSIG, apex string, labels int) *failure {
	signer := dns.CanonicalName(sig.SignerName)
	if int(sig.Labels) > labels {
		return bogus("the signature of %s is for a name of %d labels", s, sig.Labels)
	}
	// Perhaps a zone begins here that the look-up of name servers did not meet.
	return unknown("%s is signed by %s, and the name servers lead to the zone %s", s, trimDot(signer), trimDot(apex))
}

// verifyOne checks one signature.
func (v *Validator) verifyOne(w *work, s rrset, sig *dns.RRSIG, keys []zoneKey) *failure {
	if !supported(sig.Algorithm) {
		return unknown("%s is signed with the algorithm %s, which is not supported", s, algorithmName(sig.Algorithm))
	}
	if problem := v.inTime(s, sig); problem != nil {
		return problem
	}
	matched, unusable := false, false
	for _, key := range keys {
		if key.Algorithm != sig.Algorithm || key.tag != sig.KeyTag {
			continue
		}
		if key.Flags&dns.REVOKE != 0 {
			unusable = true // Resolvers differ in whether they use it (RFC 5011, section 2.1).
			continue
		}
		if !w.spend() {
			return errTooMuch
		}
		switch err := sig.Verify(key.DNSKEY, s.records); {
		case err == nil:
			return nil
		case errors.Is(err, dns.ErrSig), errors.Is(err, rsa.ErrVerification):
			matched = true
		default:
			// Go refuses RSA keys of less than 1024 bits, and package dns large ones, which others accept.
			unusable = true
		}
	}
	switch {
	case unusable:
		return unknown("%s is signed with key %d, which is revoked or of a size that is not supported", s, sig.KeyTag)
	case matched:
		return bogus("the signature of %s by key %d does not match the records", s, sig.KeyTag)
	default:
		f := bogus("%s is signed with key %d, which is not %s", s, sig.KeyTag, rightKeys(s, sig))
		f.foreign = true
		return f
	}
}

// rightKeys says which keys may sign an RRset.
func rightKeys(s rrset, sig *dns.RRSIG) string {
	zone := trimDot(dns.CanonicalName(sig.SignerName))
	if s.qtype == dns.TypeDNSKEY {
		return "one that the DS records of " + zone + " name"
	}
	return "among the DNSKEY records of " + zone
}

// The clock of this machine may be wrong, and resolvers tolerate a part of the lifetime of signatures: Unbound takes a
// tenth of it, at least an hour and at most a day. Within that a signature is neither valid nor bogus.
const minSkew, maxSkew = time.Hour, 24 * time.Hour

// inTime checks that a signature is valid now (RFC 4034, section 3.1.5).
func (v *Validator) inTime(s rrset, sig *dns.RRSIG) *failure {
	// Both times are 32 bits wide and wrap around, so that only their distance counts.
	now := uint32(v.now.Unix())
	begun := time.Duration(int32(now-sig.Inception)) * time.Second
	left := time.Duration(int32(sig.Expiration-now)) * time.Second
	skew := min(max((begun+left)/10, minSkew), maxSkew)
	verdict := bogus
	if begun >= -skew && left >= -skew {
		verdict = unknown
	}
	switch {
	case begun >= 0 && left >= 0:
		return nil
	case left < 0:
		return verdict("the signature of %s ended on %s", s, day(v.now.Add(left)))
	default:
		return verdict("the signature of %s is not valid before %s", s, day(v.now.Add(-begun)))
	}
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 at 15:04 UTC") }

func algorithmName(algorithm uint8) string {
	if name, known := dns.AlgorithmToString[algorithm]; known {
		return fmt.Sprintf("%d (%s)", algorithm, name)
	}
	return fmt.Sprint(algorithm)
}
