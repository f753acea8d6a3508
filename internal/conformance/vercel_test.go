// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// startVercel adds a trailing dot to CNAME targets.
// Source: https://vercel.com/docs/rest-api/dns/create-a-dns-record
func startVercel(t *testing.T, s *service) string {
	t.Helper()
	missing := body{"error": body{"code": "not_found", "message": "The record was not found."}}
	write := func(id string, o object, value string, ttl any) error {
		switch o.kind {
		case "TXT":
			o.rdatas = []string{strconv.Quote(value)}
		case "CNAME":
			value = strings.TrimSuffix(value, ".") + "."
			o.rdatas = []string{value}
		}
		name := strings.TrimSuffix(strings.TrimSuffix(o.fqdn, o.zone), ".")
		o.answer = body{"id": id, "creator": "test", "domain": o.zone, "name": name, "recordType": o.kind, "value": value, "ttl": ttl,
			"priority": 0, "comment": ""}
		return s.put(id, o)
	}
	invalid := func(err error) (int, any) {
		return http.StatusBadRequest, body{"error": body{"code": "bad_request", "message": err.Error()}}
	}
	s.handle("POST /v4/domains/{zone}/records", func(req *http.Request, b body) (int, any) {
		zone, id := req.PathValue("zone"), "rec_"+s.newID()
		o := object{zone: zone, fqdn: inside(zone, b.text("name")), kind: b.text("type")}
		if err := write(id, o, b.text("value"), b["ttl"]); err != nil {
			return invalid(err)
		}
		return http.StatusOK, body{"uid": id}
	})
	s.handle("GET /domains/records/{id}", s.get(byID, missing))
	s.handle("PATCH /v4/domains/records/{id}", func(req *http.Request, b body) (int, any) {
		id := req.PathValue("id")
		o, ok := s.objects[id]
		if !ok {
			return http.StatusNotFound, missing
		}
		if err := write(id, o, b.text("value"), b["ttl"]); err != nil {
			return invalid(err)
		}
		return http.StatusOK, s.objects[id].answer
	})
	s.handle("DELETE /v2/domains/{zone}/records/{id}", s.delete(byID, http.StatusOK, body{}))
	return `provider "vercel" {
  api_token = "aaaaaaaaaaaaaaaaaaaaaaaa"
}
`
}

// vercelEnv leads the provider to the stand-in. Its address cannot be set.
func vercelEnv(t *testing.T, s *service) map[string]string {
	t.Helper()
	return interceptTLS(t, "api.vercel.com", s.mux)
}
