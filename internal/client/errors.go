// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Kind sorts failures by what a caller can do about them.
type Kind int

// The kinds of failure. The zero Kind is none of them.
const (
	// KindUnauthorized is HTTP 401, or any refusal of a token endpoint: the credential is wrong, expired or revoked.
	KindUnauthorized Kind = iota + 1
	// KindForbidden is HTTP 403: the credential is known and lacks a permission.
	KindForbidden
	// KindNotFound is HTTP 404 or a vendor's own word for it: there is no such object, or the
	// credential may not see it.
	KindNotFound
	// KindInvalid is HTTP 400 and every other 4xx: the vendor does not take the request.
	KindInvalid
	// KindRateLimited is HTTP 429, after the retries.
	KindRateLimited
	// KindUnavailable is HTTP 5xx or 408, after the retries where there are any.
	KindUnavailable
	// KindCanceled means that the caller gave up.
	KindCanceled
	// KindTimeout means that a request, or the caller's deadline, ran out of time.
	KindTimeout
	// KindNetwork is a connection that could not be made or broke.
	KindNetwork
	// KindTLS is a connection that could not be made safe, as with an unknown certificate authority.
	KindTLS
	// KindDNS is a host name that does not resolve.
	KindDNS
	// KindRedirect is a response that sends the request elsewhere and was not followed.
	KindRedirect
	// KindBody is a response that is not the document asked for: empty, HTML, not JSON, cut short, too
	// large, or about another object.
	KindBody
	// KindDecode is JSON in which a value has the wrong type. Field tells which.
	KindDecode
)

// String returns the kind in words.
func (k Kind) String() string {
	switch k {
	case KindUnauthorized:
		return "unauthorized"
	case KindForbidden:
		return "forbidden"
	case KindNotFound:
		return "not found"
	case KindInvalid:
		return "invalid request"
	case KindRateLimited:
		return "rate limited"
	case KindUnavailable:
		return "unavailable"
	case KindCanceled:
		return "canceled"
	case KindTimeout:
		return "timed out"
	case KindNetwork:
		return "network failure"
	case KindTLS:
		return "TLS failure"
	case KindDNS:
		return "host name not resolved"
	case KindRedirect:
		return "redirect refused"
	case KindBody:
		return "unusable response"
	case KindDecode:
		return "unexpected value"
	default:
		return "unknown failure"
	}
}

// Error is a request that failed for good. None of its texts holds a credential.
type Error struct {
	Kind    Kind
	Service string // the vendor's display name
	Method  string // HTTP method
	URL     string // the URL asked for
	Token   bool   // whether the token endpoint failed rather than the API

	StatusCode int      // HTTP status; 0 when there was no response
	Code       string   // the vendor's error code, as in its documents; "" when the response had none
	Message    string   // the vendor's message, or what is wrong with the response
	Details    []string // further messages, one fact each

	Field string // KindDecode: dotted path of the member, without array indexes
	HTML  bool   // the response is a page for people, which something between here and the API may have sent

	Attempts int   // requests sent, the first included; 0 when none was
	Err      error // the cause; nil when the response itself is the failure

	// Uncertain is true for a write that the vendor may have carried out all the same.
	Uncertain bool
}

// Error returns one line with everything.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s %s: %s", e.Service, e.Method, e.URL, e.Kind)
	var facts []string
	if e.StatusCode != 0 {
		facts = append(facts, "HTTP "+strconv.Itoa(e.StatusCode))
	}
	if e.Code != "" {
		facts = append(facts, e.Code)
	}
	if e.Uncertain {
		facts = append(facts, "may have been carried out")
	}
	if e.Attempts > 1 {
		facts = append(facts, strconv.Itoa(e.Attempts)+" attempts")
	}
	if len(facts) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(facts, ", "))
	}
	if e.Field != "" {
		fmt.Fprintf(&b, ": field %s", e.Field)
	}
	for _, text := range append([]string{e.Message}, e.Details...) {
		if text != "" {
			fmt.Fprintf(&b, ": %s", text)
		}
	}
	if e.Message == "" && e.Err != nil {
		fmt.Fprintf(&b, ": %s", e.Err)
	}
	return b.String()
}

// Unwrap returns the cause, so that errors.Is finds context.Canceled and the like.
func (e *Error) Unwrap() error {
	return e.Err
}

// Problem is what a vendor's error document says.
type Problem struct {
	Kind    Kind // overrides the kind the HTTP status stands for, unless zero
	Code    string
	Message string
	Details []string
}

// IsRefused tells whether the vendor said that the credentials may not see this object.
func IsRefused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Kind == KindForbidden || e.Kind == KindNotFound)
}

// IsNotFound tells whether the vendor said that there is no such object.
func IsNotFound(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == KindNotFound
}
