// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// This file turns models into state. It does what tfsdk.State.Set does for the kinds of members that the models of data
// sources have, in a small part of the time: Set builds every value twice and compiles a regular expression for each member
// of each object. That, and the types that stateSchema remembers, was most of what reading a data source took.

// setState sets the whole state of a data source from a model.
func setState(ctx context.Context, state *tfsdk.State, model any) diag.Diagnostics {
	value := reflect.Indirect(reflect.ValueOf(model))
	// Every data source has a model of its own, so that the model stands for the schema.
	known, err := stateSchemas.get(value.Type(), func() (*stateSchema, error) { return newStateSchema(ctx, state.Schema) })
	if err != nil {
		return stateDiagnostic(err)
	}
	raw, err := stateValue(ctx, known.terraformType, value)
	if err != nil {
		return stateDiagnostic(err)
	}
	state.Raw, state.Schema = raw, known
	return nil
}

func stateDiagnostic(err error) diag.Diagnostics {
	return diag.Diagnostics{diag.NewErrorDiagnostic("Unexpected State",
		"The answer could not be put into Terraform's state: "+err.Error()+". This is a bug in the provider; please report it.")}
}

// stateSchemas has the schema of the state of each data source, by the type of its model.
var stateSchemas memo[reflect.Type, *stateSchema]

// stateSchema is the schema of a state that is complete. It remembers its types: the framework asks for one at each null of
// a state, and a schema makes the types of whole objects anew to answer. The schema that is embedded is empty: the framework
// looks for attributes whose value is to stay as configured because it means the same, and no type of this provider knows
// two spellings that do.
type stateSchema struct {
	schema.Schema
	full          schema.Schema
	whole         attr.Type
	terraformType tftypes.Type
	parts         memo[string, attr.Type] // by path; all elements of a collection are alike
}

func newStateSchema(ctx context.Context, of any) (*stateSchema, error) {
	known, ok := of.(schema.Schema)
	if !ok {
		return nil, fmt.Errorf("the schema is a %T", of)
	}
	whole := known.Type()
	return &stateSchema{full: known, whole: whole, terraformType: whole.TerraformType(ctx)}, nil
}

// Type returns the type of the whole state.
func (s *stateSchema) Type() attr.Type { return s.whole }

// TypeAtTerraformPath returns the type of a part of the state.
func (s *stateSchema) TypeAtTerraformPath(ctx context.Context, path *tftypes.AttributePath) (attr.Type, error) {
	var key strings.Builder
	for _, step := range path.Steps() {
		if name, ok := step.(tftypes.AttributeName); ok {
			key.WriteString(string(name))
		}
		key.WriteByte('/')
	}
	return s.parts.get(key.String(), func() (attr.Type, error) { return s.full.TypeAtTerraformPath(ctx, path) })
}

// stateValue makes a value of a Terraform type from a part of a model.
func stateValue(ctx context.Context, kind tftypes.Type, v reflect.Value) (tftypes.Value, error) {
	if value, ok := v.Interface().(attr.Value); ok {
		return value.ToTerraformValue(ctx)
	}
	var content any
	var err error
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return tftypes.NewValue(kind, nil), nil
		}
		return stateValue(ctx, kind, v.Elem())
	case reflect.Struct:
		content, err = stateMembers(ctx, kind, v)
	case reflect.Slice:
		if !v.IsNil() {
			content, err = stateElements(ctx, kind, v)
		}
	case reflect.Map:
		if !v.IsNil() {
			content, err = stateEntries(ctx, kind, v)
		}
	case reflect.String:
		content = v.String()
	case reflect.Bool:
		content = v.Bool()
	default:
		err = fmt.Errorf("a model has a member of type %s", v.Type())
	}
	if err != nil {
		return tftypes.Value{}, err
	}
	// NewValue panics where ValidateValue returns an error.
	if err := tftypes.ValidateValue(kind, content); err != nil {
		return tftypes.Value{}, err
	}
	return tftypes.NewValue(kind, content), nil
}

func stateMembers(ctx context.Context, kind tftypes.Type, v reflect.Value) (map[string]tftypes.Value, error) {
	object, ok := kind.(tftypes.Object)
	if !ok {
		return nil, fmt.Errorf("%s stands for a %s", v.Type(), kind)
	}
	members := modelMembers(v.Type())
	values := make(map[string]tftypes.Value, len(members))
	for _, m := range members {
		value, err := stateValue(ctx, object.AttributeTypes[m.name], v.FieldByIndex(m.index))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
		values[m.name] = value
	}
	return values, nil
}

func stateElements(ctx context.Context, kind tftypes.Type, v reflect.Value) ([]tftypes.Value, error) {
	list, ok := kind.(tftypes.List)
	if !ok {
		return nil, fmt.Errorf("%s stands for a %s", v.Type(), kind)
	}
	values := make([]tftypes.Value, v.Len())
	for i := range values {
		value, err := stateValue(ctx, list.ElementType, v.Index(i))
		if err != nil {
			return nil, fmt.Errorf("%d: %w", i, err)
		}
		values[i] = value
	}
	return values, nil
}

func stateEntries(ctx context.Context, kind tftypes.Type, v reflect.Value) (map[string]tftypes.Value, error) {
	entries, ok := kind.(tftypes.Map)
	if !ok {
		return nil, fmt.Errorf("%s stands for a %s", v.Type(), kind)
	}
	values := make(map[string]tftypes.Value, v.Len())
	for each := v.MapRange(); each.Next(); {
		key := each.Key().String()
		value, err := stateValue(ctx, entries.ElementType, each.Value())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		values[key] = value
	}
	return values, nil
}

// modelMember is a member of a model's struct, or of one embedded in it.
type modelMember struct {
	name  string
	index []int
}

// membersOf has the members of each struct of a model, by its type.
var membersOf memo[reflect.Type, []modelMember]

// modelMembers returns the members of a struct that have the tag tfsdk.
func modelMembers(t reflect.Type) []modelMember {
	members, _ := membersOf.get(t, func() (members []modelMember, _ error) {
		for _, field := range reflect.VisibleFields(t) {
			if name := field.Tag.Get("tfsdk"); name != "" && name != "-" {
				members = append(members, modelMember{name: name, index: field.Index})
			}
		}
		return members, nil
	})
	return members
}

// memo keeps what is costly to find out and never changes. The zero value is ready for use.
type memo[K comparable, V any] struct {
	mu    sync.RWMutex
	known map[K]V
}

// get returns the value for a key. The first time, and again after an error, find finds it out.
func (m *memo[K, V]) get(key K, find func() (V, error)) (V, error) {
	m.mu.RLock()
	value, ok := m.known[key]
	m.mu.RUnlock()
	if ok {
		return value, nil
	}
	value, err := find()
	if err != nil {
		return value, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = make(map[K]V)
	}
	m.known[key] = value
	return value, nil
}
