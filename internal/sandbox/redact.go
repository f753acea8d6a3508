// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"net/url"
	"regexp"
	"strings"
)

// redacted stands where a credential was.
const redacted = "***"

// redactor replaces credentials in URLs.
type redactor struct {
	known *regexp.Regexp // what the simulator accepts as a credential, also without the padding at its end
}

// newRedactor returns one for the secrets that some regular expressions find.
func newRedactor(secrets []string) (redactor, error) {
	for i, secret := range secrets {
		if strings.HasSuffix(secret, "=") {
			secrets[i] += "*"
		}
	}
	known, err := regexp.Compile("(?i)" + strings.Join(secrets, "|"))
	return redactor{known}, err
}

// credentialNames finds the names that credentials go by in a query. None of the APIs has a parameter of such a name.
var credentialNames = regexp.MustCompile(`(?i)key|secret|token|passw|pwd|auth|credential|signature|session|bearer|jwt`)

// text replaces the credentials in a text. One that is URL-encoded takes the whole text with it.
func (r redactor) text(text string) string {
	text = r.known.ReplaceAllString(text, redacted)
	if r.known.MatchString(decoded(text)) {
		return redacted
	}
	return text
}

// path replaces the credentials in a path, which is decoded once.
func (r redactor) path(path string) string {
	elements := strings.Split(path, "/")
	for i, element := range elements {
		elements[i] = r.text(element)
	}
	// A slash may be within an element as well.
	return r.text(strings.Join(elements, "/"))
}

// query replaces the credentials in a query as sent, and the values of parameters whose name looks like that of one.
func (r redactor) query(query string) string {
	var b strings.Builder
	for query != "" {
		parameter, separator := query, ""
		if at := strings.IndexAny(query, "&;"); at >= 0 {
			parameter, separator = query[:at], query[at:at+1]
		}
		query = query[len(parameter)+len(separator):]
		name, value, ok := strings.Cut(parameter, "=")
		b.WriteString(r.text(name))
		switch {
		case ok && credentialNames.MatchString(decoded(name)):
			b.WriteString("=" + redacted)
		case ok:
			b.WriteString("=" + r.text(value))
		}
		b.WriteString(separator)
	}
	return r.text(b.String())
}

// decoded undoes URL encoding, also where it was applied a few times; what is no encoding stays.
func decoded(text string) string {
	for range 3 {
		plain := escape.ReplaceAllStringFunc(text, func(encoded string) string {
			// The pattern leaves nothing that could fail.
			character, err := url.PathUnescape(encoded)
			if err != nil {
				return encoded
			}
			return character
		})
		if plain == text {
			break
		}
		text = plain
	}
	return text
}

// escape finds an encoded byte of a URL.
var escape = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
