// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"regexp"
	"strings"
	"unicode"
)

// Labels that certificate authorities put before the domain that they validate.
const (
	labelDNSAuth = "_dnsauth"            // DigiCert
	labelPersist = "_validation-persist" // persistent DNS TXT records (Baseline Requirements 3.2.2.4.22)
)

// Admit says why no certificate authority asks for a record to validate domain; nil when one may. The vendor's response
// decides what is written into the user's zones, so only these owner names are admitted: the domain itself or an ancestor
// of it, up to its registrable domain, with at most one label before it that is "_dnsauth", "_validation-persist" or a
// hash. The value has to look like a token. Everything else belongs to something else: a sibling name, another protocol's
// label (_dmarc, _acme-challenge, _domainkey, service labels), another service's verification. The error is a *[NameError].
func Admit(r Record, domain string) error {
	refuse := func(field, text, reason string) error {
		return &NameError{Domain: domain, Field: field, Text: text, Reason: reason}
	}
	name, err := ParseDomain(domain)
	if err != nil {
		return err
	}
	if strings.Contains(name, "_") {
		return refuse(fieldDomain, domain, "has a label with an underscore, which no name on a certificate has")
	}
	label, host := "", r.FQDN
	if !Within(name, host) {
		label, host, _ = strings.Cut(r.FQDN, ".")
	}
	if !Within(name, host) {
		return refuse(fieldOwnerName, r.FQDN, "is neither the domain itself nor one of its parents, with at most one validation label before it")
	}
	if registrable, err := RegistrableDomain(name); err != nil || !Within(host, registrable) {
		return refuse(fieldOwnerName, r.FQDN, "lies above the registrable domain")
	}
	switch {
	case label == "":
		return admitAtDomain(r, refuse)
	case label == labelPersist:
		if r.Type != TypeTXT {
			return refuse(fieldValue, r.Value, "is not the value of a persistent validation record, which is a TXT record")
		}
		if _, err := ParsePersistent(r.Value); err != nil {
			return refuse(fieldValue, r.Value, "is not the value of a persistent validation record (authority; accounturi=…): it "+err.Error())
		}
		return nil
	case label != labelDNSAuth && !IsHashLabel(label):
		return refuse(fieldOwnerName, r.FQDN, "begins with a label that is not one of domain validation")
	}
	return admitToken(r, refuse)
}

// admitAtDomain judges a record at the domain itself, where the user's own records stand.
func admitAtDomain(r Record, refuse func(field, text, reason string) error) error {
	if r.Type == TypeCNAME {
		return refuse(fieldOwnerName, r.FQDN, "would replace a name of yours: a CNAME for validation stands below a label that begins with an "+
			"underscore")
	}
	if !token.MatchString(r.Value) {
		return refuse(fieldValue, r.Value, "does not look like a token of letters and digits")
	}
	return admitToken(r, refuse)
}

// admitToken judges the value of a record below a validation label.
func admitToken(r Record, refuse func(field, text, reason string) error) error {
	first, _, _ := strings.Cut(r.Value, ".")
	switch {
	case isPlaceholder(r.Value) || isPlaceholder(first):
		return refuse(fieldValue, r.Value, "is a placeholder, not a token")
	case strings.ContainsFunc(r.Value, func(c rune) bool { return c > unicode.MaxASCII || !unicode.IsPrint(c) }):
		return refuse(fieldValue, r.Value, "holds a character that no token has")
	case r.Type == TypeTXT && (otherValue.MatchString(r.Value) || strings.ContainsAny(r.Value, " \t\r\n\"")):
		return refuse(fieldValue, r.Value, "belongs to another service or protocol, it is not a token")
	}
	return nil
}

var (
	// token is what CAs publish at a domain itself.
	token = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	// otherValue is key=value, as SPF, DKIM, DMARC and the verifications of other services have it. Base64 may end in "=".
	otherValue   = regexp.MustCompile(`^[^=]*=+[^=]`)
	hexadecimal  = regexp.MustCompile(`^[0-9a-f]+$`)
	alphanumeric = regexp.MustCompile(`^[0-9a-z]+$`)
)

// IsHashLabel tells whether a label of an owner name is a hash or a token. A label of letters only, or a short one that is
// not hexadecimal, can be that of a service (RFC 6335). Without an underscore it would be an ordinary host name, so it has
// to be as long as a hash then.
func IsHashLabel(label string) bool {
	const shortest, certain = 4, 16
	text, underscored := strings.CutPrefix(label, "_")
	mixed := strings.ContainsAny(text, "0123456789") && strings.ContainsAny(text, "abcdefghijklmnopqrstuvwxyz")
	switch {
	case !mixed || len(text) < shortest:
		return false
	case len(text) >= 2*certain:
		return alphanumeric.MatchString(text)
	case len(text) >= certain:
		return underscored && alphanumeric.MatchString(text)
	default:
		return underscored && hexadecimal.MatchString(text)
	}
}

// isPlaceholder tells whether text is what programs write where there is no value.
func isPlaceholder(text string) bool {
	switch strings.ToLower(strings.Trim(text, " \t\r\n_-.<>()[]{}\"'")) {
	case "", "null", "nil", "none", "n/a", "na", "nan", "undefined", "unknown", "empty", "tbd", "false", "true", "0":
		return true
	}
	return false
}

// Covers tells whether the validation of one domain can stand for a name: it is the name itself or a parent of it. A name that
// is no domain is covered by nothing.
func Covers(domain, name string) bool {
	return Within(CanonicalDomain(name), CanonicalDomain(domain))
}

// ValidatedDomain returns the domain that a record at an owner name validates: the name without its validation label.
func ValidatedDomain(owner string) string {
	label, rest, found := strings.Cut(owner, ".")
	if found && (label == labelDNSAuth || label == labelPersist || IsHashLabel(label)) {
		return rest
	}
	return owner
}
