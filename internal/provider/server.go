// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
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

// server is the framework's server with data sources read by package encode and certops_dcv_records planned by this package.
type server struct {
	encode.Server
}

func newServer(p provider.Provider) tfprotov6.ProviderServer {
	framework := providerserver.NewProtocol6(p)()
	if full, ok := framework.(encode.FrameworkServer); ok {
		return server{encode.Server{FrameworkServer: full}}
	}
	return framework // A test holds that this is never so.
}
