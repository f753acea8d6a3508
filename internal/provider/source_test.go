// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	dsschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/certops/terraform-provider-certops/internal/base/encode"
)

// sourceOf returns a data source of the provider with its schema.
func sourceOf(t *testing.T, typeName string) (datasource.DataSourceWithConfigure, dsschema.Schema) {
	t.Helper()
	for _, construct := range New("test")().DataSources(t.Context()) {
		source, ok := construct().(datasource.DataSourceWithConfigure)
		if !ok {
			t.Fatalf("a data source of type %T", construct())
		}
		var metadata datasource.MetadataResponse
		source.Metadata(t.Context(), datasource.MetadataRequest{}, &metadata)
		if metadata.TypeName == typeName {
			var schema datasource.SchemaResponse
			source.Schema(t.Context(), datasource.SchemaRequest{}, &schema)
			return source, schema.Schema
		}
	}
	t.Fatalf("there is no data source %s", typeName)
	return nil, dsschema.Schema{}
}

// readModel calls the method ReadModel of a source, whose model is of a type that only its package knows.
func readModel(ctx context.Context, source datasource.DataSource, config tfsdk.Config) (model any, diags diag.Diagnostics) {
	results := reflect.ValueOf(source).MethodByName("ReadModel").Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(config)})
	diags, _ = results[1].Interface().(diag.Diagnostics)
	return results[0].Interface(), diags
}

// readState reads a source and encodes its state, as Read does.
func readState(ctx context.Context, source datasource.DataSource, config tfsdk.Config) diag.Diagnostics {
	model, diags := readModel(ctx, source, config)
	if !diags.HasError() {
		if _, err := encode.State(ctx, config.Schema, model); err != nil {
			diags.AddError("Unexpected State", err.Error())
		}
	}
	return diags
}

// TestResourceModelsFitSchemas compares the names of the fields with those of the attributes.
func TestResourceModelsFitSchemas(t *testing.T) {
	t.Parallel()
	schemas := objectSchemas(t)
	for name, model := range map[string]any{"resource.certops_dcv_records": dcvRecordsModel{}} {
		var fields, attributes []string
		for _, field := range reflect.VisibleFields(reflect.TypeOf(model)) {
			fields = append(fields, field.Tag.Get("tfsdk"))
		}
		for _, attribute := range schemas[name].Block.Attributes {
			attributes = append(attributes, attribute.Name)
		}
		slices.Sort(fields)
		slices.Sort(attributes)
		if diff := cmp.Diff(attributes, fields); diff != "" {
			t.Errorf("%s (-schema +model):\n%s", name, diff)
		}
	}
}
