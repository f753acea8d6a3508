// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/base/encode"
)

var (
	_ datasource.DataSourceWithConfigure        = (*Source[any, any])(nil)
	_ datasource.DataSourceWithConfigValidators = (*Source[any, any])(nil)
)

// Source is every data source of this provider. C is what it reads from, a vendor's client for instance. M is its model: fields
// of the framework's types with the tag tfsdk for the arguments, and whatever package encode takes for the rest.
type Source[C, M any] struct {
	// typeName is the whole name of the data source, which need not begin with "certops_".
	typeName string
	schema   func() schema.Schema
	// connect returns what is read from, or says what keeps it from working.
	connect func(data *Data, typeName string) (C, diag.Diagnostics)
	// read fills the model, in which the arguments are set already.
	read       func(ctx context.Context, from C, model *M) diag.Diagnostics
	validators []datasource.ConfigValidator

	data *Data
}

// NewSource returns the constructor of a data source. read fills the model, in which the arguments are set already.
func NewSource[C, M any](
	typeName string, connect func(*Data, string) (C, diag.Diagnostics), schema func() schema.Schema,
	read func(context.Context, C, *M) diag.Diagnostics, validators ...datasource.ConfigValidator,
) func() datasource.DataSource {
	return func() datasource.DataSource {
		return &Source[C, M]{typeName: typeName, schema: schema, connect: connect, read: read, validators: validators}
	}
}

// NewVendorSource returns the constructor of a data source that reads one vendor's API.
func NewVendorSource[C, M any](
	typeName string, v Vendor, schema func() schema.Schema, read func(context.Context, C, *M) diag.Diagnostics,
	validators ...datasource.ConfigValidator,
) func() datasource.DataSource {
	connect := func(data *Data, typeName string) (C, diag.Diagnostics) { return ClientOf[C](data, v, typeName) }
	return NewSource(typeName, connect, schema, read, validators...)
}

// Metadata implements datasource.DataSource.
func (s *Source[C, M]) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = s.typeName
}

// Schema implements datasource.DataSource.
func (s *Source[C, M]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = s.schema()
}

// ConfigValidators implements datasource.DataSourceWithConfigValidators.
func (s *Source[C, M]) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return s.validators
}

// Configure keeps the provider's data. There is none while Terraform validates.
func (s *Source[C, M]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	data, diags := Configured[*Data](req.ProviderData, s.typeName)
	resp.Diagnostics.Append(diags...)
	s.data = data
}

// Read implements datasource.DataSource. It is the only caller of the encoder: the framework gets an empty state, and
// encode.Server puts the model's in its place.
func (s *Source[C, M]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, diags := s.ReadModel(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	err := encode.Deliver(ctx, req.Config.Schema, model)
	if errors.Is(err, encode.ErrTooLarge) {
		resp.Diagnostics.AddError("Too Much to Read", fmt.Sprintf("The result of %s would take more than %d MiB in Terraform's state. "+
			"Terraform cannot handle that well. Select fewer objects with the arguments.", s.typeName, encode.MaxState>>20))
		return
	}
	if err != nil {
		resp.Diagnostics.AddError("Unexpected State",
			"The response could not be put into Terraform's state: "+err.Error()+". This is a bug in the provider; please report it.")
		return
	}
	empty := schema.Schema{}
	resp.State = tfsdk.State{Schema: empty, Raw: tftypes.NewValue(empty.Type().TerraformType(ctx), map[string]tftypes.Value{})}
}

// ReadModel reads the arguments and what they ask for.
func (s *Source[C, M]) ReadModel(ctx context.Context, config tfsdk.Config) (*M, diag.Diagnostics) {
	model := new(M)
	diags := readArguments(ctx, config, reflect.ValueOf(model).Elem())
	from, problems := s.connect(s.data, s.typeName)
	diags.Append(problems...)
	if !diags.HasError() {
		diags.Append(s.read(ctx, from, model)...)
	}
	return model, diags
}

// readArguments sets the fields of a model that stand for arguments.
func readArguments(ctx context.Context, config tfsdk.Config, model reflect.Value) diag.Diagnostics {
	var diags diag.Diagnostics
	attributes := config.Schema.GetAttributes()
	for _, field := range reflect.VisibleFields(model.Type()) {
		name := field.Tag.Get("tfsdk")
		if attribute, ok := attributes[name]; ok && (attribute.IsRequired() || attribute.IsOptional()) {
			diags.Append(config.GetAttribute(ctx, path.Root(name), model.FieldByIndex(field.Index).Addr().Interface())...)
		}
	}
	return diags
}
