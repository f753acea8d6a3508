// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package core is what the simulated vendors are built on: orders and their domain validations, the store that holds them,
// responses, rate limits, and the interface by which the simulator knows a vendor.
package core

import (
	"net/http"
	"time"
)

// Service names one listener of the simulator.
type Service string

// Vendor is one simulated vendor.
type Vendor interface {
	// Profile says what the simulator has to know of the vendor.
	Profile() Profile
	// Settings returns the settings of the provider for the vendor, in the order of its documentation.
	Settings(url func(Service) string) []Setting
	// Seed adds the objects that are there from the start.
	Seed() error
	// Populate adds an object to each list, the order for a name, and returns the id of the order, which is made of the
	// number. The caller goes on to issue it if issued is set.
	Populate(number int64, name string, issued bool) (ID, error)
	// PopulateMixed is like Populate, with names below a domain, and the state whose turn it is by the number. The caller goes
	// on to bring the order to the stage.
	PopulateMixed(number int64, domain string) (ID, Stage, error)
}

// Profile is what the simulator has to know of a vendor.
type Profile struct {
	// Listeners are the vendor's services. The first has the orders, and its name is that of the vendor in the control API,
	// in the provider's configuration and in its environment variables.
	Listeners []Listener
	// NewOrder makes an order for the control API to read JSON into, and ParseID reads the id of one.
	NewOrder func() Spec
	ParseID  func(string) (ID, error)
	// Controls are the vendor's own requests of the control API.
	Controls []Control
	// Headers hold the vendor's credentials, and Secrets are regular expressions that find these in URLs. Padding at the
	// end of a secret may be missing.
	Headers, Secrets []string
	// Quirks are what the vendor may do, see Quirk.
	Quirks []Quirk
	// Waiting names the orders that wait for records from the start.
	Waiting string
}

// Listener is one service of a vendor.
type Listener struct {
	Service Service
	// Path is what the base URL of the service ends in.
	Path string
	// Handler responds. With HTTPS the simulator asks for a client certificate and leaves it to the handler to demand one.
	Handler http.Handler
	// Error is the error that the service returns with an HTTP status, in the form and with the code that it documents.
	Error func(status int) Reply
	// Limiter is what the handler counts requests with. It may be nil.
	Limiter *Limiter
	// IDs are the members of a response that hold the id of its object, for faults to change.
	IDs []string
	// Asks says that a POST asks for something here and changes nothing, as at a token endpoint. Elsewhere every method but GET
	// and HEAD writes.
	Asks bool
}

// Writes tells whether a request writes.
func (l Listener) Writes(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return false
	case http.MethodPost:
		return !l.Asks
	}
	return true
}

// Setting is a setting of the provider.
type Setting struct{ Name, Value string }

// Control is a request of the control API.
type Control struct {
	// Pattern is that of http.ServeMux.
	Pattern string
	Help    string
	// Adds says that the request adds an object: the help names it beside others that do.
	Adds bool
	// Handle serves the request, whose body decode reads. A response of nil has no content.
	Handle func(decode func(any) error) (any, error)
}

// BadInput is an error that the caller of the control API made.
type BadInput struct{ Err error }

// Error implements error.
func (e BadInput) Error() string { return e.Err.Error() }

// Base is what the simulator gives a vendor.
type Base struct {
	*Store
	// Limits replace the documented rate limits; nil keeps them.
	Limits []Limit
	// TokenLifetime is how long an access token is accepted; 0 means as documented.
	TokenLifetime time.Duration
}
