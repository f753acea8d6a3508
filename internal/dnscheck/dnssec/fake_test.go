// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec_test

import (
	"context"
	"crypto"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// now is the time of tests without servers.
var now = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// fakeZone is a zone that signs what a test lets its servers say.
type fakeZone struct {
	t       testing.TB
	apex    string
	key     *dns.DNSKEY
	private crypto.Signer
	// from and until are the validity of signatures.
	from, until time.Time
}

func newFakeZone(t testing.TB, apex string) *fakeZone {
	t.Helper()
	key := &dns.DNSKEY{
		Hdr:   dns.RR_Header{Name: apex, Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 60},
		Flags: dns.ZONE | dns.SEP, Protocol: 3, Algorithm: dns.ED25519,
	}
	private, err := key.Generate(256)
	if err != nil {
		t.Fatal(err)
	}
	return &fakeZone{
		t: t, apex: apex, key: key, private: private.(crypto.Signer),
		from: now.Add(-24 * time.Hour), until: now.Add(24 * time.Hour),
	}
}

// signed are records, all of one RRset, and their signature.
func (z *fakeZone) signed(records ...dns.RR) []dns.RR {
	z.t.Helper()
	sig := &dns.RRSIG{
		Hdr: dns.RR_Header{Ttl: 60}, Algorithm: z.key.Algorithm, KeyTag: z.key.KeyTag(), SignerName: z.apex,
		Inception: uint32(z.from.Unix()), Expiration: uint32(z.until.Unix()),
	}
	if err := sig.Sign(z.private, records); err != nil {
		z.t.Fatal(err)
	}
	return append(append([]dns.RR{}, records...), sig)
}

// rr reads a record.
func (z *fakeZone) rr(text string) dns.RR {
	z.t.Helper()
	rr, err := dns.NewRR(text)
	if err != nil {
		z.t.Fatal(err)
	}
	return rr
}

// answers is a response with an answer, or without one and with an authority section.
func answers(records []dns.RR, authority ...dns.RR) *dns.Msg {
	m := new(dns.Msg)
	m.Response, m.Authoritative = true, true
	m.Answer, m.Ns = records, authority
	return m
}

// fails is a response with an RCODE.
func fails(rcode int) *dns.Msg {
	m := answers(nil)
	m.Rcode = rcode
	return m
}

// unauthoritative is a response of some other server.
func unauthoritative(m *dns.Msg) *dns.Msg {
	m.Authoritative = false
	return m
}

// fakeSource has the responses of all servers by zone, name and type.
type fakeSource struct {
	zones     []string
	responses map[string][]*dns.Msg
	fetches   atomic.Int64
}

func (s *fakeSource) Zones(_ context.Context, name string) ([]string, error) {
	var zones []string
	for _, apex := range s.zones {
		if dns.IsSubDomain(apex, name) {
			zones = append(zones, apex)
		}
	}
	return zones, nil
}

var errSilent = errors.New("no server answered")

func (s *fakeSource) Fetch(_ context.Context, apex, name string, qtype uint16, read func(*dns.Msg) error) error {
	s.fetches.Add(1)
	err := errSilent
	for _, m := range s.responses[apex+" "+name+" "+dns.TypeToString[qtype]] {
		if err = read(m.Copy()); err == nil {
			return nil
		}
	}
	return err
}

// fakeTree is a root and the zone example., both signed.
type fakeTree struct {
	root, example *fakeZone
	source        *fakeSource
}

func newFakeTree(t testing.TB) *fakeTree {
	t.Helper()
	tree := &fakeTree{root: newFakeZone(t, "."), example: newFakeZone(t, "example."), source: &fakeSource{
		zones: []string{".", "example."}, responses: make(map[string][]*dns.Msg),
	}}
	tree.sign()
	return tree
}

// sign makes the usual responses: the keys, the DS record of the key of example., and a TXT record at www.example.
func (f *fakeTree) sign() {
	f.say(". . DNSKEY", answers(f.root.signed(f.root.key)))
	f.say(". example. DS", answers(f.root.signed(f.example.key.ToDS(dns.SHA256))))
	f.say(exampleKeys, answers(f.example.signed(f.example.key)))
	f.say("example. www.example. DS", answers(nil, f.example.signed(f.example.rr("www.example. 60 IN NSEC example. TXT RRSIG NSEC"))...))
	f.say(wwwTXT, answers(f.example.signed(f.example.rr(`www.example. 60 IN TXT "www"`))))
}

// Questions, as say takes them.
const (
	wwwTXT      = "example. www.example. TXT"
	exampleKeys = "example. " + "example. DNSKEY"
)

// say sets the responses of the servers of a zone: "zone name type".
func (f *fakeTree) say(question string, responses ...*dns.Msg) {
	f.source.responses[question] = responses
}
