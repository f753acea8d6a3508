// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// logging writes one DEBUG line for each answer or failure, and the answer's body at TRACE. It writes
// no header and no request body, because that is where credentials are, and masks the rest.
type logging struct {
	next    http.RoundTripper
	service string
	mask    *masker
	// granting means that a 2xx answer holds a credential that the mask does not know yet. Its members may have any
	// names, and it need not be JSON, so that only its length and its type are written.
	granting bool
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
		"url":     l.mask.text(req.URL.String()),
		"attempt": account.attempts,
		"ms":      time.Since(began).Milliseconds(),
	}
	if err != nil {
		fields["error"] = l.mask.line(err.Error(), maxMessage)
		tflog.Debug(ctx, "HTTP request failed", fields)
		return nil, err
	}
	account.status = resp.StatusCode
	fields["status"] = resp.StatusCode
	tflog.Debug(ctx, "HTTP request", fields)

	body, err := contents(resp)
	if err != nil {
		return nil, err
	}
	resp.Body = newMemory(body)
	trace := map[string]any{"service": l.service, "url": fields["url"], "status": resp.StatusCode}
	if l.granting && resp.StatusCode/100 == 2 {
		trace["bytes"] = len(body)
		trace["content_type"] = l.mask.line(resp.Header.Get("Content-Type"), maxCode)
	} else {
		trace["body"] = loggedBody{body: body, mask: l.mask}
	}
	tflog.Trace(ctx, "HTTP answer", trace)
	return resp, nil
}

// loggedBody is a body that is masked when it is written, which at most log levels is never.
type loggedBody struct {
	body []byte
	mask *masker
}

// String implements fmt.Stringer, for logs in text. A body may have been cut short on its way.
func (b loggedBody) String() string {
	return b.mask.text(b.mask.uncut(string(b.body)))
}

// MarshalText implements encoding.TextMarshaler, for logs in JSON.
func (b loggedBody) MarshalText() ([]byte, error) {
	return []byte(b.String()), nil
}
