// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
	"github.com/certops/terraform-provider-certops/internal/sandbox/cps"
)

// start starts a simulator for one test.
func start(t *testing.T, o Options) *Sandbox {
	t.Helper()
	s, err := Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// unserved is a simulator without listeners, for tests in a bubble. A listener waits for the network, and the clock of a
// bubble does not move while that happens.
func unserved(t *testing.T, o Options) *Sandbox {
	t.Helper()
	o.Logger = slog.New(slog.DiscardHandler)
	zones, err := newZoneStore(nil, net.IPv4(127, 0, 0, 1))
	ok(t, err)
	s, err := newSandbox(o, zones)
	ok(t, err)
	return s
}

// hand gives a request to a service of a simulator without listeners.
func hand(t *testing.T, s *Sandbox, service Service, method, path string, header map[string]string, body string) response {
	t.Helper()
	all := listenersOf(s.vendors)
	at := slices.IndexFunc(all, func(l core.Listener) bool { return l.Service == service })
	req := httptest.NewRequestWithContext(t.Context(), method, all[at].Path+path, strings.NewReader(body))
	for k, v := range header {
		req.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	s.wrap(all[at]).ServeHTTP(w, req)
	return response{w.Code, w.Header(), w.Body.String()}
}

// response is what a test looks at in a response.
type response struct {
	status int
	header http.Header
	body   string
}

// json decodes the body.
func (a response) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("status %d, body %q: %v", a.status, a.body, err)
	}
	return v
}

// do sends a request on a connection of its own and returns the response.
func do(t *testing.T, method, url string, header map[string]string, body string) response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{res.StatusCode, res.Header, string(b)}
}

// readRTR, cps and digicert read a path of an API with the right credentials.
func readRTR(t *testing.T, s *Sandbox, path string) response {
	t.Helper()
	return do(t, "GET", s.URL(RealtimeRegister)+path, map[string]string{"Authorization": "ApiKey " + APIKey}, "")
}

func readCPS(t *testing.T, s *Sandbox, path string) response {
	t.Helper()
	return do(t, "GET", s.URL(CPS)+"/sec/cps/v2.0"+path, map[string]string{"Authorization": "Bearer " + accessTokenFor(t, s)}, "")
}

func readDigiCert(t *testing.T, s *Sandbox, path string) response {
	t.Helper()
	return do(t, "GET", s.URL(DigiCert)+path, map[string]string{"X-DC-DEVKEY": DigiCertKey, "Accept": "application/json"}, "")
}

// tokenRequest posts a form to the token endpoint.
func tokenRequest(t *testing.T, s *Sandbox, form url.Values) response {
	t.Helper()
	return do(t, "POST", s.URL(Token), map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, form.Encode())
}

// credentials is the form of a good token request.
func credentials() url.Values {
	return url.Values{
		"grant_type": {"client_credentials"}, "client_id": {ClientID}, "client_secret": {ClientSecret}, "scope": {cps.Scope},
	}
}

func accessTokenFor(t *testing.T, s *Sandbox) string {
	t.Helper()
	a := tokenRequest(t, s, credentials())
	token, _ := a.json(t)["access_token"].(string)
	if token == "" {
		t.Fatalf("no token: %d %s", a.status, a.body)
	}
	return token
}

// TestSamples checks that the responses of the vendors' documents are given with every member and value.
func TestSamples(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, tt := range []struct {
		path, file string
		get        func(*testing.T, *Sandbox, string) response
		change     map[string]any
	}{
		{"/v2/processes/2323533016/info", "realtimeregister/samples/process-2323533016-info.json", readRTR, nil},
		{"/certificates/11604", "cps/samples/certificate-11604.json", readCPS, nil},
		{"/certificates/11604/status", "cps/samples/certificate-11604-status.json", readCPS, nil},
		{"/dcv/certificates/11604?domain_ids=15230", "cps/samples/certificate-11604-dcv.json", readCPS, nil},
		{"/order/certificate/112211/validation", "digicert/samples/order-112211-validation.json", readDigiCert, nil},
		{"/domain/1234?include_dcv=true&include_validation=true", "digicert/samples/domain-1234.json", readDigiCert, nil},
		{"/request/198", "digicert/samples/request-198.json", readDigiCert, nil},
		{"/request/199", "digicert/samples/request-198-pending.json", readDigiCert, map[string]any{"id": 199.0}},
	} {
		t.Run(tt.path, func(t *testing.T) {
			a := tt.get(t, s, tt.path)
			if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
				t.Fatalf("got %d %s: %s", a.status, a.header.Get("Content-Type"), a.body)
			}
			document, err := os.ReadFile(tt.file)
			ok(t, err)
			var want map[string]any
			if err := json.Unmarshal(document, &want); err != nil {
				t.Fatal(err)
			}
			for k, v := range tt.change {
				want[k] = v
			}
			if diff := cmp.Diff(want, a.json(t)); diff != "" {
				t.Errorf("response differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStartRejectsOptions(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"listen":   {Listen: "localhost:80"},
		"port":     {Listen: "127.0.0.1:http"},
		"ports":    {Listen: "127.0.0.1:65530"},
		"IPv6":     {Listen: "[::1]:70000"},
		"dns":      {DNSServer: "127.0.0.1"},
		"zone":     {Zones: []string{"a..b"}},
		"lifetime": {TokenLifetime: -time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if s, err := Start(t.Context(), o); err == nil {
				t.Errorf("Start took %+v", o)
				_ = s.Close()
			}
		})
	}
}

func TestCloseFollowsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	s, err := Start(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-s.done
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := http.Get(s.URL(RealtimeRegister)); err == nil {
		t.Error("the listener still responds")
	}
}

func TestEnvNamesEveryEndpoint(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	all := fmt.Sprint(s.Env())
	for _, v := range s.vendors {
		for _, l := range v.Listeners {
			if url := s.URL(l.Service); url == "" || !strings.Contains(all, url) {
				t.Errorf("%s: %q is not in Env", l.Service, url)
			}
		}
		for _, setting := range v.Settings(s.URL) {
			if setting.Value == "" || !strings.Contains(all, setting.Value) {
				t.Errorf("%s: the value %q of %s is not in Env", v.service(), setting.Value, setting.Name)
			}
		}
	}
	for _, credential := range []string{APIKey, ClientID, ClientSecret, DigiCertKey} {
		if !strings.Contains(all, credential) {
			t.Errorf("%q is not in Env", credential)
		}
	}
}

// TestFixedPorts: with a port, the control API has that one, DNS the next, and the services those after it.
func TestFixedPorts(t *testing.T) {
	t.Parallel()
	var s *Sandbox
	var first int
	// Another program can have a port of the row.
	for range 50 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ok(t, err)
		_, text, err := net.SplitHostPort(l.Addr().String())
		ok(t, errors.Join(err, l.Close()))
		first, err = strconv.Atoi(text)
		ok(t, err)
		if s, err = Start(context.Background(), Options{Listen: "127.0.0.1:" + text}); err == nil {
			break
		}
	}
	if s == nil {
		t.Fatal("no row of ports is free")
	}
	t.Cleanup(func() { ok(t, s.Close()) })
	address := func(after int) string { return fmt.Sprintf("127.0.0.1:%d", first+after) }
	got := []string{s.ControlURL, s.DNSAddr, s.URL(RealtimeRegister), s.URL(CPS), s.URL(Token), s.URL(DigiCert), s.URL(Elsewhere)}
	want := []string{
		"http://" + address(0), address(1), "http://" + address(2), "http://" + address(3), "http://" + address(4) + "/connect/token",
		"http://" + address(5) + "/services/v2", "http://" + address(6),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	if _, err := Start(t.Context(), Options{Listen: "127.0.0.1:" + strconv.Itoa(first)}); err == nil {
		t.Error("a second simulator took the same ports")
	}
	if a := control(t, s, "GET", "/v1/endpoints", ""); a.status != 200 {
		t.Errorf("the first one is gone: %d", a.status)
	}
}
