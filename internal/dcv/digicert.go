// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"strings"
)

// The values of txt_owner.
const (
	TXTOwnerDNSAuth = "_dnsauth"
	TXTOwnerDomain  = "domain"
)

// DigiCertTXT is the record DigiCert looks for with a TXT token: the token at _dnsauth below the domain, where it looks
// first, or at the domain itself. The other name is accepted too.
// Source: https://docs.digicert.com/en/certcentral/manage-certificates/domain-control-validation-methods.html
func DigiCertTXT(domain, token string, expiresAt *string, txtOwner string) *Publication {
	owner := CanonicalDomain(domain)
	if txtOwner == TXTOwnerDNSAuth {
		owner = dnsAuth + owner
	}
	return &Publication{Type: TypeTXT, Name: owner + ".", Value: token, ExpiresAt: expiresAt, AlsoAccepted: OtherTXTOwners(owner)}
}

// dnsAuth precedes a domain in the name where DigiCert looks first.
const dnsAuth = labelDNSAuth + "."

// OtherTXTOwners are the further owner names at which DigiCert accepts a TXT token that stands at owner. One with another
// underscore label is not DigiCert's.
func OtherTXTOwners(owner string) []string {
	domain, below := strings.CutPrefix(owner, dnsAuth)
	switch {
	case below:
		return []string{domain}
	case strings.HasPrefix(owner, "_"):
		return nil
	}
	return []string{dnsAuth + owner}
}

// DigiCertCNAME is the record DigiCert looks for with a CNAME token. The older form, <token>.<domain> pointing at
// dcv.digicert.com, ended on 28 October 2025.
// Source: https://docs.digicert.com/en/certcentral/manage-certificates/domain-control-validation-methods.html
func DigiCertCNAME(domain, token string, expiresAt *string) *Publication {
	value := token + ".dcv.digicert.com"
	if strings.TrimSpace(token) == "" {
		value = token // It is refused as what it is, not hidden in a target.
	}
	return &Publication{Type: TypeCNAME, Name: dnsAuth + CanonicalDomain(domain) + ".", Value: value, ExpiresAt: expiresAt}
}
