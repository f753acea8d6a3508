// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/miekg/dns"
)

const (
	// maxObserved bounds the values a Result lists, and maxValue the bytes of each.
	maxObserved = 50
	maxValue    = 1024
	// maxQuoted, maxPart and maxListed bound what a Message repeats.
	maxQuoted = 100
	maxPart   = 300
	maxListed = 6
)

// joined returns the bytes of a TXT record: its strings put together, as RFC 7208 and the authorities read them.
func joined(txt *dns.TXT) string {
	var b strings.Builder
	for _, s := range txt.Txt {
		b.WriteString(unescape(s))
	}
	return b.String()
}

// unescape undoes the zone-file escapes (\DDD and \X) in which the DNS library presents strings.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\' || i+1 == len(s):
			b.WriteByte(s[i])
		case i+3 < len(s) && isDigit(s[i+1]) && isDigit(s[i+2]) && isDigit(s[i+3]):
			b.WriteByte(byte(100*int(s[i+1]-'0') + 10*int(s[i+2]-'0') + int(s[i+3]-'0')))
			i += 3
		default:
			b.WriteByte(s[i+1])
			i++
		}
	}
	return b.String()
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// printable shows bytes from the network as text that can do no harm in a terminal and is valid UTF-8.
func printable(s string, limit int) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if b.Len() >= limit {
			b.WriteString("…")
			break
		}
		char, size := utf8.DecodeRuneInString(s[i:])
		if (char == utf8.RuneError && size <= 1) || !unicode.IsPrint(char) {
			for _, raw := range []byte(s[i : i+size]) {
				b.Write([]byte{'\\', '0' + raw/100, '0' + raw/10%10, '0' + raw%10})
			}
		} else {
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// quote puts a value into a message.
func quote(s string) string {
	return `"` + printable(s, maxQuoted) + `"`
}

// distinct returns the sorted distinct values as a Result lists them.
func distinct(values []string) []string {
	shown := make([]string, 0, len(values))
	for _, v := range values {
		shown = append(shown, printable(v, maxValue))
	}
	slices.Sort(shown)
	shown = slices.Compact(shown)
	return shown[:min(len(shown), maxObserved)]
}

// list joins clauses with semicolons and leaves out what would make a message unreadable.
func list(parts []string) string {
	parts = slices.Clone(parts)
	for i, part := range parts {
		parts[i] = printable(part, maxPart)
	}
	slices.Sort(parts)
	parts = slices.Compact(parts)
	if more := len(parts) - maxListed; more > 1 {
		parts = append(parts[:maxListed], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, "; ")
}

// enumerate joins words: a, b and c.
func enumerate(words []string) string {
	if more := len(words) - maxListed; more > 1 {
		words = append(slices.Clone(words[:maxListed]), strconv.Itoa(more)+" more")
	}
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
	}
}

// sentence begins with a capital letter, unless it begins with a name, and ends with a full stop.
func sentence(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if !strings.ContainsAny(first, `."_`) {
		char, size := utf8.DecodeRuneInString(s)
		s = string(unicode.ToUpper(char)) + s[size:]
	}
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}
