// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// redacted stands where a credential was.
const redacted = "***"

// Bounds, in bytes, of what an error takes over from a response.
const (
	maxCode    = 200
	maxMessage = 1000
	maxDetails = 20 // entries
)

// redactor takes credentials out of text that people read. Such text is a URL, the message of an error of this process, or a
// field that was decoded from a response, so that only the credential itself and its usual encodings can be in it. A redactor
// is safe for concurrent use.
type redactor struct {
	mu       sync.RWMutex
	secrets  []string
	tokens   []string // the latest ones, at most maxTokens
	replacer *strings.Replacer
}

// maxTokens is how many access tokens a redactor knows: the current one, and the one before it, which requests under way may
// still have.
const maxTokens = 2

// newRedactor returns a redactor for the given credentials. It leaves out empty ones.
func newRedactor(secrets ...string) *redactor {
	r := &redactor{}
	r.add(secrets...)
	return r
}

// add makes the redactor know further credentials.
func (r *redactor) add(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = append(r.secrets, secrets...)
	r.update()
}

// renew makes the redactor know another access token, in the place of the one before the last.
func (r *redactor) renew(token string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.tokens, token) {
		return
	}
	r.tokens = append(r.tokens[max(len(r.tokens)-maxTokens+1, 0):], token)
	r.update()
}

// update makes the replacer. The caller holds the lock.
func (r *redactor) update() {
	var found []string
	for _, secret := range slices.Concat(r.secrets, r.tokens) {
		if secret != "" {
			found = append(found, encodings(secret)...)
		}
	}
	// The replacer tries the strings in order: a credential that is part of another must come after it.
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, text := range found {
		pairs = append(pairs, text, redacted)
	}
	r.replacer = strings.NewReplacer(pairs...)
}

// encodings returns a credential as it is, in base64 and URL-encoded.
func encodings(secret string) []string {
	all := []string{secret, url.QueryEscape(secret), url.PathEscape(secret)}
	for _, escaped := range all[1:] {
		all = append(all, urlEscapes.ReplaceAllStringFunc(escaped, strings.ToLower))
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		all = append(all, encoding.EncodeToString([]byte(secret)))
	}
	return all
}

// urlEscapes finds the escapes of a URL, which some programs write with lower-case letters.
var urlEscapes = regexp.MustCompile("%[0-9A-F]{2}")

// text returns the text without credentials.
func (r *redactor) text(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.replacer.Replace(s)
}

// line returns the text without credentials, on one line and in at most limit bytes.
func (r *redactor) line(s string, limit int) string {
	s = strings.Map(func(c rune) rune {
		if c == utf8.RuneError || !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, r.text(s))
	return shorten(strings.Join(strings.Fields(s), " "), limit)
}

// shorten cuts text to at most limit bytes, between characters, and shows that it did.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	const ellipsis = "…"
	cut := limit - len(ellipsis)
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + ellipsis
}
