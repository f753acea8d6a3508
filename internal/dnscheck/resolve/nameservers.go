// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

const (
	// maxNameservers bounds the name servers of one zone that are asked; the root has 13.
	maxNameservers = 16
	// maxAddresses bounds the addresses of one name server that are asked, for each of IPv4 and IPv6.
	maxAddresses = 4
	// maxGlueless bounds how many name servers may have to be resolved for the sake of one another.
	maxGlueless = 5
)

// serverSet is everything known about the servers of a zone.
type serverSet struct {
	servers    []server
	unresolved []string // "<host> <predicate>", sorted
}

// hostsOf returns the hosts of the NS RRset at owner, sorted, and not more than may be asked.
func hostsOf(records []dns.RR, owner string) []string {
	var hosts []string
	for _, rr := range records {
		if ns, ok := rr.(*dns.NS); ok && dns.CanonicalName(ns.Hdr.Name) == owner {
			hosts = append(hosts, dns.CanonicalName(ns.Ns))
		}
	}
	slices.Sort(hosts)
	hosts = slices.Compact(hosts)
	return hosts[:min(len(hosts), maxNameservers)]
}

// addressesOf collects the addresses of hosts inside the zone bailiwick.
func addressesOf(records []dns.RR, hosts []string, bailiwick string) map[string][]string {
	addresses := make(map[string][]string)
	for _, rr := range records {
		owner := dns.CanonicalName(rr.Header().Name)
		if _, listed := slices.BinarySearch(hosts, owner); !listed || !dns.IsSubDomain(bailiwick, owner) {
			continue
		}
		if address, ok := addressOf(rr); ok {
			addresses[owner] = append(addresses[owner], address)
		}
	}
	for host := range addresses {
		addresses[host] = boundAddresses(addresses[host])
	}
	return addresses
}

func addressOf(rr dns.RR) (string, bool) {
	var raw net.IP
	switch rr := rr.(type) {
	case *dns.A:
		raw = rr.A
	case *dns.AAAA:
		raw = rr.AAAA
	default:
		return "", false
	}
	address, ok := netip.AddrFromSlice(raw)
	if !ok {
		return "", false
	}
	return address.Unmap().String(), true
}

// boundAddresses sorts addresses, IPv4 first, without duplicates and not more than may be asked.
func boundAddresses(addresses []string) []string {
	slices.SortFunc(addresses, func(a, b string) int {
		if v6a, v6b := strings.Contains(a, ":"), strings.Contains(b, ":"); v6a != v6b {
			if v6b {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	var bounded []string
	families := map[bool]int{}
	for _, address := range slices.Compact(addresses) {
		v6 := strings.Contains(address, ":")
		if families[v6]++; families[v6] <= maxAddresses {
			bounded = append(bounded, address)
		}
	}
	return bounded
}

// serversOf makes servers of a host and its addresses.
func (w *walker) serversOf(host string, addresses []string) []server {
	servers := make([]server, 0, len(addresses))
	for _, address := range addresses {
		servers = append(servers, server{name: host, addr: net.JoinHostPort(address, w.port)})
	}
	return servers
}

// gluedServers returns the servers of a zone whose addresses the parent gave.
func (w *walker) gluedServers(z *zone) []server {
	if z.fixed != nil {
		return z.fixed
	}
	var servers []server
	for _, host := range z.ns {
		servers = append(servers, w.serversOf(host, z.glue[host])...)
	}
	return servers
}

// gluelessServers resolves name servers whose addresses the parent did not give, until two of them are known: enough to
// go on with the walk.
func (w *walker) gluelessServers(ctx context.Context, t Task, z *zone) ([]server, error) {
	const enough = 2
	var (
		servers  []server
		failures []string
		resolved int
	)
	for _, host := range z.ns {
		if len(z.glue[host]) > 0 {
			continue
		}
		addresses, err := w.hostAddresses(ctx, t, host)
		if errors.Is(err, ErrTooManyQueries) {
			return nil, ErrTooManyQueries
		}
		if err != nil {
			failures = append(failures, TrimDot(host)+" "+err.Error())
			continue
		}
		servers = append(servers, w.serversOf(host, addresses)...)
		if resolved++; resolved == enough {
			break
		}
	}
	if len(servers) == 0 {
		if len(failures) == 0 {
			return nil, nil
		}
		return nil, fmt.Errorf("no name server of the zone %s can be found: %s", TrimDot(z.apex), JoinClauses(failures))
	}
	return servers, nil
}

// hostAddresses finds the addresses of a name server by the same walk. Its errors are predicates about the host.
func (w *walker) hostAddresses(ctx context.Context, t Task, name string) ([]string, error) {
	switch {
	case slices.Contains(t.path, name):
		return nil, errors.New("can only be found by asking itself")
	case len(t.path) >= maxGlueless:
		return nil, errors.New("depends on too many other name servers")
	case t.budget.Add(-1) < 0:
		// Even where every answer is known already, hosts that need hosts that need hosts take time.
		return nil, ErrTooManyQueries
	}
	inner := t
	inner.path = append(slices.Clone(t.path), name)
	if len(t.path) == 0 {
		return w.hosts.Do(ctx, name, func(ctx context.Context) ([]string, error) { return w.resolveHost(ctx, inner, name) })
	}
	// This lookup serves that of another host. To wait for a third one, which may be waiting for that other,
	// could last for ever; so what is not known yet is looked up once more.
	if addresses, ok := w.hosts.Kept(name); ok {
		return addresses, nil
	}
	return w.resolveHost(ctx, inner, name)
}

func (w *walker) resolveHost(ctx context.Context, t Task, name string) ([]string, error) {
	z, nxdomain, err := w.walk(ctx, t, name)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, unresolvable(err)
	}
	if nxdomain != "" {
		return nil, errors.New("does not exist")
	}
	servers := w.gluedServers(z)
	if len(servers) == 0 {
		if servers, err = w.gluelessServers(ctx, t, z); err != nil {
			return nil, unresolvable(err)
		}
	}

	var (
		addresses [2][]string
		errs      [2]error
		wg        sync.WaitGroup
	)
	for i, qtype := range [2]uint16{dns.TypeA, dns.TypeAAAA} {
		wg.Go(func() {
			addresses[i], errs[i] = askAny(ctx, &w.transport, t, servers, ask(name, qtype), func(m *dns.Msg) ([]string, error) {
				if !m.Authoritative || (m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError) {
					return nil, lame(m, z.apex)
				}
				return addressesOf(m.Answer, []string{name}, z.apex)[name], nil
			})
		})
	}
	wg.Wait()

	if all := boundAddresses(slices.Concat(addresses[0], addresses[1])); len(all) > 0 {
		return all, nil
	}
	if err := cmp.Or(errs[0], errs[1]); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, unresolvable(err)
	}
	return nil, errors.New("has no address")
}

func unresolvable(err error) error {
	if errors.Is(err, ErrTooManyQueries) {
		return ErrTooManyQueries
	}
	return fmt.Errorf("does not resolve (%s)", Printable(err.Error(), maxClause))
}

// allServers returns every server of a zone: those the parent delegates to and those the zone itself lists.
func (w *walker) allServers(ctx context.Context, z *zone) (serverSet, error) {
	if z.fixed != nil {
		return serverSet{servers: z.fixed}, nil
	}
	key := z.apex + " " + strings.Join(z.ns, " ")
	return w.serverSets.Do(ctx, key, func(ctx context.Context) (serverSet, error) {
		t := NewTask()
		hosts, glue := w.apexNameservers(ctx, t, z)
		addresses := make([][]string, len(hosts))
		errs := make([]error, len(hosts))
		var wg sync.WaitGroup
		for i, host := range hosts {
			if addresses[i] = glue[host]; len(addresses[i]) > 0 {
				continue
			}
			wg.Go(func() { addresses[i], errs[i] = w.hostAddresses(ctx, t, host) })
		}
		wg.Wait()
		if ctx.Err() != nil {
			return serverSet{}, ctx.Err()
		}
		var set serverSet
		for i, host := range hosts {
			set.servers = append(set.servers, w.serversOf(host, addresses[i])...)
			if errs[i] != nil {
				set.unresolved = append(set.unresolved, TrimDot(host)+" "+errs[i].Error())
			}
		}
		return set, nil
	})
}

// apexNameservers adds to the delegated name servers those in the zone's own NS RRset: after a move to another DNS
// operator the two can differ, and resolvers use both.
func (w *walker) apexNameservers(ctx context.Context, t Task, z *zone) ([]string, map[string][]string) {
	servers := w.gluedServers(z)
	if len(servers) == 0 {
		servers, _ = w.gluelessServers(ctx, t, z)
	}
	all, err := askAny(ctx, &w.transport, t, servers, ask(z.apex, dns.TypeNS), func(m *dns.Msg) (zone, error) {
		if m.Rcode != dns.RcodeSuccess || !m.Authoritative {
			return zone{}, lame(m, z.apex)
		}
		hosts := slices.Concat(z.ns, hostsOf(m.Answer, z.apex))
		slices.Sort(hosts)
		hosts = slices.Compact(hosts)
		hosts = hosts[:min(len(hosts), maxNameservers)]
		return zone{ns: hosts, glue: addressesOf(m.Extra, hosts, z.apex)}, nil
	})
	if err != nil {
		return z.ns, z.glue
	}
	for host, addresses := range z.glue {
		all.glue[host] = boundAddresses(slices.Concat(addresses, all.glue[host]))
	}
	return all.ns, all.glue
}
