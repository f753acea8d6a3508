// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"errors"
	"fmt"
	"net"

	"github.com/miekg/dns"
)

// maxUDP is the largest UDP message in bytes that is taken, as answers to EDNS queries say.
const maxUDP = 4096

// serveDNS binds the embedded DNS server to one port, UDP and TCP.
func (s *Sandbox) serveDNS(address string) error {
	var pc net.PacketConn
	var l net.Listener
	var err error
	// A free port is free for UDP; that it is free for TCP as well is likely, not sure.
	for range 20 {
		if pc, err = net.ListenPacket("udp", address); err != nil {
			return fmt.Errorf("sandbox: DNS: %w", err)
		}
		if l, err = net.Listen("tcp", pc.LocalAddr().String()); err == nil {
			break
		}
		err = errors.Join(err, pc.Close())
	}
	if err != nil {
		return fmt.Errorf("sandbox: DNS: %w", err)
	}
	s.DNSAddr = pc.LocalAddr().String()
	if s.lookupAt == "" {
		s.lookupAt = s.DNSAddr
	}

	for _, srv := range []*dns.Server{{PacketConn: pc}, {Listener: l}} {
		srv.Handler = dns.HandlerFunc(s.answerDNS)
		srv.TsigSecret = map[string]string{tsigName: tsigSecret}
		srv.MsgAcceptFunc = acceptMsg
		srv.UDPSize = maxUDP
		ready := make(chan struct{})
		srv.NotifyStartedFunc = func() { close(ready) }
		s.dnsServers = append(s.dnsServers, srv)
		s.serving.Add(1)
		go func() {
			defer s.serving.Done()
			if err := srv.ActivateAndServe(); err != nil {
				s.log.Error("DNS server ended", "error", err)
			}
		}()
		<-ready
	}
	return nil
}

// acceptMsg lets updates pass, which the library's default refuses, and messages with their many sections.
func acceptMsg(h dns.Header) dns.MsgAcceptAction {
	const response = 1 << 15
	if h.Bits&response != 0 {
		return dns.MsgIgnore
	}
	switch opcode := int(h.Bits>>11) & 0xF; opcode {
	case dns.OpcodeQuery, dns.OpcodeUpdate:
	default:
		return dns.MsgRejectNotImplemented
	}
	if h.Qdcount != 1 {
		return dns.MsgReject
	}
	return dns.MsgAccept
}

// answerDNS answers one query or update.
func (s *Sandbox) answerDNS(w dns.ResponseWriter, r *dns.Msg) {
	m := new(dns.Msg)
	m.SetReply(r)
	size, signed := dns.MinMsgSize, false
	if opt := r.IsEdns0(); opt != nil {
		size, signed = max(size, int(opt.UDPSize())), opt.Do()
		m.SetEdns0(maxUDP, signed)
	}
	switch {
	case r.Opcode == dns.OpcodeUpdate:
		s.update(w, r, m)
	case r.Question[0].Qtype == dns.TypeAXFR || r.Question[0].Qtype == dns.TypeIXFR:
		m.Rcode = dns.RcodeRefused
	default:
		s.query(r.Question[0], m, signed)
	}
	if _, ok := w.LocalAddr().(*net.UDPAddr); ok {
		m.Truncate(size)
	}
	_ = w.WriteMsg(m) // The client is gone; nobody is left to tell.
}

// query answers from the zones, with signatures if they are wanted and there are any.
func (s *Sandbox) query(q dns.Question, m *dns.Msg, signed bool) {
	s.zones.mu.RLock()
	defer s.zones.mu.RUnlock()
	if s.zones.root == nil {
		s.lookUp(q, m)
		return
	}
	zones := s.zones.signable()
	if !zones.Key(m) {
		s.lookUp(q, m)
	}
	if signed && m.Authoritative {
		if err := zones.Sign(m); err != nil {
			s.log.Error("signing failed", "error", err)
			m.Rcode = dns.RcodeServerFailure
		}
	}
}

// lookUp answers from the zones, following CNAMEs inside them. The caller holds the lock.
func (s *Sandbox) lookUp(q dns.Question, m *dns.Msg) {
	m.Authoritative = true
	z := s.zones.find(q.Name)
	if s.zones.root != nil && (z == nil || q.Qtype == dns.TypeDS && z.origin == dns.CanonicalName(q.Name)) {
		z = s.zones.above(dns.CanonicalName(q.Name))
	}
	if z == nil || q.Qclass != dns.ClassINET && q.Qclass != dns.ClassANY {
		m.Authoritative = false
		m.Rcode = dns.RcodeRefused
		return
	}
	name := dns.CanonicalName(q.Name)
	seen := map[string]bool{}
	for !seen[name] {
		seen[name] = true
		sets := z.names[name]
		if q.Qtype == dns.TypeANY {
			for _, set := range sets {
				m.Answer = append(m.Answer, set...)
			}
		} else if set := sets[q.Qtype]; len(set) > 0 {
			m.Answer = append(m.Answer, set...)
			for _, rr := range set {
				if ns, ok := rr.(*dns.NS); ok {
					// Their addresses may be nowhere else.
					m.Extra = append(m.Extra, z.names[dns.CanonicalName(ns.Ns)][dns.TypeA]...)
					m.Extra = append(m.Extra, z.names[dns.CanonicalName(ns.Ns)][dns.TypeAAAA]...)
				}
			}
			return
		} else if set := sets[dns.TypeCNAME]; len(set) == 1 {
			m.Answer = append(m.Answer, set[0])
			cname, ok := set[0].(*dns.CNAME)
			if !ok {
				return
			}
			name = dns.CanonicalName(cname.Target)
			if z = s.zones.find(name); z == nil {
				return // The target lies elsewhere; following it is the resolver's work.
			}
			continue
		}
		if q.Qtype == dns.TypeANY && len(m.Answer) > 0 {
			return
		}
		if !z.exists(name) {
			m.Rcode = dns.RcodeNameError
		}
		if soa := z.soa(); soa != nil {
			m.Ns = append(m.Ns, soa)
		}
		return
	}
}
