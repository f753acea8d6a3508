// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnstest

import (
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// zone holds the records of a Zone by owner name and type.
type zone struct {
	apex    string
	records map[string]map[uint16][]dns.RR
	exists  map[string]bool // owner names and the empty names above them
}

func parse(t testing.TB, from Zone) *zone {
	t.Helper()
	z := &zone{
		apex:    dns.CanonicalName(from.Apex),
		records: make(map[string]map[uint16][]dns.RR),
		exists:  make(map[string]bool),
	}
	suffix := strings.TrimPrefix(z.apex, ".")
	soa := z.apex + " 60 IN SOA ns." + suffix + " hostmaster." + suffix + " 1 3600 600 86400 60"
	for _, line := range append([]string{soa}, from.Records...) {
		rr, err := dns.NewRR(line)
		if err != nil || rr == nil {
			t.Fatalf("dnstest: zone %s: record %q: %v", from.Apex, line, err)
		}
		owner := dns.CanonicalName(rr.Header().Name)
		if from.Signed && strings.HasPrefix(owner, "*.") {
			t.Fatalf("dnstest: zone %s: record %q is a wildcard in a signed zone", from.Apex, line)
		}
		if !dns.IsSubDomain(z.apex, owner) {
			t.Fatalf("dnstest: zone %s: record %q is outside the zone", from.Apex, line)
		}
		if z.records[owner] == nil {
			z.records[owner] = make(map[uint16][]dns.RR)
		}
		rrtype := rr.Header().Rrtype
		z.records[owner][rrtype] = append(z.records[owner][rrtype], rr)
		for name := owner; name != z.apex; name = parent(name) {
			z.exists[name] = true
		}
	}
	z.exists[z.apex] = true
	return z
}

// parent is the name without its first label; the root is the parent of all.
func parent(name string) string {
	next, end := dns.NextLabel(name, 0)
	if end {
		return "."
	}
	return name[next:]
}

// answer answers a query from zones, the most specific first, as an authoritative server does: with data and CNAMEs
// (RFC 1034, section 4.3.2), wildcards (RFC 4592), referrals with glue, and denials with an SOA record.
func answer(query *dns.Msg, zones ...*zone) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(query)
	if len(query.Question) != 1 {
		m.Rcode = dns.RcodeFormatError
		return m
	}
	name, qtype := dns.CanonicalName(query.Question[0].Name), query.Question[0].Qtype
	within := func(z *zone) bool { return dns.IsSubDomain(z.apex, name) }
	i := slices.IndexFunc(zones, within)
	if i >= 0 && qtype == dns.TypeDS && zones[i].apex == name {
		// These are records of the zone above (RFC 4035, section 3.1.4.1).
		if above := slices.IndexFunc(zones[i+1:], within); above >= 0 {
			i += 1 + above
		}
	}
	if i < 0 {
		m.Rcode = dns.RcodeRefused
		return m
	}
	zones[i].answer(m, name, qtype)
	return m
}

func (z *zone) answer(m *dns.Msg, name string, qtype uint16) {
	const maxChain = 16
	for range maxChain {
		if cut := z.cutAbove(name); cut != "" && (cut != name || qtype != dns.TypeDS) {
			if len(m.Answer) == 0 {
				z.refer(m, cut)
			}
			return
		}
		m.Authoritative = true
		records, synthesized := z.at(name)
		if records == nil {
			if !z.exists[name] && !synthesized {
				m.Rcode = dns.RcodeNameError
			}
			m.Ns = z.records[z.apex][dns.TypeSOA]
			return
		}
		if found := records[qtype]; len(found) > 0 {
			m.Answer = append(m.Answer, owned(found, name)...)
			for _, rr := range found {
				if ns, ok := rr.(*dns.NS); ok {
					z.glue(m, ns.Ns)
				}
			}
			return
		}
		aliases := records[dns.TypeCNAME]
		if len(aliases) == 0 {
			m.Ns = z.records[z.apex][dns.TypeSOA]
			return
		}
		m.Answer = append(m.Answer, owned(aliases, name)...)
		alias, ok := aliases[0].(*dns.CNAME)
		if !ok {
			return
		}
		name = dns.CanonicalName(alias.Target)
		if !dns.IsSubDomain(z.apex, name) {
			return
		}
	}
}

// at returns the records of a name, or those of the wildcard that stands for it.
func (z *zone) at(name string) (records map[uint16][]dns.RR, synthesized bool) {
	if z.exists[name] {
		return z.records[name], false
	}
	for encloser := name; ; {
		if encloser == z.apex {
			return nil, false
		}
		encloser = parent(encloser)
		if z.exists[encloser] {
			records, found := z.records["*."+strings.TrimPrefix(encloser, ".")]
			return records, found
		}
	}
}

func owned(records []dns.RR, name string) []dns.RR {
	copies := make([]dns.RR, len(records))
	for i, rr := range records {
		copies[i] = dns.Copy(rr)
		copies[i].Header().Name = name
	}
	return copies
}

// cutAbove returns the delegation at or above name, without the apex.
func (z *zone) cutAbove(name string) string {
	cut := ""
	for ; name != z.apex; name = parent(name) {
		if len(z.records[name][dns.TypeNS]) > 0 {
			cut = name
		}
	}
	return cut
}

func (z *zone) refer(m *dns.Msg, cut string) {
	m.Ns = z.records[cut][dns.TypeNS]
	for _, rr := range m.Ns {
		if ns, ok := rr.(*dns.NS); ok {
			z.glue(m, ns.Ns)
		}
	}
}

func (z *zone) glue(m *dns.Msg, host string) {
	host = dns.CanonicalName(host)
	m.Extra = append(m.Extra, z.records[host][dns.TypeA]...)
	m.Extra = append(m.Extra, z.records[host][dns.TypeAAAA]...)
}
