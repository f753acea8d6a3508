// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import "strings"

// apex is how DNS providers write the zone's own name relative to the zone.
const apex = "@"

// Zone returns the longest of the zones that holds fqdn, on label boundaries, in canonical form. Names and zones may
// be of any case, have a trailing dot or U-labels. When there is none, the error is a *[ZoneError].
func Zone(fqdn string, zones []string) (string, error) {
	name := PlainName(fqdn)
	longest := ""
	for _, zone := range zones {
		if zone = PlainName(zone); len(zone) > len(longest) && Within(name, zone) {
			longest = zone
		}
	}
	if longest == "" {
		return "", newZoneError(name, zones)
	}
	return longest, nil
}

// RelativeName returns fqdn as it is written inside zone: without the zone's name, and "@" at the zone apex. When fqdn
// lies outside the zone, the error is a *[ZoneError].
func RelativeName(fqdn, zone string) (string, error) {
	name, origin := PlainName(fqdn), PlainName(zone)
	switch {
	case !Within(name, origin):
		return "", newZoneError(name, []string{zone})
	case name == origin:
		return apex, nil
	default:
		return strings.TrimSuffix(name, "."+origin), nil
	}
}

// PlainName is the canonical form of a name whose "*" label counts: a wildcard is a name like any other to a zone.
func PlainName(s string) string {
	return strings.TrimRight(fold(s), ".")
}

// Within reports whether a zone holds a name. Nothing lies in the nameless root, which no user hosts.
func Within(name, zone string) bool {
	return zone != "" && (name == zone || strings.HasSuffix(name, "."+zone))
}
