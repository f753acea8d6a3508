// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// ErrBudget is in the errors of reads whose answers have become too large together, see WithBudget.
var ErrBudget = errors.New("the answers are too large together")

// budget is how many bytes of answers are left to be taken.
type budget struct {
	bytes int64
	left  atomic.Int64
}

type budgetKey struct{}

// WithBudget returns a context in which all answers together may have so many bytes. The Get that goes
// beyond, and each one after it, ends with an error of KindBody that wraps ErrBudget. Each answer is
// bounded anyway; a list that has many of them is not.
func WithBudget(ctx context.Context, bytes int64) context.Context {
	b := &budget{bytes: bytes}
	b.left.Store(bytes)
	return context.WithValue(ctx, budgetKey{}, b)
}

// spend takes an answer from the budget of its context, if there is one.
func spend(ctx context.Context, got *answer) *Error {
	b, ok := ctx.Value(budgetKey{}).(*budget)
	if !ok || b.left.Add(-int64(len(got.body))) >= 0 {
		return nil
	}
	return &Error{
		Kind:       KindBody,
		StatusCode: got.status,
		Message:    fmt.Sprintf("the answers have more than %d MiB together", b.bytes>>20),
		Err:        ErrBudget,
	}
}
