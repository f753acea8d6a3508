// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/sync/errgroup"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// This file is what the plural data sources share: reading something about each object of a list, while it is listed.

// detailReads is how many objects of a list are read at the same time, the most that a client has under way.
const detailReads = 32

// errNoID stands for an object that nothing more can be read about.
var errNoID = errors.New("the list gives no id for it")

// pagesAhead is how many pages of a list may wait until their objects are read, more than most lists have: a list is then
// not read slower than it can be, and how long it is does not become known late.
const pagesAhead = 1000

// lister lists objects, a page at a time.
type lister[T any] func(context.Context) iter.Seq2[[]T, error]

// listItem is what a plural data source makes of one object of a list.
type listItem[M any] struct {
	model      M
	challenges []dcv.Challenge
	// companions are the extra reads that were refused.
	companions []companion
}

// listItems is what a plural data source makes of a whole list.
type listItems[M any] struct {
	// models is never nil, and in the order of the list.
	models []M
	// subjects are what the models are of.
	subjects   []subject
	challenges [][]dcv.Challenge
}

// set fills the model with what the names of all objects need. A record outside the zones is told with the objects that need it.
func (items *listItems[M]) set(ctx context.Context, all subject, model *dcvModel) diag.Diagnostics {
	diags := model.set(ctx, all, slices.Concat(items.challenges...))
	if !diags.HasError() || model.Zones.IsNull() {
		return diags
	}
	zones, d := zoneList(ctx, model.Zones)
	if d.HasError() {
		return diags
	}
	var outside []string
	for i, challenges := range items.challenges {
		_, err := dcv.Summarize(challenges, zones)
		if _, ok := errors.AsType[*dcv.ZoneError](err); ok {
			outside = append(outside, items.subjects[i].what+" "+items.subjects[i].id)
		}
	}
	if len(outside) == 0 {
		return diags
	}
	detail := diags[0].Detail() + "\n\nNeeded by " + shortList(outside) + ". " +
		"Without `zones` the functions zone_for and relative_name find the zones of the names that you can publish, and `can(provider::certops::zone_for(fqdn, zones))` tells which these are."
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("zones"), diags[0].Summary(), detail)}
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

// readItems reads about each object of a list. One that fails is left out, with a warning; only when the list or all of its
// objects fail, or when going on is hopeless, is there an error.
func readItems[T, M any](ctx context.Context, all subject, objects lister[T], item func(*T) subject,
	read func(context.Context, *T) (listItem[M], error),
) (listItems[M], diag.Diagnostics) {
	reads, err := readListed(ctx, objects, func(ctx context.Context, object *T) (listItem[M], error) {
		result, err := read(ctx, object)
		if err != nil {
			return result, err
		}
		// A record that cannot exist spoils its own object, not the whole list. Zones are checked when all are merged.
		_, err = dcv.Summarize(result.challenges, nil)
		return result, err
	})
	items := listItems[M]{models: make([]M, 0, len(reads))}
	if err != nil {
		return items, diag.Diagnostics{readError(all, err)}
	}
	var report itemReport
	for _, r := range reads {
		subject := item(r.object)
		if r.err != nil {
			report.fail(subject, r.err)
			continue
		}
		for _, c := range r.result.companions {
			report.refuse(subject, c)
		}
		items.models = append(items.models, r.result.model)
		items.subjects = append(items.subjects, subject)
		items.challenges = append(items.challenges, r.result.challenges)
	}
	return items, report.diagnostics(all, len(reads))
}

// objectRead is what came of reading about one object.
type objectRead[T, R any] struct {
	object *T
	result R
	err    error
}

// readListed calls read for every object of a list, some at the same time, and while the rest is still being listed. The
// results are in the order of the list. The error is that of the list, or one for which the rest was given up.
func readListed[T, R any](ctx context.Context, objects lister[T], read func(context.Context, *T) (R, error)) ([]*objectRead[T, R], error) {
	r := newEachReader(client.WithBudget(ctx, listBudget), read)
	listed := make(chan []T, pagesAhead)
	r.group.Go(func() error {
		defer close(listed)
		for page, err := range objects(r.ctx) {
			if err != nil {
				return err
			}
			listed <- page
		}
		return nil
	})
	for page := range listed {
		r.start(page)
	}
	return r.reads, r.group.Wait()
}

// readEach calls read for every object, some at the same time. The results are in the order of the objects. The error is one
// for which the rest was given up.
func readEach[T, R any](ctx context.Context, objects []T, read func(context.Context, *T) (R, error)) ([]*objectRead[T, R], error) {
	r := newEachReader(ctx, read)
	r.start(objects)
	return r.reads, r.group.Wait()
}

// eachReader reads about objects, up to detailReads at the same time.
type eachReader[T, R any] struct {
	ctx    context.Context
	read   func(context.Context, *T) (R, error)
	reads  []*objectRead[T, R]
	group  *errgroup.Group
	slots  chan struct{}
	outage atomic.Int32 // failures of the service since it last answered
}

// listBudget is how many bytes all answers of one list may have, with what is read about its objects: enough for 100,000
// objects of 2.5 kB.
const listBudget = 256 << 20

func newEachReader[T, R any](ctx context.Context, read func(context.Context, *T) (R, error)) *eachReader[T, R] {
	group, ctx := errgroup.WithContext(ctx)
	return &eachReader[T, R]{ctx: ctx, read: read, group: group, slots: make(chan struct{}, detailReads)}
}

// start begins to read about objects. It waits for free slots, which reads leave also when all is given up.
func (r *eachReader[T, R]) start(objects []T) {
	for i := range objects {
		one := &objectRead[T, R]{object: &objects[i]}
		r.reads = append(r.reads, one)
		r.slots <- struct{}{}
		r.group.Go(func() error {
			defer func() { <-r.slots }()
			one.result, one.err = r.read(r.ctx, one.object)
			switch outlookAfter(one.err) {
			case serviceAnswered:
				r.outage.Store(0)
			case serviceFailed:
				// A service that is down would otherwise be asked, with all retries, for each of thousands.
				if r.outage.Add(1) >= detailReads {
					return one.err
				}
			case serviceClosed:
				return one.err
			}
			return nil
		})
	}
}

// outlook is what a read tells of the reads to come.
type outlook int

const (
	serviceAnswered outlook = iota // it answered, if only to refuse
	serviceFailed                  // it did not, this time
	serviceClosed                  // no other read will fare better
)

func outlookAfter(err error) outlook {
	e, ok := errors.AsType[*client.Error](err)
	switch {
	case !ok:
		return serviceAnswered
	case errors.Is(err, client.ErrBudget):
		return serviceClosed
	}
	switch e.Kind {
	case client.KindCanceled, client.KindUnauthorized, client.KindToken:
		// Failed authentications are counted, and too many of them lock a key out.
		return serviceClosed
	case client.KindUnavailable, client.KindRateLimited, client.KindTimeout, client.KindNetwork, client.KindDNS, client.KindTLS, client.KindRedirect:
		return serviceFailed
	}
	return serviceAnswered
}

// expectedReads is what a plural data source announces to its client.
func expectedReads(details bool) int {
	if details {
		return detailReads
	}
	return 1
}

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
