// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"strings"
)

// CheckSecret tells what makes a credential unfit for an HTTP header: it is empty, begins or ends with
// white space (a file's line end, mostly), or holds control or non-ASCII characters. The error does not
// quote the credential.
func CheckSecret(value string) error {
	switch {
	case value == "":
		return errors.New("is empty")
	case strings.TrimSpace(value) == "":
		return errors.New("is nothing but white space")
	case strings.TrimSpace(value) != value:
		return errors.New("begins or ends with white space or a line break")
	}
	for i := range len(value) {
		switch c := value[i]; {
		case c == '\n' || c == '\r':
			return errors.New("holds a line break")
		case c < ' ' || c == 0x7f:
			return errors.New("holds a control character")
		case c > 0x7f:
			return errors.New("holds a character that is not ASCII")
		}
	}
	return nil
}
