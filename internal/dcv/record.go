// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"fmt"
	"strings"
)

// Types of records that prove control of a domain.
const (
	TypeTXT   = "TXT"
	TypeCNAME = "CNAME"
)

// Publication is the DNS record that a CA looks for, as the vendor writes it.
type Publication struct {
	// Type is the record type in any case, TXT or CNAME; see [SupportedType].
	Type string
	// Name is the owner name, with or without a trailing dot. A single label without a dot is relative to the domain
	// being validated; "@" and "" are that domain itself. A leading "*." is dropped, as CAs validate a wildcard at its
	// base name.
	Name string
	// Value is the TXT value, byte exact, or the CNAME target, with or without a trailing dot.
	Value string
	// ExpiresAt is when the CA stops to accept the record, as the vendor writes it; nil when the vendor does not tell.
	ExpiresAt *string
	// AlsoAccepted are further owner names at which the CA accepts the same value, fully qualified.
	AlsoAccepted []string
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

	AlsoAccepted []string // further owner names at which the CA accepts Value, canonical
}

// NewRecord spells out one record for the validation of domain. The record lists domain as the only name it validates,
// and its status is [StatusUnknown]. zones are the DNS zones the user controls: nil leaves Zone and RelativeName nil,
// whereas zones that do not hold the record, an empty list among them, give a *[ZoneError]. A *[NameError] reports what
// cannot exist in DNS. Whether a CA would ask for the record is a question for [Admit].
func NewRecord(p Publication, domain string, zones []string) (Record, error) {
	r, err := spell(p, domain)
	if err != nil {
		return Record{}, err
	}
	return r.InZones(zones)
}

// InZones returns the record with Zone and RelativeName worked out anew: nil for nil zones, else by the longest zone
// that holds the record. When none does, the error is a *[ZoneError]. A CNAME at the apex of its zone, where SOA and NS
// records stand already (RFC 1034, section 3.6.2), is a *[ConflictError].
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
	if relative == apex && r.Type == TypeCNAME {
		return Record{}, &ConflictError{Owner: r.FQDN, Zone: zone, Records: []ConflictingRecord{{Type: r.Type, Value: r.Value}}}
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
	for _, name := range p.AlsoAccepted {
		r.AlsoAccepted = append(r.AlsoAccepted, CanonicalDomain(name))
	}
	switch r.Type {
	case TypeTXT:
		if reason := invalidTXT(p.Value); reason != "" {
			return Record{}, &NameError{Domain: domain, Field: fieldValue, Text: p.Value, Reason: reason}
		}
		return r.withValue(p.Value), nil
	case TypeCNAME:
		target, reason := parseTarget(p.Value)
		if reason != "" {
			return Record{}, &NameError{Domain: domain, Field: fieldCNAMETarget, Text: p.Value, Reason: reason}
		}
		return r.withValue(target), nil
	default:
		return Record{}, &NameError{Domain: domain, Field: fieldRecordType, Text: p.Type, Reason: "is neither TXT nor CNAME"}
	}
}

// withValue returns the record with a checked value in every spelling.
func (r Record) withValue(value string) Record {
	r.Value, r.ValueDot, r.ValueQuoted = value, value, value
	if r.Type == TypeCNAME {
		r.ValueDot += "."
		r.RData = r.ValueDot
		return r
	}
	r.ValueQuoted, r.RData = quoteString(value), quoteStrings(value)
	return r
}

// maxTXT is how many bytes a TXT value may have, so that it fits the 65,535 bytes of a record's data with a length byte for
// every 255 bytes (RFC 1035, sections 3.2.1 and 3.3.14).
const maxTXT = 65_535 / (maxStringLength + 1) * maxStringLength

// invalidTXT says what keeps a value from being that of a TXT record, as a predicate; "" if nothing does.
func invalidTXT(value string) string {
	switch {
	case value == "":
		return "is empty"
	case len(value) > maxTXT:
		return fmt.Sprintf("is longer than %d bytes", maxTXT)
	}
	return ""
}

// parseTarget returns a CNAME target without its trailing dot, and says what keeps it from being a DNS name. Letters keep
// their case: DigiCert compares the token in its target case-sensitively.
func parseTarget(s string) (target, reason string) {
	name, reason := parseName(s)
	if isASCII(s) {
		name = strings.TrimSuffix(s, ".")
	}
	return name, reason
}

// SupportedType tells whether a record type, in any case, is one that proves control of a domain.
func SupportedType(recordType string) bool {
	switch strings.ToUpper(recordType) {
	case TypeTXT, TypeCNAME:
		return true
	}
	return false
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
