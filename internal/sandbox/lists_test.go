// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// pages reads a list to its end and returns the ids, failing on one that comes twice.
func pages(t *testing.T, next func(page int) (items []any, more bool), id func(any) any) []string {
	t.Helper()
	seen := map[string]bool{}
	var ids []string
	for page, more := 0, true; more; page++ {
		if page > 1000 {
			t.Fatal("the list does not end")
		}
		var items []any
		items, more = next(page)
		for _, item := range items {
			key := fmt.Sprint(id(item))
			if seen[key] {
				t.Fatalf("%s is listed twice", key)
			}
			seen[key] = true
			ids = append(ids, key)
		}
	}
	return ids
}

func TestLists(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Limits: []Limit{}})
	ok(t, s.Populate(45))
	ok(t, s.Fail(RealtimeRegister, "1000007", ""))
	byID := func(v any) any { return at(t, v, "id") }

	for name, tt := range map[string]struct {
		next func(int) ([]any, bool)
		want int
	}{
		"processes, default limit": {func(p int) ([]any, bool) {
			got := readRTR(t, s, fmt.Sprintf("/v2/processes?type=certificate&offset=%d", p*10)).json(t)
			items := at(t, got, "entities").([]any)
			if at(t, got, "pagination", "limit") != 10.0 {
				t.Errorf("pagination: %v", got["pagination"])
			}
			return items, len(items) == 10
		}, 47},
		"processes that need attention": {func(int) ([]any, bool) {
			return at(t, readRTR(t, s, "/v2/processes?detailStatus=SSL_REQUIRES_ATTENTION&limit=100").json(t), "entities").([]any), false
		}, 2},
		"process by identifier": {func(int) ([]any, bool) {
			return at(t, readRTR(t, s, "/v2/processes?identifier=p1000007.example.com&order=-createdDate&limit=1").json(t), "entities").([]any),
				false
		}, 1},
		"certificates": {func(p int) ([]any, bool) {
			got := readCPS(t, s, fmt.Sprintf("/certificates?page=%d&page_size=20", p+1)).json(t)
			_, more := at(t, got, "@links").(map[string]any)["next"]
			items := at(t, got, "items").([]any)
			if _, has := items[0].(map[string]any)["organization"]; has {
				t.Error("an item has an organization")
			}
			return items, more
		}, 48},
		"certificates by label": {func(int) ([]any, bool) {
			return at(t, readCPS(t, s, "/certificates?query="+url.QueryEscape("certificate_label:CDN res*")).json(t), "items").([]any), false
		}, 1},
		"certificates by domain": {func(int) ([]any, bool) {
			return at(t, readCPS(t, s, "/certificates?query="+url.QueryEscape("domain_names:*.example.net")).json(t), "items").([]any), false
		}, 1},
		"orders": {func(p int) ([]any, bool) {
			got := readDigiCert(t, s, fmt.Sprintf("/order/certificate?limit=7&offset=%d", p*7)).json(t)
			items := at(t, got, "orders").([]any)
			return items, float64(p*7+len(items)) < at(t, got, "page", "total").(float64)
		}, 48},
		"issued orders": {func(int) ([]any, bool) {
			return at(t, readDigiCert(t, s, "/order/certificate?filters[status]=issued").json(t), "orders").([]any), false
		}, 23},
		"orders by common name": {func(int) ([]any, bool) {
			return at(t, readDigiCert(t, s, "/order/certificate?filters[common_name]=p1000003.example.com").json(t), "orders").([]any), false
		}, 1},
		"pending requests": {func(int) ([]any, bool) {
			return at(t, readDigiCert(t, s, "/request?filters[status]=pending").json(t), "requests").([]any), false
		}, 24},
		"domains by name": {func(int) ([]any, bool) {
			return at(t, readDigiCert(t, s, "/domain?filters[search]=%25p10000").json(t), "domains").([]any), false
		}, 45},
	} {
		t.Run(name, func(t *testing.T) {
			if got := len(pages(t, tt.next, byID)); got != tt.want {
				t.Errorf("%d objects, want %d", got, tt.want)
			}
		})
	}

	t.Run("first of a domain name", func(t *testing.T) {
		domains := at(t, readDigiCert(t, s, "/domain?filters[search]=%25example.com&limit=1000&include_dcv=true").json(t), "domains").([]any)
		found := 0
		for _, d := range domains {
			if at(t, d, "name") == "example.com" {
				found++
				if at(t, d, "id") != 20001001.0 || at(t, d, "dcv_token") == nil {
					t.Errorf("domain: %v", d)
				}
			}
		}
		if found != 1 {
			t.Errorf("example.com is listed %d times", found)
		}
	})
	t.Run("order and fields", func(t *testing.T) {
		got := at(t, readRTR(t, s, "/v2/processes?order=-id&limit=2&fields=identifier").json(t), "entities").([]any)
		if len(got[0].(map[string]any)) != 2 || at(t, got[0], "id") != 2323533016.0 || at(t, got[1], "id") != 1000045.0 {
			t.Errorf("entities: %v", got)
		}
	})
}

func TestListsRefuse(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, tt := range []struct {
		get  func(*testing.T, *Sandbox, string) response
		path string
		part string
	}{
		{readRTR, "/v2/processes?nonsense=1", `"property":"nonsense"`},
		{readRTR, "/v2/processes?limit=x", "ConstraintViolationException"},
		{readRTR, "/v2/processes/x/info", "ConstraintViolationException"},
		{readCPS, "/certificates?page_size=21", "invalid_input"},
		{readCPS, "/certificates?page=0", "invalid_input"},
		{readCPS, "/certificates?query=nonsense:x", "invalid_input"},
		{readCPS, "/certificates?query=x", "invalid_input"},
		{readCPS, "/certificates/x", "invalid_input"},
		{readDigiCert, "/request?limit=x", "invalid_parameter"},
		{readDigiCert, "/request?offset=-1", "invalid_parameter"},
	} {
		if a := tt.get(t, s, tt.path); a.status != http.StatusBadRequest || !strings.Contains(a.body, tt.part) {
			t.Errorf("%s: %d %s", tt.path, a.status, a.body)
		}
	}
	// A larger limit is cut down, so that a client that trusts its own misses nothing unseen.
	if got := at(t, readDigiCert(t, s, "/request?limit=5000").json(t), "page", "limit"); got != 1000.0 {
		t.Errorf("limit %v, want 1000", got)
	}
}
