// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// responseOf decodes the validation of an order and the domains that were read, by id.
func responseOf(t *testing.T, validation string, domains map[string]string) Response {
	t.Helper()
	response := Response{Validation: clienttest.Decode[OrderValidation](t, validation), read: true, Domains: make(map[string]*Domain)}
	for id, domain := range domains {
		response.Domains[id] = nil // a refused one
		if domain != "" {
			response.Domains[id] = clienttest.Decode[Domain](t, domain)
		}
	}
	return response
}

// today is when the orders of the tests are read.
var today = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

func TestOrderOfResponses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		validation string
		domains    map[string]string
		records    map[string]string
		names      map[string]string
		complete   bool
	}{
		{
			name: "TXT at the scope, the token verbatim, with its expiry",
			validation: `{"dns_name_validations":[{"domain_id":"1","name_scope":"Example.com","status":"pending","method":"dns-txt-token",` +
				`"dns_names":["*.example.com","Example.com"]}]}`,
			domains: map[string]string{"1": `{"dcv_token":{"token":"_X9kq","expiration_date":"2026-02-01T00:00:00+00:00"}}`},
			records: map[string]string{"example.com": "example.com TXT _X9kq pending [*.example.com Example.com] until 2026-02-01T00:00:00+00:00"},
			names: map[string]string{
				"*.example.com": "pending by dns-txt-token until null at example.com",
				"Example.com":   "pending by dns-txt-token until null at example.com",
			},
		},
		{
			name: "CNAME at _dnsauth of each scope",
			validation: `{"dns_name_validations":[
				{"domain_id":"1","name_scope":"example.com","status":"pending","method":"dns-cname-token","dns_names":["example.com"]},
				{"domain_id":"2","name_scope":"www.example.com","status":"rejected","method":"dns-cname-token","dns_names":["www.example.com"]}]}`,
			domains: map[string]string{"1": `{"dcv_token":{"token":"Abc"}}`, "2": `{"dcv_token":{"token":"Def",` +
				`"verification_value":"other.example"}}`},
			records: map[string]string{
				"example.com":     "_dnsauth.example.com CNAME Abc.dcv.digicert.com pending [example.com]",
				"www.example.com": "_dnsauth.www.example.com CNAME Def.dcv.digicert.com failed [www.example.com]",
			},
			names: map[string]string{
				"example.com":     "pending by dns-cname-token until null at example.com",
				"www.example.com": "failed by dns-cname-token until null at www.example.com",
			},
		},
		{
			name: "an order by base domain has one record at it",
			validation: `{"order_name_scope":"base_domain","dns_name_validations":[{"domain_id":"1","name_scope":"example.org",` +
				`"status":"pending","method":"dns-txt-token","dns_names":["app.example.org","api.example.org"]}]}`,
			domains: map[string]string{"1": `{"dcv_token":{"token":"t"}}`},
			records: map[string]string{"example.org": "example.org TXT t pending [api.example.org app.example.org]"},
			names: map[string]string{
				"app.example.org": "pending by dns-txt-token until null at example.org",
				"api.example.org": "pending by dns-txt-token until null at example.org",
			},
		},
		{
			name:       "without a scope the domain's name serves",
			validation: `{"dns_name_validations":[{"domain_id":1,"status":"pending","method":"dns-txt-token","dns_names":["www.example.com"]}]}`,
			domains:    map[string]string{"1": `{"name":"example.com","dcv_token":{"token":"t"}}`},
			records:    map[string]string{"example.com": "example.com TXT t pending [www.example.com]"},
			names:      map[string]string{"www.example.com": "pending by dns-txt-token until null at example.com"},
		},
		{
			name: "without either the first name serves",
			validation: `{"dns_name_validations":[{"domain_id":"1","status":"pending","method":"DNS-CNAME-TOKEN","dns_names":["*.example.com"]},` +
				`{"domain_id":"2"}]}`,
			domains: map[string]string{"1": `{"dcv_token":{"token":"t"}}`},
			records: map[string]string{"example.com": "_dnsauth.example.com CNAME t.dcv.digicert.com pending [*.example.com]"},
			names:   map[string]string{"*.example.com": "pending by DNS-CNAME-TOKEN until null at example.com"},
		},
		{
			name: "the order's method where the validation has none",
			validation: `{"order_dcv_method":"dns-txt-token","dns_name_validations":[{"domain_id":"1","name_scope":"example.com",` +
				`"status":"pending"}]}`,
			domains: map[string]string{"1": `{"dcv_token":{"token":"t"}}`},
			records: map[string]string{"example.com": "example.com TXT t pending [example.com]"},
			names:   map[string]string{"example.com": "pending by dns-txt-token until null at example.com"},
		},
		{
			name: "HTTP and e-mail have no record",
			validation: `{"dns_name_validations":[
				{"domain_id":"1","name_scope":"a.example.com","status":"pending","method":"http-token"},
				{"domain_id":"1","name_scope":"b.example.com","status":"pending","method":"http-token-dynamic"},
				{"domain_id":"2","name_scope":"c.example.com","status":"pending","method":"email"},
				{"domain_id":"1","name_scope":"d.example.com","status":"pending","method":"smoke-signal"},
				{"domain_id":"1","name_scope":"e.example.com","status":"pending"}]}`,
			domains: map[string]string{"1": `{"dcv_token":{"token":"t","http_token_url":"http://a.example.com/x"}}`,
				"2": `{"dcv_token":{"token":"t"}}`},
			records: map[string]string{},
			names: map[string]string{
				"a.example.com": "pending by http-token until null at null",
				"b.example.com": "pending by http-token-dynamic until null at null",
				"c.example.com": "pending by email until null at null",
				"d.example.com": "unknown by smoke-signal until null at null",
				"e.example.com": "unknown by null until null at null",
			},
		},
		{
			name: "a refused domain leaves the others",
			validation: `{"dns_name_validations":[
				{"domain_id":"1","name_scope":"a.example.com","status":"pending","method":"dns-txt-token"},
				{"domain_id":"2","name_scope":"b.example.com","status":"pending","method":"dns-txt-token"}]}`,
			domains: map[string]string{"1": "", "2": `{"dcv_token":{"token":"t"}}`},
			records: map[string]string{"b.example.com": "b.example.com TXT t pending [b.example.com]"},
			names: map[string]string{
				"a.example.com": "pending by dns-txt-token until null at null",
				"b.example.com": "pending by dns-txt-token until null at b.example.com",
			},
		},
		{
			name: "no token after validation",
			validation: `{"dns_name_validations":[{"domain_id":"1","name_scope":"example.com","status":"approved","method":"dns-txt-token",` +
				`"approval_expiration_date":"2027-01-01T00:00:00+00:00"}]}`,
			domains:  map[string]string{"1": `{"name":"example.com"}`},
			records:  map[string]string{},
			names:    map[string]string{"example.com": "validated by dns-txt-token until 2027-01-01T00:00:00+00:00 at null"},
			complete: true,
		},
		{
			name: "an empty token is none",
			validation: `{"dns_name_validations":[{"domain_id":"1","name_scope":"example.com","method":"dns-txt-token"},{"domain_id":"1",` +
				`"name_scope":"b.example.com","method":"dns-cname-token"}]}`,
			domains: map[string]string{"1": `{"dcv_token":{"token":""}}`},
			records: map[string]string{},
			names: map[string]string{
				"example.com":   "unknown by dns-txt-token until null at null",
				"b.example.com": "unknown by dns-cname-token until null at null",
			},
		},
		{
			name: "an approval that has ended is open again",
			validation: `{"order_status":"pending","dns_name_validations":[{"domain_id":"1","name_scope":"example.com","status":"approved",` +
				`"method":"dns-txt-token","approval_expiration_date":"2026-01-15T11:59:59+00:00"}]}`,
			domains: map[string]string{"1": `{"name":"example.com"}`},
			records: map[string]string{},
			names:   map[string]string{"example.com": "action_required by dns-txt-token until 2026-01-15T11:59:59+00:00 at null"},
		},
		{
			name: "nothing matters after the certificate is issued",
			validation: `{"order_status":"issued","dns_name_validations":[{"domain_id":"1","name_scope":"example.com","status":"approved",` +
				`"method":"dns-txt-token","approval_expiration_date":"2026-01-14"}]}`,
			domains:  map[string]string{"1": `{"name":"example.com"}`},
			records:  map[string]string{},
			names:    map[string]string{"example.com": "validated by dns-txt-token until 2026-01-14 at null"},
			complete: true,
		},
		{
			name: "a validation without a name is open",
			validation: `{"order_status":"pending","dns_name_validations":[{"dns_name":"example.org","status":"approved"},null,{"domain_id":"1",` +
				`"name_scope":"example.com","status":"approved","method":"dns-txt-token"}]}`,
			records: map[string]string{},
			names:   map[string]string{"example.com": "validated by dns-txt-token until null at null"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			order, err := responseOf(t, test.validation, test.domains).Order(today, dcv.TXTOwnerDomain)
			if err != nil {
				t.Fatal(err)
			}
			clienttest.WantSummary(t, order, test.records, test.names, test.complete)
		})
	}
}

func TestDCVStatus(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]dcv.Status{
		"approved": dcv.StatusValidated, "active": dcv.StatusValidated, "complete": dcv.StatusValidated, "Completed": dcv.StatusValidated,
		"pending": dcv.StatusPending, "submitted": dcv.StatusPending, "PROCESSING": dcv.StatusPending,
		"expired":  dcv.StatusActionRequired,
		"rejected": dcv.StatusFailed, "denied": dcv.StatusFailed,
		"": dcv.StatusUnknown, "thinking": dcv.StatusUnknown,
	} {
		if got := dcvStatus(word); got != want {
			t.Errorf("%q is %s, expected %s", word, got, want)
		}
	}
}

func TestIsTokenMethod(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]bool{
		"dns-txt-token": true, "dns-cname-token": true, "http-token": true, "http-token-dynamic": true,
		"email": false, "": false, "dns": false,
	} {
		if got := isTokenMethod(&method); got != want {
			t.Errorf("%q: %t, expected %t", method, got, want)
		}
	}
	if isTokenMethod(nil) {
		t.Error("no method is a token method")
	}
}

// TestTXTOwner publishes where the user asks, and knows the other place.
func TestTXTOwner(t *testing.T) {
	t.Parallel()
	for owner, want := range map[string][]string{
		dcv.TXTOwnerDNSAuth: {"_dnsauth.example.com.", "example.com"},
		dcv.TXTOwnerDomain:  {"example.com.", "_dnsauth.example.com"},
	} {
		p := dcv.DigiCertTXT("*.Example.com", "t", nil, owner)
		if got := []string{p.Name, p.AlsoAccepted[0]}; !slices.Equal(got, want) {
			t.Errorf("%s: got %v, expected %v", owner, got, want)
		}
	}
}

// TestOrderStatus tells where an order stands as a whole.
func TestOrderStatus(t *testing.T) {
	t.Parallel()
	for status, test := range map[string]struct {
		want dcv.Order
		done bool
	}{
		`"pending"`:         {dcv.Order{}, true},
		`"Processing"`:      {dcv.Order{}, true},
		`"issued"`:          {dcv.Order{Issued: true}, true},
		`"reissue_pending"`: {dcv.Order{Renewing: true}, true},
		`"canceled"`:        {dcv.Order{Ended: "the order has the status canceled"}, false},
		`"CANCELLED"`:       {dcv.Order{Ended: "the order has the status cancelled"}, false},
		`"declined"`:        {dcv.Order{Ended: "the order has the status declined"}, false},
		`"expired"`:         {dcv.Order{Ended: "the order has the status expired"}, false},
		`"REFUSED"`:         {dcv.Order{Unknown: "refused"}, false},
		`null`:              {dcv.Order{Unknown: "(none)"}, false},
	} {
		order, err := responseOf(t, `{"order_status":`+status+`,"dns_name_validations":[{"name_scope":"example.com","status":"approved",`+
			`"method":"email"}]}`, nil).Order(today, dcv.TXTOwnerDNSAuth)
		if err != nil {
			t.Fatal(err)
		}
		if got := order.Done(); got != test.done {
			t.Errorf("%s: done is %t", status, got)
		}
		order.Challenges = nil
		if diff := cmp.Diff(test.want, order); diff != "" {
			t.Errorf("%s (-want +got):\n%s", status, diff)
		}
	}
}

// TestOrderFailsClosed tells what is missing from an order.
func TestOrderFailsClosed(t *testing.T) {
	t.Parallel()
	for validation, unusable := range map[string]bool{
		`{"order_status":"pending"}`:                               true,
		`{"order_status":"pending","dns_name_validations":[]}`:     true,
		`{"order_status":"somewhere","dns_name_validations":null}`: true,
		`{"order_status":"needs_approval"}`:                        false,
		`{"order_status":"needs_csr","dns_name_validations":[]}`:   false,
		`{"order_status":"issued","dns_name_validations":null}`:    false,
		`{"order_status":"rejected","dns_name_validations":[]}`:    false,
	} {
		if _, err := responseOf(t, validation, nil).Order(today, dcv.TXTOwnerDNSAuth); (err != nil) != unusable {
			t.Errorf("%s: %v", validation, err)
		}
	}
	for validation, wrong := range map[string]string{
		`"name_scope":"example.com","dns_names":["example.com","example.org"]`: `"example.com" validated for "example.org"`,
		`"dns_names":[]`: "no domain that it validates",
	} {
		_, err := responseOf(t, `{"order_status":"pending","dns_name_validations":[{"domain_id":"1","status":"pending","method":"dns-txt-token",`+
			validation+`}]}`, map[string]string{"1": `{"id":1,"dcv_token":{"token":"t"}}`}).Order(today, dcv.TXTOwnerDNSAuth)
		if err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s: got %v, expected %q", validation, err, wrong)
		}
	}
	for name, test := range map[string]struct {
		validation string
		domains    map[string]string
		doubts     int
		reason     string
	}{
		"unknown method": {`{"order_status":"pending","dns_name_validations":[{"domain_id":"1",` +
			`"name_scope":"example.com","status":"pending","method":42}]}`, nil, 1, ""},
		"no method": {`{"order_status":"pending","dns_name_validations":[{"domain_id":"1",` +
			`"name_scope":"example.com","status":"pending"}]}`, nil, 1, ""},
		"no domain id": {`{"order_status":"pending","dns_name_validations":[{"name_scope":"example.com",` +
			`"status":"pending","method":"dns-txt-token"}]}`, nil, 1, "DigiCert gives no domain id, and without it the token cannot be read."},
		"no token": {`{"order_status":"pending","dns_name_validations":[{"domain_id":"1",` +
			`"name_scope":"example.com","status":"pending","method":"dns-txt-token"}]}`, map[string]string{"1": `{"id":1}`}, 1,
			"DigiCert returns no token for the domain."},
		"an empty token": {`{"order_status":"pending","dns_name_validations":[{"domain_id":"1",` +
			`"name_scope":"example.com","status":"pending","method":"dns-txt-token"}]}`, map[string]string{"1": `{"id":1,"dcv_token":{"token":""}}`},
			1, "DigiCert returns no token for the domain."},
		"an address among the names": {`{"order_status":"pending","dns_name_validations":[{"domain_id":"1","name_scope":"example.com",` +
			`"status":"pending","method":"dns-txt-token","dns_names":["192.0.2.1"]}]}`,
			map[string]string{"1": `{"id":1,"dcv_token":{"token":"t"}}`}, 0, ""},
		"an empty date of an approval": {`{"order_status":"pending","dns_name_validations":[{"domain_id":"1","name_scope":"example.com",` +
			`"status":"approved","method":"dns-txt-token","approval_expiration_date":""}]}`, map[string]string{"1": `{"id":1}`}, 0, ""},
		"not placed": {`{"order_status":"needs_approval","dns_name_validations":[{"domain_id":"1",` +
			`"name_scope":"example.com","status":"pending","method":"dns-txt-token"}]}`, map[string]string{"1": `{"id":1}`}, 0, dcv.ReasonNotPlaced},
		"a file": {`{"order_status":"pending","dns_name_validations":[{"name_scope":"example.com",` +
			`"status":"pending","method":"http-token"}]}`, nil, 0, ""},
		"an unknown method of a validated name": {`{"order_status":"pending","dns_name_validations":[{"name_scope":"example.com",` +
			`"status":"approved","method":"pigeon"}]}`, nil, 0, ""},
		"an unknown method of an issued order": {`{"order_status":"issued","dns_name_validations":[{"name_scope":"example.com",` +
			`"status":"pending","method":"pigeon"}]}`, nil, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			order, err := responseOf(t, test.validation, test.domains).Order(today, dcv.TXTOwnerDNSAuth)
			if err != nil {
				t.Fatal(err)
			}
			if len(order.Doubts) != test.doubts || order.Challenges[0].Reason != test.reason {
				t.Errorf("doubts %v, reason %q", order.Doubts, order.Challenges[0].Reason)
			}
		})
	}
	forbidden, notFound := &client.Error{Kind: client.KindForbidden}, &client.Error{Kind: client.KindNotFound}
	for name, test := range map[string]struct {
		order, status string
		err           error
		fatal         []bool
	}{
		"refused while open":                  {"pending", "pending", forbidden, []bool{true}},
		"refused when validated":              {"pending", "approved", forbidden, []bool{false}},
		"refused when issued":                 {"issued", "pending", forbidden, []bool{false}},
		"refused when ended":                  {"canceled", "pending", forbidden, []bool{false}},
		"no token before the order is placed": {"needs_approval", "pending", notFound, nil},
		"not found while open":                {"pending", "pending", notFound, []bool{true}},
		"an outage":                           {"issued", "approved", &client.Error{Kind: client.KindUnavailable}, []bool{true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := responseOf(t, `{"order_status":"`+test.order+`","dns_name_validations":[{"domain_id":"1","name_scope":"example.com",`+
				`"status":"`+test.status+`","method":"dns-txt-token"}]}`, map[string]string{"1": ""})
			response.Failures = []domainFailure{{"1", test.err}}
			order, err := response.Order(today, dcv.TXTOwnerDNSAuth)
			if err != nil {
				t.Fatal(err)
			}
			var fatal []bool
			for _, u := range order.Unread {
				fatal = append(fatal, u.Fatal())
			}
			if !slices.Equal(fatal, test.fatal) {
				t.Errorf("got %v, expected %v", fatal, test.fatal)
			}
		})
	}
}
