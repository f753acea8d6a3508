// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

const (
	// backOff is the growth of the pause between two polls.
	backOff = 1.5
	// longestPause bounds the pauses, unless poll_interval itself is longer.
	longestPause = 5 * time.Minute
	// explainTimeout bounds the look at DNS after the waiting has failed.
	explainTimeout = 20 * time.Second
)

// waiter waits until every name of an order is validated.
type waiter struct {
	target  base.Target
	issuers []string
	read    func(ctx context.Context) (dcv.Order, error)
	look    func(ctx context.Context, expectations map[string]dnscheck.Expectation) map[string]dnscheck.Result
	clock   base.Clock
	// published are the owner names that DNS resources have made, canonical; nil leaves completeness unchecked.
	published map[string]bool
	interval  time.Duration
	timeout   time.Duration
}

// wait polls until every name is validated. Anything else ends with an error that explains, name by name, what is missing.
func (w waiter) wait(ctx context.Context) (dcv.Order, diag.Diagnostics) {
	var (
		diags   diag.Diagnostics
		order   dcv.Order
		failure error
		seen    bool
	)
	start := w.clock.Now()
	pause := w.interval
	for poll := 1; ; poll++ {
		var latest dcv.Order
		latest, failure = w.read(ctx)
		switch {
		case failure == nil:
			if latest.Issued {
				// An order that went through may no longer list its names.
				latest.Names = append(latest.Names, allNames(order)...)
			}
			if gone := vanished(order, latest); len(gone) > 0 {
				diags.AddError("Name No Longer Listed", fmt.Sprintf("%s listed %s among the names to validate, and lists them no longer although it "+
					"is not issued. Nobody can tell whether they are validated. If they were removed from the order, apply again.",
					dcv.Capital(w.target.String()), dcv.ShortList(gone)))
				return latest, diags
			}
			order, seen = latest, true
			if order.Done() {
				return order, diags
			}
			if d := w.judge(ctx, order); d != nil {
				diags.Append(d)
				return order, diags
			}
		case ctx.Err() != nil:
			diags.Append(w.interrupted(order, start))
			return order, diags
		case !isTransient(failure, seen):
			diags.Append(base.ReadError(w.target, failure))
			return order, diags
		}
		w.report(ctx, poll, order, failure)

		left := w.timeout - w.clock.Now().Sub(start)
		if left <= 0 {
			break
		}
		if err := w.clock.Sleep(ctx, min(pause, left)); err != nil {
			diags.Append(w.interrupted(order, start))
			return order, diags
		}
		pause = min(time.Duration(float64(pause)*backOff), max(longestPause, w.interval))
	}

	detail := fmt.Sprintf("%s was not validated within %s. ", dcv.Capital(w.target.String()), w.timeout)
	switch {
	case !seen:
		diags.AddError("Timed Out Waiting for Validation", detail+"It could not even be read. "+base.FailureDetail(w.target, w.target.String(),
			failure))
		return order, diags
	case failure != nil:
		detail += "The last read failed: " + strings.TrimSuffix(failure.Error(), ".") + ". "
	}
	diags.AddError("Timed Out Waiting for Validation", detail+w.explain(ctx, order)+
		"\n\nOnce the cause is removed, apply again. If the authority only needs longer, raise `timeouts.create`.")
	return order, diags
}

// vanished returns the names that were open in the earlier response and are not in the later one, unless that says how the
// order ended.
func vanished(earlier, later dcv.Order) []string {
	if later.Issued || later.Ended != "" {
		return nil
	}
	now := nameStatuses(later)
	var gone []string
	for name, status := range nameStatuses(earlier) {
		if _, listed := now[name]; !listed && status.Status != dcv.StatusValidated {
			gone = append(gone, dcv.Printable(name))
		}
	}
	slices.Sort(gone)
	return gone
}

// judge says why waiting is pointless, nil when it is not.
func (w waiter) judge(ctx context.Context, order dcv.Order) diag.Diagnostic {
	if order.Ended != "" {
		return diag.NewErrorDiagnostic("Order Ended",
			fmt.Sprintf("%s can no longer be validated: %s. Place a new order.", dcv.Capital(w.target.String()), order.Ended))
	}
	summary, err := dcv.Summarize(order.Challenges, dcv.Options{})
	if err != nil {
		return base.RecordDiagnostic(w.target, err)
	}
	if slices.ContainsFunc(slices.Collect(maps.Values(summary.Names)), func(s dcv.NameStatus) bool { return s.Status == dcv.StatusFailed }) {
		return diag.NewErrorDiagnostic("Validation Failed",
			fmt.Sprintf("%s holds a name whose validation failed, which no waiting mends. %s\n\nRestart the validation at %s, then apply again.",
				dcv.Capital(w.target.String()), w.explain(ctx, order), w.target.Service.DisplayName()))
	}
	if open := openValidations(summary); len(open) > 0 && !slices.ContainsFunc(open, func(o openValidation) bool {
		return o.RecordKey == nil || !w.ended(summary.Records[*o.RecordKey])
	}) {
		return diag.NewErrorDiagnostic("Tokens Ended",
			fmt.Sprintf("%s waits for names whose tokens have all ended. %s", dcv.Capital(w.target.String()), w.explain(ctx, order)))
	}
	if w.published == nil {
		return nil
	}
	if len(order.Unread) > 0 && !summary.Complete {
		return diag.NewAttributeErrorDiagnostic(path.Root("record_fqdns"), "Records Not Readable",
			"It cannot be told whether `record_fqdns` names every record that is needed. "+base.FailureDetail(w.target,
				w.target.Part(order.Unread[0].Part).String(), order.Unread[0].Err)+
				"\n\nTo wait without this check, leave `record_fqdns` out and use `depends_on`.")
	}
	var lacking []string
	for _, key := range slices.Sorted(maps.Keys(summary.Records)) {
		record := summary.Records[key]
		accepted := append([]string{record.FQDN}, record.AlsoAccepted...)
		if record.Status != dcv.StatusValidated && !slices.ContainsFunc(accepted, func(owner string) bool { return w.published[owner] }) {
			lacking = append(lacking, fmt.Sprintf("  %s %s %s", record.FQDN, record.Type, record.RData))
		}
	}
	if len(lacking) == 0 {
		return nil
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("record_fqdns"), "DNS Record Not Published",
		fmt.Sprintf("%s cannot be validated, because `record_fqdns` does not name every record it needs. Missing:\n\n%s\n\n"+
			"Publish them, and pass the names of all the DNS resources. If the order was made or changed in this apply, a certops_dcv_records "+
			"may have kept its earlier records, as its warning says: then apply again. `record_fqdns` has: %s.",
			dcv.Capital(w.target.String()), strings.Join(lacking, "\n"), orNone(slices.Sorted(maps.Keys(w.published)))))
}

// isTransient tells whether a failed read is worth another try: the vendor or the network may recover. Once the order has been
// read, so may a resolver, and whatever responds in the API's place.
func isTransient(err error, seen bool) bool {
	if errors.Is(err, dcv.ErrNoValidations) {
		return true // They come once the order is placed.
	}
	var e *client.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Kind {
	case client.KindUnavailable, client.KindRateLimited, client.KindTimeout, client.KindNetwork:
		return true
	case client.KindDNS, client.KindBody:
		return seen
	}
	return false
}

// report writes one line of progress into the provider's log.
func (w waiter) report(ctx context.Context, poll int, order dcv.Order, failure error) {
	fields := map[string]any{"poll": poll, "waiting_for": w.target.String(), "names": progress(order)}
	if failure != nil {
		fields["failure"] = failure.Error()
	}
	tflog.Info(ctx, "waiting for domain control validation", fields)
}

func (w waiter) interrupted(order dcv.Order, start time.Time) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Interrupted",
		fmt.Sprintf("Waiting for %s was interrupted after %s. %s. Nothing was changed; apply again to go on waiting.",
			w.target, w.clock.Now().Sub(start).Round(time.Second), dcv.Capital(progress(order))))
}

// progress counts the validated names and lists the others.
func progress(o dcv.Order) string {
	summary, err := dcv.Summarize(o.Challenges, dcv.Options{})
	if err != nil || len(summary.Names) == 0 {
		return "no name has a validation yet"
	}
	nameless := o.Nameless()
	var open []string
	for _, name := range slices.Sorted(maps.Keys(summary.Names)) {
		if status := summary.Names[name].Status; status != dcv.StatusValidated {
			open = append(open, fmt.Sprintf("%s: %s", dcv.Printable(name), status))
		}
	}
	text := fmt.Sprintf("%d of %d names validated", len(summary.Names)-len(open), len(summary.Names))
	if nameless > 0 {
		text += fmt.Sprintf(", and %d open validations of names that the response does not tell", nameless)
	}
	if o.Unknown != "" {
		text += fmt.Sprintf(", order status %q is not known to the provider", dcv.Printable(o.Unknown))
	}
	if len(open) > 0 {
		text += " (" + dcv.Shortened(strings.Join(open, ", ")) + ")"
	}
	return text
}

// explain tells, for every name that is not validated, what the authority looks for and what DNS responds.
func (w waiter) explain(ctx context.Context, order dcv.Order) string {
	summary, err := dcv.Summarize(order.Challenges, dcv.Options{})
	if err != nil {
		return base.Sentence(err)
	}
	if len(summary.Names) == 0 {
		return fmt.Sprintf("%s has named no domain to validate yet: the order may not be placed with the certificate authority.",
			w.target.Service.DisplayName())
	}
	expectations := make(map[string]dnscheck.Expectation)
	for key, record := range summary.Records {
		if record.Status != dcv.StatusValidated {
			expectations[key] = dnscheck.Expectation{Type: record.Type, FQDN: record.FQDN, AlsoAt: record.AlsoAccepted, Value: record.Value,
				Domains: record.Domains, Issuers: w.issuers}
		}
	}
	// The look at DNS must not end with the waiting, but with an interrupt.
	lookCtx, cancel := context.WithTimeout(ctx, explainTimeout)
	defer cancel()
	results := w.look(lookCtx, expectations)

	var b strings.Builder
	fmt.Fprintf(&b, "%s.", dcv.Capital(progress(order)))
	for _, open := range openValidations(summary) {
		fmt.Fprintf(&b, "\n\n%s: %s", dcv.Printable(strings.Join(open.names, ", ")), open.Status)
		if open.Method != nil {
			fmt.Fprintf(&b, " (method %s)", dcv.Printable(*open.Method))
		}
		if open.Reason != nil {
			fmt.Fprintf(&b, "\n  %s", dcv.Printable(*open.Reason))
		}
		if open.RecordKey == nil {
			b.WriteString("\n  " + w.recordless(order, open))
			continue
		}
		record, result := summary.Records[*open.RecordKey], results[*open.RecordKey]
		fmt.Fprintf(&b, "\n  expected:      %s %s %s", record.FQDN, record.Type, record.RData)
		fmt.Fprintf(&b, "\n  observed:      %s", orNone(result.Observed))
		fmt.Fprintf(&b, "\n  servers asked: %s", orNone(result.Nameservers))
		if w.ended(record) {
			fmt.Fprintf(&b, "\n  token ended:   %s", dcv.Printable(*record.ExpiresAt))
			fmt.Fprintf(&b, "\n  No record validates the name with this token. Have %s make a new one; certops never does that by itself.",
				w.target.Service.DisplayName())
			continue
		}
		if record.ExpiresAt != nil {
			fmt.Fprintf(&b, "\n  token expires: %s", dcv.Printable(*record.ExpiresAt))
		}
		if result.Message != "" {
			fmt.Fprintf(&b, "\n  %s", result.Message)
		}
		if result.Status == dnscheck.StatusPublished && result.CAA != dnscheck.CAAForbidden {
			fmt.Fprintf(&b, "\n  The record is right; %s has not looked, or has looked and kept an old response.", w.target.Service.DisplayName())
		}
	}
	for _, c := range order.Unread {
		fmt.Fprintf(&b, "\n\n%s", base.FailureDetail(w.target, w.target.Part(c.Part).String(), c.Err))
	}
	return b.String()
}

// recordless says why a name has no record.
func (w waiter) recordless(order dcv.Order, open openValidation) string {
	vendor := w.target.Service.DisplayName()
	switch {
	case len(order.Unread) > 0:
		return "Its record could not be read, see below."
	case open.Reason != nil:
		return "It has no record."
	case open.Channel == dcv.ChannelDNS:
		return vendor + " gives no token: the order may not be placed with the certificate authority yet, or the token has ended."
	default:
		return vendor + " asks for no DNS record."
	}
}

// ended tells whether the token of a record is past its end.
func (w waiter) ended(record dcv.Record) bool {
	end, err := time.Parse(time.RFC3339, dcv.Value(record.ExpiresAt))
	return err == nil && !w.clock.Now().Before(end)
}

// openValidation is what names have in common that one record validates and that stand alike.
type openValidation struct {
	dcv.NameStatus
	names []string
}

// openValidations are the names that are not validated, by what they wait for, in the order of their first names.
func openValidations(summary dcv.Summary) []openValidation {
	type sameness struct {
		status                    dcv.Status
		method, recordKey, reason string
	}
	var open []openValidation
	index := make(map[sameness]int)
	for _, name := range slices.Sorted(maps.Keys(summary.Names)) {
		status := summary.Names[name]
		if status.Status == dcv.StatusValidated {
			continue
		}
		alike := sameness{status.Status, dcv.Value(status.Method), dcv.Value(status.RecordKey), dcv.Value(status.Reason)}
		at, ok := index[alike]
		if !ok {
			at = len(open)
			index[alike] = at
			open = append(open, openValidation{NameStatus: status})
		}
		open[at].names = append(open[at].names, name)
	}
	return open
}

func orNone(values []string) string {
	if len(values) == 0 {
		return "none"
	}
	return strings.Join(values, ", ")
}
