// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/certops/terraform-provider-certops/internal/client/cps"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// cpsAnswerOf decodes what the three endpoints answered; "" stands for one that was not asked.
func cpsAnswerOf(t *testing.T, certificate, status, dcvData string) cpsAnswer {
	t.Helper()
	answer := cpsAnswer{certificate: decode[cps.Certificate](t, certificate)}
	if status != "" {
		answer.status = decode[cps.CertificateStatus](t, status)
	}
	if dcvData != "" {
		answer.dcv = *decode[[]cps.DomainDCV](t, dcvData)
	}
	return answer
}

func TestCPSChallenges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                     string
		certificate, status, dcv string
		records                  map[string]string
		names                    map[string]string
		complete                 bool
	}{
		{
			name:        "TXT at the domain, the token verbatim",
			certificate: `{"dcv_method":"DnsTxtToken","validation_type":"OV","domains":[{"id":1,"name":"*.Example.com","status":"AwaitingCertificateAuthority"}]}`,
			dcv:         `[{"domain_id":1,"dcv_method":"DnsTxtToken","dcv_token":{"token":"_X9kq."}}]`,
			records:     map[string]string{"example.com": "example.com TXT _X9kq. pending [*.Example.com]"},
			names:       map[string]string{"*.Example.com": "pending by DnsTxtToken until null at example.com"},
		},
		{
			name:        "CNAME at _dnsauth",
			certificate: `{"dcv_method":"DnsCnameToken","validation_type":"EV","domains":[{"id":"1","name":"cdn.example.com","status":"PendingDns"}]}`,
			dcv:         `[{"domain_id":1,"dcv_method":"DnsCnameToken","dcv_token":{"token":"X9kq"}}]`,
			records:     map[string]string{"cdn.example.com": "_dnsauth.cdn.example.com CNAME x9kq.dcv.digicert.com action_required [cdn.example.com]"},
			names:       map[string]string{"cdn.example.com": "action_required by DnsCnameToken until null at cdn.example.com"},
		},
		{
			name:        "one token of a DV certificate serves all domains",
			certificate: `{"dcv_method":"DnsTxtToken","validation_type":"DV","domains":[{"id":1,"name":"a.example.com"},{"id":2,"name":"b.example.com"}]}`,
			dcv:         `[{"domain_id":1,"dcv_method":"DnsTxtToken","dcv_token":{"token":"t"}}]`,
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
			name:        "a token of an OV certificate serves its domain alone",
			certificate: `{"dcv_method":"DnsTxtToken","validation_type":"OV","domains":[{"id":1,"name":"a.example.com"},{"id":2,"name":"b.example.com"}]}`,
			dcv:         `[{"domain_id":1,"dcv_method":"DnsTxtToken","dcv_token":{"token":"t"}}]`,
			records:     map[string]string{"a.example.com": "a.example.com TXT t unknown [a.example.com]"},
			names: map[string]string{
				"a.example.com": "unknown by DnsTxtToken until null at a.example.com",
				"b.example.com": "unknown by DnsTxtToken until null at null",
			},
		},
		{
			name:        "e-mail",
			certificate: `{"dcv_method":"Email","validation_type":"DV","domains":[{"id":1,"name":"a.example.com","status":"AwaitingCertificateAuthority"}]}`,
			dcv:         `[{"domain_id":1,"dcv_method":"Email","dcv_token":null,"emails":["admin@example.com"]}]`,
			records:     map[string]string{},
			names:       map[string]string{"a.example.com": "pending by Email until null at null"},
		},
		{
			name:        "the domain's own method counts",
			certificate: `{"dcv_method":"Email","domains":[{"id":1,"name":"a.example.com"}]}`,
			dcv:         `[{"domain_id":1,"dcv_method":"DnsTxtToken","dcv_token":{"token":"t"}}]`,
			records:     map[string]string{"a.example.com": "a.example.com TXT t unknown [a.example.com]"},
			names:       map[string]string{"a.example.com": "unknown by DnsTxtToken until null at a.example.com"},
		},
		{
			name:        "the token is gone after validation, and the order's word counts more than the domain's",
			certificate: `{"dcv_method":"DnsTxtToken","validation_type":"DV","domains":[{"id":1,"name":"a.example.com","status":"AwaitingCertificateAuthority"}]}`,
			status:      `{"order_validation":{"domain_validations":[{"domain_id":1,"domain_names":["a.example.com"],"status":"Approved"}]}}`,
			dcv:         `[{"domain_id":1,"dcv_method":"DnsTxtToken","dcv_token":null}]`,
			records:     map[string]string{},
			names:       map[string]string{"a.example.com": "validated by DnsTxtToken until null at null"},
			complete:    true,
		},
		{
			name:        "a validation without a domain id is found by name",
			certificate: `{"dcv_method":"DnsTxtToken","domains":[{"id":1,"name":"a.example.com","status":"Active"}]}`,
			status:      `{"order_validation":{"domain_validations":[{"domain_names":[null,"other.example.com"],"status":"Approved"},{"domain_names":["A.example.com"],"status":"Rejected"}]}}`,
			records:     map[string]string{},
			names:       map[string]string{"a.example.com": "failed by DnsTxtToken until null at null"},
		},
		{
			name:        "a domain without a name is passed over",
			certificate: `{"dcv_method":"DnsTxtToken","domains":[null,{"id":1}]}`,
			dcv:         `[{"domain_id":1,"dcv_method":"DnsTxtToken","dcv_token":{"token":"t"}}]`,
			records:     map[string]string{},
			names:       map[string]string{},
		},
		{name: "nothing", certificate: `{}`, records: map[string]string{}, names: map[string]string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			answer := cpsAnswerOf(t, test.certificate, test.status, test.dcv)
			wantSummary(t, answer.challenges(), test.records, test.names, test.complete)
		})
	}
}

// TestCPSDomainStatus covers every documented status of a domain, alone and beside every status of its validation.
func TestCPSDomainStatus(t *testing.T) {
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
	}
	for status, want := range own {
		certificate := fmt.Sprintf(`{"domains":[{"id":1,"name":"a.example.com","status":%q}]}`, status)
		answer := cpsAnswerOf(t, certificate, "", "")
		if got := answer.domainStatus(&answer.certificate.Domains[0]); got != want {
			t.Errorf("domain status %q is %s, expected %s", status, got, want)
		}
		for validation, decided := range order {
			if decided == "" {
				decided = want
			}
			answer := cpsAnswerOf(t, certificate, fmt.Sprintf(`{"order_validation":{"domain_validations":[{"domain_id":1,"status":%q}]}}`, validation), "")
			if got := answer.domainStatus(&answer.certificate.Domains[0]); got != decided {
				t.Errorf("domain status %q with validation %q is %s, expected %s", status, validation, got, decided)
			}
		}
	}
}

// TestCPSTokenIsNeverSharedBeyondDV holds that a validation type in any case is understood.
func TestCPSTokenIsNeverSharedBeyondDV(t *testing.T) {
	t.Parallel()
	for validationType, shared := range map[string]bool{"DV": true, "dv": true, "OV": false, "EV": false, "None": false, "": false} {
		certificate := strings.ReplaceAll(`{"validation_type":"?","domains":[{"id":1,"name":"a"},{"id":2,"name":"b"}]}`, "?", validationType)
		answer := cpsAnswerOf(t, certificate, "", `[{"domain_id":1,"dcv_token":{"token":"t"}}]`)
		if got := answer.domainDCV(&answer.certificate.Domains[1]) != nil; got != shared {
			t.Errorf("a token of a %q certificate is shared: %t, expected %t", validationType, got, shared)
		}
	}
}
