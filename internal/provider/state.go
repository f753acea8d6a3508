// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// This file turns models into state. It does what tfsdk.State.Set does for the kinds of members that the models of data
// sources have, in a small part of the time: Set builds every value twice and compiles a regular expression for each member
// of each object, which was most of what reading a data source took.

// setState sets the whole state of a data source from a model. It comes last in a read: within a call that leanServer serves,
// the state goes past the framework, which is left with an empty one.
func setState(ctx context.Context, state *tfsdk.State, model any) diag.Diagnostics {
	value := reflect.Indirect(reflect.ValueOf(model))
	// Every data source has a model of its own, so that the model stands for the schema.
	kind := stateTypes.get(value.Type(), func() tftypes.Type { return state.Schema.Type().TerraformType(ctx) })
	raw, err := stateValue(ctx, kind, value)
	if err != nil {
		return stateDiagnostic(err)
	}
	result, ok := ctx.Value(stateResultKey{}).(*stateResult)
	if !ok {
		state.Raw = raw
		return nil
	}
	encoded, err := tfprotov6.NewDynamicValue(kind, raw)
	if err != nil {
		return stateDiagnostic(err)
	}
	result.state = &encoded
	empty := schema.Schema{}
	state.Schema, state.Raw = empty, tftypes.NewValue(empty.Type().TerraformType(ctx), map[string]tftypes.Value{})
	return nil
}

// stateResultKey is the key of the *stateResult in the context of a call.
type stateResultKey struct{}

// stateResult is the state of a data source on its way past the framework.
type stateResult struct {
	state *tfprotov6.DynamicValue
}

func stateDiagnostic(err error) diag.Diagnostics {
	return diag.Diagnostics{diag.NewErrorDiagnostic("Unexpected State",
		"The answer could not be put into Terraform's state: "+err.Error()+". This is a bug in the provider; please report it.")}
}

// stateTypes has the type of the state of each data source, by the type of its model.
var stateTypes memo[reflect.Type, tftypes.Type]

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
	return membersOf.get(t, func() (members []modelMember) {
		for _, field := range reflect.VisibleFields(t) {
			if name := field.Tag.Get("tfsdk"); name != "" && name != "-" {
				members = append(members, modelMember{name: name, index: field.Index})
			}
		}
		return members
	})
}

// memo keeps what is costly to find out and never changes. The zero value is ready for use.
type memo[K comparable, V any] struct {
	mu    sync.RWMutex
	known map[K]V
}

// get returns the value for a key, which find finds out the first time.
func (m *memo[K, V]) get(key K, find func() V) V {
	m.mu.RLock()
	value, ok := m.known[key]
	m.mu.RUnlock()
	if ok {
		return value
	}
	value = find()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = make(map[K]V)
	}
	m.known[key] = value
	return value
}
