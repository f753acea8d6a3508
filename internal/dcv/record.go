// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"slices"
	"strings"
)

const (
	typeTXT   = "TXT"
	typeCNAME = "CNAME"
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
// owner name or CNAME target that is not a DNS name, and a record that no CA asks for but that would do harm: whoever makes
// the answer must not get to write anything into the user's zones. The owner name has to lie in the registrable domain of
// domain, a CNAME has to stand below a label that begins with an underscore, and neither may take a name or a value that
// other protocols give a meaning. An empty domain leaves the first rule out.
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
		return Record{}, &NameError{Domain: domain, Field: fieldRecordType, Text: p.Type, Reason: "is neither TXT nor CNAME"}
	}
	if err := harmful(r, domain); err != nil {
		return Record{}, err
	}
	return r, nil
}

// SupportedType tells whether a record type, in any case, is one that proves control of a domain.
func SupportedType(recordType string) bool {
	switch strings.ToUpper(recordType) {
	case typeTXT, typeCNAME:
		return true
	}
	return false
}

// reservedLabels are labels under which other protocols look: ACME (RFC 8555), DMARC (RFC 7489), DKIM (RFC 6376),
// MTA-STS (RFC 8461), TLS reporting (RFC 8460), BIMI, and the records of another CA's account (RFC 8657).
var reservedLabels = []string{"_acme-challenge", "_dmarc", "_domainkey", "_mta-sts", "_smtp", "_bimi", "_validation-persist"}

// harmful says why a record must not be published, nil when it may.
func harmful(r Record, domain string) error {
	host, below := r.FQDN, false
	for strings.HasPrefix(host, "_") {
		label, rest, found := strings.Cut(host, ".")
		if slices.Contains(reservedLabels, label) {
			return &NameError{Domain: domain, Field: fieldOwnerName, Text: r.FQDN, Reason: "belongs to another protocol than domain validation"}
		}
		if !found {
			break
		}
		host, below = rest, true
	}
	if r.Type == typeCNAME && !below {
		return &NameError{Domain: domain, Field: fieldOwnerName, Text: r.FQDN, Reason: "would replace a name of yours: a CNAME for validation stands below a label that begins with an underscore"}
	}
	if r.Type == typeTXT && strings.HasPrefix(strings.ToLower(strings.TrimSpace(r.Value)), "v=") {
		return &NameError{Domain: domain, Field: fieldValue, Text: r.Value, Reason: "is a policy of another protocol, not a token"}
	}
	if canonical := CanonicalDomain(domain); canonical != "" && !sameRegistrable(host, canonical) {
		return &NameError{Domain: domain, Field: fieldOwnerName, Text: r.FQDN, Reason: "lies outside the domain that is validated"}
	}
	return nil
}

// sameRegistrable tells whether two names lie in one registrable domain. A name without one shares only itself.
func sameRegistrable(a, b string) bool {
	if a == b {
		return true
	}
	baseA, errA := RegistrableDomain(a)
	baseB, errB := RegistrableDomain(b)
	return errA == nil && errB == nil && baseA == baseB
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
