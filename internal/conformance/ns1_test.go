// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// startNS1 keeps TXT values bare and targets without a trailing dot.
// Source: https://developer.ibm.com/apis/catalog/ns1--ibm-ns1-connect-api/api/API--ns1--ibm-ns1-connect-api#record-put
func startNS1(t *testing.T, s *service) string {
	t.Helper()
	const one = "/v1/zones/{zone}/{domain}/{kind}"
	missing := body{"message": "record not found"}
	key := func(req *http.Request) string { return req.PathValue("domain") + "/" + req.PathValue("kind") }
	write := func(req *http.Request, b body) (int, any) {
		o := object{zone: req.PathValue("zone"), fqdn: req.PathValue("domain"), kind: req.PathValue("kind"), answer: b}
		answers, _ := b["answers"].([]any)
		for _, a := range answers {
			answer, _ := a.(map[string]any)
			fields, _ := answer["answer"].([]any)
			for i, field := range fields {
				value, _ := field.(string)
				if o.kind == "TXT" {
					o.rdatas = append(o.rdatas, strconv.Quote(value))
					continue
				}
				value = strings.TrimSuffix(value, ".")
				fields[i] = value
				o.rdatas = append(o.rdatas, value+".")
			}
		}
		b["id"] = "id-" + key(req)
		if err := s.put(key(req), o); err != nil {
			return http.StatusBadRequest, body{"message": err.Error()}
		}
		return http.StatusOK, b
	}
	s.handle("PUT "+one, func(req *http.Request, b body) (int, any) {
		if _, exists := s.objects[key(req)]; exists {
			return http.StatusConflict, body{"message": "record already exists"}
		}
		return write(req, b)
	})
	s.handle("POST "+one, write)
	s.handle("GET "+one, s.get(key, missing))
	s.handle("DELETE "+one, s.delete(key, http.StatusOK, body{}))
	return `provider "ns1" {
  apikey   = "test"
  endpoint = "` + s.URL + `/v1/"
}
`
}
