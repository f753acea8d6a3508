// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package dnssign signs the answers of an authoritative DNS server with DNSSEC while it answers (RFC 4034, RFC 4035): with one
// key a zone, and denials by NSEC. It knows neither wildcards nor DNAME.
package dnssign

import (
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Zone is a zone with its key. Names are canonical: lower case, with a trailing dot.
type Zone struct {
	Apex string
	// Records are all records of the zone by owner and type, without those that signing adds.
	Records map[string]map[uint16][]dns.RR
	// Key signs the zone. A zone without one is not signed.
	Key *Key
}

// Key is the key of a zone.
type Key struct {
	*dns.DNSKEY
	private crypto.Signer
	// From and Until are the validity of its signatures.
	From, Until time.Time
}

// ttl is the TTL in seconds of the records that signing adds.
const ttl = 60

// NewKey makes a key whose signatures are valid from a day ago, in case that clocks differ, for a month.
func NewKey(apex string) (*Key, error) {
	record := &dns.DNSKEY{
		Hdr:   dns.RR_Header{Name: apex, Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: ttl},
		Flags: dns.ZONE | dns.SEP, Protocol: 3, Algorithm: dns.ECDSAP256SHA256,
	}
	made, err := record.Generate(256)
	if err != nil {
		return nil, err
	}
	private, ok := made.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a key of type %T cannot sign", made)
	}
	now := time.Now()
	return &Key{DNSKEY: record, private: private, From: now.AddDate(0, 0, -1), Until: now.AddDate(0, 1, 0)}, nil
}

// sign returns the signature of an RRset.
func (k *Key) sign(set []dns.RR) (dns.RR, error) {
	sig := &dns.RRSIG{
		Hdr: dns.RR_Header{Ttl: set[0].Header().Ttl}, Algorithm: k.Algorithm, KeyTag: k.KeyTag(), SignerName: k.Hdr.Name,
		Inception: uint32(k.From.Unix()), Expiration: uint32(k.Until.Unix()),
	}
	err := sig.Sign(k.private, set)
	return sig, err
}

// Zones are the zones of one server.
type Zones []Zone

// For returns the zone that answers for a name and type: the lowest, and for DS records the one above.
func (z Zones) For(name string, qtype uint16) (Zone, bool) {
	best := -1
	for i, zone := range z {
		if !dns.IsSubDomain(zone.Apex, name) || qtype == dns.TypeDS && zone.Apex == name && name != "." {
			continue
		}
		if best < 0 || dns.CountLabel(zone.Apex) > dns.CountLabel(z[best].Apex) {
			best = i
		}
	}
	if best < 0 {
		return Zone{}, false
	}
	return z[best], true
}

// Key answers a question for the keys of a zone, and tells whether it is one.
func (z Zones) Key(m *dns.Msg) bool {
	question := m.Question[0]
	zone, ok := z.For(dns.CanonicalName(question.Name), question.Qtype)
	if !ok || zone.Key == nil || question.Qtype != dns.TypeDNSKEY || zone.Apex != dns.CanonicalName(question.Name) {
		return false
	}
	m.Authoritative = true
	m.Answer = []dns.RR{zone.Key.DNSKEY}
	return true
}

// Sign adds to an answer what DNSSEC wants: signatures, proofs that names and types are not there, and DS records or the proof
// that there are none to referrals.
func (z Zones) Sign(m *dns.Msg) error {
	name := dns.CanonicalName(m.Question[0].Name)
	var errs []error
	add := func(to []dns.RR, zone Zone, set []dns.RR) []dns.RR {
		sig, err := zone.Key.sign(set)
		errs = append(errs, err)
		return append(append(to, set...), sig)
	}
	var answer []dns.RR
	for _, set := range sets(m.Answer) {
		header := set[0].Header()
		if zone, ok := z.For(dns.CanonicalName(header.Name), header.Rrtype); ok && zone.Key != nil {
			answer = add(answer, zone, set)
		} else {
			answer = append(answer, set...)
		}
		if alias, ok := set[0].(*dns.CNAME); ok && m.Question[0].Qtype != dns.TypeCNAME {
			name = dns.CanonicalName(alias.Target)
		}
	}
	m.Answer = answer
	if len(m.Ns) == 0 {
		return errors.Join(errs...)
	}
	owner := dns.CanonicalName(m.Ns[0].Header().Name)
	switch m.Ns[0].(type) {
	case *dns.SOA:
		zone, ok := z.For(owner, dns.TypeSOA)
		if !ok || zone.Key == nil {
			break
		}
		authority := add(nil, zone, m.Ns)
		for _, nsec := range zone.deny(name, m.Rcode == dns.RcodeNameError) {
			authority = add(authority, zone, []dns.RR{nsec})
		}
		m.Ns = authority
	case *dns.NS:
		zone, ok := z.For(owner, dns.TypeDS)
		if !ok || zone.Key == nil {
			break
		}
		if ds := zone.Records[owner][dns.TypeDS]; len(ds) > 0 {
			m.Ns = add(slices.Clone(m.Ns), zone, ds)
		} else {
			m.Ns = add(slices.Clone(m.Ns), zone, []dns.RR{zone.nsec(owner)})
		}
	}
	return errors.Join(errs...)
}

// sets cuts a section into RRsets.
func sets(records []dns.RR) [][]dns.RR {
	var all [][]dns.RR
	for _, rr := range records {
		last := len(all) - 1
		if last >= 0 && all[last][0].Header().Rrtype == rr.Header().Rrtype && all[last][0].Header().Name == rr.Header().Name {
			all[last] = append(all[last], rr)
		} else {
			all = append(all, []dns.RR{rr})
		}
	}
	return all
}

// deny returns the NSEC records that prove that a name has no record of a type, or that there is no such name.
func (z Zone) deny(name string, noName bool) []dns.RR {
	proofs := []dns.RR{z.nsec(name)}
	if !noName {
		return proofs
	}
	// The wildcard at the closest name that exists would have answered (RFC 4035, section 3.1.3.2).
	encloser := name
	for encloser != z.Apex && !z.exists(encloser) {
		next, end := dns.NextLabel(encloser, 0)
		if end {
			encloser = "."
			break
		}
		encloser = encloser[next:]
	}
	if wildcard := z.nsec("*." + strings.TrimPrefix(encloser, ".")); !dns.IsDuplicate(wildcard, proofs[0]) {
		proofs = append(proofs, wildcard)
	}
	return proofs
}

// exists tells whether a name, or one below it, has records.
func (z Zone) exists(name string) bool {
	for owner := range z.Records {
		if dns.IsSubDomain(name, owner) {
			return true
		}
	}
	return false
}

// nsec returns the NSEC record of a name, or the one that covers it.
func (z Zone) nsec(name string) dns.RR {
	owner, next := z.Apex, z.Apex // The apex comes first, and again after the last name.
	for candidate, records := range z.Records {
		switch {
		case len(records) == 0 || z.belowCut(candidate): // The zone is not authoritative for it.
		case compare(candidate, name) <= 0:
			owner = slices.MaxFunc([]string{owner, candidate}, compare)
		case next == z.Apex || compare(candidate, next) < 0:
			next = candidate
		}
	}
	types := []uint16{dns.TypeRRSIG, dns.TypeNSEC}
	for rrtype := range z.Records[owner] {
		types = append(types, rrtype)
	}
	if owner == z.Apex {
		types = append(types, dns.TypeDNSKEY)
	} else if len(z.Records[owner][dns.TypeNS]) > 0 {
		// At a delegation the zone has only these (RFC 4034, section 4.1.2).
		types = slices.DeleteFunc(types, func(t uint16) bool {
			return t != dns.TypeNS && t != dns.TypeDS && t != dns.TypeRRSIG && t != dns.TypeNSEC
		})
	}
	slices.Sort(types)
	return &dns.NSEC{
		Hdr:        dns.RR_Header{Name: owner, Rrtype: dns.TypeNSEC, Class: dns.ClassINET, Ttl: ttl},
		NextDomain: next, TypeBitMap: types,
	}
}

// belowCut tells whether a name is below a delegation, as glue is.
func (z Zone) belowCut(name string) bool {
	for name != z.Apex {
		next, end := dns.NextLabel(name, 0)
		if end {
			return false
		}
		name = name[next:]
		if name != z.Apex && len(z.Records[name][dns.TypeNS]) > 0 {
			return true
		}
	}
	return false
}

// compare compares names in the canonical order of RFC 4034, section 6.1: label by label from the right.
func compare(a, b string) int {
	left, right := dns.SplitDomainName(a), dns.SplitDomainName(b)
	slices.Reverse(left)
	slices.Reverse(right)
	return slices.Compare(left, right)
}
