// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
	"github.com/certops/terraform-provider-certops/internal/sandbox/cps"
	"github.com/certops/terraform-provider-certops/internal/sandbox/digicert"
)

// stage returns the stage of an order.
func stage(t *testing.T, s *Sandbox, svc Service, id ID) core.Stage {
	t.Helper()
	state, err := s.State(svc, id)
	if err != nil {
		t.Fatal(err)
	}
	return state.Stage
}

// ok fails a test on an error.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// at digs into decoded JSON: names of members and indices of lists.
func at(t *testing.T, v any, path ...any) any {
	t.Helper()
	for _, p := range path {
		switch key := p.(type) {
		case string:
			m, isMap := v.(map[string]any)
			if !isMap {
				t.Fatalf("%v: %v is no object", path, v)
			}
			v = m[key]
		case int:
			l, isList := v.([]any)
			if !isList || len(l) <= key {
				t.Fatalf("%v: %v has no element %d", path, v, key)
			}
			v = l[key]
		}
	}
	return v
}

// TestProcessLifecycle follows a Realtime Register process from its records to its certificate.
func TestProcessLifecycle(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	const path = "/v2/processes/30001/info"
	info := readRTR(t, s, path).json(t)
	dcv := at(t, info, "validations", "dcv")
	apex, wildcard := at(t, dcv, 0).(map[string]any), at(t, dcv, 1).(map[string]any)
	if apex["dnsRecord"] != wildcard["dnsRecord"] || apex["dnsContents"] != wildcard["dnsContents"] {
		t.Errorf("the wildcard and the apex do not share a record: %v, %v", apex, wildcard)
	}
	if got := []any{apex["status"], apex["type"], apex["dnsType"], info["requiresAttention"]}; !cmp.Equal(got, []any{"WAITING", "DNS",
		"CNAME", false}) {
		t.Errorf("pending: %v", got)
	}
	if got := fmt.Sprint(apex["dnsContents"]); !strings.HasSuffix(got, ".sectigo.com") {
		t.Errorf("contents %q are not in the form of Sectigo", got)
	}

	// One of the two zones is done.
	ok(t, s.SetRecords(fmt.Sprint(apex["dnsRecord"]), "CNAME", fmt.Sprint(apex["dnsContents"])+"."))
	info = readRTR(t, s, path).json(t)
	var statuses []any
	for i := range 3 {
		statuses = append(statuses, at(t, info, "validations", "dcv", i, "status"))
	}
	if !cmp.Equal(statuses, []any{"VALIDATED", "VALIDATED", "WAITING"}) {
		t.Errorf("after the first zone: %v", statuses)
	}
	if got := at(t, info, "validations", "dcv", 0, "dnsRecord"); got != apex["dnsRecord"] {
		t.Errorf("the record of a validated name is %v, want %v", got, apex["dnsRecord"])
	}
	ok(t, s.Publish(RealtimeRegister, ProcessPending))
	if info = readRTR(t, s, path).json(t); info["requiresAttention"] != false ||
		stage(t, s, RealtimeRegister, ProcessPending) != core.StageValidated {
		t.Errorf("all published: %v", info)
	}

	if err := s.Issue(RealtimeRegister, ProcessPending); err != nil {
		t.Fatal(err)
	}
	if info = readRTR(t, s, path).json(t); info["certificateId"] == nil {
		t.Errorf("issued: %v", info)
	}
	if p := readRTR(t, s, "/v2/processes/30001").json(t); p["status"] != "COMPLETED" {
		t.Errorf("issued: %v", p)
	}
	renewed, err := s.Renew(RealtimeRegister, ProcessPending)
	ok(t, err)
	if renewed == ProcessPending || stage(t, s, RealtimeRegister, renewed) != core.StageTokenAssigned {
		t.Errorf("the renewal %s is %s", renewed, stage(t, s, RealtimeRegister, renewed))
	}
}

// TestOrderLifecycle follows a DigiCert order over two zones.
func TestOrderLifecycle(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	validation := func() map[string]any { return readDigiCert(t, s, "/order/certificate/20001/validation").json(t) }
	got := validation()
	if got["order_id"] != "20001" || got["order_status"] != "pending" || got["organization_validations"] != nil {
		t.Errorf("pending DV order: %v", got)
	}
	type entry struct{ id, scope, method, names, status any }
	var entries []entry
	for i := range 3 {
		e := at(t, got, "dns_name_validations", i).(map[string]any)
		entries = append(entries, entry{e["domain_id"], e["name_scope"], e["method"], fmt.Sprint(e["dns_names"]), e["status"]})
	}
	want := []entry{
		{"20001001", "example.com", "dns-cname-token", "[example.com *.example.com]", "pending"},
		{"20001002", "www.example.com", "dns-cname-token", "[www.example.com]", "pending"},
		{"20001003", "shop.example.net", "dns-txt-token", "[shop.example.net]", "pending"},
	}
	if diff := cmp.Diff(want, entries, cmp.AllowUnexported(entry{})); diff != "" {
		t.Errorf("validations (-want +got):\n%s", diff)
	}

	const domain = "/domain/20001001"
	d := readDigiCert(t, s, domain+"?include_dcv=true&include_validation=true").json(t)
	token := fmt.Sprint(at(t, d, "dcv_token", "token"))
	if len(token) != 32 || at(t, d, "dcv_token", "status") != "pending" || d["id"] != 20001001.0 {
		t.Errorf("pending domain: %v", d)
	}
	if d := readDigiCert(t, s, domain).json(t); d["dcv_token"] != nil || d["validations"] != nil {
		t.Errorf("without the two parameters: %v", d)
	}
	// Another target, the right one in another case, which DigiCert does not take, and then the right one.
	ok(t, s.SetRecords("_dnsauth.example.com", "CNAME", "other.dcv.digicert.com."))
	if got := at(t, validation(), "dns_name_validations", 0, "status"); got != "pending" {
		t.Errorf("wrong target: %v", got)
	}
	ok(t, s.SetRecords("_dnsauth.example.com", "CNAME", strings.ToUpper(token)+".dcv.digicert.com."))
	if got := at(t, validation(), "dns_name_validations", 0, "status"); got != "pending" {
		t.Errorf("another case: %v", got)
	}
	ok(t, s.SetRecords("_dnsauth.example.com", "CNAME", token+".dcv.digicert.com."))
	got = validation()
	if at(t, got, "dns_name_validations", 0, "status") != "approved" || at(t, got, "dns_name_validations", 1, "status") != "pending" {
		t.Errorf("first record: %v", got)
	}
	if at(t, got, "dns_name_validations", 0, "approval_expiration_date") == nil {
		t.Errorf("no date of expiry: %v", got)
	}
	if d := readDigiCert(t, s, domain+"?include_dcv=true").json(t); d["dcv_token"] != nil || d["dcv_approval_datetime"] == nil {
		t.Errorf("validated domain: %v", d)
	}

	// A TXT value is compared byte for byte.
	state, err := s.State(DigiCert, OrderPending)
	ok(t, err)
	txt := state.Challenges[2]
	ok(t, s.SetRecords(txt.Name, "TXT", `"`+strings.ToUpper(txt.Value)+`"`))
	if got := at(t, validation(), "dns_name_validations", 2, "status"); got != "pending" {
		t.Errorf("TXT in another case: %v", got)
	}
	ok(t, s.Publish(DigiCert, OrderPending))
	if got := validation()["order_status"]; got != "processing" {
		t.Errorf("all published: %v", got)
	}
	ok(t, s.Issue(DigiCert, OrderPending))
	if got := validation()["order_status"]; got != "issued" {
		t.Errorf("issued: %v", got)
	}
	_, err = s.Renew(DigiCert, OrderPending)
	ok(t, err)
	if got := validation(); got["order_status"] != "reissue_pending" || at(t, got, "dns_name_validations", 0, "status") != "approved" {
		t.Errorf("renewing: %v", got)
	}
}

func TestBaseDomainOrder(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	got := readDigiCert(t, s, "/order/certificate/20002/validation").json(t)
	if got["order_name_scope"] != "base_domain" || len(at(t, got, "dns_name_validations").([]any)) != 1 {
		t.Fatalf("order: %v", got)
	}
	e := at(t, got, "dns_name_validations", 0).(map[string]any)
	if e["name_scope"] != "example.org" || fmt.Sprint(e["dns_names"]) != "[app.example.org api.example.org]" {
		t.Errorf("validation: %v", e)
	}
	if at(t, got, "organization_validations", 0, "verified_contacts", 0, "user_id") != "0" {
		t.Errorf("organization: %v", got["organization_validations"])
	}
}

// TestTransitions checks what the steering methods do at every vendor.
func TestTransitions(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for svc, tt := range map[Service]struct {
		id   ID
		get  func(*testing.T, *Sandbox, string) response
		path string
	}{
		RealtimeRegister: {ProcessPending, readRTR, "/v2/processes/30001"},
		CPS:              {CertificatePending, readCPS, "/certificates/40001"},
		DigiCert:         {OrderPending, readDigiCert, "/order/certificate/20001/validation"},
	} {
		t.Run(string(svc), func(t *testing.T) {
			id := tt.id
			state := func() core.State {
				st, err := s.State(svc, id)
				ok(t, err)
				return st
			}
			before := state().Challenges[0]
			if err := s.Issue(svc, id); err == nil {
				t.Error("a pending order was issued")
			}
			if _, err := s.Renew(svc, id); err == nil {
				t.Error("a pending order was renewed")
			}
			// An expired token is not validated, whatever DNS says.
			if !before.TokenExpires.IsZero() {
				ok(t, s.Expire(svc, id, ""))
				ok(t, s.Publish(svc, id))
				_ = tt.get(t, s, tt.path)
				if got := state().Stage; got != core.StageTokenAssigned {
					t.Errorf("expired tokens: %s", got)
				}
			}
			ok(t, s.Rotate(svc, id))
			after := state().Challenges[0]
			if after.Value == before.Value || after.Name != before.Name || after.Status != core.StatusPending {
				t.Errorf("rotated from %+v to %+v", before, after)
			}
			ok(t, s.Fail(svc, id, before.Domain))
			if got := state(); got.Stage != core.StageFailed || got.Challenges[0].Status != core.StatusFailed ||
				got.Challenges[1].Status == core.StatusFailed && svc != RealtimeRegister {
				t.Errorf("failed: %+v", got)
			}
			ok(t, s.Validate(svc, id, ""))
			if got := state().Stage; got != core.StageValidated {
				t.Errorf("validated: %s", got)
			}
			ok(t, s.Expire(svc, id, before.Domain))
			if got := state(); got.Stage != core.StageTokenAssigned || got.Challenges[0].Value == after.Value {
				t.Errorf("lapsed: %+v", got)
			}
			if err := s.Validate(svc, id, "unknown.example.com"); !errors.Is(err, core.ErrNotFound) {
				t.Errorf("unknown domain: %v", err)
			}
			if err := s.Rotate(svc, "1"); !errors.Is(err, core.ErrNotFound) {
				t.Errorf("unknown order: %v", err)
			}
			ok(t, s.Remove(svc, id))
			if _, err := s.State(svc, id); !errors.Is(err, core.ErrNotFound) {
				t.Errorf("removed: %v", err)
			}
		})
	}
	if err := s.Rotate(CPS, CertificateSample); !errors.Is(err, core.ErrSample) {
		t.Errorf("sample: %v", err)
	}
	if err := s.Validate(CPS, cps.CertificateUnplaced, ""); err == nil {
		t.Error("an unplaced order was validated")
	}
}

func TestPlaceAfterReads(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	id, err := s.Add(Process{Names: []string{"late.example.com"}, PlaceAfterReads: 2})
	ok(t, err)
	path := fmt.Sprintf("/v2/processes/%s/info", id)
	for i := range 3 {
		got := readRTR(t, s, path).json(t)["validations"]
		if placed := got != nil; placed != (i == 2) {
			t.Errorf("read %d: validations %v", i+1, got)
		}
	}
}

func TestOtherMethods(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	id, err := s.Add(Order{Names: []string{"a.example.com", "b.example.com"}, Method: "http-token",
		Methods: map[string]string{"b.example.com": "email"}})
	ok(t, err)
	if got := readDigiCert(t, s, fmt.Sprintf("/domain/%s?include_dcv=true", core.DomainID(id, 0))).json(t); at(t, got, "dcv_token",
		"http_token_url") == nil {
		t.Errorf("HTTP token: %v", got)
	}
	if got := readDigiCert(t, s, fmt.Sprintf("/domain/%s?include_dcv=true", core.DomainID(id, 1))).json(t); got["dcv_token"] != nil {
		t.Errorf("e-mail: %v", got)
	}
	id, err = s.Add(Certificate{Names: []string{"a.example.com", "b.example.com"}, Method: "DnsCnameToken", ValidationType: "OV"})
	ok(t, err)
	state, err := s.State(CPS, id)
	ok(t, err)
	if a, b := state.Challenges[0], state.Challenges[1]; a.Name != "_dnsauth.a.example.com" || a.Type != "CNAME" || a.Value == b.Value {
		t.Errorf("OV certificate: %+v %+v", a, b)
	}
	if got := readCPS(t, s, fmt.Sprintf("/certificates/%s", id)).json(t)["organization"]; got == nil {
		t.Error("an OV certificate without an organization")
	}
	id, err = s.Add(Certificate{Names: []string{"a.example.com"}, Method: "Email"})
	ok(t, err)
	if got := readCPS(t, s, fmt.Sprintf("/dcv/certificates/%s", id)).json(t); at(t, got, "items", 0, "emails", 0) != "admin@a.example.com" {
		t.Errorf("e-mail: %v", got)
	}
}

// TestCloseWaits checks that no request is in progress after Close, stalled ones included.
func TestCloseWaits(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), Options{})
	ok(t, err)
	ok(t, s.Inject(Fault{Service: DigiCert, Kind: FaultSlowHeaders}))
	ended := make(chan error, 1)
	go func() {
		_, err := plainClient().Get(s.URL(DigiCert))
		ended <- err
	}()
	ok(t, s.Await(t.Context(), func() bool { return len(s.Requests(DigiCert)) == 1 }))
	ok(t, s.Close())
	if !s.handling.TryLock() {
		t.Error("a request is still in progress")
	}
	if err := <-ended; err == nil {
		t.Error("the stalled request was answered")
	}
}

func TestAddRejects(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	errOf := func(_ ID, err error) error { return err }
	for name, err := range map[string]error{
		"no names":       errOf(s.Add(Process{})),
		"empty name":     errOf(s.Add(Order{Names: []string{"*."}})),
		"method":         errOf(s.Add(Process{Names: []string{"a"}, Method: "dns"})),
		"validation":     errOf(s.Add(Certificate{Names: []string{"a"}, ValidationType: "XV"})),
		"override":       errOf(s.Add(Order{Names: []string{"a"}, Methods: map[string]string{"a": "x"}})),
		"scope":          errOf(s.Add(Order{Names: []string{"a"}, NameScope: "x"})),
		"public suffix":  errOf(s.Add(Order{Names: []string{"com"}, NameScope: "base_domain"})),
		"taken":          errOf(s.Add(Process{ID: ProcessSample, Names: []string{"a"}})),
		"negative id":    errOf(s.Add(Certificate{ID: "-1", Names: []string{"a"}})),
		"negative reads": errOf(s.Add(Process{Names: []string{"a"}, PlaceAfterReads: -1})),
		"request taken":  errOf(VendorOf[*digicert.API](s).AddRequest(digicert.Request{ID: RequestSample})),
		"request order":  errOf(VendorOf[*digicert.API](s).AddRequest(digicert.Request{OrderID: "5"})),
		"request status": errOf(VendorOf[*digicert.API](s).AddRequest(digicert.Request{Status: "x"})),
		"populate":       s.Populate(-1),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
