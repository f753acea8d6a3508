// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnssec"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/resolve"
)

// maxReason bounds the reason for a DNSSEC outcome, or for a malformed value, in a message.
const maxReason = 600

// newValidator returns the validator of a run. A private root without a trust anchor is insecure.
func newValidator(c *Checker, now time.Time) (*dnssec.Validator, error) {
	switch {
	case c.TrustAnchors != "":
		file, err := os.Open(c.TrustAnchors)
		if err != nil {
			return nil, fmt.Errorf("the trust anchors of DNSSEC cannot be read: %w", err)
		}
		defer func() { _ = file.Close() }()
		anchors, err := dnssec.ParseAnchors(file)
		if err != nil {
			return nil, fmt.Errorf("the file of DNSSEC trust anchors %s %w", c.TrustAnchors, err)
		}
		return dnssec.New(anchors, now), nil
	case len(c.Roots) > 0:
		return dnssec.New(nil, now), nil
	default:
		return dnssec.New(dnssec.RootAnchors(), now), nil
	}
}

// validation is what DNSSEC makes of a record, and of the CAA records that count for it.
type validation struct {
	status string // one of the DNSSEC constants
	note   string // a sentence for the message, empty when there is nothing to tell
}

// validate validates the record, and every answer that leads to the CAA records that count.
func (r *run) validate(ctx context.Context, t resolve.Task, e expectation, given Expectation) validation {
	worst := r.validateOne(ctx, t, e.name, e.qtype)
	what := e.typeName() + " record at " + resolve.TrimDot(e.name)
	for _, domain := range caaDomains(given) {
		name, _ := strings.CutPrefix(domain, "*.")
		for name = canonical(name); name != "." && worst.Status != dnssec.Bogus; name = parentOf(name) {
			if found := r.validateOne(ctx, t, name, dns.TypeCAA); found.WorseThan(worst) {
				worst, what = found, "CAA records of "+resolve.TrimDot(name)
			}
			// The answer is known already, from judging CAA.
			if sets, err := r.caaSets(ctx, t, name); err != nil || len(sets) > 0 {
				break
			}
		}
	}
	v := validation{status: string(worst.Status)}
	reason := resolve.Printable(worst.Reason, maxReason)
	switch {
	case ctx.Err() != nil:
		v.status = DNSSECUnknown
	case worst.Status == dnssec.Bogus:
		v.note = fmt.Sprintf("DNSSEC fails for the %s, so certificate authorities refuse it: %s. "+
			"Correct it at the DNS operator of the zone, or have the DS records removed at the registrar.", what, reason)
	case worst.Status == dnssec.Unknown:
		v.note = fmt.Sprintf("DNSSEC of the %s could not be judged: %s.", what, reason)
	}
	return v
}

// caaDomains returns the domains whose CAA records count, sorted.
func caaDomains(given Expectation) []string {
	domains := slices.Clone(given.Domains)
	if len(domains) == 0 {
		domains = []string{hostOf(given.FQDN)}
	}
	slices.Sort(domains)
	return slices.DeleteFunc(domains, func(domain string) bool {
		_, err := dcv.ParseDomain(domain)
		return err != nil
	})
}
