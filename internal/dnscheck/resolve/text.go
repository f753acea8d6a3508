// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxClauses and maxClause bound what [JoinClauses] repeats: the clauses, and the bytes of each.
	maxClauses = 6
	maxClause  = 300
)

// TrimDot returns a canonical name without its trailing dot. The root stays ".".
func TrimDot(name string) string {
	if name == "." {
		return name
	}
	return strings.TrimSuffix(name, ".")
}

// Printable returns bytes from the network as text that can do no harm in a terminal and is valid UTF-8. It writes
// what is not printable as \DDD, as a zone file does (RFC 1035, section 5.1). It cuts the text after limit bytes.
func Printable(s string, limit int) string {
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

// JoinClauses sorts clauses and joins them with semicolons. It cuts each after 300 bytes, and counts those after the
// sixth.
func JoinClauses(clauses []string) string {
	clauses = slices.Clone(clauses)
	for i, clause := range clauses {
		clauses[i] = Printable(clause, maxClause)
	}
	slices.Sort(clauses)
	clauses = slices.Compact(clauses)
	if more := len(clauses) - maxClauses; more > 1 {
		clauses = append(clauses[:maxClauses], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(clauses, "; ")
}
