// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ID identifies an object of a vendor. An id that is a number is a number in JSON as well.
type ID string

// NumberID returns the id of a number.
func NumberID(n int64) ID { return ID(strconv.FormatInt(n, 10)) }

// ParseNumber reads an id of a vendor whose ids are numbers.
func ParseNumber(text string) (ID, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return "", errors.New("the id is not a number")
	}
	return NumberID(n), nil
}

// CheckNumber demands that the id of an object to add is a number, as its vendor has them. None at all may be.
func CheckNumber(id ID) error {
	if n, err := ParseNumber(string(id)); id != "" && (err != nil || n != id) {
		return fmt.Errorf("sandbox: id %q is not a number", string(id))
	}
	return nil
}

// Number returns the number that an id is, or 0.
func (id ID) Number() int64 {
	n, err := strconv.ParseInt(string(id), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Compare orders ids; those that are numbers by their value.
func (id ID) Compare(other ID) int {
	return cmp.Or(cmp.Compare(len(id), len(other)), strings.Compare(string(id), string(other)))
}

// MarshalJSON implements json.Marshaler.
func (id ID) MarshalJSON() ([]byte, error) {
	if n := id.Number(); NumberID(n) == id {
		return []byte(id), nil
	}
	return json.Marshal(string(id))
}

// UnmarshalJSON implements json.Unmarshaler. 0 stands for no id.
func (id *ID) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*id = ID(text)
		return nil
	}
	var n int64
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*id = ""
	if n != 0 {
		*id = NumberID(n)
	}
	return nil
}
