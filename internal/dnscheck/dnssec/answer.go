// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec

import (
	"strings"

	"github.com/miekg/dns"
)

// answer is what a response says about a name and type, once it has been validated.
type answer struct {
	target   string // where a CNAME leads, or empty
	insecure string // why the answer is not secure though the zone is, or empty
}

// unusableResponse returns why a response says nothing about the zone at apex.
func unusableResponse(m *dns.Msg, apex string) *failure {
	if m.Rcode == dns.RcodeSuccess || m.Rcode == dns.RcodeNameError {
		return nil
	}
	name, known := dns.RcodeToString[m.Rcode]
	if !known {
		name = "with an error"
	}
	f := unknown("a server of the zone %s answered %s", trimDot(apex), name)
	f.useless = true
	return f
}

// unsure makes a failure unknown where the response is not that of an authoritative server: something else may stand
// between it and this machine.
func unsure(m *dns.Msg, f *failure) *failure {
	if m.Authoritative || f.status != Bogus {
		return f
	}
	f = unknown("%s, but the server that says so is not authoritative", f.reason)
	f.useless = true
	return f
}

// readUnsigned reads the response of a zone that is insecure. There is nothing to validate but where a CNAME leads.
func readUnsigned(m *dns.Msg, apex, name string, qtype uint16) (answer, *failure) {
	if problem := unusableResponse(m, apex); problem != nil {
		return answer{}, problem
	}
	if len(collect(m.Answer, name, qtype).records) > 0 {
		return answer{}, nil
	}
	return answer{target: targetOf(collect(m.Answer, name, dns.TypeCNAME))}, nil
}

// readAnswer reads the response of a zone that is secure.
func (v *Validator) readAnswer(w *work, m *dns.Msg, z *zone, name string, qtype uint16) (answer, *failure) {
	if problem := unusableResponse(m, z.apex); problem != nil {
		return answer{}, problem
	}
	s := collect(m.Answer, name, qtype)
	if len(s.records) == 0 && qtype != dns.TypeCNAME {
		s = collect(m.Answer, name, dns.TypeCNAME)
	}
	var found answer
	if s.qtype != qtype {
		found.target = targetOf(s)
	}
	if len(s.records) == 0 {
		return v.readDenial(w, m, z, name, qtype)
	}
	if s.qtype == dns.TypeCNAME && len(s.sigs) == 0 {
		if target, problem := v.readDNAME(w, m, z, name); target != "" || problem != nil {
			if qtype == dns.TypeCNAME {
				target = "" // The CNAME is what was asked for.
			}
			return answer{target: target}, problem
		}
	}
	labels, problem := v.verify(w, s, z.apex, z.keys)
	if problem != nil {
		return answer{}, unsure(m, problem)
	}
	if owner := dns.CountLabel(name); labels == owner || labels == owner-1 && strings.HasPrefix(name, "*.") {
		return found, nil
	}
	// The records come from a wildcard, which holds only if the name itself does not exist (RFC 4035, section 5.3.4).
	proof := v.readDenials(w, m, z)
	switch proof.noCloser(name, labels) {
	case absent:
		return found, nil
	case optOut:
		found.insecure = optOutReason(z, name)
		return found, nil
	case unjudged:
		found.insecure = proof.insecure
		return found, nil
	}
	return answer{}, unsure(m, proof.failure(bogus(
		"%s comes from a wildcard, and the zone %s does not prove that the name itself does not exist", s, trimDot(z.apex))))
}

// targetOf returns where the CNAME leads, or nothing if there is none.
func targetOf(s rrset) string {
	for _, rr := range s.records {
		if alias, ok := rr.(*dns.CNAME); ok {
			return dns.CanonicalName(alias.Target)
		}
	}
	return ""
}

// readDNAME returns the target that a DNAME above name gives it (RFC 6672). The server adds a CNAME that it does not sign.
func (v *Validator) readDNAME(w *work, m *dns.Msg, z *zone, name string) (target string, failed *failure) {
	for _, rr := range m.Answer {
		dname, ok := rr.(*dns.DNAME)
		if !ok {
			continue
		}
		above := dns.CanonicalName(dname.Hdr.Name)
		if above == name || !dns.IsSubDomain(above, name) || !dns.IsSubDomain(z.apex, above) {
			continue
		}
		if _, problem := v.verify(w, collect(m.Answer, above, dns.TypeDNAME), z.apex, z.keys); problem != nil {
			return "", unsure(m, problem)
		}
		below := name
		if above != "." {
			below = strings.TrimSuffix(name, above)
		}
		return dns.CanonicalName(below + strings.TrimPrefix(dname.Target, ".")), nil
	}
	return "", nil
}

// readDenial reads a response without records of the type.
func (v *Validator) readDenial(w *work, m *dns.Msg, z *zone, name string, qtype uint16) (answer, *failure) {
	proof := v.readDenials(w, m, z)
	result, other := proof.noData(name, qtype), proof.noName(name)
	what := trimDot(name) + " " + typeName(qtype)
	if m.Rcode == dns.RcodeNameError {
		result, other = other, result
		what = "the name " + trimDot(name)
	}
	switch {
	case result == absent:
		return answer{}, nil
	case result == optOut:
		return answer{insecure: optOutReason(z, name)}, nil
	case result == unjudged:
		return answer{insecure: proof.insecure}, nil
	case other != unproven:
		// The name is proved not to be there, or there without such records, and the RCODE says the other.
		return answer{}, unknown("the answer of the zone %s for %s contradicts its own proof", trimDot(z.apex), what)
	}
	return answer{}, unsure(m, proof.failure(bogus(
		"the zone %s is signed and does not prove that %s does not exist", trimDot(z.apex), what)))
}

func optOutReason(z *zone, name string) string {
	return "the zone " + trimDot(z.apex) + " signs with NSEC3 and opt-out, which leaves open whether " + trimDot(name) + " exists"
}
