// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// ErrNoID stands for an object that nothing more can be read about.
var ErrNoID = errors.New("the list gives no id for it")

// lister lists objects.
type lister[T any] func(context.Context) ([]T, error)

// ListItem is what a plural data source makes of one object of a list.
type ListItem[M any] struct {
	Model M
	Order dcv.Order
}

// ListItems is what a plural data source makes of a whole list.
type ListItems[M any] struct {
	// Models is never nil, and in the order of the list.
	Models []M
	// Challenges say which object they belong to.
	Challenges []dcv.Challenge
}

// AllowPartialModel is the argument that makes do with what could be read.
type AllowPartialModel struct {
	AllowPartial types.Bool `tfsdk:"allow_partial"`
}

// WithList adds what all plural data sources with DNS records share.
func WithList(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	attributes["allow_partial"] = schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "`true` leaves out an object that cannot be read completely, with a warning. It is meant for reports: **never " +
			"feed DNS resources from a partial read**, since a plan would destroy the records of what was left out. Default: `false`, an object " +
			"that cannot be read completely is an error.",
	}
	attributes = WithDCV(attributes)
	for name, text := range map[string]string{
		"dns_records": DNSRecordsDescription, "dns_record_sets": DNSRecordSetsDescription,
	} {
		if attribute, ok := attributes[name].(schema.MapAttribute); ok {
			attribute.MarkdownDescription = strings.Replace(text, keyDescription, listKeyDescription, 1)
			attributes[name] = attribute
		}
	}
	return attributes
}

// NeedlessZones warns of zones where no records are read. The option is the argument that has them read.
func NeedlessZones(zones types.Set, read bool, option string) diag.Diagnostics {
	if zones.IsNull() || read {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("zones"), "Zones Without Records",
		"`zones` has no effect, since without `"+option+"` no DNS records are read. Set `"+option+" = true`, or leave `zones` out.")}
}

// ReadItems reads about each object of a list. One that cannot be read completely is an error, or with partial is left out
// with a warning. It is an error in any case when the list cannot be read, when none of its objects can, or when a failure
// stops the reading of the others, such as a refused credential.
func ReadItems[T, M any](ctx context.Context, all Target, partial bool, objects lister[T], item func(*T) Target,
	read func(context.Context, *T) (ListItem[M], error),
) (ListItems[M], diag.Diagnostics) {
	items := ListItems[M]{Models: []M{}}
	ctx = client.WithQuota(ctx, ListQuota)
	listed, err := objects(ctx)
	if err != nil {
		return items, diag.Diagnostics{ReadError(all, err)}
	}
	reads, err := client.ReadEach(ctx, listed, read)
	if err != nil {
		return items, diag.Diagnostics{ReadError(all, err)}
	}
	var failed, refused []ItemProblem
	for _, r := range reads {
		target := item(r.Object)
		problems := ItemProblems(target, r.Result.Order, r.Err)
		if len(problems) > 0 {
			failed = append(failed, problems...)
			continue
		}
		for _, u := range r.Result.Order.Unread {
			refused = append(refused, ItemProblem{target.ID, "Incomplete " + target.Noun, unreadDetail(target, u)})
		}
		items.Models = append(items.Models, r.Result.Model)
		items.Challenges = append(items.Challenges, r.Result.Order.From(target.What+" "+target.ID).Challenges...)
	}
	diags := FailedItems(all, failed, len(reads), len(reads)-len(items.Models), partial)
	return items, append(diags, itemWarnings(refused, "", "Incomplete for this or a similar reason")...)
}

// ItemProblems say what keeps an object of a list from being read completely.
func ItemProblems(s Target, order dcv.Order, err error) []ItemProblem {
	if err != nil {
		return []ItemProblem{{s.ID, "Unable to Read " + s.Noun, s.FailureDetail("", err)}}
	}
	for _, u := range order.Unread {
		if u.Fatal() {
			u.Option = ""
			return []ItemProblem{{s.ID, "Unable to Read " + s.Noun, unreadDetail(s, u)}}
		}
	}
	if len(order.Doubts) > 0 {
		return []ItemProblem{{s.ID, "Unable to Read " + s.Noun, doubtDetail(s, order.Doubts[0])}}
	}
	return nil
}

// FailedItems reports on the objects of a list that could not be read completely, left of total in all.
func FailedItems(list Target, failed []ItemProblem, total, left int, partial bool) diag.Diagnostics {
	switch {
	case len(failed) == 0:
		return nil
	case left == total:
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to Read "+list.Noun,
			fmt.Sprintf("None of the %d %s could be read. The first: %s", total, list, failed[0].detail))}
	case partial:
		return itemWarnings(failed, "\n\nIt is left out, with its DNS records, because `allow_partial` is set. Do not feed DNS resources from "+
			"this data source.",
			"Left out with their DNS records")
	}
	detail := failed[0].detail + "\n\nDNS records would be missing, and a plan would destroy what was made from them. " +
		"Select other objects with the arguments, or set `allow_partial = true` for a report that no DNS resource is fed from."
	if len(failed) > 1 {
		detail += "\n\nAlso not readable: " + further(failed[1:]) + "."
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic(failed[0].summary, detail)}
}

// ListQuota is how many bytes all responses of one list may have, with what is read about its objects. The provider then needs
// less than 512 MiB (measured in benchmarks): a small object takes up to six times the memory of its response.
const ListQuota = 64 << 20

var notEmpty = regexp.MustCompile(`.`)

// FilterAttribute is an argument that selects objects of a list. With a value other than those known, if any are, there is a
// warning.
func FilterAttribute(description string, known ...string) schema.StringAttribute {
	attribute := schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: description,
		Validators:          []validator.String{TextValidator{Pattern: notEmpty, Must: "text, or left out to select everything"}},
	}
	if known != nil {
		attribute.MarkdownDescription += " Documented, in just this spelling: `" + strings.Join(known, "`, `") + "`."
		attribute.Validators = append(attribute.Validators, knownValidator(known))
	}
	return attribute
}
