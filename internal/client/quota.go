// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// ErrQuota is in the errors of reads whose responses have become too large together, see WithQuota.
var ErrQuota = errors.New("the responses are too large together")

// quota is how many bytes of responses are left to be taken.
type quota struct {
	bytes int64
	left  atomic.Int64
}

type quotaKey struct{}

// WithQuota returns a context in which all responses together may have so many bytes. The Get that goes
// beyond, and each one after it, ends with an error of KindBody that wraps ErrQuota. Each response is
// bounded anyway; a list that has many of them is not.
func WithQuota(ctx context.Context, bytes int64) context.Context {
	b := &quota{bytes: bytes}
	b.left.Store(bytes)
	return context.WithValue(ctx, quotaKey{}, b)
}

// charge takes a response from the quota of its context, if there is one.
func charge(ctx context.Context, got *response) *Error {
	b, ok := ctx.Value(quotaKey{}).(*quota)
	if !ok || b.left.Add(-int64(len(got.body))) >= 0 {
		return nil
	}
	return &Error{
		Kind:       KindBody,
		StatusCode: got.status,
		Message:    fmt.Sprintf("the responses have more than %d MiB together", b.bytes>>20),
		Err:        ErrQuota,
	}
}
