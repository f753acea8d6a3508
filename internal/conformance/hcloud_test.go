// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// startHcloud refuses TXT values without quotes.
// Source: https://docs.hetzner.cloud/reference/cloud#zone-rrsets
func startHcloud(t *testing.T, s *service) string {
	t.Helper()
	const one = "/zones/{zone}/rrsets/{name}/{kind}"
	missing := body{"error": body{"code": "not_found", "message": "RRSet not found"}}
	key := func(req *http.Request) string {
		return req.PathValue("zone") + "/" + req.PathValue("name") + "/" + req.PathValue("kind")
	}
	// Every change of the real service is an action; here each is done at once.
	action := func() body {
		return body{"id": len(s.objects) + 1, "command": "set", "status": "success", "progress": 100,
			"started": "2026-01-01T00:00:00Z", "finished": "2026-01-01T00:00:00Z", "error": nil, "resources": []any{}}
	}
	write := func(id, zone string, rrset body) error {
		o := object{zone: zone, fqdn: inside(zone, rrset.text("name")), kind: rrset.text("type"), answer: body{"rrset": rrset}}
		records, _ := rrset["records"].([]any)
		for _, r := range records {
			record, _ := r.(map[string]any)
			value := body(record).text("value")
			switch {
			case o.kind == "TXT" && !isQuoted(value):
				return fmt.Errorf("invalid value: TXT record %s must be quoted", value)
			case o.kind == "CNAME":
				value = target(zone, value)
			}
			o.rdatas = append(o.rdatas, value)
		}
		return s.put(id, o)
	}
	invalid := func(err error) (int, any) {
		return http.StatusUnprocessableEntity, body{"error": body{"code": "invalid_input", "message": err.Error()}}
	}
	s.handle("POST /zones/{zone}/rrsets", func(req *http.Request, b body) (int, any) {
		zone := req.PathValue("zone")
		id := b.text("name") + "/" + b.text("type")
		if _, exists := s.objects[zone+"/"+id]; exists {
			return http.StatusConflict, body{"error": body{"code": "uniqueness_error", "message": "RRSet already exists"}}
		}
		rrset := body{"id": id, "name": b["name"], "type": b["type"], "ttl": b["ttl"], "records": b["records"], "zone": 1,
			"labels": body{}, "protection": body{"change": false}}
		if err := write(zone+"/"+id, zone, rrset); err != nil {
			return invalid(err)
		}
		return http.StatusCreated, body{"rrset": rrset, "action": action()}
	})
	read := s.get(key, missing)
	s.handle("GET "+one, read)
	s.handle("PUT "+one, read) // changes labels alone
	s.handle("POST "+one+"/actions/set_records", func(req *http.Request, b body) (int, any) {
		o, ok := s.objects[key(req)]
		if !ok {
			return http.StatusNotFound, missing
		}
		rrset, _ := o.answer["rrset"].(body)
		rrset["records"] = b["records"]
		if err := write(key(req), o.zone, rrset); err != nil {
			return invalid(err)
		}
		return http.StatusCreated, body{"action": action()}
	})
	s.handle("DELETE "+one, func(req *http.Request, _ body) (int, any) {
		if found, err := s.remove(key(req)); err != nil || !found {
			return http.StatusNotFound, missing
		}
		return http.StatusCreated, body{"action": action()}
	})
	return `provider "hcloud" {
  token    = "` + strings.Repeat("t", 64) + `"
  endpoint = "` + s.URL + `"
}
`
}
