// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// PersistentRecord returns the TXT record that lets an account of a certificate authority validate a domain again and again
// (Baseline Requirements 3.2.2.4.22). issuer is the name by which the authority knows itself in CAA records, account the URI of
// the account. For a wildcard the value says so, as the ACME draft asks (draft-ietf-acme-dns-persist); others ignore that. The
// error is a *[NameError] for a domain or an issuer that is none.
func PersistentRecord(domain, issuer, account string) (Record, error) {
	authority, err := ParseDomain(issuer)
	if err != nil {
		return Record{}, err
	}
	if authority != strings.ToLower(issuer) {
		return Record{}, &NameError{Domain: issuer, Field: fieldDomain, Text: issuer, Reason: "is not written as CAA records have it"}
	}
	value := fmt.Sprintf("%s; accounturi=%s", authority, account)
	if uri, err := url.Parse(account); err != nil || uri.Scheme != "https" || uri.Host == "" || strings.Contains(account, ";") ||
		!persistentValue.MatchString(value) {
		return Record{}, errors.New("the account is not an https:// address without white space and semicolons")
	}
	if strings.HasPrefix(domain, "*.") {
		value += "; policy=wildcard"
	}
	name, err := ParseDomain(domain)
	if err != nil {
		return Record{}, err
	}
	return NewRecord(Publication{Type: TypeTXT, Name: labelPersist + "." + name + ".", Value: value}, domain, nil)
}
