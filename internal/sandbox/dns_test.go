// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
	"github.com/certops/terraform-provider-certops/internal/sandbox/digicert"
)

// ask sends one query.
func ask(t *testing.T, s *Sandbox, network, name string, qtype uint16) *dns.Msg {
	t.Helper()
	q := new(dns.Msg)
	q.SetQuestion(name, qtype)
	c := dns.Client{Net: network, Timeout: 5 * time.Second}
	answer, _, err := c.ExchangeContext(t.Context(), q, s.DNSAddr)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestDNSAnswers(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Zones: []string{"example.com", "sub.example.com."}})
	ok(t, s.SetRecords("alias.example.com", "CNAME", "target.sub.example.com."))
	ok(t, s.SetRecords("away.example.com", "CNAME", "target.example.edu."))
	ok(t, s.SetRecords("loop.example.com", "CNAME", "loop.example.com."))
	ok(t, s.SetRecords("target.sub.example.com", "TXT", `"a"`, `"b"`))
	ok(t, s.SetRecords("x.deep.example.com", "A", "127.0.0.9"))
	for _, tt := range []struct {
		name    string
		qtype   uint16
		rcode   int
		answers []string // type and start of the data
		soa     string   // owner of the SOA in the authority section
	}{
		{"example.com.", dns.TypeSOA, dns.RcodeSuccess, []string{"SOA ns1.example.com."}, ""},
		{"example.com.", dns.TypeNS, dns.RcodeSuccess, []string{"NS ns1.example.com."}, ""},
		{"EXAMPLE.com.", dns.TypeA, dns.RcodeSuccess, []string{"A 127.0.0.1"}, ""},
		{"ns1.example.com.", dns.TypeA, dns.RcodeSuccess, []string{"A 127.0.0.1"}, ""},
		{"sub.example.com.", dns.TypeNS, dns.RcodeSuccess, []string{"NS ns1.sub.example.com."}, ""},
		{"example.com.", dns.TypeTXT, dns.RcodeSuccess, nil, "example.com."},
		{"deep.example.com.", dns.TypeA, dns.RcodeSuccess, nil, "example.com."},
		{"nothing.example.com.", dns.TypeA, dns.RcodeNameError, nil, "example.com."},
		{"nothing.sub.example.com.", dns.TypeA, dns.RcodeNameError, nil, "sub.example.com."},
		{"alias.example.com.", dns.TypeCNAME, dns.RcodeSuccess, []string{"CNAME target.sub"}, ""},
		{"alias.example.com.", dns.TypeTXT, dns.RcodeSuccess, []string{"CNAME target.sub", `TXT "a"`, `TXT "b"`}, ""},
		{"alias.example.com.", dns.TypeA, dns.RcodeSuccess, []string{"CNAME target.sub"}, "sub.example.com."},
		{"away.example.com.", dns.TypeTXT, dns.RcodeSuccess, []string{"CNAME target.example.edu."}, ""},
		{"loop.example.com.", dns.TypeTXT, dns.RcodeSuccess, []string{"CNAME loop.example.com."}, ""},
		{"target.sub.example.com.", dns.TypeANY, dns.RcodeSuccess, []string{`TXT "a"`, `TXT "b"`}, ""},
		{"example.com.", dns.TypeAXFR, dns.RcodeRefused, nil, ""},
		{"example.edu.", dns.TypeA, dns.RcodeRefused, nil, ""},
	} {
		for _, network := range []string{"udp", "tcp"} {
			t.Run(fmt.Sprintf("%s %s %s", tt.name, dns.TypeToString[tt.qtype], network), func(t *testing.T) {
				m := ask(t, s, network, tt.name, tt.qtype)
				var got []string
				for i, rr := range m.Answer {
					line := strings.Join(strings.Fields(rr.String())[3:], " ")
					if i < len(tt.answers) && strings.HasPrefix(line, tt.answers[i]) {
						line = tt.answers[i]
					}
					got = append(got, line)
				}
				soa := ""
				for _, rr := range m.Ns {
					soa += rr.Header().Name
				}
				if m.Rcode != tt.rcode || !cmp.Equal(got, tt.answers) || soa != tt.soa {
					t.Errorf("%s, answers %q, SOA %q; want %s, %q, %q",
						dns.RcodeToString[m.Rcode], got, soa, dns.RcodeToString[tt.rcode], tt.answers, tt.soa)
				}
				if wantAA := tt.rcode != dns.RcodeRefused; m.Authoritative != wantAA {
					t.Errorf("authoritative %v", m.Authoritative)
				}
			})
		}
	}
}

// TestDNSTruncates checks that a large answer comes by TCP, and that the CA's look-up follows there.
func TestDNSTruncates(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	var values []string
	for i := range 40 {
		values = append(values, fmt.Sprintf(`"%d%s"`, i, strings.Repeat("x", 200)))
	}
	state, err := s.State(CPS, CertificatePending)
	ok(t, err)
	values = append(values, `"`+state.Challenges[0].Value+`"`)
	ok(t, s.SetRecords("cdn.example.com", "TXT", values...))
	if m := ask(t, s, "udp", "cdn.example.com.", dns.TypeTXT); !m.Truncated || len(m.Answer) == len(values) {
		t.Errorf("UDP: truncated %v, %d answers", m.Truncated, len(m.Answer))
	}
	if m := ask(t, s, "tcp", "cdn.example.com.", dns.TypeTXT); m.Truncated || len(m.Answer) != len(values) {
		t.Errorf("TCP: truncated %v, %d answers", m.Truncated, len(m.Answer))
	}
	if got := at(t, readCPS(t, s, "/certificates/40001/status").json(t), "order_validation", "domain_validations", 0,
		"status"); got != "Approved" {
		t.Errorf("the CA sees %v", got)
	}
}

// send sends a signed update and returns the rcode.
func send(t *testing.T, s *Sandbox, m *dns.Msg) int {
	t.Helper()
	m.SetTsig(s.TSIGName, s.TSIGAlgorithm, 300, time.Now().Unix())
	c := dns.Client{Net: "tcp", Timeout: 5 * time.Second, TsigSecret: map[string]string{s.TSIGName: s.TSIGSecret}}
	answer, _, err := c.ExchangeContext(t.Context(), m, s.DNSAddr)
	if errors.Is(err, dns.ErrAuth) {
		return dns.RcodeNotAuth
	}
	if err != nil {
		t.Fatal(err)
	}
	return answer.Rcode
}

// rr parses a record.
func rr(t *testing.T, text string) dns.RR {
	t.Helper()
	r, err := dns.NewRR(text)
	ok(t, err)
	return r
}

func TestDNSUpdates(t *testing.T) {
	t.Parallel()
	const zone, name = "example.com.", "u.example.com."
	txt := func(t *testing.T, v string) []dns.RR { return []dns.RR{rr(t, name+` 30 IN TXT "`+v+`"`)} }
	cname := func(t *testing.T, v string) []dns.RR { return []dns.RR{rr(t, name+" 30 IN CNAME "+v)} }
	for _, tt := range []struct {
		label  string
		update func(*testing.T, *dns.Msg)
		rcode  int
		want   []string // at name, before: TXT "a"
	}{
		{"add", func(t *testing.T, m *dns.Msg) { m.Insert(txt(t, "b")) }, 0, []string{`TXT "a"`, `TXT "b"`}},
		{"add again", func(t *testing.T, m *dns.Msg) { m.Insert(txt(t, "a")) }, 0, []string{`TXT "a"`}},
		{"delete record", func(t *testing.T, m *dns.Msg) { m.Remove(txt(t, "a")) }, 0, nil},
		{"delete another record", func(t *testing.T, m *dns.Msg) { m.Remove(txt(t, "b")) }, 0, []string{`TXT "a"`}},
		{"delete set", func(t *testing.T, m *dns.Msg) { m.RemoveRRset(txt(t, "b")) }, 0, nil},
		{"delete another set", func(t *testing.T, m *dns.Msg) { m.RemoveRRset(cname(t, "b.")) }, 0, []string{`TXT "a"`}},
		{"delete name", func(t *testing.T, m *dns.Msg) { m.RemoveName(txt(t, "b")) }, 0, nil},
		{"delete a name that is not there", func(t *testing.T, m *dns.Msg) { m.Remove([]dns.RR{rr(t, "v.example.com. 0 IN TXT b")}) }, 0,
			[]string{`TXT "a"`}},
		{"replace", func(t *testing.T, m *dns.Msg) { m.RemoveRRset(txt(t, "")); m.Insert(txt(t, "c")) }, 0, []string{`TXT "c"`}},
		{"CNAME beside TXT is ignored", func(t *testing.T, m *dns.Msg) { m.Insert(cname(t, "b.")) }, 0, []string{`TXT "a"`}},
		{"CNAME for TXT", func(t *testing.T, m *dns.Msg) { m.RemoveName(txt(t, "")); m.Insert(cname(t, "b.")) }, 0, []string{"CNAME b."}},
		{"second CNAME replaces", func(t *testing.T, m *dns.Msg) {
			m.RemoveName(txt(t, ""))
			m.Insert(cname(t, "b."))
			m.Insert(cname(t, "c."))
		}, 0, []string{"CNAME c."}},
		{"TXT beside CNAME is ignored", func(t *testing.T, m *dns.Msg) {
			m.RemoveName(txt(t, ""))
			m.Insert(cname(t, "b."))
			m.Insert(txt(t, "c"))
		}, 0, []string{"CNAME b."}},
		{"unknown zone", func(t *testing.T, m *dns.Msg) { m.Question[0].Name = "example.edu."; m.Insert(txt(t, "b")) }, dns.RcodeNotAuth,
			[]string{`TXT "a"`}},
		{"name outside", func(t *testing.T, m *dns.Msg) { m.Insert([]dns.RR{rr(t, "a.example.net. IN TXT b")}) }, dns.RcodeNotZone,
			[]string{`TXT "a"`}},
		{"one bad of two", func(t *testing.T, m *dns.Msg) { m.Insert(append(txt(t, "b"), rr(t, "a.example.net. IN TXT b"))) }, dns.RcodeNotZone,
			[]string{`TXT "a"`}},
		{"name is used", func(t *testing.T, m *dns.Msg) { m.NameUsed(txt(t, "")); m.Insert(txt(t, "b")) }, 0, []string{`TXT "a"`, `TXT "b"`}},
		{"name is not used", func(t *testing.T, m *dns.Msg) { m.NameNotUsed(txt(t, "")); m.Insert(txt(t, "b")) }, dns.RcodeYXDomain,
			[]string{`TXT "a"`}},
		{"set is used", func(t *testing.T, m *dns.Msg) { m.RRsetUsed(cname(t, "b.")); m.Insert(txt(t, "b")) }, dns.RcodeNXRrset,
			[]string{`TXT "a"`}},
		{"set is not used", func(t *testing.T, m *dns.Msg) { m.RRsetNotUsed(txt(t, "")); m.Insert(txt(t, "b")) }, dns.RcodeYXRrset,
			[]string{`TXT "a"`}},
		{"name must be used", func(t *testing.T, m *dns.Msg) {
			m.NameUsed([]dns.RR{rr(t, "v.example.com. IN TXT b")})
		}, dns.RcodeNameError, []string{`TXT "a"`}},
		{"set is exactly", func(t *testing.T, m *dns.Msg) { exactly(m, txt(t, "a")); m.Insert(txt(t, "b")) }, 0, []string{`TXT "a"`, `TXT "b"`}},
		{"set is not exactly", func(t *testing.T, m *dns.Msg) { exactly(m, txt(t, "z")); m.Insert(txt(t, "b")) }, dns.RcodeNXRrset,
			[]string{`TXT "a"`}},
	} {
		t.Run(tt.label, func(t *testing.T) {
			t.Parallel()
			s := start(t, Options{})
			ok(t, s.SetRecords(name, "TXT", `"a"`))
			m := new(dns.Msg)
			m.SetUpdate(zone)
			tt.update(t, m)
			if got := send(t, s, m); got != tt.rcode {
				t.Errorf("%s, want %s", dns.RcodeToString[got], dns.RcodeToString[tt.rcode])
			}
			var got []string
			for _, line := range s.Records() {
				if fields := strings.Fields(line); fields[0] == name {
					got = append(got, strings.Join(fields[3:], " "))
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

// exactly demands that a set has the records, with their data.
func exactly(m *dns.Msg, records []dns.RR) {
	for _, r := range records {
		r.Header().Ttl = 0
		r.Header().Class = dns.ClassINET
	}
	m.Answer = append(m.Answer, records...)
}

// TestDNSApex checks that the apex keeps its SOA and NS records and that each update raises the serial.
func TestDNSApex(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	serial := func() uint32 {
		return ask(t, s, "udp", "example.com.", dns.TypeSOA).Answer[0].(*dns.SOA).Serial
	}
	before := serial()
	m := new(dns.Msg)
	m.SetUpdate("example.com.")
	m.RemoveName([]dns.RR{rr(t, "example.com. IN TXT a")})
	m.RemoveRRset([]dns.RR{rr(t, "example.com. IN NS a.")})
	m.Remove([]dns.RR{rr(t, "example.com. IN NS ns1.example.com.")})
	m.Insert([]dns.RR{rr(t, "example.com. IN CNAME a.")})
	if got := send(t, s, m); got != dns.RcodeSuccess {
		t.Error(dns.RcodeToString[got])
	}
	if len(ask(t, s, "udp", "example.com.", dns.TypeNS).Answer) != 1 || len(ask(t, s, "udp", "example.com.", dns.TypeCNAME).Answer) != 0 {
		t.Errorf("apex: %v", s.Records())
	}
	if got := serial(); got != before+1 {
		t.Errorf("serial %d after %d", got, before)
	}
}

func TestDNSUpdateNeedsSignature(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	update := func() *dns.Msg {
		m := new(dns.Msg)
		m.SetUpdate("example.com.")
		m.Insert([]dns.RR{rr(t, "evil.example.com. IN TXT a")})
		return m
	}
	c := dns.Client{Net: "tcp"}
	answer, _, err := c.Exchange(update(), s.DNSAddr)
	if err != nil || answer.Rcode != dns.RcodeRefused {
		t.Errorf("unsigned: %v, %v", answer, err)
	}
	m := update()
	m.SetTsig(s.TSIGName, s.TSIGAlgorithm, 300, time.Now().Unix())
	c.TsigSecret = map[string]string{s.TSIGName: "d3Jvbmc="}
	if answer, _, err := c.Exchange(m, s.DNSAddr); err == nil && answer.Rcode != dns.RcodeNotAuth {
		t.Errorf("wrong secret: %v", answer)
	}
	for _, line := range s.Records() {
		if strings.HasPrefix(line, "evil") {
			t.Errorf("the update was made: %s", line)
		}
	}
}

// TestOtherDNSServer checks that records are looked up where Options.DNSServer says, and nowhere else.
func TestOtherDNSServer(t *testing.T) {
	t.Parallel()
	other := start(t, Options{})
	s := start(t, Options{DNSServer: other.DNSAddr})
	ok(t, s.Publish(CPS, CertificatePending))
	if _ = readCPS(t, s, "/certificates/40001"); stage(t, s, CPS, CertificatePending) != core.StageTokenAssigned {
		t.Error("the embedded server was asked")
	}
	ok(t, other.Publish(CPS, CertificatePending)) // The tokens of two runs are the same.
	if _ = readCPS(t, s, "/certificates/40001"); stage(t, s, CPS, CertificatePending) != core.StageValidated {
		t.Error("the other server was not asked")
	}
}

// TestDNSServerDown checks that an order stays pending, and reads go on, while no DNS server answers.
func TestDNSServerDown(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	nobody := l.Addr().String()
	ok(t, l.Close())
	s := start(t, Options{DNSServer: nobody})
	if a := readCPS(t, s, "/certificates/40001"); a.status != 200 || stage(t, s, CPS, CertificatePending) != core.StageTokenAssigned {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestTXTThroughAlias checks a TXT value behind a CNAME.
func TestTXTThroughAlias(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	state, err := s.State(DigiCert, digicert.OrderBaseDomain)
	ok(t, err)
	ok(t, s.SetRecords("_dnsauth.example.org", "CNAME", "validation.example.net."))
	ok(t, s.SetRecords("validation.example.net", "TXT", `"`+state.Challenges[0].Value+`"`))
	_ = readDigiCert(t, s, "/order/certificate/20002/validation")
	if got := stage(t, s, DigiCert, digicert.OrderBaseDomain); got != core.StageValidated {
		t.Errorf("stage %s", got)
	}
}

func TestSetRecordsRejects(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for name, err := range map[string]error{
		"type":   s.SetRecords("a.example.com", "NONSENSE", "x"),
		"SOA":    s.SetRecords("example.com", "SOA", "x"),
		"zone":   s.SetRecords("a.example.edu", "TXT", "x"),
		"name":   s.SetRecords("a..example.com", "TXT", "x"),
		"data":   s.SetRecords("a.example.com", "A", "x"),
		"line":   s.SetRecords("a.example.com", "TXT", "x\nb 1 IN TXT y"),
		"apex":   s.SetRecords("example.com", "CNAME", "x."),
		"delete": s.DeleteRecords("a.example.edu", "TXT"),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestUnescape(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{`a`: `a`, `a\"b`: `a"b`, `\\`: `\`, `\195\164`: "ä", `\0`: `0`, `x\`: `x\`} {
		if got := unescape(in); got != want {
			t.Errorf("unescape(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestUnicodeNamesValidate: DNS holds a name in Unicode in its A-label form (RFC 5891), and there the CA looks for the record.
func TestUnicodeNamesValidate(t *testing.T) {
	t.Parallel()
	for _, publish := range []string{"by hand", "by the control API"} {
		s := start(t, Options{})
		names := []string{"bücher.example.com"}
		order, err := s.Add(Order{Names: names})
		ok(t, err)
		txt, err := s.Add(Certificate{Names: names})
		ok(t, err)
		process, err := s.Add(Process{Names: names})
		ok(t, err)
		for svc, id := range map[Service]ID{DigiCert: order, CPS: txt, RealtimeRegister: process} {
			state, err := s.State(svc, id)
			ok(t, err)
			c := state.Challenges[0]
			switch {
			case publish != "by hand":
				ok(t, s.Publish(svc, id))
			case c.Type == "CNAME":
				ok(t, s.SetRecords(strings.Replace(c.Name, "bücher", "xn--bcher-kva", 1), c.Type, c.Value+"."))
			default:
				ok(t, s.SetRecords("xn--bcher-kva.example.com", c.Type, `"`+c.Value+`"`))
			}
			_ = s.readOnce(t, svc, id)
			if got := stage(t, s, svc, id); got != core.StageValidated {
				t.Errorf("%s, published %s: %s", svc, publish, got)
			}
		}
		for _, rr := range s.Records() {
			if strings.Contains(rr, `\195`) {
				t.Errorf("published %s: DNS holds %s", publish, rr)
			}
		}
	}
}
