// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package writeactions

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
	"github.com/certops/terraform-provider-certops/internal/waiter"
)

// looker has a vendor look at once, and reports.
type looker struct {
	authority
	progress
	look          func(context.Context, map[string]dnscheck.Expectation) map[string]dnscheck.Result
	domains       []string // the names to check; nil: all
	failOnPending bool
}

// run reads the names, has the vendor look for those that are open, and reads them again: what a check says is not yet a status.
func (l *looker) run(ctx context.Context) diag.Diagnostics {
	vendor := l.target.Service.DisplayName()
	order, diags := l.readNames(ctx, true)
	if diags != nil {
		return diags
	}
	open, waiting := askable(order)
	switch {
	case order.Done():
		l.say("%s needs no check: every name is validated.", dcv.Capital(l.target.String()))
		l.report(waiter.NewView(order))
		return nil
	case order.Ended != "":
		return l.conclude(ctx, order, verdict{refusal: order.Ended})
	case len(open) == 0:
		return l.conclude(ctx, order, verdict{refusal: "no open name is validated by a DNS record or a file"})
	}
	for _, name := range waiting {
		l.say("%s: %s cannot look for it, since it is not validated by a DNS record or a file.", dcv.Printable(name), vendor)
	}
	l.say("Asking %s to look for the records of %s at once.", vendor, l.target.What+" "+l.target.ID)
	said, err := l.ask(ctx, open, l.domains != nil)
	if err != nil {
		detail := writeDetail(l.target, "Asking "+vendor+" to look at "+l.target.What+" "+l.target.ID,
			"A look changes nothing that a second look would spoil: run the action again.", err)
		return l.failed(diag.NewErrorDiagnostic("Unable to Check "+l.target.Noun, detail), err)
	}
	if said.refusal != "" {
		return l.conclude(ctx, order, said)
	}
	if order, diags = l.readNames(ctx, false); diags != nil {
		l.say("%s looked. What came of it could not be read.", vendor)
		return diags
	}
	return l.conclude(ctx, explained(order, vendor, said), said)
}

// readNames reads where the selected names stand. There are diagnostics only where that fails. Only the first read refuses a name:
// later the order may have forgotten it.
func (l *looker) readNames(ctx context.Context, first bool) (dcv.Order, diag.Diagnostics) {
	order, err := l.read(ctx)
	if err != nil {
		return order, l.failed(base.ReadError(l.target, err), err)
	}
	var ordered []string
	for _, c := range order.Challenges {
		for _, name := range namesOf(c) {
			ordered = append(ordered, dcv.Printable(name))
		}
	}
	order, missing := narrow(order, l.domains)
	what := dcv.Capital(l.target.String())
	switch {
	case len(missing) == 0:
	case order.Issued: // An issued order may list none or some of its names.
		l.say("%s is issued. It does not list %s.", what, dcv.ShortList(missing))
	case first:
		return order, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("domains"), "Unknown Name", fmt.Sprintf(
			"%s has no open or validated name %s. It has: %s. Write the names as ordered.",
			what, dcv.ShortList(missing), dcv.ShortList(dcv.SortedUnique(ordered))))}
	default:
		return order, l.failed(diag.NewErrorDiagnostic("Unable to Read "+l.target.Noun, fmt.Sprintf(
			"%s listed %s before the check. After it the order does not, although it is not issued. Run the action again.",
			what, dcv.ShortList(missing))), nil)
	}
	if err := waiter.NewView(order).Err(); err != nil && !order.Issued {
		return order, l.failed(base.RecordDiagnostic(l.target, err), err)
	}
	return order, nil
}

// narrow leaves the names of an order that domains select, and returns the domains that the order does not list.
func narrow(order dcv.Order, domains []string) (narrowed dcv.Order, missing []string) {
	if domains == nil {
		return order, nil
	}
	selected := func(names []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
			return !slices.ContainsFunc(domains, func(domain string) bool { return sameName(domain, name) })
		})
	}
	order.Names = selected(order.Names)
	listed := order.Names
	var challenges []dcv.Challenge
	for _, c := range order.Challenges {
		if c.Names = selected(namesOf(c)); len(c.Names) > 0 {
			challenges = append(challenges, c)
			listed = slices.Concat(listed, c.Names)
		}
	}
	order.Challenges = challenges
	for _, domain := range domains {
		if !slices.ContainsFunc(listed, func(name string) bool { return sameName(domain, name) }) {
			missing = append(missing, dcv.Printable(domain))
		}
	}
	return order, missing
}

// askable returns the open challenges that the vendor can look for, and the open names that it cannot.
func askable(order dcv.Order) (open []dcv.Challenge, others []string) {
	for _, c := range order.Challenges {
		switch {
		case c.Status == dcv.StatusValidated:
		case c.Channel == dcv.ChannelDNS || c.Channel == dcv.ChannelHTTP:
			open = append(open, c)
		default:
			others = append(others, namesOf(c)...)
		}
	}
	return open, dcv.SortedUnique(others)
}

// explained adds to each open challenge what the vendor said of it. What names no name of the order is said of all of them.
func explained(order dcv.Order, vendor string, said verdict) dcv.Order {
	challenges := slices.Clone(order.Challenges)
	var all []string
	for _, c := range challenges {
		all = append(all, namesOf(c)...)
	}
	concerned := make([]map[string]bool, len(said.reasons))
	for i, r := range said.reasons {
		concerned[i] = r.names(all)
	}
	for i := range challenges {
		c := &challenges[i]
		if c.Status == dcv.StatusValidated || c.Channel != dcv.ChannelDNS && c.Channel != dcv.ChannelHTTP {
			continue
		}
		var texts []string
		for i, r := range said.reasons {
			mine := len(concerned[i]) == 0 || slices.ContainsFunc(namesOf(*c), func(name string) bool { return concerned[i][name] })
			if mine && !slices.Contains(texts, r.text) {
				texts = append(texts, r.text)
			}
		}
		switch word := said.word(namesOf(*c)); {
		case len(texts) > 0:
			texts = []string{vendor + " says: " + strings.Join(texts, "; ")}
		case word != "":
			texts = []string{fmt.Sprintf("%s says %q and gives no reason.", vendor, word)}
		}
		if c.Reason != "" {
			texts = append([]string{c.Reason}, texts...)
		}
		c.Reason = strings.Join(texts, " ")
	}
	order.Challenges = challenges
	return order
}

// names are those of all names that a reason is about, none where it does not tell.
func (r reason) names(all []string) map[string]bool {
	about := make(map[string]bool)
	for _, name := range all {
		if r.name != "" && sameName(name, r.name) || r.name == "" && mention(name).MatchString(r.text) {
			about[name] = true
		}
	}
	return about
}

// mention finds a name in a sentence, on label boundaries.
func mention(name string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[^a-z0-9.*-])` + regexp.QuoteMeta(name) + `(?:$|[^a-z0-9.-]|\.(?:$|[^a-z0-9-]))`)
}

// sameName tells whether a configuration and a vendor mean the same name. A wildcard is another name than its base.
func sameName(a, b string) bool {
	return dcv.CanonicalDomain(a) == dcv.CanonicalDomain(b) && strings.HasPrefix(a, "*.") == strings.HasPrefix(b, "*.")
}

// word is the vendor's word for the first of the names that it has one for.
func (v verdict) word(names []string) string {
	for _, name := range names {
		for said, word := range v.words {
			if sameName(said, name) {
				return dcv.Printable(word)
			}
		}
	}
	return ""
}

// conclude reports, and makes an error of open names where the user wants that.
func (l *looker) conclude(ctx context.Context, order dcv.Order, said verdict) diag.Diagnostics {
	view := waiter.NewView(order)
	vendor, what := l.target.Service.DisplayName(), dcv.Capital(l.target.String())
	l.report(view)
	summary := fmt.Sprintf("%s: %s.", what, view.Progress())
	if order.Issued && len(order.Challenges) == 0 {
		summary = what + " is issued."
	}
	if said.refusal != "" {
		summary = fmt.Sprintf("%s was not asked to look: %s. %s", vendor, said.refusal, summary)
	}
	if said.order != "" {
		summary += fmt.Sprintf(" The order's status is %q.", dcv.Printable(said.order))
	}
	l.say("%s", summary)
	if order.Done() || !l.failOnPending {
		return nil
	}
	w := waiter.Waiter{
		Vendor: vendor, Issuers: l.target.Service.Order().Issuers, Look: l.look, Looked: said.refusal == "",
		Describe: l.target.FailureDetail,
	}
	detail := what + " is not validated, although " + vendor + " looked at once. "
	if said.refusal != "" {
		detail = fmt.Sprintf("%s is not validated, and %s was not asked to look: %s. ", what, vendor, said.refusal)
	}
	detail += w.Explain(ctx, view) +
		"\n\nRemove the cause, then run the action again. With `fail_on_pending = false` the action reports this and succeeds."
	return diag.Diagnostics{diag.NewErrorDiagnostic("Not Validated", detail)}
}

// maxReported is how many names are reported one by one.
const maxReported = 200

// report sends one line for each name.
func (l *looker) report(view waiter.View) {
	statuses := view.Statuses()
	names := slices.Sorted(maps.Keys(statuses))
	for _, name := range names[:min(len(names), maxReported)] {
		status := statuses[name]
		line := fmt.Sprintf("%s: %s", dcv.Printable(name), status.Status)
		if until := dcv.Value(status.ValidatedUntil); until != "" && status.Status == dcv.StatusValidated {
			line += " until " + dcv.Printable(until)
		}
		if status.Status != dcv.StatusValidated && status.Reason != nil {
			line += ". " + *status.Reason
		}
		l.say("%s", line)
	}
	if more := len(names) - maxReported; more > 0 {
		l.say("And %d more names.", more)
	}
}
