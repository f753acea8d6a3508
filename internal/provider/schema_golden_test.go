// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
	"github.com/certops/terraform-provider-certops/internal/schemajson"
)

// TestSchemaGolden holds the names, types and properties of everything that configurations can use. Descriptions are left
// out: docs/ shows how they change.
func TestSchemaGolden(t *testing.T) {
	t.Parallel()
	got, err := json.MarshalIndent(withoutDescriptions(schemaSections(t)), "", " ")
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

// TestAccSchema holds what this module prints of the schema to what Terraform prints, as far as its version does.
func TestAccSchema(t *testing.T) {
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
	want := printed.Providers[exampletest.New(t, "").Host+"/certops/certops"]
	if len(want) < 3 {
		t.Fatalf("Terraform prints no more than %d parts of the schema", len(want))
	}
	got := schemaSections(t)
	for section := range want {
		if diff := cmp.Diff(want[section], got[section]); diff != "" {
			t.Errorf("%s (-Terraform +this module):\n%s", section, diff)
		}
	}
}

// schemaSections are the parts of the schema as JSON has them.
func schemaSections(t *testing.T) map[string]any {
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
