// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
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
	uri, err := url.Parse(account)
	if _, malformed := ParsePersistent(value); err != nil || uri.Scheme != "https" || uri.Host == "" || strings.Contains(account, ";") ||
		malformed != nil {
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

// Persistent is what the value of a persistent record says.
type Persistent struct {
	Issuer  string // the authority, in lower case
	Account string // the URI of the account
	// Wildcard tells that the record is for wildcards too. Only authorities that follow the ACME draft look at it.
	Wildcard bool
	// Until is the last moment at which the record counts, in seconds since 1970. Without an end it is [NoEnd].
	Until int64
}

// NoEnd is the end of persistent records that have none.
const NoEnd = math.MaxInt64

// ParsePersistent reads the value of a persistent record: an issue value of CAA that names an authority and one of its accounts.
// Other parameters than those of [Persistent] are ignored. The error is a predicate whose subject is the value.
func ParsePersistent(value string) (Persistent, error) {
	v, err := ParseIssueValue(value)
	if err != nil {
		return Persistent{}, err
	}
	if v.Issuer == "" {
		return Persistent{}, errors.New("names no authority before its parameters")
	}
	p := Persistent{Issuer: v.Issuer, Until: NoEnd}
	seen := make(map[string]bool)
	for _, parameter := range v.Parameters {
		switch tag := parameter.Tag; tag {
		case "accounturi":
			if !AccountURI(parameter.Value) {
				return Persistent{}, fmt.Errorf("has the accounturi %q, which is not a URI", parameter.Value)
			}
			p.Account = parameter.Value
		case "policy":
			p.Wildcard = strings.EqualFold(parameter.Value, "wildcard")
			continue
		case "persistuntil":
			if p.Until, err = strconv.ParseInt(parameter.Value, 10, 64); err != nil {
				return Persistent{}, fmt.Errorf("has the persistUntil %q, which is not a number of seconds since 1970", parameter.Value)
			}
		default:
			continue
		}
		if seen[parameter.Tag] {
			// No request has two accounts (RFC 8657, section 3), and of two ends nobody knows which one counts.
			return Persistent{}, fmt.Errorf("has the parameter %s twice", parameter.Tag)
		}
		seen[parameter.Tag] = true
	}
	if p.Account == "" {
		return Persistent{}, errors.New("has no accounturi, which tells the account at the authority")
	}
	return p, nil
}

// IsPersistentOwner tells whether persistent records stand at an owner name in canonical spelling.
func IsPersistentOwner(owner string) bool { return strings.HasPrefix(owner, labelPersist+".") }
