// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package providertest holds what the tests of the provider and of its vendors share.
package providertest

import (
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/base/encode"
)

// WantModel demands that a model becomes a state that a JSON object describes: null for null, and every attribute.
func WantModel(t *testing.T, attributes map[string]schema.Attribute, model any, want string) {
	t.Helper()
	wantState(t, schema.Schema{Attributes: attributes}, model, want)
}

// WantObject demands the same of a model that is a plain object.
func WantObject(t *testing.T, object attr.Type, model any, want string) {
	t.Helper()
	wantState(t, typed{object}, model, want)
}

// Nested are the attributes of an object among others.
func Nested(t *testing.T, attributes map[string]schema.Attribute, name string) map[string]schema.Attribute {
	t.Helper()
	object, ok := attributes[name].(schema.SingleNestedAttribute)
	if !ok {
		t.Fatalf("%s is no object", name)
	}
	return object.Attributes
}

type typed struct{ of attr.Type }

func (t typed) Type() attr.Type { return t.of }

func wantState(t *testing.T, schema interface{ Type() attr.Type }, model any, want string) {
	t.Helper()
	pointer := reflect.New(reflect.TypeOf(model))
	pointer.Elem().Set(reflect.ValueOf(model))
	encoded, err := encode.State(t.Context(), schema, pointer.Interface())
	if err != nil {
		t.Fatal(err)
	}
	state, err := encoded.Unmarshal(schema.Type().TerraformType(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ParseJSON(t, want), Plain(t, state)); diff != "" {
		t.Errorf("unexpected state (-want +got):\n%s", diff)
	}
}

// Plain turns a state into the values that JSON has.
func Plain(t testing.TB, v tftypes.Value) any {
	t.Helper()
	if v.IsNull() {
		return nil
	}
	var err error
	switch kind := v.Type(); {
	case kind.Is(tftypes.String):
		var text string
		err = v.As(&text)
		if err == nil {
			return text
		}
	case kind.Is(tftypes.Bool):
		var is bool
		err = v.As(&is)
		if err == nil {
			return is
		}
	case kind.Is(tftypes.Number):
		var number big.Float
		err = v.As(&number)
		if err == nil {
			return json.Number(number.Text('f', -1))
		}
	case kind.Is(tftypes.List{}), kind.Is(tftypes.Set{}):
		var elements []tftypes.Value
		err = v.As(&elements)
		list := make([]any, len(elements))
		for i, element := range elements {
			list[i] = Plain(t, element)
		}
		if err == nil {
			return list
		}
	default:
		var members map[string]tftypes.Value
		err = v.As(&members)
		object := make(map[string]any, len(members))
		for name, member := range members {
			object[name] = Plain(t, member)
		}
		if err == nil {
			return object
		}
	}
	t.Fatal(err)
	return nil
}

// ParseJSON decodes JSON text with its numbers as they are written.
func ParseJSON(t *testing.T, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("expected value is not JSON: %s\n%s", err, text)
	}
	return value
}
