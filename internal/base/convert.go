// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// TextListValue is a list of known text.
func TextListValue(values []string) types.List {
	elements := make([]attr.Value, len(values))
	for i, v := range values {
		elements[i] = types.StringValue(v)
	}
	return types.ListValueMust(types.StringType, elements)
}

// Known tells whether an argument has a value. At plan an unknown one may still turn out to be null.
func Known(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }

// TextElements returns the known text of a list or a set.
func TextElements(collection interface{ Elements() []attr.Value }) []string {
	out := make([]string, 0, len(collection.Elements()))
	for _, e := range collection.Elements() {
		if text, ok := e.(types.String); ok && Known(text) {
			out = append(out, text.ValueString())
		}
	}
	return out
}

// IsWhollyKnown tells whether a value holds nothing unknown at any depth.
func IsWhollyKnown(value attr.Value) bool {
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
	return !slices.ContainsFunc(elements, func(e attr.Value) bool { return !IsWhollyKnown(e) })
}

// Included is the value of an option that is on unless switched off.
func Included(option types.Bool) bool {
	return option.IsNull() || option.ValueBool()
}
