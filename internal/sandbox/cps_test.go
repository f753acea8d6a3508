// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
	"github.com/certops/terraform-provider-certops/internal/sandbox/cps"
)

// certificate adds a CPS certificate and reads its DCV items and the groups of its status.
func certificate(t *testing.T, s *Sandbox, c Certificate) (id ID, read func() (items, groups []any)) {
	t.Helper()
	id, err := s.Add(c)
	ok(t, err)
	ids := ""
	for i := range c.Names {
		ids += fmt.Sprintf(",%s", core.DomainID(id, i))
	}
	return id, func() (items, groups []any) {
		status := readCPS(t, s, fmt.Sprintf("/certificates/%s/status", id)).json(t)
		groups, _ = at(t, status, "order_validation", "domain_validations").([]any)
		items, _ = readCPS(t, s, fmt.Sprintf("/dcv/certificates/%s?domain_ids=%s", id, ids[1:])).json(t)["items"].([]any)
		return items, groups
	}
}

// TestCPSStatus: the model of a status in the vendor's generated Go SDK has no id. Its type is Certificate.
func TestCPSStatus(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, id := range []ID{CertificateSample, CertificatePending, cps.CertificateUnplaced, cps.IDDeleted} {
		got := readCPS(t, s, fmt.Sprintf("/certificates/%s/status", id)).json(t)
		if _, has := got["id"]; has || got["@type"] != "Certificate" || got["status"] == nil {
			t.Errorf("%s: %v", id, got)
		}
	}
}

// TestCPSSharedItem: the vendor's own Terraform provider looks for one item that serves each domain of a DV certificate. Its
// test has the domain_id 0, and "emails" for the method Email.
func TestCPSSharedItem(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	names := []string{"a.example.com", "b.example.net"}
	id, read := certificate(t, s, Certificate{Names: names})
	items, groups := read()
	if len(items) != 1 || len(groups) != 2 || at(t, items, 0, "domain_id") != 0.0 || at(t, items, 0, "emails") != nil {
		t.Fatalf("items %v, groups %v", items, groups)
	}
	token := fmt.Sprint(at(t, items, 0, "dcv_token", "token"))
	ok(t, s.SetRecords("a.example.com", "TXT", `"`+token+`"`))
	items, groups = read()
	if at(t, groups, 0, "status") != "Approved" || at(t, groups, 1, "status") != "Pending" ||
		at(t, items, 0, "dcv_token", "token") != token {
		t.Errorf("one of two domains: items %v, groups %v", items, groups)
	}
	ok(t, s.Publish(CPS, id))
	if items, _ = read(); at(t, items, 0, "dcv_token") != nil {
		_, groups = read()
		t.Errorf("both domains: items %v, groups %v", items, groups)
	}

	_, read = certificate(t, s, Certificate{Names: names, Method: "Email"})
	items, _ = read()
	if len(items) != 1 || at(t, items, 0, "domain_id") != 0.0 || at(t, items, 0, "dcv_token") != nil ||
		!slices.Contains(at(t, items, 0, "emails").([]any), any("admin@a.example.com")) {
		t.Errorf("Email: items %v", items)
	}
}

// TestCPSParents: the vendor's own Terraform provider looks for the tokens of an OV or EV certificate at the parents only. A
// group of the status has the names below one.
func TestCPSParents(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"OV", "EV"} {
		s := start(t, Options{})
		names := []string{"www.example.com", "example.com", "*.example.com", "a.b.example.com", "www.example.net"}
		id, read := certificate(t, s, Certificate{Names: names, ValidationType: kind})
		items, groups := read()
		apex, net := core.DomainID(id, 1), core.DomainID(id, 4)
		want := map[float64][]any{
			float64(apex.Number()): {"www.example.com", "example.com", "*.example.com", "a.b.example.com"},
			float64(net.Number()):  {"www.example.net"},
		}
		got := map[float64][]any{}
		for _, g := range groups {
			got[at(t, g, "domain_id").(float64)] = at(t, g, "domain_names").([]any)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: groups (-want +got):\n%s", kind, diff)
		}
		ids := map[float64]bool{}
		for _, item := range items {
			ids[at(t, item, "domain_id").(float64)] = at(t, item, "dcv_token", "token") != nil
		}
		if !cmp.Equal(ids, map[float64]bool{float64(apex.Number()): true, float64(net.Number()): true}) {
			t.Errorf("%s: items %v", kind, items)
		}
		domains := at(t, readCPS(t, s, fmt.Sprintf("/certificates/%s", id)).json(t), "domains").([]any)
		for i, d := range domains {
			if at(t, d, "name") != names[i] || at(t, d, "id") != float64(core.DomainID(id, i).Number()) {
				t.Errorf("%s: domain %d is %v", kind, i, d)
			}
		}
		// One record at the parent validates every name below it.
		state, err := s.State(CPS, id)
		ok(t, err)
		ok(t, s.SetRecords("example.com", "TXT", `"`+state.Challenges[0].Value+`"`))
		if _, groups = read(); at(t, groups, 0, "status") != "Approved" || at(t, groups, 1, "status") != "Pending" {
			t.Errorf("%s: after the parent's record: %v", kind, groups)
		}
		one := readCPS(t, s, fmt.Sprintf("/dcv/certificates/%s?domain_ids=%s", id, core.DomainID(id, 3))).json(t)
		if at(t, one, "total_items") != 1.0 || at(t, one, "items", 0, "domain_id") != float64(apex.Number()) {
			t.Errorf("%s: the item of a name below a parent: %v", kind, one)
		}
	}
}

// TestCPSQuirks checks what is only probable: the vendor's documents and its clients contradict each other.
func TestCPSQuirks(t *testing.T) {
	t.Parallel()
	keys := func(v any) []string { return slices.Sorted(maps.Keys(v.(map[string]any))) }

	// The document of the data source that shows a token says "Returns a string". The SDK has an object.
	_, read := certificate(t, start(t, Options{Quirks: []string{cps.QuirkTokenText}}), Certificate{Names: []string{"a.example.com"}})
	items, _ := read()
	if token, isText := at(t, items, 0, "dcv_token").(string); !isText || len(token) != 32 {
		t.Errorf("%s: %v", cps.QuirkTokenText, items)
	}

	// The item belongs to no domain: sources show 0 as well as nothing.
	_, read = certificate(t, start(t, Options{Quirks: []string{cps.QuirkOmitZeroID}}), Certificate{Names: []string{"a.example.com"}})
	if items, _ = read(); !cmp.Equal(keys(items[0]), []string{"dcv_method", "dcv_token", "emails"}) {
		t.Errorf("%s: %v", cps.QuirkOmitZeroID, items)
	}

	// The API's list of fields gives each item a domain_id.
	s := start(t, Options{Quirks: []string{cps.QuirkItemPerDomain}})
	for kind, tokens := range map[string]int{"DV": 1, "OV": 2} {
		_, read = certificate(t, s, Certificate{Names: []string{"example.com", "www.example.com"}, ValidationType: kind})
		items, groups := read()
		seen := map[any]bool{}
		for _, item := range items {
			seen[at(t, item, "dcv_token", "token")] = true
		}
		if len(items) != 2 || len(groups) != 2 || len(seen) != tokens {
			t.Errorf("%s, %s: items %v, groups %v", cps.QuirkItemPerDomain, kind, items, groups)
		}
	}

	// The API's list of fields gives a status an id.
	s = start(t, Options{Quirks: []string{cps.QuirkStatusID}})
	for _, id := range []ID{CertificatePending, cps.IDDeleted} {
		got := readCPS(t, s, fmt.Sprintf("/certificates/%s/status", id)).json(t)
		if got["id"] != float64(id.Number()) || got["@type"] != "CertificateStatus" {
			t.Errorf("%s: %v", cps.QuirkStatusID, got)
		}
	}
}

func TestDCVNeedsDomains(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for query, want := range map[string]int{"": 400, "?domain_ids=x": 400, "?domain_ids=1": 404, "?domain_ids=40001001,40001002": 200} {
		if a := readCPS(t, s, "/dcv/certificates/40001"+query); a.status != want {
			t.Errorf("%q: %d, want %d: %s", query, a.status, want, a.body)
		}
	}
}

// TestCertificateLifecycle follows a CPS certificate that is not placed yet.
func TestCertificateLifecycle(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	const dcv = "/dcv/certificates/40002?domain_ids=40002001"
	status := func() map[string]any { return readCPS(t, s, "/certificates/40002/status").json(t) }
	if got := status(); got["status"] != "Processing" || got["order_validation"] != nil {
		t.Errorf("unplaced: %v", got)
	}
	if got := at(t, readCPS(t, s, dcv).json(t), "items", 0, "dcv_token"); got != nil {
		t.Errorf("unplaced: token %v", got)
	}
	ok(t, s.Place(CPS, cps.CertificateUnplaced))
	token := at(t, readCPS(t, s, dcv).json(t), "items", 0, "dcv_token", "token")
	if got := status(); got["status"] != "DomainControlValidation" || at(t, got, "order_validation", "domain_validations", 0,
		"status") != "Pending" {
		t.Errorf("placed: %v", got)
	}

	// The value at _dnsauth counts as well, cut into strings or not.
	text := fmt.Sprint(token)
	ok(t, s.SetRecords("_dnsauth.static.example.com", "TXT", `"foreign"`, fmt.Sprintf("%q %q", text[:5], text[5:])))
	if got := status(); got["status"] != "OtherValidation" || at(t, got, "order_validation", "domain_validations", 0, "status") != "Approved" {
		t.Errorf("validated: %v", got)
	}
	if got := at(t, readCPS(t, s, dcv).json(t), "items", 0, "dcv_token"); got != nil {
		t.Errorf("the token of a validated domain is still there: %v", got)
	}

	ok(t, s.Issue(CPS, cps.CertificateUnplaced))
	cert := readCPS(t, s, "/certificates/40002").json(t)
	if cert["thumbprint"] == nil || cert["expiration_date"] == "0001-01-01T00:00:00Z" {
		t.Errorf("issued: %v", cert)
	}
	same, err := s.Renew(CPS, cps.CertificateUnplaced)
	ok(t, err)
	if got := status(); same != cps.CertificateUnplaced || at(t, got, "order_validation", "status") != "PendingRenewal" ||
		at(t, got, "order_validation", "domain_validations", 0, "status") != "Approved" {
		t.Errorf("renewing: %v", got)
	}
}
