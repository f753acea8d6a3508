// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"net/http"
	"strings"
)

// Authorizer puts a credential on a request. It is used by many requests at the same time.
type Authorizer interface {
	// Authorize sets the credential's header. It may take time, within the request's context. An
	// *Error from it is what the caller of the request gets.
	Authorize(*http.Request) error
	// Refused gets a request that Authorize prepared and to which the server responded with 401. It returns
	// true to have the request sent once more, with a new credential.
	Refused(*http.Request) bool
	// Accepted gets a request that Authorize prepared and to which the server responded with another status.
	Accepted(*http.Request)
}

// HeaderAuth is the Authorizer for credentials that never change, sent in headers: the whole value of each, by its name.
type HeaderAuth map[string]string

// Authorize implements Authorizer.
func (h HeaderAuth) Authorize(req *http.Request) error {
	for name, value := range h {
		req.Header.Set(name, value)
	}
	return nil
}

// Refused implements Authorizer: there are no other credentials.
func (h HeaderAuth) Refused(*http.Request) bool {
	return false
}

// Accepted implements Authorizer.
func (h HeaderAuth) Accepted(*http.Request) {}

// authorization puts credentials on requests, on copies of them: a RoundTripper leaves its caller's
// request alone.
type authorization struct {
	next       http.RoundTripper
	authorizer Authorizer
}

// RoundTrip implements http.RoundTripper.
func (a authorization) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, sent, err := a.send(req)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || !a.authorizer.Refused(sent) {
		return resp, err
	}
	if err := resp.Body.Close(); err != nil {
		return nil, err
	}
	resp, _, err = a.send(req)
	return resp, err
}

// send sends a copy of the request with a credential, and returns the copy.
func (a authorization) send(req *http.Request) (*http.Response, *http.Request, error) {
	authorized := req.Clone(req.Context())
	if req.GetBody != nil {
		// The second request has to send the body again.
		body, err := req.GetBody()
		if err != nil {
			return nil, nil, err
		}
		authorized.Body = body
	}
	if err := a.authorizer.Authorize(authorized); err != nil {
		return nil, nil, err
	}
	resp, err := a.next.RoundTrip(authorized)
	if err == nil && resp.StatusCode != http.StatusUnauthorized {
		a.authorizer.Accepted(authorized)
	}
	return resp, authorized, err
}

// CheckSecret tells what makes a credential unfit for an HTTP header: it is empty, begins or ends with
// white space (a file's line end, mostly), or holds control or non-ASCII characters. The error does not
// quote the credential.
func CheckSecret(value string) error {
	switch {
	case value == "":
		return errors.New("is empty")
	case strings.TrimSpace(value) == "":
		return errors.New("is nothing but white space")
	case strings.TrimSpace(value) != value:
		return errors.New("begins or ends with white space or a line break")
	}
	for i := range len(value) {
		switch c := value[i]; {
		case c == '\n' || c == '\r':
			return errors.New("holds a line break")
		case c < ' ' || c == 0x7f:
			return errors.New("holds a control character")
		case c > 0x7f:
			return errors.New("holds a character that is not ASCII")
		}
	}
	return nil
}
