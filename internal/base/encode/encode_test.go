// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package encode

import (
	"bytes"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// everything is a model of all that the framework's State.Set takes and this package too.
type everything struct {
	Text    types.String            `tfsdk:"text"`
	Plain   string                  `tfsdk:"plain"`
	Flag    types.Bool              `tfsdk:"flag"`
	Is      bool                    `tfsdk:"is"`
	Count   types.Int64             `tfsdk:"count_of"`
	Number  types.Number            `tfsdk:"number"`
	List    types.List              `tfsdk:"list"`
	Set     types.Set               `tfsdk:"set"`
	Object  *member                 `tfsdk:"object"`
	Objects []member                `tfsdk:"objects"`
	Map     map[string]types.String `tfsdk:"map"`
	Records map[string]member       `tfsdk:"records"`
	embedded
}

type member struct {
	Name  types.String `tfsdk:"name"`
	Texts []string     `tfsdk:"texts"`
}

type embedded struct {
	Inner types.String `tfsdk:"inner"`
}

var memberType = types.ObjectType{AttrTypes: map[string]attr.Type{"name": types.StringType,
	"texts": types.ListType{ElemType: types.StringType}}}

var everythingSchema = schema.Schema{Attributes: map[string]schema.Attribute{
	"text": schema.StringAttribute{}, "plain": schema.StringAttribute{}, "inner": schema.StringAttribute{},
	"flag": schema.BoolAttribute{}, "is": schema.BoolAttribute{},
	"count_of": schema.Int64Attribute{}, "number": schema.NumberAttribute{},
	"list":    schema.ListAttribute{ElementType: types.StringType},
	"set":     schema.SetAttribute{ElementType: types.StringType},
	"map":     schema.MapAttribute{ElementType: types.StringType},
	"object":  schema.ObjectAttribute{AttributeTypes: memberType.AttrTypes},
	"objects": schema.ListAttribute{ElementType: memberType},
	"records": schema.MapAttribute{ElementType: memberType},
}}

// TestState checks that State does what the framework's own State.Set does.
func TestState(t *testing.T) {
	for _, elements := range []int{-1, 0, 1, 3} {
		t.Run(fmt.Sprintf("%d elements", elements), func(t *testing.T) {
			var model everything
			fill(t, reflect.ValueOf(&model).Elem(), elements)
			want := tfsdk.State{Schema: everythingSchema}
			if diags := want.Set(t.Context(), &model); diags.HasError() {
				t.Fatal(diags)
			}
			encoded, err := State(t.Context(), everythingSchema, &model)
			if err != nil {
				t.Fatal(err)
			}
			kind := everythingSchema.Type().TerraformType(t.Context())
			got, err := encoded.Unmarshal(kind)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Equal(want.Raw) {
				differences, err := want.Raw.Diff(got)
				t.Errorf("State differs from State.Set: %v %v", differences, err)
			}
			again, err := State(t.Context(), everythingSchema, &model)
			if err != nil || !bytes.Equal(encoded.MsgPack, again.MsgPack) {
				t.Errorf("the same model is encoded in two ways: %v", err)
			}
			dynamic, err := tfprotov6.NewDynamicValue(kind, want.Raw)
			if err != nil {
				t.Fatal(err)
			}
			// terraform-plugin-go has the entries of maps in any order.
			if elements <= 1 && !bytes.Equal(encoded.MsgPack, dynamic.MsgPack) {
				t.Errorf("the encoding differs from terraform-plugin-go's:\n%x\n%x", encoded.MsgPack, dynamic.MsgPack)
			}
		})
	}
}

type (
	wireText string
	wireInt  int64
	wireBool bool
)

// response is a struct as a vendor's API has them.
type response struct {
	ID        *wireInt             `json:"@id" tfsdk:"resource_id"`
	Name      *wireText            `json:"commonName"`
	Count     *wireInt             `json:"count_of"`
	Flag      *wireBool            `json:"is_on"`
	Price     *wireText            `json:"price"`
	Names     []*wireText          `json:"dnsNames"`
	Details   map[string]*wireText `json:"details"`
	Parts     []part               `json:"parts"`
	NotInside *wireText            `json:"secret"`
}

type part struct {
	Name *wireText `json:"name"`
}

// TestStateOfResponses encodes structs of APIs: names in snake_case, nil and absent members, fields that the schema leaves out.
func TestStateOfResponses(t *testing.T) {
	of := schema.Schema{Attributes: map[string]schema.Attribute{
		"resource_id": schema.Int64Attribute{}, "common_name": schema.StringAttribute{}, "count_of": schema.Int64Attribute{},
		"is_on": schema.BoolAttribute{}, "price": schema.NumberAttribute{}, "dns_names": schema.ListAttribute{ElementType: types.StringType},
		"details": schema.MapAttribute{ElementType: types.StringType},
		"parts":   schema.ListAttribute{ElementType: types.ObjectType{AttrTypes: map[string]attr.Type{"name": types.StringType}}},
	}}
	id, name, price, yes := wireInt(1<<53+1), wireText("a"), wireText("9007199254740993.01"), wireBool(true)
	exact, _, err := big.ParseFloat(string(price), 10, 512, big.ToNearestEven)
	if err != nil {
		t.Fatal(err)
	}
	part1 := types.ObjectValueMust(map[string]attr.Type{"name": types.StringType}, map[string]attr.Value{"name": types.StringNull()})
	for _, test := range []struct {
		response response
		want     map[string]attr.Value
	}{
		{response{}, map[string]attr.Value{
			"resource_id": types.Int64Null(), "common_name": types.StringNull(), "count_of": types.Int64Null(), "is_on": types.BoolNull(),
			"price": types.NumberNull(), "dns_names": types.ListValueMust(types.StringType, []attr.Value{}),
			"details": types.MapNull(types.StringType),
			"parts":   types.ListValueMust(part1.Type(t.Context()), []attr.Value{}),
		}},
		{response{ID: &id, Name: &name, Count: &id, Flag: &yes, Price: &price, Names: []*wireText{nil, &name, nil},
			Details: map[string]*wireText{"a": nil, "b": &name}, Parts: []part{{}}, NotInside: &name}, map[string]attr.Value{
			"resource_id": types.Int64Value(int64(id)), "common_name": types.StringValue("a"), "count_of": types.Int64Value(int64(id)),
			"is_on": types.BoolValue(true),
			"price": types.NumberValue(exact), "dns_names": types.ListValueMust(types.StringType, []attr.Value{types.StringValue("a")}),
			"details": types.MapValueMust(types.StringType, map[string]attr.Value{"a": types.StringNull(), "b": types.StringValue("a")}),
			"parts":   types.ListValueMust(part1.Type(t.Context()), []attr.Value{part1}),
		}},
	} {
		encoded, err := State(t.Context(), of, &test.response)
		if err != nil {
			t.Fatal(err)
		}
		kind := of.Type().TerraformType(t.Context())
		got, err := encoded.Unmarshal(kind)
		if err != nil {
			t.Fatal(err)
		}
		object, ok := of.Type().(types.ObjectType)
		if !ok {
			t.Fatalf("a schema of type %T", of.Type())
		}
		want, err := types.ObjectValueMust(object.AttrTypes, test.want).ToTerraformValue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !got.Equal(want) {
			differences, err := want.Diff(got)
			t.Errorf("unexpected state: %v %v", differences, err)
		}
	}
}

// TestEncoderRefuses is about models that State.Set refuses too.
func TestEncoderRefuses(t *testing.T) {
	text := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"a": tftypes.String}}
	for name, test := range map[string]struct {
		kind  tftypes.Type
		model any
	}{
		"other kind": {text, struct {
			A bool `tfsdk:"a"`
		}{}},
		"missing": {text, struct {
			B string `tfsdk:"b"`
		}{}},
		"too many": {text, struct {
			A string `tfsdk:"a"`
			B string `tfsdk:"b"`
		}{}},
		"twice": {text, struct {
			A string `tfsdk:"a"`
			B string `tfsdk:"a"`
		}{}},
		"embedded pointer":       {text, struct{ *embedded }{}},
		"keys that are not text": {tftypes.Map{ElementType: tftypes.String}, map[int]string{}},
		"list for a set":         {tftypes.Set{ElementType: tftypes.String}, []string{}},
		"number":                 {tftypes.Number, 1},
	} {
		if _, err := newEncoder(test.kind, reflect.TypeOf(test.model)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// fill puts something into every member. Slices and maps get that many elements, none and no map for -1, when pointers
// are nil and values null as well.
func fill(t *testing.T, v reflect.Value, elements int) {
	t.Helper()
	if v.Type().Implements(reflect.TypeFor[attr.Value]()) {
		v.Set(reflect.ValueOf(someValue(t, v.Interface(), elements)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), elements)
		}
	case reflect.Pointer:
		if elements >= 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem(), elements)
		}
	case reflect.Slice:
		// A nil slice is another thing for State.Set.
		v.Set(reflect.MakeSlice(v.Type(), max(elements, 0), max(elements, 0)))
		for i := range max(elements, 0) {
			fill(t, v.Index(i), elements)
		}
	case reflect.Map:
		if elements >= 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for i := range elements {
				element := reflect.New(v.Type().Elem()).Elem()
				fill(t, element, elements)
				v.SetMapIndex(reflect.ValueOf(fmt.Sprint("key", i)), element)
			}
		}
	case reflect.String:
		v.SetString(strings.Repeat("text ", elements+1))
	case reflect.Bool:
		v.SetBool(elements > 0)
	default:
		t.Fatalf("a model has a member of type %s", v.Type())
	}
}

// someValue returns a value like another. All lists and sets of the models are of text.
func someValue(t *testing.T, like any, elements int) attr.Value {
	t.Helper()
	texts := []attr.Value{}
	for i := range elements {
		texts = append(texts, types.StringValue(fmt.Sprint("text ", i)))
	}
	switch like.(type) {
	case types.String:
		if elements < 0 {
			return types.StringNull()
		}
		return types.StringValue(strings.Repeat("text ", elements))
	case types.Int64:
		if elements < 0 {
			return types.Int64Null()
		}
		return types.Int64Value(int64(elements) << 60)
	case types.Bool:
		if elements < 0 {
			return types.BoolNull()
		}
		return types.BoolValue(elements > 0)
	case types.Number:
		if elements < 0 {
			return types.NumberNull()
		}
		return types.NumberValue(big.NewFloat(1234.5))
	case types.List:
		if elements < 0 {
			return types.ListNull(types.StringType)
		}
		return types.ListValueMust(types.StringType, texts)
	case types.Set:
		if elements < 0 {
			return types.SetNull(types.StringType)
		}
		return types.SetValueMust(types.StringType, texts)
	}
	t.Fatalf("a model has a value of type %T", like)
	return nil
}
