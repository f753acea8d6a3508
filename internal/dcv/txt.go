// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"fmt"
	"strings"
)

// maxStringLength is how many bytes one character-string of a TXT record holds (RFC 1035, section 3.3).
const maxStringLength = 255

// QuoteTXT writes a TXT value as zone-file text (RFC 1035, section 5.1): quoted strings of at most 255 bytes each,
// separated by one space, with `"` and `\` escaped and every byte that is not printable ASCII as \DDD. A value that
// already is such text (see [UnquoteTXT]) is read first, so applying QuoteTXT twice changes nothing. The empty value is
// one empty string.
func QuoteTXT(value string) string {
	if unquoted, ok := UnquoteTXT(value); ok {
		value = unquoted
	}
	return quoteStrings(value)
}

// UnquoteTXT reads zone-file text, one or more quoted strings separated by spaces or tabs, and returns their joined
// bytes. It reports false for anything else, bare text included.
func UnquoteTXT(s string) (string, bool) {
	var value strings.Builder
	for {
		rest, ok := readQuoted(s, &value)
		if !ok {
			return "", false
		}
		if rest == "" {
			return value.String(), true
		}
		s = strings.TrimLeft(rest, " \t")
		if len(s) == len(rest) {
			return "", false
		}
	}
}

// readQuoted reads the quoted string that s starts with and returns what follows it.
func readQuoted(s string, value *strings.Builder) (rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		return "", false
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return s[i+1:], true
		case '\\':
			c, width, ok := readEscape(s[i+1:])
			if !ok {
				return "", false
			}
			value.WriteByte(c)
			i += width
		default:
			value.WriteByte(s[i])
		}
	}
	return "", false
}

// readEscape reads what follows a backslash: three digits that make a byte, or any one character.
func readEscape(s string) (c byte, width int, ok bool) {
	if s == "" {
		return 0, 0, false
	}
	if !isDigit(s[0]) {
		return s[0], 1, true
	}
	if len(s) < 3 || !isDigit(s[1]) || !isDigit(s[2]) {
		return 0, 0, false
	}
	n := int(s[0]-'0')*100 + int(s[1]-'0')*10 + int(s[2]-'0')
	return byte(n), 3, n <= 0xff
}

func isDigit(c byte) bool {
	return c >= '0' && c <= '9'
}

// quoteStrings quotes a raw value, cut into strings of at most 255 bytes.
func quoteStrings(value string) string {
	var text strings.Builder
	for len(value) > maxStringLength {
		text.WriteString(quoteString(value[:maxStringLength]))
		text.WriteByte(' ')
		value = value[maxStringLength:]
	}
	text.WriteString(quoteString(value))
	return text.String()
}

// quoteString quotes a raw value as one string of any length.
func quoteString(value string) string {
	var text strings.Builder
	text.Grow(len(value) + 2)
	text.WriteByte('"')
	for i := range len(value) {
		switch c := value[i]; {
		case c == '"' || c == '\\':
			text.WriteByte('\\')
			text.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&text, `\%03d`, c)
		default:
			text.WriteByte(c)
		}
	}
	text.WriteByte('"')
	return text.String()
}
