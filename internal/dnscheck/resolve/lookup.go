// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

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

// Kind is what one server says about a name and type.
type Kind int

// The kinds of responses.
const (
	Data     Kind = iota // records of the type
	Alias                // a CNAME instead
	NoData               // the name exists, records of the type do not (RFC 2308, section 2.2)
	NXDomain             // the name does not exist (RFC 2308, section 2.1)
	Failed               // nothing of use
	referral             // a delegation further down
)

// Response is what one server says about a name and type.
type Response[T any] struct {
	Kind Kind
	// Records is what the [Reader] keeps of the records, for Data. [Reader.Bound] may let responses share it.
	Records T
	// Target is the name that the CNAME leads to, for Alias.
	Target string
	// DenyingZone is the zone that denies the record, for NoData and NXDomain. It is empty when the server does not tell.
	DenyingZone string
	// Err is a predicate whose subject is the server, for Failed.
	Err error
	// Contradicts tells that the server sent records of the type and yet says that the name does not exist, for NXDomain.
	Contradicts bool
	// Recursive tells that a server of [Config.Nameservers] resolves names for others, and Authentic that it vouches for the
	// signatures of its answer (RFC 4035, section 3.2.3).
	Recursive, Authentic bool
	// Refusal is why such a server gave the answer only when it was told not to check signatures. It is nil otherwise.
	Refusal *Refusal

	from  server
	child *zone // referral
}

// Refusal is why a resolver refuses an answer.
type Refusal struct {
	// Reason is a predicate whose subject is the server.
	Reason string
	// Bogus tells that the signatures are the cause, as far as the server tells.
	Bogus bool
}

// Label returns how messages call the server: its name and address.
func (r Response[T]) Label() string { return r.from.label() }

// Outcome is what all servers say about a name and type.
type Outcome[T any] struct {
	// Apex is the zone whose servers were asked. It is empty when [Config.Nameservers] were asked.
	Apex string
	// NXDomain is the ancestor of the name, or the name, that the registry's zone Apex says does not exist. There are no
	// responses then. Otherwise it is empty.
	NXDomain string
	// Responses are sorted by their servers.
	Responses []Response[T]

	unresolved []string // name servers without an address
}

// Useful returns the responses that are not failures.
func (o Outcome[T]) Useful() []Response[T] {
	var useful []Response[T]
	for _, response := range o.Responses {
		if response.Kind != Failed {
			useful = append(useful, response)
		}
	}
	return useful
}

// Failures lists the name servers none of whose addresses gave a usable response, each with the reason, sorted. A
// server that answers over IPv4 but not over an IPv6 this machine may not even have is not among them.
func (o Outcome[T]) Failures() []string {
	answered := make(map[string]bool)
	for _, response := range o.Responses {
		if response.Kind != Failed && response.from.name != "" {
			answered[response.from.name] = true
		}
	}
	failures := slices.Clone(o.unresolved)
	for _, response := range o.Responses {
		if response.Kind == Failed && !answered[response.from.name] {
			failures = append(failures, response.from.label()+" "+response.Err.Error())
		}
	}
	slices.Sort(failures)
	return failures
}

// Err returns an error that lists the failures when no server gave a usable response.
func (o Outcome[T]) Err() error {
	if o.NXDomain != "" || len(o.Useful()) > 0 {
		return nil
	}
	return noAnswer(o.Failures())
}

// Redirected tells that no server gave a usable response, and that resolvers answered in their place.
func (o Outcome[T]) Redirected() bool {
	return len(o.Useful()) == 0 && slices.ContainsFunc(o.Responses, func(response Response[T]) bool { return IsRedirected(response.Err) })
}

// Servers returns the servers asked as host:port, sorted. The host is the server's name if it has one.
func (o Outcome[T]) Servers() []string {
	servers := make([]string, 0, len(o.Responses))
	for _, response := range o.Responses {
		servers = append(servers, response.from.hostPort())
	}
	slices.Sort(servers)
	return slices.Compact(servers)
}

// Lookup asks every authoritative server of the zone that holds name, or [Config.Nameservers] instead. qtype is a type
// of package dns. It fails with [ErrTooManyQueries], with the error of ctx, or when the servers cannot be found. That
// servers fail is part of the Outcome.
func (r *Resolver[T]) Lookup(ctx context.Context, t Task, name string, qtype uint16) (Outcome[T], error) {
	return r.lookups.Do(ctx, name+" "+dns.TypeToString[qtype], func(ctx context.Context) (Outcome[T], error) {
		if len(r.nameservers) > 0 {
			return Outcome[T]{Responses: r.askAll(ctx, t, r.nameservers, nil, name, qtype)}, ctx.Err()
		}
		z, nxdomain, err := r.walk(ctx, t, name)
		if ctx.Err() != nil {
			return Outcome[T]{}, ctx.Err()
		}
		registry := IsRegistry(z.apex, name)
		switch {
		case err != nil && (registry || errors.Is(err, ErrTooManyQueries)):
			return Outcome[T]{}, err
		case nxdomain != "" && registry:
			return Outcome[T]{Apex: z.apex, NXDomain: nxdomain}, nil
		}
		return r.lookupIn(ctx, t, z, name, qtype)
	})
}

func (r *Resolver[T]) lookupIn(ctx context.Context, t Task, z *zone, name string, qtype uint16) (Outcome[T], error) {
	for {
		set, err := r.allServers(ctx, z)
		if err != nil {
			return Outcome[T]{}, err
		}
		servers := set.servers
		if IsRegistry(z.apex, name) || z == r.roots {
			// A registry has dozens of servers that are kept alike; to ask them all would help nobody.
			servers = servers[:min(len(servers), maxRegistryServers)]
		}
		o := Outcome[T]{Apex: z.apex, Responses: r.askAll(ctx, t, servers, z, name, qtype), unresolved: set.unresolved}
		if ctx.Err() != nil {
			return Outcome[T]{}, ctx.Err()
		}
		// The walk misses a delegation below a name that a server wrongly says does not exist; a referral to it
		// always leads further down, so this ends.
		deeper := slices.IndexFunc(o.Responses, func(response Response[T]) bool { return response.Kind == referral })
		if deeper < 0 {
			return o, nil
		}
		z = o.Responses[deeper].child
	}
}

// askAll asks every server; z is nil for servers that need not be authoritative.
func (r *Resolver[T]) askAll(ctx context.Context, t Task, servers []server, z *zone, name string, qtype uint16) []Response[T] {
	responses := make([]Response[T], len(servers))
	askOne := r.askOne
	if z == nil {
		askOne = r.askResolver
	}
	var wg sync.WaitGroup
	for i, s := range servers {
		wg.Go(func() {
			response, err := askOne(ctx, t, s, z, ask(name, qtype))
			if err != nil {
				response = Response[T]{Kind: Failed, Err: err}
			}
			response.from = s
			responses[i] = response
		})
	}
	wg.Wait()
	slices.SortStableFunc(responses, func(a, b Response[T]) int {
		return strings.Compare(a.from.name+" "+a.from.addr, b.from.name+" "+b.from.addr)
	})
	r.reader.Bound(responses)
	return responses
}

// askOne asks one server.
func (r *Resolver[T]) askOne(ctx context.Context, t Task, s server, z *zone, q request) (Response[T], error) {
	return exchange(ctx, &r.transport, t, s, q, func(m *dns.Msg) (Response[T], error) {
		return r.classify(m, z, q.Name, q.Qtype)
	})
}

// askResolver asks a server that may be recursive and validate. Such a server answers SERVFAIL to what is bogus, and gives the
// records once it is asked not to check them.
func (r *Resolver[T]) askResolver(ctx context.Context, t Task, s server, _ *zone, q request) (Response[T], error) {
	q.recursive = true
	response, err := r.askOne(ctx, t, s, nil, q)
	failed, ok := errors.AsType[*servfailError](err)
	if !ok {
		return response, err
	}
	unchecked := q
	unchecked.unchecked = true
	found, otherErr := r.askOne(ctx, t, s, nil, unchecked)
	if otherErr != nil {
		return response, err
	}
	if !failed.dnssec && !failed.other {
		// It does not say why. A failure that has passed by now says nothing about the signatures.
		if response, err = r.askOne(ctx, t, s, nil, q); err == nil {
			return response, nil
		}
		if failed, ok = errors.AsType[*servfailError](err); !ok {
			return response, err
		}
	}
	found.Authentic = false
	found.Refusal = &Refusal{Reason: failed.Error() + ", and gives the records only when told not to validate them",
		Bogus: failed.dnssec || !failed.other}
	return found, nil
}

// servfailError is the answer SERVFAIL. Its text is a predicate whose subject is the server.
type servfailError struct {
	extended
	answer string
}

func (e *servfailError) Error() string { return e.answer }

// classify reads a response to the question for name and qtype. Only records at the name itself count: what a server
// adds about the targets of a CNAME is asked of their own servers. The error is a predicate about the server.
func (r *Resolver[T]) classify(m *dns.Msg, z *zone, name string, qtype uint16) (Response[T], error) {
	response := Response[T]{Kind: NoData}
	switch {
	case m.Rcode == dns.RcodeServerFailure && z == nil:
		return response, &servfailError{extended: extendedErrors(m), answer: answered(m)}
	case m.Rcode == dns.RcodeSuccess, m.Rcode == dns.RcodeNameError:
	case z != nil:
		return response, lame(m, z.apex)
	default:
		return response, errors.New(answered(m))
	}
	if z == nil {
		response.Recursive, response.Authentic = m.RecursionAvailable, m.AuthenticatedData
	} else if child := readReferral(m, z.apex, name); child != nil {
		return Response[T]{Kind: referral, child: child}, nil
	} else if !m.Authoritative {
		return response, lame(m, z.apex)
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
	switch denied := m.Rcode == dns.RcodeNameError; {
	case len(records) > 0 && !denied:
		var err error
		response.Kind = Data
		response.Records, err = r.reader.Read(records)
		return response, err
	case len(targets) > 0 && (!denied || qtype != dns.TypeCNAME):
		// What does not exist is the end of the CNAMEs then (RFC 6604, section 3).
		response.Kind, response.Target = Alias, slices.Min(targets)
		return response, nil
	case denied:
		// A resolver believes the code. So no authority sees the records.
		response.Kind, response.Contradicts = NXDomain, len(records) > 0
	}
	for _, rr := range m.Ns {
		if owner := dns.CanonicalName(rr.Header().Name); rr.Header().Rrtype == dns.TypeSOA && dns.IsSubDomain(owner, name) {
			response.DenyingZone = owner
			break
		}
	}
	return response, nil
}
