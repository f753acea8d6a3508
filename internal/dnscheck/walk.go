// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

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
	"golang.org/x/net/publicsuffix"
)

const (
	// maxNameservers bounds the name servers of one zone that are asked; the root has 13.
	maxNameservers = 16
	// maxAddresses bounds the addresses of one name server that are asked, for each of IPv4 and IPv6.
	maxAddresses = 4
	// maxGlueless bounds how many name servers may have to be resolved for the sake of one another.
	maxGlueless = 5
)

// zone is a zone as its parent delegates it.
type zone struct {
	apex  string
	ns    []string            // canonical host names, sorted
	glue  map[string][]string // addresses (no port) from the parent
	fixed []server            // known beforehand, for the root
}

// cut is the answer of a zone's servers about one name below its apex.
type cut struct {
	child  *zone // the zone that begins at or above the name, nil if none does
	absent bool  // the name does not exist
}

// serverSet is everything known about the servers of a zone.
type serverSet struct {
	servers    []server
	unresolved []string // "<host> <predicate>", sorted
}

// walk follows the delegations from the root to the zone that holds name. absent is the shortest ancestor of name
// (or name) that does not exist, if the walk met one. On an error, the zone is the last one reached.
func (r *run) walk(ctx context.Context, t task, name string) (z *zone, absent string, err error) {
	z = r.roots
	labels := dns.SplitDomainName(name)
	for i := len(labels) - 1; i >= 0; i-- {
		ancestor := dns.CanonicalName(strings.Join(labels[i:], "."))
		if isBelow(z.apex, ancestor) {
			continue
		}
		c, err := r.cutAt(ctx, t, z, ancestor)
		switch {
		case err != nil:
			return z, "", err
		case c.child != nil:
			z = c.child
		case c.absent:
			return z, ancestor, nil
		}
	}
	return z, "", nil
}

// cutAt finds out whether a zone begins at name, asking one server of the zone above.
func (r *run) cutAt(ctx context.Context, t task, above *zone, name string) (cut, error) {
	servers := r.glued(above)
	var err error
	if len(servers) > 0 {
		var c cut
		c, err = r.askCut(ctx, t, above, name, "glue", servers)
		if err == nil || ctx.Err() != nil {
			return c, err
		}
	}
	// Host names are resolved out here, not within the memo of cuts: see memo.
	servers, resolveErr := r.glueless(ctx, t, above)
	if len(servers) == 0 {
		return cut{}, cmp.Or(err, resolveErr)
	}
	return r.askCut(ctx, t, above, name, "glueless", servers)
}

func (r *run) askCut(ctx context.Context, t task, above *zone, name, variant string, servers []server) (cut, error) {
	return r.cuts.Do(ctx, name+" "+above.apex+" "+variant, func(ctx context.Context) (cut, error) {
		question := dns.Question{Name: name, Qtype: dns.TypeNS, Qclass: dns.ClassINET}
		found, err := askAny(ctx, r, t, servers, question, func(m *dns.Msg) (cut, error) {
			return readCut(m, above.apex, name)
		})
		if err != nil {
			return cut{}, fmt.Errorf("no server of the zone %s gave a usable answer: %w", bare(above.apex), err)
		}
		return found, nil
	})
}

// readCut reads the answer to an NS question for name from a server of the zone above.
func readCut(m *dns.Msg, above, name string) (cut, error) {
	if child := referral(m, above, name); child != nil {
		return cut{child: child}, nil
	}
	if !m.Authoritative {
		return cut{}, lame(m, above)
	}
	switch m.Rcode {
	case dns.RcodeNameError:
		return cut{absent: true}, nil
	case dns.RcodeSuccess:
		// One server for both zones answers from the child; then there is an NS RRset at the name itself.
		if child := delegation(m.Answer, m.Extra, above, name, name); child != nil {
			return cut{child: child}, nil
		}
		return cut{}, nil
	default:
		return cut{}, lame(m, above)
	}
}

// lame says why an answer is not that of an authoritative server.
func lame(m *dns.Msg, apex string) error {
	if m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
		return fmt.Errorf("answered %s", rcode(m.Rcode))
	}
	return fmt.Errorf("is not authoritative for %s", bare(apex))
}

func rcode(code int) string {
	if name, known := dns.RcodeToString[code]; known {
		return name
	}
	return fmt.Sprintf("RCODE %d", code)
}

// referral reads a delegation from above to a zone that holds name, or returns nil. An owner that is not strictly
// below the zone asked, or not on the way to name, would lead the walk sideways or in a circle.
func referral(m *dns.Msg, above, name string) *zone {
	if m.Rcode != dns.RcodeSuccess {
		return nil
	}
	records := m.Ns
	if !m.Authoritative && len(m.Answer) > 0 {
		// Some servers put the delegation they are asked about into the answer section.
		records = slices.Concat(m.Answer, m.Ns)
	} else if len(m.Answer) > 0 {
		return nil
	}
	var child *zone
	for _, rr := range records {
		owner := dns.CanonicalName(rr.Header().Name)
		if _, isNS := rr.(*dns.NS); !isNS || owner == above || !isBelow(owner, above) || !isBelow(name, owner) {
			continue
		}
		if child == nil || len(owner) < len(child.apex) {
			child = delegation(records, m.Extra, above, owner, name)
		}
	}
	return child
}

// delegation builds the zone at apex from its NS records and the glue beside them. Glue counts only for the
// listed hosts, and only inside the zone whose server sent it: it has no say about others.
func delegation(records, extra []dns.RR, above, apex, name string) *zone {
	z := &zone{apex: apex, ns: hostsOf(records, apex)}
	if len(z.ns) == 0 || !isBelow(name, apex) {
		return nil
	}
	z.glue = addressesOf(extra, z.ns, above)
	return z
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
		if _, listed := slices.BinarySearch(hosts, owner); !listed || !isBelow(owner, bailiwick) {
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

// at makes servers of a host and its addresses.
func (r *run) at(host string, addresses []string) []server {
	servers := make([]server, 0, len(addresses))
	for _, address := range addresses {
		servers = append(servers, server{name: host, addr: net.JoinHostPort(address, r.port)})
	}
	return servers
}

// glued returns the servers of a zone whose addresses the parent gave.
func (r *run) glued(z *zone) []server {
	if z.fixed != nil {
		return z.fixed
	}
	var servers []server
	for _, host := range z.ns {
		servers = append(servers, r.at(host, z.glue[host])...)
	}
	return servers
}

// glueless resolves name servers whose addresses the parent did not give, until two of them are known: enough to
// go on with the walk.
func (r *run) glueless(ctx context.Context, t task, z *zone) ([]server, error) {
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
		addresses, err := r.host(ctx, t, host)
		if errors.Is(err, errBudget) {
			return nil, errBudget
		}
		if err != nil {
			failures = append(failures, bare(host)+" "+err.Error())
			continue
		}
		servers = append(servers, r.at(host, addresses)...)
		if resolved++; resolved == enough {
			break
		}
	}
	if len(servers) == 0 {
		if len(failures) == 0 {
			return nil, nil
		}
		return nil, fmt.Errorf("no name server of the zone %s can be found: %s", bare(z.apex), list(failures))
	}
	return servers, nil
}

// host finds the addresses of a name server by the same walk. Its errors are predicates about the host.
func (r *run) host(ctx context.Context, t task, name string) ([]string, error) {
	switch {
	case slices.Contains(t.path, name):
		return nil, errors.New("can only be found by asking itself")
	case len(t.path) >= maxGlueless:
		return nil, errors.New("depends on too many other name servers")
	case t.budget.Add(-1) < 0:
		// Even where every answer is known already, hosts that need hosts that need hosts take time.
		return nil, errBudget
	}
	inner := t
	inner.path = append(slices.Clone(t.path), name)
	if len(t.path) == 0 {
		return r.hosts.Do(ctx, name, func(ctx context.Context) ([]string, error) { return r.resolveHost(ctx, inner, name) })
	}
	// This look-up serves that of another host. To wait for a third one, which may be waiting for that other,
	// could last for ever; so what is not known yet is looked up once more.
	if addresses, ok := r.hosts.Kept(name); ok {
		return addresses, nil
	}
	return r.resolveHost(ctx, inner, name)
}

func (r *run) resolveHost(ctx context.Context, t task, name string) ([]string, error) {
	z, absent, err := r.walk(ctx, t, name)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, unresolvable(err)
	}
	if absent != "" {
		return nil, errors.New("does not exist")
	}
	servers := r.glued(z)
	if len(servers) == 0 {
		if servers, err = r.glueless(ctx, t, z); err != nil {
			return nil, unresolvable(err)
		}
	}

	var (
		found [2][]string
		errs  [2]error
		wg    sync.WaitGroup
	)
	for i, qtype := range [2]uint16{dns.TypeA, dns.TypeAAAA} {
		wg.Go(func() {
			question := dns.Question{Name: name, Qtype: qtype, Qclass: dns.ClassINET}
			found[i], errs[i] = askAny(ctx, r, t, servers, question, func(m *dns.Msg) ([]string, error) {
				if !m.Authoritative || (m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError) {
					return nil, lame(m, z.apex)
				}
				return addressesOf(m.Answer, []string{name}, z.apex)[name], nil
			})
		})
	}
	wg.Wait()

	if addresses := boundAddresses(slices.Concat(found[0], found[1])); len(addresses) > 0 {
		return addresses, nil
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
	if errors.Is(err, errBudget) {
		return errBudget
	}
	return fmt.Errorf("does not resolve (%s)", printable(err.Error(), maxPart))
}

// allServers returns every server of a zone: those the parent delegates to and those the zone itself lists.
func (r *run) allServers(ctx context.Context, z *zone) (serverSet, error) {
	if z.fixed != nil {
		return serverSet{servers: z.fixed}, nil
	}
	key := z.apex + " " + strings.Join(z.ns, " ")
	return r.serverSet.Do(ctx, key, func(ctx context.Context) (serverSet, error) {
		t := newTask()
		hosts, glue := r.listed(ctx, t, z)
		found := make([][]string, len(hosts))
		errs := make([]error, len(hosts))
		var wg sync.WaitGroup
		for i, host := range hosts {
			if found[i] = glue[host]; len(found[i]) > 0 {
				continue
			}
			wg.Go(func() { found[i], errs[i] = r.host(ctx, t, host) })
		}
		wg.Wait()
		if ctx.Err() != nil {
			return serverSet{}, ctx.Err()
		}
		var set serverSet
		for i, host := range hosts {
			set.servers = append(set.servers, r.at(host, found[i])...)
			if errs[i] != nil {
				set.unresolved = append(set.unresolved, bare(host)+" "+errs[i].Error())
			}
		}
		return set, nil
	})
}

// listed adds to the delegated name servers those in the zone's own NS RRset: after a move to another DNS
// operator the two can differ, and resolvers use both.
func (r *run) listed(ctx context.Context, t task, z *zone) ([]string, map[string][]string) {
	servers := r.glued(z)
	if len(servers) == 0 {
		servers, _ = r.glueless(ctx, t, z)
	}
	question := dns.Question{Name: z.apex, Qtype: dns.TypeNS, Qclass: dns.ClassINET}
	all, err := askAny(ctx, r, t, servers, question, func(m *dns.Msg) (zone, error) {
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

// registrable is the name that is delegated by a registry on the way to name: one label more than a public suffix
// that a registry runs. It is empty when name is such a suffix itself.
func registrable(name string) string {
	host := bare(name)
	suffix, managed := publicsuffix.PublicSuffix(host)
	// The list also has suffixes that their owners let out, such as github.io: zones like any other.
	for !managed && strings.Contains(suffix, ".") {
		_, parent, _ := strings.Cut(suffix, ".")
		suffix, managed = publicsuffix.PublicSuffix(parent)
	}
	if host == suffix || host == "." {
		return ""
	}
	above := strings.TrimSuffix(host, "."+suffix)
	return above[strings.LastIndex(above, ".")+1:] + "." + suffix + "."
}
