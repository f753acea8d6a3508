// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"strings"
	"testing"
)

func TestAnswerDecode(t *testing.T) {
	tests := map[string]struct {
		body    string
		kind    Kind // 0 for none
		message string
		field   string
	}{
		"document":         {`{"text":"a"}`, 0, "", ""},
		"empty document":   {`{}`, 0, "", ""},
		"byte order mark":  {"\xef\xbb\xbf {\"text\":\"a\"}\n", 0, "", ""},
		"empty":            {" \n", KindBody, "the response is empty", ""},
		"null":             {"null", KindBody, "the response is null", ""},
		"HTML":             {"<!DOCTYPE html>\n<title>Down</title>", KindBody, `may have sent it (titled "Down")`, ""},
		"text":             {"OK hunter2", KindBody, "the response is not JSON", ""},
		"cut short":        {`{"text":"a","int`, KindBody, "the response is cut short", ""},
		"two documents":    {`{}{}`, KindBody, "the response is not JSON", ""},
		"deeply nested":    {`{"other":` + strings.Repeat("[", 20000), KindBody, "nested deeper than 10000 levels", ""},
		"not UTF-8":        {"{\"text\":\"a\xff\xfe\"}", KindBody, "not UTF-8", ""},
		"array":            {`[]`, KindDecode, "array where an object is expected", ""},
		"wrong type":       {`{"int":"two"}`, KindDecode, `string "two" where an integer is expected`, "int"},
		"wrong bool":       {`{"bool":7}`, KindDecode, "number 7 where true or false is expected", "bool"},
		"wrong decimal":    {`{"decimal":{}}`, KindDecode, "object where a number is expected", "decimal"},
		"wrong text":       {`{"text":[1]}`, KindDecode, "array where text is expected", "text"},
		"wrong array":      {`{"nested":{"items":"x"}}`, KindDecode, "string where an array is expected", "nested.items"},
		"secret in a type": {`{"int":"hunter2"}`, KindDecode, `string "***" where`, "int"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := &response{status: 200, body: []byte(test.body), attempts: 2}
			failure := a.decode(&document{}, newRedactor("hunter2"))
			if test.kind == 0 {
				if failure != nil {
					t.Fatal(failure)
				}
				return
			}
			if failure == nil {
				t.Fatal("got no error")
			}
			if failure.Kind != test.kind || failure.Field != test.field || !strings.Contains(failure.Message, test.message) ||
				failure.StatusCode != 200 || failure.Attempts != 2 {
				t.Errorf("got %+v", failure)
			}
			if said := failure.Error(); strings.Contains(said, "OK") || failure.HTML != (name == "HTML") {
				t.Errorf("got %s, HTML %t", said, failure.HTML)
			}
		})
	}
}

func TestAnswerRefused(t *testing.T) {
	decode := func(body []byte) (Problem, bool) {
		switch string(body) {
		case "gone":
			return Problem{Kind: KindNotFound, Code: "c", Message: "no hunter2", Details: []string{"a\nb"}}, true
		case "many":
			return Problem{Message: strings.Repeat("m", 5000), Details: make([]string, 1000)}, true
		}
		return Problem{}, false
	}
	redact := newRedactor("hunter2")
	got := (&response{status: 400, body: []byte("gone"), attempts: 1}).refused(decode, redact)
	if got.Kind != KindNotFound || got.Code != "c" || got.Message != "no ***" || len(got.Details) != 1 || got.Details[0] != "a b" ||
		got.StatusCode != 400 {
		t.Errorf("got %+v", got)
	}
	got = (&response{status: 400, body: []byte("many")}).refused(decode, redact)
	if got.Kind != KindInvalid || len(got.Message) > maxMessage || len(got.Details) != maxDetails {
		t.Errorf("got %d bytes, %d details", len(got.Message), len(got.Details))
	}
	got = (&response{status: 403, body: []byte("\n<html><title lang=en>\nDenied hunter2</title>no word of this</html>")}).refused(decode,
		redact)
	if got.Kind != KindForbidden || !strings.Contains(got.Message,
		`firewall or a proxy sent it rather than the API (titled "Denied ***")`) || !got.HTML {
		t.Errorf("got %+v", got)
	}
	got = (&response{status: 403}).refused(nil, redact)
	if got.Kind != KindForbidden || got.Message != "" || got.HTML {
		t.Errorf("got %+v", got)
	}
}

func FuzzResponse(f *testing.F) {
	f.Add(200, []byte(`{"text":"a"}`))
	f.Add(200, []byte("\xef\xbb\xbf<html>"))
	f.Add(200, []byte(`{"texts":{"3":"a","1":[]},"nested":[],"json":{"b":[1.50]}}`))
	f.Add(500, []byte(`{"message":"\u0000"`))
	decode := func(body []byte) (Problem, bool) {
		return Problem{Code: string(body), Message: string(body), Details: []string{string(body)}}, len(body)%2 == 0
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		a := &response{status: status, body: body}
		for _, failure := range []*Error{a.decode(&document{}, newRedactor()), a.refused(decode, newRedactor())} {
			if failure == nil {
				continue
			}
			if failure.Kind == 0 || strings.ContainsAny(failure.Error(), "\r\n\x1b\x00") {
				t.Errorf("got %+v", failure)
			}
		}
	})
}
