// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// ErrNotFound says that there is no object with an id; ErrSample that an object is a sample, which never changes.
var (
	ErrNotFound = errors.New("no such object")
	ErrSample   = errors.New("samples do not change")
)

// key identifies an order or a domain.
type key struct {
	svc Service
	id  ID
}

// Store holds the orders of all vendors. All methods are safe for concurrent use; functions that are handed to them are
// called under the lock and must not use the store.
type Store struct {
	interval time.Duration
	visible  func(context.Context, Challenge) bool
	quirks   Quirks

	mu      sync.Mutex
	orders  map[key]*Order
	domains map[key]*Order // by the ids of their domains
	lastID  int64
	sorted  map[Service][]*Order // by ascending id; an entry is dropped when it no longer holds
}

// NewStore returns an empty store. A read of a pending order asks visible whether its records are in DNS, unless that was
// asked for the order within the interval.
func NewStore(interval time.Duration, quirks Quirks, visible func(context.Context, Challenge) bool) *Store {
	return &Store{
		interval: interval, quirks: quirks, visible: visible,
		orders: map[key]*Order{}, domains: map[key]*Order{}, sorted: map[Service][]*Order{}, lastID: 60000,
	}
}

// Quirk tells whether a quirk is in force.
func (st *Store) Quirk(name string) bool { return st.quirks[name] }

// Add adds an order and returns its id.
func (st *Store) Add(spec Spec) (ID, error) {
	plan, err := spec.Plan()
	if err != nil {
		return "", err
	}
	return st.add(plan, nil)
}

// AddSample adds an order that never changes any more. finish, which may be nil, makes it what the vendor's document has.
func (st *Store) AddSample(spec Spec, finish func(*Order)) error {
	plan, err := spec.Plan()
	if err != nil {
		return err
	}
	_, err = st.add(plan, func(o *Order) {
		o.Sample = true
		if finish != nil {
			finish(o)
		}
	})
	return err
}

// add makes an order by a plan.
func (st *Store) add(plan Plan, finish func(*Order)) (ID, error) {
	if len(plan.Names) == 0 {
		return "", errors.New("sandbox: an order needs a name")
	}
	for _, name := range plan.Names {
		if Canonical(name) == "" {
			return "", fmt.Errorf("sandbox: %q is not a name", name)
		}
	}
	if plan.PlaceAfterReads < 0 {
		return "", fmt.Errorf("sandbox: place_after_reads %d is negative", plan.PlaceAfterReads)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	id, err := st.freeID(plan.Service, plan.ID)
	if err != nil {
		return "", err
	}
	now := time.Now().UTC()
	o := &Order{
		ID: id, Names: slices.Clone(plan.Names), Spec: plan.Spec, Stage: StageUnplaced, Created: now, Modified: now,
		Checks: plan.Checks(id, st.quirks), Quirks: st.quirks, plan: plan,
	}
	if !plan.Unplaced && plan.PlaceAfterReads == 0 {
		o.place(now)
	}
	if finish != nil {
		finish(o)
	}
	st.orders[key{plan.Service, id}] = o
	for _, c := range o.Checks {
		if c.DomainID != "" {
			st.domains[key{plan.Service, c.DomainID}] = o
		}
	}
	delete(st.sorted, plan.Service)
	return id, nil
}

// freeID returns want, or a free id where that is empty.
func (st *Store) freeID(svc Service, want ID) (ID, error) {
	if want.Number() < 0 {
		return "", fmt.Errorf("sandbox: id %s is negative", want)
	}
	if want != "" {
		if _, taken := st.orders[key{svc, want}]; taken {
			return "", fmt.Errorf("sandbox: %s already has an object %s", svc, want)
		}
		return want, nil
	}
	for {
		st.lastID++
		id := NumberID(st.lastID)
		if _, taken := st.orders[key{svc, id}]; !taken {
			return id, nil
		}
	}
}

// List makes a response of the orders of a service by ascending id, without those that are not listed.
func (st *Store) List(svc Service, respond func([]*Order) Reply) Reply {
	st.mu.Lock()
	defer st.mu.Unlock()
	return respond(st.list(svc))
}

func (st *Store) list(svc Service) []*Order {
	if all, ok := st.sorted[svc]; ok {
		return all
	}
	var all []*Order
	for key, o := range st.orders {
		if key.svc == svc && !o.plan.Unlisted {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b *Order) int { return a.ID.Compare(b.ID) })
	st.sorted[svc] = all
	return all
}

// View shows an order; false means that there is none with the id.
func (st *Store) View(svc Service, id ID, view func(*Order)) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	o, ok := st.orders[key{svc, id}]
	if ok {
		view(o)
	}
	return ok
}

// Read makes the response to a request of the API for an order: it counts the read and looks at DNS before. false means
// that there is none with the id.
func (st *Store) Read(r *http.Request, svc Service, id ID, respond func(*Order) Reply) (reply Reply, ok bool) {
	if !st.View(svc, id, (*Order).read) {
		return Reply{}, false
	}
	st.look(r.Context(), svc, id, nil)
	ok = st.View(svc, id, func(o *Order) { reply = respond(o) })
	return reply, ok
}

// OrderOf returns the id of the order that a domain belongs to, or none.
func (st *Store) OrderOf(svc Service, domain ID) ID {
	st.mu.Lock()
	defer st.mu.Unlock()
	if o, ok := st.domains[key{svc, domain}]; ok {
		return o.ID
	}
	return ""
}

// State returns the state of an order. Unlike a read of the API it neither counts nor looks at DNS.
func (st *Store) State(svc Service, id ID) (state State, err error) {
	if !st.View(svc, id, func(o *Order) { state = o.state() }) {
		return State{}, notFound(svc, id)
	}
	return state, nil
}

// States returns the states of the orders of a service that are listed, by ascending id.
func (st *Store) States(svc Service) []State {
	st.mu.Lock()
	defer st.mu.Unlock()
	states := []State{}
	for _, o := range st.list(svc) {
		states = append(states, o.state())
	}
	return states
}

// Remove removes an order with its domains, samples included.
func (st *Store) Remove(svc Service, id ID) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	o, ok := st.orders[key{svc, id}]
	if !ok {
		return notFound(svc, id)
	}
	delete(st.orders, key{svc, id})
	delete(st.sorted, svc)
	for _, c := range o.Checks {
		delete(st.domains, key{svc, c.DomainID})
	}
	return nil
}

func notFound(svc Service, id ID) error {
	return fmt.Errorf("sandbox: %s %s: %w", svc, id, ErrNotFound)
}

// look looks at DNS for every pending domain of an order, as the CA does, and marks those whose record is visible. A DNS
// failure leaves a domain pending. With asked it looks at once, whatever the interval, for the domains that asked names, and
// the next look of the interval comes when it would have come anyway.
func (st *Store) look(ctx context.Context, svc Service, id ID, asked func(*Check) bool) {
	type pending struct {
		check      *Check
		generation int
		want       Challenge
		also       string
	}
	now := time.Now().UTC()
	var all []pending
	var order *Order
	st.View(svc, id, func(o *Order) {
		order = o
		if o.Sample {
			return
		}
		for _, c := range o.Checks {
			live := c.TokenExpires.IsZero() || c.TokenExpires.After(now)
			if c.Status == StatusPending && c.Type != "" && live && (asked == nil || asked(c)) {
				all = append(all, pending{c, c.generation, c.Challenge, c.Also})
			}
		}
		if len(all) > 0 && st.interval > 0 && asked == nil {
			if now.Sub(o.looked) < st.interval {
				all = nil
			} else {
				o.looked = now
			}
		}
	})
	if len(all) == 0 {
		return
	}

	visible := make([]bool, len(all))
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i, p := range all {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			elsewhere := p.want
			elsewhere.Name = p.also
			visible[i] = p.also != "" && st.visible(ctx, elsewhere) || st.visible(ctx, p.want)
		})
	}
	wg.Wait()

	st.mu.Lock()
	defer st.mu.Unlock()
	changed := false
	for i, p := range all {
		// A token that was replaced in the meantime is not the one that was seen.
		if visible[i] && p.check.Status == StatusPending && p.check.generation == p.generation {
			p.check.validate(now)
			changed = true
		}
	}
	if changed {
		order.settle()
		order.Modified = now
	}
}
