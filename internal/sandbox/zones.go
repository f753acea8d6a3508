// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/sandbox/dnssign"
)

// defaultTTL is the TTL in seconds of the records that the simulator makes by itself.
const defaultTTL = 60

// zoneStore holds the data of the embedded DNS server.
type zoneStore struct {
	mu    sync.RWMutex
	zones map[string]*zone // by canonical origin
	// root is the zone above all others, which only signed zones need.
	root *zone
	// journal is what dynamic updates have changed.
	journal []DNSChange
}

// zone is one authoritative zone. Owner names are canonical: lower-case with a trailing dot.
type zone struct {
	origin string
	names  map[string]map[uint16][]dns.RR

	// key signs the zone. The zone above has the DS record of the key that is vouched for.
	key, vouched *dnssign.Key
	signing      Signing
}

// newZoneStore makes zones with SOA, NS and address records.
func newZoneStore(origins []string, ip net.IP) (*zoneStore, error) {
	st := &zoneStore{zones: map[string]*zone{}}
	for _, o := range origins {
		if _, ok := dns.IsDomainName(o); !ok {
			return nil, fmt.Errorf("sandbox: zone %q is not a domain name", o)
		}
		origin := ownerName(o)
		z := &zone{origin: origin, names: map[string]map[uint16][]dns.RR{}}
		header := func(name string, rrtype uint16) dns.RR_Header {
			return dns.RR_Header{Name: name, Rrtype: rrtype, Class: dns.ClassINET, Ttl: defaultTTL}
		}
		address := func(name string) dns.RR {
			if v4 := ip.To4(); v4 != nil {
				return &dns.A{Hdr: header(name, dns.TypeA), A: v4}
			}
			return &dns.AAAA{Hdr: header(name, dns.TypeAAAA), AAAA: ip}
		}
		server := "ns1." + strings.TrimPrefix(origin, ".")
		for _, rr := range []dns.RR{
			&dns.SOA{
				Hdr: header(origin, dns.TypeSOA), Ns: server, Mbox: "hostmaster." + strings.TrimPrefix(origin, "."),
				Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: 1,
			},
			&dns.NS{Hdr: header(origin, dns.TypeNS), Ns: server},
			address(origin),
			address(server),
		} {
			z.put(rr)
		}
		st.zones[origin] = z
	}
	return st, nil
}

// ownerName returns a name as DNS holds it: lower-case, with U-labels as A-labels and a trailing dot.
func ownerName(name string) string {
	if rest, wildcard := strings.CutPrefix(name, "*."); wildcard {
		return "*." + ownerName(rest)
	}
	return dns.CanonicalName(dcv.CanonicalDomain(name))
}

// find returns the zone with the longest origin that name is in, or nil. The caller holds the lock.
func (st *zoneStore) find(name string) *zone {
	name = dns.CanonicalName(name)
	for off, end := 0, false; !end; off, end = dns.NextLabel(name, off) {
		if z := st.zones[name[off:]]; z != nil {
			return z
		}
	}
	return nil
}

// put adds a record unless an equal one is there. The whole RRset takes on its TTL (RFC 2181, section 5.2), on copies, as
// answers in flight may hold the records.
func (z *zone) put(rr dns.RR) {
	h := rr.Header()
	name := dns.CanonicalName(h.Name)
	if z.names[name] == nil {
		z.names[name] = map[uint16][]dns.RR{}
	}
	var set []dns.RR
	for _, have := range z.names[name][h.Rrtype] {
		if dns.IsDuplicate(have, rr) {
			continue
		}
		if have.Header().Ttl != h.Ttl {
			have = dns.Copy(have)
			have.Header().Ttl = h.Ttl
		}
		set = append(set, have)
	}
	z.names[name][h.Rrtype] = append(set, rr)
}

// remove deletes an RRset, or with match only the records that match.
func (z *zone) remove(name string, rrtype uint16, match func(dns.RR) bool) {
	sets := z.names[name]
	if sets == nil {
		return
	}
	if match != nil {
		sets[rrtype] = slices.DeleteFunc(slices.Clone(sets[rrtype]), match)
		if len(sets[rrtype]) > 0 {
			return
		}
	}
	delete(sets, rrtype)
	if len(sets) == 0 {
		delete(z.names, name)
	}
}

// soa returns the zone's SOA record.
func (z *zone) soa() *dns.SOA {
	for _, rr := range z.names[z.origin][dns.TypeSOA] {
		if soa, ok := rr.(*dns.SOA); ok {
			return soa
		}
	}
	return nil
}

// bump raises the zone's serial, on a copy, as answers in flight may hold the record.
func (z *zone) bump() {
	if old := z.soa(); old != nil {
		soa, _ := dns.Copy(old).(*dns.SOA)
		soa.Serial++
		z.names[z.origin][dns.TypeSOA] = []dns.RR{soa}
	}
}

// exists tells whether a name exists, be it as an empty non-terminal (RFC 8020).
func (z *zone) exists(name string) bool {
	if z.names[name] != nil {
		return true
	}
	for n := range z.names {
		if strings.HasSuffix(n, "."+name) {
			return true
		}
	}
	return false
}

// SetRecords replaces the RRset of a name by records given in zone-file form: SetRecords("_dnsauth.example.com", "CNAME",
// "token.dcv.digicert.com."). The name is absolute, in A-labels or Unicode, with or without a trailing dot. The error says what
// is not valid or that no zone holds the name.
func (s *Sandbox) SetRecords(name, rrtype string, rdata ...string) error {
	name = ownerName(name)
	t, z, done, err := s.editRRset(name, rrtype)
	if err != nil {
		return err
	}
	defer done()
	var set []dns.RR
	for _, d := range rdata {
		line := fmt.Sprintf("%s %d IN %s %s\n", name, defaultTTL, dns.TypeToString[t], d)
		zp := dns.NewZoneParser(strings.NewReader(line), "", "")
		rr, ok := zp.Next()
		_, more := zp.Next() // A line break in the data begins another record.
		if err := zp.Err(); err != nil {
			return fmt.Errorf("sandbox: record data %q: %w", d, err)
		}
		if !ok || more || rr.Header().Rrtype != t {
			return fmt.Errorf("sandbox: record data %q is not one %s record", d, rrtype)
		}
		set = append(set, rr)
	}
	if t == dns.TypeCNAME {
		if name == z.origin {
			return fmt.Errorf("sandbox: a CNAME cannot stand at the zone apex %s", z.origin)
		}
		delete(z.names, name)
	} else {
		z.remove(name, dns.TypeCNAME, nil)
		z.remove(name, t, nil)
	}
	for _, rr := range set {
		z.put(rr)
	}
	z.bump()
	return nil
}

// DeleteRecords removes the RRset of a name. Removing one that is not there is no error.
func (s *Sandbox) DeleteRecords(name, rrtype string) error {
	name = ownerName(name)
	t, z, done, err := s.editRRset(name, rrtype)
	if err != nil {
		return err
	}
	defer done()
	z.remove(name, t, nil)
	z.bump()
	return nil
}

// Publish writes the records that an order asks for into the embedded DNS server, as a user would.
func (s *Sandbox) Publish(svc Service, id ID) error {
	state, err := s.State(svc, id)
	if err != nil {
		return err
	}
	type rrset struct{ name, rrtype string }
	sets := map[rrset][]string{}
	for _, c := range state.Challenges {
		if c.Type == "" {
			continue
		}
		data := `"` + c.Value + `"`
		if c.Type == "CNAME" {
			data = c.Value + "."
		}
		key := rrset{c.Name, c.Type}
		if !slices.Contains(sets[key], data) {
			sets[key] = append(sets[key], data)
		}
	}
	for key, data := range sets {
		if err := s.SetRecords(key.name, key.rrtype, data...); err != nil {
			return err
		}
	}
	return nil
}

// editRRset checks the arguments of an edit and locks the zones; the caller calls done.
func (s *Sandbox) editRRset(name, rrtype string) (t uint16, z *zone, done func(), err error) {
	t, ok := dns.StringToType[strings.ToUpper(rrtype)]
	if !ok {
		return 0, nil, nil, fmt.Errorf("sandbox: unknown record type %q", rrtype)
	}
	if t == dns.TypeSOA {
		return 0, nil, nil, fmt.Errorf("sandbox: the SOA record is not edited")
	}
	if _, ok := dns.IsDomainName(name); !ok {
		return 0, nil, nil, fmt.Errorf("sandbox: %q is not a domain name", name)
	}
	s.zones.mu.Lock()
	z = s.zones.find(name)
	if z == nil {
		s.zones.mu.Unlock()
		return 0, nil, nil, fmt.Errorf("sandbox: no zone holds %q", name)
	}
	return t, z, s.zones.mu.Unlock, nil
}

// Records returns all records of the embedded zones in zone-file form, sorted.
func (s *Sandbox) Records() []string {
	s.zones.mu.RLock()
	defer s.zones.mu.RUnlock()
	var all []string
	for _, z := range s.zones.zones {
		for _, sets := range z.names {
			for _, set := range sets {
				for _, rr := range set {
					all = append(all, rr.String())
				}
			}
		}
	}
	slices.Sort(all)
	return all
}
