// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
)

// TestTexts holds that no array is an empty one.
func TestTexts(t *testing.T) {
	t.Parallel()
	if got := client.Texts(nil); got == nil || len(got) != 0 {
		t.Errorf("no texts became %#v", got)
	}
}

func TestTextElements(t *testing.T) {
	t.Parallel()
	set := types.SetValueMust(types.StringType, []attr.Value{types.StringValue("a"), types.StringNull(), types.StringUnknown(),
		types.StringValue("")})
	if diff := cmp.Diff([]string{"a", ""}, base.TextElements(set)); diff != "" {
		t.Errorf("unexpected texts (-want +got):\n%s", diff)
	}
	if got := base.TextElements(types.SetNull(types.StringType)); got == nil || len(got) != 0 {
		t.Errorf("a null set became %#v", got)
	}
}

func TestIsWhollyKnown(t *testing.T) {
	t.Parallel()
	inner := func(value attr.Value) attr.Value {
		return types.ObjectValueMust(map[string]attr.Type{"a": types.ListType{ElemType: types.StringType}},
			map[string]attr.Value{"a": types.ListValueMust(types.StringType, []attr.Value{value})})
	}
	for name, test := range map[string]struct {
		value attr.Value
		want  bool
	}{
		"text":              {types.StringValue("a"), true},
		"null":              {types.StringNull(), true},
		"unknown":           {types.StringUnknown(), false},
		"known inside":      {inner(types.StringValue("a")), true},
		"unknown inside":    {inner(types.StringUnknown()), false},
		"unknown in a set":  {types.SetValueMust(types.StringType, []attr.Value{types.StringUnknown()}), false},
		"an unknown object": {types.ObjectUnknown(nil), false},
	} {
		if got := base.IsWhollyKnown(test.value); got != test.want {
			t.Errorf("%s: %t, expected %t", name, got, test.want)
		}
	}
}
