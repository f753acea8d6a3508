// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// maxRegistryServers is how many servers of the root or of a registry's zone are asked for one record.
const maxRegistryServers = 4

// kind is what one server says about a name and type.
type kind int

const (
	kindFound    kind = iota // records of the type
	kindAlias                // a CNAME instead
	kindNoData               // the name exists, records of the type do not
	kindNoName               // the name does not exist
	kindReferral             // a delegation further down
	kindFailed               // nothing of use
)

// answer is what one server says.
type answer struct {
	from   server
	kind   kind
	found  *found // kindFound; shared by the answers that hold the same
	target string // kindAlias, canonical
	above  string // kindNoData, kindNoName: the zone that denies the record, if the server tells
	child  *zone  // kindReferral
	err    error  // kindFailed: a predicate about the server
}

// outcome is what all servers say about a name and type.
type outcome struct {
	name       string
	apex       string   // the zone whose servers were asked; empty when the servers were given
	absent     string   // set when the walk ended above: the name that its parent zone says does not exist
	answers    []answer // sorted by server
	unresolved []string // name servers without an address
}

// useful returns the answers that are not failures.
func (o outcome) useful() []answer {
	var useful []answer
	for _, a := range o.answers {
		if a.kind != kindFailed {
			useful = append(useful, a)
		}
	}
	return useful
}

// failures lists the name servers none of whose addresses gave a usable answer. A server that answers over IPv4
// but not over an IPv6 this machine may not even have is not among them.
func (o outcome) failures() []string {
	answered := make(map[string]bool)
	for _, a := range o.answers {
		if a.kind != kindFailed && a.from.name != "" {
			answered[a.from.name] = true
		}
	}
	failures := slices.Clone(o.unresolved)
	for _, a := range o.answers {
		if a.kind == kindFailed && !answered[a.from.name] {
			failures = append(failures, a.from.label()+" "+a.err.Error())
		}
	}
	slices.Sort(failures)
	return failures
}

// servers lists the servers asked as host:port.
func (o outcome) servers() []string {
	servers := make([]string, 0, len(o.answers))
	for _, a := range o.answers {
		servers = append(servers, a.from.hostPort())
	}
	slices.Sort(servers)
	return slices.Compact(servers)
}

// lookup asks every authoritative server of the zone that holds name, or the servers given instead.
func (r *run) lookup(ctx context.Context, t task, name string, qtype uint16) (outcome, error) {
	return r.lookups.Do(ctx, name+" "+dns.TypeToString[qtype], func(ctx context.Context) (outcome, error) {
		if len(r.overrides) > 0 {
			o := outcome{name: name}
			o.answers = r.askAll(ctx, t, r.overrides, nil, name, qtype)
			return o, ctx.Err()
		}
		z, absent, err := r.walk(ctx, t, name)
		if ctx.Err() != nil {
			return outcome{}, ctx.Err()
		}
		registry := isRegistry(z.apex, name)
		switch {
		case err != nil && (registry || errors.Is(err, errBudget)):
			return outcome{}, err
		case absent != "" && registry:
			return outcome{name: name, apex: z.apex, absent: absent}, nil
		}
		return r.lookupIn(ctx, t, z, name, qtype)
	})
}

// isRegistry tells whether a zone stands above the names that can be registered, on the way to name.
func isRegistry(apex, name string) bool {
	domain := registrable(name)
	return domain != "" && apex != domain && isBelow(domain, apex)
}

func (r *run) lookupIn(ctx context.Context, t task, z *zone, name string, qtype uint16) (outcome, error) {
	for {
		set, err := r.allServers(ctx, z)
		if err != nil {
			return outcome{}, err
		}
		servers := set.servers
		if isRegistry(z.apex, name) || z == r.roots {
			// A registry has dozens of servers that are kept alike; to ask them all would help nobody.
			servers = servers[:min(len(servers), maxRegistryServers)]
		}
		o := outcome{name: name, apex: z.apex, unresolved: set.unresolved}
		o.answers = r.askAll(ctx, t, servers, z, name, qtype)
		if ctx.Err() != nil {
			return outcome{}, ctx.Err()
		}
		// The walk misses a delegation below a name that a server wrongly says does not exist; a referral to it
		// always leads further down, so this ends.
		deeper := slices.IndexFunc(o.answers, func(a answer) bool { return a.kind == kindReferral })
		if deeper < 0 {
			return o, nil
		}
		z = o.answers[deeper].child
	}
}

// askAll asks every server; z is nil for servers that need not be authoritative.
func (r *run) askAll(ctx context.Context, t task, servers []server, z *zone, name string, qtype uint16) []answer {
	answers := make([]answer, len(servers))
	question := dns.Question{Name: name, Qtype: qtype, Qclass: dns.ClassINET}
	var wg sync.WaitGroup
	for i, s := range servers {
		wg.Go(func() {
			a, err := exchange(ctx, r, t, s, question, z == nil, func(m *dns.Msg) (answer, error) {
				return r.classify(m, z, name, qtype)
			})
			if err != nil {
				a = answer{kind: kindFailed, err: err}
			}
			a.from = s
			answers[i] = a
		})
	}
	wg.Wait()
	slices.SortStableFunc(answers, func(a, b answer) int {
		return strings.Compare(a.from.name+" "+a.from.addr, b.from.name+" "+b.from.addr)
	})
	bound(answers)
	return answers
}

// classify reads an answer to the question for name and qtype. Only records at the name itself count: what a
// server adds about the targets of a CNAME is asked of their own servers. The error is a predicate about the server.
func (r *run) classify(m *dns.Msg, z *zone, name string, qtype uint16) (answer, error) {
	if m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
		return answer{}, errors.New("answered " + rcode(m.Rcode))
	}
	if z != nil {
		if child := referral(m, z.apex, name); child != nil {
			return answer{kind: kindReferral, child: child}, nil
		}
		if !m.Authoritative {
			return answer{}, lame(m, z.apex)
		}
	}
	var (
		records []dns.RR
		targets []string
	)
	for _, rr := range m.Answer {
		h := rr.Header()
		if h.Class != dns.ClassINET || dns.CanonicalName(h.Name) != name {
			continue
		}
		if h.Rrtype == qtype {
			records = append(records, rr)
		}
		if alias, ok := rr.(*dns.CNAME); ok {
			targets = append(targets, dns.CanonicalName(alias.Target))
		}
	}
	switch {
	case len(records) > 0:
		found, err := r.read(records)
		return answer{kind: kindFound, found: found}, err
	case len(targets) > 0:
		return answer{kind: kindAlias, target: slices.Min(targets)}, nil
	}
	a := answer{kind: kindNoData}
	if m.Rcode == dns.RcodeNameError {
		a.kind = kindNoName
	}
	for _, rr := range m.Ns {
		if owner := dns.CanonicalName(rr.Header().Name); rr.Header().Rrtype == dns.TypeSOA && isBelow(name, owner) {
			a.above = owner
			break
		}
	}
	return a, nil
}
