// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// floodServers and floodAnswer are the size of the attack that took 2.8 GB for 400 records.
const (
	floodServers = 64
	floodAnswer  = 55_000
)

// flood has an answer of its own for each server and type, as large as a message can be.
type flood map[string][]byte

// floodName is the name of record i. All are of one length, so that one answer serves for all.
func floodName(i int) string { return fmt.Sprintf("_dnsauth.host%03d.example.test.", i) }

func newFlood(t testing.TB, servers []string) flood {
	t.Helper()
	f := make(flood)
	for _, address := range servers {
		for _, qtype := range []uint16{dns.TypeTXT, dns.TypeCAA} {
			m := new(dns.Msg)
			m.SetQuestion(floodName(0), qtype)
			m.Response, m.Authoritative, m.Compress = true, true, true
			m.Answer = floodRecords(m.Question[0], address)
			packed, err := m.Pack()
			if err != nil {
				t.Fatal(err)
			}
			f[floodKey(address, qtype)] = packed
		}
	}
	return f
}

func floodKey(address string, qtype uint16) string { return fmt.Sprint(address, " ", qtype) }

func floodRecords(question dns.Question, address string) []dns.RR {
	var records []dns.RR
	header := dns.RR_Header{Name: question.Name, Rrtype: question.Qtype, Class: dns.ClassINET, Ttl: 60}
	for size := 0; size < floodAnswer; {
		switch question.Qtype {
		case dns.TypeTXT:
			// Bytes that are no text take four times as much once they are written \DDD.
			text := fmt.Sprintf("%s %d ", address, len(records)) + strings.Repeat(`\001`, 60)
			records = append(records, &dns.TXT{Hdr: header, Txt: []string{text, text}})
			size += 2*(len(text)-180) + 14
		case dns.TypeCAA:
			issuer := fmt.Sprintf("ca%d.%s.example", len(records), strings.ReplaceAll(strings.TrimSuffix(address, ":53"), ".", "-"))
			records = append(records, &dns.CAA{Hdr: header, Tag: "issue", Value: issuer})
			size += len(issuer) + 19
		}
	}
	return records
}

// DialContext opens a connection on which each query is answered at once.
func (f flood) DialContext(_ context.Context, network, address string) (net.Conn, error) {
	conn := &floodConn{flood: f, network: network, address: address}
	if network == "udp" {
		return packetConn{conn}, nil
	}
	return conn, nil
}

type floodConn struct {
	flood            flood
	network, address string
	answer           []byte
}

func (c *floodConn) Write(packed []byte) (int, error) {
	framed := len(packed)
	if c.network == "tcp" {
		packed = packed[2:]
	}
	query := new(dns.Msg)
	if err := query.Unpack(packed); err != nil {
		return 0, err
	}
	m := new(dns.Msg)
	m.SetReply(query)
	// Over UDP there is nothing but the flag that says that the answer is to be had over TCP. Names above those of
	// the records have none.
	m.Authoritative, m.Truncated = true, c.network == "udp"
	answer, err := m.Pack()
	if err != nil {
		return 0, err
	}
	if c.network == "tcp" {
		if question := query.Question[0]; len(question.Name) == len(floodName(0)) {
			// The header of 12 bytes has the ID first; then comes the name.
			large := slices.Clone(c.flood[floodKey(c.address, question.Qtype)])
			copy(large, answer[:2])
			copy(large[12:], answer[12:12+len(question.Name)+1])
			answer = large
		}
		answer = append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)
	}
	c.answer = answer
	return framed, nil
}

func (c *floodConn) Read(p []byte) (int, error) {
	if len(c.answer) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.answer)
	c.answer = c.answer[n:]
	return n, nil
}

func (c *floodConn) Close() error                     { return nil }
func (c *floodConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *floodConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *floodConn) SetDeadline(time.Time) error      { return nil }
func (c *floodConn) SetReadDeadline(time.Time) error  { return nil }
func (c *floodConn) SetWriteDeadline(time.Time) error { return nil }

// What a check keeps must not grow with what hostile servers send: BenchmarkMemory has the whole attack, which takes
// minutes under the race detector.
func TestCheckMemory(t *testing.T) {
	const records, limit = 2, 48 << 20
	peak := floodMemory(t, records)
	t.Logf("%d records took %d kB", records, peak>>10)
	if peak > limit {
		t.Errorf("%d records took %d kB, want %d kB at most", records, peak>>10, limit>>10)
	}
}

// BenchmarkMemory measures the whole attack.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		peak := floodMemory(b, 400)
		b.ReportMetric(float64(peak)/(1<<20), "MiB")
		if peak > 64<<20 {
			b.Errorf("400 records took %d kB, want less than 64 MiB", peak>>10)
		}
	}
}

// floodMemory checks n records at hostile servers and returns the most bytes of the heap that were in use.
func floodMemory(t testing.TB, n int) uint64 {
	t.Helper()
	// The runtime tells what is in use after each collection; so let it collect often.
	defer debug.SetGCPercent(debug.SetGCPercent(25))
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	live := func() uint64 {
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	c := &dnscheck.Checker{}
	for i := range floodServers {
		c.Nameservers = append(c.Nameservers, fmt.Sprintf("192.0.2.%d:53", i))
	}
	c.Dialer = newFlood(t, c.Nameservers)
	runtime.GC()
	before := live()
	expectations := make(map[string]dnscheck.Expectation, n)
	for i := range n {
		e := txt(floodName(i), "x9Kq")
		e.Domains = []string{strings.TrimSuffix(floodName(i), ".")}
		expectations[fmt.Sprint(i)] = e
	}
	done := make(chan map[string]dnscheck.Result)
	go func() { done <- c.Check(t.Context(), expectations) }()
	peak := before
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			peak = max(peak, live())
			continue
		case results := <-done:
			runtime.GC()
			peak = max(peak, live())
			for key, result := range results {
				if result.Status != dnscheck.StatusWrongValue || len(result.Observed) == 0 || len(result.Message) > 8<<10 {
					t.Errorf("%s: status %s, %d values observed, %d bytes of message", key, result.Status, len(result.Observed), len(result.Message))
				}
			}
			return peak - before
		}
	}
}
