// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package clienttest holds what the tests of the vendors' clients share.
package clienttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/certops/terraform-provider-certops/internal/client"
)

// Fixture returns the contents of a file in testdata.
func Fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Server responds to requests and keeps them.
type Server struct {
	*httptest.Server

	mu       sync.Mutex
	requests []string
	headers  []http.Header
}

// NewServer starts a server that gives each request to respond, and stops it when the test ends.
func NewServer(t testing.TB, respond http.HandlerFunc) *Server {
	t.Helper()
	s := &Server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.Method+" "+r.RequestURI)
		s.headers = append(s.headers, r.Header)
		s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		respond(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// Requests returns the method and target of every request so far.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

// Header returns a header of the latest request.
func (s *Server) Header(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.headers) == 0 {
		return ""
	}
	return s.headers[len(s.headers)-1].Get(name)
}

// Failed returns the error as a *client.Error, and fails the test unless it is of the kind wanted.
func Failed(t testing.TB, err error, kind client.Kind) *client.Error {
	t.Helper()
	failure, ok := errors.AsType[*client.Error](err)
	if !ok {
		t.Fatalf("got error %v (%T), want a *client.Error", err, err)
	}
	if failure.Kind != kind {
		t.Fatalf("got kind %q, want %q: %v", failure.Kind, kind, failure)
	}
	return failure
}

// SameJSON fails the test unless a decoded document holds everything its source does, nulls apart.
// change, which may be nil, brings the source to the types of the document where it deviates.
func SameJSON(t testing.TB, source []byte, decoded any, change func(map[string]any)) {
	t.Helper()
	encoded, err := json.Marshal(decoded)
	if err != nil {
		t.Fatal(err)
	}
	want, got := object(t, source), object(t, encoded)
	if change != nil {
		change(want)
	}
	// Members come out sorted, so that equal documents are equal text.
	wantText, gotText := indented(t, withoutNulls(want)), indented(t, withoutNulls(got))
	if wantText != gotText {
		t.Errorf("got document\n%s\nwant\n%s", gotText, wantText)
	}
}

func indented(t testing.TB, value any) string {
	t.Helper()
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func object(t testing.TB, data []byte) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var members map[string]any
	if err := decoder.Decode(&members); err != nil {
		t.Fatal(err)
	}
	return members
}

// withoutNulls leaves out null members of objects.
func withoutNulls(value any) any {
	switch value := value.(type) {
	case map[string]any:
		kept := make(map[string]any)
		for name, member := range value {
			if member != nil {
				kept[name] = withoutNulls(member)
			}
		}
		return kept
	case []any:
		kept := make([]any, len(value))
		for i, element := range value {
			kept[i] = withoutNulls(element)
		}
		return kept
	}
	return value
}

// Unset returns the paths of the fields that none of the documents sets: a fixture is missing, or a
// field's tag is wrong. The documents are pointers to the same struct type.
func Unset(documents ...any) []string {
	var values []reflect.Value
	for _, document := range documents {
		values = append(values, reflect.ValueOf(document))
	}
	return unset("", values)
}

func unset(path string, values []reflect.Value) []string {
	var structs []reflect.Value
	for _, value := range values {
		for value.Kind() == reflect.Pointer && !value.IsNil() {
			value = value.Elem()
		}
		switch value.Kind() {
		case reflect.Slice:
			var elements []reflect.Value
			for i := range value.Len() {
				elements = append(elements, value.Index(i))
			}
			if len(elements) > 0 {
				structs = append(structs, elements...)
			}
		case reflect.Pointer:
		default:
			structs = append(structs, value)
		}
	}
	if len(structs) == 0 {
		return []string{path}
	}
	for i, value := range structs {
		for value.Kind() == reflect.Pointer && !value.IsNil() {
			value = value.Elem()
		}
		structs[i] = value
	}
	of := structs[0].Type()
	if of.Kind() != reflect.Struct {
		return nil
	}
	var missing []string
	for i := range of.NumField() {
		var members []reflect.Value
		for _, value := range structs {
			members = append(members, value.Field(i))
		}
		missing = append(missing, unset(path+"."+of.Field(i).Name, members)...)
	}
	return missing
}
