// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

import (
	"context"
	"errors"

	"github.com/miekg/dns"
)

// Signed asks for records together with their signatures, on behalf of one [Task]. [Resolver.Signed] makes one.
type Signed struct {
	walker *walker
	task   Task
	given  bool // the servers to ask were given, so that no zone is known
}

// Signed returns what asks for records and signatures. Its queries count as those of the task.
func (r *Resolver[T]) Signed(t Task) Signed {
	return Signed{walker: &r.walker, task: t, given: len(r.nameservers) > 0}
}

var errGivenServers = errors.New("the servers that were given are asked, and they need not know the zones above")

// Zones returns the apexes of the zones from the root to the one that holds name. Where a server fails to say whether a zone
// begins at a name, none does, as for [Resolver.Lookup].
func (s Signed) Zones(ctx context.Context, name string) ([]string, error) {
	if s.given {
		return nil, errGivenServers
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

// Fetch asks the servers of the zone at apex for name and type, with DO set, one after another until read accepts a
// response. Read gets every response that came, whatever its RCODE, and keeps no reference to it. Several goroutines may call
// it at once. Its error is a predicate whose subject is the server.
func (s Signed) Fetch(ctx context.Context, apex, name string, qtype uint16, read func(*dns.Msg) error) error {
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
