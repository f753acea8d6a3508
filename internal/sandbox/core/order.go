// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Stage tells how far an order of names has come, in the same words for every vendor.
type Stage string

// The stages of an order.
const (
	// StageUnplaced means that the order was not placed at the CA yet: there is nothing to publish.
	StageUnplaced Stage = "unplaced"
	// StageTokenAssigned means that the CA waits for records.
	StageTokenAssigned Stage = "token_assigned"
	// StageValidated means that every domain is validated.
	StageValidated Stage = "validated"
	// StageIssued means that the certificate is issued.
	StageIssued Stage = "issued"
	// StageFailed means that the CA rejected a domain.
	StageFailed Stage = "failed"
	// StageCanceled means that the order was canceled.
	StageCanceled Stage = "canceled"
)

// Status tells where one domain stands.
type Status string

// The statuses of a domain.
const (
	StatusPending   Status = "pending"
	StatusValidated Status = "validated"
	StatusFailed    Status = "failed"
)

// ValidationReuse is how long a validation holds, and tokenValidity how long tokens can be used.
const (
	ValidationReuse = 199 * 24 * time.Hour
	tokenValidity   = 30 * 24 * time.Hour
)

// Challenge is one domain validation of an object and the record that it takes.
type Challenge struct {
	// Domain is what the CA validates, Names the names on the certificate that it covers.
	Domain string   `json:"domain"`
	Names  []string `json:"names"`
	// DomainID is the vendor's id of the domain, empty where there is none.
	DomainID ID     `json:"domain_id,omitempty"`
	Method   string `json:"method"`
	Status   Status `json:"status"`
	// Type, Name and Value are the record, empty before the order is placed and for methods without a record. Name and a
	// CNAME's Value have no trailing dot.
	Type  string `json:"type,omitempty"`
	Name  string `json:"name,omitempty"`
	Value string `json:"value,omitempty"`
	// TokenExpires is when the token ends, ValidatedUntil when the validation does; zero where that does not apply.
	TokenExpires   time.Time `json:"token_expires,omitzero"`
	ValidatedUntil time.Time `json:"validated_until,omitzero"`
}

// State is the state of an order.
type State struct {
	Service Service `json:"service"`
	// Kind is what the vendor calls an order, and Status its word for where the order stands, empty for samples.
	Kind       string      `json:"kind"`
	ID         ID          `json:"id"`
	Stage      Stage       `json:"stage"`
	Status     string      `json:"status,omitempty"`
	Sample     bool        `json:"sample"`
	Reads      int         `json:"reads"`
	Challenges []Challenge `json:"challenges"`
}

// Spec describes an order to add, in the words of its vendor.
type Spec interface {
	// Plan checks the description and says how the order is made.
	Plan() (Plan, error)
}

// Plan says how an order is made.
type Plan struct {
	Service Service
	// Kind is what the vendor calls an order, and Status tells its word for where one stands; it may be nil.
	Kind   string
	Status func(*Order) string
	// ID is the order's id; empty has one assigned.
	ID ID
	// Names are the names to validate, as ordered; the first is the common name.
	Names []string
	// Validated are the names that are validated before the order is placed.
	Validated []string
	// Unplaced and PlaceAfterReads keep the order in StageUnplaced, see Process of Realtime Register.
	Unplaced        bool
	PlaceAfterReads int
	// Unlisted leaves the order out of lists.
	Unlisted bool
	// RenewedAsNew says that the renewal of the order is an order of its own.
	RenewedAsNew bool
	// Spec is the description with its defaults.
	Spec Spec
	// Checks makes the domain validations of the order with an id.
	Checks func(ID, Quirks) []*Check
}

// Order is an order of names. The store's lock protects it: vendors see it in the functions that they hand to the store.
type Order struct {
	ID       ID
	Names    []string
	Spec     Spec
	Stage    Stage
	Sample   bool
	Renewing bool
	Created  time.Time
	Modified time.Time
	Issued   time.Time // zero before the certificate is issued
	Checks   []*Check
	Quirks   Quirks

	plan   Plan
	reads  int
	looked time.Time // when DNS was last looked at for it
}

// Check is one domain validation of an order.
type Check struct {
	Challenge
	// Seed is what the tokens are derived from.
	Seed string
	// Assign sets the token and the record by a seed that is new each time, and tells whether the token expires.
	Assign func(c *Check, seed string) (expires bool)
	// Also is another name at which the record may stand.
	Also     string
	Token    string
	Approved time.Time

	generation int // counts the tokens
}

// CommonName is the first name.
func (o *Order) CommonName() string { return o.Names[0] }

// Check returns the validation of the domain with an id, or nil.
func (o *Order) Check(domain ID) *Check {
	if i := slices.IndexFunc(o.Checks, func(c *Check) bool { return c.DomainID == domain }); i >= 0 {
		return o.Checks[i]
	}
	return nil
}

// DomainID is the id of the domain at an index of an order, where vendors have numbers for both.
func DomainID(order ID, index int) ID { return NumberID(order.Number()*1000 + int64(index) + 1) }

// Canonical returns a name as the CA validates it: lower-case, without "*." and trailing dot.
func Canonical(name string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(name, "*."), "."))
}

// OneOf checks a value against those allowed; empty means the first.
func OneOf(what, value string, allowed ...string) (string, error) {
	if value == "" {
		return allowed[0], nil
	}
	if !slices.Contains(allowed, value) {
		return "", fmt.Errorf("sandbox: %s %q is not one of %s", what, value, strings.Join(allowed, ", "))
	}
	return value, nil
}

// state returns the public view of an order.
func (o *Order) state() State {
	st := State{Service: o.plan.Service, Kind: o.plan.Kind, ID: o.ID, Stage: o.Stage, Sample: o.Sample, Reads: o.reads}
	if !o.Sample && o.plan.Status != nil {
		st.Status = o.plan.Status(o)
	}
	for _, c := range o.Checks {
		ch := c.Challenge
		ch.Names = slices.Clone(ch.Names)
		st.Challenges = append(st.Challenges, ch)
	}
	return st
}

// read counts a read of the API and places the order when its time has come.
func (o *Order) read() {
	o.reads++
	if after := o.plan.PlaceAfterReads; o.Stage == StageUnplaced && after > 0 && o.reads > after {
		now := time.Now().UTC()
		o.place(now)
		o.Modified = now
	}
}

// place assigns the first tokens.
func (o *Order) place(now time.Time) {
	if o.Stage != StageUnplaced {
		return
	}
	validated := map[string]bool{}
	for _, name := range o.plan.Validated {
		validated[Canonical(name)] = true
	}
	for _, c := range o.Checks {
		c.assign(o.plan.Service, now)
		if validated[Canonical(c.Domain)] {
			c.validate(now)
		}
	}
	o.settle()
}

// settle derives the stage from the checks.
func (o *Order) settle() {
	if o.Stage == StageCanceled {
		return
	}
	stage := StageValidated
	if o.Stage == StageIssued {
		stage = StageIssued
	}
	for _, c := range o.Checks {
		switch c.Status {
		case StatusFailed:
			o.Stage = StageFailed
			return
		case StatusPending:
			stage = StageTokenAssigned
		}
	}
	o.Stage = stage
}

// assign gives a check its next token and makes it pending. Tokens are derived and not drawn, so that a run of the
// simulator is like the one before.
func (c *Check) assign(svc Service, now time.Time) {
	c.generation++
	c.Status = StatusPending
	c.Approved, c.ValidatedUntil, c.TokenExpires = time.Time{}, time.Time{}, time.Time{}
	if c.Assign(c, fmt.Sprintf("%s %s %d", svc, c.Seed, c.generation)) {
		c.TokenExpires = now.Add(tokenValidity).Truncate(time.Second)
	}
}

// validate makes a check validated.
func (c *Check) validate(now time.Time) {
	if c.Status == StatusValidated {
		return
	}
	c.Status = StatusValidated
	c.Approved = now.Truncate(time.Second)
	c.ValidatedUntil = c.Approved.Add(ValidationReuse)
}
