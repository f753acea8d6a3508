// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"errors"
	"fmt"
	"net"
	"slices"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/sandbox/dnssign"
)

// Signing is how a zone is signed, see [Sandbox.SetSigning].
type Signing string

// The simulated CA refuses records of a zone that is not [Signed], as a real one must since 15 March 2026.
const (
	// Signed: the signatures hold.
	Signed Signing = "signed"
	// SignedExpired: the signatures have ended.
	SignedExpired Signing = "expired"
	// SignedByOtherKey: the zone above has the DS record of another key.
	SignedByOtherKey Signing = "other_key"
)

var signings = []Signing{Signed, SignedExpired, SignedByOtherKey}

// sign makes a root, and a key for each zone. The zone above each one gets its delegation and DS record.
func (st *zoneStore) sign(ip net.IP) error {
	root, err := newZoneStore([]string{"."}, ip)
	if err != nil {
		return err
	}
	st.root = root.zones["."]
	if st.root.key, err = dnssign.NewKey("."); err != nil {
		return err
	}
	for origin, z := range st.zones {
		if z.vouched, err = dnssign.NewKey(origin); err != nil {
			return err
		}
		z.key = z.vouched
		above := st.above(origin)
		for _, rr := range z.names[origin][dns.TypeNS] {
			above.put(rr)
		}
		ds := z.vouched.ToDS(dns.SHA256)
		ds.Hdr.Ttl = defaultTTL
		above.put(ds)
		for _, rrtype := range []uint16{dns.TypeA, dns.TypeAAAA} {
			for _, rr := range z.names["ns1."+origin][rrtype] {
				above.put(rr)
			}
		}
	}
	return nil
}

// above returns the zone that delegates another.
func (st *zoneStore) above(origin string) *zone {
	next, _ := dns.NextLabel(origin, 0)
	if z := st.find(origin[next:]); z != nil {
		return z
	}
	return st.root
}

// signable are all zones, as they are signed. The caller holds the lock.
func (st *zoneStore) signable() dnssign.Zones {
	zones := dnssign.Zones{{Apex: ".", Records: st.root.names, Key: st.root.key}}
	for origin, z := range st.zones {
		zones = append(zones, dnssign.Zone{Apex: origin, Records: z.names, Key: z.key})
	}
	return zones
}

// bogus tells whether the signatures of a name do not hold.
func (st *zoneStore) bogus(name string) bool {
	st.mu.RLock()
	defer st.mu.RUnlock()
	z := st.find(name)
	return z != nil && z.signing != Signed && z.signing != ""
}

// TrustAnchor is the trust anchor of the root, a line of a zone file; empty without [Options.DNSSEC].
func (s *Sandbox) TrustAnchor() string {
	if s.zones.root == nil {
		return ""
	}
	return s.zones.root.key.String() + "\n"
}

// SetSigning changes how a zone is signed.
func (s *Sandbox) SetSigning(origin string, signing Signing) error {
	if s.zones.root == nil {
		return errors.New("sandbox: the zones are not signed")
	}
	if !slices.Contains(signings, signing) {
		return fmt.Errorf("sandbox: a zone can be %q, not %q", signings, signing)
	}
	s.zones.mu.Lock()
	defer s.zones.mu.Unlock()
	z := s.zones.zones[ownerName(origin)]
	if z == nil {
		return fmt.Errorf("sandbox: there is no zone %q", origin)
	}
	key := z.vouched
	switch signing {
	case SignedExpired:
		// By more than clocks may differ.
		old := *z.vouched
		old.From, old.Until = old.From.AddDate(0, -1, 0), old.From.AddDate(0, 0, -2)
		key = &old
	case SignedByOtherKey:
		other, err := dnssign.NewKey(z.origin)
		if err != nil {
			return err
		}
		key = other
	}
	z.key, z.signing = key, signing
	return nil
}
