// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"golang.org/x/sync/errgroup"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// This file is what the plural data sources share: reading something about each object of a list.

// detailReads is how many objects of a list are read at the same time, the most that a client has under way.
const detailReads = 32

// errNoID stands for an object that nothing more can be read about.
var errNoID = errors.New("the list gives no id for it")

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
	models     []M
	challenges []dcv.Challenge
}

// readItems reads about each object of a list. One that fails is left out, with a warning; only when all fail, or when
// going on is hopeless, is there an error.
func readItems[T, M any](ctx context.Context, list subject, objects []T, item func(*T) subject,
	read func(context.Context, *T) (listItem[M], error),
) (listItems[M], diag.Diagnostics) {
	items := listItems[M]{models: make([]M, 0, len(objects))}
	results, errs, hopeless := readEach(ctx, objects, func(ctx context.Context, object *T) (listItem[M], error) {
		result, err := read(ctx, object)
		if err != nil {
			return result, err
		}
		// A record that cannot exist spoils its own object, not the whole list. Zones are checked when all are merged.
		_, err = dcv.Summarize(result.challenges, nil)
		return result, err
	})
	if hopeless != nil {
		return items, diag.Diagnostics{readError(list, hopeless)}
	}
	var report itemReport
	for i := range objects {
		subject := item(&objects[i])
		if errs[i] != nil {
			report.fail(subject, errs[i])
			continue
		}
		for _, c := range results[i].companions {
			report.refuse(subject, c)
		}
		items.models = append(items.models, results[i].model)
		items.challenges = append(items.challenges, results[i].challenges...)
	}
	return items, report.diagnostics(list, len(objects))
}

// readEach calls read for every object, some at the same time. The errors are one an object; hopeless is the one for
// which the rest was given up.
func readEach[T, R any](ctx context.Context, objects []T, read func(context.Context, *T) (R, error)) (results []R, errs []error, hopeless error) {
	results = make([]R, len(objects))
	errs = make([]error, len(objects))
	var outage atomic.Int32
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(detailReads)
	for i := range objects {
		group.Go(func() error {
			results[i], errs[i] = read(ctx, &objects[i])
			switch outlookAfter(errs[i]) {
			case serviceAnswered:
				outage.Store(0)
			case serviceFailed:
				// A service that is down would otherwise be asked, with all retries, for each of thousands.
				if outage.Add(1) >= detailReads {
					return errs[i]
				}
			case serviceClosed:
				return errs[i]
			}
			return nil
		})
	}
	return results, errs, group.Wait()
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
	if !ok {
		return serviceAnswered
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
