// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/base/encode"
)

// NewServer returns the constructor of the provider's server for protocol 6. The version goes into the User-Agent header.
func NewServer(version string) func() tfprotov6.ProviderServer {
	newProvider := New(version)
	return func() tfprotov6.ProviderServer {
		return newServer(newProvider())
	}
}

// NewServerWith returns the constructor of a server with further vendors in another environment, for tests.
func NewServerWith(environment base.Environment, further ...base.Vendor) func() tfprotov6.ProviderServer {
	newProvider := newWith("test", environment, further...)
	return func() tfprotov6.ProviderServer {
		return newServer(newProvider())
	}
}

// server is the framework's server with data sources read by package encode and certops_dcv_records planned by this package. It
// validates an action again when it runs.
type server struct {
	encode.Server
}

// InvokeAction validates the arguments before the action runs. Terraform validates an action once only, and by then the value of an
// argument may be unknown.
func (s server) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	valid, err := s.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: req.ActionType, Config: req.Config})
	if err != nil {
		return nil, err
	}
	refused := func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError }
	if !slices.ContainsFunc(valid.Diagnostics, refused) {
		return s.Server.InvokeAction(ctx, req)
	}
	completed := tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: valid.Diagnostics}}
	return &tfprotov6.InvokeActionServerStream{Events: slices.Values([]tfprotov6.InvokeActionEvent{completed})}, nil
}

func newServer(p provider.Provider) tfprotov6.ProviderServer {
	framework := providerserver.NewProtocol6(p)()
	if full, ok := framework.(encode.FrameworkServer); ok {
		return server{encode.Server{FrameworkServer: full}}
	}
	return framework // A test holds that this is never so.
}
