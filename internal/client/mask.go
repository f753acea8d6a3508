// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// masked stands where a credential was.
const masked = "***"

// Bounds, in bytes, of what an error takes over from an answer.
const (
	maxCode    = 200
	maxMessage = 1000
	maxDetails = 20 // entries
	// maxLine is how much of a text is looked at for one line of it.
	maxLine = 64 << 10
)

// secretMembers finds the names of JSON members that hold a credential, also in JSON that is itself within a
// string, with backslashes before its quotation marks.
var secretMembers = regexp.MustCompile(
	`(?i)(\\*)"(?:oneTimeLink|one_time_link|access_token|refresh_token|id_token|client_secret|api_?key)(\\*)"\s*:\s*`)

// withoutMembers returns the text without the values of members that hold a credential, whatever the values
// are, also in a document that is cut short.
func withoutMembers(s string) string {
	names := secretMembers.FindAllStringSubmatchIndex(s, -1)
	if names == nil {
		return s
	}
	var b strings.Builder
	done := 0
	for _, name := range names {
		start, end := name[0], name[1]
		before, after := name[3]-name[2], name[5]-name[4]
		if start < done || before != after {
			continue // within a value that is masked already, or part of a longer text
		}
		b.WriteString(s[done:end])
		b.WriteString(`"` + masked + `"`)
		done = end + valueLength(s[end:], before)
	}
	b.WriteString(s[done:])
	return b.String()
}

// linkName finds the name of the one credential that nobody knows beforehand, however it is written.
var linkName = regexp.MustCompile(`(?i)one[^a-z0-9]{0,8}time[^a-z0-9]{0,8}link`)

// maskedMember finds the rest of a member that withoutMembers has dealt with.
var maskedMember = regexp.MustCompile(`^\\*"\s*:\s*"\*\*\*"`)

// withoutLinks returns the text up to a one-time link in a document that is not JSON, or not quite.
func withoutLinks(s string) string {
	for _, at := range linkName.FindAllStringIndex(s, -1) {
		if rest := s[at[1]:]; rest != "" && !maskedMember.MatchString(rest) {
			return s[:at[1]] + masked
		}
	}
	return s
}

// valueLength returns the length of the JSON value at the start of a text, all of it when the value has no end.
// The marks of strings have as many backslashes before them as level says; one with fewer is the end of the string
// that the whole document is in.
func valueLength(s string, level int) int {
	depth, backslashes := 0, 0
	inString := false
	for i := range len(s) {
		c := s[i]
		if c == '\\' {
			backslashes++
			continue
		}
		switch {
		case c == '"' && backslashes < level:
			return i - backslashes
		case c == '"' && !inString:
			inString = true
		case c == '"' && backslashes%(2*level+2) == level:
			inString = false
			if depth == 0 {
				return i + 1
			}
		case inString:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
			if depth < 0 {
				return i
			}
			if depth == 0 {
				return i + 1
			}
		case depth == 0 && strings.IndexByte(", \t\r\n", c) >= 0:
			return i
		}
		backslashes = 0
	}
	return len(s)
}

// masker takes credentials out of text that people will read. It is safe for concurrent use.
type masker struct {
	mu      sync.RWMutex
	secrets []string
	tokens  []string // the latest ones, at most maxTokens
	found   *findings
}

// maxTokens is how many access tokens a masker knows: the current one, and the one before it, which requests under way
// may still have.
const maxTokens = 2

// findings are what a masker looks for. They are not changed once they are made.
type findings struct {
	spellings []string // the longest first
	replacer  *strings.Replacer
}

// newMasker returns a masker for the given credentials; empty ones are left out.
func newMasker(secrets ...string) *masker {
	m := &masker{found: newFindings(nil)}
	for _, secret := range secrets {
		m.add(secret)
	}
	return m
}

// add makes the masker know one more credential, in every spelling an answer or a log may give it.
func (m *masker) add(secret string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if secret == "" || slices.Contains(m.secrets, secret) {
		return
	}
	m.secrets = append(m.secrets, secret)
	m.found = newFindings(slices.Concat(m.secrets, m.tokens))
}

// renew makes the masker know another access token, in the place of the one before the last.
func (m *masker) renew(token string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if token == "" || slices.Contains(m.tokens, token) {
		return
	}
	m.tokens = append(m.tokens[max(len(m.tokens)-maxTokens+1, 0):], token)
	m.found = newFindings(slices.Concat(m.secrets, m.tokens))
}

// finds returns what is to be looked for at present.
func (m *masker) finds() *findings {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.found
}

func newFindings(secrets []string) *findings {
	f := &findings{}
	for _, secret := range secrets {
		for _, spelling := range spellings(secret) {
			// Undone too, as a text has it where a credential looks like an escape.
			f.spellings = append(f.spellings, spelling, unescaped(spelling))
		}
	}
	// The replacer tries the strings in order: a credential that is part of another must come after it.
	slices.SortFunc(f.spellings, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	f.spellings = slices.Compact(f.spellings)
	pairs := make([]string, 0, 2*len(f.spellings))
	for _, spelling := range f.spellings {
		pairs = append(pairs, spelling, masked)
	}
	f.replacer = strings.NewReplacer(pairs...)
	return f
}

// spellings returns a credential as it is, in base64, URL-encoded, and as in JSON and HTML.
func spellings(secret string) []string {
	raw := []byte(secret)
	all := []string{
		secret,
		base64.StdEncoding.EncodeToString(raw),
		base64.RawStdEncoding.EncodeToString(raw),
		base64.URLEncoding.EncodeToString(raw),
		base64.RawURLEncoding.EncodeToString(raw),
		url.QueryEscape(secret),
		url.PathEscape(secret),
		html.EscapeString(secret),
	}
	if quoted, err := json.Marshal(secret); err == nil {
		all = append(all, string(quoted[1:len(quoted)-1]))
	}
	// Other servers escape fewer characters in JSON, or the slash.
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(secret)
	all = append(all, escaped, strings.ReplaceAll(escaped, "/", `\/`))
	// In JSON within a string of JSON.
	all = append(all, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(escaped))
	for _, encoded := range []string{url.QueryEscape(secret), url.PathEscape(secret)} {
		all = append(all, escapes.ReplaceAllStringFunc(encoded, strings.ToLower))
	}
	return all
}

// escapes finds the escapes of a URL.
var escapes = regexp.MustCompile("%[0-9A-F]{2}")

// text returns the text without credentials. Where it has escapes of JSON that servers use in the middle of a
// credential, or of a member's name, they are undone.
func (m *masker) text(s string) string {
	return withoutLinks(withoutMembers(m.finds().replacer.Replace(unescaped(s))))
}

// least is how much of a credential, in bytes, is worth hiding.
const least = 4

// uncut returns a text that was cut, by whoever it was, without what may be the beginning of a credential at its end: one
// that is not whole is not masked. Escapes of JSON are undone.
func (m *masker) uncut(s string) string {
	s = withoutPartialEscape(unescaped(s))
	longest := 0
	for _, spelling := range m.finds().spellings {
		for length := min(len(spelling)-1, len(s)); length >= max(least, longest+1); length-- {
			if strings.HasSuffix(s, spelling[:length]) {
				longest = length
				break
			}
		}
	}
	return s[:len(s)-longest]
}

// partialEscape finds an escape of JSON that is cut short.
var partialEscape = regexp.MustCompile(`\\(?:u[0-9a-fA-F]{0,3})?$`)

// withoutPartialEscape returns text without an escape of JSON at its end that is cut short.
func withoutPartialEscape(s string) string {
	end := s[max(len(s)-len(`\u000`), 0):]
	at := partialEscape.FindStringIndex(end)
	if at == nil {
		return s
	}
	return strings.TrimRight(s[:len(s)-len(end)+at[0]], `\`)
}

// unescaped undoes the escapes of JSON for slashes and for what else of ASCII can be printed, also in JSON that is
// itself within a string, with more backslashes before them. Quotation marks and backslashes stay escaped, in the usual
// way, so that strings still end where they did.
func unescaped(s string) string {
	if !strings.Contains(s, `\u00`) && !strings.Contains(s, `\/`) {
		return s
	}
	var b strings.Builder
	done := 0
	for i := 0; i < len(s); {
		next := strings.IndexByte(s[i:], '\\')
		if next < 0 {
			break
		}
		start := i + next
		i = start
		for i < len(s) && s[i] == '\\' {
			i++
		}
		c, length := escapedCharacter(s[i:])
		if length == 0 {
			continue
		}
		// An escape has one backslash in JSON, two in JSON within a string and so on; what is before them is twice as
		// many for each backslash of the text.
		own := (i - start) & -(i - start)
		b.WriteString(s[done : i-own])
		if c == '"' || c == '\\' {
			b.WriteString(strings.Repeat(`\`, 2*own-1))
		}
		b.WriteByte(c)
		i += length
		done = i
	}
	b.WriteString(s[done:])
	return b.String()
}

// escapedCharacter returns the printable character of ASCII that an escape stands for, and the length of the escape
// without its backslashes; 0 if there is none.
func escapedCharacter(s string) (c byte, length int) {
	if strings.HasPrefix(s, "/") {
		return '/', 1
	}
	const length16 = len("u0000")
	if len(s) < length16 || s[0] != 'u' {
		return 0, 0
	}
	code, err := strconv.ParseUint(s[1:length16], 16, 16)
	if err != nil || code < ' ' || code > '~' {
		return 0, 0
	}
	return byte(code), length16
}

// line returns the text without credentials, on one line and in at most limit bytes.
func (m *masker) line(s string, limit int) string {
	// What is cut off here cannot come within the limit, and the rest is masked before it is cut.
	if len(s) > maxLine {
		s = m.uncut(s[:maxLine])
	}
	var b strings.Builder
	space := false
	for _, r := range m.text(s) {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			r = ' '
		}
		if r == ' ' {
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
		if b.Len() > limit {
			break
		}
	}
	return shorten(b.String(), limit)
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
