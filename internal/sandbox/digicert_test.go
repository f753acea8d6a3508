// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
	"github.com/certops/terraform-provider-certops/internal/sandbox/digicert"
)

// TestDigiCertWrongKey: a response recorded in 2023 has 403 for a key that does not exist.
func TestDigiCertWrongKey(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, key := range []string{"", "wrong"} {
		a := do(t, "GET", s.URL(DigiCert)+"/request/198", map[string]string{"X-DC-DEVKEY": key}, "")
		if a.status != 403 || at(t, a.json(t), "errors", 0, "code") != "access_denied|access_denied_invalid_key" {
			t.Errorf("key %q: %d %s", key, a.status, a.body)
		}
	}
}

// TestDigiCertHeaders: recorded responses, errors included, have a content type without a charset, and an etag.
func TestDigiCertHeaders(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	etags := map[string]bool{}
	for _, path := range []string{
		"/request/198", "/request/199", "/request/5", "/request", "/domain/1234", "/domain/20001001", "/order/certificate",
		"/order/certificate/20001/validation", "/order/certificate/112211/validation", "/nothing",
	} {
		a := readDigiCert(t, s, path)
		if kind, etag := a.header.Get("Content-Type"), a.header.Get("ETag"); kind != "application/json" || len(etag) < 3 {
			t.Errorf("%s: content type %q, etag %q", path, kind, etag)
		}
		etags[a.header.Get("ETag")] = true
	}
	if len(etags) != 10 {
		t.Errorf("different responses have the same etag: %v", etags)
	}
	if a, b := readDigiCert(t, s, "/request/198"), readDigiCert(t, s, "/request/198"); a.header.Get("ETag") != b.header.Get("ETag") {
		t.Error("the same response has two etags")
	}
}

// TestDigiCertTokens: the CNAME tokens that users show in public are an underscore and 31 lower-case characters. DigiCert
// compares them with their case: its open-source validator does.
func TestDigiCertTokens(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	form := regexp.MustCompile(`^_[0-9a-z]{31}\.dcv\.digicert\.com$`)
	id, err := s.Add(Order{Names: []string{"a.example.com"}})
	ok(t, err)
	cert, err := s.Add(Certificate{Names: []string{"b.example.com"}, Method: "DnsCnameToken"})
	ok(t, err)
	process, err := s.Add(Process{Names: []string{"c.example.com"}, CA: "digicert"})
	ok(t, err)
	for svc, id := range map[Service]ID{DigiCert: id, CPS: cert, RealtimeRegister: process} {
		state, err := s.State(svc, id)
		ok(t, err)
		c := state.Challenges[0]
		if !form.MatchString(c.Value) {
			t.Errorf("%s: target %q", svc, c.Value)
		}
		ok(t, s.SetRecords(c.Name, "CNAME", strings.ToUpper(c.Value)+"."))
		_ = s.readOnce(t, svc, id)
		if got := stage(t, s, svc, id); got != core.StageTokenAssigned {
			t.Errorf("%s: a target in another case: %s", svc, got)
		}
		ok(t, s.Publish(svc, id))
		_ = s.readOnce(t, svc, id)
		if got := stage(t, s, svc, id); got != core.StageValidated {
			t.Errorf("%s: the right target: %s", svc, got)
		}
	}
}

// readOnce reads an order as its API does, so that the simulator looks at DNS.
func (s *Sandbox) readOnce(t *testing.T, svc Service, id ID) map[string]any {
	t.Helper()
	switch svc {
	case DigiCert:
		return readDigiCert(t, s, fmt.Sprintf("/order/certificate/%s/validation", id)).json(t)
	case CPS:
		return readCPS(t, s, fmt.Sprintf("/certificates/%s/status", id)).json(t)
	}
	return readRTR(t, s, fmt.Sprintf("/v2/processes/%s/info", id)).json(t)
}

// listed reads a list of DigiCert and returns the ids.
func listed(t *testing.T, s *Sandbox, path, name string) (ids []float64) {
	t.Helper()
	items, isList := readDigiCert(t, s, path).json(t)[name].([]any)
	if !isList {
		t.Fatalf("%s: %s", path, readDigiCert(t, s, path).body)
	}
	for _, item := range items {
		ids = append(ids, at(t, item, "id").(float64))
	}
	return ids
}

// TestDigiCertLists: DigiCert's pages "List orders", "List requests" and "List domains" have filters[search], which needs a
// leading % to find a part of the text, and sort, by several properties and with a minus sign.
func TestDigiCertLists(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, tt := range []struct {
		path, name string
		want       []float64
	}{
		{"/order/certificate?filters[search]=app.example.org", "orders", []float64{20002}},
		{"/order/certificate?filters[search]=example.org", "orders", nil},
		{"/order/certificate?filters[search]=%25example.org", "orders", []float64{20002}},
		{"/order/certificate?filters[domain_name]=api.example.org", "orders", []float64{20002}},
		{"/order/certificate?filters[id]=20001", "orders", []float64{20001}},
		{"/order/certificate?sort=-id", "orders", []float64{112211, 20002, 20001}},
		{"/order/certificate?sort=common_name", "orders", []float64{20002, 20001, 112211}},
		{"/order/certificate?sort=organization.id,-id", "orders", []float64{20001, 112211, 20002}},
		{"/request?sort=-id&filters[status]=approved", "requests", []float64{20101, 198}},
		{"/request?filters[type]=revoke", "requests", nil},
		{"/request?filters[search]=%25ample&sort=-date,id", "requests", []float64{20101, 198, 199}},
		{"/domain?filters[search]=www.example.com", "domains", []float64{20001002}},
		{"/domain?filters[search]=WWW", "domains", nil},
		{"/domain?filters[search]=%25EXAMPLE.ORG&sort=-name", "domains", []float64{20002001}},
		{"/domain?sort=-name&limit=1&offset=1", "domains", []float64{20001003}},
	} {
		if got := listed(t, s, tt.path, tt.name); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.path, got, tt.want)
		}
	}
	if a := readDigiCert(t, s, "/request?sort=nonsense"); a.status != 400 || !strings.Contains(a.body, "invalid_parameter") {
		t.Errorf("sort by nonsense: %d %s", a.status, a.body)
	}
}

// TestDigiCertIssuedOrder: the sample of DigiCert's page "List orders" has valid_till and days_remaining at the certificate
// of an issued order, and neither at that of a pending one.
func TestDigiCertIssuedOrder(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	certificate := func() map[string]any {
		return at(t, readDigiCert(t, s, "/order/certificate?filters[id]=20001").json(t), "orders", 0, "certificate").(map[string]any)
	}
	if got := certificate(); got["valid_till"] != nil || got["days_remaining"] != nil {
		t.Errorf("pending: %v", got)
	}
	ok(t, s.Validate(DigiCert, OrderPending, ""))
	ok(t, s.Issue(DigiCert, OrderPending))
	issued, date := certificate(), regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	if !date.MatchString(fmt.Sprint(issued["valid_till"])) || issued["days_remaining"] != 199.0 {
		t.Errorf("issued: %v", issued)
	}
	_, err := s.Renew(DigiCert, OrderPending)
	ok(t, err)
	if diff := cmp.Diff(issued, certificate()); diff != "" {
		t.Errorf("the renewal changes the certificate (-before +after):\n%s", diff)
	}
}

// TestDigiCertDomainStatus: the status of a domain is pending while its validation is.
func TestDigiCertDomainStatus(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	status := func() []any {
		return []any{
			readDigiCert(t, s, "/domain/20001001").json(t)["status"],
			at(t, readDigiCert(t, s, "/domain?filters[search]=example.com").json(t), "domains", 0, "status"),
		}
	}
	if got := status(); !cmp.Equal(got, []any{"pending", "pending"}) {
		t.Errorf("before: %v", got)
	}
	ok(t, s.Validate(DigiCert, OrderPending, "example.com"))
	if got := status(); !cmp.Equal(got, []any{"active", "active"}) {
		t.Errorf("after: %v", got)
	}
}

// TestDigiCertAutoRenew: order.auto_renew is how many renewals are left, says DigiCert's own client for Python.
// Public responses have 0, 1 and 10.
func TestDigiCertAutoRenew(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, left := range []int{0, 1, 10} {
		id, err := VendorOf[*digicert.API](s).AddRequest(digicert.Request{OrderID: OrderPending, AutoRenew: left})
		ok(t, err)
		if got := at(t, readDigiCert(t, s, fmt.Sprintf("/request/%s", id)).json(t), "order", "auto_renew"); got != float64(left) {
			t.Errorf("auto_renew %v, want %d", got, left)
		}
	}
}

// TestDigiCertWithoutDomainIDs: users show DV orders whose validation has no domain_id. The account then has no such domain,
// and only requests that write give the token. The CA looks for it all the same.
func TestDigiCertWithoutDomainIDs(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	id, err := s.Add(Order{Names: []string{"dv.example.com"}, Method: "dns-txt-token", OmitDomainIDs: true})
	ok(t, err)
	entry := func() map[string]any {
		return at(t, s.readOnce(t, DigiCert, id), "dns_name_validations", 0).(map[string]any)
	}
	if got := entry(); got["domain_id"] != nil || got["status"] != "pending" || got["method"] != "dns-txt-token" {
		t.Errorf("pending: %v", got)
	}
	if a := readDigiCert(t, s, fmt.Sprintf("/domain/%s", core.DomainID(id, 0))); a.status != 404 {
		t.Errorf("domain: %d %s", a.status, a.body)
	}
	if got := listed(t, s, "/domain?filters[search]=dv.example.com", "domains"); got != nil {
		t.Errorf("the account has the domains %v", got)
	}
	ok(t, s.Publish(DigiCert, id))
	if got := entry(); got["status"] != "approved" {
		t.Errorf("published: %v", got)
	}
}

// TestDigiCertQuirks checks the behaviors that are only probable. DigiCert's open-source validator draws tokens from digits
// and letters of both cases. Not every source of a list of requests shows page.
func TestDigiCertQuirks(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Quirks: []string{core.QuirkMixedCase, digicert.QuirkNoPage}})
	state, err := s.State(DigiCert, OrderPending)
	ok(t, err)
	if got := state.Challenges[0].Value; !regexp.MustCompile(`^_[0-9a-zA-Z]{31}\.dcv`).MatchString(got) || strings.ToLower(got) == got {
		t.Errorf("target %q", got)
	}
	if got := readDigiCert(t, s, "/request").json(t); got["page"] != nil || len(got["requests"].([]any)) != 3 {
		t.Errorf("requests: %v", got)
	}
	if got := readDigiCert(t, s, "/order/certificate").json(t); got["page"] == nil {
		t.Error("orders without page")
	}
	if got := readDigiCert(t, start(t, Options{}), "/request").json(t); got["page"] == nil {
		t.Error("requests without page, and without the quirk")
	}
	if _, err := Start(t.Context(), Options{Quirks: []string{"nonsense"}}); err == nil {
		t.Error("a quirk that does not exist was taken")
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	id, err := VendorOf[*digicert.API](s).AddRequest(digicert.Request{Type: "revoke", Comments: "lost"})
	ok(t, err)
	got := readDigiCert(t, s, fmt.Sprintf("/request/%s", id)).json(t)
	if got["reviewer"] != nil || got["status"] != "pending" || at(t, got, "order", "certificate") != nil || got["comments"] != "lost" {
		t.Errorf("pending revocation: %v", got)
	}
	got = readDigiCert(t, s, fmt.Sprintf("/request/%s", digicert.RequestPending)).json(t)
	if got["reviewer"] == nil || at(t, got, "order", "certificate", "common_name") != "example.com" {
		t.Errorf("approved request: %v", got)
	}
}
