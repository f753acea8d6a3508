// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"testing"

	"github.com/miekg/dns"
)

// datagrams is a connection from which one message comes with each read.
type datagrams struct {
	net.PacketConn
	messages [][]byte
}

func (d *datagrams) Read(b []byte) (int, error) {
	if len(d.messages) == 0 {
		return 0, io.EOF
	}
	n := copy(b, d.messages[0])
	d.messages = d.messages[1:]
	return n, nil
}

func (*datagrams) Write(b []byte) (int, error) { return len(b), nil }
func (*datagrams) LocalAddr() net.Addr         { return &net.UDPAddr{} }
func (*datagrams) RemoteAddr() net.Addr        { return &net.UDPAddr{} }

// stream is a connection from which all messages come as over TCP.
type stream struct {
	net.Conn
	bytes.Buffer
}

func (s *stream) Read(b []byte) (int, error)  { return s.Buffer.Read(b) }
func (s *stream) Write(b []byte) (int, error) { return len(b), nil }

func TestReceive(t *testing.T) {
	query := new(dns.Msg)
	query.SetQuestion("example.test.", dns.TypeTXT)
	answer := func(change func(m *dns.Msg)) []byte {
		m := new(dns.Msg)
		m.SetReply(query)
		rr, err := dns.NewRR(`example.test. 60 IN TXT "x9Kq"`)
		if err != nil {
			t.Fatal(err)
		}
		m.Answer = []dns.RR{rr}
		change(m)
		packed, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		return packed
	}
	cut := func(message []byte) []byte { return message[:len(message)-3] }
	good := answer(func(*dns.Msg) {})
	truncated := answer(func(m *dns.Msg) { m.Truncated = true })
	otherID := answer(func(m *dns.Msg) { m.Id++ })
	strays := [][]byte{
		otherID, {}, good[:11], cut(otherID),
		answer(func(m *dns.Msg) { m.Response = false }),
		answer(func(m *dns.Msg) { m.Question = nil }),
		answer(func(m *dns.Msg) { m.Question[0].Name = "other.test." }),
		answer(func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeCAA }),
	}
	large := answer(func(m *dns.Msg) {
		m.Compress = true
		for m.Len() < dns.MaxMsgSize/2 {
			m.Answer = append(m.Answer, m.Answer...)
		}
	})

	tests := map[string]struct {
		messages [][]byte
		tcp      bool
		err      error
	}{
		"other case":               {messages: [][]byte{answer(func(m *dns.Msg) { m.Question[0].Name = "EXAMPLE.test." })}},
		"after strays":             {messages: slices.Concat(strays, [][]byte{good})},
		"after too many strays":    {messages: append(slices.Repeat([][]byte{otherID}, maxStray), good), err: errMalformed},
		"nothing after strays":     {messages: strays, err: io.EOF},
		"truncated":                {messages: [][]byte{truncated}},
		"truncated in a record":    {messages: [][]byte{cut(truncated)}},
		"broken in a record":       {messages: [][]byte{cut(good), good}, err: errMalformed},
		"refuses EDNS":             {messages: [][]byte{answer(func(m *dns.Msg) { m.Question, m.Rcode = nil, dns.RcodeFormatError })}},
		"signed unasked":           {messages: [][]byte{answer(func(m *dns.Msg) { m.SetTsig("key.", dns.HmacSHA256, 300, 1) })}},
		"over TCP":                 {messages: [][]byte{large}, tcp: true},
		"over TCP, another":        {messages: [][]byte{otherID, good}, tcp: true, err: errMalformed},
		"over TCP, empty":          {messages: [][]byte{{}, good}, tcp: true, err: errMalformed},
		"over TCP, nothing":        {tcp: true, err: io.EOF},
		"over UDP, larger by much": {messages: [][]byte{large}, err: errMalformed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			conn, limit := &dns.Conn{Conn: &datagrams{messages: test.messages}, UDPSize: udpBuffer}, maxStray
			if test.tcp {
				s := new(stream)
				for _, message := range test.messages {
					s.Buffer.Write(binary.BigEndian.AppendUint16(nil, uint16(len(message))))
					s.Buffer.Write(message)
				}
				conn, limit = &dns.Conn{Conn: s}, 1
			}
			response, err := receive(conn, query, limit)
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if err == nil && response.Id != query.Id {
				t.Errorf("got the message %d, want %d", response.Id, query.Id)
			}
		})
	}
}
