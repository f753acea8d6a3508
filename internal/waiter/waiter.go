// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package waiter waits until every name of a certificate order is validated, and otherwise explains name by name what is
// missing. It knows orders and DNS, and no Terraform.
package waiter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

const (
	// backOff is the growth of the pause between two reads.
	backOff = 1.5
	// longestPause bounds the pauses, unless Interval itself is longer.
	longestPause = 5 * time.Minute
	// lastRead is how long the read that ends the waiting may take: a client that retries for minutes must not stretch Timeout.
	lastRead = time.Minute
)

// Waiter waits for one order.
type Waiter struct {
	Order   string   // what messages call the order, for instance "order 20001 at DigiCert"
	Vendor  string   // what messages call the vendor
	Issuers []string // CAA issuer domain names of the certificate authority
	Read    func(ctx context.Context) (dcv.Order, error)
	// Describe tells the whole story of a failed read of the order or, where part is not "", of a part of it.
	Describe func(part string, err error) string
	Look     func(ctx context.Context, expectations map[string]dnscheck.Expectation) map[string]dnscheck.Result
	// Advice says how to have the authority look at once; "" where nobody can. Looked says that it has just looked.
	Advice string
	Looked bool
	// Published are the owner names that DNS resources have made, canonical; nil leaves unchecked whether one is missing.
	Published map[string]bool
	Interval  time.Duration // the first pause between two reads
	Timeout   time.Duration
}

// Failure says why an order is not validated.
type Failure struct {
	Title  string // in title case
	Detail string // whole sentences
	// Published is true where the fault is in what was published.
	Published bool
}

// Error implements error.
func (f *Failure) Error() string { return f.Title + ": " + f.Detail }

// ReadError is a read that failed for good.
type ReadError struct{ Err error }

// Error implements error.
func (e *ReadError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ReadError) Unwrap() error { return e.Err }

// Wait reads the order until every name is validated, and returns what it read last. The error is a *[Failure], a
// *[ReadError], or one of [dcv.Summarize].
func (w Waiter) Wait(ctx context.Context) (View, error) {
	var (
		view    View
		failure error
		seen    bool
	)
	start := time.Now()
	pause := w.Interval
	for poll := 1; ; poll++ {
		var latest dcv.Order
		latest, failure = w.readUntil(ctx, start.Add(w.Timeout+lastRead))
		switch {
		case failure == nil:
			if latest.Issued {
				// An order that went through may no longer list its names.
				latest.Names = slices.AppendSeq(latest.Names, maps.Keys(view.Statuses()))
			}
			before := view
			view, seen = NewView(latest), true
			// Records that contradict each other tell nothing of the names. An issued order does not need them.
			known := view.err == nil || view.Issued
			if gone := vanished(before, view); known && len(gone) > 0 {
				return view, failed("Name No Longer Listed", "%s listed %s among the names to validate, and lists them no longer although it "+
					"is not issued. The provider cannot tell whether they are validated. If they were removed from the order, apply again.",
					dcv.Capital(w.Order), dcv.ShortList(gone))
			}
			if known && view.Done() {
				return view, nil
			}
			if err := w.judge(ctx, view); err != nil {
				return view, err
			}
		case ctx.Err() != nil:
			return view, w.interrupted(view, start)
		case !isTransient(failure, seen):
			return view, &ReadError{failure}
		}
		report(ctx, w.Order, poll, view, failure)

		left := w.Timeout - time.Since(start)
		if left <= 0 {
			return view, w.timedOut(ctx, view, seen, failure)
		}
		if err := sleep(ctx, min(pause, left)); err != nil {
			return view, w.interrupted(view, start)
		}
		pause = min(time.Duration(float64(pause)*backOff), max(longestPause, w.Interval))
	}
}

// readUntil reads the order, and gives up at some time.
func (w Waiter) readUntil(ctx context.Context, end time.Time) (dcv.Order, error) {
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	return w.Read(ctx)
}

// sleep returns early, with the context's error, when the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func failed(title, format string, arguments ...any) *Failure {
	return &Failure{Title: title, Detail: fmt.Sprintf(format, arguments...)}
}

func (w Waiter) timedOut(ctx context.Context, view View, seen bool, failure error) error {
	const title = "Timed Out Waiting for Validation"
	detail := fmt.Sprintf("%s was not validated within %s. ", dcv.Capital(w.Order), w.Timeout)
	if !seen {
		return failed(title, "%sThe provider could not read it. %s", detail, w.Describe("", failure))
	}
	detail += w.Explain(ctx, view)
	if failure != nil {
		detail += "\n\nThe last read failed. " + w.Describe("", failure)
	}
	return failed(title, "%s\n\nRemove the cause, then apply again. If the authority only needs more time, raise `timeouts.create`.", detail)
}

func (w Waiter) interrupted(view View, start time.Time) error {
	return failed("Interrupted", "Waiting for %s was interrupted after %s. %s. Nothing was changed; apply again to go on waiting.",
		w.Order, time.Since(start).Round(time.Second), dcv.Capital(view.Progress()))
}

// report writes one line of progress into the provider's log. The message holds all that a person wants to read: the log writes
// fields in no fixed order.
func report(ctx context.Context, order string, poll int, view View, failure error) {
	fields := map[string]any{"poll": poll}
	if failure != nil {
		fields["failure"] = failure.Error()
	}
	tflog.Info(ctx, fmt.Sprintf("waiting for %s: %s", order, view.Progress()), fields)
}

// vanished returns the names that were open in the earlier response and are not in the later one, unless that says how the
// order ended.
func vanished(earlier, later View) []string {
	if later.Issued || later.Ended != "" {
		return nil
	}
	now := later.Statuses()
	var gone []string
	for name, status := range earlier.Statuses() {
		if _, listed := now[name]; !listed && status.Status != dcv.StatusValidated {
			gone = append(gone, dcv.Printable(name))
		}
	}
	slices.Sort(gone)
	return gone
}

// judge says why waiting is pointless, nil when it is not.
func (w Waiter) judge(ctx context.Context, view View) error {
	if view.Ended != "" {
		return failed("Order Ended", "%s can no longer be validated: %s. Place a new order.", dcv.Capital(w.Order), view.Ended)
	}
	if view.err != nil {
		return view.err
	}
	for _, name := range view.summary.Names {
		if name.Status == dcv.StatusFailed {
			return failed("Validation Failed", "%s has a name whose validation failed. Waiting does not help. %s\n\n"+
				"Restart the validation at %s, then apply again.", dcv.Capital(w.Order), w.Explain(ctx, view), w.Vendor)
		}
	}
	if open := view.open(); len(open) > 0 && !slices.ContainsFunc(open, func(o openValidation) bool {
		return o.RecordKey == nil || !ended(view.summary.Records[*o.RecordKey])
	}) {
		return failed("Tokens Ended", "%s waits for names whose tokens have all ended. %s", dcv.Capital(w.Order), w.Explain(ctx, view))
	}
	return w.unpublished(view)
}

// unpublished says which records the DNS resources do not publish, nil when there is none or nobody asks.
func (w Waiter) unpublished(view View) error {
	if w.Published == nil {
		return nil
	}
	if len(view.Unread) > 0 && !view.summary.Complete {
		return &Failure{Published: true, Title: "Records Not Readable",
			Detail: "The provider cannot check whether `record_fqdns` names every record that the order needs. " +
				w.Describe(view.Unread[0].Part, view.Unread[0].Err) +
				"\n\nTo wait without this check, leave `record_fqdns` out and use `depends_on`."}
	}
	var lacking []string
	for _, key := range slices.Sorted(maps.Keys(view.summary.Records)) {
		record := view.summary.Records[key]
		accepted := append([]string{record.FQDN}, record.AlsoAccepted...)
		if record.Status != dcv.StatusValidated && !slices.ContainsFunc(accepted, func(owner string) bool { return w.Published[owner] }) {
			lacking = append(lacking, fmt.Sprintf("  %s %s %s", record.FQDN, record.Type, record.RData))
		}
	}
	if len(lacking) == 0 {
		return nil
	}
	return &Failure{Published: true, Title: "DNS Record Not Published",
		Detail: fmt.Sprintf("%s cannot be validated, because `record_fqdns` does not name every record it needs. Missing:\n\n%s\n\n"+
			"Publish them, and pass the names of all the DNS resources. A certops_dcv_records has only the records of its `domains`: "+
			"check that every name of the order is there. If the order was made or changed in this apply, a certops_dcv_records "+
			"may have kept its earlier records, as its warning says: then apply again. `record_fqdns` has: %s.",
			dcv.Capital(w.Order), strings.Join(lacking, "\n"), orNone(slices.Sorted(maps.Keys(w.Published))))}
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
