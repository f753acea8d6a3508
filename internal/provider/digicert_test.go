// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// digicertAnswerOf decodes the validation of an order and the domains that were read, by id.
func digicertAnswerOf(t *testing.T, validation string, domains map[string]string) digicertAnswer {
	t.Helper()
	answer := digicertAnswer{validation: decode[digicert.OrderValidation](t, validation), domains: make(map[string]*digicert.Domain)}
	for id, domain := range domains {
		answer.domains[id] = nil // a refused one
		if domain != "" {
			answer.domains[id] = decode[digicert.Domain](t, domain)
		}
	}
	return answer
}

func TestDigicertChallenges(t *testing.T) {
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
			name:       "TXT at the scope, the token verbatim, with its expiry",
			validation: `{"dns_name_validations":[{"domain_id":"1","name_scope":"Example.com","status":"pending","method":"dns-txt-token","dns_names":["*.example.com","Example.com"]}]}`,
			domains:    map[string]string{"1": `{"dcv_token":{"token":"_X9kq.","expiration_date":"2026-02-01T00:00:00+00:00"}}`},
			records:    map[string]string{"example.com": "example.com TXT _X9kq. pending [*.example.com Example.com] until 2026-02-01T00:00:00+00:00"},
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
			domains: map[string]string{"1": `{"dcv_token":{"token":"Abc"}}`, "2": `{"dcv_token":{"token":"Def","verification_value":"other.example"}}`},
			records: map[string]string{
				"example.com":     "_dnsauth.example.com CNAME abc.dcv.digicert.com pending [example.com]",
				"www.example.com": "_dnsauth.www.example.com CNAME def.dcv.digicert.com failed [www.example.com]",
			},
			names: map[string]string{
				"example.com":     "pending by dns-cname-token until null at example.com",
				"www.example.com": "failed by dns-cname-token until null at www.example.com",
			},
		},
		{
			name:       "an order by base domain has one record at it",
			validation: `{"order_name_scope":"base_domain","dns_name_validations":[{"domain_id":"1","name_scope":"example.org","status":"pending","method":"dns-txt-token","dns_names":["app.example.org","api.example.org"]}]}`,
			domains:    map[string]string{"1": `{"dcv_token":{"token":"t"}}`},
			records:    map[string]string{"example.org": "example.org TXT t pending [api.example.org app.example.org]"},
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
			name:       "without either the first name serves",
			validation: `{"dns_name_validations":[{"domain_id":"1","status":"pending","method":"dns-cname-token","dns_names":["*.example.com"]},{"domain_id":"2"}]}`,
			domains:    map[string]string{"1": `{"dcv_token":{"token":"t"}}`},
			records:    map[string]string{"example.com": "_dnsauth.example.com CNAME t.dcv.digicert.com pending [*.example.com]"},
			names:      map[string]string{"*.example.com": "pending by dns-cname-token until null at example.com"},
		},
		{
			name:       "the order's method where the validation has none",
			validation: `{"order_dcv_method":"dns-txt-token","dns_name_validations":[{"domain_id":"1","name_scope":"example.com","status":"pending"}]}`,
			domains:    map[string]string{"1": `{"dcv_token":{"token":"t"}}`},
			records:    map[string]string{"example.com": "example.com TXT t pending [example.com]"},
			names:      map[string]string{"example.com": "pending by dns-txt-token until null at example.com"},
		},
		{
			name: "HTTP and e-mail have no record",
			validation: `{"dns_name_validations":[
				{"domain_id":"1","name_scope":"a.example.com","status":"pending","method":"http-token"},
				{"domain_id":"1","name_scope":"b.example.com","status":"pending","method":"http-token-dynamic"},
				{"domain_id":"2","name_scope":"c.example.com","status":"pending","method":"email"},
				{"domain_id":"1","name_scope":"d.example.com","status":"pending","method":"smoke-signal"},
				{"domain_id":"1","name_scope":"e.example.com","status":"pending"}]}`,
			domains: map[string]string{"1": `{"dcv_token":{"token":"t","http_token_url":"http://a.example.com/x"}}`, "2": `{"dcv_token":{"token":"t"}}`},
			records: map[string]string{},
			names: map[string]string{
				"a.example.com": "pending by http-token until null at null",
				"b.example.com": "pending by http-token-dynamic until null at null",
				"c.example.com": "pending by email until null at null",
				"d.example.com": "pending by smoke-signal until null at null",
				"e.example.com": "pending by null until null at null",
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
			name:       "no token after validation",
			validation: `{"dns_name_validations":[{"domain_id":"1","name_scope":"example.com","status":"approved","method":"dns-txt-token","approval_expiration_date":"2027-01-01T00:00:00+00:00"}]}`,
			domains:    map[string]string{"1": `{"name":"example.com"}`},
			records:    map[string]string{},
			names:      map[string]string{"example.com": "validated by dns-txt-token until 2027-01-01T00:00:00+00:00 at null"},
			complete:   true,
		},
		{
			name:       "an empty token is none",
			validation: `{"dns_name_validations":[{"domain_id":"1","name_scope":"example.com","method":"dns-txt-token"},{"domain_id":"1","name_scope":"b.example.com","method":"dns-cname-token"}]}`,
			domains:    map[string]string{"1": `{"dcv_token":{"token":""}}`},
			records:    map[string]string{},
			names: map[string]string{
				"example.com":   "unknown by dns-txt-token until null at null",
				"b.example.com": "unknown by dns-cname-token until null at null",
			},
		},
		{name: "nothing", validation: `{"dns_name_validations":null}`, records: map[string]string{}, names: map[string]string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantSummary(t, digicertAnswerOf(t, test.validation, test.domains).challenges(), test.records, test.names, test.complete)
		})
	}
}

func TestDigicertDCVStatus(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]dcv.Status{
		"approved": dcv.StatusValidated, "active": dcv.StatusValidated, "complete": dcv.StatusValidated, "Completed": dcv.StatusValidated,
		"pending": dcv.StatusPending, "submitted": dcv.StatusPending, "PROCESSING": dcv.StatusPending,
		"expired":  dcv.StatusActionRequired,
		"rejected": dcv.StatusFailed, "denied": dcv.StatusFailed,
		"": dcv.StatusUnknown, "thinking": dcv.StatusUnknown,
	} {
		if got := digicertDCVStatus(word); got != want {
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
