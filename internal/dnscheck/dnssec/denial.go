// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec

import (
	"fmt"
	"slices"

	"github.com/miekg/dns"
)

// finding is what the NSEC or NSEC3 records of a response prove.
type finding int

const (
	unproven finding = iota
	absent           // what was asked for does not exist
	unsigned         // there is a delegation without DS records
	optOut           // perhaps: NSEC3 records with opt-out leave names out
	unjudged         // insecure, because of the number of iterations
)

// denials are the NSEC and NSEC3 records of a response whose signatures hold.
type denials struct {
	apex     string
	nsec     []*dns.NSEC
	nsec3    []*dns.NSEC3
	hashes   map[string]string // of names, by name
	insecure string            // why NSEC3 records are not judged, or empty
	rejected *failure          // why one of the records does not count
}

// readDenials takes the NSEC and NSEC3 records from the authority section of a response.
func (v *Validator) readDenials(w *work, m *dns.Msg, z *zone) *denials {
	d := &denials{apex: z.apex, hashes: make(map[string]string)}
	var seen []string
	for _, rr := range m.Ns {
		h := rr.Header()
		if h.Class != dns.ClassINET || h.Rrtype != dns.TypeNSEC && h.Rrtype != dns.TypeNSEC3 {
			continue
		}
		owner := dns.CanonicalName(h.Name)
		key := owner + typeName(h.Rrtype)
		if slices.Contains(seen, key) || !dns.IsSubDomain(z.apex, owner) {
			continue
		}
		if seen = append(seen, key); len(seen) > maxDenials {
			d.reject(unknown("the zone %s sends more than %d NSEC records at once", trimDot(z.apex), maxDenials))
			break
		}
		s := collect(m.Ns, owner, h.Rrtype)
		labels, problem := v.verify(w, s, z.apex, z.keys)
		if problem != nil {
			d.reject(problem)
			continue
		}
		if expanded := dns.CountLabel(owner) - labels; expanded > 1 || expanded == 1 && owner[:2] != "*." {
			continue // An NSEC record says where it stands, so that one from a wildcard says nothing.
		}
		switch rr := rr.(type) {
		case *dns.NSEC:
			d.nsec = append(d.nsec, rr)
		case *dns.NSEC3:
			d.addNSEC3(rr, owner)
		}
	}
	return d
}

func (d *denials) reject(f *failure) {
	if d.rejected == nil || d.rejected.status == Bogus && f.status == Unknown {
		d.rejected = f
	}
}

// failure says why there is no proof: for a record that does not count, or else as given.
func (d *denials) failure(otherwise *failure) *failure {
	if d.rejected == nil {
		return otherwise
	}
	f := *d.rejected
	f.reason = fmt.Sprintf("%s: %s", otherwise.reason, f.reason)
	return &f
}

// noData tells whether the records prove that name exists without records of the type, or that a wildcard says so.
func (d *denials) noData(name string, qtype uint16) finding {
	if result := d.noDataNSEC(name, qtype); result != unproven {
		return result
	}
	return d.noDataNSEC3(name, qtype)
}

// noName tells whether the records prove that neither name exists nor a wildcard for it.
func (d *denials) noName(name string) finding {
	if result := d.noNameNSEC(name); result != unproven {
		return result
	}
	return d.noNameNSEC3(name)
}

// noCloser tells whether the records prove that a wildcard with so many labels below it is the closest match for name.
func (d *denials) noCloser(name string, labels int) finding {
	next := ancestor(name, labels+1)
	for _, nsec := range d.nsec {
		// Name is what is covered: the next closer name may exist with nothing but names below it.
		if d.coversNSEC(nsec, name) && dns.CountLabel(d.encloserNSEC(nsec, name)) <= labels {
			return absent
		}
	}
	return d.coveredNSEC3(next)
}

// delegation tells whether the records prove that there is a delegation to name without DS records (unsigned), or none.
func (d *denials) delegation(name string) finding {
	for _, nsec := range d.nsec {
		if dns.CanonicalName(nsec.Hdr.Name) == name {
			return delegationIn(nsec.TypeBitMap)
		}
	}
	if d.noNameNSEC(name) == absent || d.noDataNSEC(name, dns.TypeDS) == absent {
		return absent
	}
	return d.delegationNSEC3(name)
}

// delegationIn reads the types at a name that is asked for DS records.
func delegationIn(types []uint16) finding {
	switch {
	case slices.Contains(types, dns.TypeDS), slices.Contains(types, dns.TypeSOA):
		// There are DS records after all, or the record is from below the delegation.
		return unproven
	case slices.Contains(types, dns.TypeNS):
		return unsigned
	default:
		return absent
	}
}

// denies tells whether the types at a name leave out the type, and the CNAME that would stand for it.
func denies(types []uint16, qtype uint16) bool {
	if slices.Contains(types, qtype) || slices.Contains(types, dns.TypeCNAME) {
		return false
	}
	// At a delegation only the zone below knows (RFC 6840, section 4.1).
	return !isDelegation(types) || qtype == dns.TypeDS
}

func isDelegation(types []uint16) bool {
	return slices.Contains(types, dns.TypeNS) && !slices.Contains(types, dns.TypeSOA)
}

// hidesBelow tells whether a zone says nothing about the names below a name with these types (RFC 6840, section 4.1).
func hidesBelow(types []uint16) bool {
	return isDelegation(types) || slices.Contains(types, dns.TypeDNAME)
}
