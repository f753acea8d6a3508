// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// ZoneFile writes records as zone-file text (RFC 1035, section 5), one line each, sorted and without duplicates. Owner
// names are absolute, so that the text fits any $ORIGIN. ttl is in seconds and brought into the range that DNS allows
// (RFC 2181, section 8), 0 to 2147483647.
//
// The lines are made anew from Type, FQDN and Value, so that a record put together by hand cannot bring lines of its
// own into the zone. A record that cannot be written, its name being no DNS name for instance, becomes a comment that
// tells its key and why.
func ZoneFile(records map[string]Record, ttl int) string {
	ttl = min(max(ttl, 0), math.MaxInt32)
	var lines, comments []string
	for _, key := range slices.Sorted(maps.Keys(records)) {
		line, reason := zoneLine(records[key], ttl)
		if reason != "" {
			comments = append(comments, fmt.Sprintf("; %s left out: %s\n", quoteShort(key), reason))
			continue
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(comments, "") + strings.Join(slices.Compact(lines), "")
}

// zoneLine writes one record, or says why it cannot be written.
func zoneLine(r Record, ttl int) (line, reason string) {
	owner, reason := parseName(r.FQDN)
	if reason != "" {
		return "", fmt.Sprintf("the owner name %s %s", quoteShort(r.FQDN), reason)
	}
	typ := strings.ToUpper(r.Type)
	var rdata string
	switch typ {
	case TypeTXT:
		rdata = quoteStrings(r.Value)
	case TypeCNAME:
		target, reason := parseTarget(r.Value)
		if reason != "" {
			return "", fmt.Sprintf("the CNAME target %s %s", quoteShort(r.Value), reason)
		}
		rdata = target + "."
	default:
		return "", fmt.Sprintf("its type %s is neither TXT nor CNAME", quoteShort(r.Type))
	}
	return fmt.Sprintf("%s.\t%d\tIN\t%s\t%s\n", owner, ttl, typ, rdata), ""
}
