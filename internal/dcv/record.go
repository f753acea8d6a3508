// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import "strings"

const (
	typeTXT   = "TXT"
	typeCNAME = "CNAME"
)

// Publication is the DNS record that a CA looks for, as the vendor writes it.
type Publication struct {
	// Type is the record type in any case. TXT and CNAME are understood; another type passes through with its value
	// as opaque rdata.
	Type string
	// Name is the owner name, with or without a trailing dot. A single label without a dot is relative to the domain
	// being validated; "@" and "" are that domain itself. A leading "*." is dropped, as CAs validate a wildcard at its
	// base name.
	Name string
	// Value is the TXT value, byte exact, or the CNAME target, with or without a trailing dot.
	Value string
	// ExpiresAt is when the CA stops to accept the record, as the vendor writes it; nil when the vendor does not tell.
	ExpiresAt *string
}

// Record is one DNS record to publish, in each spelling that some DNS provider asks for.
type Record struct {
	Type    string // upper-case: "TXT", "CNAME"
	FQDN    string // owner name, lower-case, without trailing dot
	FQDNDot string // owner name with trailing dot

	Zone         *string // the zone that holds FQDN, without trailing dot; nil when no zones were given
	RelativeName *string // FQDN inside Zone, "@" at the zone apex; nil when no zones were given

	Value       string // TXT: the bare value. CNAME: the target without trailing dot
	ValueDot    string // TXT: the bare value. CNAME: the target with trailing dot
	ValueQuoted string // TXT: one quoted string of any length. CNAME: the target without trailing dot
	RData       string // zone-file text. TXT: quoted strings of at most 255 bytes. CNAME: the target with trailing dot

	Domains   []string // the names on the certificate that the record validates, as ordered, sorted; never nil
	Status    Status   // of the least advanced validation that uses the record
	ExpiresAt *string  // the earliest end of the token, as the vendor writes it; nil when the vendor does not tell
}

// NewRecord spells out one record for the validation of domain. The record lists domain as the only name it validates,
// and its status is [StatusUnknown]. zones are the DNS zones the user controls: nil leaves Zone and RelativeName nil,
// whereas zones that do not hold the record, an empty list among them, give a *[ZoneError]. A *[NameError] reports an
// owner name or CNAME target that is not a DNS name.
func NewRecord(p Publication, domain string, zones []string) (Record, error) {
	r, err := spell(p, domain)
	if err != nil {
		return Record{}, err
	}
	return r.InZones(zones)
}

// InZones returns the record with Zone and RelativeName worked out anew: nil for nil zones, else by the longest zone
// that holds the record. When none does, the error is a *[ZoneError].
func (r Record) InZones(zones []string) (Record, error) {
	r.Zone, r.RelativeName = nil, nil
	if zones == nil {
		return r, nil
	}
	zone, err := Zone(r.FQDN, zones)
	if err != nil {
		return Record{}, err
	}
	relative, err := RelativeName(r.FQDN, zone)
	if err != nil {
		return Record{}, err
	}
	r.Zone, r.RelativeName = &zone, &relative
	return r, nil
}

// spell makes the record without looking at zones.
func spell(p Publication, domain string) (Record, error) {
	fqdn, err := ownerName(p.Name, domain)
	if err != nil {
		return Record{}, err
	}
	r := Record{
		Type:      strings.ToUpper(p.Type),
		FQDN:      fqdn,
		FQDNDot:   fqdn + ".",
		Domains:   []string{},
		Status:    StatusUnknown,
		ExpiresAt: p.ExpiresAt,
	}
	if domain != "" {
		r.Domains = append(r.Domains, domain)
	}
	switch r.Type {
	case typeTXT:
		r.Value, r.ValueDot = p.Value, p.Value
		r.ValueQuoted, r.RData = quoteString(p.Value), quoteStrings(p.Value)
	case typeCNAME:
		target, reason := parseName(p.Value)
		if reason != "" {
			return Record{}, &NameError{Domain: domain, Field: fieldCNAMETarget, Text: p.Value, Reason: reason}
		}
		r.Value, r.ValueDot = target, target+"."
		r.ValueQuoted, r.RData = target, target+"."
	default:
		if !isTypeMnemonic(r.Type) {
			return Record{}, &NameError{Domain: domain, Field: fieldRecordType, Text: p.Type, Reason: "is not a DNS record type"}
		}
		r.Value, r.ValueDot, r.ValueQuoted, r.RData = p.Value, p.Value, p.Value, p.Value
	}
	return r, nil
}

// ownerName makes the fully qualified owner name from the vendor's text.
func ownerName(text, domain string) (string, error) {
	name := strings.TrimPrefix(fold(text), "*.")
	if strings.Contains(name, ".") {
		name = strings.TrimSuffix(name, ".")
	} else {
		base := CanonicalDomain(domain)
		if base == "" {
			return "", &NameError{Field: fieldDomain, Text: domain, Reason: "is empty"}
		}
		if name != "" && name != apex {
			base = name + "." + base
		}
		name = base
	}
	if reason := invalidName(name); reason != "" {
		if text == "" || text == apex {
			text = domain
		}
		return "", &NameError{Domain: domain, Field: fieldOwnerName, Text: text, Reason: reason}
	}
	return name, nil
}

// isTypeMnemonic reports whether s can stand as a record type in a zone file: "CAA", "TYPE65280".
func isTypeMnemonic(s string) bool {
	for i := range len(s) {
		if c := s[i]; !(c >= 'A' && c <= 'Z' || isDigit(c) || c == '-' && i > 0) {
			return false
		}
	}
	return s != "" && !isDigit(s[0])
}
