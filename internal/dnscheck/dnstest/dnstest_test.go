// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnstest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnstest"
)

// ask sends one question and describes the answer: RCODE, AA, and the records of each section without TTL.
func ask(t *testing.T, n *dnstest.Net, network, ip, name, rrtype string) []string {
	t.Helper()
	query := new(dns.Msg)
	query.SetQuestion(name, dns.StringToType[rrtype])
	client := &dns.Client{Net: network, Timeout: 5 * time.Second}
	m, _, err := client.ExchangeContext(t.Context(), query, n.Addr(ip))
	if err != nil {
		t.Fatal(err)
	}
	head := dns.RcodeToString[m.Rcode]
	if m.Authoritative {
		head += " aa"
	}
	if m.Truncated {
		head += " tc"
	}
	described := []string{head}
	for i, set := range [][]dns.RR{m.Answer, m.Ns, m.Extra} {
		section := [...]string{"answer ", "authority ", "additional "}[i]
		for _, rr := range set {
			described = append(described, section+strings.Join(strings.Fields(strings.Replace(rr.String(), "\t60\tIN\t", " ", 1)), " "))
		}
	}
	return described
}

func TestAnswers(t *testing.T) {
	const soa = "authority example.test. SOA ns.example.test. hostmaster.example.test. 1 3600 600 86400 60"
	n := dnstest.Start(t,
		dnstest.Zone{Apex: ".", Servers: []string{"127.0.0.1"}, Records: []string{
			"test. 60 IN NS ns.test.", "ns.test. 60 IN A 127.0.0.2",
		}},
		dnstest.Zone{Apex: "example.test", Servers: []string{"127.0.0.2"}, Records: []string{
			"example.test. 60 IN NS ns.example.test.",
			"ns.example.test. 60 IN A 127.0.0.2",
			"child.example.test. 60 IN NS ns.child.example.test.",
			"ns.child.example.test. 60 IN A 127.0.0.2",
			"a.example.test. 60 IN CNAME b.example.test.",
			`b.example.test. 60 IN TXT "b"`,
			"deep.empty.example.test. 60 IN A 192.0.2.1",
			`*.wild.example.test. 60 IN TXT "w"`,
		}})
	tests := map[string]struct {
		ip, name, rrtype string
		want             []string
	}{
		"referral": {"127.0.0.1", "www.example.test.", "A", []string{
			"NOERROR", "authority test. NS ns.test.", "additional ns.test. A 127.0.0.2",
		}},
		"own NS": {"127.0.0.2", "example.test.", "NS", []string{
			"NOERROR aa", "answer example.test. NS ns.example.test.", "additional ns.example.test. A 127.0.0.2",
		}},
		"child": {"127.0.0.2", "x.child.example.test.", "TXT", []string{
			"NOERROR", "authority child.example.test. NS ns.child.example.test.", "additional ns.child.example.test. A 127.0.0.2",
		}},
		"alias": {"127.0.0.2", "A.example.test.", "TXT", []string{
			"NOERROR aa", "answer a.example.test. CNAME b.example.test.", `answer b.example.test. TXT "b"`,
		}},
		"no data":       {"127.0.0.2", "b.example.test.", "A", []string{"NOERROR aa", soa}},
		"empty name":    {"127.0.0.2", "empty.example.test.", "A", []string{"NOERROR aa", soa}},
		"no name":       {"127.0.0.2", "c.example.test.", "A", []string{"NXDOMAIN aa", soa}},
		"wildcard":      {"127.0.0.2", "x.wild.example.test.", "TXT", []string{"NOERROR aa", `answer x.wild.example.test. TXT "w"`}},
		"wildcard type": {"127.0.0.2", "x.wild.example.test.", "A", []string{"NOERROR aa", soa}},
		"elsewhere":     {"127.0.0.2", "example.org.", "A", []string{"REFUSED"}},
	}
	for name, test := range tests {
		for _, network := range []string{"udp", "tcp"} {
			t.Run(name+" "+network, func(t *testing.T) {
				if diff := cmp.Diff(test.want, ask(t, n, network, test.ip, test.name, test.rrtype)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
	if diff := cmp.Diff([]string{n.Addr("127.0.0.1")}, n.Roots()); diff != "" {
		t.Errorf("roots (-want +got):\n%s", diff)
	}
	if got := n.Queries("127.0.0.1"); got != 2 {
		t.Errorf("%d queries counted, want 2", got)
	}
}

func TestSet(t *testing.T) {
	n := dnstest.Start(t, dnstest.Zone{Apex: "example.test", Servers: []string{"127.0.0.1", "127.0.0.2"}})
	n.Set(t, "example.test", []string{`example.test. 60 IN TXT "new"`}, "127.0.0.2")
	if got := ask(t, n, "udp", "127.0.0.1", "example.test.", "TXT"); len(got) != 2 || !strings.HasPrefix(got[1], "authority") {
		t.Errorf("the other server answers %q", got)
	}
	want := []string{"NOERROR aa", `answer example.test. TXT "new"`}
	if diff := cmp.Diff(want, ask(t, n, "udp", "127.0.0.2", "example.test.", "TXT")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTruncated(t *testing.T) {
	var records []string
	for _, letter := range "abcdefgh" {
		records = append(records, `example.test. 60 IN TXT "`+strings.Repeat(string(letter), 200)+`"`)
	}
	n := dnstest.Start(t, dnstest.Zone{Apex: "example.test", Servers: []string{"127.0.0.1"}, Records: records})
	if got := ask(t, n, "udp", "127.0.0.1", "example.test.", "TXT"); got[0] != "NOERROR aa tc" {
		t.Errorf("over UDP: %q", got[0])
	}
	if got := ask(t, n, "tcp", "127.0.0.1", "example.test.", "TXT"); got[0] != "NOERROR aa" || len(got) != 9 {
		t.Errorf("over TCP: %q and %d records", got[0], len(got)-1)
	}
}
