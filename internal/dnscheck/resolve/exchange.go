// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/miekg/dns"
)

const (
	// udpSize is the EDNS0 payload size that passes every common path unfragmented, https://www.dnsflagday.net/2020/.
	udpSize = 1232
	// udpBuffer leaves room for servers that send more than they were asked to.
	udpBuffer = 4096
	// attempts is how often one query is sent over UDP before the server counts as silent.
	attempts = 2
	// maxStray bounds the datagrams read that are not the answer to the query sent.
	maxStray = 32
	// stagger is how long one server may keep a query to itself before the next is asked as well.
	stagger = 300 * time.Millisecond
	// maxTries bounds the servers tried when any one of them will do.
	maxTries = 12
)

// transport sends queries. It remembers which servers answer.
type transport struct {
	dialer   Dialer
	timeout  time.Duration
	slots    chan struct{} // one for each query in flight
	slotsTCP chan struct{} // one for each of those over TCP
	health   health
}

var (
	errMalformed = errors.New("sent an answer that is not a DNS message")
	errNoEDNS    = errors.New("does not support EDNS0, or something on the way removes it")
)

// silentError means that no answer came from a server, as opposed to one that is of no use.
type silentError struct{ text string }

func (e *silentError) Error() string { return e.text }

// unsilenced keeps the text of an error but not that the server is silent.
func unsilenced(err error) error {
	var silent *silentError
	if errors.As(err, &silent) {
		return errors.New(silent.text)
	}
	return err
}

// request is what one server is asked.
type request struct {
	dns.Question
	recursive bool // the server may ask others, and tell what it makes of their signatures (RFC 6840, section 5.7)
	signed    bool // signatures are wanted as well (RFC 4035, section 3.1)
	unchecked bool // records are wanted whatever the server makes of their signatures (RFC 4035, section 3.2.2)
}

// ask makes a request to authoritative servers.
func ask(name string, qtype uint16) request {
	return request{Question: dns.Question{Name: name, Qtype: qtype, Qclass: dns.ClassINET}}
}

// exchange sends one question to one server and returns what read makes of the answer, whatever its RCODE.
//
// The answer itself is not returned: it may be 64 kB, and several hundred may come in before the first of them is
// looked at. So it is read while its query still counts as in flight, and read keeps no reference to it.
func exchange[V any](
	ctx context.Context, x *transport, t Task, to server, q request, read func(*dns.Msg) (V, error),
) (V, error) {
	var none V
	if t.budget.Add(-1) < 0 {
		return none, ErrTooManyQueries
	}
	report, err := x.health.admit(ctx, to.addr)
	if err != nil {
		return none, err
	}
	if err := acquire(ctx, x.slots); err != nil {
		report(err)
		return none, err
	}
	defer release(x.slots)
	response, err := x.roundTrip(ctx, to.addr, q)
	var silent *silentError
	if err != nil && !errors.As(err, &silent) && ctx.Err() == nil {
		report(nil)
	} else {
		report(err)
	}
	if err != nil {
		return none, err
	}
	return read(response)
}

// acquire takes one of the slots of a semaphore.
func acquire(ctx context.Context, slots chan struct{}) error {
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func release(slots chan struct{}) { <-slots }

func (x *transport) roundTrip(ctx context.Context, addr string, q request) (*dns.Msg, error) {
	query := new(dns.Msg)
	query.Question = []dns.Question{q.Question}
	query.RecursionDesired, query.AuthenticatedData, query.CheckingDisabled = q.recursive, q.recursive, q.unchecked
	query.SetEdns0(udpSize, q.signed)

	var err error
	for sent := 0; sent < attempts; sent++ {
		var response *dns.Msg
		response, err = x.send(ctx, "udp", addr, query)
		if err == nil && !q.signed && query.IsEdns0() != nil && refusesEDNS(response.Rcode) {
			// Servers older than EDNS0 (RFC 6891, section 7) answer once the OPT record is gone.
			query.Extra = nil
			response, err = x.send(ctx, "udp", addr, query)
		}
		if err == nil && response.Truncated {
			if response, err = x.sendTCP(ctx, addr, query); err != nil {
				// The server is there, so this is no reason to give it up for other queries.
				if err = x.explain(ctx, err); ctx.Err() == nil {
					err = fmt.Errorf("has an answer too large for UDP, but over TCP it %w", unsilenced(err))
				}
				return nil, err
			}
		}
		if err == nil && q.signed && response.IsEdns0() == nil {
			// Without EDNS0 there are no signatures, whether the zone has them or not.
			return nil, errNoEDNS
		}
		if err == nil {
			return response, nil
		}
		var timeout net.Error
		if ctx.Err() != nil || !errors.As(err, &timeout) || !timeout.Timeout() {
			break
		}
	}
	return nil, x.explain(ctx, err)
}

func refusesEDNS(rcode int) bool {
	return rcode == dns.RcodeFormatError || rcode == dns.RcodeNotImplemented || rcode == dns.RcodeBadVers
}

// explain puts the errors of sockets into the words of a message: a predicate whose subject is the server.
func (x *transport) explain(ctx context.Context, err error) error {
	var (
		timeout net.Error
		lookup  *net.DNSError
	)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errMalformed):
		return err
	case errors.As(err, &lookup):
		return &silentError{"has a name that does not resolve"}
	case errors.As(err, &timeout) && timeout.Timeout():
		return &silentError{fmt.Sprintf("did not answer within %s", x.timeout)}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &silentError{"refused the connection"}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return &silentError{"closed the connection before its answer was complete"}
	default:
		return &silentError{"could not be reached"}
	}
}

// sendTCP sends a query over TCP, whose answers may be 64 kB: fewer of those are in flight at a time.
func (x *transport) sendTCP(ctx context.Context, addr string, query *dns.Msg) (*dns.Msg, error) {
	if err := acquire(ctx, x.slotsTCP); err != nil {
		return nil, err
	}
	defer release(x.slotsTCP)
	return x.send(ctx, "tcp", addr, query)
}

// send does one query over one connection of its own: a new source port each time makes answers hard to forge.
func (x *transport) send(ctx context.Context, network, addr string, query *dns.Msg) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, x.timeout)
	defer cancel()

	conn, err := x.dialer.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	// Both the time-out and the end of the caller's context wake a blocked read or write.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	messages := &dns.Conn{Conn: conn, UDPSize: udpBuffer}
	query.Id = dns.Id()
	if err := messages.WriteMsg(query); err != nil {
		return nil, err
	}
	if network == "tcp" {
		response, err := receive(messages, query, 1)
		if err == nil {
			// Over TCP the flag has no meaning; left standing it would send a caller round in circles.
			response.Truncated = false
		}
		return response, err
	}
	return receive(messages, query, maxStray)
}

// receive reads up to limit messages until one of them answers query. The others are late, forged, or meant for
// somebody else.
func receive(conn *dns.Conn, query *dns.Msg, limit int) (*dns.Msg, error) {
	for range limit {
		// Not ReadMsg: it refuses a TSIG record that nobody asked for.
		packed, err := conn.ReadMsgHeader(nil)
		if err != nil && !errors.Is(err, dns.ErrShortRead) {
			return nil, err
		}
		response := new(dns.Msg)
		err = response.Unpack(packed)
		switch {
		case response.Id != query.Id || !response.Response:
			continue
		case err != nil && response.Truncated && asks(response, query):
			// Cut off in the middle of a record: the whole is to be had over TCP.
			return response, nil
		case err != nil:
			return nil, errMalformed
		case asks(response, query), len(response.Question) == 0 && refusesEDNS(response.Rcode):
			return response, nil
		}
	}
	return nil, errMalformed
}

func asks(response, query *dns.Msg) bool {
	if len(response.Question) != 1 {
		return false
	}
	got, want := response.Question[0], query.Question[0]
	return got.Qtype == want.Qtype && got.Qclass == want.Qclass && dns.CanonicalName(got.Name) == dns.CanonicalName(want.Name)
}

// askAny returns what read makes of the first answer that it accepts. Servers known to answer come first; the next one is asked
// when one fails, or keeps silent for a moment.
func askAny[V any](
	ctx context.Context, x *transport, t Task, servers []server, q request, read func(*dns.Msg) (V, error),
) (V, error) {
	type reply struct {
		from  server
		value V
		err   error
	}
	var none V
	ordered := x.health.order(servers)
	ordered = ordered[:min(len(ordered), maxTries)]

	ctx, cancel := context.WithCancel(ctx)
	replies := make(chan reply, len(ordered))
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()

	started, pending := 0, 0
	start := func() {
		to := ordered[started]
		started++
		pending++
		wg.Go(func() {
			value, err := exchange(ctx, x, t, to, q, read)
			replies <- reply{to, value, err}
		})
	}
	ticker := time.NewTicker(stagger)
	defer ticker.Stop()

	var (
		failures   []string
		redirected bool
	)
	for {
		if pending == 0 {
			if started == len(ordered) {
				err := noAnswer(failures)
				if redirected {
					err = redirectedError{err}
				}
				return none, err
			}
			start()
			ticker.Reset(stagger)
		}
		select {
		case got := <-replies:
			pending--
			if got.err == nil {
				return got.value, nil
			}
			if errors.Is(got.err, ErrTooManyQueries) {
				return none, ErrTooManyQueries
			}
			failures = append(failures, got.from.label()+" "+got.err.Error())
			redirected = redirected || IsRedirected(got.err)
		case <-ticker.C:
			if started < len(ordered) {
				start()
			}
		case <-ctx.Done():
			return none, ctx.Err()
		}
	}
}

// noAnswer is the error of servers none of which gave a usable response.
func noAnswer(failures []string) error {
	if len(failures) == 0 {
		return errors.New("there is no server to ask")
	}
	return errors.New(JoinClauses(failures))
}
