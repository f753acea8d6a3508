// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// document has a member of every wire type.
type document struct {
	Text    *Text           `json:"text"`
	Int     *Int            `json:"int"`
	Bool    *Bool           `json:"bool"`
	Decimal *Decimal        `json:"decimal"`
	Many    OneOrMany[Text] `json:"many"`
	Texts   []*Text         `json:"texts"`
	JSON    *JSON           `json:"json"`
	Nested  *struct {
		Items []struct {
			Int *Int `json:"int"`
		} `json:"items"`
		One OneOrMany[struct {
			Int *Int `json:"int"`
		}] `json:"one"`
	} `json:"nested"`
}

func TestValues(t *testing.T) {
	tests := map[string]struct {
		json string
		want document
	}{
		"absent":             {`{}`, document{}},
		"null":               {`{"text":null,"int":null,"bool":null,"decimal":null,"many":null,"texts":null,"nested":null}`, document{}},
		"text":               {`{"text":"a\u00e9\n"}`, document{Text: new(Text("aé\n"))}},
		"empty text":         {`{"text":""}`, document{Text: new(Text(""))}},
		"text from number":   {`{"text":10.50}`, document{Text: new(Text("10.50"))}},
		"text from big":      {`{"text":12345678901234567890123}`, document{Text: new(Text("12345678901234567890123"))}},
		"text from bool":     {`{"text":false}`, document{Text: new(Text("false"))}},
		"int":                {`{"int":2323533016}`, document{Int: new(Int(2323533016))}},
		"int negative":       {`{"int":-1}`, document{Int: new(Int(-1))}},
		"int from text":      {`{"int":"112211"}`, document{Int: new(Int(112211))}},
		"int largest":        {`{"int":9223372036854775807}`, document{Int: new(Int(math.MaxInt64))}},
		"int with point":     {`{"int":5.0}`, document{Int: new(Int(5))}},
		"int with exponent":  {`{"int":1e3}`, document{Int: new(Int(1000))}},
		"bool":               {`{"bool":true}`, document{Bool: new(Bool(true))}},
		"bool from 0":        {`{"bool":0}`, document{Bool: new(Bool(false))}},
		"bool from 1":        {`{"bool":1}`, document{Bool: new(Bool(true))}},
		"bool from text":     {`{"bool":"1"}`, document{Bool: new(Bool(true))}},
		"bool from nothing":  {`{"bool":""}`, document{Bool: new(Bool(false))}},
		"bool from word":     {`{"bool":"false"}`, document{Bool: new(Bool(false))}},
		"decimal":            {`{"decimal":175}`, document{Decimal: new(Decimal("175"))}},
		"decimal exact":      {`{"decimal":0.10}`, document{Decimal: new(Decimal("0.10"))}},
		"decimal from text":  {`{"decimal":"175.25"}`, document{Decimal: new(Decimal("175.25"))}},
		"JSON":               {`{"json":{"b":[1.50,null],"a":"<"}}`, document{JSON: new(JSON(`{"a":"\u003c","b":[1.50,null]}`))}},
		"JSON text":          {`{"json":"a"}`, document{JSON: new(JSON(`"a"`))}},
		"JSON null":          {`{"json":null}`, document{}},
		"decimal exponent":   {`{"decimal":1e5}`, document{Decimal: new(Decimal("1e5"))}},
		"many":               {`{"many":["a","b"]}`, document{Many: OneOrMany[Text]{"a", "b"}}},
		"many from one":      {`{"many":"a"}`, document{Many: OneOrMany[Text]{"a"}}},
		"null among texts":   {`{"texts":["a",null]}`, document{Texts: []*Text{new(Text("a")), nil}}},
		"unknown member":     {`{"other":{"int":"x"}}`, document{}},
		"empty array":        {`{"texts":[]}`, document{Texts: []*Text{}}},
		"repeated, last one": {`{"int":1,"int":2}`, document{Int: new(Int(2))}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got document
			if err := json.Unmarshal([]byte(test.json), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValuesRefuse(t *testing.T) {
	tests := map[string]struct {
		json  string
		field string
	}{
		"text from object":        {`{"text":{}}`, "text"},
		"text from array":         {`{"text":["a"]}`, "text"},
		"int from fraction":       {`{"int":1.5}`, "int"},
		"int from word":           {`{"int":"many"}`, "int"},
		"int from empty text":     {`{"int":""}`, "int"},
		"int from hexadecimal":    {`{"int":"0x10"}`, "int"},
		"int from spaced text":    {`{"int":" 1"}`, "int"},
		"int from bool":           {`{"int":true}`, "int"},
		"int out of range":        {`{"int":9223372036854775808}`, "int"},
		"int beyond what a float": {`{"int":1e300}`, "int"},
		"int huge exponent":       {`{"int":1e999999999}`, "int"},
		"bool from 2":             {`{"bool":2}`, "bool"},
		"bool from word":          {`{"bool":"yes"}`, "bool"},
		"bool from array":         {`{"bool":[]}`, "bool"},
		"decimal from word":       {`{"decimal":"free"}`, "decimal"},
		"decimal from NaN":        {`{"decimal":"NaN"}`, "decimal"},
		"decimal exponent":        {`{"decimal":1e999999999}`, "decimal"},
		"decimal long exponent":   {`{"decimal":1e-99999999999999999999}`, "decimal"},
		"decimal long":            {`{"decimal":1.` + strings.Repeat("0", maxDecimal) + `}`, "decimal"},
		"in a nested array":       {`{"nested":{"items":[{"int":1},{"int":"x"}]}}`, "nested.items.int"},
		"in one or many":          {`{"nested":{"one":{"int":[]}}}`, "nested.one.int"},
		"object for an array":     {`{"nested":{"items":{}}}`, "nested.items"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got document
			err := json.Unmarshal([]byte(test.json), &got)
			wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
			if !ok {
				t.Fatalf("got %v (%T), want a *json.UnmarshalTypeError", err, err)
			}
			if wrong.Field != test.field {
				t.Errorf("got field %q, want %q", wrong.Field, test.field)
			}
		})
	}
}

func TestValuePointers(t *testing.T) {
	var none document
	if none.Text.Ptr() != nil || none.Int.Ptr() != nil || none.Bool.Ptr() != nil || none.Decimal.Ptr() != nil {
		t.Error("nil does not stay nil")
	}
	if got := none.Text.String() + none.Int.String() + none.Decimal.String(); got != "" {
		t.Errorf("nil reads %q, want nothing", got)
	}
	if got := *new(Text("a")).Ptr(); got != "a" {
		t.Errorf("got text %q", got)
	}
	if got := *new(Int(7)).Ptr(); got != 7 {
		t.Errorf("got int %d", got)
	}
	if got := *new(Bool(true)).Ptr(); !got {
		t.Error("got false")
	}
	if got := *new(Decimal("1.50")).Ptr(); got != "1.50" {
		t.Errorf("got decimal %q", got)
	}
	if got := new(Text("a")).String() + new(Int(-7)).String() + new(Decimal("1.5")).String(); got != "a-71.5" {
		t.Errorf("got %q", got)
	}
}

func FuzzValues(f *testing.F) {
	for _, seed := range []string{
		`{"text":"a","int":1,"bool":true,"decimal":1.5,"many":["a"],"texts":[null],"json":{"b":[1.0],"a":{}}}`,
		`{"text":1,"int":"1","bool":"0","decimal":"1e3","many":"a"}`,
		`{"nested":{"items":[{"int":1e2}],"one":{"int":null}}}`,
		`{"int":1e999999999}`, `{"decimal":"\u0031"}`, `{"text":"\ud800"}`, `[]`, `"`, "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var first document
		if json.Unmarshal(data, &first) != nil {
			return
		}
		if first.JSON != nil {
			var again JSON
			if err := json.Unmarshal([]byte(*first.JSON), &again); err != nil || again != *first.JSON {
				t.Errorf("%s becomes %s: %v", *first.JSON, again, err)
			}
			first.JSON = nil // It would be encoded as text that holds JSON.
		}
		again, err := json.Marshal(first)
		if err != nil {
			t.Fatal(err)
		}
		var second document
		if err := json.Unmarshal(again, &second); err != nil {
			t.Fatalf("%s does not decode: %v", again, err)
		}
		if diff := cmp.Diff(first, second, cmp.Comparer(func(a, b *Decimal) bool { return a.String() == b.String() })); diff != "" {
			t.Errorf("decoded, encoded and decoded (-first +second):\n%s", diff)
		}
	})
}
