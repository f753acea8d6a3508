// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"net/http"
	"strconv"
	"testing"
)

// startGcore keeps TXT values bare.
// Source: https://api.gcore.com/docs/dns#tag/rrsets/operation/CreateRRSet
func startGcore(t *testing.T, s *service) string {
	t.Helper()
	const one = "/dns/v2/zones/{zone}/{name}/{kind}"
	missing := body{"error": "record not found"}
	key := func(req *http.Request) string { return req.PathValue("name") + "/" + req.PathValue("kind") }
	write := func(req *http.Request, b body) (int, any) {
		o := object{zone: req.PathValue("zone"), fqdn: req.PathValue("name"), kind: req.PathValue("kind"), answer: b}
		b["type"] = o.kind
		records, _ := b["resource_records"].([]any)
		for _, r := range records {
			record, _ := r.(map[string]any)
			content, _ := record["content"].([]any)
			for _, part := range content {
				switch value, _ := part.(string); o.kind {
				case "TXT":
					o.rdatas = append(o.rdatas, strconv.Quote(value))
				case "CNAME":
					o.rdatas = append(o.rdatas, target(o.zone, value))
				}
			}
		}
		if err := s.put(key(req), o); err != nil {
			return http.StatusBadRequest, body{"error": err.Error()}
		}
		return http.StatusOK, body{}
	}
	s.handle("GET /dns/v2/zones/{zone}", func(req *http.Request, _ body) (int, any) {
		return http.StatusOK, body{"name": req.PathValue("zone"), "records": []any{}}
	})
	s.handle("POST "+one, func(req *http.Request, b body) (int, any) {
		if _, exists := s.objects[key(req)]; exists {
			return http.StatusConflict, body{"error": "record already exists"}
		}
		return write(req, b)
	})
	s.handle("PUT "+one, write)
	s.handle("GET "+one, s.get(key, missing))
	s.handle("DELETE "+one, s.delete(key, http.StatusOK, body{}))
	return `provider "gcore" {
  permanent_api_token = "test"
  api_endpoint        = "` + s.URL + `"
}
`
}
