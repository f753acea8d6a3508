// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package realtimeregister writes at the Realtime Register API: it has a process' validations checked at once. Only the
// provider's actions import it; package client/realtimeregister, which reads, cannot reach it.
package realtimeregister

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"

	"github.com/certops/terraform-provider-certops/internal/client"
)

// Client writes in one Realtime Register account. It is safe for concurrent use.
type Client struct {
	path *client.WritePath
}

// New returns a Client on the path of the client that reads from the same account.
func New(path *client.WritePath) *Client {
	return &Client{path: path}
}

// Validation is one validation to check. Type is its own method: another one would change the order.
type Validation struct {
	CommonName string `json:"commonName"`
	Type       string `json:"type"` // DNS or FILE
}

// Warning is why a check failed.
type Warning struct {
	CommonName string // "" where the response does not tell
	Reason     string
}

// resent is the response. Its page names the field and not its place: it may stand beside each validation.
type resent struct {
	Warning client.OneOrMany[*client.Text] `json:"warning"`
	DCV     client.OneOrMany[struct {
		CommonName *client.Text `json:"commonName"`
		Warning    *client.Text `json:"warning"`
	}] `json:"dcv"`
}

// Resend has the validations of a process checked. The process must allow it (resumeTypes). Where Realtime Register checks at
// once, it returns why a check failed: https://dm.realtimeregister.com/docs/api/ssl/resenddcv.
func (c *Client) Resend(ctx context.Context, id int64, validations []Validation) ([]Warning, error) {
	var said resent
	err := c.path.Send(ctx, http.MethodPost, struct {
		DCV []Validation `json:"dcv"`
	}{validations}, &said, "v2", "processes", strconv.FormatInt(id, 10), "resend")
	if failure, ok := errors.AsType[*client.Error](err); ok {
		failure.Message = withoutLinks(failure.Message)
		for i := range failure.Details {
			failure.Details[i] = withoutLinks(failure.Details[i])
		}
	}
	if err != nil {
		return nil, err
	}
	var warnings []Warning
	warn := func(name, reason string) {
		if reason != "" && len(warnings) < maxWarnings {
			warnings = append(warnings, Warning{CommonName: c.path.Clean(name), Reason: c.path.Clean(withoutLinks(reason))})
		}
	}
	for _, reason := range said.Warning {
		warn("", reason.String())
	}
	for _, validation := range said.DCV {
		warn(validation.CommonName.String(), validation.Warning.String())
	}
	return warnings, nil
}

// maxWarnings is how many reasons are taken over from one response.
const maxWarnings = 100

// withoutLinks leaves the links out of a text: Sectigo's one-time link lets whoever has it act on the order.
func withoutLinks(text string) string {
	return links.ReplaceAllString(text, "(link left out)")
}

var links = regexp.MustCompile(`(?i)\bhttps?://\S+`)
