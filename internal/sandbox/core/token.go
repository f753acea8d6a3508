// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package core

import "crypto/sha256"

// The characters of tokens.
const (
	lower    = "abcdefghijklmnopqrstuvwxyz0123456789"
	alphabet = lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// Token derives a token of 32 characters, some of them with a leading underscore as the CA's can have.
func Token(seed string) string {
	b, first := token(seed, alphabet)
	if first%8 == 0 {
		b[0] = '_'
	}
	return string(b)
}

// CNAMEToken derives a token for the target of a DigiCert CNAME record: an underscore and 31 characters, which are lower-case
// without QuirkMixedCase.
func CNAMEToken(seed string, quirks Quirks) string {
	characters := lower
	if quirks[QuirkMixedCase] {
		characters = alphabet
	}
	b, _ := token(seed, characters)
	b[0] = '_'
	return string(b)
}

// token derives 32 characters, and tells the first byte that they were derived from.
func token(seed, characters string) (b []byte, first byte) {
	sum := sha256.Sum256([]byte("sandbox token " + seed))
	b = make([]byte, len(sum))
	for i, v := range sum {
		b[i] = characters[int(v)%len(characters)]
	}
	return b, sum[0]
}
