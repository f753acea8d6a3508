// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnsprovider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// timeout bounds one exchange with the server.
const timeout = 10 * time.Second

// client sends queries and updates to one server.
type client struct{ server, keyName, keySecret, algorithm string }

// rrset is a record set: the records of one owner name and type.
type rrset struct {
	zone string // origin, absolute
	name string // owner name, absolute
	kind uint16
}

// records parses record data in zone-file form; the error names the text that is none of the type.
func (s rrset) records(ttl int64, rdatas []string) ([]dns.RR, error) {
	var all []dns.RR
	for _, data := range rdatas {
		kind := dns.TypeToString[s.kind]
		line := fmt.Sprintf("%s %d IN %s %s\n", s.name, ttl, kind, data)
		zp := dns.NewZoneParser(strings.NewReader(line), "", "")
		rr, ok := zp.Next()
		_, more := zp.Next() // A line break in the data begins another record.
		if err := zp.Err(); err != nil {
			return nil, fmt.Errorf("%q is not the data of one %s record: %w", data, kind, err)
		}
		if !ok || more || rr.Header().Rrtype != s.kind {
			return nil, fmt.Errorf("%q is not the data of one %s record", data, kind)
		}
		all = append(all, rr)
	}
	return all, nil
}

// read returns the records of a set, none if it does not exist. Aliases are not followed.
func (c *client) read(ctx context.Context, s rrset) ([]dns.RR, error) {
	q := new(dns.Msg)
	q.SetQuestion(s.name, s.kind)
	answer, err := c.exchange(ctx, q)
	if err != nil {
		return nil, err
	}
	if answer.Rcode != dns.RcodeSuccess && answer.Rcode != dns.RcodeNameError {
		return nil, fmt.Errorf("%s answered %s to the query for %s", c.server, dns.RcodeToString[answer.Rcode], s.name)
	}
	return slices.DeleteFunc(answer.Answer, func(rr dns.RR) bool {
		return rr.Header().Rrtype != s.kind || dns.CanonicalName(rr.Header().Name) != s.name
	}), nil
}

// create writes a set that must not exist yet.
func (c *client) create(ctx context.Context, s rrset, records []dns.RR) error {
	m := new(dns.Msg)
	m.SetUpdate(s.zone)
	m.RRsetNotUsed([]dns.RR{s.empty()})
	if s.kind == dns.TypeCNAME {
		m.NameNotUsed([]dns.RR{s.empty()})
	} else {
		m.RRsetNotUsed([]dns.RR{rrset{s.zone, s.name, dns.TypeCNAME}.empty()})
	}
	m.Insert(records)
	return c.update(ctx, m)
}

// replace writes a set in place of what there is, in one update.
func (c *client) replace(ctx context.Context, s rrset, records []dns.RR) error {
	m := new(dns.Msg)
	m.SetUpdate(s.zone)
	m.RemoveRRset([]dns.RR{s.empty()})
	m.Insert(records)
	return c.update(ctx, m)
}

// remove deletes a set. It is no error when there is none.
func (c *client) remove(ctx context.Context, s rrset) error {
	m := new(dns.Msg)
	m.SetUpdate(s.zone)
	m.RemoveRRset([]dns.RR{s.empty()})
	return c.update(ctx, m)
}

// empty is a record without data, as updates name sets by.
func (s rrset) empty() dns.RR {
	return &dns.ANY{Hdr: dns.RR_Header{Name: s.name, Rrtype: s.kind, Class: dns.ClassINET}}
}

// update sends a signed update.
func (c *client) update(ctx context.Context, m *dns.Msg) error {
	m.SetTsig(c.keyName, c.algorithm, 300, time.Now().Unix())
	answer, err := c.exchange(ctx, m)
	// The library turns an answer NOTAUTH to a signed message into an error of its own.
	if errors.Is(err, dns.ErrAuth) || err == nil && answer.Rcode == dns.RcodeNotAuth {
		return fmt.Errorf("%s answered NOTAUTH: it does not know the zone or the key, or the secret is another", c.server)
	}
	if err != nil {
		return err
	}
	switch answer.Rcode {
	case dns.RcodeSuccess:
		return nil
	case dns.RcodeYXRrset, dns.RcodeYXDomain:
		return fmt.Errorf("%s answered %s: the record set, or a record that excludes it, exists already; import it or remove it",
			c.server, dns.RcodeToString[answer.Rcode])
	default:
		return fmt.Errorf("%s answered %s to the update", c.server, dns.RcodeToString[answer.Rcode])
	}
}

// exchange sends a message over TCP, so that no answer is cut short.
func (c *client) exchange(ctx context.Context, m *dns.Msg) (*dns.Msg, error) {
	d := dns.Client{Net: "tcp", Timeout: timeout, TsigSecret: map[string]string{c.keyName: c.keySecret}}
	answer, _, err := d.ExchangeContext(ctx, m, c.server)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", c.server, err)
	}
	return answer, nil
}
