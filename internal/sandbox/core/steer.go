// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"errors"
	"fmt"
	"time"
)

// edit runs change on an order that is no sample, under the lock.
func (st *Store) edit(svc Service, id ID, change func(*Order, time.Time) error) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	o, ok := st.orders[key{svc, id}]
	if !ok {
		return fmt.Errorf("sandbox: %s %s: %w", svc, id, ErrNotFound)
	}
	if o.Sample {
		return fmt.Errorf("sandbox: %s %s: %w", svc, id, ErrSample)
	}
	now := time.Now().UTC()
	if err := change(o, now); err != nil {
		return fmt.Errorf("sandbox: %s %s: %w", svc, id, err)
	}
	o.Modified = now
	return nil
}

// editDomain runs change on the checks of one domain, or of all for "", and settles the stage.
func (st *Store) editDomain(svc Service, id ID, domain string, change func(*Check, time.Time)) error {
	return st.edit(svc, id, func(o *Order, now time.Time) error {
		if o.Stage == StageUnplaced {
			return errors.New("the order is not placed yet")
		}
		found := false
		for _, c := range o.Checks {
			if domain == "" || Canonical(c.Domain) == Canonical(domain) {
				change(c, now)
				found = true
			}
		}
		if !found {
			return fmt.Errorf("domain %q: %w", domain, ErrNotFound)
		}
		o.settle()
		return nil
	})
}

// Place places an unplaced order: its domains get tokens. A placed one stays as it is.
func (st *Store) Place(svc Service, id ID) error {
	return st.edit(svc, id, func(o *Order, now time.Time) error {
		o.place(now)
		return nil
	})
}

// Validate makes a domain validated without looking at DNS; "" means every domain of the order.
func (st *Store) Validate(svc Service, id ID, domain string) error {
	return st.editDomain(svc, id, domain, func(c *Check, now time.Time) { c.validate(now) })
}

// Fail makes the CA reject a domain; "" means every domain of the order. Rotate starts anew.
func (st *Store) Fail(svc Service, id ID, domain string) error {
	return st.editDomain(svc, id, domain, func(c *Check, _ time.Time) { c.Status = StatusFailed })
}

// Rotate gives new tokens to all domains of an order, which are pending afterwards.
func (st *Store) Rotate(svc Service, id ID) error {
	return st.editDomain(svc, id, "", func(c *Check, now time.Time) { c.assign(svc, now) })
}

// Expire ends what a domain has; "" means every domain of the order. The token of a pending domain expires: no record
// validates it until Rotate. A validation lapses: the domain gets a new token and is pending.
func (st *Store) Expire(svc Service, id ID, domain string) error {
	return st.editDomain(svc, id, domain, func(c *Check, now time.Time) {
		if c.Status == StatusValidated {
			c.assign(svc, now)
			return
		}
		c.TokenExpires = now.Add(-time.Second).Truncate(time.Second)
	})
}

// Issue issues the certificate of an order whose domains are all validated.
func (st *Store) Issue(svc Service, id ID) error {
	return st.edit(svc, id, func(o *Order, now time.Time) error {
		if o.Stage != StageValidated && o.Stage != StageIssued {
			return fmt.Errorf("the order is %s, not %s", o.Stage, StageValidated)
		}
		o.Stage, o.Renewing, o.Issued = StageIssued, false, now.Truncate(time.Second)
		return nil
	})
}

// Renew begins the renewal of an issued certificate and returns the id of the order that carries it on. Where a renewal is
// an order of its own that has new records, and the old one stays as it is; elsewhere it is the same order, whose domains
// stay validated.
func (st *Store) Renew(svc Service, id ID) (ID, error) {
	var again Plan
	err := st.edit(svc, id, func(o *Order, _ time.Time) error {
		if o.Stage != StageIssued {
			return fmt.Errorf("the order is %s, not %s", o.Stage, StageIssued)
		}
		again = o.plan.again()
		o.Renewing = !again.RenewedAsNew
		return nil
	})
	if err != nil || !again.RenewedAsNew {
		return id, err
	}
	return st.add(again, nil)
}

// RenewAsNew places a new order like another one and returns its id. The other one stays as it is. The new one has new
// tokens, and what is validated in the old one needs validation again.
func (st *Store) RenewAsNew(svc Service, id ID) (ID, error) {
	var again Plan
	err := st.edit(svc, id, func(o *Order, _ time.Time) error {
		again = o.plan.again()
		again.Validated = nil
		return nil
	})
	if err != nil {
		return "", err
	}
	return st.add(again, nil)
}

// again is the plan of another order like the one planned.
func (p Plan) again() Plan {
	p.ID, p.Unlisted, p.Unplaced, p.PlaceAfterReads = "", false, false, 0
	return p
}

// Cancel cancels an order: it can never be validated any more.
func (st *Store) Cancel(svc Service, id ID) error {
	return st.edit(svc, id, func(o *Order, _ time.Time) error {
		o.Stage, o.Renewing = StageCanceled, false
		return nil
	})
}
