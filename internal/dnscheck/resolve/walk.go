// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/callgroup"
)

// zone is a zone as its parent delegates it.
type zone struct {
	apex  string
	ns    []string            // canonical host names, sorted
	glue  map[string][]string // addresses (no port) from the parent
	fixed []server            // known beforehand, for the root
}

// zoneCut is what a zone's servers say about one name below its apex.
type zoneCut struct {
	child    *zone // the zone that begins at or above the name, nil if none does
	nxdomain bool  // the name does not exist
}

// walker follows delegations.
type walker struct {
	transport
	roots *zone
	port  string
	// Each of them keeps its results, errors included: what could not be found out is not asked again. A call must not
	// wait for itself through other keys, so they keep to one order: lookups wait for server sets, server sets for hosts,
	// hosts for zone cuts, and zone cuts for nothing but the network.
	zoneCuts   callgroup.Group[zoneCut]
	hosts      callgroup.Group[[]string]
	serverSets callgroup.Group[serverSet]
}

// walk follows the delegations from the root to the zone that holds name. nxdomain is the shortest ancestor of name
// (or name) that does not exist, if the walk met one. On an error, the zone is the last one reached.
func (w *walker) walk(ctx context.Context, t Task, name string) (z *zone, nxdomain string, err error) {
	zones, nxdomain, err := w.zonesTo(ctx, t, name)
	return zones[len(zones)-1], nxdomain, err
}

// zonesTo does what walk does, and returns all zones on the way, the root first.
func (w *walker) zonesTo(ctx context.Context, t Task, name string) (zones []*zone, nxdomain string, err error) {
	z := w.roots
	zones = append(zones, z)
	labels := dns.SplitDomainName(name)
	for i := len(labels) - 1; i >= 0; i-- {
		ancestor := dns.CanonicalName(strings.Join(labels[i:], "."))
		if dns.IsSubDomain(ancestor, z.apex) {
			continue
		}
		cut, err := w.findZoneCut(ctx, t, z, ancestor)
		switch {
		case err != nil:
			return zones, "", err
		case cut.child != nil:
			z = cut.child
			zones = append(zones, z)
		case cut.nxdomain:
			return zones, ancestor, nil
		}
	}
	return zones, "", nil
}

// findZoneCut finds out whether a zone begins at name, asking one server of the zone above.
func (w *walker) findZoneCut(ctx context.Context, t Task, above *zone, name string) (zoneCut, error) {
	servers := w.gluedServers(above)
	var err error
	if len(servers) > 0 {
		var cut zoneCut
		cut, err = w.askZoneCut(ctx, t, above, name, "glue", servers)
		if err == nil || ctx.Err() != nil {
			return cut, err
		}
	}
	// Host names are resolved out here, not within the group of zone cuts: see walker.
	servers, resolveErr := w.gluelessServers(ctx, t, above)
	if len(servers) == 0 {
		return zoneCut{}, cmp.Or(err, resolveErr)
	}
	return w.askZoneCut(ctx, t, above, name, "glueless", servers)
}

func (w *walker) askZoneCut(ctx context.Context, t Task, above *zone, name, variant string, servers []server) (zoneCut, error) {
	return w.zoneCuts.Do(ctx, name+" "+above.apex+" "+variant, func(ctx context.Context) (zoneCut, error) {
		cut, err := askAny(ctx, &w.transport, t, servers, ask(name, dns.TypeNS), func(m *dns.Msg) (zoneCut, error) {
			return readZoneCut(m, above.apex, name)
		})
		if err != nil {
			return zoneCut{}, fmt.Errorf("no server of the zone %s gave a usable answer: %w", TrimDot(above.apex), err)
		}
		return cut, nil
	})
}

// readZoneCut reads the answer to an NS question for name from a server of the zone above.
func readZoneCut(m *dns.Msg, above, name string) (zoneCut, error) {
	if child := readReferral(m, above, name); child != nil {
		return zoneCut{child: child}, nil
	}
	if !m.Authoritative {
		return zoneCut{}, lame(m, above)
	}
	switch m.Rcode {
	case dns.RcodeNameError:
		return zoneCut{nxdomain: true}, nil
	case dns.RcodeSuccess:
		// One server for both zones answers from the child; then there is an NS RRset at the name itself.
		if child := delegation(m.Answer, m.Extra, above, name, name); child != nil {
			return zoneCut{child: child}, nil
		}
		return zoneCut{}, nil
	default:
		return zoneCut{}, lame(m, above)
	}
}

// lame says why an answer is not that of an authoritative server.
func lame(m *dns.Msg, apex string) error {
	err := fmt.Errorf("is not authoritative for %s", TrimDot(apex))
	if m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
		err = errors.New(answered(m))
	}
	// A server without the zone refuses, or refers to others. A resolver offers recursion, and has an answer.
	if m.RecursionAvailable || m.Rcode == dns.RcodeNameError || m.Rcode == dns.RcodeSuccess && len(m.Answer) > 0 {
		return redirectedError{err}
	}
	return err
}

// redirectedError means that a resolver answered in the place of an authoritative server. Some networks redirect all queries to
// a resolver of their own.
type redirectedError struct{ error }

// Unwrap returns the error in words.
func (e redirectedError) Unwrap() error { return e.error }

// IsRedirected tells whether an error comes from a resolver that answered in the place of authoritative servers.
func IsRedirected(err error) bool {
	_, ok := errors.AsType[redirectedError](err)
	return ok
}

// readReferral reads a delegation from above to a zone that holds name, or returns nil. An owner that is not strictly
// below the zone asked, or not on the way to name, would lead the walk sideways or in a circle.
func readReferral(m *dns.Msg, above, name string) *zone {
	if m.Rcode != dns.RcodeSuccess {
		return nil
	}
	records := m.Ns
	if !m.Authoritative && len(m.Answer) > 0 {
		if m.RecursionAvailable {
			return nil // A resolver answers for itself.
		}
		// Some servers put the delegation they are asked about into the answer section.
		records = slices.Concat(m.Answer, m.Ns)
	} else if len(m.Answer) > 0 {
		return nil
	}
	var child *zone
	for _, rr := range records {
		owner := dns.CanonicalName(rr.Header().Name)
		if _, isNS := rr.(*dns.NS); !isNS || owner == above || !dns.IsSubDomain(above, owner) || !dns.IsSubDomain(owner, name) {
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
	if len(z.ns) == 0 || !dns.IsSubDomain(apex, name) {
		return nil
	}
	z.glue = addressesOf(extra, z.ns, above)
	return z
}
