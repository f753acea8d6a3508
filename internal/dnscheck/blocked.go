// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck/resolve"
)

// otherTypes are the types of which records are found where a CNAME is to stand.
var otherTypes = []uint16{dns.TypeTXT, dns.TypeA, dns.TypeAAAA, dns.TypeMX}

// blocked says why a CNAME that is missing cannot be created, and what can be done; "" where it can. No other data may stand
// beside a CNAME (RFC 1034, section 3.6.2).
func (r *run) blocked(ctx context.Context, t resolve.Task, e expectation, o outcome) string {
	if e.qtype != dns.TypeCNAME {
		return ""
	}
	name := resolve.TrimDot(e.name)
	// What stands at a host is what the host is served by. It is not to be removed for a validation.
	ours := strings.HasPrefix(e.name, "_")
	const otherwise = "hoose a validation method with another record."
	if o.Apex == e.name {
		why := fmt.Sprintf("%s is the apex of a zone, where SOA and NS records stand, and a CNAME cannot stand beside them "+
			"(RFC 1034, section 3.6.2). ", name)
		if !ours {
			return why + "C" + otherwise
		}
		return why + fmt.Sprintf("Remove the NS records of %s from the zone above and create the CNAME there, or c", name) + otherwise
	}
	if !answers(o, resolve.NoData) {
		return ""
	}
	for _, other := range otherTypes {
		found, err := r.resolver.Lookup(ctx, t, e.name, other)
		if err != nil || found.Err() != nil || !answers(found, resolve.Data) || r.fromWildcard(ctx, t, e.name, other) {
			continue
		}
		kind := dns.TypeToString[other]
		why := fmt.Sprintf("Records of the type %s stand at %s, and a CNAME cannot stand beside them (RFC 1034, section 3.6.2).", kind, name)
		if strings.HasPrefix(e.name, "_dnsauth.") && other == dns.TypeTXT {
			why += " CertCentral's UltraDNS integration writes such records."
		}
		if !ours {
			return why + " C" + otherwise
		}
		return why + " Remove them if nothing needs them any more, or c" + otherwise
	}
	return ""
}

// answers tells whether a server gives a response of one of the kinds.
func answers(o outcome, kinds ...resolve.Kind) bool {
	return slices.ContainsFunc(o.Useful(), func(resp response) bool { return slices.Contains(kinds, resp.Kind) })
}

// fromWildcard tells whether what a name has comes from a wildcard record: a name beside it that nobody made has it too.
func (r *run) fromWildcard(ctx context.Context, t resolve.Task, name string, qtype uint16) bool {
	_, parent, _ := strings.Cut(name, ".")
	probe := "certops-looks-for-a-wildcard." + parent
	if _, valid := dns.IsDomainName(probe); !valid || parent == "" {
		return false
	}
	o, err := r.resolver.Lookup(ctx, t, probe, qtype)
	return err == nil && o.Err() == nil && answers(o, resolve.Data, resolve.Alias)
}
