// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec_test

import (
	"maps"
	"testing"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnssec"
)

// FuzzValidate gives the questions for a record and for its delegation an answer that the fuzzer makes up. All of its records
// are signed, so that what they say matters.
func FuzzValidate(f *testing.F) {
	tree := newFakeTree(f)
	hash := dns.HashName("www.example.", dns.SHA1, 0, "")
	for _, records := range [][2][]string{
		{{`www.example. 60 IN TXT "www"`}, nil},
		{{`*.example. 60 IN TXT "www"`}, {`example. 60 IN NSEC example. NS SOA`}},
		{{`www.example. 60 IN CNAME other.example.`, `example. 60 IN DNAME .`}, nil},
		{nil, {`\000.example. 60 IN NSEC www.example. A`, `example. 60 IN NSEC a.www.example. NS`}},
		{nil, {hash + `.example. 60 IN NSEC3 1 1 0 - ` + hash + ` A`, hash + `.example. 60 IN NSEC3 1 0 9 AB ` + hash}},
		{nil, {`example. 60 IN DS 1 15 2 ABCD`, `www.example. 60 IN NSEC example. NS`, `. 60 IN NSEC . NS SOA`}},
	} {
		m := answers(nil)
		m.SetQuestion("www.example.", dns.TypeTXT)
		for i, section := range []*[]dns.RR{&m.Answer, &m.Ns} {
			for _, text := range records[i] {
				*section = append(*section, tree.example.rr(text))
			}
		}
		packed, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		m := new(dns.Msg)
		if m.Unpack(packed) != nil || len(m.Answer)+len(m.Ns) > 20 {
			return
		}
		m.Answer, m.Ns = signAll(tree.example, m.Answer), signAll(tree.example, m.Ns)
		upper := m.Copy()
		upper.Answer, upper.Ns = signAll(tree.root, m.Answer), signAll(tree.root, m.Ns)
		for question, response := range map[string]*dns.Msg{wwwTXT: m, ". example. DS": upper, exampleKeys: m} {
			source := &fakeSource{zones: tree.source.zones, responses: maps.Clone(tree.source.responses)}
			source.responses[question] = []*dns.Msg{response}
			got := dnssec.New([]dns.RR{tree.root.key}, now).Validate(t.Context(), source, "www.example.", dns.TypeTXT)
			if (got.Status == dnssec.Secure) != (got.Reason == "") {
				t.Errorf("%s has the reason %q for\n%v", got.Status, got.Reason, response)
			}
		}
	})
}

// signAll adds the signatures of a zone to each RRset that can have one.
func signAll(z *fakeZone, records []dns.RR) []dns.RR {
	sets := make(map[string][]dns.RR)
	var all []dns.RR
	for _, rr := range records {
		h := rr.Header()
		if h.Rrtype == dns.TypeRRSIG {
			continue
		}
		h.Name = dns.CanonicalName(h.Name)
		key := h.Name + dns.Type(h.Rrtype).String() + dns.Class(h.Class).String()
		sets[key] = append(sets[key], rr)
		all = append(all, rr)
	}
	for _, set := range sets {
		sig := &dns.RRSIG{
			Hdr: dns.RR_Header{Ttl: 60}, Algorithm: z.key.Algorithm, KeyTag: z.key.KeyTag(), SignerName: z.apex,
			Inception: uint32(z.from.Unix()), Expiration: uint32(z.until.Unix()),
		}
		if sig.Sign(z.private, set) == nil {
			all = append(all, sig)
		}
	}
	return all
}
