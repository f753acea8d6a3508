// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"testing"
	"time"
)

func TestClassify(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	tests := map[string]struct {
		ctx   context.Context
		err   error
		kind  Kind
		retry bool
	}{
		"known":            {t.Context(), fmt.Errorf("x: %w", &Error{Kind: KindNotFound}), KindNotFound, false},
		"canceled":         {canceled, io.EOF, KindCanceled, false},
		"deadline":         {expired, io.EOF, KindTimeout, false},
		"attempt's time":   {t.Context(), &timeoutError{after: time.Second}, KindTimeout, true},
		"dial's time":      {t.Context(), &net.OpError{Op: "dial", Err: &net.DNSError{IsTimeout: true}}, KindDNS, true},
		"connect timeout":  {t.Context(), &net.OpError{Op: "dial", Err: syscall.ETIMEDOUT}, KindTimeout, true},
		"refused":          {t.Context(), &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, KindNetwork, true},
		"reset":            {t.Context(), &url.Error{Err: syscall.ECONNRESET}, KindNetwork, true},
		"closed early":     {t.Context(), &url.Error{Err: io.EOF}, KindNetwork, true},
		"no such host":     {t.Context(), &net.OpError{Err: &net.DNSError{IsNotFound: true, IsTemporary: true}}, KindDNS, false},
		"DNS for a moment": {t.Context(), &net.DNSError{IsTemporary: true}, KindDNS, true},
		"certificate":      {t.Context(), &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, KindTLS, false},
		"not TLS":          {t.Context(), tls.RecordHeaderError{Msg: "x"}, KindTLS, false},
		"HTTP for HTTPS":   {t.Context(), http.ErrSchemeMismatch, KindTLS, false},
		"alert":            {t.Context(), &net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}, KindTLS, false},
		"redirect":         {t.Context(), &url.Error{Err: &redirectError{}}, KindRedirect, false},
		"too large":        {t.Context(), &bodyError{err: errTooLarge}, KindBody, false},
		"cut short":        {t.Context(), &bodyError{err: io.ErrUnexpectedEOF}, KindBody, true},
		"reset in body":    {t.Context(), &bodyError{err: syscall.ECONNRESET}, KindNetwork, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			kind, retry := classify(test.ctx, test.err)
			if kind != test.kind || retry != test.retry {
				t.Errorf("got %q, retry %t; want %q, retry %t", kind, retry, test.kind, test.retry)
			}
		})
	}
}

func TestStatusKind(t *testing.T) {
	tests := map[int]struct {
		kind  Kind
		retry bool
	}{
		304: {KindRedirect, false}, 400: {KindInvalid, false}, 401: {KindUnauthorized, false},
		403: {KindForbidden, false}, 404: {KindNotFound, false}, 406: {KindInvalid, false},
		408: {KindUnavailable, true}, 429: {KindRateLimited, true}, 500: {KindUnavailable, false},
		502: {KindUnavailable, true}, 503: {KindUnavailable, true}, 504: {KindUnavailable, true},
		599: {KindUnavailable, false},
	}
	for status, want := range tests {
		if kind, retry := statusKind(status), retryStatus(status); kind != want.kind || retry != want.retry {
			t.Errorf("%d: got %q, retry %t; want %q, retry %t", status, kind, retry, want.kind, want.retry)
		}
	}
}

func TestExplain(t *testing.T) {
	failure := &Error{}
	cause := &net.OpError{Op: "read", Err: errors.New("hunter2 reset")}
	failure.explain(t.Context(), &url.Error{Op: "Get", URL: "https://api.test/x", Err: cause}, newRedactor("hunter2"))
	if failure.Kind != KindNetwork || failure.Message != "read: *** reset" || !errors.Is(failure, cause) {
		t.Errorf("got %+v", failure)
	}
	failure = &Error{}
	failure.explain(t.Context(), &bodyError{status: 200, err: errTooLarge}, newRedactor())
	if failure.StatusCode != 200 || failure.Message != "the response is larger than 8 MiB" {
		t.Errorf("got %+v", failure)
	}
	failure = &Error{}
	failure.explain(t.Context(), &bodyError{status: 200, err: io.ErrUnexpectedEOF}, newRedactor())
	if failure.StatusCode != 200 || failure.Message != "the response is cut short" {
		t.Errorf("got %+v", failure)
	}
}
