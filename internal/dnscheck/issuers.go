// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// DigiCertIssuers are the CAA issuer domain names that DigiCert takes as an authorization, for all its brands
// (DigiCert, GeoTrust, RapidSSL, Thawte and the former Symantec): section 4.2.1 of the DigiCert Certification
// Practices Statement, https://www.digicert.com/legal-repository. The first is the one to recommend.
var DigiCertIssuers = []string{
	"digicert.com",
	"www.digicert.com",
	"digicert.ne.jp",
	"cybertrust.ne.jp",
	"thawte.com",
	"geotrust.com",
	"rapidssl.com",
	"symantec.com",
	"digitalcertvalidation.com",
	"volusion.digitalcertvalidation.com",
	"stratossl.digitalcertvalidation.com",
	"intermediatecertificate.digitalcertvalidation.com",
	"1and1.digitalcertvalidation.com",
	"amazon.com",
	"amazontrust.com",
	"awstrust.com",
	"amazonaws.com",
	"quovadisglobal.com",
	"pkioverheid.nl",
}

// SectigoIssuers are the CAA issuer domain names that Sectigo takes as an authorization: section 4.2.4 of the
// Sectigo TLS CP/CPS, https://github.com/sectigo/policy-documentation. comodo.com and comodoca.com are recognized
// for a transitional period; entrust.net and affirmtrust.com by agreement with Entrust. The first is the one to
// recommend.
var SectigoIssuers = []string{
	"sectigo.com",
	"usertrust.com",
	"trust-provider.com",
	"comodo.com",
	"comodoca.com",
	"entrust.net",
	"affirmtrust.com",
}

// IssuersFor infers the authority from the record it asks for: a CNAME into its own domain, or a persistent record that names it.
// It returns [SectigoIssuers], [DigiCertIssuers], the name itself of another authority in a persistent record, or nil when the
// record does not tell.
func IssuersFor(recordType, value string) []string {
	if !strings.EqualFold(recordType, "CNAME") {
		p, err := dcv.ParsePersistent(value)
		if err != nil {
			return nil
		}
		for _, known := range [][]string{SectigoIssuers, DigiCertIssuers} {
			if slices.Contains(known, p.Issuer) {
				return slices.Clone(known)
			}
		}
		return []string{p.Issuer}
	}
	target := canonical(value)
	switch {
	case dns.IsSubDomain("sectigo.com.", target), dns.IsSubDomain("comodoca.com.", target):
		return slices.Clone(SectigoIssuers)
	case dns.IsSubDomain("digicert.com.", target):
		return slices.Clone(DigiCertIssuers)
	default:
		return nil
	}
}
