// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// lookupTimeout bounds one DNS query of the simulator acting as a CA.
const lookupTimeout = 2 * time.Second

// maxChain is how many CNAMEs are followed to a TXT record.
const maxChain = 8

// visible tells whether the record of a challenge is in DNS.
func (s *Sandbox) visible(ctx context.Context, c core.Challenge) bool {
	if c.Type == "CNAME" {
		return s.hasCNAME(ctx, c.Name, c.Value)
	}
	return s.hasTXT(ctx, c.Name, c.Value)
}

// hasCNAME tells whether name is an alias of target, which is compared with its case, as DigiCert does.
func (s *Sandbox) hasCNAME(ctx context.Context, name, target string) bool {
	answer, err := s.exchange(ctx, name, dns.TypeCNAME)
	if err != nil {
		return false
	}
	for _, rr := range answer {
		cname, ok := rr.(*dns.CNAME)
		if ok && strings.EqualFold(dns.Fqdn(dcv.CanonicalDomain(name)), cname.Hdr.Name) && dns.Fqdn(target) == cname.Target {
			return true
		}
	}
	return false
}

// hasTXT tells whether name, or the name it is an alias of, has a TXT record whose strings joined are value.
func (s *Sandbox) hasTXT(ctx context.Context, name, value string) bool {
	for range maxChain {
		answer, err := s.exchange(ctx, name, dns.TypeTXT)
		if err != nil {
			return false
		}
		owner := dns.Fqdn(dcv.CanonicalDomain(name))
		for _, rr := range answer {
			switch rr := rr.(type) {
			case *dns.CNAME:
				if strings.EqualFold(rr.Hdr.Name, owner) {
					owner = rr.Target
				}
			case *dns.TXT:
				if strings.EqualFold(rr.Hdr.Name, owner) && unescape(strings.Join(rr.Txt, "")) == value {
					return true
				}
			}
		}
		ended := len(answer) > 0 && answer[len(answer)-1].Header().Rrtype == dns.TypeTXT
		if ended || strings.EqualFold(owner, dns.Fqdn(dcv.CanonicalDomain(name))) {
			return false
		}
		name = owner
	}
	return false
}

// unescape undoes the zone-file escapes with which the DNS library holds character strings.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		digit := func(k int) bool { return i+k < len(s) && '0' <= s[i+k] && s[i+k] <= '9' }
		if digit(1) && digit(2) && digit(3) {
			b = append(b, (s[i+1]-'0')*100+(s[i+2]-'0')*10+s[i+3]-'0')
			i += 3
			continue
		}
		i++
		b = append(b, s[i])
	}
	return string(b)
}

// errBogus is what keeps a CA from using an answer.
var errBogus = errors.New("DNSSEC fails")

// exchange asks the DNS server, by TCP when UDP gives nothing or not all.
func (s *Sandbox) exchange(ctx context.Context, name string, qtype uint16) ([]dns.RR, error) {
	if s.zones.bogus(ownerName(name)) {
		s.log.Warn("DNS lookup failed", "name", name, "type", dns.TypeToString[qtype], "error", errBogus)
		return nil, errBogus
	}
	q := new(dns.Msg)
	// U-labels are looked up as A-labels.
	q.SetQuestion(dns.Fqdn(dcv.CanonicalDomain(name)), qtype)
	q.SetEdns0(1232, false)
	var answer *dns.Msg
	var err error
	for _, network := range []string{"udp", "tcp"} {
		client := dns.Client{Net: network, Timeout: lookupTimeout}
		answer, _, err = client.ExchangeContext(ctx, q, s.lookupAt)
		if err == nil && !answer.Truncated {
			break
		}
	}
	if err != nil {
		s.log.Warn("DNS lookup failed", "name", name, "type", dns.TypeToString[qtype], "error", err)
		return nil, err
	}
	return answer.Answer, nil
}
