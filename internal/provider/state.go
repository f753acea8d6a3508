// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"
)

// This file turns models into state, in the encoding of the plugin protocol. It does what tfsdk.State.Set does for the kinds
// of members that the models of data sources have, in a small part of the time: Set builds every value twice, compiles a
// regular expression for each member of each object, and leaves the encoding still to be done.

// setState sets the whole state of a data source from a model, a pointer to a struct. It comes last in a read: within a call
// that leanServer serves, the state goes past the framework, which is left with an empty one.
func setState(ctx context.Context, state *tfsdk.State, model any) diag.Diagnostics {
	value := reflect.ValueOf(model).Elem()
	encoder, err := stateEncoderFor(ctx, value.Type(), state.Schema)
	if err != nil {
		return stateDiagnostic(err)
	}
	var encoded bytes.Buffer
	if err := encoder.encode(ctx, msgpack.NewEncoder(&encoded), value); err != nil {
		return stateDiagnostic(err)
	}
	dynamic := &tfprotov6.DynamicValue{MsgPack: encoded.Bytes()}
	if result, ok := ctx.Value(stateResultKey{}).(*stateResult); ok {
		result.state = dynamic
		empty := schema.Schema{}
		state.Schema, state.Raw = empty, tftypes.NewValue(empty.Type().TerraformType(ctx), map[string]tftypes.Value{})
		return nil
	}
	state.Raw, err = dynamic.Unmarshal(encoder.kind)
	if err != nil {
		return stateDiagnostic(err)
	}
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

// stateEncoder encodes the models of one type.
type stateEncoder struct {
	kind   tftypes.Type
	encode encodeFunc
}

// encodeFunc writes a part of a model.
type encodeFunc func(ctx context.Context, w *msgpack.Encoder, v reflect.Value) error

// stateEncoders has the encoder of each model, by its type, since making one takes longer than using it. A model stands for
// the schema: only the two names of one data source share a model, and they share the schema as well.
var stateEncoders struct {
	sync.RWMutex
	known map[reflect.Type]stateEncoder
}

// stateEncoderFor returns the encoder of a model.
func stateEncoderFor(ctx context.Context, model reflect.Type, schema interface{ Type() attr.Type }) (stateEncoder, error) {
	stateEncoders.RLock()
	encoder, ok := stateEncoders.known[model]
	stateEncoders.RUnlock()
	if ok {
		return encoder, nil
	}
	kind := schema.Type().TerraformType(ctx)
	encode, err := newEncodeFunc(kind, model)
	if err != nil {
		return stateEncoder{}, err
	}
	encoder = stateEncoder{kind: kind, encode: encode}
	stateEncoders.Lock()
	defer stateEncoders.Unlock()
	if stateEncoders.known == nil {
		stateEncoders.known = make(map[reflect.Type]stateEncoder)
	}
	stateEncoders.known[model] = encoder
	return encoder, nil
}

// newEncodeFunc returns how a part of a model becomes a value of a Terraform type. That one does not fit the other is an error.
func newEncodeFunc(kind tftypes.Type, part reflect.Type) (encodeFunc, error) {
	if part.Implements(reflect.TypeFor[attr.Value]()) {
		return newEncodeValue(kind, part), nil
	}
	switch part.Kind() {
	case reflect.Pointer:
		return newEncodePointer(kind, part)
	case reflect.Struct:
		if object, ok := kind.(tftypes.Object); ok {
			return newEncodeObject(object, part)
		}
	case reflect.Slice:
		if list, ok := kind.(tftypes.List); ok {
			return newEncodeList(list, part)
		}
	case reflect.Map:
		if entries, ok := kind.(tftypes.Map); ok && part.Key().Kind() == reflect.String {
			return newEncodeMap(entries, part)
		}
	case reflect.String:
		if kind.Is(tftypes.String) {
			return func(_ context.Context, w *msgpack.Encoder, v reflect.Value) error { return w.EncodeString(v.String()) }, nil
		}
	case reflect.Bool:
		if kind.Is(tftypes.Bool) {
			return func(_ context.Context, w *msgpack.Encoder, v reflect.Value) error { return w.EncodeBool(v.Bool()) }, nil
		}
	}
	return nil, fmt.Errorf("%s stands for a %s", part, kind)
}

func newEncodePointer(kind tftypes.Type, part reflect.Type) (encodeFunc, error) {
	encode, err := newEncodeFunc(kind, part.Elem())
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, w *msgpack.Encoder, v reflect.Value) error {
		if v.IsNil() {
			return w.EncodeNil()
		}
		return encode(ctx, w, v.Elem())
	}, nil
}

// newEncodeObject takes the fields of a struct, and of those embedded in it, that have the tag tfsdk. The members come in the
// order of their names, as terraform-plugin-go has them.
func newEncodeObject(object tftypes.Object, part reflect.Type) (encodeFunc, error) {
	fields := make(map[string]reflect.StructField)
	for _, field := range reflect.VisibleFields(part) {
		if field.Anonymous && field.Type.Kind() == reflect.Pointer {
			return nil, fmt.Errorf("%s embeds a pointer, which could be nil", part)
		}
		name := field.Tag.Get("tfsdk")
		if name == "" || name == "-" {
			continue
		}
		if _, ok := fields[name]; ok {
			return nil, fmt.Errorf("%s has two members called %s", part, name)
		}
		fields[name] = field
	}
	if len(fields) != len(object.AttributeTypes) {
		return nil, fmt.Errorf("%s has %d members, its object %d", part, len(fields), len(object.AttributeTypes))
	}
	type member struct {
		name   string
		index  []int
		encode encodeFunc
	}
	var members []member
	for _, name := range slices.Sorted(maps.Keys(object.AttributeTypes)) {
		field, ok := fields[name]
		if !ok {
			return nil, fmt.Errorf("%s has no %s", part, name)
		}
		encode, err := newEncodeFunc(object.AttributeTypes[name], field.Type)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		members = append(members, member{name, field.Index, encode})
	}
	return func(ctx context.Context, w *msgpack.Encoder, v reflect.Value) error {
		if err := w.EncodeMapLen(len(members)); err != nil {
			return err
		}
		for _, m := range members {
			if err := w.EncodeString(m.name); err != nil {
				return err
			}
			if err := m.encode(ctx, w, v.FieldByIndex(m.index)); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
		}
		return nil
	}, nil
}

func newEncodeList(list tftypes.List, part reflect.Type) (encodeFunc, error) {
	encode, err := newEncodeFunc(list.ElementType, part.Elem())
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, w *msgpack.Encoder, v reflect.Value) error {
		if v.IsNil() {
			return w.EncodeNil()
		}
		if err := w.EncodeArrayLen(v.Len()); err != nil {
			return err
		}
		for i := range v.Len() {
			if err := encode(ctx, w, v.Index(i)); err != nil {
				return fmt.Errorf("%d: %w", i, err)
			}
		}
		return nil
	}, nil
}

// newEncodeMap has the entries in the order of their keys, so that the same model gives the same bytes.
func newEncodeMap(entries tftypes.Map, part reflect.Type) (encodeFunc, error) {
	encode, err := newEncodeFunc(entries.ElementType, part.Elem())
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, w *msgpack.Encoder, v reflect.Value) error {
		if v.IsNil() {
			return w.EncodeNil()
		}
		if err := w.EncodeMapLen(v.Len()); err != nil {
			return err
		}
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		element := reflect.New(part.Elem()).Elem()
		for _, key := range keys {
			if err := w.EncodeString(key.String()); err != nil {
				return err
			}
			element.Set(v.MapIndex(key))
			if err := encode(ctx, w, element); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
		}
		return nil
	}, nil
}

// newEncodeValue is for members that are values of the framework already. Text, which is most of them, is encoded without
// being put into an interface, which would allocate a copy.
func newEncodeValue(kind tftypes.Type, part reflect.Type) encodeFunc {
	encode := func(ctx context.Context, w *msgpack.Encoder, v reflect.Value) error {
		value, ok := reflect.TypeAssert[attr.Value](v)
		if !ok {
			return fmt.Errorf("%s is not there", v.Type())
		}
		return encodeValue(ctx, w, kind, value)
	}
	if part != reflect.TypeFor[types.String]() || !kind.Is(tftypes.String) {
		return encode
	}
	return func(ctx context.Context, w *msgpack.Encoder, v reflect.Value) error {
		text, ok := reflect.TypeAssert[types.String](v)
		switch {
		case !ok || text.IsUnknown():
			return encode(ctx, w, v)
		case text.IsNull():
			return w.EncodeNil()
		default:
			return w.EncodeString(text.ValueString())
		}
	}
}

// encodeValue encodes a value of the framework.
func encodeValue(ctx context.Context, w *msgpack.Encoder, kind tftypes.Type, value attr.Value) error {
	if value.IsNull() {
		return w.EncodeNil()
	}
	switch value := value.(type) {
	case types.String:
		if kind.Is(tftypes.String) && !value.IsUnknown() {
			return w.EncodeString(value.ValueString())
		}
	case types.List:
		list, ok := kind.(tftypes.List)
		if !ok || value.IsUnknown() {
			break
		}
		elements := value.Elements()
		if err := w.EncodeArrayLen(len(elements)); err != nil {
			return err
		}
		for i, element := range elements {
			if err := encodeValue(ctx, w, list.ElementType, element); err != nil {
				return fmt.Errorf("%d: %w", i, err)
			}
		}
		return nil
	}
	raw, err := value.ToTerraformValue(ctx)
	if err != nil {
		return err
	}
	encoded, err := tfprotov6.NewDynamicValue(kind, raw)
	if err != nil {
		return err
	}
	return w.Encode(msgpack.RawMessage(encoded.MsgPack))
}
