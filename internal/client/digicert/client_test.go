// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
)

const key = "ABCDEF0123456789"

func serve(t *testing.T, answer http.HandlerFunc) (*Client, *clienttest.Server) {
	t.Helper()
	server := clienttest.NewServer(t, answer)
	c, err := New(Config{APIKey: key, BaseURL: server.URL})
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
		"no key":         {},
		"key with break": {APIKey: key + "\n"},
		"base URL":       {APIKey: key, BaseURL: "http://www.digicert.com"},
		"query":          {APIKey: key, BaseURL: "https://www.digicert.com/?a=b"},
	}
	for name, config := range tests {
		if _, err := New(config); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestBaseURL(t *testing.T) {
	tests := map[string]string{
		"":                                 DefaultBaseURL,
		"https://certcentral.digicert.eu":  "https://certcentral.digicert.eu/services/v2",
		"https://certcentral.digicert.eu/": "https://certcentral.digicert.eu/services/v2",
		"https://certcentral.digicert.eu/services/v2":   "https://certcentral.digicert.eu/services/v2",
		"https://certcentral.digicert.eu/services/v2//": "https://certcentral.digicert.eu/services/v2//",
		"https://proxy.example.com/digicert":            "https://proxy.example.com/digicert/services/v2",
	}
	for raw, want := range tests {
		if got := baseURL(raw); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}

func TestOrderValidation(t *testing.T) {
	c, server := serveFixture(t, "order_validation_112211.json")
	validation, err := c.OrderValidation(t.Context(), "112211")
	if err != nil {
		t.Fatal(err)
	}
	clienttest.SameJSON(t, clienttest.Fixture(t, "order_validation_112211.json"), validation, func(source map[string]any) {
		source["organization_validations"].([]any)[0].(map[string]any)["verified_contacts"] = nil
	})
	if diff := cmp.Diff([]string{"GET /services/v2/order/certificate/112211/validation"}, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if got := server.Header("X-DC-DEVKEY"); got != key {
		t.Errorf("got key %q", got)
	}
	if got := server.Header("Accept"); got != "application/json" {
		t.Errorf("got Accept %q", got)
	}
}

func TestOrderValidationWithEverything(t *testing.T) {
	c, _ := serveFixture(t, "order_validation_20001_ov.json")
	validation, err := c.OrderValidation(t.Context(), "20001")
	if err != nil {
		t.Fatal(err)
	}
	clienttest.SameJSON(t, clienttest.Fixture(t, "order_validation_20001_ov.json"), validation, func(source map[string]any) {
		source["order_id"] = "20001"
		organizations := source["organization_validations"].([]any)
		organizations[0].(map[string]any)["verification_details"] = map[string]any{
			"organization_type": "complete", "request_authenticity": `{"status":"pending"}`, "place": "true", "tries": "3",
		}
		delete(organizations[1].(map[string]any), "verification_details")
		source["dns_name_validations"].([]any)[0].(map[string]any)["domain_id"] = "1234"
	})
	details := validation.OrganizationValidations[0].VerificationDetails
	if value, ok := details["blacklist_fraud"]; !ok || value != nil {
		t.Errorf("got %v, %t for a null detail", value, ok)
	}
	var sample OrderValidation
	if err := json.Unmarshal(clienttest.Fixture(t, "order_validation_112211.json"), &sample); err != nil {
		t.Fatal(err)
	}
	if missing := clienttest.Unset(validation, &sample); missing != nil {
		t.Errorf("never set: %v", missing)
	}
}

func TestDomain(t *testing.T) {
	c, server := serveFixture(t, "domain_1234.json")
	domain, err := c.Domain(t.Context(), "1234")
	if err != nil {
		t.Fatal(err)
	}
	clienttest.SameJSON(t, clienttest.Fixture(t, "domain_1234.json"), domain, func(source map[string]any) {
		source["is_active"] = true
		source["organization"].(map[string]any)["is_active"] = true
	})
	if missing := clienttest.Unset(domain); missing != nil {
		t.Errorf("never set: %v", missing)
	}
	want := "GET /services/v2/domain/1234?include_dcv=true&include_validation=true&include_validation_reuse_status=true"
	if diff := cmp.Diff([]string{want}, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestRequest(t *testing.T) {
	tests := map[string]struct {
		id     int64
		change func(map[string]any)
	}{
		"request_198_approved.json":   {198, nil},
		"request_198_pending.json":    {198, nil},
		"request_201_auto_renew.json": {201, nil},
		"request_199_code_signing.json": {199, func(source map[string]any) {
			source["id"] = json.Number("199")
			order := source["order"].(map[string]any)
			order["auto_renew"] = json.Number("1")
			order["disable_ct"] = true
			order["ship_info"].(map[string]any)["zip"] = "84043"
		}},
		"request_200_revoke.json": {200, nil},
	}
	var all []any
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, server := serveFixture(t, name)
			request, err := c.Request(t.Context(), test.id)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, request)
			clienttest.SameJSON(t, clienttest.Fixture(t, name), request, func(source map[string]any) {
				if test.change != nil {
					test.change(source)
				}
				// The exact spelling of an amount is text here.
				order := source["order"].(map[string]any)
				if price, ok := order["price"].(json.Number); ok {
					order["price"] = price.String()
				}
			})
			if diff := cmp.Diff([]string{fmt.Sprintf("GET /services/v2/request/%d", test.id)}, server.Requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
	if missing := clienttest.Unset(all...); missing != nil {
		t.Errorf("never set: %v", missing)
	}
}

func TestAnswersAboutAnother(t *testing.T) {
	c, _ := serveText(t, http.StatusOK, `{"order_id":"8","id":9}`)
	tests := map[string]struct {
		read    func() error
		message string
	}{
		"order": {func() error { _, err := c.OrderValidation(t.Context(), "7"); return err }, `the response is about order "8" where "7" ` +
			`was asked for`},
		"domain": {func() error { _, err := c.Domain(t.Context(), "7"); return err }, `the response is about domain "9" where "7" was ` +
			`asked for`},
		"request": {func() error { _, err := c.Request(t.Context(), 7); return err }, `the response is about request "9" where "7" was ` +
			`asked for`},
	}
	for name, test := range tests {
		if failure := clienttest.Failed(t, test.read(), client.KindBody); failure.Message != test.message {
			t.Errorf("%s: got %q", name, failure.Message)
		}
	}
	if _, err := c.OrderValidation(t.Context(), "008"); err != nil {
		t.Errorf("leading zeros asked for: %v", err)
	}
	c, _ = serveText(t, http.StatusOK, `{"order_id":"008"}`)
	if _, err := c.OrderValidation(t.Context(), "8"); err != nil {
		t.Errorf("leading zeros answered: %v", err)
	}
}

func TestIDsAreEscaped(t *testing.T) {
	c, server := serveText(t, http.StatusOK, `{"order_status":"pending"}`)
	if _, err := c.OrderValidation(t.Context(), "1/../2?x"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"GET /services/v2/order/certificate/1%2F..%2F2%3Fx/validation"}, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	for _, id := range []string{"", ".."} {
		_, err := c.Domain(t.Context(), id)
		clienttest.Failed(t, err, client.KindInvalid)
	}
}

func TestErrors(t *testing.T) {
	tests := map[string]struct {
		status        int
		body          string
		kind          client.Kind
		code, message string
		details       []string
	}{
		"not found": {404, string(clienttest.Fixture(t, "error_not_found.json")), client.KindNotFound,
			"not_found|order", "The order does not exist.", []string{"other: More."}},
		"one object": {403, string(clienttest.Fixture(t, "error_object.json")), client.KindUnauthorized,
			"access_denied|access_denied_invalid_key", "The key is not valid.", nil},
		"permission": {403, `{"errors":[{"code":"access_denied|missing_permission"}]}`, client.KindForbidden,
			"access_denied|missing_permission", "", nil},
		"code only": {406, `{"errors":[{"code":"c"},{"code":"d"},{"message":"e"},{}]}`, client.KindInvalid, "c", "", []string{"d", "e"}},
		"rate limit": {429, `{"errors":[{"code":"request_limit_exceeded","message":"` + key + `"}]}`, client.KindRateLimited,
			"request_limit_exceeded", "***", nil},
		"no errors":     {400, `{"errors":[]}`, client.KindInvalid, "", "", nil},
		"empty error":   {400, `{"errors":[{}]}`, client.KindInvalid, "", "", nil},
		"not an object": {401, `[]`, client.KindUnauthorized, "", "", nil},
		"firewall": {403, `<html>denied</html>`, client.KindForbidden, "", "the response is an HTML page, so a firewall or a proxy sent " +
			"it rather than the API", nil},
		"firewall, 200": {200, `<html>denied</html>`, client.KindBody, "", "the response is an HTML or XML page instead of JSON; something " +
			"between here and the API may have sent it", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, server := serveText(t, test.status, test.body)
			_, err := c.OrderValidation(t.Context(), "1")
			failure := clienttest.Failed(t, err, test.kind)
			if failure.Code != test.code || failure.Message != test.message || failure.StatusCode != test.status || failure.Service != Service {
				t.Errorf("got %+v", failure)
			}
			if diff := cmp.Diff(test.details, failure.Details); diff != "" {
				t.Errorf("details (-want +got):\n%s", diff)
			}
			if n := len(server.Requests()); n != 1 {
				t.Errorf("got %d requests", n)
			}
		})
	}
}

// TestUnusableDocuments holds that a response without what makes it one is an error.
func TestUnusableDocuments(t *testing.T) {
	c, _ := serveText(t, http.StatusOK, `{}`)
	_, err := c.OrderValidation(t.Context(), "1")
	clienttest.Failed(t, err, client.KindBody)
	_, err = c.Domain(t.Context(), "1")
	clienttest.Failed(t, err, client.KindBody)
	_, err = c.Request(t.Context(), 1)
	clienttest.Failed(t, err, client.KindBody)
}

func TestDomainByName(t *testing.T) {
	c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/services/v2/domain" {
			_, _ = io.WriteString(w, `{"domains":[{"id":7,"name":"my-example.com"},{"id":8,"name":"example.com.example.net"},{"id":1234,`+
				`"name":"Example.com"}],"page":{"total":3}}`)
			return
		}
		_, _ = w.Write(clienttest.Fixture(t, "domain_1234.json"))
	})
	domain, err := c.DomainByName(t.Context(), "example.COM")
	if err != nil {
		t.Fatal(err)
	}
	if domain.DCVToken.Token.String() != "_x9Kq" {
		t.Errorf("got %+v", domain)
	}
	_, err = c.DomainByName(t.Context(), "other.example")
	if failure := clienttest.Failed(t, err, client.KindNotFound); failure.Message != `the account has no domain "other.example"` {
		t.Errorf("got %+v", failure)
	}
	want := []string{
		"GET /services/v2/domain?filters%5Bsearch%5D=example.COM&limit=1000&offset=0",
		"GET /services/v2/domain/1234?include_dcv=true&include_validation=true&include_validation_reuse_status=true",
		"GET /services/v2/domain?filters%5Bsearch%5D=other.example&limit=1000&offset=0",
	}
	if diff := cmp.Diff(want, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
