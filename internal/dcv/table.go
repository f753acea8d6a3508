// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// MarkdownTable writes records as a Markdown table (GitHub's dialect), one row each, sorted by name, type and value, without
// duplicates: a ticket to the people who run the DNS. The columns for zones and for the end of tokens are there only when a
// record has one. Without records the text says so.
func MarkdownTable(records map[string]Record) string {
	if len(records) == 0 {
		return "No DNS records.\n"
	}
	sorted := slices.SortedFunc(maps.Values(records), func(a, b Record) int {
		return cmp.Or(cmp.Compare(a.FQDN, b.FQDN), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Value, b.Value))
	})
	sorted = slices.CompactFunc(sorted, func(a, b Record) bool { return a.ID() == b.ID() })

	type column struct {
		title string
		cell  func(Record) string
	}
	columns := []column{
		{"Name", func(r Record) string { return code(r.FQDNDot) }},
		{"Type", func(r Record) string { return r.Type }},
		{"Value", func(r Record) string { return code(r.RData) }},
	}
	if slices.ContainsFunc(sorted, func(r Record) bool { return r.Zone != nil }) {
		columns = append(columns,
			column{"Zone", func(r Record) string { return optional(r.Zone) }},
			column{"Name in the zone", func(r Record) string { return optional(r.RelativeName) }})
	}
	if slices.ContainsFunc(sorted, func(r Record) bool { return len(r.Domains) > 0 }) {
		columns = append(columns, column{"Validates", func(r Record) string { return plain(strings.Join(r.Domains, ", ")) }})
	}
	if slices.ContainsFunc(sorted, func(r Record) bool { return r.ExpiresAt != nil }) {
		columns = append(columns, column{"Token ends", func(r Record) string {
			if r.ExpiresAt == nil {
				return ""
			}
			return plain(*r.ExpiresAt)
		}})
	}

	var table strings.Builder
	row := func(cell func(column) string) {
		for _, c := range columns {
			table.WriteString("| " + cell(c) + " ")
		}
		table.WriteString("|\n")
	}
	row(func(c column) string { return c.title })
	row(func(column) string { return "---" })
	for _, r := range sorted {
		row(func(c column) string { return c.cell(r) })
	}
	return table.String()
}

// optional is a name that can be missing, as a cell.
func optional(name *string) string {
	if name == nil {
		return ""
	}
	return code(*name)
}

// oneLine replaces what would end a row.
var oneLine = strings.NewReplacer("\r", " ", "\n", " ", "|", `\|`)

// code is text as a code span. The fence is longer than any run of backticks in the text (CommonMark, section 6.1).
func code(text string) string {
	longest, run := 0, 0
	for _, r := range text {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 {
		text = " " + text + " "
	}
	return fence + oneLine.Replace(text) + fence
}

// plain is text with everything escaped that Markdown or HTML gives a meaning.
func plain(text string) string {
	var escaped strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsControl(r):
			r = ' '
		case r < unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r)) && !strings.ContainsRune(",.:-+", r):
			escaped.WriteByte('\\')
		}
		escaped.WriteRune(r)
	}
	return escaped.String()
}
