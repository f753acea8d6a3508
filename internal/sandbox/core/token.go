// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package core

import "crypto/sha256"

// alphabet holds the characters of tokens.
const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// Token derives a token of 32 characters, some of them with a leading underscore as the CA's can have.
func Token(seed string) string {
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
