// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/miekg/dns"
)

// rootAnchors are the keys of https://data.iana.org/root-anchors/root-anchors.xml: KSK-2017 and KSK-2024.
const rootAnchors = `
. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
. IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
`

// RootAnchors returns the trust anchors of the public DNS.
func RootAnchors() []dns.RR {
	anchors, _ := ParseAnchors(strings.NewReader(rootAnchors))
	return anchors
}

// ParseAnchors reads trust anchors of the root: DS or DNSKEY records as in a zone file. Its error is a predicate whose
// subject is the file.
func ParseAnchors(file io.Reader) ([]dns.RR, error) {
	var anchors []dns.RR
	parser := dns.NewZoneParser(file, ".", "")
	parser.SetDefaultTTL(0) // A trust anchor needs none.
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		switch rr.(type) {
		case *dns.DS, *dns.DNSKEY:
		default:
			return nil, fmt.Errorf("has a record of the type %s, trust anchors are DS or DNSKEY records", typeName(rr.Header().Rrtype))
		}
		if rr.Header().Name != "." {
			return nil, fmt.Errorf("has a trust anchor for %s, only the root can have one", rr.Header().Name)
		}
		anchors = append(anchors, rr)
	}
	if err := parser.Err(); err != nil {
		return nil, fmt.Errorf("is not in zone-file form: %w", err)
	}
	if len(anchors) == 0 {
		return nil, errors.New("has no DS or DNSKEY record")
	}
	return anchors, nil
}

// anchorsFor splits trust anchors by their type. Keys become DS records, so that one check serves for both.
func anchorsFor(anchors []dns.RR) []*dns.DS {
	var ds []*dns.DS
	for _, rr := range anchors {
		switch rr := rr.(type) {
		case *dns.DS:
			ds = append(ds, rr)
		case *dns.DNSKEY:
			ds = append(ds, rr.ToDS(dns.SHA256))
		}
	}
	return ds
}
