// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// The types of this file are wire values that take what the APIs send rather than what their
// documents say: a number where text is documented, a flag as "1", one object where an array
// belongs. API structs hold pointers to them, so that nil means absent or null and nothing else.

// Text is JSON text. It also takes a number, as its literal spelling, and true or false.
type Text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case 'n':
		return nil
	case '"':
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		*t = Text(s)
		return nil
	case '{', '[':
		return wrongType[Text](data)
	default:
		*t = Text(data)
		return nil
	}
}

// Ptr returns the text as the pointer to a string, nil for nil.
func (t *Text) Ptr() *string {
	return (*string)(t)
}

// String returns the text, "" for nil.
func (t *Text) String() string {
	if t == nil {
		return ""
	}
	return string(*t)
}

// Int is an integral JSON number of at most 64 bits. It also takes a string that holds one.
type Int int64

// UnmarshalJSON implements json.Unmarshaler. A fraction, and a number out of range, is an error.
func (i *Int) UnmarshalJSON(data []byte) error {
	if data[0] == 'n' {
		return nil
	}
	literal, ok := numberLiteral(data)
	if !ok {
		return wrongType[Int](data)
	}
	n, ok := integer(literal)
	if !ok {
		return wrongType[Int](data)
	}
	*i = Int(n)
	return nil
}

// Ptr returns the number as the pointer to an int64, nil for nil.
func (i *Int) Ptr() *int64 {
	return (*int64)(i)
}

// String returns the number in decimal, "" for nil.
func (i *Int) String() string {
	if i == nil {
		return ""
	}
	return strconv.FormatInt(int64(*i), 10)
}

// Bool is a JSON boolean. It also takes 1 and 0, each of the four as a string, and the empty string, which is false in PHP.
type Bool bool

// UnmarshalJSON implements json.Unmarshaler.
func (b *Bool) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "null":
		return nil
	case "true", "1", `"true"`, `"1"`:
		*b = true
		return nil
	case "false", "0", `"false"`, `"0"`, `""`:
		*b = false
		return nil
	}
	return wrongType[Bool](data)
}

// Ptr returns the flag as the pointer to a bool, nil for nil.
func (b *Bool) Ptr() *bool {
	return (*bool)(b)
}

// Decimal is a JSON number in its exact decimal spelling, such as an amount of money. It also takes
// a string that holds one.
type Decimal string

// maxDecimal bounds a Decimal's length in bytes: turning digits into a number takes time that grows with the
// square of how many there are. The exact decimal spelling of any 64-bit float is shorter.
const maxDecimal = 1100

// maxExponent bounds a Decimal's exponent to what a 64-bit float knows, because turning a larger one
// into digits takes memory in proportion to its value.
const maxExponent = 308

// UnmarshalJSON implements json.Unmarshaler. An exponent beyond ±308, and a number of more than 1100 bytes, is
// an error.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	if data[0] == 'n' {
		return nil
	}
	literal, ok := numberLiteral(data)
	if !ok || len(literal) > maxDecimal {
		return wrongType[Decimal](data)
	}
	if at := strings.IndexAny(literal, "eE"); at >= 0 {
		exponent, err := strconv.Atoi(literal[at+1:])
		if err != nil || exponent > maxExponent || exponent < -maxExponent {
			return wrongType[Decimal](data)
		}
	}
	*d = Decimal(literal)
	return nil
}

// Ptr returns the number's spelling as the pointer to a string, nil for nil.
func (d *Decimal) Ptr() *string {
	return (*string)(d)
}

// String returns the number's spelling, "" for nil.
func (d *Decimal) String() string {
	if d == nil {
		return ""
	}
	return string(*d)
}

// JSON is a value whose form no document tells, as JSON text: without white space and with sorted members, as Terraform's
// jsonencode writes it, so that a server that writes them in another order changes nothing.
type JSON string

// UnmarshalJSON implements json.Unmarshaler.
func (j *JSON) UnmarshalJSON(data []byte) error {
	if data[0] == 'n' {
		return nil
	}
	value, err := DecodeAny(data)
	if err != nil {
		return err
	}
	text, err := json.Marshal(value)
	*j = JSON(text)
	return err
}

// DecodeAny decodes any JSON. Numbers keep their spelling.
func DecodeAny(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	err := decoder.Decode(&value)
	return value, err
}

// OneOrMany is a JSON array that may come as its only element, or as null, which is an empty one.
type OneOrMany[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (m *OneOrMany[T]) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case 'n':
		*m = nil
		return nil
	case '[':
		var many []T
		if err := json.Unmarshal(data, &many); err != nil {
			return err
		}
		*m = many
		return nil
	default:
		var one T
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		*m = OneOrMany[T]{one}
		return nil
	}
}

// numberLiteral returns the spelling of the number that a JSON number, or a string around one, holds.
func numberLiteral(data []byte) (string, bool) {
	literal := string(data)
	if data[0] == '"' {
		if err := json.Unmarshal(data, &literal); err != nil {
			return "", false
		}
	}
	if literal == "" || literal[0] != '-' && (literal[0] < '0' || literal[0] > '9') || !json.Valid([]byte(literal)) {
		return "", false
	}
	return strings.TrimRight(literal, " \t\r\n"), true
}

// integer reads a number that is integral however it is spelled: 5, 5.0 and 5e0 are equal in JSON.
func integer(literal string) (int64, bool) {
	n, err := strconv.ParseInt(literal, 10, 64)
	if err == nil {
		return n, true
	}
	if errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	// Beyond 2^53 a float cannot tell one integer from the next.
	const exact = 1 << 53
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > exact {
		return 0, false
	}
	return int64(f), true
}

// wrongType is the error encoding/json completes with the path of the field.
func wrongType[T any](data []byte) error {
	return &json.UnmarshalTypeError{Value: describe(data), Type: reflect.TypeFor[T]()}
}

// describe names a JSON value's kind, with the value where it is short enough to help.
func describe(data []byte) string {
	switch data[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "bool"
	}
	const longest = 40
	kind := "number"
	if data[0] == '"' {
		kind = "string"
	}
	if len(data) > longest {
		return kind
	}
	return kind + " " + string(bytes.TrimSpace(data))
}

// Texts never returns nil. JSON null elements are left out.
func Texts(values []*Text) []string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		if v != nil {
			out = append(out, *v.Ptr())
		}
	}
	return out
}

// unmarshal decodes a document into a pointer to a zero value. It also takes the arrays and objects of servers written in PHP,
// which has one type for both: an empty object comes out as [], an empty list as {}, and a list with a gap in its keys as an
// object whose names are numbers. Everything else that does not fit is an error, as in json.Unmarshal.
func unmarshal(document []byte, out any) error {
	err := json.Unmarshal(document, out)
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok || wrong.Value != "array" && wrong.Value != "object" {
		return err
	}
	value, failed := DecodeAny(document)
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
