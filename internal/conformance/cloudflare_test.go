// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// cloudflareZones are the ids of the zones, as in the recipe.
var cloudflareZones = map[string]string{
	"023e105f4ecef8ad9ca31a8372d0c353": "example.com", "6f9c1d6a4b0e4d0f8a2b7c5e9d3f1a80": "example.net",
}

// startCloudflare strips trailing dots from names and targets.
// Source: https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/create/
func startCloudflare(t *testing.T, s *service) string {
	t.Helper()
	const all = "/zones/{zone}/dns_records"
	refuse := func(message string) body {
		return body{"success": false, "errors": []body{{"code": 9005, "message": message}}, "messages": []any{}, "result": nil}
	}
	write := func(id string, req *http.Request, b body) (int, any) {
		zone, known := cloudflareZones[req.PathValue("zone")]
		if !known {
			return http.StatusNotFound, refuse("Could not route to " + req.URL.Path)
		}
		name := strings.TrimSuffix(b.text("name"), ".")
		if name != zone && !strings.HasSuffix(name, "."+zone) {
			name = inside(zone, name)
		}
		o := object{zone: zone, fqdn: name, kind: b.text("type")}
		content := b.text("content")
		switch o.kind {
		case "TXT":
			o.rdatas = []string{content}
			if !isQuoted(content) {
				o.rdatas = []string{strconv.Quote(content)}
			}
		case "CNAME":
			content = strings.TrimSuffix(content, ".")
			o.rdatas = []string{content + "."}
		}
		o.answer = body{"success": true, "errors": []any{}, "messages": []any{}, "result": body{
			"id": id, "name": name, "type": o.kind, "content": content, "ttl": b["ttl"], "proxied": b["proxied"],
			"proxiable": o.kind == "CNAME", "settings": body{}, "meta": body{}, "comment": nil, "tags": []any{},
			"created_on": "2026-01-01T00:00:00Z", "modified_on": "2026-01-01T00:00:00Z",
		}}
		if err := s.put(id, o); err != nil {
			return http.StatusBadRequest, refuse(err.Error())
		}
		return http.StatusOK, o.answer
	}
	s.handle("POST "+all, func(req *http.Request, b body) (int, any) { return write("record"+s.newID(), req, b) })
	s.handle("PUT "+all+"/{id}", func(req *http.Request, b body) (int, any) { return write(req.PathValue("id"), req, b) })
	s.handle("GET "+all+"/{id}", s.get(byID, refuse("Record does not exist.")))
	s.handle("DELETE "+all+"/{id}", s.delete(byID, http.StatusOK, body{"success": true, "result": body{"id": "record"}}))
	return `provider "cloudflare" {
  api_token = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  base_url  = "` + s.URL + `"
}
`
}
