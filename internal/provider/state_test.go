// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestSetState checks that setState does what the framework's own State.Set does, for every model of a data source.
func TestSetState(t *testing.T) {
	for _, test := range []struct {
		source datasource.DataSource
		model  any
	}{
		{newProcessInfoDataSource(), &processInfoModel{}},
		{newCPSCertificateDataSource("certops_cps_certificate")(), &cpsCertificateModel{}},
		{newDigicertOrderValidationDataSource("certops_digicert_order_validation")(), &digicertOrderValidationModel{}},
		{newDigicertRequestDataSource("certops_digicert_request")(), &digicertRequestModel{}},
		{newCPSCertificateDataSource("cps_certificate")(), &cpsCertificateModel{}},
		{newDigicertOrderValidationDataSource("digicert_order_validation")(), &digicertOrderValidationModel{}},
		{newDigicertRequestDataSource("digicert_request")(), &digicertRequestModel{}},
		{newDigicertDomainDataSource(), &digicertDomainModel{}},
		{newProcessesDataSource(), &processesModel{}},
		{newCPSCertificatesDataSource(), &cpsCertificatesModel{}},
		{newDigicertOrdersDataSource(), &digicertOrdersModel{}},
		{newDigicertRequestsDataSource(), &digicertRequestsModel{}},
		{newDNSCheckDataSource(), &dnsCheckModel{}},
	} {
		var schema datasource.SchemaResponse
		test.source.Schema(t.Context(), datasource.SchemaRequest{}, &schema)
		for _, elements := range []int{-1, 0, 1, 3} {
			t.Run(fmt.Sprintf("%T with %d elements", test.model, elements), func(t *testing.T) {
				model := reflect.New(reflect.TypeOf(test.model).Elem())
				fillModel(t, model.Elem(), elements)
				want := tfsdk.State{Schema: schema.Schema}
				if diags := want.Set(t.Context(), model.Interface()); diags.HasError() {
					t.Fatal(diags)
				}
				got := tfsdk.State{Schema: schema.Schema}
				if diags := setState(t.Context(), &got, model.Interface()); diags.HasError() {
					t.Fatal(diags)
				}
				if !got.Raw.Equal(want.Raw) {
					differences, err := want.Raw.Diff(got.Raw)
					t.Errorf("setState differs from State.Set: %v %v", differences, err)
				}

				encoded := encodedState(t, schema.Schema, model.Interface())
				if again := encodedState(t, schema.Schema, model.Interface()); !bytes.Equal(encoded, again) {
					t.Error("the same model is encoded in two ways")
				}
				dynamic, err := tfprotov6.NewDynamicValue(schema.Schema.Type().TerraformType(t.Context()), want.Raw)
				if err != nil {
					t.Fatal(err)
				}
				// terraform-plugin-go has the entries of maps in any order.
				if elements <= 1 && !bytes.Equal(encoded, dynamic.MsgPack) {
					t.Errorf("the encoding differs from terraform-plugin-go's:\n%x\n%x", encoded, dynamic.MsgPack)
				}
			})
		}
	}
}

// encodedState is the state as leanServer gets it.
func encodedState(t *testing.T, schema schema.Schema, model any) []byte {
	t.Helper()
	var result stateResult
	state := tfsdk.State{Schema: schema}
	if diags := setState(context.WithValue(t.Context(), stateResultKey{}, &result), &state, model); diags.HasError() {
		t.Fatal(diags)
	}
	return result.state.MsgPack
}

// TestStateEncoderRefuses is about models that State.Set refuses too.
func TestStateEncoderRefuses(t *testing.T) {
	text := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"a": tftypes.String}}
	type embedded struct {
		A string `tfsdk:"a"`
	}
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
		if _, err := newEncodeFunc(test.kind, reflect.TypeOf(test.model)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// fillModel puts something into every member. Slices and maps get that many elements, none and no slice or map for -1, when
// pointers are nil and values null as well.
func fillModel(t *testing.T, v reflect.Value, elements int) {
	t.Helper()
	if v.Type().Implements(reflect.TypeFor[attr.Value]()) {
		v.Set(reflect.ValueOf(someValue(t, v.Interface(), elements)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fillModel(t, v.Field(i), elements)
		}
	case reflect.Pointer:
		if elements >= 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fillModel(t, v.Elem(), elements)
		}
	case reflect.Slice:
		if elements >= 0 {
			v.Set(reflect.MakeSlice(v.Type(), elements, elements))
			for i := range elements {
				fillModel(t, v.Index(i), elements)
			}
		}
	case reflect.Map:
		if elements >= 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for i := range elements {
				element := reflect.New(v.Type().Elem()).Elem()
				fillModel(t, element, elements)
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
