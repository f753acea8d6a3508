// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Object is a JSON object in the making. A map and not a struct, since which members a response has depends on the state.
type Object map[string]any

// Reply is a response ready to be written.
type Reply struct {
	Status int
	Header map[string]string // beside the content type
	Body   []byte            // nil: an empty body without a content type
	Kind   string            // content type; empty means JSON
}

// JSON encodes v.
func JSON(status int, v any) Reply {
	b, err := json.Marshal(v)
	if err != nil {
		return Reply{Status: http.StatusInternalServerError, Kind: "text/plain; charset=utf-8", Body: []byte(err.Error())}
	}
	return Reply{Status: status, Body: b}
}

// HTML is the page of the firewall in front of an API.
func HTML(status int) Reply {
	const page = "<!DOCTYPE html>\n<html><head><title>Request Rejected</title></head>\n<body><h1>Request Rejected</h1>" +
		"<p>The requested URL was rejected. Your support ID is: 1234567890.</p></body></html>\n"
	return Reply{Status: status, Kind: "text/html; charset=utf-8", Body: []byte(page)}
}

// With returns the response with one more header.
func (r Reply) With(name, value string) Reply {
	header := map[string]string{}
	maps.Copy(header, r.Header)
	header[name] = value
	r.Header = header
	return r
}

// Write sends the response.
func (r Reply) Write(w http.ResponseWriter) {
	for k, v := range r.Header {
		w.Header().Set(k, v)
	}
	if r.Body == nil {
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(r.Status)
		return
	}
	kind := r.Kind
	if kind == "" {
		kind = "application/json; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", fmt.Sprint(len(r.Body)))
	w.WriteHeader(r.Status)
	_, _ = w.Write(r.Body) // The client is gone; nobody is left to tell.
}

// Samples are responses that a vendor gives byte for byte, in the folder samples.
type Samples struct{ embed.FS }

// Reply returns a sample. A missing one, which tests rule out, is an empty response.
func (s Samples) Reply(name string) Reply {
	b, err := s.ReadFile("samples/" + name)
	if err != nil {
		b = nil
	}
	return Reply{Status: http.StatusOK, Body: b}
}

// Object returns a sample decoded. Numbers keep their text.
func (s Samples) Object(name string) Object {
	d := json.NewDecoder(bytes.NewReader(s.Reply(name).Body))
	d.UseNumber()
	v := Object{}
	if err := d.Decode(&v); err != nil {
		return Object{}
	}
	return v
}

// QueryNumber reads a query parameter that is a number.
func QueryNumber(q url.Values, name string, otherwise int) (int, error) {
	if q.Get(name) == "" {
		return otherwise, nil
	}
	return strconv.Atoi(q.Get(name))
}

// QueryPositive reads a query parameter that is a number from 1.
func QueryPositive(q url.Values, name string, otherwise int) (int, error) {
	n, err := QueryNumber(q, name, otherwise)
	if err == nil && n < 1 {
		err = fmt.Errorf("%s is less than 1", name)
	}
	return n, err
}

// Like tells whether text has the form of a pattern, in which a wildcard stands for any text. Case does not matter.
func Like(text, pattern, wildcard string) bool {
	parts := strings.Split(pattern, wildcard)
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	hit, err := regexp.MatchString("^(?is:"+strings.Join(parts, ".*")+")$", text)
	return err == nil && hit
}

// Slice returns at most limit elements from offset.
func Slice[T any](all []T, offset, limit int) []T {
	from := min(max(offset, 0), len(all))
	return all[from:min(from+limit, len(all))]
}
