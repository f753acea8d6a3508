// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// invalidValue is the summary about a value that an argument cannot have.
const invalidValue = "Invalid Value"

// checkValidator refuses text for which check returns an error, whose message becomes the diagnostic's detail.
type checkValidator struct {
	check  func(string) error
	secret bool
}

func (v checkValidator) Description(context.Context) string {
	return "the value must be well formed"
}

func (v checkValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v checkValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !Known(req.ConfigValue) || req.ConfigValue.ValueString() == "" {
		return
	}
	if err := v.check(req.ConfigValue.ValueString()); err != nil {
		// It points at no line: Terraform prints what stands there, and a credential may stand in the same line.
		summary := invalidValue
		if v.secret {
			summary = "Invalid Credential"
		}
		resp.Diagnostics.AddError(summary, fmt.Sprintf("`%s` is not valid: it %s.", req.Path, err))
	}
}

// knownValidator warns of text that is none of the values the vendor documents. It does not refuse it: vendors add values.
type knownValidator []string

func (v knownValidator) Description(context.Context) string {
	return "one of " + strings.Join(v, ", ")
}

func (v knownValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v knownValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	value := req.ConfigValue.ValueString()
	if value == "" || slices.Contains(v, value) {
		return
	}
	resp.Diagnostics.AddAttributeWarning(req.Path, "Unknown Value", fmt.Sprintf(
		"`%s` is %q, which the vendor does not document. The vendor may know it all the same; if it does not, nothing is found. Documented "+
			"are, written like this: %s.",
		req.Path, value, strings.Join(v, ", ")))
}

// DurationValidator refuses what is not a positive Go duration.
type DurationValidator struct {
	// EmptyIsUnset lets "" through, for settings that the environment can make.
	EmptyIsUnset bool
}

// Description implements validator.Describer.
func (DurationValidator) Description(context.Context) string {
	return "a duration above zero with the units h, m and s, such as 720h or 1m30s"
}

// MarkdownDescription implements validator.Describer.
func (v DurationValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateString implements validator.String.
func (v DurationValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !Known(req.ConfigValue) || v.EmptyIsUnset && req.ConfigValue.ValueString() == "" {
		return
	}
	if _, err := ParseDuration(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Duration", fmt.Sprintf("`%s` %s.", req.Path, err))
	}
}

// CheckURL refuses what is not the address of an API.
func CheckURL(value string) error {
	_, err := client.ParseBaseURL(value)
	return err
}

// ParseDuration reads a Go duration that is above 0. The error continues a sentence that begins with the name of the argument.
func ParseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("must be a duration above zero with the units h, m and s, such as 720h or 1m30s, got %q", text)
	}
	return d, nil
}

// DomainValidator refuses what is not a DNS name, with zone also a wildcard. With ip it takes IP addresses, which can stand
// on a certificate too. In a set or a list of names it gives one error for all of them.
type DomainValidator struct {
	Zone, IP bool
}

// Description implements validator.Describer.
func (v DomainValidator) Description(context.Context) string {
	if v.Zone {
		return "the name of a DNS zone, with or without trailing dot"
	}
	return "a DNS name, with or without trailing dot"
}

// MarkdownDescription implements validator.Describer.
func (v DomainValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateString implements validator.String.
func (v DomainValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !Known(req.ConfigValue) {
		return
	}
	if err := v.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Domain Name", Unusable(req.Path.String(), []string{err.Error()}))
	}
}

func (v DomainValidator) check(name string) error {
	if _, err := netip.ParseAddr(name); err == nil && v.IP {
		return nil
	}
	if v.Zone {
		return CheckZone(name)
	}
	return checkDomain(name)
}

// ValidateSet implements validator.Set.
func (v DomainValidator) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	resp.Diagnostics.Append(checkElements(req.Path, req.ConfigValue.Elements(), "Invalid Domain Name", v.check)...)
}

// ValidateList implements validator.List. A list of names has at least one.
func (v DomainValidator) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	if Known(req.ConfigValue) && len(req.ConfigValue.Elements()) == 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "No Domain Name", fmt.Sprintf("`%s` is empty. Give at least one name.", req.Path))
	}
	resp.Diagnostics.Append(checkElements(req.Path, req.ConfigValue.Elements(), "Invalid Domain Name", v.check)...)
}

// WordsValidator refuses text that is none of the words, and a set with such an element.
type WordsValidator []string

// Description implements validator.Describer.
func (v WordsValidator) Description(context.Context) string {
	return "one of " + strings.Join(v, ", ")
}

// MarkdownDescription implements validator.Describer.
func (v WordsValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateSet implements validator.Set.
func (v WordsValidator) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	resp.Diagnostics.Append(checkElements(req.Path, req.ConfigValue.Elements(), invalidValue, v.check)...)
}

// ValidateString implements validator.String.
func (v WordsValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !Known(req.ConfigValue) {
		return
	}
	if err := v.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, invalidValue, Unusable(req.Path.String(), []string{err.Error()}))
	}
}

func (v WordsValidator) check(word string) error {
	if slices.Contains(v, word) {
		return nil
	}
	return fmt.Errorf("%q is none of %s", word, strings.Join(v, ", "))
}

// checkElements returns one error for all elements of a list or a set of text that are refused.
func checkElements(at path.Path, elements []attr.Value, summary string, check func(string) error) diag.Diagnostics {
	var problems []string
	for _, element := range elements {
		text, ok := element.(types.String)
		switch {
		case !ok || text.IsUnknown():
		case text.IsNull():
			problems = append(problems, "an element is null")
		default:
			if err := check(text.ValueString()); err != nil {
				problems = append(problems, err.Error())
			}
		}
	}
	if problems == nil {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, summary, Unusable(at.String(), problems))}
}

// Unusable says what is wrong with an argument or with its elements.
func Unusable(argument string, problems []string) string {
	if len(problems) == 1 {
		return fmt.Sprintf("`%s` cannot be used: %s.", argument, problems[0])
	}
	return fmt.Sprintf("`%s` cannot be used, for %d reasons:\n", argument, len(problems)) + bullets(problems)
}

// bullets puts each problem on a line of its own, up to MaxItemWarnings.
func bullets(problems []string) string {
	text := ""
	for _, problem := range problems[:min(len(problems), MaxItemWarnings)] {
		text += "\n  - " + problem
	}
	if more := len(problems) - MaxItemWarnings; more > 0 {
		text += fmt.Sprintf("\n  and %d more", more)
	}
	return text
}

// NoNullElements refuses a map with an element that is null.
type NoNullElements struct{}

// Description implements validator.Describer.
func (NoNullElements) Description(context.Context) string { return "no element is null" }

// MarkdownDescription implements validator.Describer.
func (v NoNullElements) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateMap implements validator.Map.
func (NoNullElements) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	var problems []string
	elements := req.ConfigValue.Elements()
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		if elements[key].IsNull() {
			problems = append(problems, fmt.Sprintf("the element %q is null", key))
		}
	}
	if problems != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Null Element", Unusable(req.Path.String(), problems))
	}
}

// TextValidator refuses text that does not match a pattern. Must says what it must be, after "must be".
type TextValidator struct {
	Pattern *regexp.Regexp
	Must    string
}

// Description implements validator.Describer.
func (v TextValidator) Description(context.Context) string { return "must be " + v.Must }

// MarkdownDescription implements validator.Describer.
func (v TextValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v TextValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !Known(req.ConfigValue) || v.Pattern.MatchString(req.ConfigValue.ValueString()) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, invalidValue, fmt.Sprintf("`%s` must be %s, got %q.", req.Path, v.Must,
		req.ConfigValue.ValueString()))
}

func checkDomain(name string) error {
	_, err := dcv.ParseDomain(name)
	return err
}

// CheckZone refuses what no name lies in.
func CheckZone(name string) error {
	if strings.HasPrefix(name, "*") {
		return fmt.Errorf("zone %q is a wildcard, and a zone is not", name)
	}
	return checkDomain(name)
}

// DurationOr reads a duration that a validator has let through already; unset it is the fallback.
func DurationOr(text types.String, fallback time.Duration) time.Duration {
	if d, err := ParseDuration(text.ValueString()); err == nil {
		return d
	}
	return fallback
}

// NameserversValidator refuses what is not a list of at least one host, each with or without a port.
type NameserversValidator struct{}

// Description implements validator.Describer.
func (NameserversValidator) Description(context.Context) string {
	return "at least one server as host:port"
}

// MarkdownDescription implements validator.Describer.
func (v NameserversValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateList implements validator.List.
func (v NameserversValidator) ValidateList(ctx context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	if !Known(req.ConfigValue) {
		return
	}
	if len(req.ConfigValue.Elements()) == 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "No Name Server", fmt.Sprintf("`%s` must name %s, or be left out.", req.Path,
			v.Description(ctx)))
	}
	resp.Diagnostics.Append(checkElements(req.Path, req.ConfigValue.Elements(), "Invalid Name Server", func(server string) error {
		_, err := dnscheck.ParseNameserver(server)
		return err
	})...)
}
