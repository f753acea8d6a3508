// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// checkValidator refuses text for which check returns an error, whose message becomes the diagnostic's detail.
type checkValidator struct {
	check  func(string) error
	secret bool
}

func (v checkValidator) Description(context.Context) string {
	return "the value must be well formed"
}

func (v checkValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v checkValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || req.ConfigValue.ValueString() == "" {
		return
	}
	if err := v.check(req.ConfigValue.ValueString()); err != nil {
		summary := "Invalid Value"
		if v.secret {
			summary = "Invalid Credential"
		}
		resp.Diagnostics.AddAttributeError(req.Path, summary, fmt.Sprintf("`%s` is not valid: %s.", req.Path, err))
	}
}

// durationValidator refuses what is not a positive Go duration.
type durationValidator struct{}

func (durationValidator) Description(context.Context) string {
	return "a Go duration above zero, such as 30s or 1m30s"
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (durationValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || req.ConfigValue.ValueString() == "" {
		return
	}
	if _, err := parseDuration(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Duration", err.Error())
	}
}

// checkURL refuses what is not the address of an API.
func checkURL(value string) error {
	_, err := client.ParseBaseURL(value)
	return err
}

func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("expected a Go duration above zero, such as 30s or 1m30s, got %q", text)
	}
	return d, nil
}

// domainValidator refuses what is not a DNS name.
type domainValidator struct{}

func (domainValidator) Description(context.Context) string {
	return "a DNS name, with or without trailing dot"
}

func (v domainValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (domainValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := dcv.ParseDomain(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Domain Name", fmt.Sprintf("`%s` is not a domain name: %s.", req.Path, err))
	}
}
