// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package waiter

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// explainTimeout bounds the look at DNS after the waiting has failed.
const explainTimeout = 20 * time.Second

// Explain tells, for every name that is not validated, what the authority looks for and what DNS responds.
func (w Waiter) Explain(ctx context.Context, view View) string {
	summary := view.summary
	if len(summary.Names) == 0 {
		return fmt.Sprintf("%s has named no domain to validate yet: the order may not be placed with the certificate authority.",
			w.Vendor)
	}
	expectations := make(map[string]dnscheck.Expectation)
	for key, record := range summary.Records {
		if record.Status != dcv.StatusValidated {
			expectations[key] = dnscheck.Expectation{Type: record.Type, FQDN: record.FQDN, AlsoAt: record.AlsoAccepted, Value: record.Value,
				Domains: record.Domains, Issuers: w.Issuers}
		}
	}
	// The look at DNS must not end with the waiting, but with an interrupt.
	lookCtx, cancel := context.WithTimeout(ctx, explainTimeout)
	defer cancel()
	results := w.Look(lookCtx, expectations)

	var b strings.Builder
	fmt.Fprintf(&b, "%s.", dcv.Capital(view.Progress()))
	for _, open := range view.open() {
		fmt.Fprintf(&b, "\n\n%s: %s", dcv.Printable(strings.Join(open.names, ", ")), open.Status)
		if open.Method != nil {
			fmt.Fprintf(&b, " (method %s)", dcv.Printable(*open.Method))
		}
		if open.Reason != nil {
			fmt.Fprintf(&b, "\n  %s", dcv.Printable(*open.Reason))
		}
		if open.RecordKey == nil {
			b.WriteString("\n  " + w.recordless(view, open))
			continue
		}
		record, result := summary.Records[*open.RecordKey], results[*open.RecordKey]
		fmt.Fprintf(&b, "\n  expected:      %s %s %s", record.FQDN, record.Type, record.RData)
		fmt.Fprintf(&b, "\n  observed:      %s", orNone(result.Observed))
		fmt.Fprintf(&b, "\n  servers asked: %s", orNone(result.Nameservers))
		if ended(record) {
			fmt.Fprintf(&b, "\n  token ended:   %s", dcv.Printable(*record.ExpiresAt))
			fmt.Fprintf(&b, "\n  No record validates the name with this token. Have %s make a new one; certops never does that by itself.",
				w.Vendor)
			continue
		}
		if record.ExpiresAt != nil {
			fmt.Fprintf(&b, "\n  token expires: %s", dcv.Printable(*record.ExpiresAt))
		}
		if result.Message != "" {
			fmt.Fprintf(&b, "\n  %s", result.Message)
		}
		if result.Ready() {
			fmt.Fprintf(&b, "\n  %s", w.published())
		}
	}
	for _, c := range view.Unread {
		fmt.Fprintf(&b, "\n\n%s", w.Describe(c.Part, c.Err))
	}
	return b.String()
}

// published says what it means that a record is right and its name is not validated.
func (w Waiter) published() string {
	if w.Looked {
		return fmt.Sprintf("The record is right. %s looked and is not satisfied: it may have kept an old response, or one of its servers in "+
			"other regions does not see the record yet.", w.Vendor)
	}
	text := fmt.Sprintf("The record is right; %s has not looked, or has looked and kept an old response. %s", w.Vendor, w.Advice)
	return strings.TrimSpace(text)
}

// recordless says why a name has no record.
func (w Waiter) recordless(view View, open openValidation) string {
	switch {
	case len(view.Unread) > 0:
		return "Its record could not be read, see below."
	case open.Reason != nil:
		return "It has no record."
	case open.Channel == dcv.ChannelDNS:
		return w.Vendor + " gives no token: the order may not be placed with the certificate authority yet, or the token has ended."
	default:
		return w.Vendor + " asks for no DNS record."
	}
}

// ended tells whether the token of a record is past its end.
func ended(record dcv.Record) bool {
	end, ok := dcv.ParseEnd(dcv.Value(record.ExpiresAt))
	return ok && !time.Now().Before(end)
}

func orNone(values []string) string {
	if len(values) == 0 {
		return "none"
	}
	return strings.Join(values, ", ")
}
