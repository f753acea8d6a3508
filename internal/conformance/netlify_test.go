// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// netlifyZones are the ids of the zones, as in the recipe.
var netlifyZones = map[string]string{"5e8f1a2b3c4d5e6f7a8b9c0d": "example.com", "6f9a2b3c4d5e6f7a8b9c0d1e": "example.net"}

// startNetlify has no request to change a record.
// Source: https://open-api.netlify.com/#tag/dnsZone/operation/createDnsRecord
func startNetlify(t *testing.T, s *service) string {
	t.Helper()
	const all = "/api/v1/dns_zones/{zone}/dns_records"
	s.handle("POST "+all, func(req *http.Request, b body) (int, any) {
		zone, known := netlifyZones[req.PathValue("zone")]
		o := object{zone: zone, fqdn: b.text("hostname"), kind: b.text("type")}
		if !known || o.fqdn != zone && !strings.HasSuffix(o.fqdn, "."+zone) {
			return http.StatusUnprocessableEntity, body{"code": 422, "message": "the hostname " + o.fqdn + " is not in the zone"}
		}
		switch value := b.text("value"); o.kind {
		case "TXT":
			o.rdatas = []string{strconv.Quote(value)}
		case "CNAME":
			o.rdatas = []string{strings.TrimSuffix(value, ".") + "."}
		}
		id := s.newID()
		o.answer = body{"id": id, "site_id": "", "dns_zone_id": req.PathValue("zone"), "errors": []string{}, "managed": false,
			"value": b["value"], "hostname": o.fqdn, "type": o.kind, "ttl": b["ttl"], "priority": 0, "weight": 0, "port": 0, "flag": 0, "tag": ""}
		if err := s.put(id, o); err != nil {
			return http.StatusUnprocessableEntity, body{"code": 422, "message": err.Error()}
		}
		return http.StatusCreated, o.answer
	})
	s.handle("GET "+all+"/{id}", s.get(byID, body{"code": 404, "message": "Not Found"}))
	s.handle("DELETE "+all+"/{id}", s.delete(byID, http.StatusNoContent, nil))
	return `provider "netlify" {
  token    = "test"
  endpoint = "` + s.URL + `"
}
`
}
