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
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

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

// emptyModel is an empty model of a source.
func emptyModel(source datasource.DataSource) any {
	return reflect.New(reflect.ValueOf(source).MethodByName("ReadModel").Type().Out(0).Elem()).Interface()
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

// notInState are the fields of API structs that no data source shows, by the name of the data source.
var notInState = map[string][]string{
	// The id in a response is the argument.
	"certops_cps_certificate":           {"id", "status.id"},
	"cps_certificate":                   {"id", "status.id"},
	"certops_cps_certificates":          {"certificates.status.id"},
	"certops_digicert_domain":           {"id"},
	"certops_digicert_request":          {"id"},
	"digicert_request":                  {"id"},
	"certops_digicert_order_validation": nil,
	// The days that remain change from day to day. The id of a validation's order is that of the order.
	"certops_digicert_orders": {"orders.certificate.days_remaining", "orders.order_id"},
}

// TestModelsFitSchemas encodes an empty model of each data source, and tells which fields of API structs it leaves out: a field
// that a vendor now sends takes the struct and the schema.
func TestModelsFitSchemas(t *testing.T) {
	t.Parallel()
	for _, newDataSource := range New("test")().DataSources(t.Context()) {
		d := newDataSource()
		var metadata datasource.MetadataResponse
		d.Metadata(t.Context(), datasource.MetadataRequest{}, &metadata)
		var schema datasource.SchemaResponse
		d.Schema(t.Context(), datasource.SchemaRequest{}, &schema)
		t.Run(metadata.TypeName, func(t *testing.T) {
			t.Parallel()
			model := emptyModel(d)
			if _, err := encode.State(t.Context(), schema.Schema, model); err != nil {
				t.Fatal(err)
			}
			left := leftOut(reflect.TypeOf(model).Elem(), schema.Schema.Type(), "")
			slices.Sort(left)
			if diff := cmp.Diff(notInState[metadata.TypeName], left); diff != "" {
				t.Errorf("fields that are not in the schema (-want +got):\n%s", diff)
			}
		})
	}
}

// leftOut lists the fields of a Go type for which a Terraform type has no attribute.
func leftOut(part reflect.Type, kind attr.Type, path string) []string {
	for part.Kind() == reflect.Pointer || part.Kind() == reflect.Slice || part.Kind() == reflect.Map {
		if part.Kind() != reflect.Pointer {
			element, ok := kind.(attr.TypeWithElementType)
			if !ok {
				return nil
			}
			kind = element.ElementType()
		}
		part = part.Elem()
	}
	object, ok := kind.(types.ObjectType)
	if !ok || part.Kind() != reflect.Struct || part.Implements(reflect.TypeFor[attr.Value]()) {
		return nil
	}
	var left []string
	for _, field := range reflect.VisibleFields(part) {
		name, _ := encode.AttributeName(field)
		if name == "" {
			continue
		}
		member, ok := object.AttrTypes[name]
		if !ok {
			left = append(left, path+name)
			continue
		}
		left = append(left, leftOut(field.Type, member, path+name+".")...)
	}
	return left
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
