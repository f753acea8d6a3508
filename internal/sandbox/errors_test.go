// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
	"github.com/certops/terraform-provider-certops/internal/sandbox/cps"
	"github.com/certops/terraform-provider-certops/internal/sandbox/digicert"
	"github.com/certops/terraform-provider-certops/internal/sandbox/realtimeregister"
)

// TestErrorIDs checks every row of the vendors' tables of errors.
func TestErrorIDs(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	type get = func(*testing.T, *Sandbox, string) response
	const html = "text/html; charset=utf-8"
	for _, tt := range []struct {
		name   string
		get    get
		path   string
		id     ID
		status int
		body   string // a part; "-" means an empty body
		kind   string
		retry  string
	}{
		{"rtr empty object", readRTR, "/v2/processes/%s/info", core.IDEmptyObject, 200, "{}", "", ""},
		{"rtr acme", readRTR, "/v2/processes/%s/info", realtimeregister.IDACME, 200, "acme.example.com", "", ""},
		{"rtr validation", readRTR, "/v2/processes/%s/info", core.IDInvalid, 400, `"type":"ValidationError"`, "", ""},
		{"rtr constraint", readRTR, "/v2/processes/%s/info", realtimeregister.IDConstraintViolation, 400, `"violations":[{"field":"processId"`,
			"", ""},
		{"rtr process", readRTR, "/v2/processes/%s/info", realtimeregister.IDProcessError, 400, `"type":"ProcessError"`, "", ""},
		{"rtr prohibits", readRTR, "/v2/processes/%s/info", realtimeregister.IDStatusProhibits, 400, `"type":"ObjectStatusProhibitsOperation"`,
			"", ""},
		{"rtr property", readRTR, "/v2/processes/%s/info", realtimeregister.IDUnrecognized, 400, `"property":"info"`, "", ""},
		{"rtr does not exist", readRTR, "/v2/processes/%s", realtimeregister.IDDoesNotExist, 400, `"objectType":"process"`, "", ""},
		{"rtr unknown", readRTR, "/v2/processes/%s/info", "5", 400, `"identifier":"5"`, "", ""},
		{"rtr unauthorized", readRTR, "/v2/processes/%s/info", core.IDUnauthorized, 401, `"type":"AuthenticationError"`, "", ""},
		{"rtr unauthorized empty", readRTR, "/v2/processes/%s/info", realtimeregister.IDUnauthorizedEmpty, 401, "-", "", ""},
		{"rtr forbidden", readRTR, "/v2/processes/%s/info", core.IDForbidden, 403, "-", "", ""},
		{"rtr not found", readRTR, "/v2/processes/%s/info", core.IDNotFound, 404, "-", "", ""},
		{"rtr rate limited", readRTR, "/v2/processes/%s/info", core.IDRateLimited, 429, "-", "", ""},
		{"rtr internal", readRTR, "/v2/processes/%s/info", core.IDInternalError, 500, `"type":"InternalSRSError"`, "", ""},
		{"rtr connection", readRTR, "/v2/processes/%s/info", core.IDBadGateway, 502, `"type":"ProviderConnectionError"`, "", ""},
		{"rtr unavailable", readRTR, "/v2/processes/%s/info", core.IDUnavailable, 503, `"startDate":`, "", ""},

		{"cps empty object", readCPS, "/certificates/%s", core.IDEmptyObject, 200, "{}", "", ""},
		{"cps other object", readCPS, "/certificates/%s", core.IDOtherObject, 200, `"id": 11604`, "", ""},
		{"cps invalid", readCPS, "/certificates/%s", core.IDInvalid, 400, `"code":"invalid_input"`, "", ""},
		{"cps unauthorized", readCPS, "/certificates/%s", core.IDUnauthorized, 401, `"code":"unauthorized"`, "", ""},
		{"cps forbidden", readCPS, "/certificates/%s", core.IDForbidden, 403, `"code":"forbidden"`, "", ""},
		{"cps access denied", readCPS, "/certificates/%s", cps.IDAccessDenied, 403, `{"Message":"Access Denied"}`, "", ""},
		{"cps not found", readCPS, "/certificates/%s", core.IDNotFound, 404, `"code":"not_found"`, "", ""},
		{"cps unknown", readCPS, "/certificates/%s", "5", 404, `"@type":"ErrorDetail"`, "", ""},
		{"cps rate limited", readCPS, "/certificates/%s", core.IDRateLimited, 429, `"code":"rate_limit_reached"`, "", "1"},
		{"cps internal", readCPS, "/certificates/%s", core.IDInternalError, 500, `"status_code":500`, "", ""},
		{"cps bad gateway", readCPS, "/certificates/%s", core.IDBadGateway, 502, `"status_code":502`, "", ""},
		{"cps unavailable", readCPS, "/certificates/%s", core.IDUnavailable, 503, `"status_code":503`, "", "1"},
		{"cps gateway timeout", readCPS, "/certificates/%s", core.IDGatewayTimeout, 504, `"status_code":504`, "", ""},
		{"cps status forbidden", readCPS, "/certificates/%s/status", cps.IDStatusForbidden, 403, `"code":"forbidden"`, "", ""},
		{"cps status forbidden, certificate", readCPS, "/certificates/%s", cps.IDStatusForbidden, 200, `"id":920004`, "", ""},
		{"cps status not found", readCPS, "/certificates/%s/status", cps.IDStatusNotFound, 404, `"code":"not_found"`, "", ""},
		{"cps dcv forbidden", readCPS, "/dcv/certificates/%s?domain_ids=1", cps.IDDCVForbidden, 403, `"code":"forbidden"`, "", ""},
		{"cps dcv not found", readCPS, "/dcv/certificates/%s?domain_ids=1", cps.IDDCVNotFound, 404, `"code":"not_found"`, "", ""},
		{"cps deleted", readCPS, "/certificates/%s/status", cps.IDDeleted, 200, `"status":"Deleted"`, "", ""},

		{"digicert empty object", readDigiCert, "/request/%s", core.IDEmptyObject, 200, "{}", "", ""},
		{"digicert other order", readDigiCert, "/order/certificate/%s/validation", core.IDOtherObject, 200, `"112211"`, "", ""},
		{"digicert other request", readDigiCert, "/request/%s", core.IDOtherObject, 200, `"id": 198`, "", ""},
		{"digicert other domain", readDigiCert, "/domain/%s", core.IDOtherObject, 200, `"id": 1234`, "", ""},
		{"digicert firewall 200", readDigiCert, "/request/%s", digicert.IDFirewallOK, 200, "Request Rejected", html, ""},
		{"digicert firewall 403", readDigiCert, "/request/%s", digicert.IDFirewall, 403, "Request Rejected", html, ""},
		{"digicert invalid key", readDigiCert, "/order/certificate/%s/validation", core.IDUnauthorized, 401,
			"access_denied|access_denied_invalid_key", "", ""},
		{"digicert invalid key 403", readDigiCert, "/request/%s", digicert.IDInvalidKeyForbidden, 403,
			"access_denied|access_denied_invalid_key", "", ""},
		{"digicert permission", readDigiCert, "/request/%s", core.IDForbidden, 403, "access_denied|missing_permission", "", ""},
		{"digicert errors object", readDigiCert, "/request/%s", digicert.IDErrorsObject, 403, `{"errors":{"code":`, "", ""},
		{"digicert no order", readDigiCert, "/order/certificate/%s/validation", core.IDNotFound, 404, "not_found|order", "", ""},
		{"digicert unknown order", readDigiCert, "/order/certificate/%s/validation", "5", 404, "not_found|order", "", ""},
		{"digicert unknown domain", readDigiCert, "/domain/%s", "5", 404, "not_found|domain", "", ""},
		{"digicert unknown request", readDigiCert, "/request/%s", "5", 404, "not_found|request", "", ""},
		{"digicert no route", readDigiCert, "/request/%s", digicert.IDNoRoute, 404, "not_found|route", "", ""},
		{"digicert accept", readDigiCert, "/request/%s", digicert.IDNotAcceptable, 406, `"errors"`, "", ""},
		{"digicert rate limited", readDigiCert, "/request/%s", core.IDRateLimited, 429, "request_limit_exceeded", "", ""},
		{"digicert internal", readDigiCert, "/request/%s", core.IDInternalError, 500, `"errors"`, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := tt.get(t, s, fmt.Sprintf(tt.path, tt.id))
			if a.status != tt.status {
				t.Errorf("status %d, want %d", a.status, tt.status)
			}
			if tt.body == "-" && (a.body != "" || a.header.Get("Content-Type") != "") || tt.body != "-" && !strings.Contains(a.body, tt.body) {
				t.Errorf("%s body %q, want %q", a.header.Get("Content-Type"), a.body, tt.body)
			}
			kind := tt.kind
			if kind == "" && tt.body != "-" {
				kind = "application/json; charset=utf-8"
				if strings.HasPrefix(tt.name, "digicert") {
					kind = "application/json"
				}
			}
			if got := a.header.Get("Content-Type"); got != kind {
				t.Errorf("content type %q, want %q", got, kind)
			}
			if got := a.header.Get("Retry-After"); got != tt.retry {
				t.Errorf("Retry-After %q, want %q", got, tt.retry)
			}
		})
	}
}

// TestForbiddenDomains checks an order that reads while its domains do not.
func TestForbiddenDomains(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	if a := readDigiCert(t, s, fmt.Sprintf("/order/certificate/%s/validation", digicert.IDDomainForbidden)); a.status != 200 {
		t.Errorf("order: %d %s", a.status, a.body)
	}
	if a := readDigiCert(t, s, fmt.Sprintf("/domain/%s", core.DomainID(digicert.IDDomainForbidden, 0))); a.status != 403 {
		t.Errorf("domain: %d %s", a.status, a.body)
	}
}

func TestRealtimeRegisterAuthentication(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	url := s.URL(RealtimeRegister) + "/v2/processes/30001/info"
	for _, tt := range []struct {
		header string
		status int
		body   string
	}{
		{"", 401, `"type":"AuthenticationError"`},
		{"ApiKey wrong", 401, `"type":"AuthenticationError"`},
		{"Bearer " + APIKey, 401, `"type":"AuthenticationError"`},
		{"ApiKey " + APIKeyWithoutPermission, 403, ""},
		{"ApiKey " + APIKey, 200, `"commonName"`},
	} {
		a := do(t, "GET", url, map[string]string{"Authorization": tt.header}, "")
		if a.status != tt.status || !strings.Contains(a.body, tt.body) || tt.body == "" && a.body != "" {
			t.Errorf("%q: %d %s", tt.header, a.status, a.body)
		}
	}
	// Too many failures are refused without a body, the right key is not.
	var last response
	for range 10 {
		last = do(t, "GET", url, nil, "")
	}
	if last.status != 429 || last.body != "" {
		t.Errorf("after many failures: %d %q", last.status, last.body)
	}
	if a := readRTR(t, s, "/v2/processes/30001"); a.status != 200 {
		t.Errorf("the right key: %d", a.status)
	}
}

func TestTokenEndpoint(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	with := func(k, v string) url.Values {
		f := credentials()
		f.Set(k, v)
		return f
	}
	for _, tt := range []struct {
		name, code string
		form       url.Values
	}{
		{"wrong secret", "invalid_client", with("client_secret", "wrong")},
		{"wrong client", "invalid_client", with("client_id", "wrong")},
		{"wrong grant", "unsupported_grant_type", with("grant_type", "password")},
		{"wrong scope", "invalid_scope", with("scope", cps.Scope+" other")},
	} {
		if a := tokenRequest(t, s, tt.form); a.status != 400 || a.json(t)["error"] != tt.code {
			t.Errorf("%s: %d %s", tt.name, a.status, a.body)
		}
	}
	if a := do(t, "POST", s.URL(Token), map[string]string{"Content-Type": "application/json"}, "{}"); a.json(t)["error"] != "invalid_request" {
		t.Errorf("JSON: %d %s", a.status, a.body)
	}
	if a := do(t, "GET", s.URL(Token), nil, ""); a.status != 405 {
		t.Errorf("GET: %d", a.status)
	}
	// Credentials by HTTP Basic do not count.
	basic := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	req, _ := http.NewRequest("POST", s.URL(Token), nil)
	req.SetBasicAuth(ClientID, ClientSecret)
	basic["Authorization"] = req.Header.Get("Authorization")
	if a := do(t, "POST", s.URL(Token), basic, "grant_type=client_credentials"); a.status != 400 {
		t.Errorf("HTTP Basic: %d %s", a.status, a.body)
	}

	got := tokenRequest(t, s, credentials()).json(t)
	delete(got, "access_token")
	want := map[string]any{"expires_in": 300.0, "token_type": "Bearer", "scope": cps.Scope}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("token response (-want +got):\n%s", diff)
	}
}

func TestTokensExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const lifetime = 300 * time.Second
		s := unserved(t, Options{TokenLifetime: lifetime})
		grant := func(form url.Values) string {
			header := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
			token, _ := hand(t, s, Token, "POST", "", header, form.Encode()).json(t)["access_token"].(string)
			return token
		}
		get := func(token string) response {
			return hand(t, s, CPS, "GET", "/sec/cps/v2.0/certificates/40001", map[string]string{"Authorization": "Bearer " + token}, "")
		}
		token := grant(credentials())
		time.Sleep(lifetime - time.Nanosecond)
		if a := get(token); a.status != 200 {
			t.Errorf("in the last moment: %d %s", a.status, a.body)
		}
		time.Sleep(time.Nanosecond)
		if a := get(token); a.status != 401 || a.json(t)["code"] != "unauthorized" {
			t.Errorf("expired: %d %s", a.status, a.body)
		}
		token = grant(credentials())
		if a := get(token); a.status != 200 {
			t.Errorf("a new one: %d %s", a.status, a.body)
		}
		VendorOf[*cps.API](s).RevokeTokens()
		if a := get(token); a.status != 401 {
			t.Errorf("revoked: %d", a.status)
		}
		form := credentials()
		form.Set("client_id", ClientIDWithoutScope)
		if a := get(grant(form)); a.status != 403 || a.json(t)["code"] != "forbidden" {
			t.Errorf("without the scope: %d %s", a.status, a.body)
		}
	})
}

func TestDigiCertAuthentication(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, tt := range []struct {
		key, accept, path string
		status            int
		code              string
	}{
		{"", "", "/request/198", 403, "access_denied|access_denied_invalid_key"},
		{"wrong", "", "/request/198", 403, "access_denied|access_denied_invalid_key"},
		{DigiCertKeyWithoutPermission, "", "/request/198", 403, "access_denied|missing_permission"},
		{DigiCertKeyOrdersOnly, "", "/domain/1234", 403, "access_denied|missing_permission"},
		{DigiCertKeyOrdersOnly, "", "/request/198", 200, ""},
		{DigiCertKey, "application/xml", "/request/198", 406, "not_acceptable"},
		{DigiCertKey, "text/csv, application/json;q=0.5", "/request/198", 200, ""},
		{DigiCertKey, "", "/nothing", 404, "not_found|route"},
	} {
		header := map[string]string{"X-DC-DEVKEY": tt.key}
		if tt.accept != "" {
			header["Accept"] = tt.accept
		}
		if a := do(t, "GET", s.URL(DigiCert)+tt.path, header, ""); a.status != tt.status || !strings.Contains(a.body, tt.code) {
			t.Errorf("%+v: %d %s", tt, a.status, a.body)
		}
	}
}

func TestDigiCertRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const window = 5 * time.Second
		s := unserved(t, Options{Limits: []Limit{{Requests: 3, Window: window}}})
		get := func() int {
			return hand(t, s, DigiCert, "GET", "/request/198", map[string]string{"X-DC-DEVKEY": DigiCertKey}, "").status
		}
		var statuses []int
		for range 4 {
			statuses = append(statuses, get())
			time.Sleep(time.Second)
		}
		// The first of them leaves the window just after it is as old as that.
		time.Sleep(window - 4*time.Second)
		statuses = append(statuses, get())
		time.Sleep(time.Nanosecond)
		statuses = append(statuses, get(), get())
		if diff := cmp.Diff([]int{200, 200, 200, 429, 429, 200, 429}, statuses); diff != "" {
			t.Errorf("statuses (-want +got):\n%s", diff)
		}
		for length, want := range map[time.Duration]int{time.Minute: 7, time.Second: 3, time.Nanosecond: 2} {
			if got := s.MaxInWindow(DigiCert, length); got != want {
				t.Errorf("most in %s: %d, want %d", length, got, want)
			}
		}
	})
}
