// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// Target is what was being read.
type Target struct {
	Service Vendor
	// Noun is what the diagnostic's summary calls it in title case, for instance "DigiCert Request".
	Noun string
	// What is what sentences call it, for instance "request".
	What string
	// ID as the user gave it; "" for lists.
	ID string
	// Attribute that holds the id, for instance "request_id".
	Attribute string
}

func (s Target) String() string {
	if s.ID == "" {
		return s.What + " at " + s.Service.DisplayName()
	}
	return s.What + " " + s.ID + " at " + s.Service.DisplayName()
}

// Part is the target of an extra read that belongs to s, s itself where it has no name.
func (s Target) Part(what string) Target {
	if what != "" {
		s.What = what + " of " + s.What
	}
	return s
}

// ReadError is the diagnostic of a read that failed for good.
func ReadError(s Target, err error) diag.Diagnostic {
	summary, detail := "Unable to Read "+s.Noun, s.FailureDetail("", err)
	if e, ok := errors.AsType[*client.Error](err); ok && s.Attribute != "" && (e.Kind == client.KindNotFound || e.Kind == client.KindInvalid) {
		return diag.NewAttributeErrorDiagnostic(path.Root(s.Attribute), summary, detail)
	}
	return diag.NewErrorDiagnostic(summary, detail)
}

// OrderDiagnostics tells what of an order could not be read (errors where records would be missing, else warnings), and
// which open validations cannot be told the record of (warnings).
func OrderDiagnostics(s Target, order dcv.Order) diag.Diagnostics {
	var diags diag.Diagnostics
	var fatal []dcv.Unread
	for _, u := range order.Unread {
		if u.Fatal() {
			fatal = append(fatal, u)
		} else {
			diags.AddWarning("Incomplete "+s.Noun, unreadDetail(s, u))
		}
	}
	if len(fatal) > 0 {
		detail := unreadDetail(s, fatal[0])
		if len(fatal) > 1 {
			var parts []string
			for _, u := range fatal[1:] {
				parts = append(parts, u.Part)
			}
			detail += "\n\nNot read either: " + dcv.ShortList(parts) + "."
		}
		diags.AddError("Unable to Read "+s.Noun, detail)
	}
	var lost, unknown []dcv.Doubt
	for _, doubt := range order.Doubts {
		if doubt.Lost {
			lost = append(lost, doubt)
		} else {
			unknown = append(unknown, doubt)
		}
	}
	if len(lost) > 0 {
		diags.AddError("Unable to Read "+s.Noun, lostDetail(s, lost))
	}
	return append(diags, itemWarnings(doubtProblems(s, unknown), "", "Unknown for a similar reason")...)
}

// lostDetail tells that records are missing which the vendor should return, and what to do.
func lostDetail(s Target, lost []dcv.Doubt) string {
	detail := doubtDetail(s, lost[0])
	if len(lost) > 1 {
		var names []string
		for _, doubt := range lost[1:] {
			names = append(names, strings.Join(doubt.Names, ", "))
		}
		detail += " The same holds for " + dcv.ShortList(names) + "."
	}
	detail += fmt.Sprintf("\n\nA plan would destroy the DNS resource that was made from it. Have %s make a new token, or wait until it "+
		"returns the token.",
		s.Service.DisplayName())
	if lost[0].Option != "" {
		detail += " Set `" + lost[0].Option + " = false` to read the rest."
	}
	return detail
}

// unreadDetail tells what a supplementary read that failed means, and what to do.
func unreadDetail(s Target, u dcv.Unread) string {
	detail := s.FailureDetail(u.Part, u.Err)
	switch {
	case !u.Refused || u.Option == "" && u.Open:
		return detail
	case u.Open:
		return detail + "\n\nThe order is open. Without this part, DNS records would be missing. Set `" + u.Option + " = false` to read the rest."
	}
	detail += "\n\nThe provider read the rest. What belongs to " + u.Part + " is null or empty."
	if u.Option != "" {
		detail += " Set `" + u.Option + " = false` to skip this read and its warning."
	}
	return detail
}

// doubtProblems tell of open validations whose record cannot be told, once for each reason.
func doubtProblems(s Target, doubts []dcv.Doubt) []ItemProblem {
	var merged []dcv.Doubt
	for _, doubt := range doubts {
		i := slices.IndexFunc(merged, func(m dcv.Doubt) bool { return m.Reason == doubt.Reason })
		if i < 0 || len(doubt.Names) == 0 {
			merged = append(merged, doubt)
			continue
		}
		merged[i].Names = slices.Concat(merged[i].Names, doubt.Names)
	}
	var problems []ItemProblem
	for _, doubt := range merged {
		problems = append(problems, ItemProblem{
			id:      dcv.Printable(strings.Join(doubt.Names, ", ")),
			summary: "No Record for an Open Validation",
			detail:  doubtDetail(s, doubt),
		})
	}
	return problems
}

func doubtDetail(s Target, doubt dcv.Doubt) string {
	names := dcv.Printable(strings.Join(doubt.Names, ", "))
	if names == "" {
		names = "a name that it does not tell"
	}
	verb := "which is"
	if len(doubt.Names) > 1 {
		verb = "which are"
	}
	return fmt.Sprintf("%s has no DNS record for %s, %s not validated: %s.", dcv.Capital(s.String()), names, verb, doubt.Reason)
}

// MaxItemWarnings is how many objects of a list get a warning each that tells the whole story; one more names the others.
const MaxItemWarnings = 10

// ItemProblem is what is wrong with one object of a list.
type ItemProblem struct {
	id      string
	summary string
	detail  string
}

// itemWarnings returns the warnings, each told once. Those beyond MaxItemWarnings come as one that begins with others.
func itemWarnings(problems []ItemProblem, consequence, others string) diag.Diagnostics {
	var diags diag.Diagnostics
	var rest []ItemProblem
	told := make(map[string]bool)
	for _, problem := range problems {
		if told[problem.detail] || len(told) == MaxItemWarnings {
			rest = append(rest, problem)
			continue
		}
		told[problem.detail] = true
		diags.AddWarning(problem.summary, problem.detail+consequence)
	}
	if len(rest) > 0 {
		diags.AddWarning(rest[0].summary, fmt.Sprintf("%s, %s.", others, further(rest)))
	}
	return diags
}

// maxIDs is how many ids one warning names.
const maxIDs = 100

// further counts the objects of problems, and names them as far as they have ids.
func further(problems []ItemProblem) string {
	var ids []string
	nameless := 0
	for i, problem := range problems {
		switch {
		case problem.id == "":
			nameless++
		case i == 0 || problems[i-1].id != problem.id:
			ids = append(ids, problem.id)
		}
	}
	text := fmt.Sprintf("%d more", len(ids)+nameless)
	if nameless > 0 {
		text += fmt.Sprintf(" (%d without an id)", nameless)
	}
	if len(ids) > 0 {
		text += ": " + strings.Join(ids[:min(len(ids), maxIDs)], ", ")
	}
	if len(ids) > maxIDs {
		text += " and others"
	}
	return text
}

// FailureDetail tells the whole story of a failed read in plain sentences. The part is that of an extra read, "" for the target itself.
func (s Target) FailureDetail(part string, err error) string {
	return RequestDetail(s, "Reading "+s.Part(part).String(), err)
}

// RequestDetail is FailureDetail for any request. doing says what the request was for, as the subject of a sentence.
func RequestDetail(s Target, doing string, err error) string {
	var e *client.Error
	if !errors.As(err, &e) {
		return fmt.Sprintf("%s failed: %s.", doing, strings.TrimSuffix(err.Error(), "."))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s failed: %s\n", doing, failure(s.Service.DisplayName(), e))
	for _, detail := range e.Details {
		fmt.Fprintf(&b, "  - %s\n", detail)
	}
	fmt.Fprintf(&b, "\nRequest: %s %s", e.Method, dcv.Shortened(e.URL))
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (%d attempts)", e.Attempts)
	}
	if advice := hint(s, e); advice != "" {
		fmt.Fprintf(&b, "\n\n%s", advice)
	}
	return b.String()
}

// failure says in one line what went wrong. It uses the message of the error and not its cause, whose text nobody has
// searched for credentials.
func failure(service string, e *client.Error) string {
	status := ""
	if e.StatusCode != 0 {
		status = strings.TrimSpace(fmt.Sprintf("HTTP %d %s", e.StatusCode, http.StatusText(e.StatusCode)))
	}
	said := joined(e.Code, e.Message)
	var what string
	switch e.Kind {
	case client.KindCanceled:
		return "interrupted."
	case client.KindTimeout:
		what = joined("it took too long", said)
	case client.KindNetwork:
		what = joined("the connection failed", said)
	case client.KindDNS:
		what = joined("the host name could not be resolved", said)
	case client.KindTLS:
		what = joined("the TLS connection failed", said)
	case client.KindRedirect:
		what = joined(status, "the server redirects to another address, and the provider does not send credentials there", said)
	case client.KindDecode:
		what = joined(status, fmt.Sprintf("unexpected value in %q", e.Field), said)
		if e.Field == "" {
			what = joined(status, "unexpected document", said)
		}
	default:
		if said == "" {
			said = service + " gave no reason"
		}
		what = joined(status, said)
	}
	if e.Token {
		what = joined("no access token could be obtained", what)
	}
	what = strings.TrimSuffix(what, ".") + "."
	return what
}

// hint says what to do about a failed request, "" where there is nothing.
func hint(s Target, e *client.Error) string {
	if e.HTML {
		// The vendor's own advice would be about a response that the vendor did not give.
		return notTheAPIHint(s.Service.Name(), e)
	}
	if errors.Is(e, client.ErrQuota) {
		return "Select fewer objects with the arguments."
	}
	if advice := s.Service.Hint(e); advice != "" {
		return advice
	}
	return generalHint(s, e)
}

// notTheAPIHint is what to do about a response of something that stands before the API.
func notTheAPIHint(name string, e *client.Error) string {
	setting := name + ".base_url"
	if e.Token {
		setting = name + ".token_url"
	}
	return fmt.Sprintf("Something other than the API may have responded (a proxy, a firewall, a wrong `%s`). "+
		"Check the address, the proxy settings (HTTPS_PROXY, NO_PROXY), and whether the API is open to this machine.", setting)
}

// generalHint is what to do about a kind of failure whatever the vendor.
func generalHint(s Target, e *client.Error) string {
	name, service := s.Service.Name(), s.Service.DisplayName()
	switch e.Kind {
	case client.KindUnauthorized:
		return fmt.Sprintf("Check %s. The API returns this for wrong or expired credentials, and for credentials of "+
			"another environment than `%s.base_url`.", Credentials(s.Service), name)
	case client.KindForbidden:
		return fmt.Sprintf("%s knows the credentials, but they may not do this. Check their permissions.", service)
	case client.KindNotFound:
		if s.Attribute == "" {
			return fmt.Sprintf("Check `%s.base_url`.", name)
		}
		return fmt.Sprintf("Check `%s`, and that it belongs to the account and the environment of the configured credentials.", s.Attribute)
	case client.KindInvalid:
		if s.Attribute == "" {
			return fmt.Sprintf("%s does not accept this request. Check the arguments.", service)
		}
		return fmt.Sprintf("%s does not accept this request. Check `%s`.", service, s.Attribute)
	case client.KindRateLimited:
		return "Too many requests were sent with these credentials. Wait a while, lower -parallelism, or raise `max_retries` (" +
			EnvMaxRetries + ")."
	case client.KindUnavailable:
		return fmt.Sprintf("%s has a problem. Try again later.", service)
	case client.KindTimeout:
		return "Try again, or raise `request_timeout` (" + EnvRequestTimeout + ")."
	case client.KindNetwork, client.KindDNS:
		return fmt.Sprintf("Check `%s.base_url`, the network and the proxy settings (HTTPS_PROXY, NO_PROXY).", name)
	case client.KindTLS:
		return fmt.Sprintf("Check `%s.base_url`. For a private certificate authority, name the file of its certificate in SSL_CERT_FILE.", name)
	case client.KindRedirect:
		return fmt.Sprintf("Set `%s.base_url` to the address at which the API responds.", name)
	case client.KindBody:
		return notTheAPIHint(name, e)
	case client.KindDecode:
		return "If the API does respond like this, please report it to the maintainers of the provider."
	}
	return ""
}

// Credentials names the attributes and environment variables that hold a vendor's credentials.
func Credentials(s Vendor) string {
	var names []string
	for _, set := range s.Settings() {
		if set.Required {
			names = append(names, fmt.Sprintf("`%s.%s` (%s)", s.Name(), set.Name, set.Env))
		}
	}
	return strings.Join(names, " and ")
}

// joined puts the parts that are not empty into one line.
func joined(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, ": ")
}

// Sentence makes an error's text into one: a capital first and a full stop last.
func Sentence(err error) string {
	return Phrase(err) + "."
}

// Phrase is a sentence without its full stop, which Terraform adds itself to what a function says.
func Phrase(err error) string {
	return dcv.Capital(strings.TrimSuffix(err.Error(), "."))
}
