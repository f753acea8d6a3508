// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/schemajson"
)

// schemaSections are the parts of the schema that every supported version of Terraform prints in the same way.
var schemaSections = []string{"provider", "resource_schemas", "data_source_schemas", "ephemeral_resource_schemas", "functions"}

// TestSchemaGolden holds the names, types and properties of everything that configurations can use. Descriptions are left
// out: docs/ shows how they change.
func TestSchemaGolden(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, nil, nil, map[string]string{"main.tf": requireCertops})
	output, ok := w.terraform("providers", "schema", "-json")
	if !ok {
		t.Fatal(output)
	}
	var printed struct {
		Providers map[string]map[string]any `json:"provider_schemas"`
	}
	if err := json.Unmarshal([]byte(output), &printed); err != nil {
		t.Fatalf("%s\n%s", err, output)
	}
	schema := make(map[string]any)
	for _, section := range schemaSections {
		if value, ok := printed.Providers["registry.terraform.io/certops/certops"][section]; ok {
			schema[section] = withoutDescriptions(value)
		}
	}
	for section, own := range newerSections(t) {
		if value, ok := printed.Providers["registry.terraform.io/certops/certops"][section]; ok {
			own = value
		}
		schema[section] = withoutDescriptions(own)
	}
	got, err := json.MarshalIndent(schema, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const golden = "testdata/schema.json"
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the schema is another one (-want +got); if users are to see the change, run with -update:\n%s", diff)
	}
}

// newerSections are the parts of the schema that older versions of Terraform do not print, as this module prints them.
func newerSections(t *testing.T) map[string]any {
	t.Helper()
	sections, err := schemajson.Sections(t.Context(), NewServer("test")())
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(sections)
	if err != nil {
		t.Fatal(err)
	}
	var decoded map[string]any
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

// withoutDescriptions returns a decoded JSON value without what only documents it.
func withoutDescriptions(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			_, text := member.(string)
			if text && (name == "description" || name == "description_kind" || name == "summary") {
				delete(value, name)
				continue
			}
			value[name] = withoutDescriptions(member)
		}
	case []any:
		for i := range value {
			value[i] = withoutDescriptions(value[i])
		}
	}
	return value
}
