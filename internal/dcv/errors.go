// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// NameError reports text that should be a DNS name, or a record type, and is not.
type NameError struct {
	Domain string // the domain being validated, as given; empty when there is none
	Field  string // what the text was given for: "domain", "owner name", "CNAME target", "record type", "value"
	Text   string // the text itself, unshortened
	Reason string // what is wrong with it, as a predicate: "has an empty label"
}

// Error names the domain, the field and the offending text, quoted and shortened.
func (e *NameError) Error() string {
	if e.Domain == "" || e.Field == fieldDomain {
		return fmt.Sprintf("%s %s %s", e.Field, quoteShort(e.Text), e.Reason)
	}
	return fmt.Sprintf("domain %s: %s %s %s", quoteShort(e.Domain), e.Field, quoteShort(e.Text), e.Reason)
}

const (
	fieldDomain      = "domain"
	fieldOwnerName   = "owner name"
	fieldCNAMETarget = "CNAME target"
	fieldRecordType  = "record type"
	fieldValue       = "value"
)

// ZoneError reports names that lie in none of the zones given.
type ZoneError struct {
	Names  []string // the fully qualified names, canonical, in the order they were met
	Zones  []string // the zones as given, sorted; empty when an empty set was given
	Orders []string // the orders that need the records, where they are known, in the order they were met
}

// Error names the records and the zones.
func (e *ZoneError) Error() string {
	verb := "is"
	if len(e.Names) > 1 {
		verb = "are"
	}
	if len(e.Zones) == 0 {
		return fmt.Sprintf("%s %s in no zone: the set of zones is empty", quoteList(e.Names), verb)
	}
	return fmt.Sprintf("%s %s in none of the zones %s", quoteList(e.Names), verb, quoteList(e.Zones))
}

// ConflictError reports records that cannot exist side by side: another record beside a CNAME, or a CNAME at the apex of a
// zone (RFC 1034, section 3.6.2).
type ConflictError struct {
	Owner   string              // the owner name, canonical
	Zone    string              // the zone whose apex Owner is; "" where that is not the conflict
	Records []ConflictingRecord // what is to stand there
}

// ConflictingRecord is one record of a [ConflictError].
type ConflictingRecord struct {
	Type, Value string
	Origin      string // the order, or the argument, that it comes from; "" when that is not known
}

// Error names the owner, the records and where they come from.
func (e *ConflictError) Error() string {
	if e.Zone != "" {
		return fmt.Sprintf("%s cannot have a CNAME record: it is the apex of the zone %s, where SOA and NS records stand (RFC 1034, "+
			"section 3.6.2)",
			quoteShort(e.Owner), quoteShort(e.Zone))
	}
	records := make([]string, 0, min(len(e.Records), maxListed))
	for _, r := range e.Records[:min(len(e.Records), maxListed)] {
		text := fmt.Sprintf("%s %s", r.Type, quoteShort(r.Value))
		if r.Origin != "" {
			text += fmt.Sprintf(" (%s)", r.Origin)
		}
		records = append(records, text)
	}
	return fmt.Sprintf("%s cannot have all of these records, because a CNAME stands alone (RFC 1034, section 3.6.2): %s",
		quoteShort(e.Owner), strings.Join(records, "; "))
}

// newZoneError copies and sorts the zones, so that the message does not depend on the order of a set.
func newZoneError(name string, zones []string) *ZoneError {
	sorted := slices.Clone(zones)
	slices.Sort(sorted)
	return &ZoneError{Names: []string{name}, Zones: sorted}
}

// quoteList quotes the first elements of a list and counts the rest.
func quoteList(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = quoteShort(s)
	}
	return ShortList(quoted)
}

// quoteShort quotes text from outside so that it cannot break a message: control characters are escaped, and what
// goes beyond 80 bytes is cut.
func quoteShort(s string) string {
	const limit = 80
	short := head(s, limit)
	if len(short) < len(s) {
		return strconv.QuoteToGraphic(short) + "…"
	}
	return strconv.QuoteToGraphic(s)
}
