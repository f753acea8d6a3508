// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"time"

	"github.com/miekg/dns"
)

// update applies an RFC 2136 update, which has to be signed.
func (s *Sandbox) update(w dns.ResponseWriter, r, m *dns.Msg) {
	sig := r.IsTsig()
	switch {
	case sig == nil:
		m.Rcode = dns.RcodeRefused
	case w.TsigStatus() != nil:
		// The answer to a request with a bad signature is not signed (RFC 8945, section 5.3.2).
		m.Rcode = dns.RcodeNotAuth
	default:
		m.Rcode = s.applyUpdate(r)
		m.SetTsig(sig.Hdr.Name, sig.Algorithm, 300, time.Now().Unix())
	}
	s.log.Info("DNS update", "zone", r.Question[0].Name, "changes", len(r.Ns), "rcode", dns.RcodeToString[m.Rcode])
}

// applyUpdate checks zone, prerequisites and changes, in this order (RFC 2136, section 3), and then makes the changes.
func (s *Sandbox) applyUpdate(r *dns.Msg) (rcode int) {
	q := r.Question[0]
	if q.Qtype != dns.TypeSOA {
		return dns.RcodeFormatError
	}
	s.zones.mu.Lock()
	defer s.zones.mu.Unlock()
	z := s.zones.zones[dns.CanonicalName(q.Name)]
	if z == nil || q.Qclass != dns.ClassINET {
		return dns.RcodeNotAuth
	}
	if rcode := s.zones.prerequisites(z, r.Answer); rcode != dns.RcodeSuccess {
		return rcode
	}
	for _, rr := range r.Ns {
		if rcode := s.zones.prescan(z, rr); rcode != dns.RcodeSuccess {
			return rcode
		}
	}
	s.zones.change(z, r.Ns)
	if len(r.Ns) > 0 {
		z.bump()
	}
	return dns.RcodeSuccess
}

// prerequisites checks the prerequisite section (RFC 2136, section 3.2).
func (st *zoneStore) prerequisites(z *zone, section []dns.RR) (rcode int) {
	type key struct {
		name   string
		rrtype uint16
	}
	wanted := map[key][]dns.RR{}
	for _, rr := range section {
		h := rr.Header()
		name := dns.CanonicalName(h.Name)
		if h.Ttl != 0 {
			return dns.RcodeFormatError
		}
		if st.find(name) != z {
			return dns.RcodeNotZone
		}
		sets := z.names[name]
		switch h.Class {
		case dns.ClassANY:
			if h.Rrtype == dns.TypeANY && len(sets) == 0 {
				return dns.RcodeNameError
			}
			if h.Rrtype != dns.TypeANY && len(sets[h.Rrtype]) == 0 {
				return dns.RcodeNXRrset
			}
		case dns.ClassNONE:
			if h.Rrtype == dns.TypeANY && len(sets) > 0 {
				return dns.RcodeYXDomain
			}
			if h.Rrtype != dns.TypeANY && len(sets[h.Rrtype]) > 0 {
				return dns.RcodeYXRrset
			}
		case dns.ClassINET:
			k := key{name, h.Rrtype}
			wanted[k] = append(wanted[k], rr)
		default:
			return dns.RcodeFormatError
		}
	}
	for k, want := range wanted {
		have := z.names[k.name][k.rrtype]
		if len(have) != len(want) {
			return dns.RcodeNXRrset
		}
		for _, rr := range want {
			if !contains(have, rr) {
				return dns.RcodeNXRrset
			}
		}
	}
	return dns.RcodeSuccess
}

// contains tells whether a set holds a record with the same name, type, class and data.
func contains(set []dns.RR, rr dns.RR) bool {
	for _, have := range set {
		if dns.IsDuplicate(have, rr) {
			return true
		}
	}
	return false
}

// prescan checks one record of the update section (RFC 2136, section 3.4.1).
func (st *zoneStore) prescan(z *zone, rr dns.RR) (rcode int) {
	h := rr.Header()
	if st.find(h.Name) != z {
		return dns.RcodeNotZone
	}
	meta := h.Rrtype == dns.TypeANY || h.Rrtype == dns.TypeAXFR || h.Rrtype == dns.TypeMAILA || h.Rrtype == dns.TypeMAILB
	switch h.Class {
	case dns.ClassINET:
		if meta || h.Rdlength == 0 {
			return dns.RcodeFormatError
		}
	case dns.ClassANY:
		if h.Ttl != 0 || meta && h.Rrtype != dns.TypeANY {
			return dns.RcodeFormatError
		}
	case dns.ClassNONE:
		if h.Ttl != 0 || meta {
			return dns.RcodeFormatError
		}
	default:
		return dns.RcodeFormatError
	}
	return dns.RcodeSuccess
}

// change makes one change of the update section (RFC 2136, section 3.4.2). The apex keeps its SOA and NS records.
func (z *zone) change(rr dns.RR) {
	h := rr.Header()
	name := dns.CanonicalName(h.Name)
	sets := z.names[name]
	protected := func(t uint16) bool { return name == z.origin && (t == dns.TypeSOA || t == dns.TypeNS) }
	switch h.Class {
	case dns.ClassANY:
		if h.Rrtype != dns.TypeANY {
			if !protected(h.Rrtype) {
				z.remove(name, h.Rrtype, nil)
			}
			return
		}
		for t := range sets {
			if !protected(t) {
				z.remove(name, t, nil)
			}
		}
	case dns.ClassNONE:
		if protected(h.Rrtype) && (h.Rrtype == dns.TypeSOA || len(sets[dns.TypeNS]) == 1) {
			return
		}
		exact := dns.Copy(rr)
		exact.Header().Class = dns.ClassINET
		z.remove(name, h.Rrtype, func(have dns.RR) bool { return dns.IsDuplicate(have, exact) })
	default:
		switch h.Rrtype {
		case dns.TypeCNAME:
			// A CNAME stands alone (RFC 1034, section 3.6.2): with other data it is ignored, an older one it replaces.
			if len(sets) > 0 && sets[dns.TypeCNAME] == nil {
				return
			}
			z.remove(name, dns.TypeCNAME, nil)
		case dns.TypeSOA:
			soa, ok := rr.(*dns.SOA)
			if old := z.soa(); !ok || name != z.origin || old != nil && int32(soa.Serial-old.Serial) <= 0 {
				return
			}
			z.remove(name, dns.TypeSOA, nil)
		default:
			if sets[dns.TypeCNAME] != nil {
				return
			}
		}
		z.put(rr)
	}
}
