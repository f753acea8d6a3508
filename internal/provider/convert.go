// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

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
