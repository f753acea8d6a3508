// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
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
	if len(schemas.DataSourceSchemas) < 7 || len(schemas.Functions) < 6 {
		t.Fatalf("got %d data sources and %d functions", len(schemas.DataSourceSchemas), len(schemas.Functions))
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
		"dns_records":     tftypes.Map{ElementType: dnsRecordType.TerraformType(ctx)},
		"dns_record_sets": tftypes.Map{ElementType: dnsRecordSetType.TerraformType(ctx)},
		"dcv_status":      tftypes.Map{ElementType: dcvStatusType.TerraformType(ctx)},
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

// TestModelsFitSchemas finds, for every schema of a data source or resource, the struct in this package's source whose
// tfsdk tags are the schema's attributes, and compares it with the schema at every depth. The framework does the same at
// run time, but only for values that an answer happens to hold.
func TestModelsFitSchemas(t *testing.T) {
	t.Parallel()
	models := readModels(t)
	for name, schema := range objectSchemas(t) {
		object := schema.ValueType().(tftypes.Object)
		var mismatches []string
		fits := false
		for _, candidate := range slices.Sorted(maps.Keys(models)) {
			if !slices.Equal(slices.Sorted(maps.Keys(models[candidate])), slices.Sorted(maps.Keys(object.AttributeTypes))) {
				continue
			}
			found := models.compare(candidate, ast.NewIdent(candidate), object)
			fits = fits || len(found) == 0
			mismatches = append(mismatches, found...)
		}
		switch {
		case fits:
		case len(mismatches) == 0 && strings.HasPrefix(name, "resource."):
			planNulls(t, strings.TrimPrefix(name, "resource."), object)
		case len(mismatches) == 0:
			t.Errorf("%s: no struct has exactly the attributes %v", name, slices.Sorted(maps.Keys(object.AttributeTypes)))
		default:
			t.Errorf("%s:\n%s", name, strings.Join(mismatches, "\n"))
		}
	}
}

// planNulls plans an object of nothing but nulls, for a resource that reads its attributes one by one: each has to be there
// and of the type that it is read as.
func planNulls(t *testing.T, typeName string, object tftypes.Object) {
	t.Helper()
	server, err := providers()["certops"]()
	if err != nil {
		t.Fatal(err)
	}
	nulls := make(map[string]tftypes.Value, len(object.AttributeTypes))
	for name, attribute := range object.AttributeTypes {
		nulls[name] = tftypes.NewValue(attribute, nil)
	}
	value, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, nulls))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: &value, ProposedNewState: &value, Config: &value,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range resp.Diagnostics {
		t.Errorf("%s: %s: %s", typeName, d.Summary, d.Detail)
	}
}

// modelTypes are the structs with tfsdk tags: the type of each attribute by the struct's name, embedded structs included.
type modelTypes map[string]map[string]ast.Expr

func readModels(t *testing.T) modelTypes {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	structs := make(map[string]*ast.StructType)
	for _, entry := range files {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(gotoken.NewFileSet(), entry.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if s, ok := spec.Type.(*ast.StructType); ok {
					structs[spec.Name.Name] = s
				}
			}
			return true
		})
	}
	models := make(modelTypes)
	for name, s := range structs {
		fields := make(map[string]ast.Expr)
		flatten(t, structs, name, s, fields)
		if len(fields) > 0 {
			models[name] = fields
		}
	}
	return models
}

func flatten(t *testing.T, structs map[string]*ast.StructType, name string, s *ast.StructType, into map[string]ast.Expr) {
	t.Helper()
	for _, field := range s.Fields.List {
		if embedded, ok := field.Type.(*ast.Ident); ok && len(field.Names) == 0 && structs[embedded.Name] != nil {
			flatten(t, structs, name, structs[embedded.Name], into)
			continue
		}
		if field.Tag == nil {
			continue
		}
		tag := reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("tfsdk")
		if tag == "" {
			continue
		}
		if into[tag] != nil {
			t.Errorf("%s has two fields for %s", name, tag)
		}
		into[tag] = field.Type
	}
}

// frameworkTypes are the framework's values that stand for a type whatever their elements.
var frameworkTypes = map[string]func(tftypes.Type) bool{
	"String":  func(t tftypes.Type) bool { return t.Is(tftypes.String) },
	"Bool":    func(t tftypes.Type) bool { return t.Is(tftypes.Bool) },
	"Int64":   func(t tftypes.Type) bool { return t.Is(tftypes.Number) },
	"Number":  func(t tftypes.Type) bool { return t.Is(tftypes.Number) },
	"Float64": func(t tftypes.Type) bool { return t.Is(tftypes.Number) },
	"List":    func(t tftypes.Type) bool { return t.Is(tftypes.List{}) },
	"Set":     func(t tftypes.Type) bool { return t.Is(tftypes.Set{}) },
	"Map":     func(t tftypes.Type) bool { return t.Is(tftypes.Map{}) },
	"Object":  func(t tftypes.Type) bool { return t.Is(tftypes.Object{}) },
}

// compare tells where a Go type cannot hold a schema's type.
func (m modelTypes) compare(path string, goType ast.Expr, want tftypes.Type) []string {
	wrong := []string{fmt.Sprintf("  %s cannot hold %s", path, want)}
	switch v := goType.(type) {
	case *ast.StarExpr:
		return m.compare(path, v.X, want)
	case *ast.SelectorExpr:
		if fits := frameworkTypes[v.Sel.Name]; fits == nil || !fits(want) {
			return wrong
		}
		return nil
	case *ast.ArrayType:
		switch collection := want.(type) {
		case tftypes.List:
			return m.compare(path+"[]", v.Elt, collection.ElementType)
		case tftypes.Set:
			return m.compare(path+"[]", v.Elt, collection.ElementType)
		}
		return wrong
	case *ast.MapType:
		if collection, ok := want.(tftypes.Map); ok {
			return m.compare(path+"{}", v.Value, collection.ElementType)
		}
		return wrong
	case *ast.Ident:
		fields, isModel := m[v.Name]
		object, isObject := want.(tftypes.Object)
		if !isModel || !isObject {
			basic := map[string]tftypes.Type{"string": tftypes.String, "bool": tftypes.Bool, "int64": tftypes.Number}[v.Name]
			if basic == nil || !want.Is(basic) {
				return wrong
			}
			return nil
		}
		var found []string
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			attribute, ok := object.AttributeTypes[name]
			if !ok {
				found = append(found, fmt.Sprintf("  %s has %s, the schema has not", path, name))
				continue
			}
			found = append(found, m.compare(path+"."+name, fields[name], attribute)...)
		}
		for _, name := range slices.Sorted(maps.Keys(object.AttributeTypes)) {
			if fields[name] == nil {
				found = append(found, fmt.Sprintf("  %s lacks %s", path, name))
			}
		}
		return found
	}
	return wrong
}
