// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
)

// Authorizer puts a credential on a request. It is used by many requests at the same time.
type Authorizer interface {
	// Authorize sets the credential's header. It may take time, within the request's context. An
	// *Error from it is what the caller of the request gets.
	Authorize(*http.Request) error
	// Refused is told that the server answered 401 to a request that Authorize prepared. True asks
	// for one more try, with a new credential.
	Refused(*http.Request) bool
}

// HeaderAuth is the Authorizer for a key that never changes, sent in a header.
type HeaderAuth struct {
	Name  string // header name
	Value string // the whole value
}

// Authorize implements Authorizer.
func (h HeaderAuth) Authorize(req *http.Request) error {
	req.Header.Set(h.Name, h.Value)
	return nil
}

// Refused implements Authorizer: the key is the only one there is.
func (h HeaderAuth) Refused(*http.Request) bool {
	return false
}
