// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package resolve asks the authoritative servers of DNS zones. It finds them as a resolver does: it follows the
// delegations from the root servers down (RFC 1034, section 5.3.3). It judges no record.
//
// Names are canonical throughout: lower case, punycode, with a trailing dot.
package resolve

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/callgroup"
)

// DefaultPort is the port of DNS servers (RFC 1035, section 4.2).
const DefaultPort = "53"

const (
	defaultTimeout = 2 * time.Second
	// maxInFlight bounds the queries in flight, and so the sockets open, of one Resolver.
	maxInFlight = 64
	// maxInFlightTCP bounds those over TCP: an answer of 64 KiB takes about 350 kB while it is read.
	maxInFlightTCP = 16
	// maxQueries bounds the queries spent on one record, so that delegations which lead to ever more delegations
	// cannot turn one lookup into a flood.
	maxQueries = 500
)

// Dialer opens connections to DNS servers. *net.Dialer is one. A connection to the network udp must be a
// [net.PacketConn], as *net.UDPConn is.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Config says where a Resolver starts and how it sends queries. All addresses are host:port.
type Config struct {
	// Roots are the root servers to start from. Empty means the servers of IANA's root hints.
	Roots []string
	// Port is the port of all delegated servers. Empty means [DefaultPort].
	Port string
	// Nameservers are asked instead of the authoritative servers. They may be recursive.
	Nameservers []string
	// Timeout is the time that one query may take. Each is sent twice over UDP. 0 means 2 s.
	Timeout time.Duration
	// Dialer opens connections. Nil means a net.Dialer.
	Dialer Dialer
}

// Reader says what is kept of responses. The records of a response may be 64 KiB, so they are read while their query
// still counts as in flight.
type Reader[T any] interface {
	// Read returns what is kept of records of one type at one name. What it returns holds no reference to them. Its
	// error is a predicate whose subject is the server.
	Read(records []dns.RR) (T, error)
	// Bound limits what is kept of all responses to one question. The responses are sorted by their servers.
	Bound(responses []Response[T])
}

// Resolver looks names up. It keeps all that it learns, errors included: it asks nothing twice. Several goroutines may
// use it at once. [New] makes one.
type Resolver[T any] struct {
	walker
	reader      Reader[T]
	nameservers []server
	lookups     callgroup.Group[Outcome[T]]
}

// New returns a Resolver that has learned nothing yet.
func New[T any](c Config, reader Reader[T]) *Resolver[T] {
	r := &Resolver[T]{
		walker:  walker{port: c.Port, roots: &zone{apex: ".", fixed: serversAt(c.Roots)}},
		reader:  reader,
		lookups: callgroup.Group[Outcome[T]]{Keep: true},
	}
	r.zoneCuts.Keep, r.hosts.Keep, r.serverSets.Keep = true, true, true
	r.timeout, r.dialer = c.Timeout, c.Dialer
	r.slots, r.slotsTCP = make(chan struct{}, maxInFlight), make(chan struct{}, maxInFlightTCP)
	r.nameservers = sortServers(serversAt(c.Nameservers))
	if len(r.roots.fixed) == 0 {
		r.roots.fixed = rootServers()
	}
	if r.port == "" {
		r.port = DefaultPort
	}
	if r.timeout <= 0 {
		r.timeout = defaultTimeout
	}
	if r.dialer == nil {
		r.dialer = &net.Dialer{}
	}
	return r
}

// Task is the work for one record. Its lookups share 500 queries. [NewTask] makes one.
type Task struct {
	budget *atomic.Int64 // the queries that it may still send
	path   []string      // the host names that it is resolving
}

// NewTask returns a Task that has sent no query yet.
func NewTask() Task {
	t := Task{budget: &atomic.Int64{}}
	t.budget.Store(maxQueries)
	return t
}

// ErrTooManyQueries means that a Task has no query left. Its text is a predicate whose subject is the lookup.
var ErrTooManyQueries = fmt.Errorf("needs more than %d queries, which is more than any sound delegation does", maxQueries)
