// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec

import "github.com/miekg/dns"

// coversNSEC tells whether a record proves that there are no records at name. There may be names below it.
func (d *denials) coversNSEC(nsec *dns.NSEC, name string) bool {
	owner, next := dns.CanonicalName(nsec.Hdr.Name), dns.CanonicalName(nsec.NextDomain)
	switch {
	case !dns.IsSubDomain(d.apex, name), !dns.IsSubDomain(d.apex, next), compareNames(owner, name) >= 0:
		return false
	case dns.IsSubDomain(owner, name) && hidesBelow(nsec.TypeBitMap):
		return false
	}
	// The last record leads back to the apex.
	return compareNames(name, next) < 0 || compareNames(next, owner) <= 0 && next == d.apex
}

// encloserNSEC returns the closest ancestor of name that exists, given a record that covers name.
func (d *denials) encloserNSEC(nsec *dns.NSEC, name string) string {
	shared := max(dns.CompareDomainName(nsec.Hdr.Name, name), dns.CompareDomainName(nsec.NextDomain, name))
	return ancestor(name, shared)
}

// isEmptyNSEC tells whether a record that covers name proves that the name exists, with nothing but names below it.
func isEmptyNSEC(nsec *dns.NSEC, name string) bool { return dns.IsSubDomain(name, nsec.NextDomain) }

func (d *denials) noDataNSEC(name string, qtype uint16) finding {
	for _, nsec := range d.nsec {
		switch {
		case dns.CanonicalName(nsec.Hdr.Name) == name:
			if denies(nsec.TypeBitMap, qtype) {
				return absent
			}
		case d.coversNSEC(nsec, name) && isEmptyNSEC(nsec, name):
			return absent
		case d.coversNSEC(nsec, name):
			wildcard := wildcardAt(d.encloserNSEC(nsec, name))
			for _, other := range d.nsec {
				if dns.CanonicalName(other.Hdr.Name) == wildcard && denies(other.TypeBitMap, qtype) {
					return absent
				}
				if d.coversNSEC(other, wildcard) && isEmptyNSEC(other, wildcard) {
					return absent
				}
			}
		}
	}
	return unproven
}

func (d *denials) noNameNSEC(name string) finding {
	for _, nsec := range d.nsec {
		if !d.coversNSEC(nsec, name) || isEmptyNSEC(nsec, name) {
			continue
		}
		wildcard := wildcardAt(d.encloserNSEC(nsec, name))
		for _, other := range d.nsec {
			if d.coversNSEC(other, wildcard) && !isEmptyNSEC(other, wildcard) {
				return absent
			}
		}
	}
	return unproven
}
