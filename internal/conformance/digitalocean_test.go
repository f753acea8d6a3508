// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// startDigitalOcean returns CNAME targets without the trailing dot that it demands.
// Source: https://docs.digitalocean.com/reference/api/digitalocean/#tag/Domain-Records
func startDigitalOcean(t *testing.T, s *service) string {
	t.Helper()
	const one = "/v2/domains/{zone}/records/{id}"
	write := func(id, zone string, b body) (int, any) {
		o := object{zone: zone, fqdn: inside(zone, b.text("name")), kind: b.text("type")}
		data := b.text("data")
		switch o.kind {
		case "TXT":
			o.rdatas = []string{strconv.Quote(data)}
		case "CNAME":
			if !strings.HasSuffix(data, ".") {
				return http.StatusUnprocessableEntity, body{"id": "unprocessable_entity", "message": "Data needs to end with a dot (.)"}
			}
			o.rdatas = []string{data}
			b["data"] = strings.TrimSuffix(data, ".")
		}
		number, err := strconv.Atoi(id)
		if err != nil {
			t.Error(err)
		}
		b["id"] = number
		o.answer = body{"domain_record": b}
		if err := s.put(id, o); err != nil {
			return http.StatusUnprocessableEntity, body{"id": "unprocessable_entity", "message": err.Error()}
		}
		return http.StatusOK, o.answer
	}
	s.handle("POST /v2/domains/{zone}/records", func(req *http.Request, b body) (int, any) {
		status, answer := write(s.newID(), req.PathValue("zone"), b)
		if status == http.StatusOK {
			status = http.StatusCreated
		}
		return status, answer
	})
	s.handle("PUT "+one, func(req *http.Request, b body) (int, any) {
		b["type"] = s.objects[req.PathValue("id")].kind
		return write(req.PathValue("id"), req.PathValue("zone"), b)
	})
	s.handle("GET "+one, s.get(byID, body{"id": "not_found", "message": "The resource you were accessing could not be found."}))
	s.handle("DELETE "+one, s.delete(byID, http.StatusNoContent, nil))
	return `provider "digitalocean" {
  token        = "test"
  api_endpoint = "` + s.URL + `"
}
`
}
