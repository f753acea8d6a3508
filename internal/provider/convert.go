// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client"
)

// The functions of this file turn wire values into Terraform values. Absent and JSON null become null, never "", 0 or false.

func text(v *client.Text) types.String {
	return types.StringPointerValue(v.Ptr())
}

func number(v *client.Int) types.Int64 {
	return types.Int64PointerValue(v.Ptr())
}

func boolean(v *client.Bool) types.Bool {
	return types.BoolPointerValue(v.Ptr())
}

// decimal keeps every digit of the wire, which a float64 would not.
func decimal(v *client.Decimal) types.Number {
	if v == nil {
		return types.NumberNull()
	}
	f, _, err := big.ParseFloat(v.String(), 10, 512, big.ToNearestEven)
	if err != nil {
		return types.NumberNull()
	}
	return types.NumberValue(f)
}

// texts never returns nil: an absent array is an empty list. JSON null elements are left out.
func texts(values []*client.Text) []string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		if v != nil {
			out = append(out, *v.Ptr())
		}
	}
	return out
}

// list maps a JSON array of objects, in its order. It never returns nil: an absent array is an empty list.
func list[E, M any](elements []E, model func(*E) M) []M {
	out := make([]M, len(elements))
	for i := range elements {
		out[i] = model(&elements[i])
	}
	return out
}

// object maps a nested JSON object; an absent one is null.
func object[E, M any](element *E, model func(*E) M) *M {
	if element == nil {
		return nil
	}
	m := model(element)
	return &m
}

// textMap maps a JSON object of text; an absent one is null.
func textMap(values map[string]*client.Text) map[string]types.String {
	if values == nil {
		return nil
	}
	return mapValues(values, text)
}

// textListValue is a list of known text.
func textListValue(values []string) types.List {
	elements := make([]attr.Value, len(values))
	for i, v := range values {
		elements[i] = types.StringValue(v)
	}
	return types.ListValueMust(types.StringType, elements)
}

// textElements returns the known text of a list or a set.
func textElements(collection interface{ Elements() []attr.Value }) []string {
	out := make([]string, 0, len(collection.Elements()))
	for _, e := range collection.Elements() {
		if text, ok := e.(types.String); ok && !text.IsNull() && !text.IsUnknown() {
			out = append(out, text.ValueString())
		}
	}
	return out
}

// isWhollyKnown tells whether a value holds nothing unknown at any depth.
func isWhollyKnown(value attr.Value) bool {
	if value.IsUnknown() {
		return false
	}
	var elements []attr.Value
	switch v := value.(type) {
	case types.Set:
		elements = v.Elements()
	case types.List:
		elements = v.Elements()
	case types.Map:
		elements = slices.Collect(maps.Values(v.Elements()))
	case types.Object:
		elements = slices.Collect(maps.Values(v.Attributes()))
	}
	return !slices.ContainsFunc(elements, func(e attr.Value) bool { return !isWhollyKnown(e) })
}
