// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// timeoutError means that an attempt took longer than it may.
type timeoutError struct {
	after time.Duration
}

func (e *timeoutError) Error() string {
	return fmt.Sprintf("no complete response within %s", e.after)
}

// Timeout makes it a net.Error's time-out.
func (e *timeoutError) Timeout() bool { return true }

// redirectError is a redirect that is not followed.
type redirectError struct {
	status int
	reason string
}

func (e *redirectError) Error() string {
	return e.reason
}

// bodyError is a response whose body could not be read.
type bodyError struct {
	status int
	err    error
}

func (e *bodyError) Error() string {
	return "reading the response: " + e.err.Error()
}

func (e *bodyError) Unwrap() error {
	return e.err
}

// errTooLarge means that a body goes on past what a document of the APIs can have.
var errTooLarge = errors.New("the response is larger than 8 MiB")

// errSwitching means that the server wants to speak another protocol, which nobody asked for.
var errSwitching = errors.New("the server switches to another protocol")

// classify sorts an error of a request, and tells whether another attempt may do better. The context is
// the request's own: when it has ended, that is the reason whatever the error says.
func classify(ctx context.Context, err error) (kind Kind, retry bool) {
	if known, ok := errors.AsType[*Error](err); ok {
		return known.Kind, false
	}
	ended := ctx.Err()
	if errors.Is(ended, context.DeadlineExceeded) {
		return KindTimeout, false
	}
	if ended != nil || errors.Is(err, context.Canceled) {
		return KindCanceled, false
	}
	if _, ok := errors.AsType[*redirectError](err); ok {
		return KindRedirect, false
	}
	if errors.Is(err, errTooLarge) || errors.Is(err, errSwitching) {
		return KindBody, false
	}
	if tlsFailure(err) {
		return KindTLS, false
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return KindDNS, !dns.IsNotFound && (dns.IsTemporary || dns.IsTimeout)
	}
	if timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err); ok && timeout.Timeout() {
		return KindTimeout, true
	}
	if _, ok := errors.AsType[*bodyError](err); ok && errors.Is(err, io.ErrUnexpectedEOF) {
		return KindBody, true
	}
	return KindNetwork, true
}

// tlsFailure reports whether the two sides could not agree on a safe connection, which trying again
// does not change.
func tlsFailure(err error) bool {
	if errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	// crypto/tls reports the alerts of either side this way.
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "remote error" || op.Op == "local error")
}

// retryStatus reports whether an HTTP status may change by itself.
func retryStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// statusKind is what an HTTP status that is not 2xx means.
func statusKind(status int) Kind {
	switch {
	case status < 400:
		return KindRedirect
	case status == http.StatusUnauthorized:
		return KindUnauthorized
	case status == http.StatusForbidden:
		return KindForbidden
	case status == http.StatusNotFound:
		return KindNotFound
	case status == http.StatusTooManyRequests:
		return KindRateLimited
	case status == http.StatusRequestTimeout, status >= 500:
		return KindUnavailable
	default:
		return KindInvalid
	}
}

// explain fills the error in for a request that got no usable response.
func (e *Error) explain(ctx context.Context, err error, redact *redactor) {
	e.Kind, _ = classify(ctx, err)
	// The URL stands in the error already, and once more in what http.Client wraps around the cause.
	for {
		wrapped, ok := errors.AsType[*url.Error](err)
		if !ok {
			break
		}
		err = wrapped.Err
	}
	e.Err = err
	e.Message = redact.line(err.Error(), maxMessage)
	if redirect, ok := errors.AsType[*redirectError](err); ok {
		e.StatusCode = redirect.status
	}
	if body, ok := errors.AsType[*bodyError](err); ok {
		e.StatusCode = body.status
		switch {
		case errors.Is(err, errTooLarge):
			e.Message = errTooLarge.Error()
		case errors.Is(err, errSwitching):
			e.Message = errSwitching.Error()
		case e.Kind == KindBody:
			e.Message = "the response is cut short"
		}
	}
}
