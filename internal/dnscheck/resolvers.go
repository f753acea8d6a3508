// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"context"
	"fmt"
	"slices"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnssec"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/resolve"
)

// validateOne validates the records of a type at a name, and what its CNAMEs lead to.
func (r *run) validateOne(ctx context.Context, t resolve.Task, name string, qtype uint16) dnssec.Result {
	src := r.resolver.Signed(t)
	if !r.nameserversGiven {
		return r.validator.Validate(ctx, src, name, qtype)
	}
	o, err := r.resolver.Lookup(ctx, t, name, qtype)
	if err == nil {
		err = o.Err()
	}
	if err != nil {
		return dnssec.Result{Status: dnssec.Unknown, Reason: err.Error()}
	}
	useful := o.Useful()
	// Only a resolver has checked what it vouches for: an authoritative server may set the flag on whatever its zone holds.
	vouched := !slices.ContainsFunc(useful, func(resp response) bool { return !resp.Authentic || !resp.Recursive })
	recursive := slices.ContainsFunc(useful, func(resp response) bool { return resp.Recursive })
	refused := slices.IndexFunc(useful, func(resp response) bool { return resp.Refusal != nil })
	switch {
	case vouched:
		return dnssec.Result{Status: dnssec.Secure}
	case refused < 0 && !recursive:
		return dnssec.Result{Status: dnssec.Unknown, Reason: "the servers given answer for their own zones only, and do not validate"}
	}
	// A resolver that does not vouch for its answer need not validate at all, or the zone is not signed. So its answers are
	// validated here. But it may have kept old ones, or leave signatures out: what does not hold that way is not bogus yet.
	own := r.validator.Validate(ctx, src, name, qtype)
	if refused < 0 {
		if own.Status == dnssec.Bogus {
			own = dnssec.Result{Status: dnssec.Unknown, Reason: own.Reason + ", as the resolvers given say, which do not validate"}
		}
		return own
	}
	refusal := useful[refused].Refusal
	result := dnssec.Result{Status: dnssec.Bogus, Reason: fmt.Sprintf("%s %s", useful[refused].Label(), refusal.Reason)}
	switch {
	case own.Status == dnssec.Bogus:
		result.Reason = own.Reason + "; " + result.Reason
	case own.Status == dnssec.Secure:
		result.Status = dnssec.Unknown
		result.Reason += ", but the signatures that it gives hold"
	case !refusal.Bogus:
		result.Status = dnssec.Unknown
	}
	return result
}

// clauseOfDenial says that a name does not exist.
func clauseOfDenial(resp response, name string, qtype uint16) string {
	clause := "answers that the name " + resolve.TrimDot(name) + " does not exist"
	if resp.Contradicts {
		clause += fmt.Sprintf(" (NXDOMAIN), so that nobody looks at the %s records that it sends with it", dns.TypeToString[qtype])
	}
	return clause
}
