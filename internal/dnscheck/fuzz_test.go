// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// FuzzAnswer gives every query the same answer: what the fuzzer makes up, with the query's ID, and its question
// where the rest is a message at all.
func FuzzAnswer(f *testing.F) {
	seeds := [][]string{
		{`example.test. 60 IN TXT "x9Kq"`},
		{`example.test. 60 IN TXT "\255\000\"" ""`},
		{`example.test. 60 IN CNAME example.test.`, `example.test. 60 IN CNAME a.example.test.`},
		{`example.test. 60 IN NS ns.example.test.`, `ns.example.test. 60 IN A 192.0.2.1`, `ns.example.test. 60 IN AAAA 2001:db8::1`},
		{`test. 60 IN NS ns.test.`, `test. 60 IN NS ns.example.test.`, `ns.test. 60 IN A 192.0.2.1`},
		{`example.test. 60 IN CAA 128 issue "digicert.com"`, `example.test. 60 IN CAA 128 x ""`, `test. 60 IN CAA 0 issue ";;"`},
		{`example.test. 60 IN SOA . . 1 2 3 4 5`},
		{`. 60 IN NS .`, `\000.example.test. 60 IN NS \..test.`},
	}
	for _, lines := range seeds {
		for _, section := range []int{0, 1, 2} {
			for _, authoritative := range []bool{false, true} {
				m := new(dns.Msg)
				m.Response, m.Authoritative = true, authoritative
				for _, line := range lines {
					rr, err := dns.NewRR(line)
					if err != nil {
						f.Fatal(err)
					}
					switch section {
					case 0:
						m.Answer = append(m.Answer, rr)
					case 1:
						m.Ns = append(m.Ns, rr)
					default:
						m.Ns, m.Extra = append(m.Ns, rr), append(m.Extra, rr)
					}
				}
				packed, err := m.Pack()
				if err != nil {
					f.Fatal(err)
				}
				f.Add(packed)
			}
		}
	}
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0x82, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0xc0, 0x0c})

	statuses := []string{
		dnscheck.StatusPublished, dnscheck.StatusMissing, dnscheck.StatusWrongValue,
		dnscheck.StatusNotDelegated, dnscheck.StatusShadowedByCNAME, dnscheck.StatusBlocked,
		dnscheck.StatusError,
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		for _, override := range [][]string{nil, {"192.0.2.53:53", "192.0.2.54:53"}} {
			c := &dnscheck.Checker{Roots: []string{"192.0.2.1:53"}, Nameservers: override, Dialer: constant(message)}
			e := map[string]dnscheck.Expectation{
				"TXT":   {Type: "TXT", FQDN: "example.test", Value: "x9Kq"},
				"CNAME": {Type: "CNAME", FQDN: "example.test", Value: "a.digicert.com", Domains: []string{"*.example.test", "a.example.test"}},
			}
			results := c.Check(ctx, e)
			if ctx.Err() != nil {
				t.Fatal("the check does not end")
			}
			for key, got := range results {
				if !slices.Contains(statuses, got.Status) || got.Message == "" || len(got.Message) > 16<<10 {
					t.Fatalf("%s: %+v", key, got)
				}
				for _, s := range append(slices.Clone(got.Observed), got.Message) {
					if !utf8.ValidString(s) {
						t.Fatalf("%s: %q is not UTF-8", key, s)
					}
				}
			}
			if override != nil {
				if diff := cmp.Diff(results, c.Check(ctx, e)); diff != "" {
					t.Fatalf("the same answers give another result:\n%s", diff)
				}
			}
		}
	})
}

// constant is a Dialer whose servers all give one answer.
type constant []byte

func (c constant) DialContext(_ context.Context, network, _ string) (net.Conn, error) {
	if network == "udp" {
		return packetConn{&conn{message: c}}, nil
	}
	return &conn{stream: true, message: c}, nil
}

// packetConn is a connection that sends datagrams.
type packetConn struct{ net.Conn }

func (packetConn) LocalAddr() net.Addr                       { return &net.UDPAddr{} }
func (packetConn) ReadFrom([]byte) (int, net.Addr, error)    { return 0, nil, errors.ErrUnsupported }
func (packetConn) WriteTo([]byte, net.Addr) (n int, _ error) { return 0, errors.ErrUnsupported }

type conn struct {
	net.Conn
	stream  bool
	message []byte
	pending []byte
}

func (c *conn) Write(query []byte) (int, error) {
	raw := query
	if c.stream {
		raw = raw[2:]
	}
	asked := new(dns.Msg)
	if err := asked.Unpack(raw); err != nil {
		return 0, err
	}
	reply := slices.Clone(c.message)
	answer := new(dns.Msg)
	if answer.Unpack(reply) == nil {
		answer.Id, answer.Response, answer.Question = asked.Id, true, asked.Question
		if packed, err := answer.Pack(); err == nil {
			reply = packed
		}
	}
	if len(reply) >= 2 {
		binary.BigEndian.PutUint16(reply, asked.Id)
	}
	if c.stream {
		reply = append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)
	}
	c.pending = reply
	return len(query), nil
}

func (c *conn) Read(b []byte) (int, error) {
	n := copy(b, c.pending)
	if c.stream {
		c.pending = c.pending[n:]
		if n == 0 {
			return 0, io.EOF
		}
	}
	return n, nil
}

func (c *conn) SetDeadline(time.Time) error { return nil }

func (c *conn) Close() error { return nil }
