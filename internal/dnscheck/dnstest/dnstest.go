// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package dnstest runs authoritative DNS servers on loopback for tests: a whole tree of root, parent and child
// zones, each on addresses of its own (127.0.0.1, 127.0.0.2, …) and all on one high port. [New] makes servers without a
// network, for tests whose clock does not run with the machine's.
//
// Systems that give loopback one address only, such as macOS, skip the tests that need more.
package dnstest

import (
	"context"
	"errors"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/sandbox/dnssign"
)

// Zone is a zone with its data, as one or more servers have it. To let servers of one zone disagree, list the zone
// once for each.
type Zone struct {
	// Apex is the zone's name, with or without a trailing dot; "." is the root.
	Apex string
	// Servers are the loopback IP addresses that serve the zone, such as 127.0.0.2.
	Servers []string
	// Records are lines of a zone file with complete owner names: "www.example.test. 60 IN A 192.0.2.1". NS records
	// below the apex are delegations, A and AAAA records below those are glue. An SOA record is added.
	Records []string
	// Signed has the zone signed, with one key for all its servers. The zone above gets the DS record. Wildcards are not for
	// such zones.
	Signed bool
}

// Drop is what a [Handler] returns to leave a query without an answer.
var Drop = new(dns.Msg)

// Handler may answer a query, which came over network "udp" or "tcp", in place of the zone data. It returns nil to
// leave the query to the data, [Drop] to answer nothing, or the message to send. A message whose ID is 0 gets that
// of the query.
type Handler func(query *dns.Msg, network string) *dns.Msg

// Net is a set of running servers.
type Net struct {
	// Port is the port of all servers.
	Port string

	mu       sync.Mutex
	zones    map[string][]*zone      // by server IP address
	keys     map[string]*dnssign.Key // by apex
	handlers map[string]Handler
	silent   map[string]bool
	queries  map[string]int
	open     int // connections of DialContext
}

// Start runs servers for the zones until the test ends.
func Start(t testing.TB, zones ...Zone) *Net {
	t.Helper()
	n := New(t, zones...)
	ips := slices.Sorted(maps.Keys(n.zones))
	if len(ips) == 0 {
		t.Fatal("dnstest: no zone has a server")
	}
	n.listen(t, ips)
	return n
}

// New makes servers for the zones that only [Net.DialContext] reaches.
func New(t testing.TB, zones ...Zone) *Net {
	t.Helper()
	n := &Net{
		Port:     "5353",
		zones:    make(map[string][]*zone),
		keys:     make(map[string]*dnssign.Key),
		handlers: make(map[string]Handler),
		silent:   make(map[string]bool),
		queries:  make(map[string]int),
	}
	for _, z := range zones {
		parsed := parse(t, z)
		if z.Signed && n.keys[parsed.apex] == nil {
			key, err := dnssign.NewKey(parsed.apex)
			if err != nil {
				t.Fatal(err)
			}
			n.keys[parsed.apex] = key
		}
		for _, ip := range z.Servers {
			n.zones[ip] = append(n.zones[ip], parsed)
		}
	}
	for _, served := range n.zones {
		// The most specific zone first.
		slices.SortFunc(served, func(a, b *zone) int { return dns.CountLabel(b.apex) - dns.CountLabel(a.apex) })
		for _, z := range served {
			n.vouch(z)
		}
	}
	return n
}

// vouch puts the DS records of signed zones where a zone delegates them.
func (n *Net) vouch(z *zone) {
	for apex, key := range n.keys {
		if records := z.records[apex]; apex != z.apex && len(records[dns.TypeNS]) > 0 {
			records[dns.TypeDS] = []dns.RR{key.ToDS(dns.SHA256)}
		}
	}
}

// Anchors writes a file with the trust anchor of the root, which is signed.
func (n *Net) Anchors(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "anchors")
	if err := os.WriteFile(file, []byte(n.keys["."].String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Signature is a signature of a signed zone's SOA record.
func (n *Net) Signature(t testing.TB, apex string) *dns.RRSIG {
	t.Helper()
	query := new(dns.Msg)
	query.SetQuestion(dns.CanonicalName(apex), dns.TypeSOA)
	query.SetEdns0(dns.DefaultMsgSize, true)
	for ip := range n.zones {
		m := n.respond(ip, "tcp", query)
		for _, rr := range m.Answer {
			if sig, ok := rr.(*dns.RRSIG); ok && sig.SignerName == query.Question[0].Name {
				return sig
			}
		}
	}
	t.Fatalf("dnstest: no server has the signed zone %s", apex)
	return nil
}

// Expire lets the signatures of a signed zone have ended, by more than clocks may differ.
func (n *Net) Expire(apex string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	old := *n.keys[dns.CanonicalName(apex)]
	old.From, old.Until = old.From.AddDate(0, -1, 0), old.From.AddDate(0, 0, -2)
	n.keys[dns.CanonicalName(apex)] = &old
}

// DialContext opens a connection to a server that no network carries, which a bubble of testing/synctest can wait for. It
// makes a Net a dialer for checks.
func (n *Net) DialContext(_ context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	client, server := net.Pipe()
	if network == "udp" {
		client, server = packetConn{client}, packetConn{server}
	}
	n.count(1)
	go func() {
		defer n.count(-1)
		messages := &dns.Conn{Conn: server, UDPSize: dns.MaxMsgSize}
		for {
			query, err := messages.ReadMsg()
			if err != nil {
				_ = server.Close()
				return // The client has closed the connection.
			}
			if m := n.respond(host, network, query); m != nil {
				_ = messages.WriteMsg(m)
			}
		}
	}()
	return client, nil
}

func (n *Net) count(opened int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open += opened
}

// Connections is the number of connections of DialContext that are open.
func (n *Net) Connections() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.open
}

// packetConn is a connection whose writes are messages.
type packetConn struct{ net.Conn }

// ReadFrom implements net.PacketConn.
func (c packetConn) ReadFrom(p []byte) (int, net.Addr, error) {
	n, err := c.Read(p)
	return n, c.RemoteAddr(), err
}

// WriteTo implements net.PacketConn.
func (c packetConn) WriteTo(p []byte, _ net.Addr) (int, error) { return c.Write(p) }

// Addr is the address of the server at a loopback IP address, as host:port.
func (n *Net) Addr(ip string) string { return net.JoinHostPort(ip, n.Port) }

// Roots are the addresses of the servers of the root zone, as host:port, sorted.
func (n *Net) Roots() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var roots []string
	for ip, served := range n.zones {
		if slices.ContainsFunc(served, func(z *zone) bool { return z.apex == "." }) {
			roots = append(roots, n.Addr(ip))
		}
	}
	slices.Sort(roots)
	return roots
}

// Set replaces the records of a zone at the given servers, or at all of them when none is given.
func (n *Net) Set(t testing.TB, apex string, records []string, servers ...string) {
	t.Helper()
	replacement := parse(t, Zone{Apex: apex, Records: records})
	n.mu.Lock()
	defer n.mu.Unlock()
	for ip, served := range n.zones {
		if len(servers) > 0 && !slices.Contains(servers, ip) {
			continue
		}
		for i, z := range served {
			if z.apex == replacement.apex {
				n.vouch(replacement)
				served[i] = replacement
			}
		}
	}
}

// Silence lets a server receive queries without answering any, or answer again.
func (n *Net) Silence(ip string, silent bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.silent[ip] = silent
}

// Handle puts a handler before the zone data of a server; nil removes it.
func (n *Net) Handle(ip string, h Handler) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.handlers[ip] = h
}

// Queries is the number of queries a server has received, over UDP and TCP.
func (n *Net) Queries(ip string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.queries[ip]
}

// listen binds every address on one port. The first address picks a free port; when another address does not have
// it free, the search starts again.
func (n *Net) listen(t testing.TB, ips []string) {
	t.Helper()
	const tries = 20
	var err error
	for range tries {
		var servers []*dns.Server
		servers, err = n.bind(ips)
		if err == nil {
			for _, s := range servers {
				n.run(t, s)
			}
			return
		}
		if errors.Is(err, syscall.EADDRNOTAVAIL) {
			t.Skipf("dnstest: this system does not have all loopback addresses %s: %s", strings.Join(ips, ", "), err)
		}
	}
	t.Fatalf("dnstest: no port is free on all of %s: %s", strings.Join(ips, ", "), err)
}

func (n *Net) bind(ips []string) (servers []*dns.Server, err error) {
	defer func() {
		if err == nil {
			return
		}
		for _, s := range servers {
			if s.PacketConn != nil {
				_ = s.PacketConn.Close()
			}
			if s.Listener != nil {
				_ = s.Listener.Close()
			}
		}
	}()
	port := "0"
	for _, ip := range ips {
		packets, err := net.ListenPacket("udp", net.JoinHostPort(ip, port))
		if err != nil {
			return servers, err
		}
		servers = append(servers, &dns.Server{PacketConn: packets, Handler: n.handler(ip, "udp")})
		if _, port, err = net.SplitHostPort(packets.LocalAddr().String()); err != nil {
			return servers, err
		}
		listener, err := net.Listen("tcp", net.JoinHostPort(ip, port))
		if err != nil {
			return servers, err
		}
		servers = append(servers, &dns.Server{Listener: listener, Handler: n.handler(ip, "tcp")})
	}
	n.Port = port
	return servers, nil
}

func (n *Net) run(t testing.TB, s *dns.Server) {
	started := make(chan struct{})
	ended := make(chan error, 1)
	s.NotifyStartedFunc = func() { close(started) }
	go func() { ended <- s.ActivateAndServe() }()
	select {
	case <-started:
	case err := <-ended:
		t.Fatalf("dnstest: a server did not start: %s", err)
	}
	t.Cleanup(func() {
		if err := s.Shutdown(); err != nil {
			t.Errorf("dnstest: a server did not stop: %s", err)
			return
		}
		if err := <-ended; err != nil {
			t.Errorf("dnstest: a server failed: %s", err)
		}
	})
}

func (n *Net) handler(ip, network string) dns.Handler {
	return dns.HandlerFunc(func(w dns.ResponseWriter, query *dns.Msg) {
		if m := n.respond(ip, network, query); m != nil {
			_ = w.WriteMsg(m)
		}
	})
}

// respond is the message that a server sends, nil for none.
func (n *Net) respond(ip, network string, query *dns.Msg) *dns.Msg {
	n.mu.Lock()
	n.queries[ip]++
	served, intercept, silent := n.zones[ip], n.handlers[ip], n.silent[ip]
	served = slices.Clone(served)
	signed := make(dnssign.Zones, len(served))
	for i, z := range served {
		signed[i] = dnssign.Zone{Apex: z.apex, Records: z.records, Key: n.keys[z.apex]}
	}
	n.mu.Unlock()

	if silent {
		return nil
	}
	if intercept != nil {
		m := intercept(query, network)
		if m == Drop {
			return nil
		}
		if m != nil {
			if m.Id == 0 {
				m.Id = query.Id
			}
			return m
		}
	}
	m := answer(query, served...)
	size := dns.MinMsgSize
	if opt := query.IsEdns0(); opt != nil {
		size = max(size, int(opt.UDPSize()))
		m.SetEdns0(uint16(dns.DefaultMsgSize), opt.Do())
		if len(query.Question) == 1 && signed.Key(m) {
			m.Rcode, m.Ns = dns.RcodeSuccess, nil
		}
		if opt.Do() && len(query.Question) == 1 && (m.Rcode == dns.RcodeSuccess || m.Rcode == dns.RcodeNameError) {
			if err := signed.Sign(m); err != nil {
				m.Rcode = dns.RcodeServerFailure
			}
		}
	}
	if network == "udp" {
		m.Truncate(size)
	}
	return m
}
