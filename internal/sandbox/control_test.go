// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// control calls the control API.
func control(t *testing.T, s *Sandbox, method, path, body string) response {
	t.Helper()
	return do(t, method, s.ControlURL+path, nil, body)
}

func TestControl(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, tt := range []struct {
		method, path, body string
		status             int
		part               string
	}{
		{"GET", "/", "", 200, "PUT    /v1/dns/{name}/{type}"},
		{"GET", "/v1/endpoints", "", 200, s.DNSAddr},
		{"GET", "/v1/objects/cps", "", 200, `"id":40001`},
		{"GET", "/v1/objects/token", "", 400, "realtime_register, cps or digicert"},
		{"POST", "/v1/objects/realtime_register", `{"id":7,"names":["c.example.com"]}`, 200, `"stage":"token_assigned"`},
		{"POST", "/v1/objects/realtime_register", `{"id":7,"names":["c.example.com"]}`, 400, "already has"},
		{"POST", "/v1/objects/cps", `{"id":7,"names":["c.example.com"],"unplaced":true}`, 200, `"stage":"unplaced"`},
		{"POST", "/v1/objects/digicert", `{"id":7,"names":["c.example.com"],"method":"dns-txt-token"}`, 200, `"type":"TXT"`},
		{"POST", "/v1/objects/digicert", `{"nonsense":1}`, 400, "nonsense"},
		{"POST", "/v1/objects/cps/7/place", "", 200, `"stage":"token_assigned"`},
		{"POST", "/v1/objects/cps/7/rotate", "", 200, `"status":"pending"`},
		{"POST", "/v1/objects/cps/7/fail?domain=c.example.com", "", 200, `"stage":"failed"`},
		{"POST", "/v1/objects/cps/7/issue", "", 409, "not validated"},
		{"POST", "/v1/objects/cps/7/validate", "", 200, `"stage":"validated"`},
		{"POST", "/v1/objects/cps/7/issue", "", 200, `"stage":"issued"`},
		{"POST", "/v1/objects/cps/7/renew", "", 200, `"stage":"issued"`},
		{"POST", "/v1/objects/cps/7/renew?new=true", "", 200, `"stage":"token_assigned"`},
		{"POST", "/v1/objects/cps/7/expire", "", 200, `"stage":"token_assigned"`},
		{"POST", "/v1/objects/cps/7/cancel", "", 200, `"stage":"canceled"`},
		{"POST", "/v1/objects/cps/7/dance", "", 400, "place, rotate"},
		{"POST", "/v1/objects/cps/x/place", "", 400, "not a number"},
		{"POST", "/v1/objects/cps/8/place", "", 404, "no such object"},
		{"POST", "/v1/objects/cps/11604/rotate", "", 409, "samples do not change"},
		{"POST", "/v1/objects/digicert/7/publish", "", 200, `"name":"c.example.com"`},
		{"GET", "/v1/dns", "", 200, `c.example.com.`},
		{"GET", "/v1/objects/digicert/20002", "", 200, `"kind":"order","id":20002,"stage":"token_assigned","status":"pending"`},
		{"GET", "/v1/status", "", 200, "digicert"},
		{"DELETE", "/v1/objects/digicert/7", "", 204, ""},
		{"GET", "/v1/objects/digicert/7", "", 404, "no such object"},
		{"POST", "/v1/requests", `{"id":77,"order_id":20001}`, 200, `{"id":77}`},
		{"POST", "/v1/requests", `{"id":77}`, 400, "taken"},
		{"POST", "/v1/populate", `{"count":3}`, 204, ""},
		{"POST", "/v1/populate", `{"count":1000000}`, 400, "at most"},
		{"GET", "/v1/objects/cps/1000003", "", 200, `"id":1000003`},
		{"POST", "/v1/faults", `{"faults":[{"service":"cps","kind":"empty"}]}`, 200, `"kind":"empty"`},
		{"POST", "/v1/faults", `{"faults":[{"service":"cps","kind":"nonsense"}]}`, 400, "nonsense"},
		{"GET", "/v1/faults", "", 200, `"service":"cps"`},
		{"DELETE", "/v1/faults", "", 204, ""},
		{"GET", "/v1/faults", "", 200, `{"faults":[]}`},
		{"PUT", "/v1/dns/_x.example.com/TXT", `{"rdata":["\"v\""]}`, 204, ""},
		{"GET", "/v1/dns", "", 200, `_x.example.com.`},
		{"GET", "/v1/dns/journal", "", 200, `{"changes":[]}`},
		{"DELETE", "/v1/dns/journal", "", 204, ""},
		{"PUT", "/v1/dns/_x.example.edu/TXT", `{"rdata":["\"v\""]}`, 400, "no zone holds"},
		{"DELETE", "/v1/dns/_x.example.com/TXT", "", 204, ""},
		{"DELETE", "/v1/dns/_x.example.com/NONSENSE", "", 400, "unknown record type"},
		{"POST", "/v1/revoke-tokens", "", 204, ""},
		{"GET", "/v1/counters?window=1m", "", 200, `"max_in_window":0`},
		{"GET", "/v1/counters?window=x", "", 400, "Go duration"},
		{"GET", "/v1/counters/cps", "", 200, `[]`},
		{"DELETE", "/v1/counters", "", 204, ""},
		{"GET", "/v1/nonsense", "", 404, ""},
	} {
		a := control(t, s, tt.method, tt.path, tt.body)
		if a.status != tt.status || !strings.Contains(a.body, tt.part) {
			t.Errorf("%s %s: %d %.300s; want %d %s", tt.method, tt.path, a.status, a.body, tt.status, tt.part)
		}
	}
	if a := do(t, "POST", s.ControlURL+"/v1/revoke-tokens", map[string]string{"Origin": "https://example.com"}, ""); a.status != 403 {
		t.Errorf("a browser got %d", a.status)
	}
}

func TestCounters(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Writes: true})
	before := time.Now()
	_ = readRTR(t, s, "/v2/processes?limit=1")
	after := time.Now()
	_ = do(t, "POST", s.URL(RealtimeRegister)+"/x", nil, "")
	got := s.Requests(RealtimeRegister)
	if len(got) != 2 || s.Connections(RealtimeRegister) != 2 || s.Connections(CPS) != 0 {
		t.Fatalf("requests %+v, connections %d", got, s.Connections(RealtimeRegister))
	}
	first, second := got[0], got[1]
	if first.Method != "GET" || first.Path != "/v2/processes" || first.Query != "limit=1" || first.Status != 200 || !first.Credential ||
		first.At.Before(before) || first.At.After(after) {
		t.Errorf("first: %+v", first)
	}
	if second.Method != "POST" || second.Status != 401 || second.Credential {
		t.Errorf("second: %+v", second)
	}
	s.ResetCounters()
	if len(s.Requests(RealtimeRegister)) != 0 || s.Connections(RealtimeRegister) != 0 {
		t.Error("ResetCounters left something")
	}
}

func TestAwait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := unserved(t, Options{})
		await := func(ctx context.Context, holds func() bool) (ended func() (bool, error)) {
			result := make(chan error, 1)
			go func() { result <- s.Await(ctx, holds) }()
			return func() (bool, error) {
				synctest.Wait()
				select {
				case err := <-result:
					return true, err
				default:
					return false, nil
				}
			}
		}
		never := func() bool { return false }
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		arrived := await(ctx, func() bool { return len(s.Requests(DigiCert)) == 1 })
		answered := await(ctx, func() bool { got := s.Requests(DigiCert); return len(got) == 1 && got[0].Status == 200 })
		canceled, closed := await(ctx, never), await(t.Context(), never)
		if done, _ := arrived(); done {
			t.Error("it waited for no request")
		}
		end := s.begin(DigiCert, httptest.NewRequestWithContext(ctx, "GET", "/", nil))
		if done, err := arrived(); !done || err != nil {
			t.Errorf("after the request: %t, %v", done, err)
		}
		if done, _ := answered(); done {
			t.Error("it waited for no response")
		}
		end(200)
		if done, err := answered(); !done || err != nil {
			t.Errorf("after the response: %t, %v", done, err)
		}
		cancel()
		if done, err := canceled(); !done || !errors.Is(err, context.Canceled) {
			t.Errorf("canceled: %t, %v", done, err)
		}
		close(s.done)
		if done, err := closed(); !done || err == nil {
			t.Errorf("closed: %t, %v", done, err)
		}
	})
}

// TestCredentialsStaySecret sends credentials, right and wrong, and looks for them in logs, records and responses.
func TestCredentialsStaySecret(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := start(t, Options{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	const wrong = "wrong-secret-value"
	var seen strings.Builder
	note := func(a response) { fmt.Fprintf(&seen, "%v %s\n", a.header, a.body) }
	note(readRTR(t, s, "/v2/processes/30001/info"))
	note(readDigiCert(t, s, "/request/198"))
	token := accessTokenFor(t, s)
	note(do(t, "GET", s.URL(CPS)+"/sec/cps/v2.0"+"/certificates/40001", map[string]string{"Authorization": "Bearer " + token}, ""))
	for _, url := range []string{s.URL(RealtimeRegister) + "/v2/processes/1", s.URL(CPS) + "/sec/cps/v2.0" + "/certificates/1",
		s.URL(DigiCert) + "/request/1"} {
		note(do(t, "GET", url, map[string]string{"Authorization": "ApiKey " + wrong, "X-DC-DEVKEY": wrong}, ""))
		note(do(t, "GET", url+"?key="+wrong, map[string]string{"Authorization": "Bearer " + wrong}, ""))
	}
	for _, key := range []string{"client_secret", "client_id", "scope", "grant_type"} {
		form := credentials()
		form.Set(key, wrong)
		note(tokenRequest(t, s, form))
	}
	note(control(t, s, "GET", "/v1/endpoints", ""))
	note(control(t, s, "GET", "/v1/counters/cps", ""))
	ok(t, s.Close())

	for _, secret := range []string{wrong, APIKey, ClientSecret, DigiCertKey, token, s.TSIGSecret} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q is in the log:\n%s", secret, log.String())
		}
	}
	for _, secret := range []string{wrong, APIKey, ClientSecret, DigiCertKey, token, s.TSIGSecret} {
		if strings.Contains(seen.String(), secret) {
			t.Errorf("%q was echoed", secret)
		}
	}
	if !strings.Contains(log.String(), "path=/v2/processes/30001/info status=200") {
		t.Errorf("no line for a request in the log:\n%s", log.String())
	}
}

// tlsClient trusts the simulator's CA.
func tlsClient(t *testing.T, s *Sandbox) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(s.CAPEM) {
		t.Fatalf("not a certificate: %s", s.CAPEM)
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	s := start(t, Options{TLS: true})
	for _, l := range listenersOf(s.vendors) {
		url := s.URL(l.Service)
		if !strings.HasPrefix(url, "https://") {
			t.Errorf("%s is not HTTPS", url)
		}
		if _, err := plainClient().Get(url); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: a client that does not trust the CA got %v", url, err)
		}
		res, err := tlsClient(t, s).Get(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if _ = res.Body.Close(); res.ProtoMajor != 2 {
			t.Errorf("%s: %s", url, res.Proto)
		}
	}
	if start(t, Options{}).CAPEM != nil {
		t.Error("a CA without TLS")
	}
}

func TestIPv6(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), Options{Listen: "[::1]", TLS: true})
	if err != nil {
		t.Skipf("no IPv6 loopback: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	res, _, err := fetch(t, s, tlsClient(t, s))
	if err != nil || res.StatusCode != 200 || !strings.HasPrefix(s.URL(DigiCert), "https://[::1]:") {
		t.Errorf("%s: %v, %v", s.URL(DigiCert), res, err)
	}
	ok(t, s.Publish(DigiCert, OrderPending))
	res, err = tlsClient(t, s).PostForm(s.URL(Token), credentials())
	ok(t, err)
	if _ = res.Body.Close(); res.StatusCode != http.StatusOK {
		t.Errorf("token: %s", res.Status)
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL(DigiCert)+"/order/certificate/20001/validation", nil)
	ok(t, err)
	req.Header.Set("X-DC-DEVKEY", DigiCertKey)
	res, err = tlsClient(t, s).Do(req)
	ok(t, err)
	_ = res.Body.Close()
	if got := stage(t, s, DigiCert, OrderPending); got != core.StageValidated {
		t.Errorf("stage %s", got)
	}
}
