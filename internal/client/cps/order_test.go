// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// TestTime holds that only the API's "no date yet" is no date.
func TestTime(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"2021-02-18T21:40:49.921598Z", "0001-01-02T00:00:00Z", "", "soon"} {
		response := responseOf(t, `{"expiration_date":"`+when+`"}`, "", "")
		if got := response.Certificate.ExpirationDate; got == nil || got.String() != when {
			t.Errorf("%q became %s", when, got)
		}
	}
	response := responseOf(t, `{"expiration_date":"0001-01-01T00:00:00Z"}`, "", "")
	if got := response.Certificate.ExpirationDate; got != nil {
		t.Errorf("the date that is not known became %s", got)
	}
}

// dated is a certificate request as the client returns it.
func dated(certificate *Certificate) *Certificate {
	certificate.DropNoDates()
	return certificate
}

// responseOf decodes what the three endpoints respond; "" stands for one that was not asked.
func responseOf(t *testing.T, certificate, status, dcvData string) Response {
	t.Helper()
	response := Response{Certificate: dated(clienttest.Decode[Certificate](t, certificate))}
	if status != "" {
		response.Status = clienttest.Decode[CertificateStatus](t, status)
	}
	if dcvData != "" {
		response.dcvWanted = true
		response.DCV = *clienttest.Decode[[]DomainDCV](t, dcvData)
	}
	return response
}

func TestOrderOfResponses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                     string
		certificate, status, dcv string
		records                  map[string]string
		names                    map[string]string
		complete                 bool
	}{
		{
			name: "TXT at the domain, the token verbatim",
			certificate: `{"dcv_method":"DnsTxtToken","validation_type":"OV","domains":[{"id":1,"name":"*.Example.com",` +
				`"status":"AwaitingCertificateAuthority"}]}`,
			dcv:     `[{"domain_id":1,"dcv_method":"DnsTxtToken","dcv_token":{"token":"_X9kq"}}]`,
			records: map[string]string{"example.com": "example.com TXT _X9kq pending [*.Example.com]"},
			names:   map[string]string{"*.Example.com": "pending by DnsTxtToken until null at example.com"},
		},
		{
			name: "CNAME at _dnsauth",
			certificate: `{"dcv_method":"DnsCnameToken","validation_type":"EV","domains":[{"id":"1","name":"cdn.example.com",` +
				`"status":"PendingDns"}]}`,
			dcv:     `[{"domain_id":1,"dcv_method":"DnsCnameToken","dcv_token":{"token":"X9kq"}}]`,
			records: map[string]string{"cdn.example.com": "_dnsauth.cdn.example.com CNAME X9kq.dcv.digicert.com action_required [cdn.example.com]"},
			names:   map[string]string{"cdn.example.com": "action_required by DnsCnameToken until null at cdn.example.com"},
		},
		{
			name: "one token of a DV certificate serves all domains",
			certificate: `{"dcv_method":"DnsTxtToken","validation_type":"DV","domains":[{"id":1,"name":"a.example.com"},{"id":2,` +
				`"name":"b.example.com"}]}`,
			dcv: `[{"domain_id":1,"dcv_method":"DnsTxtToken","dcv_token":{"token":"t"}}]`,
			records: map[string]string{
				"a.example.com": "a.example.com TXT t unknown [a.example.com]",
				"b.example.com": "b.example.com TXT t unknown [b.example.com]",
			},
			names: map[string]string{
				"a.example.com": "unknown by DnsTxtToken until null at a.example.com",
				"b.example.com": "unknown by DnsTxtToken until null at b.example.com",
			},
		},
		{
			name: "a token of an OV certificate serves its domain alone",
			certificate: `{"dcv_method":"DnsTxtToken","validation_type":"OV","domains":[{"id":1,"name":"a.example.com"},{"id":2,` +
				`"name":"b.example.com"}]}`,
			dcv:     `[{"domain_id":1,"dcv_method":"DnsTxtToken","dcv_token":{"token":"t"}}]`,
			records: map[string]string{"a.example.com": "a.example.com TXT t unknown [a.example.com]"},
			names: map[string]string{
				"a.example.com": "unknown by DnsTxtToken until null at a.example.com",
				"b.example.com": "unknown by DnsTxtToken until null at null",
			},
		},
		{
			name: "e-mail",
			certificate: `{"dcv_method":"Email","validation_type":"DV","domains":[{"id":1,"name":"a.example.com",` +
				`"status":"AwaitingCertificateAuthority"}]}`,
			dcv:     `[{"domain_id":1,"dcv_method":"Email","dcv_token":null,"emails":["admin@example.com"]}]`,
			records: map[string]string{},
			names:   map[string]string{"a.example.com": "pending by Email until null at null"},
		},
		{
			name:        "the domain's own method counts",
			certificate: `{"dcv_method":"Email","domains":[{"id":1,"name":"a.example.com"}]}`,
			dcv:         `[{"domain_id":1,"dcv_method":"DnsTxtToken","dcv_token":{"token":"t"}}]`,
			records:     map[string]string{"a.example.com": "a.example.com TXT t unknown [a.example.com]"},
			names:       map[string]string{"a.example.com": "unknown by DnsTxtToken until null at a.example.com"},
		},
		{
			name: "the token is gone after validation, and the order's word counts more than the domain's",
			certificate: `{"dcv_method":"DnsTxtToken","validation_type":"DV","domains":[{"id":1,"name":"a.example.com",` +
				`"status":"AwaitingCertificateAuthority"}]}`,
			status:   `{"order_validation":{"domain_validations":[{"domain_id":1,"domain_names":["a.example.com"],"status":"Approved"}]}}`,
			dcv:      `[{"domain_id":1,"dcv_method":"DnsTxtToken","dcv_token":null}]`,
			records:  map[string]string{},
			names:    map[string]string{"a.example.com": "validated by DnsTxtToken until null at null"},
			complete: true,
		},
		{
			name:        "a validation without a domain id is found by name",
			certificate: `{"dcv_method":"DnsTxtToken","domains":[{"id":1,"name":"a.example.com","status":"Active"}]}`,
			status: `{"order_validation":{"domain_validations":[{"domain_names":[null,"other.example.com"],"status":"Approved"},` +
				`{"domain_names":["A.example.com"],"status":"Rejected"}]}}`,
			records: map[string]string{},
			names:   map[string]string{"a.example.com": "failed by DnsTxtToken until null at null"},
		},
		{
			name:        "a domain without a name is open",
			certificate: `{"dcv_method":"DnsTxtToken","domains":[null,{"id":1},{"id":2,"name":"a.example.com","status":"Active"}]}`,
			records:     map[string]string{},
			names:       map[string]string{"a.example.com": "validated by DnsTxtToken until null at null"},
		},
		{
			name:        "methods and statuses in any case",
			certificate: `{"dcv_method":"dnscnametoken","domains":[{"id":1,"name":"a.example.com","status":"ACTIVE"}]}`,
			dcv:         `[{"domain_id":1,"dcv_method":"DNSCNAMETOKEN","dcv_token":"Abc"}]`,
			records:     map[string]string{"a.example.com": "_dnsauth.a.example.com CNAME Abc.dcv.digicert.com validated [a.example.com]"},
			names:       map[string]string{"a.example.com": "validated by DNSCNAMETOKEN until null at a.example.com"},
			complete:    true,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			order, err := responseOf(t, test.certificate, test.status, test.dcv).Order(dcv.TXTOwnerDomain)
			if err != nil {
				t.Fatal(err)
			}
			clienttest.WantSummary(t, order, test.records, test.names, test.complete)
		})
	}
}

// TestDomainStatus covers every documented status of a domain, alone and beside every status of its validation.
func TestDomainStatus(t *testing.T) {
	t.Parallel()
	own := map[string]dcv.Status{
		"ProvisioningInitiated":        dcv.StatusPending,
		"AwaitingCertificateAuthority": dcv.StatusPending,
		"Active":                       dcv.StatusValidated,
		"PendingDelete":                dcv.StatusUnknown,
		"Delete":                       dcv.StatusUnknown,
		"PendingDns":                   dcv.StatusActionRequired,
		"Rejected":                     dcv.StatusFailed,
		"TimedOut":                     dcv.StatusFailed,
		"PendingReissue":               dcv.StatusPending,
		"SecretRejected":               dcv.StatusFailed,
		"SomethingNew":                 dcv.StatusUnknown,
		"":                             dcv.StatusUnknown,
	}
	order := map[string]dcv.Status{
		"Approved": dcv.StatusValidated,
		"Pending":  dcv.StatusPending,
		"Rejected": dcv.StatusFailed,
		// These say nothing of the domain, so that its own status decides.
		"Unknown": "",
		"NA":      "",
		"":        "",
	}
	for status, want := range own {
		certificate := fmt.Sprintf(`{"domains":[{"id":1,"name":"a.example.com","status":%q}]}`, status)
		response := responseOf(t, certificate, "", "")
		if got := response.domainStatus(&response.Certificate.Domains[0]); got != want {
			t.Errorf("domain status %q is %s, expected %s", status, got, want)
		}
		for validation, decided := range order {
			if decided == "" {
				decided = want
			}
			response := responseOf(t, certificate, fmt.Sprintf(`{"order_validation":{"domain_validations":[{"domain_id":1,"status":%q}]}}`,
				validation), "")
			if got := response.domainStatus(&response.Certificate.Domains[0]); got != decided {
				t.Errorf("domain status %q with validation %q is %s, expected %s", status, validation, got, decided)
			}
		}
		// A new word is no approval, not even beside one.
		for _, groups := range []string{`{"domain_id":1,"status":"SomethingNew"}`,
			`{"domain_id":1,"status":"Approved"},{"domain_id":1,"status":"SomethingNew"}`} {
			if want == dcv.StatusValidated {
				want = dcv.StatusUnknown
			}
			response := responseOf(t, certificate, `{"order_validation":{"domain_validations":[`+groups+`]}}`, "")
			if got := response.domainStatus(&response.Certificate.Domains[0]); got != want {
				t.Errorf("domain status %q with validations %s is %s, expected %s", status, groups, got, want)
			}
		}
	}
}

// TestValidationOfOthers holds that no domain is validated by the validation of another one.
func TestValidationOfOthers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		id, validation string
		want           dcv.Status
	}{
		"its own":                {"1", `{"domain_id":1,"domain_names":["A.example.com"],"status":"Approved"}`, dcv.StatusValidated},
		"by id alone":            {"1", `{"domain_id":1,"domain_names":[null],"status":"Approved"}`, dcv.StatusValidated},
		"of its parent":          {"1", `{"domain_id":1,"domain_names":["example.com"],"status":"Approved"}`, dcv.StatusValidated},
		"of another name":        {"1", `{"domain_id":1,"domain_names":["b.example.com"],"status":"Approved"}`, dcv.StatusPending},
		"of a name below":        {"1", `{"domain_id":1,"domain_names":["x.a.example.com"],"status":"Approved"}`, dcv.StatusPending},
		"without an id":          {"0", `{"domain_id":0,"status":"Approved"}`, dcv.StatusPending},
		"of another, without id": {"0", `{"domain_id":0,"domain_names":["b.example.com"],"status":"Approved"}`, dcv.StatusPending},
	} {
		response := responseOf(t, `{"domains":[{"id":`+test.id+`,"name":"a.example.com","status":"AwaitingCertificateAuthority"}]}`,
			`{"order_validation":{"domain_validations":[`+test.validation+`]}}`, "")
		if got := response.domainStatus(&response.Certificate.Domains[0]); got != test.want {
			t.Errorf("%s: %s, expected %s", name, got, test.want)
		}
	}
}

// TestTokenIsNeverSharedBeyondDV holds that a validation type in any case is understood.
func TestTokenIsNeverSharedBeyondDV(t *testing.T) {
	t.Parallel()
	for validationType, shared := range map[string]bool{"DV": true, "dv": true, "OV": false, "EV": false, "None": false, "": false} {
		certificate := strings.ReplaceAll(`{"validation_type":"?","domains":[{"id":1,"name":"a"},{"id":2,"name":"b"}]}`, "?", validationType)
		response := responseOf(t, certificate, "", `[{"domain_id":1,"dcv_token":{"token":"t"}}]`)
		if got := response.DomainDCV(&response.Certificate.Domains[1]) != nil; got != shared {
			t.Errorf("a token of a %q certificate is shared: %t, expected %t", validationType, got, shared)
		}
	}
}

// TestOrderStatus tells where an order stands as a whole.
func TestOrderStatus(t *testing.T) {
	t.Parallel()
	const approved = `"domain_validations":[{"domain_id":1,"status":"Approved"}]`
	for name, test := range map[string]struct {
		status string
		want   dcv.Order
		done   bool
	}{
		"pending":   {`{"status":"DomainControlValidation","order_validation":{"status":"Pending"}}`, dcv.Order{}, false},
		"validated": {`{"status":"DomainControlValidation","order_validation":{"status":"Pending",` + approved + `}}`, dcv.Order{}, true},
		"issued":    {`{"status":"Deployment","order_validation":{"status":"ISSUED"}}`, dcv.Order{Issued: true}, true},
		"active":    {`{"status":"Active","order_validation":null}`, dcv.Order{Issued: true}, true},
		"renewing":  {`{"status":"Active","order_validation":{"status":"PendingRenewal"}}`, dcv.Order{Renewing: true}, false},
		"deleted":   {`{"status":"deleted"}`, dcv.Order{Ended: "the certificate request was deleted"}, false},
		"canceled": {`{"status":"Processing","order_validation":{"status":"canceled",` + approved + `}}`,
			dcv.Order{Ended: "the order has the status canceled"}, false},
		"unknown": {`{"status":"Processing","order_validation":{"status":"REFUSED",` + approved + `}}`, dcv.Order{Unknown: "REFUSED"},
			false},
		"no word at all": {`{"status":"Processing","order_validation":{` + approved + `}}`, dcv.Order{Unknown: "(none)"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			order, err := responseOf(t, `{"dcv_method":"Email","domains":[{"id":1,"name":"a.example.com"}]}`, test.status,
				"").Order(dcv.TXTOwnerDomain)
			if err != nil {
				t.Fatal(err)
			}
			if got := order.Done(); got != test.done {
				t.Errorf("done is %t", got)
			}
			order.Challenges = nil
			if diff := cmp.Diff(test.want, order); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestOrderFailsClosed tells what is missing from an order.
func TestOrderFailsClosed(t *testing.T) {
	t.Parallel()
	if _, err := responseOf(t, `{"dcv_method":"DnsTxtToken"}`, `{"status":"Processing"}`, "").Order(dcv.TXTOwnerDomain); err == nil {
		t.Error("an open request without domains is taken")
	}
	if _, err := responseOf(t, `{}`, `{"status":"Deleted"}`, "").Order(dcv.TXTOwnerDomain); err != nil {
		t.Errorf("a deleted request without domains: %s", err)
	}
	for name, test := range map[string]struct {
		certificate string
		status      string
		doubts      int
		reason      string
	}{
		"unknown method": {`{"dcv_method":"Pigeon","domains":[{"id":1,"name":"a.example.com"}]}`, "", 1, ""},
		"no method":      {`{"domains":[{"id":1,"name":"a.example.com"}]}`, "", 1, ""},
		"no token": {`{"dcv_method":"DnsTxtToken","domains":[{"id":1,"name":"a.example.com"}]}`, `{"status":"DomainControlValidation",` +
			`"order_validation":{"status":"Pending"}}`, 1, "CPS returns no token for the domain."},
		"no token, and the order is missing": {`{"dcv_method":"DnsTxtToken","domains":[{"id":1,"name":"a.example.com"}]}`,
			`{"status":"DomainControlValidation","order_validation":null}`, 1, "CPS returns no token for the domain."},
		"a public suffix as parent": {`{"dcv_method":"DnsTxtToken","domains":[{"id":2,"name":"a.example.co.uk"},{"id":1,"name":"co.uk"}]}`,
			`{"status":"DomainControlValidation","order_validation":{"status":"Pending"}}`, 2, "CPS returns no token for the domain."},
		"not placed yet": {`{"dcv_method":"DnsTxtToken","domains":[{"id":1,"name":"a.example.com"}]}`,
			`{"status":"Processing","order_validation":null}`, 0, dcv.ReasonNotPlaced},
		"validated anyway": {`{"dcv_method":"Pigeon","domains":[{"id":1,"name":"a.example.com","status":"Active"}]}`, "", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			order, err := responseOf(t, test.certificate, test.status, `[]`).Order(dcv.TXTOwnerDomain)
			if err != nil {
				t.Fatal(err)
			}
			if len(order.Doubts) != test.doubts || order.Challenges[0].Reason != test.reason {
				t.Errorf("doubts %v, reason %q", order.Doubts, order.Challenges[0].Reason)
			}
		})
	}
	const open = `{"status":"DomainControlValidation","order_validation":{"status":"Pending"}}`
	for name, test := range map[string]struct{ validationType, domains, items, wrong string }{
		"a missing item where tokens differ": {"DV", `{"id":1,"name":"a.example.com"},{"id":2,"name":"b.example.com"},` +
			`{"id":3,"name":"c.example.com"}`, `{"domain_id":1,"dcv_token":"t1"},{"domain_id":2,"dcv_token":"t2"}`, `none for "c.example.com"`},
		"a missing item where another is validated by e-mail": {"DV", `{"id":1,"name":"a.example.com"},{"id":2,"name":"b.example.com"}`,
			`{"domain_id":1,"dcv_method":"Email","emails":["admin@example.com"]}`, `none for "b.example.com"`},
		"two tokens for all": {"DV", `{"id":1,"name":"a.example.com"}`, `{"domain_id":0,"dcv_token":"t1"},{"dcv_token":"t2"}`,
			`none for "a.example.com"`},
		"no domain id": {"DV", `{"name":"a.example.com"},{"id":null,"name":"b.example.com"}`, "", "no domain id"},
		"no name":      {"OV", `{"id":1}`, `{"domain_id":1,"dcv_token":"t1"}`, "no name of it"},
		"one id of two names": {"OV", `{"id":1,"name":"a.example.com"},{"id":1,"name":"b.example.com"}`,
			`{"domain_id":1,"dcv_token":"t1"}`, "the domain id 1 to different domains"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := responseOf(t, `{"dcv_method":"DnsTxtToken","validation_type":"`+test.validationType+`","domains":[`+test.domains+`]}`,
				open, "["+test.items+"]")
			if _, err := response.Order(dcv.TXTOwnerDomain); err == nil || !strings.Contains(err.Error(), test.wrong) {
				t.Errorf("got %v, expected %q", err, test.wrong)
			}
		})
	}
	forbidden, notFound := &client.Error{Kind: client.KindForbidden}, &client.Error{Kind: client.KindNotFound}
	for name, test := range map[string]struct {
		domainStatus string
		err          error
		fatal        []bool
	}{
		"refused while open":                  {"AwaitingCertificateAuthority", forbidden, []bool{true}},
		"refused when validated":              {"Active", forbidden, []bool{false}},
		"no token before the order is placed": {"ProvisioningInitiated", notFound, nil},
		"not found while open":                {"AwaitingCertificateAuthority", notFound, []bool{true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := responseOf(t, `{"dcv_method":"DnsTxtToken","domains":[{"id":1,"name":"a.example.com","status":"`+test.domainStatus+`"}]}`,
				"", "[]")
			response.dcvErr = test.err
			order, err := response.Order(dcv.TXTOwnerDomain)
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
