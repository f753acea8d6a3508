// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// unmarshal decodes a document into a pointer to a zero value. It also takes the arrays and objects of servers written in PHP,
// which has one type for both: an empty object comes out as [], an empty list as {}, and a list with a gap in its keys as an
// object whose names are numbers. Everything else that does not fit is an error, as in json.Unmarshal.
func unmarshal(document []byte, out any) error {
	err := json.Unmarshal(document, out)
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok || wrong.Value != "array" && wrong.Value != "object" {
		return err
	}
	value, failed := decodeAny(document)
	object, ok := value.(map[string]any)
	if failed != nil || !ok {
		return err // A document that is no object at all says nothing.
	}
	target := reflect.ValueOf(out).Elem()
	fitted, failed := json.Marshal(fit(object, target.Type()))
	if failed != nil {
		return err
	}
	// The first attempt has filled a part.
	target.SetZero()
	return json.Unmarshal(fitted, out)
}

// fit returns a decoded JSON value in which empty arrays and objects, and lists with gaps, have the form that a type takes.
func fit(value any, t reflect.Type) any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return value
	}
	switch v := value.(type) {
	case []any:
		switch t.Kind() {
		case reflect.Slice:
			for i := range v {
				v[i] = fit(v[i], t.Elem())
			}
		case reflect.Struct, reflect.Map:
			if len(v) == 0 {
				return nil
			}
		}
	case map[string]any:
		switch t.Kind() {
		case reflect.Slice:
			if list, ok := listOf(v); ok {
				return fit(list, t)
			}
		case reflect.Map:
			for name := range v {
				v[name] = fit(v[name], t.Elem())
			}
		case reflect.Struct:
			for _, field := range reflect.VisibleFields(t) {
				name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
				if member, ok := v[name]; ok && name != "" {
					v[name] = fit(member, field.Type)
				}
			}
		}
	}
	return value
}

// listOf returns the values of an object whose names are all numbers, in the order of these.
func listOf(object map[string]any) ([]any, bool) {
	numbers := make([]int, 0, len(object))
	for name := range object {
		number, err := strconv.Atoi(name)
		if err != nil || strconv.Itoa(number) != name {
			return nil, false
		}
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	list := make([]any, 0, len(numbers))
	for _, number := range numbers {
		list = append(list, object[strconv.Itoa(number)])
	}
	return list, true
}
