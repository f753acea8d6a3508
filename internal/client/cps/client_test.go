// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
)

const secret = "s3cr3t-s3cr3t"

// serve starts an API, and an identity service beside it.
func serve(t *testing.T, answer http.HandlerFunc) (*Client, *clienttest.Server) {
	t.Helper()
	identity := clienttest.NewServer(t, func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil || r.PostForm.Get("scope") != DefaultScope || r.PostForm.Get("client_secret") != secret {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":"invalid_client"}`)
			return
		}
		_, _ = io.WriteString(w, `{"access_token":"t0k3n-t0k3n","expires_in":300,"token_type":"Bearer"}`)
	})
	server := clienttest.NewServer(t, answer)
	c, err := New(Config{ClientID: "id", ClientSecret: secret, BaseURL: server.URL, TokenURL: identity.URL + "/connect/token"})
	if err != nil {
		t.Fatal(err)
	}
	return c, server
}

func serveFixture(t *testing.T, name string) (*Client, *clienttest.Server) {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(clienttest.Fixture(t, name)) })
}

func serveText(t *testing.T, status int, body string) (*Client, *clienttest.Server) {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func TestNewRefuses(t *testing.T) {
	tests := map[string]Config{
		"no id":     {ClientSecret: secret},
		"no secret": {ClientID: "id"},
		"secret":    {ClientID: "id", ClientSecret: secret + "\n"},
		"base URL":  {ClientID: "id", ClientSecret: secret, BaseURL: "http://api.example.com"},
		"token URL": {ClientID: "id", ClientSecret: secret, TokenURL: "http://id.example.com"},
	}
	for name, config := range tests {
		if _, err := New(config); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := New(Config{ClientID: "id", ClientSecret: secret}); err != nil {
		t.Errorf("the defaults: %v", err)
	}
}

func TestCertificate(t *testing.T) {
	c, server := serveFixture(t, "certificate_11604.json")
	certificate, err := c.Certificate(t.Context(), 11604)
	if err != nil {
		t.Fatal(err)
	}
	clienttest.SameJSON(t, clienttest.Fixture(t, "certificate_11604.json"), certificate, nil)
	if diff := cmp.Diff([]string{"GET /sec/cps/v2.0/certificates/11604"}, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if got := server.Header("Authorization"); got != "Bearer t0k3n-t0k3n" {
		t.Errorf("got Authorization %q", got)
	}
}

func TestCertificateWithEverything(t *testing.T) {
	c, _ := serveFixture(t, "certificate_40001_ev.json")
	certificate, err := c.Certificate(t.Context(), 40001)
	if err != nil {
		t.Fatal(err)
	}
	clienttest.SameJSON(t, clienttest.Fixture(t, "certificate_40001_ev.json"), certificate, func(source map[string]any) {
		delete(source, "unknown_member")
		delete(source, "expiration_date") // "No date yet" is read as absent.
		source["id"] = json.Number("40001")
		source["auto_renew"] = false
		domains := source["domains"].([]any)
		domains[0].(map[string]any)["is_common_name"] = true
		domains[1] = map[string]any{}
		source["organization"].(map[string]any)["zip_code"] = "90001"
		source["modified_by"].(map[string]any)["portal_type_id"] = "7"
	})
	var sample Certificate
	if err := json.Unmarshal(clienttest.Fixture(t, "certificate_11604.json"), &sample); err != nil {
		t.Fatal(err)
	}
	if missing := clienttest.Unset(certificate, &sample); missing != nil {
		t.Errorf("never set: %v", missing)
	}
}

func TestCertificateOfAnother(t *testing.T) {
	tests := map[string]string{
		`{}`:           "the response has no id where 7 was asked for",
		`{"id":null}`:  "the response has no id where 7 was asked for",
		`{"id":11604}`: "the response is about id 11604 where 7 was asked for",
	}
	for body, message := range tests {
		c, server := serveText(t, http.StatusOK, body)
		_, err := c.Certificate(t.Context(), 7)
		if failure := clienttest.Failed(t, err, client.KindNotFound); failure.Message != message ||
			failure.URL != server.URL+"/sec/cps/v2.0/certificates/7" {
			t.Errorf("got %+v", failure)
		}
	}
}

// TestUnusableDocuments holds that a response without what makes it one is an error.
func TestUnusableDocuments(t *testing.T) {
	for body, kind := range map[string]client.Kind{`{}`: client.KindBody, `{"id":7}`: client.KindBody,
		`{"id":8,"status":"Active"}`: client.KindNotFound} {
		c, _ := serveText(t, http.StatusOK, body)
		_, err := c.CertificateStatus(t.Context(), 7)
		clienttest.Failed(t, err, kind)
	}
	for _, body := range []string{`{}`, `{"items":null}`,
		`{"items":[{"domain_id":1,"dcv_token":"a"},{"domain_id":1,"dcv_token":null},{"domain_id":1,"dcv_token":"b"}]}`} {
		c, _ := serveText(t, http.StatusOK, body)
		_, err := c.DCV(t.Context(), 7, []int64{1})
		clienttest.Failed(t, err, client.KindBody)
	}
}

// TestDCVTokenForms reads a token as text and as an object; a status without an id belongs to the certificate asked for.
func TestDCVTokenForms(t *testing.T) {
	for _, token := range []string{`"fdy6m0wy"`, `{"token":"fdy6m0wy"}`} {
		c, _ := serveText(t, http.StatusOK,
			`{"status":"Active","items":[{"domain_id":1,"dcv_token":`+token+`},{"domain_id":2,"dcv_token":null}]}`)
		items, err := c.DCV(t.Context(), 7, []int64{1, 2})
		if err != nil || len(items) != 2 || items[0].DCVToken.Token.String() != "fdy6m0wy" || items[1].DCVToken != nil {
			t.Errorf("%s: got %+v, %v", token, items, err)
		}
		status, err := c.CertificateStatus(t.Context(), 7)
		if err != nil || status.Status.String() != "Active" {
			t.Errorf("got %+v, %v", status, err)
		}
	}
}

func TestCertificateStatus(t *testing.T) {
	c, server := serveFixture(t, "certificate_status_11604.json")
	status, err := c.CertificateStatus(t.Context(), 11604)
	if err != nil {
		t.Fatal(err)
	}
	clienttest.SameJSON(t, clienttest.Fixture(t, "certificate_status_11604.json"), status, func(source map[string]any) {
		delete(source, "@id")
		delete(source, "@type")
	})
	if diff := cmp.Diff([]string{".ErrorMessage"}, clienttest.Unset(status)); diff != "" {
		t.Errorf("never set (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"GET /sec/cps/v2.0/certificates/11604/status"}, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestCertificateStatusBeforeTheOrder(t *testing.T) {
	c, _ := serveText(t, http.StatusOK, `{"id":7,"status":"Processing","order_validation":null,"error_message":"late"}`)
	status, err := c.CertificateStatus(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	if status.OrderValidation != nil || status.ErrorMessage.String() != "late" {
		t.Errorf("got %+v", status)
	}
}

func TestDCV(t *testing.T) {
	c, server := serveFixture(t, "dcv_11604.json")
	items, err := c.DCV(t.Context(), 11604, []int64{15230, 15231})
	if err != nil {
		t.Fatal(err)
	}
	want := []DomainDCV{
		{DomainID: new(client.Int(15230)), DCVMethod: new(client.Text("DnsTxtToken")), DCVToken: &DCVToken{Token: new(client.Text("t0k3n"))}},
		{DomainID: new(client.Int(15231)), DCVMethod: new(client.Text("Email")), Emails: []*client.Text{new(client.Text("admin@example.com")),
			nil}},
	}
	if diff := cmp.Diff(want, items); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if _, err := c.DCV(t.Context(), 11604, nil); err != nil {
		t.Fatal(err)
	}
	wantRequests := []string{"GET /sec/cps/v2.0/dcv/certificates/11604?domain_ids=15230%2C15231", "GET /sec/cps/v2.0/dcv/certificates/11604"}
	if diff := cmp.Diff(wantRequests, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	tests := map[string]struct {
		status        int
		body          string
		kind          client.Kind
		code, message string
		details       []string
		requests      int
	}{
		"not found": {404, string(clienttest.Fixture(t, "error_not_found.json")), client.KindNotFound,
			"not_found", "Not found", []string{"The certificate does not exist.", "/id: unknown id"}, 1},
		"old style": {403, string(clienttest.Fixture(t, "error_access_denied.json")), client.KindForbidden, "", "Access Denied", nil, 1},
		"one detail": {400, `{"code":"invalid_input","details":{"description":"d"}}`, client.KindInvalid, "invalid_input", "",
			[]string{"d"}, 1},
		"same text twice":  {400, `{"title":"t","description":"t"}`, client.KindInvalid, "", "t", nil, 1},
		"description only": {500, `{"description":"d t0k3n-t0k3n"}`, client.KindUnavailable, "", "d ***", nil, 1},
		"empty":            {403, ``, client.KindForbidden, "", "", nil, 1},
		"unknown JSON":     {404, `{"a":1}`, client.KindNotFound, "", "", nil, 1},
		"array":            {404, `[]`, client.KindNotFound, "", "", nil, 1},
		"expired token": {401, `{"code":"unauthorized","title":"Unauthorized"}`, client.KindUnauthorized, "unauthorized", "Unauthorized",
			nil, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, server := serveText(t, test.status, test.body)
			_, err := c.Certificate(t.Context(), 1)
			failure := clienttest.Failed(t, err, test.kind)
			if failure.Code != test.code || failure.Message != test.message || failure.StatusCode != test.status || failure.Service != Service {
				t.Errorf("got %+v", failure)
			}
			if diff := cmp.Diff(test.details, failure.Details); diff != "" {
				t.Errorf("details (-want +got):\n%s", diff)
			}
			if n := len(server.Requests()); n != test.requests {
				t.Errorf("got %d requests, want %d", n, test.requests)
			}
		})
	}
}

func TestWrongClient(t *testing.T) {
	identity := clienttest.NewServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_client"}`)
	})
	server := clienttest.NewServer(t, func(http.ResponseWriter, *http.Request) {})
	c, err := New(Config{ClientID: "id", ClientSecret: secret, BaseURL: server.URL, TokenURL: identity.URL})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_, err := c.Certificate(t.Context(), 1)
		if failure := clienttest.Failed(t, err, client.KindUnauthorized); failure.Code != "invalid_client" ||
			failure.StatusCode != http.StatusBadRequest {
			t.Errorf("got %+v", failure)
		}
	}
	if n := len(identity.Requests()); n != 1 {
		t.Errorf("got %d token requests", n)
	}
	if n := len(server.Requests()); n != 0 {
		t.Errorf("got %d requests without a token", n)
	}
}

// page writes a page of total certificates, numbered from 1, and rest.
func page(w io.Writer, r *http.Request, total int, rest string) {
	number, _ := strconv.Atoi(r.URL.Query().Get("page"))
	size, _ := strconv.Atoi(r.URL.Query().Get("page_size"))
	var items []string
	for id := (number-1)*size + 1; id <= min(number*size, total); id++ {
		items = append(items, fmt.Sprintf(`{"id":%d,"domains":[{"name":"d%d.Example.com"},{"name":null}]}`, id, id))
	}
	_, _ = fmt.Fprintf(w, `{"items":[%s]%s}`, strings.Join(items, ","), rest)
}

func TestCertificates(t *testing.T) {
	const next = `,"@links":{"next":{"href":"/x"}}`
	tests := map[string]struct {
		total    int
		rest     func(last bool) string
		requests int
	}{
		"none":       {0, func(bool) string { return `,"total_items":0` }, 1},
		"total":      {45, func(bool) string { return `,"total_items":45` }, 6},
		"full total": {40, func(bool) string { return `,"total_items":40` }, 4},
		"links": {40, func(last bool) string {
			if last {
				return `,"@links":{}`
			}
			return next
		}, 4},
		"cursor": {45, func(last bool) string {
			if last {
				return ""
			}
			return `,"next_cursor":"abc"`
		}, 6},
		"nothing":              {45, func(bool) string { return "" }, 6},
		"links that never end": {45, func(bool) string { return next }, 8},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				number, _ := strconv.Atoi(r.URL.Query().Get("page"))
				page(w, r, test.total, test.rest(number*pageSize >= test.total))
			})
			certificates, err := c.Certificates(t.Context(), CertificateFilter{})
			if err != nil {
				t.Fatal(err)
			}
			if len(certificates) != test.total || len(server.Requests()) != test.requests {
				t.Errorf("got %d certificates in %d requests, want %d in %d", len(certificates), len(server.Requests()), test.total, test.requests)
			}
			if got := server.Requests()[0]; got != "GET /sec/cps/v2.0/certificates?page=1&page_size=20" {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestCertificatesFilter(t *testing.T) {
	tests := map[string]struct {
		filter CertificateFilter
		query  string
		found  int
	}{
		"label":           {CertificateFilter{Label: "a*"}, "certificate_label:a*", 3},
		"domain":          {CertificateFilter{Domain: "*.example.com"}, "domain_names:*.example.com", 3},
		"both":            {CertificateFilter{Label: "a*", Domain: "d2.example.com"}, "certificate_label:a*", 1},
		"both, a pattern": {CertificateFilter{Label: "a*", Domain: "d*.example.*"}, "certificate_label:a*", 3},
		"both, none":      {CertificateFilter{Label: "a*", Domain: "example.com"}, "certificate_label:a*", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var query string
			c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				query = r.URL.Query().Get("query")
				page(w, r, 3, "")
			})
			certificates, err := c.Certificates(t.Context(), test.filter)
			if err != nil {
				t.Fatal(err)
			}
			if query != test.query || len(certificates) != test.found {
				t.Errorf("got query %q, %d certificates; want %q, %d", query, len(certificates), test.query, test.found)
			}
		})
	}
}

func TestLike(t *testing.T) {
	tests := map[[2]string]bool{
		{"example.com", "example.com"}: true, {"example.com", "example.org"}: false, {"a.example.com", "*.example.com"}: true,
		{"example.com", "*.example.com"}: false, {"example.com", "*"}: true, {"", "*"}: true, {"abc", "a*b*c"}: true,
		{"ac", "a*b*c"}: false, {"aba", "ab*ba"}: false, {"abba", "ab*ba"}: true, {"abc", "**c"}: true, {"a", ""}: false,
	}
	for test, want := range tests {
		if got := like(test[0], test[1]); got != want {
			t.Errorf("%q like %q: got %t", test[0], test[1], got)
		}
	}
}

func TestCertificatesContradict(t *testing.T) {
	for name, body := range map[string]string{
		"no advance": `{"items":[{"id":1}],"total_items":100}`, "no list": `{}`, "null": `{"items":null,"total_items":3}`,
		"empty": `{"items":[],"total_items":3}`,
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := serveText(t, http.StatusOK, body)
			_, err := c.Certificates(t.Context(), CertificateFilter{})
			clienttest.Failed(t, err, client.KindBody)
		})
	}
}
