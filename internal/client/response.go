// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"reflect"
	"regexp"
	"strings"
	"unicode/utf8"
)

// response is a document as it came, shared by all who asked for it.
type response struct {
	status   int
	body     []byte
	attempts int
}

// byteOrderMark is put before a document by some servers, and is not JSON.
var byteOrderMark = []byte("\xef\xbb\xbf")

// htmlPage is what an error says of an HTML page in the place of an error document.
const htmlPage = "the response is an HTML page, so a firewall or a proxy sent it rather than the API"

// ok reports whether the status is 2xx.
func (a *response) ok() bool {
	return a.status >= 200 && a.status <= 299
}

// document is the body without what may stand around JSON.
func (a *response) document() []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(a.body, byteOrderMark))
}

// html reports whether the body is a page for people. Servers often call an error page something else.
func (a *response) html() bool {
	return bytes.HasPrefix(a.document(), []byte("<"))
}

// decode reads the document into out, and otherwise returns an error without Service, Method and URL.
func (a *response) decode(out any, redact *redactor) *Error {
	body := a.document()
	switch {
	case len(body) == 0:
		return a.unusable("the response is empty")
	case string(body) == "null":
		return a.unusable("the response is null")
	case a.html():
		return a.unusable("the response is an HTML or XML page instead of JSON; something between here and the API may have sent it" +
			a.title(redact))
	case !utf8.Valid(body):
		// encoding/json would put a replacement character there, and a token with one validates nothing.
		return a.unusable("the response is not JSON: it holds bytes that are not UTF-8")
	}
	err := unmarshal(body, out)
	if err == nil {
		return nil
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &Error{
			Kind:       KindDecode,
			StatusCode: a.status,
			Message:    redact.line(fmt.Sprintf("the value is %s where %s is expected", wrong.Value, expected(wrong.Type)), maxMessage),
			Field:      redact.line(wrong.Field, maxCode),
			Attempts:   a.attempts,
			Err:        err,
		}
	}
	message := "the response is not JSON"
	switch text := err.Error(); {
	case strings.Contains(text, "unexpected end of JSON input"):
		message = "the response is cut short"
	case strings.Contains(text, "exceeded max depth"):
		message = "the response is nested deeper than 10000 levels"
	}
	failure := a.unusable(message)
	failure.Err = err
	return failure
}

// unusable makes the error for a response that is not the document.
func (a *response) unusable(message string) *Error {
	return &Error{Kind: KindBody, StatusCode: a.status, Message: message, HTML: a.html(), Attempts: a.attempts}
}

// pageTitle finds the title of an HTML page.
var pageTitle = regexp.MustCompile(`(?is)<title[^>]*>(.{0,300}?)</title>`)

// title returns the title of an HTML page as the end of a message, "" where there is none. It is the only part of a response
// that is not decoded and yet shown: firewalls and proxies say in it what they are.
func (a *response) title(redact *redactor) string {
	found := pageTitle.FindSubmatch(a.body[:min(len(a.body), maxErrorBody)])
	if found == nil {
		return ""
	}
	title := redact.line(html.UnescapeString(string(found[1])), maxCode)
	if title == "" {
		return ""
	}
	return fmt.Sprintf(" (titled %q)", title)
}

// refused makes the error for a response whose status is not 2xx.
func (a *response) refused(decode func([]byte) (Problem, bool), redact *redactor) *Error {
	failure := &Error{Kind: statusKind(a.status), StatusCode: a.status, Attempts: a.attempts}
	if decode != nil {
		if problem, ok := decode(a.document()); ok {
			if problem.Kind != 0 {
				failure.Kind = problem.Kind
			}
			failure.Code = redact.line(problem.Code, maxCode)
			failure.Message = redact.line(problem.Message, maxMessage)
			for _, detail := range problem.Details[:min(len(problem.Details), maxDetails)] {
				failure.Details = append(failure.Details, redact.line(detail, maxMessage))
			}
			return failure
		}
	}
	if a.html() {
		failure.HTML, failure.Message = true, htmlPage+a.title(redact)
	}
	return failure
}

// expected says in JSON's words what a Go type takes.
func expected(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[Text]():
		return "text"
	case reflect.TypeFor[Int]():
		return "an integer"
	case reflect.TypeFor[Bool]():
		return "true or false"
	case reflect.TypeFor[Decimal]():
		return "a number"
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return strings.TrimPrefix(t.String(), "client.")
}
