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

// knownCredentials finds what the simulator accepts as a credential, also without the padding at its end.
var knownCredentials = func() *regexp.Regexp {
	texts := []string{`sandbox-token-[0-9A-Z]+`}
	for _, credential := range []string{
		APIKey, APIKeyWithoutPermission, ClientSecret, DigiCertKey, DigiCertKeyOrdersOnly, DigiCertKeyWithoutPermission, tsigSecret,
	} {
		texts = append(texts, regexp.QuoteMeta(strings.TrimRight(credential, "="))+"=*")
	}
	return regexp.MustCompile("(?i)" + strings.Join(texts, "|"))
}()

// credentialNames finds the names that credentials go by in a query. None of the APIs has a parameter of such a name.
var credentialNames = regexp.MustCompile(`(?i)key|secret|token|passw|pwd|auth|credential|signature|session|bearer|jwt`)

// redactText replaces the credentials in a text. One that is URL-encoded takes the whole text with it.
func redactText(text string) string {
	text = knownCredentials.ReplaceAllString(text, redacted)
	if knownCredentials.MatchString(decoded(text)) {
		return redacted
	}
	return text
}

// redactPath replaces the credentials in a path, which is decoded once.
func redactPath(path string) string {
	elements := strings.Split(path, "/")
	for i, element := range elements {
		elements[i] = redactText(element)
	}
	// A slash may be within an element as well.
	return redactText(strings.Join(elements, "/"))
}

// redactQuery replaces the credentials in a query as sent, and the values of parameters whose name looks like that of one.
func redactQuery(query string) string {
	var b strings.Builder
	for query != "" {
		parameter, separator := query, ""
		if at := strings.IndexAny(query, "&;"); at >= 0 {
			parameter, separator = query[:at], query[at:at+1]
		}
		query = query[len(parameter)+len(separator):]
		name, value, ok := strings.Cut(parameter, "=")
		b.WriteString(redactText(name))
		switch {
		case ok && credentialNames.MatchString(decoded(name)):
			b.WriteString("=" + redacted)
		case ok:
			b.WriteString("=" + redactText(value))
		}
		b.WriteString(separator)
	}
	return redactText(b.String())
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
