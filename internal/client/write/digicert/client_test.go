// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/client"
	read "github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/client/write/digicert"
)

// serve returns a client of a server that answers each request in one way, and the requests that it got.
func serve(t *testing.T, status int, body string) (*digicert.Client, *[]string) {
	t.Helper()
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		got = append(got, fmt.Sprintf("%s %s %s %s", r.Method, r.URL.Path, sent, r.Header.Get("X-DC-DEVKEY")))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	path := &client.WritePath{}
	if _, err := read.New(read.Config{APIKey: "k3y", BaseURL: server.URL, HTTP: client.Options{WritePath: path}}); err != nil {
		t.Fatal(err)
	}
	return digicert.New(path), &got
}

func TestRequests(t *testing.T) {
	t.Parallel()
	c, got := serve(t, http.StatusOK, "")
	for _, call := range []func() error{
		func() error { _, err := c.CheckOrder(t.Context(), "1", nil); return err },
		func() error { _, err := c.CheckOrder(t.Context(), "1", []string{"a.example.com"}); return err },
		func() error { _, err := c.CheckDomain(t.Context(), "2"); return err },
		func() error { return c.SubmitDomain(t.Context(), "2", "dns-txt-token", []string{"ov", "ev"}) },
	} {
		if err := call(); err != nil {
			t.Error(err)
		}
	}
	want := []string{
		"PUT /services/v2/order/certificate/1/check-dcv  k3y",
		`PUT /services/v2/order/certificate/1/check-dcv {"dns_names_validations":["a.example.com"]} k3y`,
		"PUT /services/v2/domain/2/dcv/validate-token  k3y",
		`POST /services/v2/domain/2/validation {"validations":[{"type":"ov"},{"type":"ev"}],"dcv_method":"dns-txt-token"} k3y`,
	}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// The responses are those of the vendor's page, and what else may come.
func TestCheckOrder(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   digicert.Check
		kind   client.Kind // 0 for none
	}{
		"issued": {200, `{"order_status":"issued","certificate_id":1,"dcv_status":"valid","dns_name_validations":[{"dns_name":"example.com",
			"status":"approved"}]}`, digicert.Check{OrderStatus: "issued", Names: map[string]string{"example.com": "approved"}}, 0},
		"one object, null and more": {200, `{"order_status":null,"dns_name_validations":{"dns_name":"example.com","status":"pending"},"x":[]}`,
			digicert.Check{Names: map[string]string{"example.com": "pending"}}, 0},
		"names without a word": {200, `{"dns_name_validations":[{"dns_name":"example.com"},{"status":"pending"},null]}`,
			digicert.Check{Names: map[string]string{}}, 0},
		"a key, and more lines": {200, `{"order_status":"k3y\n<b>"}`, digicert.Check{OrderStatus: "*** <b>", Names: map[string]string{}}, 0},
		"not found": {400, `{"errors":[{"code":"invalid_dns_txt","message":"Unable to find k3y"},{"code":"caa","message":"no"}]}`,
			digicert.Check{Reasons: []string{"invalid_dns_txt: Unable to find ***", "caa: no"}}, 0},
		"a code alone": {400, `{"errors":{"code":"file_random_value_not_found"}}`, digicert.Check{
			Reasons: []string{"file_random_value_not_found"}}, 0},
		"400 of others":  {400, "<html><title>Rejected</title></html>", digicert.Check{}, client.KindInvalid},
		"no code":        {400, `{"errors":[{"message":"?"}]}`, digicert.Check{}, client.KindInvalid},
		"view only":      {403, `{"errors":[{"code":"access_denied|missing_permission"}]}`, digicert.Check{}, client.KindForbidden},
		"another type":   {200, `{"dns_name_validations":"example.com"}`, digicert.Check{}, client.KindDecode},
		"no document":    {200, `true`, digicert.Check{}, client.KindDecode},
		"not UTF-8":      {200, "{\"order_status\":\"\xff\"}", digicert.Check{}, client.KindBody},
		"unknown order":  {404, `{"errors":[{"code":"not_found|order"}]}`, digicert.Check{}, client.KindNotFound},
		"internal error": {500, "", digicert.Check{}, client.KindUnavailable},
		"a long response": {200, `{"order_status":"` + strings.Repeat("x", 5000) + `"}`, digicert.Check{
			OrderStatus: strings.Repeat("x", 997) + "…", Names: map[string]string{}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := serve(t, test.status, test.body)
			got, err := c.CheckOrder(t.Context(), "1", nil)
			failure, ok := errors.AsType[*client.Error](err)
			if test.kind != 0 && (!ok || failure.Kind != test.kind) || test.kind == 0 && err != nil {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("check (-want +got):\n%s", diff)
			}
		})
	}
}
