// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Value is the text that is pointed to, "" for nil.
func Value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// Printable is text from outside as it may stand in a message: without control characters, which could forge lines or
// steer a terminal, and not without end.
func Printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
	return Shortened(text)
}

// Shortened cuts what would fill a screen.
func Shortened(text string) string {
	const most = 300
	if short := head(text, most); len(short) < len(text) {
		return short + "…"
	}
	return text
}

// head returns the first bytes of text, at most so many, cut between two characters.
func head(text string, most int) string {
	if len(text) <= most {
		return text
	}
	cut := most
	for cut > most-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}

// maxListed is how many texts of a list a message spells out.
const maxListed = 10

// ShortList lists the first ten texts and counts the others.
func ShortList(texts []string) string {
	if more := len(texts) - maxListed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(texts[:maxListed], ", "), more)
	}
	return strings.Join(texts, ", ")
}

// Capital makes a text's first letter a capital.
func Capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if first == utf8.RuneError {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}
