// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// fixture decodes an answer from a client package's testdata, which says where each came from.
func fixture[T any](t *testing.T, vendor, name string) *T {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "client", vendor, "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return decode[T](t, string(text))
}

// decode reads an answer the way the clients do.
func decode[T any](t *testing.T, text string) *T {
	t.Helper()
	var answer T
	if err := json.NewDecoder(bytes.NewReader([]byte(text))).Decode(&answer); err != nil {
		t.Fatalf("decode the answer: %s", err)
	}
	return &answer
}

// wantModel demands that a model holds what a JSON object says: null for null, and every attribute.
func wantModel(t *testing.T, model any, want string) {
	t.Helper()
	if diff := cmp.Diff(parseJSON(t, want), plain(t, reflect.ValueOf(model))); diff != "" {
		t.Errorf("unexpected model (-want +got):\n%s", diff)
	}
}

// plain turns a model into the values that JSON has. A nil slice or map is null, as it is in Terraform's state.
func plain(t *testing.T, v reflect.Value) any {
	t.Helper()
	if value, ok := v.Interface().(attr.Value); ok {
		return plainValue(t, value)
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return plain(t, v.Elem())
	case reflect.String:
		return v.String()
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		elements := make([]any, v.Len())
		for i := range elements {
			elements[i] = plain(t, v.Index(i))
		}
		return elements
	case reflect.Map:
		if v.IsNil() {
			return nil
		}
		members := make(map[string]any, v.Len())
		for _, key := range v.MapKeys() {
			members[key.String()] = plain(t, v.MapIndex(key))
		}
		return members
	case reflect.Struct:
		members := make(map[string]any)
		for _, field := range reflect.VisibleFields(v.Type()) {
			if !field.Anonymous {
				members[field.Tag.Get("tfsdk")] = plain(t, v.FieldByIndex(field.Index))
			}
		}
		return members
	}
	t.Fatalf("no model has a %s", v.Type())
	return nil
}

func plainValue(t *testing.T, value attr.Value) any {
	t.Helper()
	if value.IsNull() {
		return nil
	}
	if value.IsUnknown() {
		return "(unknown)"
	}
	switch v := value.(type) {
	case types.String:
		return v.ValueString()
	case types.Bool:
		return v.ValueBool()
	case types.Int64:
		return json.Number(v.String())
	case types.Number:
		return json.Number(v.ValueBigFloat().Text('f', -1))
	case types.List:
		elements := make([]any, len(v.Elements()))
		for i, e := range v.Elements() {
			elements[i] = plainValue(t, e)
		}
		return elements
	}
	t.Fatalf("no model has a %T", value)
	return nil
}
