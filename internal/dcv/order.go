// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// ErrNoValidations means that an order is open and the response names nothing to validate: which records it needs cannot be
// told.
var ErrNoValidations = errors.New("the response names no domain to validate, although the order is open. Which records it needs " +
	"cannot be told")

// ReasonNotPlaced is the reason of names whose order the certificate authority does not have yet: no record can be needed.
const ReasonNotPlaced = "The order is not placed with the certificate authority yet, so there is no token."

// Order is what a vendor says of a certificate order at one moment, in words that are the same for every vendor.
type Order struct {
	Challenges []Challenge
	// Names are the names that the order covers besides those of Challenges, as ordered.
	Names []string
	// Issued is true when the certificate is issued: the order is done, whatever became of its validations since.
	Issued bool
	// Ended says why the order can never be validated any more; "" while it can.
	Ended string
	// Unknown is the vendor's word for a status of the order that has no known meaning; "" for all others. Such an order is
	// neither done nor ended.
	Unknown string
	// Renewing is true while the certificate is valid and about to be replaced.
	Renewing bool
	// Unread are the supplementary reads that failed: what they would have told is missing from Challenges.
	Unread []Unread
	// Doubts are open validations that may need a record which the response does not give.
	Doubts []Doubt
}

// Listed is an order of a list that may be open, before it was read itself.
type Listed struct {
	ID   string                               // "" where the list gives none
	Name string                               // the domain that the list names, "" where it names none
	Read func(context.Context) (Order, error) // never called without an id
}

// Unread is a part of an order that could not be read.
type Unread struct {
	Part string // what is missing, for instance "the DCV token of domain 1234"
	// Option is the argument that switches the read off; "" where there is none.
	Option string
	// Open is true while the order still needs what is missing.
	Open bool
	// Refused is true where the vendor said that the credentials may not see this.
	Refused bool
	Err     error
}

// Fatal tells whether the order is of no use without what could not be read.
func (u Unread) Fatal() bool { return u.Open || !u.Refused }

// FailedRead is the first supplementary read that failed for another reason than a refusal; nil when none did.
func (o Order) FailedRead() error {
	for _, u := range o.Unread {
		if !u.Refused {
			return u
		}
	}
	return nil
}

// Error returns the text of the cause.
func (u Unread) Error() string { return u.Err.Error() }

// Unwrap returns the cause.
func (u Unread) Unwrap() error { return u.Err }

// Doubt is an open validation whose record cannot be told.
type Doubt struct {
	Names  []string // as ordered; empty when the vendor names none
	Reason string
	// Lost is true where the vendor should return the record and does not: what was made from it would be destroyed.
	Lost bool
	// Option is the argument that switches off the read of such records; "" where there is none.
	Option string
}

// UnknownMethod is the reason of a doubt about a validation whose method has no known meaning; nil means that the vendor names
// none.
func UnknownMethod(vendor string, method *string) string {
	if method == nil {
		return vendor + " names no validation method"
	}
	return fmt.Sprintf("the validation method %q is not known to this version of the provider", Printable(*method))
}

// Done tells whether the order needs nothing any more: it is issued, or it has validations and all of them are validated.
func (o Order) Done() bool {
	switch {
	case o.Ended != "" || o.Unknown != "":
		return false
	case o.Issued:
		return true
	}
	return len(o.Challenges) > 0 && !slices.ContainsFunc(o.Challenges, func(c Challenge) bool { return c.Status != StatusValidated })
}

// Nameless counts the open validations of names that the vendor does not tell.
func (o Order) Nameless() int {
	n := 0
	for _, c := range o.Challenges {
		if c.Status != StatusValidated && len(c.names()) == 0 {
			n++
		}
	}
	return n
}

// From returns the order with its challenges saying that they belong to it, for messages about several orders.
func (o Order) From(name string) Order {
	o.Challenges = slices.Clone(o.Challenges)
	for i := range o.Challenges {
		o.Challenges[i].Order = name
	}
	return o
}
