// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// EachRead is what came of reading about one object.
type EachRead[T, R any] struct {
	Object *T
	Result R
	Err    error
}

// ReadEach calls read for every object, as many at the same time as a client has requests under way. The results are in the
// order of the objects. The error is one for which the rest was given up.
func ReadEach[T, R any](ctx context.Context, objects []T, read func(context.Context, *T) (R, error)) ([]*EachRead[T, R], error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(MaxInFlight)
	var outage atomic.Int32 // failures of the service since it last responded
	reads := make([]*EachRead[T, R], len(objects))
	for i := range objects {
		one := &EachRead[T, R]{Object: &objects[i]}
		reads[i] = one
		group.Go(func() error {
			one.Result, one.Err = read(ctx, one.Object)
			switch outlookAfter(one.Err) {
			case serviceResponded:
				outage.Store(0)
			case serviceFailed:
				// A service that is down would otherwise be asked, with all retries, for each of thousands.
				if outage.Add(1) >= MaxInFlight {
					return one.Err
				}
			case serviceClosed:
				return one.Err
			}
			return nil
		})
	}
	return reads, group.Wait()
}

// outlook is what a read tells of the reads to come.
type outlook int

const (
	serviceResponded outlook = iota // the service responded, even with a refusal
	serviceFailed                   // it did not, this time
	serviceClosed                   // no other read will fare better
)

func outlookAfter(err error) outlook {
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		return serviceResponded
	case errors.Is(err, ErrQuota):
		return serviceClosed
	}
	switch e.Kind {
	case KindCanceled, KindUnauthorized:
		// Failed authentications are counted, and too many of them lock a key out.
		return serviceClosed
	case KindUnavailable, KindRateLimited, KindTimeout, KindNetwork, KindDNS, KindTLS, KindRedirect:
		return serviceFailed
	}
	return serviceResponded
}
