// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// startPowerDNS refuses names without a trailing dot and TXT values without quotes.
// Source: https://doc.powerdns.com/authoritative/http-api/zone.html
func startPowerDNS(t *testing.T, s *service) string {
	t.Helper()
	const zone = "/api/v1/servers/localhost/zones/{zone}"
	s.handle("GET /api/v1/servers", func(*http.Request, body) (int, any) { return http.StatusOK, []body{{"id": "localhost"}} })
	s.handle("GET /api/v1/servers/localhost", func(*http.Request, body) (int, any) {
		return http.StatusOK, body{"id": "localhost", "daemon_type": "authoritative", "version": "4.9.0"}
	})
	s.handle("GET "+zone, func(req *http.Request, _ body) (int, any) {
		rrsets := []any{}
		for _, o := range s.objects {
			if o.zone+"." == req.PathValue("zone") {
				rrsets = append(rrsets, o.answer)
			}
		}
		return http.StatusOK, body{"id": req.PathValue("zone"), "name": req.PathValue("zone"), "rrsets": rrsets}
	})
	change := func(zone string, set body) error {
		name, kind := set.text("name"), set.text("type")
		if !strings.HasSuffix(name, ".") {
			return fmt.Errorf("RRset %s IN %s: Name is not canonical", name, kind)
		}
		if set.text("changetype") == "DELETE" {
			_, err := s.remove(name + kind)
			return err
		}
		o := object{zone: strings.TrimSuffix(zone, "."), fqdn: strings.TrimSuffix(name, "."), kind: kind, answer: set}
		records, _ := set["records"].([]any)
		for _, r := range records {
			record, _ := r.(map[string]any)
			content := body(record).text("content")
			if kind == "TXT" && !isQuoted(content) || kind == "CNAME" && !strings.HasSuffix(content, ".") {
				return fmt.Errorf("record %s/%s '%s': Not in expected format", name, kind, content)
			}
			o.rdatas = append(o.rdatas, content)
		}
		return s.put(name+kind, o)
	}
	s.handle("PATCH "+zone, func(req *http.Request, b body) (int, any) {
		sets, _ := b["rrsets"].([]any)
		for _, r := range sets {
			set, _ := r.(map[string]any)
			if err := change(req.PathValue("zone"), set); err != nil {
				return http.StatusUnprocessableEntity, body{"error": err.Error()}
			}
		}
		return http.StatusNoContent, nil
	})
	return `provider "powerdns" {
  api_key    = "test"
  server_url = "` + s.URL + `"
}
`
}
