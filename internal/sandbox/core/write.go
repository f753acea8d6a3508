// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"context"
	"errors"
	"time"
)

// LookAtOnce looks at DNS for the domains of an order that asked names, as the CA does when it is asked to. The error says that
// the order does not wait for records.
func (st *Store) LookAtOnce(ctx context.Context, svc Service, id ID, asked func(*Check) bool) error {
	err := st.edit(svc, id, func(o *Order, _ time.Time) error {
		if o.Stage == StageUnplaced || o.Stage == StageCanceled || o.Stage == StageFailed {
			return errors.New("the order does not wait for records")
		}
		return nil
	})
	if err == nil {
		st.look(ctx, svc, id, asked)
	}
	return err
}

// Submit submits one domain for validation again, by another method where one is given. It gets a new token, and the one
// before it validates nothing any more. An issued order stays issued.
func (st *Store) Submit(svc Service, domain ID, method string) error {
	return st.edit(svc, st.OrderOf(svc, domain), func(o *Order, now time.Time) error {
		c := o.Check(domain)
		if method != "" {
			c.Method = method
		}
		c.assign(svc, now)
		if o.Stage != StageIssued {
			o.settle()
		}
		return nil
	})
}

// HoldUntil moves the validation of a domain in time, so that it ends then; "" means every domain of the order.
func (st *Store) HoldUntil(svc Service, id ID, domain string, end time.Time) error {
	return st.editDomain(svc, id, domain, func(c *Check, _ time.Time) {
		if c.Status == StatusValidated {
			c.ValidatedUntil = end.UTC().Truncate(time.Second)
			c.Approved = c.ValidatedUntil.Add(-ValidationReuse)
		}
	})
}
