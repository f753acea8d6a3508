// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// This file is what the plural data sources share: reading something about each object of a list, while it is listed.

// errNoID stands for an object that nothing more can be read about.
var errNoID = errors.New("the list gives no id for it")

// lister lists objects.
type lister[T any] func(context.Context) ([]T, error)

// listItem is what a plural data source makes of one object of a list.
type listItem[M any] struct {
	model M
	order dcv.Order
}

// listItems is what a plural data source makes of a whole list.
type listItems[M any] struct {
	// models is never nil, and in the order of the list.
	models []M
	// challenges say which object they belong to.
	challenges []dcv.Challenge
}

// allowPartialModel is the argument that makes do with what could be read.
type allowPartialModel struct {
	AllowPartial types.Bool `tfsdk:"allow_partial"`
}

// withList adds what all plural data sources with DNS records share.
func withList(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	attributes["allow_partial"] = schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "`true` leaves out an object that cannot be read completely, with a warning. It is meant for reports: **never feed DNS resources from a partial read**, " +
			"since a plan would destroy the records of what was left out. Default: `false`, an object that cannot be read completely is an error.",
	}
	attributes = withDCV(attributes)
	for name, text := range map[string]string{
		"dns_records": dnsRecordsDescription, "dns_record_sets": dnsRecordSetsDescription,
	} {
		if attribute, ok := attributes[name].(schema.MapAttribute); ok {
			attribute.MarkdownDescription = strings.Replace(text, keyDescription, listKeyDescription, 1)
			attributes[name] = attribute
		}
	}
	return attributes
}

// shortList lists the first few texts and counts the others.
func shortList(texts []string) string {
	if more := len(texts) - maxItemWarnings; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(texts[:maxItemWarnings], ", "), more)
	}
	return strings.Join(texts, ", ")
}

// needlessZones warns of zones where no records are read. The option is the argument that has them read.
func needlessZones(zones types.Set, read bool, option string) diag.Diagnostics {
	if zones.IsNull() || read {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("zones"), "Zones Without Records",
		"`zones` has no effect, since without `"+option+"` no DNS records are read. Set `"+option+" = true`, or leave `zones` out.")}
}

// readItems reads about each object of a list. One that cannot be read completely is an error, or with partial is left out
// with a warning. Where the list or all of its objects fail, or going on is hopeless, there is an error in any case.
func readItems[T, M any](ctx context.Context, all target, partial bool, objects lister[T], item func(*T) target,
	read func(context.Context, *T) (listItem[M], error),
) (listItems[M], diag.Diagnostics) {
	items := listItems[M]{models: []M{}}
	ctx = client.WithQuota(ctx, listQuota)
	listed, err := objects(ctx)
	if err != nil {
		return items, diag.Diagnostics{readError(all, err)}
	}
	reads, err := client.ReadEach(ctx, listed, read)
	if err != nil {
		return items, diag.Diagnostics{readError(all, err)}
	}
	var failed, refused []itemProblem
	for _, r := range reads {
		target := item(r.Object)
		problems := itemProblems(target, r.Result.order, r.Err)
		if len(problems) > 0 {
			failed = append(failed, problems...)
			continue
		}
		for _, u := range r.Result.order.Unread {
			refused = append(refused, itemProblem{target.id, "Incomplete " + target.noun, unreadDetail(target, u)})
		}
		items.models = append(items.models, r.Result.model)
		items.challenges = append(items.challenges, r.Result.order.From(target.what+" "+target.id).Challenges...)
	}
	diags := failedItems(all, failed, len(reads), len(reads)-len(items.models), partial)
	return items, append(diags, itemWarnings(refused, "", "Incomplete for this or a similar reason")...)
}

// itemProblems say what keeps an object of a list from being read completely.
func itemProblems(s target, order dcv.Order, err error) []itemProblem {
	if err != nil {
		return []itemProblem{{s.id, "Unable to Read " + s.noun, failureDetail(s, s.String(), err)}}
	}
	for _, u := range order.Unread {
		if u.Fatal() {
			u.Option = ""
			return []itemProblem{{s.id, "Unable to Read " + s.noun, unreadDetail(s, u)}}
		}
	}
	for _, doubt := range order.Doubts {
		return []itemProblem{{s.id, "Unable to Read " + s.noun, doubtDetail(s, doubt)}}
	}
	return nil
}

// failedItems reports on the objects of a list that could not be read completely, left of total in all.
func failedItems(list target, failed []itemProblem, total, left int, partial bool) diag.Diagnostics {
	switch {
	case len(failed) == 0:
		return nil
	case left == total:
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to Read "+list.noun,
			fmt.Sprintf("None of the %d %s could be read. The first: %s", total, list, failed[0].detail))}
	case partial:
		return itemWarnings(failed, "\n\nIt is left out, with its DNS records, because `allow_partial` is set. Do not feed DNS resources from this data source.",
			"Left out with their DNS records")
	}
	detail := failed[0].detail + "\n\nDNS records would be missing, and a plan would destroy what was made from them. " +
		"Select other objects with the arguments, or set `allow_partial = true` for a report that no DNS resource is fed from."
	if len(failed) > 1 {
		detail += "\n\nAlso not readable: " + further(failed[1:]) + "."
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic(failed[0].summary, detail)}
}

// listQuota is how many bytes all responses of one list may have, with what is read about its objects: enough for 100,000
// objects of 2.5 kB.
const listQuota = 256 << 20

// filterAttribute is an argument that selects objects of a list. With a value other than those known, if any are, there is a
// warning.
func filterAttribute(description string, known ...string) schema.StringAttribute {
	attribute := schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: description,
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	if known != nil {
		attribute.MarkdownDescription += " Documented, in just this spelling: `" + strings.Join(known, "`, `") + "`."
		attribute.Validators = append(attribute.Validators, knownValidator(known))
	}
	return attribute
}
