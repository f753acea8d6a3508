// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// logging writes one DEBUG line for each response or failure. It writes no header and no body, because that is where
// credentials and one-time links are, and masks the rest.
type logging struct {
	next    http.RoundTripper
	service string
	redact  *redactor
}

// RoundTrip implements http.RoundTripper.
func (l logging) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	account := callFrom(ctx)
	began := time.Now()
	resp, err := l.next.RoundTrip(req)
	fields := map[string]any{
		"service": l.service,
		"method":  req.Method,
		"url":     l.redact.text(req.URL.String()),
		"attempt": account.attempts,
		"ms":      time.Since(began).Milliseconds(),
	}
	if err != nil {
		fields["error"] = l.redact.line(err.Error(), maxMessage)
		tflog.Debug(ctx, "HTTP request failed", fields)
		return nil, err
	}
	account.status = resp.StatusCode
	fields["status"] = resp.StatusCode
	if body, ok := resp.Body.(memory); ok {
		fields["bytes"] = len(body.data)
	}
	tflog.Debug(ctx, "HTTP request", fields)
	return resp, nil
}
