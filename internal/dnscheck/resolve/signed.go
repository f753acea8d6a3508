// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

import (
	"context"
	"errors"
	"strings"

	"github.com/miekg/dns"
)

// Signed asks for records together with their signatures, on behalf of one [Task]. [Resolver.Signed] makes one.
type Signed struct {
	walker *walker
	task   Task
	given  []server // the resolvers to ask instead of the servers of zones
}

// Signed returns what asks for records and signatures. Its queries count as those of the task.
func (r *Resolver[T]) Signed(t Task) Signed {
	return Signed{walker: &r.walker, task: t, given: r.nameservers}
}

// Zones returns the apexes of the zones from the root to the one that holds name. Where a server fails to say whether a zone
// begins at a name, none does, as for [Resolver.Lookup].
func (s Signed) Zones(ctx context.Context, name string) ([]string, error) {
	if len(s.given) > 0 {
		return s.zonesByResolver(ctx, name)
	}
	zones, _, err := s.walker.zonesTo(ctx, s.task, name)
	if err != nil && (ctx.Err() != nil || errors.Is(err, ErrTooManyQueries) || IsRegistry(zones[len(zones)-1].apex, name)) {
		return nil, err
	}
	apexes := make([]string, 0, len(zones))
	for _, z := range zones {
		apexes = append(apexes, z.apex)
	}
	return apexes, nil
}

// zonesByResolver asks resolvers where zones begin: at the names that have NS records.
func (s Signed) zonesByResolver(ctx context.Context, name string) ([]string, error) {
	apexes := []string{"."}
	labels := dns.SplitDomainName(name)
	for i := len(labels) - 1; i >= 0; i-- {
		ancestor := dns.CanonicalName(strings.Join(labels[i:], "."))
		cut, err := s.walker.zoneCuts.Do(ctx, ancestor+" by resolvers", func(ctx context.Context) (zoneCut, error) {
			return askAny(ctx, &s.walker.transport, s.task, s.given, unchecked(ancestor, dns.TypeNS), func(m *dns.Msg) (zoneCut, error) {
				if m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
					return zoneCut{}, errors.New(answered(m))
				}
				cut := zoneCut{nxdomain: m.Rcode == dns.RcodeNameError}
				if ns := hostsOf(m.Answer, ancestor); len(ns) > 0 {
					cut.child = &zone{apex: ancestor}
				}
				return cut, nil
			})
		})
		switch {
		case err != nil:
			return nil, err
		case cut.child != nil:
			apexes = append(apexes, ancestor)
		case cut.nxdomain:
			return apexes, nil
		}
	}
	return apexes, nil
}

// unchecked asks resolvers for records and signatures, to be checked here.
func unchecked(name string, qtype uint16) request {
	q := ask(name, qtype)
	q.recursive, q.signed, q.unchecked = true, true, true
	return q
}

// Fetch asks the servers of the zone at apex for name and type, with DO set, one after another until read accepts a
// response. Where resolvers were given it asks them, and their responses count as those of the zone. Read gets every response
// that came, whatever its RCODE, and keeps no reference to it. Several goroutines may call it at once. Its error is a predicate
// whose subject is the server.
func (s Signed) Fetch(ctx context.Context, apex, name string, qtype uint16, read func(*dns.Msg) error) error {
	if len(s.given) > 0 {
		_, err := askAny(ctx, &s.walker.transport, s.task, s.given, unchecked(name, qtype), func(m *dns.Msg) (struct{}, error) {
			m.Authoritative = true
			return struct{}{}, read(m)
		})
		return err
	}
	z, _, err := s.walker.walk(ctx, s.task, apex)
	switch {
	case err != nil:
		return err
	case z.apex != apex:
		return errors.New("no zone begins at " + TrimDot(apex))
	}
	q := ask(name, qtype)
	q.signed = true
	reader := func(m *dns.Msg) (struct{}, error) { return struct{}{}, read(m) }

	servers := s.walker.gluedServers(z)
	if len(servers) > 0 {
		if _, err = askAny(ctx, &s.walker.transport, s.task, servers, q, reader); err == nil || ctx.Err() != nil {
			return err
		}
	}
	more, resolveErr := s.walker.gluelessServers(ctx, s.task, z)
	switch {
	case len(more) > 0:
		_, err = askAny(ctx, &s.walker.transport, s.task, more, q, reader)
		return err
	case err != nil:
		return err
	case resolveErr != nil:
		return resolveErr
	default:
		return noAnswer(nil)
	}
}
