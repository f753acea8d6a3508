// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnstest

import (
	"slices"

	"github.com/miekg/dns"
)

// Resolver says how a recursive server behaves. It has the data of all zones of a [Net].
type Resolver struct {
	// Secure are the apexes of zones for whose answers it vouches with the AD bit, when a query asks for that.
	Secure []string
	// Bogus are the apexes of zones that it refuses with SERVFAIL unless the CD bit is set, and how it explains that.
	Bogus map[string][]*dns.EDNS0_EDE
	// Down are the apexes of zones that it cannot reach.
	Down []string
}

// Resolver returns a handler that resolves names instead of answering for zones. Install it with [Net.Handle].
func (n *Net) Resolver(r Resolver) Handler {
	return func(query *dns.Msg, _ string) *dns.Msg {
		m := new(dns.Msg)
		m.SetReply(query)
		m.RecursionAvailable = true
		opt := query.IsEdns0()
		if opt != nil {
			m.SetEdns0(opt.UDPSize(), opt.Do())
		}
		if len(query.Question) != 1 || !query.RecursionDesired {
			m.Rcode = dns.RcodeRefused
			return m
		}
		zones := n.allZones()
		secure := true
		for name, names := query.Question[0].Name, []string{}; name != "" && !slices.Contains(names, name); {
			names = append(names, name)
			step := new(dns.Msg)
			step.SetQuestion(name, query.Question[0].Qtype)
			found := answer(step, zones...)
			apex := apexOf(name, zones)
			explanation, bogus := r.Bogus[apex]
			if slices.Contains(r.Down, apex) || bogus && !query.CheckingDisabled {
				m.Rcode, m.Answer = dns.RcodeServerFailure, nil
				if out := m.IsEdns0(); out != nil {
					for _, ede := range explanation {
						out.Option = append(out.Option, ede)
					}
				}
				return m
			}
			secure = secure && slices.Contains(r.Secure, apex)
			m.Rcode, m.Ns = found.Rcode, found.Ns
			m.Answer = append(m.Answer, found.Answer...)
			name = pendingAlias(found, query.Question[0].Qtype)
		}
		m.AuthenticatedData = secure && !query.CheckingDisabled && (query.AuthenticatedData || opt != nil && opt.Do())
		return m
	}
}

// pendingAlias is the target of a CNAME at the end of an answer, which leads out of its zone.
func pendingAlias(m *dns.Msg, qtype uint16) string {
	if len(m.Answer) == 0 {
		return ""
	}
	alias, ok := m.Answer[len(m.Answer)-1].(*dns.CNAME)
	if !ok || qtype == dns.TypeCNAME {
		return ""
	}
	return dns.CanonicalName(alias.Target)
}

// allZones are the zones of all servers, the most specific first.
func (n *Net) allZones() []*zone {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []*zone
	for _, served := range n.zones {
		for _, z := range served {
			if !slices.ContainsFunc(all, func(other *zone) bool { return other.apex == z.apex }) {
				all = append(all, z)
			}
		}
	}
	slices.SortFunc(all, func(a, b *zone) int { return dns.CountLabel(b.apex) - dns.CountLabel(a.apex) })
	return all
}

func apexOf(name string, zones []*zone) string {
	name = dns.CanonicalName(name)
	for _, z := range zones {
		if dns.IsSubDomain(z.apex, name) {
			return z.apex
		}
	}
	return ""
}
