// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// flagOptOut is the only flag of NSEC3 records (RFC 5155, section 3.1.2).
const flagOptOut = 1

// addNSEC3 takes a record. All records of a response have the same parameters (RFC 5155, section 8.2).
func (d *denials) addNSEC3(rr *dns.NSEC3, owner string) {
	switch {
	case rr.Hash != dns.SHA1, rr.Flags&^flagOptOut != 0:
		d.reject(unknown("an NSEC3 record of the zone %s has parameters that are not known", trimDot(d.apex)))
	case dns.CountLabel(owner) != dns.CountLabel(d.apex)+1:
		d.reject(bogus("an NSEC3 record of the zone %s stands at %s, below another name", trimDot(d.apex), trimDot(owner)))
	case rr.Iterations > maxIterations:
		d.insecure = fmt.Sprintf("the zone %s uses NSEC3 with %d iterations, and validators give up at more than %d",
			trimDot(d.apex), rr.Iterations, maxIterations)
	case len(d.nsec3) > 0 && (rr.Iterations != d.nsec3[0].Iterations || !strings.EqualFold(rr.Salt, d.nsec3[0].Salt)):
		d.reject(unknown("the NSEC3 records of the zone %s differ in their parameters", trimDot(d.apex)))
	default:
		d.nsec3 = append(d.nsec3, rr)
	}
}

// hash returns the hash of a name. NSEC3.Match and Cover would compute it again for every record, which a hostile zone
// could make expensive (CVE-2023-50868).
func (d *denials) hash(name string) string {
	hash, known := d.hashes[name]
	if !known {
		first := d.nsec3[0]
		hash = dns.HashName(name, first.Hash, first.Iterations, first.Salt)
		d.hashes[name] = hash
	}
	return hash
}

func ownerHash(rr *dns.NSEC3) string {
	hash, _, _ := strings.Cut(strings.ToUpper(rr.Hdr.Name), ".")
	return hash
}

// matchNSEC3 returns the record of a name, or nil.
func (d *denials) matchNSEC3(name string) *dns.NSEC3 {
	for _, rr := range d.nsec3 {
		if ownerHash(rr) == d.hash(name) {
			return rr
		}
	}
	return nil
}

// coveredNSEC3 tells whether a record proves that name does not exist: absent or optOut.
func (d *denials) coveredNSEC3(name string) finding {
	if d.insecure != "" {
		return unjudged
	}
	for _, rr := range d.nsec3 {
		hash, owner, next := d.hash(name), ownerHash(rr), strings.ToUpper(rr.NextDomain)
		covered := owner < hash && hash < next
		if next <= owner { // the last record, which leads back to the first
			covered = hash != owner && (owner < hash || hash < next)
		}
		switch {
		case covered && rr.Flags&flagOptOut != 0:
			return optOut
		case covered:
			return absent
		}
	}
	return unproven
}

// encloserNSEC3 proves the closest ancestor of name that exists (RFC 5155, section 8.3). covered is what is proved about the
// name on the way to name that is one label longer.
func (d *denials) encloserNSEC3(name string) (encloser string, covered finding) {
	if d.insecure != "" {
		return "", unjudged
	}
	if len(d.nsec3) == 0 {
		return "", unproven
	}
	for labels := dns.CountLabel(name) - 1; labels >= dns.CountLabel(d.apex); labels-- {
		encloser := ancestor(name, labels)
		rr := d.matchNSEC3(encloser)
		if rr == nil {
			continue
		}
		if hidesBelow(rr.TypeBitMap) {
			return "", unproven
		}
		return encloser, d.coveredNSEC3(ancestor(name, labels+1))
	}
	return "", unproven
}

func (d *denials) noDataNSEC3(name string, qtype uint16) finding {
	if d.insecure != "" {
		return unjudged
	}
	if rr := d.matchNSEC3(name); rr != nil {
		if denies(rr.TypeBitMap, qtype) {
			return absent
		}
		return unproven
	}
	encloser, covered := d.encloserNSEC3(name)
	if covered != absent && covered != optOut {
		return covered
	}
	if rr := d.matchNSEC3(wildcardAt(encloser)); rr != nil {
		if denies(rr.TypeBitMap, qtype) {
			return covered
		}
		return unproven
	}
	if covered == optOut {
		// The name may have unsigned delegations below it, which opt-out leaves out with the name itself.
		return optOut
	}
	return unproven
}

func (d *denials) noNameNSEC3(name string) finding {
	encloser, covered := d.encloserNSEC3(name)
	if covered != absent && covered != optOut {
		return covered
	}
	if wildcard := d.coveredNSEC3(wildcardAt(encloser)); wildcard != absent && wildcard != optOut {
		return unproven
	}
	return covered
}

func (d *denials) delegationNSEC3(name string) finding {
	if d.insecure != "" {
		return unjudged
	}
	if rr := d.matchNSEC3(name); rr != nil {
		return delegationIn(rr.TypeBitMap)
	}
	if _, covered := d.encloserNSEC3(name); covered == optOut {
		return unsigned
	} else if covered == absent {
		return absent
	}
	return unproven
}
