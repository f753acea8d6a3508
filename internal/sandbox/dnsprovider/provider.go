// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package dnsprovider is a Terraform provider, sandboxdns, that keeps DNS record sets by RFC 2136 updates. The
// demonstration and tests publish validation records with it, where no provider of a DNS service can be used. It is never
// released.
package dnsprovider

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/miekg/dns"
)

// Address is the source address under which the provider is served.
const Address = "registry.terraform.io/certops/sandboxdns"

var _ provider.Provider = (*dnsProvider)(nil)

// New returns a function that makes the provider. The version is shown by Terraform.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &dnsProvider{version: version} }
}

type dnsProvider struct{ version string }

// providerModel is the provider's configuration.
type providerModel struct {
	Server       types.String `tfsdk:"server"`
	KeyName      types.String `tfsdk:"key_name"`
	KeySecret    types.String `tfsdk:"key_secret"`
	KeyAlgorithm types.String `tfsdk:"key_algorithm"`
}

// Metadata implements provider.Provider.
func (p *dnsProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "sandboxdns"
	resp.Version = p.version
}

// Schema implements provider.Provider.
func (p *dnsProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Keeps DNS record sets on a server that takes RFC 2136 updates, such as that of `certops-sandbox`.",
		Attributes: map[string]schema.Attribute{
			"server": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Server to send queries and updates to, `host:port`. Environment: `SANDBOXDNS_SERVER`.",
			},
			"key_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name of the TSIG key. Environment: `SANDBOXDNS_KEY_NAME`.",
			},
			"key_secret": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "Secret of the TSIG key, base64. Environment: `SANDBOXDNS_KEY_SECRET`.",
			},
			"key_algorithm": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Algorithm of the TSIG key, such as `hmac-sha256` (default) or `hmac-sha512`. " +
					"Environment: `SANDBOXDNS_KEY_ALGORITHM`.",
			},
		},
	}
}

// algorithms are the TSIG algorithms that can be used.
var algorithms = []string{dns.HmacSHA1, dns.HmacSHA224, dns.HmacSHA256, dns.HmacSHA384, dns.HmacSHA512}

// Configure implements provider.Provider. It makes no network call.
func (p *dnsProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	value := func(v types.String, name, env, otherwise string) string {
		switch {
		case v.IsUnknown():
			resp.Diagnostics.AddAttributeError(path.Root(name), "Unknown Provider Configuration",
				fmt.Sprintf("The value of %s is not known yet. Give one that is known at plan, or set %s.", name, env))
			return ""
		case !v.IsNull():
			return v.ValueString()
		case os.Getenv(env) != "":
			return os.Getenv(env)
		case otherwise == "":
			resp.Diagnostics.AddAttributeError(path.Root(name), "Missing Provider Configuration",
				fmt.Sprintf("Set the attribute %s or the environment variable %s.", name, env))
		}
		return otherwise
	}
	c := &client{
		server:    value(m.Server, "server", "SANDBOXDNS_SERVER", ""),
		keyName:   dns.CanonicalName(value(m.KeyName, "key_name", "SANDBOXDNS_KEY_NAME", "")),
		keySecret: value(m.KeySecret, "key_secret", "SANDBOXDNS_KEY_SECRET", ""),
		algorithm: dns.CanonicalName(value(m.KeyAlgorithm, "key_algorithm", "SANDBOXDNS_KEY_ALGORITHM", dns.HmacSHA256)),
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if _, _, err := net.SplitHostPort(c.server); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("server"), "Invalid Server", fmt.Sprintf("It is not host:port: %s.", err))
	}
	if _, err := base64.StdEncoding.DecodeString(c.keySecret); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("key_secret"), "Invalid Key Secret", "It is not base64.")
	}
	if !slices.Contains(algorithms, c.algorithm) {
		resp.Diagnostics.AddAttributeError(path.Root("key_algorithm"), "Invalid Key Algorithm",
			"It is not one of "+strings.ReplaceAll(strings.Join(algorithms, ", "), ".", "")+".")
	}
	if !resp.Diagnostics.HasError() {
		resp.ResourceData = c
	}
}

// Resources implements provider.Provider.
func (p *dnsProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newRecordSetResource}
}

// DataSources implements provider.Provider.
func (p *dnsProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }
