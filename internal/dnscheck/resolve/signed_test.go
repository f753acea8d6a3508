// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnstest"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/resolve"
)

// nothing keeps nothing of responses.
type nothing struct{}

func (nothing) Read([]dns.RR) (struct{}, error)    { return struct{}{}, nil }
func (nothing) Bound([]resolve.Response[struct{}]) {}

func TestSigned(t *testing.T) {
	t.Parallel()
	n := dnstest.Start(t,
		dnstest.Zone{Apex: ".", Servers: []string{"127.0.0.1"}, Records: []string{
			"test. 60 IN NS ns.test.", "ns.test. 60 IN A 127.0.0.2",
		}},
		dnstest.Zone{Apex: "test", Servers: []string{"127.0.0.2"}, Records: []string{
			"test. 60 IN NS ns.test.", "ns.test. 60 IN A 127.0.0.2", `www.test. 60 IN TXT "www"`,
		}})
	config := resolve.Config{Roots: n.Roots(), Port: n.Port, Timeout: 30 * time.Second}
	signed := resolve.New(config, nothing{}).Signed(resolve.NewTask())

	zones, err := signed.Zones(t.Context(), "www.test.")
	if diff := cmp.Diff([]string{".", "test."}, zones); diff != "" || err != nil {
		t.Errorf("zones (-want +got):\n%s%v", diff, err)
	}
	fetch := func() (*dns.Msg, error) {
		var got *dns.Msg
		err := signed.Fetch(t.Context(), "test.", "www.test.", dns.TypeTXT, func(m *dns.Msg) error {
			got = m
			return nil
		})
		return got, err
	}
	wantsSignatures := make(chan bool, 1)
	n.Handle("127.0.0.2", func(query *dns.Msg, _ string) *dns.Msg {
		wantsSignatures <- query.IsEdns0() != nil && query.IsEdns0().Do()
		return nil
	})
	if m, err := fetch(); err != nil || len(m.Answer) != 1 {
		t.Errorf("got %v, %v", m, err)
	}
	if !<-wantsSignatures {
		t.Error("the query does not ask for signatures")
	}
	n.Handle("127.0.0.2", nil)
	refused := errors.New("is of no use")
	err = signed.Fetch(t.Context(), "test.", "www.test.", dns.TypeTXT, func(*dns.Msg) error { return refused })
	if err == nil || !strings.Contains(err.Error(), "ns.test (127.0.0.2:"+n.Port+") is of no use") {
		t.Errorf("a response that is not accepted: %v", err)
	}
	// Servers that know no EDNS0 refuse it or leave it out.
	for _, rcode := range []int{dns.RcodeSuccess, dns.RcodeFormatError} {
		n.Handle("127.0.0.2", func(query *dns.Msg, _ string) *dns.Msg {
			m := new(dns.Msg).SetReply(query)
			m.Authoritative, m.Rcode = true, rcode
			return m
		})
		if m, err := fetch(); err == nil || !strings.Contains(err.Error(), "does not support EDNS0") {
			t.Errorf("%s without EDNS0: got %v, %v", dns.RcodeToString[rcode], m, err)
		}
	}
	if err := signed.Fetch(t.Context(), "www.test.", "www.test.", dns.TypeTXT, nil); err == nil {
		t.Error("a name that is no zone has servers")
	}

	config.Nameservers = []string{n.Addr("127.0.0.2")}
	if zones, err := resolve.New(config, nothing{}).Signed(resolve.NewTask()).Zones(t.Context(), "www.test."); err == nil {
		t.Errorf("servers that were given have the zones %v", zones)
	}
}
