// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"strings"
	"testing"
)

func TestCheckSecret(t *testing.T) {
	for _, value := range []string{"k", "abc/def+ghi==", "a b", "!~"} {
		if err := CheckSecret(value); err != nil {
			t.Errorf("%q: %v", value, err)
		}
	}
	tests := map[string]string{
		"":              "is empty",
		"  ":            "nothing but white space",
		"hunter2\n":     "begins or ends with white space",
		" hunter2":      "begins or ends with white space",
		"hun\r\nter2":   "line break",
		"hun\x00ter2":   "control character",
		"hunter2\x7f.":  "control character",
		"hunter2é":      "not ASCII",
		"hunter2\u00a0": "white space",
	}
	for value, want := range tests {
		err := CheckSecret(value)
		if err == nil {
			t.Errorf("%q: got no error", value)
			continue
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %q, want it to say %q", value, err, want)
		}
		if strings.Contains(err.Error(), "ter2") {
			t.Errorf("the error tells the secret: %q", err)
		}
	}
}
