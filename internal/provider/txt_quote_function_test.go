// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestTXTQuote(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	checkFunction(t, "txt_quote", []functionCall{
		{"plain", []tftypes.Value{stringValue("x9Kq")}, stringValue(`"x9Kq"`), ""},
		{"empty", []tftypes.Value{stringValue("")}, stringValue(`""`), ""},
		{"escapes", []tftypes.Value{stringValue("a\"b\\c\x01")}, stringValue(`"a\"b\\c\001"`), ""},
		{"cut after 255 bytes", []tftypes.Value{stringValue(long)}, stringValue(`"` + long[:255] + `" "` + long[255:] + `"`), ""},
		{"quoted already", []tftypes.Value{stringValue(`"x9Kq"`)}, stringValue(`"x9Kq"`), ""},
		{"cut already, elsewhere", []tftypes.Value{stringValue(`"x9" "Kq"`)}, stringValue(`"x9Kq"`), ""},
	})
}
