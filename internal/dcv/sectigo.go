// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// sectigoTarget is the domain under which Sectigo expects the CNAME target.
const sectigoTarget = "sectigo.com"

// SectigoRecord computes the CNAME record that Sectigo asks for, before any order exists: the owner name is
// "_<MD5>.<domain>", the target "<first half of SHA-256>.<second half>.sectigo.com", both hashes of the DER form of the
// certificate signing request (CSR), in lower-case hex. MD5 serves as an identifier here, not as protection. When a key
// is used again, Sectigo puts a unique value before "sectigo.com", which only its response to the order tells
// (https://www.sectigo.com/faqs/detail/complete-dv-using-cname-method).
//
// csrPEM holds one CSR, as "CERTIFICATE REQUEST" or "NEW CERTIFICATE REQUEST", with any text around it. domain may start
// with "*.". The record lists domain as given, its status is [StatusUnknown], and it has no zone; see [Record.InZones].
// An error tells what is wrong with the CSR; one about the domain is a *[NameError].
func SectigoRecord(csrPEM, domain string) (Record, error) {
	base, err := ParseDomain(domain)
	if err != nil {
		return Record{}, err
	}
	der, err := decodeCSR(csrPEM)
	if err != nil {
		return Record{}, err
	}
	id := md5.Sum(der)
	sum := sha256.Sum256(der)
	target := hex.EncodeToString(sum[:16]) + "." + hex.EncodeToString(sum[16:]) + "." + sectigoTarget
	return NewRecord(Publication{
		Type:  TypeCNAME,
		Name:  "_" + hex.EncodeToString(id[:]) + "." + base,
		Value: target,
	}, domain, nil)
}

// decodeCSR returns the DER form of the one CSR in PEM text. Error messages tell block types but never contents, which
// may be a private key.
func decodeCSR(text string) ([]byte, error) {
	var der []byte
	var others []string
	for rest := []byte(text); ; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil {
			break
		}
		if block.Type != "CERTIFICATE REQUEST" && block.Type != "NEW CERTIFICATE REQUEST" {
			others = append(others, block.Type)
			continue
		}
		if der != nil {
			return nil, errors.New("the text holds more than one certificate signing request")
		}
		der = block.Bytes
	}
	switch {
	case der != nil:
	case len(others) > 0:
		return nil, fmt.Errorf("the text holds no certificate signing request, but PEM of type %s", quoteList(others))
	case strings.Contains(text, "-----BEGIN"):
		return nil, errors.New("the certificate signing request is damaged: its PEM text cannot be decoded")
	default:
		return nil, errors.New(`the text holds no certificate signing request: no line "-----BEGIN CERTIFICATE REQUEST-----"`)
	}
	if _, err := x509.ParseCertificateRequest(der); err != nil {
		return nil, fmt.Errorf("the certificate signing request is damaged: %w", err)
	}
	return der, nil
}
