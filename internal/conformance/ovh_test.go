// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"net/http"
	"strconv"
	"testing"
)

// startOVH returns TXT values in quotes, whether they came so or not.
// Source: https://api.ovh.com/console/#/domain/zone/%7BzoneName%7D/record~POST
func startOVH(t *testing.T, s *service) string {
	t.Helper()
	const one = "/1.0/domain/zone/{zone}/record/{id}"
	write := func(id, zone string, b body) (int, any) {
		o := object{zone: zone, fqdn: inside(zone, b.text("subDomain")), kind: b.text("fieldType")}
		value := b.text("target")
		switch o.kind {
		case "TXT":
			if !isQuoted(value) {
				value = strconv.Quote(value)
			}
			o.rdatas = []string{value}
		case "CNAME":
			o.rdatas = []string{target(zone, value)}
		}
		number, err := strconv.Atoi(id)
		if err != nil {
			t.Error(err)
		}
		o.answer = body{"id": number, "zone": zone, "subDomain": b.text("subDomain"), "fieldType": o.kind, "target": value, "ttl": b["ttl"]}
		if err := s.put(id, o); err != nil {
			return http.StatusBadRequest, body{"class": "Client::BadRequest", "message": err.Error()}
		}
		return http.StatusOK, o.answer
	}
	s.handle("GET /1.0/auth/details", func(*http.Request, body) (int, any) { return http.StatusOK, body{"account": "ab12345-ovh"} })
	s.handle("POST /1.0/domain/zone/{zone}/refresh", func(*http.Request, body) (int, any) { return http.StatusOK, nil })
	s.handle("POST /1.0/domain/zone/{zone}/record", func(req *http.Request, b body) (int, any) {
		return write(s.newID(), req.PathValue("zone"), b)
	})
	s.handle("PUT "+one, func(req *http.Request, b body) (int, any) {
		b["fieldType"] = s.objects[req.PathValue("id")].kind
		status, answer := write(req.PathValue("id"), req.PathValue("zone"), b)
		if status == http.StatusOK {
			answer = nil
		}
		return status, answer
	})
	s.handle("GET "+one, s.get(byID, body{"class": "Client::NotFound", "message": "This service does not exist"}))
	s.handle("DELETE "+one, s.delete(byID, http.StatusOK, nil))
	return `provider "ovh" {
  endpoint     = "` + s.URL + `/1.0"
  access_token = "test"
}
`
}
