// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

func writeDigiCert(t *testing.T, s *Sandbox, key, method, path, body string) response {
	t.Helper()
	return do(t, method, s.URL(DigiCert)+path, map[string]string{"X-DC-DEVKEY": key, "Accept": "application/json"}, body)
}

func resend(t *testing.T, s *Sandbox, key string, id ID, body string) response {
	t.Helper()
	url := s.URL(RealtimeRegister) + "/v2/processes/" + string(id) + "/resend"
	return do(t, "POST", url, map[string]string{"Authorization": "ApiKey " + key}, body)
}

// Nothing writes unless a test allows it. Close reports each write that no test allowed.
func TestWritesAreRefused(t *testing.T) {
	t.Parallel()
	s, err := Start(context.Background(), Options{})
	ok(t, err)
	if a := writeDigiCert(t, s, DigiCertKey, "POST", "/domain/20001001/validation", `{"validations":[{"type":"dv"}]}`); a.status != 405 {
		t.Errorf("got %d", a.status)
	}
	if a := tokenRequest(t, s, credentials()); a.status != 200 {
		t.Errorf("a token: %d", a.status)
	}
	s.ResetCounters()
	err = s.Close()
	const want = "1 requests wrote, and none was allowed to: digicert POST /services/v2/domain/20001001/validation"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	ok(t, s.Close())
}

// A check looks at once, for the names it is asked for, and does not move the next look of the interval.
func TestDigiCertCheckOrder(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Writes: true, LookInterval: time.Hour})
	const path = "/order/certificate/20001/check-dcv"
	_ = s.readOnce(t, DigiCert, OrderPending) // The look of this hour.
	a := writeDigiCert(t, s, DigiCertKey, "PUT", path, "")
	if a.status != 200 || at(t, a.json(t), "dns_name_validations", 0, "status") != "pending" || at(t, a.json(t), "order_status") != "pending" {
		t.Errorf("nothing published: %d %s", a.status, a.body)
	}
	ok(t, s.Publish(DigiCert, OrderPending))
	_ = s.readOnce(t, DigiCert, OrderPending)
	if got := stage(t, s, DigiCert, OrderPending); got != core.StageTokenAssigned {
		t.Errorf("a read looked within the interval: %s", got)
	}
	a = writeDigiCert(t, s, DigiCertKey, "PUT", path, `{"dns_names_validations":["shop.example.net"]}`)
	list, _ := at(t, a.json(t), "dns_name_validations").([]any)
	if a.status != 200 || len(list) != 1 || at(t, list, 0, "status") != "approved" || at(t, a.json(t), "order_status") != "pending" {
		t.Errorf("one name: %d %s", a.status, a.body)
	}
	a = writeDigiCert(t, s, DigiCertKey, "PUT", path, "")
	if a.status != 200 || at(t, a.json(t), "order_status") != "issued" || at(t, a.json(t), "certificate_id") != 7020001.0 {
		t.Errorf("all names: %d %s", a.status, a.body)
	}
	if got := len(s.Writes(DigiCert)); got != 3 {
		t.Errorf("%d requests wrote", got)
	}
}

func TestDigiCertCheckRefuses(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Writes: true, Quirks: []string{"digicert-check-refuses"}})
	http, err := s.Add(Order{Names: []string{"a.example.com"}, Method: "http-token"})
	ok(t, err)
	canceled, err := s.Add(Order{Names: []string{"b.example.com"}})
	ok(t, err)
	ok(t, s.Cancel(DigiCert, canceled))
	for id, code := range map[ID]string{
		OrderPending: "invalid_dns_cname", http: "file_random_value_not_found", canceled: "invalid_order_status", "7": "not_found|order",
		core.IDForbidden: "access_denied|missing_permission",
	} {
		a := writeDigiCert(t, s, DigiCertKey, "PUT", "/order/certificate/"+string(id)+"/check-dcv", "")
		if at(t, a.json(t), "errors", 0, "code") != code {
			t.Errorf("%s: %d %s", id, a.status, a.body)
		}
	}
}

// A submission voids the token, and a check of the domain validates it with the next one.
func TestDigiCertSubmitDomain(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Writes: true, LookInterval: time.Hour})
	const domain = "/domain/20001001"
	challenge := func() core.Challenge {
		state, err := s.State(DigiCert, OrderPending)
		ok(t, err)
		return state.Challenges[0]
	}
	ok(t, s.Validate(DigiCert, OrderPending, ""))
	before := challenge()
	const submission = `{"validations":[{"type":"dv"}],"dcv_method":"dns-txt-token"}`
	if a := writeDigiCert(t, s, DigiCertKey, "POST", domain+"/validation", submission); a.status != 204 {
		t.Fatalf("submit: %d %s", a.status, a.body)
	}
	after := challenge()
	if after.Status != core.StatusPending || after.Type != "TXT" || after.Value == before.Value {
		t.Errorf("before %+v, after %+v", before, after)
	}
	a := writeDigiCert(t, s, DigiCertKey, "PUT", domain+"/dcv/validate-token", "")
	if a.status != 400 || at(t, a.json(t), "errors", 0, "code") != "invalid_dns_txt" {
		t.Errorf("nothing published: %d %s", a.status, a.body)
	}
	ok(t, s.Publish(DigiCert, OrderPending))
	a = writeDigiCert(t, s, DigiCertKey, "PUT", domain+"/dcv/validate-token", "")
	if a.status != 200 || at(t, a.json(t), "status") != "active" {
		t.Errorf("published: %d %s", a.status, a.body)
	}
	end := time.Now().Add(10 * 24 * time.Hour)
	ok(t, s.HoldUntil(DigiCert, OrderPending, "example.com", end))
	if got := challenge().ValidatedUntil; !got.Equal(end.UTC().Truncate(time.Second)) {
		t.Errorf("the validation ends at %s, want %s", got, end)
	}
	if a := control(t, s, "POST", "/v1/objects/digicert/20001/hold?for=240h&domain=www.example.com", ""); a.status != 200 {
		t.Errorf("hold: %d %s", a.status, a.body)
	}
	if a := control(t, s, "POST", "/v1/objects/digicert/20001/hold?for=soon", ""); a.status != 400 {
		t.Errorf("hold: %d %s", a.status, a.body)
	}
	for path, code := range map[string]string{"/domain/7/validation": "not_found|domain", "/domain/1234/validation": "invalid_domain_status"} {
		if a := writeDigiCert(t, s, DigiCertKey, "POST", path, `{"validations":[{"type":"ov"}]}`); at(t, a.json(t), "errors", 0, "code") != code {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	for body, code := range map[string]string{
		"": "invalid_validations", `{"validations":[{"type":"x"}]}`: "invalid_validation_type",
		`{"validations":[{"type":"ov"}],"dcv_method":"x"}`: "invalid_dcv_method",
	} {
		if a := writeDigiCert(t, s, DigiCertKey, "POST", domain+"/validation", body); at(t, a.json(t), "errors", 0, "code") != code {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
}

func TestRealtimeRegisterResend(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Writes: true, LookInterval: time.Hour})
	const all = `{"dcv":[{"commonName":"example.com","type":"DNS"},{"commonName":"*.example.com","type":"DNS"},` +
		`{"commonName":"www.example.net","type":"DNS"}]}`
	a := resend(t, s, APIKey, ProcessPending, all)
	if warning, _ := at(t, a.json(t), "warning").(string); a.status != 200 || !strings.Contains(warning, "www.example.net: no CNAME record") {
		t.Errorf("nothing published: %d %s", a.status, a.body)
	}
	for body, want := range map[string]string{
		"": "must not be empty", `{"dcv":[{"commonName":"example.com","type":"EMAIL"}]}`: "is not validated by EMAIL",
	} {
		if a := resend(t, s, APIKey, ProcessPending, body); a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("%q: %d %s", body, a.status, a.body)
		}
	}
	ok(t, s.Publish(RealtimeRegister, ProcessPending))
	if a := resend(t, s, APIKey, ProcessPending, all); a.status != 200 || a.body != "" {
		t.Errorf("published: %d %s", a.status, a.body)
	}
	if got := stage(t, s, RealtimeRegister, ProcessPending); got != core.StageValidated {
		t.Errorf("the process is %s", got)
	}
	if a := resend(t, s, APIKey, ProcessPending, all); a.status != 400 || !strings.Contains(a.body, "ObjectStatusProhibitsOperation") {
		t.Errorf("validated: %d %s", a.status, a.body)
	}
	if a := resend(t, s, APIKey, "7", all); a.status != 400 || !strings.Contains(a.body, "ObjectDoesNotExist") {
		t.Errorf("unknown: %d %s", a.status, a.body)
	}
}

func TestViewOnly(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Writes: true})
	for method, path := range map[string]string{
		"PUT": "/order/certificate/20001/check-dcv", "POST": "/domain/20001001/validation", "GET": "/order/certificate/20001/validation",
	} {
		want := 403
		if method == "GET" {
			want = 200
		}
		if a := writeDigiCert(t, s, DigiCertKeyViewOnly, method, path, ""); a.status != want {
			t.Errorf("%s %s: %d", method, path, a.status)
		}
	}
	if a := resend(t, s, APIKeyViewOnly, ProcessPending, ""); a.status != 403 || a.body != "" {
		t.Errorf("resend: %d %s", a.status, a.body)
	}
	header := map[string]string{"Authorization": "ApiKey " + APIKeyViewOnly}
	if a := do(t, "GET", s.URL(RealtimeRegister)+"/v2/processes/30001", header, ""); a.status != 200 {
		t.Errorf("read: %d", a.status)
	}
}
