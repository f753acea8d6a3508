// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/certops/terraform-provider-certops/internal/client"
)

// This file is the only place that turns failed requests into diagnostics. A diagnostic says what was being read, its id,
// what the vendor answered and what to do; it never holds a credential, since client.Error has none.

// subject is what was being read.
type subject struct {
	service service
	// noun is what the diagnostic's summary calls it in title case, for instance "DigiCert Request".
	noun string
	// what is what sentences call it, for instance "request".
	what string
	// id as the user gave it; "" for lists.
	id string
	// attribute that holds the id, for instance "request_id".
	attribute string
}

func (s subject) String() string {
	if s.id == "" {
		return s.what + " at " + s.service.displayName()
	}
	return s.what + " " + s.id + " at " + s.service.displayName()
}

// part is the subject of an extra read that belongs to s.
func (s subject) part(what string) subject {
	s.what = what + " of " + s.what
	return s
}

// readError is the diagnostic of a read that failed for good.
func readError(s subject, err error) diag.Diagnostic {
	summary, detail := "Unable to Read "+s.noun, failureDetail(s, s.String(), err)
	if e, ok := errors.AsType[*client.Error](err); ok && s.attribute != "" && (e.Kind == client.KindNotFound || e.Kind == client.KindInvalid) {
		return diag.NewAttributeErrorDiagnostic(path.Root(s.attribute), summary, detail)
	}
	return diag.NewErrorDiagnostic(summary, detail)
}

// companionWarning is the diagnostic of a refused extra read, whose attributes stay null or empty. The part is what
// was left out, for instance "the DCV token of domain 1234"; option is the argument that switches the extra read off.
func companionWarning(s subject, part, option string, err error) diag.Diagnostic {
	detail := failureDetail(s, s.part(part).String(), err) +
		"\n\nThe rest was read; what belongs to " + part + " is null or empty."
	if option != "" {
		detail += " Set `" + option + " = false` to do without it and without this warning."
	}
	return diag.NewWarningDiagnostic("Incomplete "+s.noun, detail)
}

// companion is an extra read that failed.
type companion struct {
	// part is what was left out, for instance "the DCV token of domain 1234".
	part string
	// option is the argument that switches the extra read off, "" where there is none.
	option string
	err    error
}

func (c companion) Error() string { return c.err.Error() }
func (c companion) Unwrap() error { return c.err }

// companionDiagnostics tells which extra reads were refused (warnings) and which failed (errors).
func companionDiagnostics(s subject, failed []companion) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, c := range failed {
		if refused(c.err) {
			diags.Append(companionWarning(s, c.part, c.option, c.err))
		} else {
			diags.Append(readError(s.part(c.part), c.err))
		}
	}
	return diags
}

// refusedOnly returns the extra reads that were refused, or the first that failed as an error.
func refusedOnly(failed []companion) ([]companion, error) {
	for _, c := range failed {
		if !refused(c.err) {
			return nil, c
		}
	}
	return failed, nil
}

// maxItemWarnings is how many objects of a list get a warning each that tells the whole story; one more names the others.
const maxItemWarnings = 10

// itemReport collects what went wrong with the objects of a list.
type itemReport struct {
	failed  []itemProblem
	refused []itemProblem
}

type itemProblem struct {
	id      string
	summary string
	detail  string
}

// fail notes an object that could not be read.
func (r *itemReport) fail(s subject, err error) {
	what := s
	if c, ok := errors.AsType[companion](err); ok {
		what = s.part(c.part)
	}
	r.failed = append(r.failed, itemProblem{s.id, s.noun + " Left Out", failureDetail(s, what.String(), err)})
}

// refuse notes an object whose extra read was refused.
func (r *itemReport) refuse(s subject, c companion) {
	warning := companionWarning(s, c.part, c.option, c.err)
	r.refused = append(r.refused, itemProblem{s.id, warning.Summary(), warning.Detail()})
}

// diagnostics reports on a list of total objects: an error when none of them could be read.
func (r *itemReport) diagnostics(list subject, total int) diag.Diagnostics {
	if len(r.failed) == total && total > 0 {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to Read "+list.noun,
			fmt.Sprintf("Not one of %s could be read, %d in all. The first: %s", list, total, r.failed[0].detail))}
	}
	diags := itemWarnings(r.failed, "\n\nIt is left out, and its DNS records with it: a plan would destroy what was made from them.", "Left out with their DNS records")
	return append(diags, itemWarnings(r.refused, "", "Incomplete for this or a similar reason")...)
}

// itemWarnings returns the warnings, each told once. Those beyond maxItemWarnings come as one that begins with others.
func itemWarnings(problems []itemProblem, consequence, others string) diag.Diagnostics {
	var diags diag.Diagnostics
	var rest []itemProblem
	told := make(map[string]bool)
	for _, problem := range problems {
		if told[problem.detail] || len(told) == maxItemWarnings {
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
func further(problems []itemProblem) string {
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

// refused tells whether the vendor said that the credentials may not see this object: the two answers for which an
// extra read is left out with a warning.
func refused(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && (e.Kind == client.KindForbidden || e.Kind == client.KindNotFound)
}

// failureDetail tells the whole story of a failed request in plain sentences.
func failureDetail(s subject, what string, err error) string {
	var e *client.Error
	if !errors.As(err, &e) {
		return fmt.Sprintf("Reading %s failed: %s.", what, strings.TrimSuffix(err.Error(), "."))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Reading %s failed: %s\n", what, failure(s.service.displayName(), e))
	for _, detail := range e.Details {
		fmt.Fprintf(&b, "  - %s\n", detail)
	}
	fmt.Fprintf(&b, "\nRequest: %s %s", e.Method, shortened(e.URL))
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (%d attempts)", e.Attempts)
	}
	if remedy := remedy(s, e); remedy != "" {
		fmt.Fprintf(&b, "\n\n%s", remedy)
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
		what = joined("the TLS connection could not be made", said)
	case client.KindRedirect:
		what = joined(status, "the server redirects, and credentials are not sent there", said)
	case client.KindToken:
		what = joined("no access token could be obtained", status, said)
	case client.KindDecode:
		what = joined(status, fmt.Sprintf("unexpected value in %q", e.Field), said)
		if e.Field == "" {
			what = joined(status, "unexpected document", said)
		}
	default:
		if said == "" && e.Excerpt == "" {
			said = service + " gave no reason"
		}
		what = joined(status, said)
	}
	what = strings.TrimSuffix(what, ".") + "."
	if e.Excerpt != "" {
		what += " The answer begins: " + e.Excerpt
	}
	return what
}

// remedy says what to do about a failed request, "" where there is nothing.
func remedy(s subject, e *client.Error) string {
	if strings.HasPrefix(e.Excerpt, "<") {
		// The vendor's own advice would be about an answer that the vendor did not give.
		return notTheAPI(s.service.name(), e)
	}
	if errors.Is(e, client.ErrBudget) {
		return "Select fewer objects with the arguments."
	}
	if remedy := s.service.remedy(e); remedy != "" {
		return remedy
	}
	return generalRemedy(s, e)
}

// notTheAPI is what to do about an answer of something that stands before the API.
func notTheAPI(name string, e *client.Error) string {
	setting := name + ".base_url"
	if e.Method == http.MethodPost {
		setting = name + ".token_url"
	}
	return fmt.Sprintf("Something other than the API may have answered (a proxy, a firewall, a wrong `%s`). "+
		"Check the address, the proxy settings (HTTPS_PROXY, NO_PROXY), and whether the API is open to this machine.", setting)
}

// generalRemedy is what to do about a kind of failure whatever the vendor.
func generalRemedy(s subject, e *client.Error) string {
	name, service := s.service.name(), s.service.displayName()
	switch e.Kind {
	case client.KindUnauthorized, client.KindToken:
		return fmt.Sprintf("Check %s. Wrong and expired credentials are answered like this, and those of another environment than that of `%s.base_url`.", credentials(s.service), name)
	case client.KindForbidden:
		return fmt.Sprintf("%s knows the credentials, but they may not do this. Check their permissions.", service)
	case client.KindNotFound:
		if s.attribute == "" {
			return fmt.Sprintf("Check `%s.base_url`.", name)
		}
		return fmt.Sprintf("Check `%s`, and that it belongs to the account and the environment of the configured credentials.", s.attribute)
	case client.KindInvalid:
		if s.attribute == "" {
			return fmt.Sprintf("%s does not accept this request. Check the arguments.", service)
		}
		return fmt.Sprintf("%s does not accept this request. Check `%s`.", service, s.attribute)
	case client.KindRateLimited:
		return "Too many requests were sent with these credentials. Wait a while, lower -parallelism, or raise `max_retries` (" + envMaxRetries + ")."
	case client.KindUnavailable:
		return fmt.Sprintf("The fault is on the side of %s. Try again later.", service)
	case client.KindTimeout:
		return "Try again, or raise `request_timeout` (" + envRequestTimeout + ")."
	case client.KindNetwork, client.KindDNS:
		return fmt.Sprintf("Check `%s.base_url`, the network and the proxy settings (HTTPS_PROXY, NO_PROXY).", name)
	case client.KindTLS:
		return fmt.Sprintf("Check `%s.base_url`. For a private certification authority, name the file of its certificate in SSL_CERT_FILE.", name)
	case client.KindRedirect:
		return fmt.Sprintf("Set `%s.base_url` to the address at which the API answers.", name)
	case client.KindBody:
		return notTheAPI(name, e)
	case client.KindDecode:
		return "If the API does answer like this, please report it to the maintainers of the provider."
	}
	return ""
}

// credentials names the attributes and environment variables that hold a vendor's credentials.
func credentials(s service) string {
	var names []string
	for _, set := range s.settings() {
		if set.required {
			names = append(names, fmt.Sprintf("`%s.%s` (%s)", s.name(), set.name, set.env))
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

// printable is text from outside as it may stand in a message: without control characters, which could forge lines or
// steer a terminal, and not without end.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
	return shortened(text)
}

// shortened cuts what would fill a screen.
func shortened(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	cut := most
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// sentence makes an error's text into one: a capital first and a full stop last.
func sentence(err error) string {
	return phrase(err) + "."
}

// phrase is a sentence without its full stop, which Terraform adds itself to what a function says.
func phrase(err error) string {
	return capital(strings.TrimSuffix(err.Error(), "."))
}

// capital makes a text's first letter a capital.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if first == utf8.RuneError {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}
