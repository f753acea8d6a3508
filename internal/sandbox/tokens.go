// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"crypto/md5" // A Sectigo record name holds an MD5 value.
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// assign gives a check its next token and makes it pending. Tokens are derived and not drawn, so that a run of the
// simulator is like the one before.
func (c *check) assign(svc Service, now time.Time) {
	c.generation++
	c.Status = StatusPending
	c.approved, c.ValidatedUntil, c.TokenExpires = time.Time{}, time.Time{}, time.Time{}
	seed := fmt.Sprintf("%s %s %d", svc, c.seed, c.generation)
	name := canonical(c.Domain)

	switch c.Method {
	case "DNS":
		c.Type = c.process.DNSType
		if c.process.CA == "sectigo" {
			c.sectigo(seed)
			return
		}
		c.token = token(seed)
		c.Name, c.Value = "_dnsauth."+name, c.token
		if c.Type == "CNAME" {
			c.Value += ".dcv.digicert.com"
		}
	case "DnsTxtToken", "dns-txt-token":
		c.token = token(seed)
		c.Type, c.Name, c.Value = "TXT", name, c.token
	case "DnsCnameToken", "dns-cname-token":
		c.token = token(seed)
		c.Type, c.Name, c.Value = "CNAME", "_dnsauth."+name, c.token+".dcv.digicert.com"
	case "http-token", "http-token-dynamic", "FILE":
		c.token = token(seed)
	default:
		return // E-mail has no token.
	}
	c.TokenExpires = now.Add(tokenValidity).Truncate(time.Second)
}

// sectigo assigns a record in the form of Sectigo: the hashes stand for those of a CSR and stay, the unique value changes.
func (c *check) sectigo(seed string) {
	name := canonical(c.Domain)
	csr := []byte("sandbox CSR " + strings.Fields(c.seed)[0])
	m, h, unique := md5.Sum(csr), sha256.Sum256(csr), sha256.Sum256([]byte(seed))
	hash := hex.EncodeToString(h[:])
	c.token = hex.EncodeToString(unique[:10])
	c.Name = "_" + hex.EncodeToString(m[:]) + "." + name
	c.Value = hash[:32] + "." + hash[32:] + "." + c.token + ".sectigo.com"
}

// alphabet holds the characters of tokens.
const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// token derives a token of 32 characters, some of them with a leading underscore as the CA's can have.
func token(seed string) string {
	sum := sha256.Sum256([]byte("sandbox token " + seed))
	b := make([]byte, len(sum))
	for i, v := range sum {
		b[i] = alphabet[int(v)%len(alphabet)]
	}
	if sum[0]%8 == 0 {
		b[0] = '_'
	}
	return string(b)
}
