// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package dnscheck looks at DNS the way a certification authority does: it asks the authoritative servers of a
// zone, found by walking the delegation from the root, whether the record that proves control of a domain is
// there, and whether the CAA records (RFC 8659) let the authority issue.
//
// Nothing is cached between two calls of [Checker.Check]: each sees DNS as it is at that moment.
package dnscheck

import (
	"context"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/callgroup"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// What a check can find, from best to worst. When the servers of a zone disagree, the worst is the result.
const (
	// StatusPublished: every server that answers has the expected record.
	StatusPublished = "published"
	// StatusMissing: the owner name does not exist (NXDOMAIN) or has no record of the type (NODATA).
	StatusMissing = "missing"
	// StatusWrongValue: there are records of the type, none with the expected value.
	StatusWrongValue = "wrong_value"
	// StatusShadowedByCNAME: a TXT record is expected where there is a CNAME, and the CNAME does not lead to it.
	StatusShadowedByCNAME = "shadowed_by_cname"
	// StatusNotDelegated: no parent zone delegates the zone the record belongs to.
	StatusNotDelegated = "not_delegated"
	// StatusError: no server gave a usable answer, so nothing is known about the record.
	StatusError = "error"
)

// What CAA records say about the authority, see [Result.CAA].
const (
	// CAAAllowed: there are CAA records and they let the authority issue.
	CAAAllowed = "allowed"
	// CAAForbidden: there are CAA records and they do not let the authority issue.
	CAAForbidden = "forbidden"
	// CAANone: there are no CAA records, so every authority may issue.
	CAANone = "none"
)

const (
	defaultTimeout  = 2 * time.Second
	defaultParallel = 32
	defaultPort     = "53"
)

// Dialer opens the connections to DNS servers; *net.Dialer is one. Those to the network udp must be a [net.PacketConn],
// as *net.UDPConn is.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Checker looks records up. The zero value asks the public DNS. A Checker may be used by several goroutines at
// once; its fields must not change while it is in use.
type Checker struct {
	// Roots are the root servers to start from, as host:port; empty means the servers of IANA's root hints.
	Roots []string
	// Port is the port of all delegated servers; empty means 53. Other ports serve private DNS trees and tests.
	Port string
	// Nameservers, each host:port, are asked instead of the authoritative servers. They may be recursive.
	Nameservers []string
	// Timeout is the time one query may take; each is sent twice over UDP. 0 means 2 s.
	Timeout time.Duration
	// Parallel is the number of records looked up at the same time; 0 means 32.
	Parallel int
	// Dialer opens connections; nil means a net.Dialer.
	Dialer Dialer
}

// Expectation is one record that should be in DNS.
type Expectation struct {
	// Type is TXT or CNAME, in any case.
	Type string
	// FQDN is the owner name, with or without a trailing dot.
	FQDN string
	// AlsoAt are further owner names at which the authority accepts the record. They are looked at when FQDN does not have it.
	AlsoAt []string
	// Value is the TXT value, byte for byte and neither quoted nor cut, or the CNAME target with or without a trailing dot.
	Value string
	// Zone is the zone the record is meant to be in; empty means whatever zone the delegations lead to.
	Zone string
	// Domains are the names on the certificate that the record validates, wildcards included. Their CAA records
	// are judged; empty means the owner name without its leading underscore labels.
	Domains []string
	// Issuers are the names by which the authority knows itself in CAA records, such as [DigiCertIssuers].
	// Empty means what [IssuersFor] infers from the record.
	Issuers []string
}

// Result is what was found for one Expectation. The same DNS gives the same Result: all lists are sorted, and empty
// rather than nil.
type Result struct {
	// Status is one of the Status constants.
	Status string
	// Expected is the value looked for: the TXT value, or the CNAME target without trailing dot.
	Expected string
	// Observed holds the distinct values the servers returned for the type at the owner name, or, for a TXT
	// record behind CNAMEs, at their end. Bytes that are not printable text are written \DDD as in a zone file.
	Observed []string
	// Nameservers are the servers asked, as host:port.
	Nameservers []string
	// CAA is one of the CAA constants, or empty when CAA could not be looked up or the authority is not known.
	CAA string
	// Message says in plain English what was found, at which server, and what to change.
	Message string
}

// Check looks all records up and returns one Result for each key. It does not fail: what goes wrong, the end of
// ctx included, is a Result with [StatusError]. It returns within moments of the end of ctx, with no goroutine
// left behind.
func (c *Checker) Check(ctx context.Context, expectations map[string]Expectation) map[string]Result {
	results := make(map[string]Result, len(expectations))
	if len(expectations) == 0 {
		return results
	}

	r, err := newRun(c, expectations)
	if err != nil {
		for key, e := range expectations {
			results[key] = newResult(e, sentence(err.Error()))
		}
		return results
	}

	parallel := c.Parallel
	if parallel <= 0 {
		parallel = defaultParallel
	}
	keys := make(chan string)
	var (
		mu sync.Mutex
		wg sync.WaitGroup
	)
	for range min(parallel, len(expectations)) {
		wg.Go(func() {
			for key := range keys {
				result := r.check(ctx, expectations[key])
				mu.Lock()
				results[key] = result
				mu.Unlock()
			}
		})
	}
	for key := range expectations {
		keys <- key
	}
	close(keys)
	wg.Wait()
	return results
}

// run is the state of one Check: what it learned about delegations and servers, shared by all its records.
type run struct {
	roots     *zone
	overrides []server
	port      string
	timeout   time.Duration
	dialer    Dialer
	slots     chan struct{}       // one for each query in flight
	slotsTCP  chan struct{}       // one for each of those over TCP
	wanted    map[string]struct{} // the values that some expectation looks for, as newWant makes them
	health    health
	// Each of them keeps its results, errors included: what could not be found out is not asked again within one run. A call
	// must not wait for itself through other keys, so they keep to one order: lookups wait for server sets, server sets for
	// hosts, hosts for cuts, and cuts for nothing but the network.
	cuts      callgroup.Group[cut]
	hosts     callgroup.Group[[]string]
	serverSet callgroup.Group[serverSet]
	lookups   callgroup.Group[outcome]
}

const (
	// maxInFlight bounds the queries in flight, and so the sockets open, of one Check.
	maxInFlight = 64
	// maxInFlightTCP bounds those over TCP: an answer of 64 kB takes about 350 kB while it is read.
	maxInFlightTCP = 16
)

func newRun(c *Checker, expectations map[string]Expectation) (*run, error) {
	r := &run{
		cuts:      callgroup.Group[cut]{Keep: true},
		hosts:     callgroup.Group[[]string]{Keep: true},
		serverSet: callgroup.Group[serverSet]{Keep: true},
		lookups:   callgroup.Group[outcome]{Keep: true},
		port:      c.Port,
		timeout:   c.Timeout,
		dialer:    c.Dialer,
		slots:     make(chan struct{}, maxInFlight),

		slotsTCP: make(chan struct{}, maxInFlightTCP),
		wanted:   make(map[string]struct{}, len(expectations)),
	}
	if r.port == "" {
		r.port = defaultPort
	}
	if r.timeout <= 0 {
		r.timeout = defaultTimeout
	}
	if r.dialer == nil {
		r.dialer = &net.Dialer{}
	}
	for _, e := range expectations {
		if w, err := newWant(e); err == nil {
			r.wanted[w.key()] = struct{}{}
		}
	}
	r.roots = &zone{apex: "."}
	for _, hint := range c.Roots {
		address, err := ParseNameserver(hint)
		if err != nil {
			return nil, err
		}
		r.roots.fixed = append(r.roots.fixed, server{addr: address})
	}
	if len(r.roots.fixed) == 0 {
		r.roots.fixed = rootServers()
	}
	for _, ns := range c.Nameservers {
		address, err := ParseNameserver(ns)
		if err != nil {
			return nil, err
		}
		r.overrides = append(r.overrides, server{addr: address})
	}
	r.overrides = sortServers(r.overrides)
	return r, nil
}

// newResult is the Result of an Expectation about which nothing is known.
func newResult(e Expectation, message string) Result {
	return Result{
		Status:      StatusError,
		Expected:    expected(e),
		Observed:    []string{},
		Nameservers: []string{},
		Message:     message,
	}
}

// expected is the value of e as a Result shows it.
func expected(e Expectation) string {
	if !strings.EqualFold(e.Type, "CNAME") {
		return e.Value
	}
	target := bare(e.Value)
	if canonical(target) != dns.CanonicalName(target) {
		// A name in Unicode has no case to keep: its labels go over the wire in punycode.
		return bare(canonical(target))
	}
	return target
}

// canonical is the one spelling of a name used throughout the package: lower case, punycode, trailing dot.
func canonical(name string) string {
	return dns.CanonicalName(dcv.CanonicalDomain(name))
}

// bare is a canonical name as users write it: without the trailing dot, except the root's.
func bare(name string) string {
	if name == "." {
		return name
	}
	return strings.TrimSuffix(name, ".")
}
