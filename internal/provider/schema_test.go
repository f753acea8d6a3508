// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/base"
)

// allSchemas asks the provider for everything it can describe.
func allSchemas(t *testing.T) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	server, err := providers()["certops"]()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range schemas.Diagnostics {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	return schemas
}

// objectSchemas are the schemas of data sources and resources, by "data." or "resource." and type name.
func objectSchemas(t *testing.T) map[string]*tfprotov6.Schema {
	t.Helper()
	schemas := allSchemas(t)
	all := make(map[string]*tfprotov6.Schema)
	for name, schema := range schemas.DataSourceSchemas {
		all["data."+name] = schema
	}
	for name, schema := range schemas.ResourceSchemas {
		all["resource."+name] = schema
	}
	return all
}

func TestSchemas(t *testing.T) {
	t.Parallel()
	schemas := allSchemas(t)
	objects := objectSchemas(t)
	if len(schemas.ResourceSchemas) == 0 || len(schemas.Functions) == 0 {
		t.Fatalf("got %d resources and %d functions", len(schemas.ResourceSchemas), len(schemas.Functions))
	}
	for _, v := range vendors {
		if len(v.DataSources()) == 0 {
			t.Errorf("%s has no data source", v.DisplayName())
		}
		for _, source := range v.DataSources() {
			var is datasource.MetadataResponse
			source().Metadata(t.Context(), datasource.MetadataRequest{ProviderTypeName: "certops"}, &is)
			if schemas.DataSourceSchemas[is.TypeName] == nil {
				t.Errorf("the provider does not have %s", is.TypeName)
			}
		}
	}
	// The provider block cannot hold computed values, so that the demands below fit it as well.
	objects["provider"] = schemas.Provider
	for name, schema := range objects {
		if schema.Block.Description == "" || schema.Block.DescriptionKind != tfprotov6.StringKindMarkdown {
			t.Errorf("%s has no MarkdownDescription", name)
		}
		if len(schema.Block.BlockTypes) > 0 {
			t.Errorf("%s has blocks; only nested attributes can be computed and optional as a whole", name)
		}
		checkAttributes(t, name, schema.Block.Attributes)
	}
	for name, function := range schemas.Functions {
		if function.Summary == "" || function.Description == "" || function.DescriptionKind != tfprotov6.StringKindMarkdown {
			t.Errorf("function %s has no summary or no MarkdownDescription", name)
		}
		if function.VariadicParameter != nil {
			t.Errorf("function %s is variadic; lists are what configurations have", name)
		}
		for _, p := range function.Parameters {
			if p.Description == "" || p.DescriptionKind != tfprotov6.StringKindMarkdown {
				t.Errorf("function %s: parameter %s has no MarkdownDescription", name, p.Name)
			}
		}
	}
}

func checkAttributes(t *testing.T, path string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, a := range attributes {
		name := path + "." + a.Name
		if a.Description == "" || a.DescriptionKind != tfprotov6.StringKindMarkdown {
			t.Errorf("%s has no MarkdownDescription", name)
		} else if !strings.HasSuffix(a.Description, ".") {
			t.Errorf("%s: the description is no sentence: %q", name, a.Description)
		}
		if a.Computed && holdsSet(a.Type) {
			t.Errorf("%s is a computed set, which is slow and refuses duplicates", name)
		}
		if a.NestedType == nil {
			continue
		}
		if a.Computed && a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSet {
			t.Errorf("%s is a computed set, which is slow and refuses duplicates", name)
		}
		checkAttributes(t, name, a.NestedType.Attributes)
	}
}

func holdsSet(t tftypes.Type) bool {
	switch v := t.(type) {
	case tftypes.Set:
		return true
	case tftypes.List:
		return holdsSet(v.ElementType)
	case tftypes.Map:
		return holdsSet(v.ElementType)
	case tftypes.Object:
		return slices.ContainsFunc(slices.Collect(maps.Values(v.AttributeTypes)), holdsSet)
	}
	return false
}

// TestDNSAttributesAreTheSameEverywhere compares the types of what data sources and resources share, because
// configurations feed one of them into the other.
func TestDNSAttributesAreTheSameEverywhere(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	want := map[string]tftypes.Type{
		"zones":           tftypes.Set{ElementType: tftypes.String},
		"dns_records":     tftypes.Map{ElementType: base.DNSRecordType.TerraformType(ctx)},
		"dns_record_sets": tftypes.Map{ElementType: base.DNSRecordSetType.TerraformType(ctx)},
		"dcv_status":      tftypes.Map{ElementType: base.DCVStatusType.TerraformType(ctx)},
		"dcv_complete":    tftypes.Bool,
	}
	for name, schema := range objectSchemas(t) {
		for _, a := range schema.Block.Attributes {
			if wanted, ok := want[a.Name]; ok && (a.Type == nil || !wanted.Equal(a.Type)) {
				t.Errorf("%s.%s is %v, expected %s", name, a.Name, a.Type, wanted)
			}
		}
	}
}
