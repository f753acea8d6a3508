// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package provider is the certops Terraform provider: schemas, the mapping of vendors' responses into Terraform values, and
// the diagnostics users read. HTTP lives in internal/client, the normalized DNS record in internal/dcv.
package provider

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/sync/semaphore"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/provider/actions"
	"github.com/certops/terraform-provider-certops/internal/provider/validation"
	"github.com/certops/terraform-provider-certops/internal/provider/writeactions"
)

// Defaults of the settings that all vendors share, and the environment variables that override them.
const (
	defaultRequestTimeout = 30 * time.Second
	defaultMaxRetries     = 4
	maxMaxRetries         = 20
)

var (
	_ provider.Provider                       = (*certopsProvider)(nil)
	_ provider.ProviderWithActions            = (*certopsProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*certopsProvider)(nil)
	_ provider.ProviderWithFunctions          = (*certopsProvider)(nil)
	_ provider.ProviderWithListResources      = (*certopsProvider)(nil)
)

// New returns the constructor of the provider. The version goes into the User-Agent header.
func New(version string) func() provider.Provider {
	return newWith(version, base.Environment{Getenv: os.Getenv})
}

// newWith returns the constructor of the provider in an environment, with further vendors.
func newWith(version string, rt base.Environment, further ...base.Vendor) func() provider.Provider {
	return func() provider.Provider {
		return &certopsProvider{version: version, runtime: rt, vendors: slices.Concat(vendors, further)}
	}
}

type certopsProvider struct {
	version string
	runtime base.Environment
	vendors []base.Vendor
}

func (p *certopsProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "certops"
	resp.Version = p.version
}

func (p *certopsProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"request_timeout": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "How long one request may take, its response's body included, as a duration such as `30s` or `1m30s`. " +
				"Waits between retries and for a vendor's rate limit do not count. Environment: `" + base.EnvRequestTimeout + "`. Default: `30s`.",
			Validators: []validator.String{base.DurationValidator{EmptyIsUnset: true}},
		},
		"max_retries": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: fmt.Sprintf("How often a request is repeated after a broken connection or a status of 408, 429, 502, 503 or "+
				"504, from 0 to %d. Environment: `%s`. Default: `%d`.", maxMaxRetries, base.EnvMaxRetries, defaultMaxRetries),
			Validators: []validator.Int64{int64validator.Between(0, maxMaxRetries)},
		},
	}
	for _, s := range p.vendors {
		attributes[s.Name()] = base.SettingsSchema(s)
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the state of domain control validation (DCV) from the services that sell TLS certificates and turns it " +
			"into DNS records that feed DNS resources in the same plan.",
		Attributes: attributes,
	}
}

// Configure resolves the settings and builds one client a vendor. It makes no network call, and a vendor without
// credentials is an error only when one of its data sources is read.
func (p *certopsProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	common, diags := p.commonOptions(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	paths := make(map[string]*client.WritePath, len(p.vendors))
	data := &base.Data{Connections: make(map[string]base.Connection, len(p.vendors)), Environment: p.runtime}
	for _, s := range p.vendors {
		var configured types.Object
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(s.Name()), &configured)...)
		if resp.Diagnostics.HasError() {
			return
		}
		options := common
		options.WritePath = new(client.WritePath)
		paths[s.Name()] = options.WritePath
		data.Connections[s.Name()] = base.Connect(s, configured, p.runtime.Getenv, options)
	}
	resp.ActionData = &base.ActionData{Data: data, WritePaths: paths, Turn: semaphore.NewWeighted(1)}
	resp.DataSourceData = data
	resp.EphemeralResourceData = data
	resp.ResourceData = data
	resp.ListResourceData = data
}

// commonOptions resolves request_timeout and max_retries. Unknown values, which can only come from another resource's
// result, take the default: neither setting is worth failing a plan.
func (p *certopsProvider) commonOptions(ctx context.Context, req provider.ConfigureRequest) (client.Options, diag.Diagnostics) {
	var (
		diags      diag.Diagnostics
		timeout    types.String
		maxRetries types.Int64
	)
	diags.Append(req.Config.GetAttribute(ctx, path.Root("request_timeout"), &timeout)...)
	diags.Append(req.Config.GetAttribute(ctx, path.Root("max_retries"), &maxRetries)...)

	options := client.Options{
		UserAgent: "terraform-provider-certops/" + p.version + " (+https://registry.terraform.io/providers/certops/certops) Terraform/" +
			req.TerraformVersion,
		RequestTimeout: defaultRequestTimeout,
		MaxRetries:     defaultMaxRetries,
		Backoff:        p.runtime.Backoff,
		Transport:      p.runtime.Transport,
	}

	if text := timeout.ValueString(); text != "" {
		d, err := base.ParseDuration(text)
		if err != nil {
			diags.AddAttributeError(path.Root("request_timeout"), "Invalid Duration", fmt.Sprintf("`request_timeout` %s.", err))
		}
		options.RequestTimeout = d
	} else if text := p.runtime.Getenv(base.EnvRequestTimeout); text != "" {
		d, err := base.ParseDuration(text)
		if err != nil {
			diags.AddAttributeError(path.Root("request_timeout"), "Invalid Duration",
				fmt.Sprintf("The environment variable %s %s.", base.EnvRequestTimeout, err))
		}
		options.RequestTimeout = d
	}

	if base.Known(maxRetries) {
		options.MaxRetries = int(maxRetries.ValueInt64())
	} else if text := p.runtime.Getenv(base.EnvMaxRetries); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > maxMaxRetries {
			diags.AddAttributeError(path.Root("max_retries"), "Invalid Number of Retries",
				fmt.Sprintf("The environment variable %s must be a whole number from 0 to %d, got %q.", base.EnvMaxRetries, maxMaxRetries, text))
		}
		options.MaxRetries = n
	}
	return options, diags
}

// Actions are the actions. Those of package writeactions are all that ever writes at a vendor.
func (p *certopsProvider) Actions(context.Context) []func() action.Action {
	return slices.Concat(actions.All(), writeactions.All())
}

func (p *certopsProvider) DataSources(context.Context) []func() datasource.DataSource {
	all := []func() datasource.DataSource{newDNSCheckDataSource}
	for _, s := range p.vendors {
		all = append(all, s.DataSources()...)
	}
	return all
}

func (p *certopsProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	var all []func() ephemeral.EphemeralResource
	for _, s := range p.vendors {
		if v, ok := s.(base.EphemeralVendor); ok {
			all = append(all, v.EphemeralResources()...)
		}
	}
	return all
}

func (p *certopsProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		newDCVRecordsResource,
		validation.NewResource(p.vendors),
	}
}

func (p *certopsProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{validation.NewListResource(p.vendors)}
}

func (p *certopsProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		newDCVDomainsFunction,
		newDNSRecordFunction,
		newPersistentDCVRecordFunction,
		newRecordsTableFunction,
		newRelativeNameFunction,
		newSectigoDNSRecordFunction,
		newTXTQuoteFunction,
		newZoneFileFunction,
		newZoneForFunction,
	}
}
