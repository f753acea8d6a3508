// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"testing"

	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
	"github.com/certops/terraform-provider-certops/internal/client/cps"
	"github.com/certops/terraform-provider-certops/internal/provider/providertest"
)

func TestModel(t *testing.T) {
	t.Parallel()
	items := clienttest.Decoded[struct {
		Items []cps.DomainDCV `json:"items"`
	}](t, "cps", "dcv_11604.json").Items
	providertest.WantModel(t, requestAttributes(), newRequestModel(cps.Response{
		Certificate: dated(clienttest.Decoded[cps.Certificate](t, "cps", "certificate_11604.json")),
		Status:      clienttest.Decoded[cps.CertificateStatus](t, "cps", "certificate_status_11604.json"),
		DCV:         items,
	}), providertest.CPSSample)

	// An EV certificate that is not issued: no date, numbers as text and text as numbers, a domain that is null.
	ev := dated(clienttest.Decoded[cps.Certificate](t, "cps", "certificate_40001_ev.json"))
	providertest.WantModel(t, requestAttributes(), newRequestModel(cps.Response{Certificate: ev, DCV: *clienttest.Decode[[]cps.DomainDCV](t,
		`[{"domain_id":"40011","dcv_method":"Email","dcv_token":null,"emails":["admin@example.com",null,"hostmaster@example.com"]}]`)}), `{
		"resource_path": "/v2.0/certificates/40001",
		"resource_type": "Certificate",
		"auto_renew": false,
		"certificate_authority": "DigiCert",
		"certificate_label": "Shop",
		"created": "2024-02-18T21:40:49.921598Z",
		"created_by": {"user_id": 1001, "portal_type_id": "Customer", "identity_id": "svc", "identity_type": "User"},
		"dcv_method": "DnsCnameToken",
		"deployments": [],
		"description": "The shop",
		"domains": [
			{"id": 40011, "name": "*.example.com", "status": "AwaitingCertificateAuthority", "active_date": "2024-03-01T00:00:00.000000Z",
			 "created": "2024-02-18T21:40:49.921598Z", "is_common_name": true, "dcv_token": null, "dcv_emails": ["admin@example.com",
			 "hostmaster@example.com"]},
			{"id": null, "name": null, "status": null, "active_date": null, "created": null, "is_common_name": null, "dcv_token": null,
			"dcv_emails": []}
		],
		"expiration_date": null,
		"last_modified": "2024-03-11T22:14:13.933637Z",
		"modified_by": {"user_id": 1002, "portal_type_id": "7", "identity_id": "x", "identity_type": "Client"},
		"organization": {
			"id": 77,
			"additional_contacts": [{"id": 0, "contact_type": "EVApprover", "email": "al@example.com", "first_name": "Al", "last_name": "Roe",
			"phone": "+1 555 0101", "title": "CFO"}],
			"city": "Los Angeles", "company_address": "1 Main St", "company_address2": "Suite 2", "company_name": "Example Inc.",
			"contact_email": "jo@example.com", "contact_first_name": "Jo", "contact_last_name": "Doe", "contact_phone": "+1 555 0100",
			"contact_title": "CTO",
			"country": "US", "organizational_unit": "IT", "state": "CA", "zip_code": "90001"
		},
		"request_type": "Enterprise",
		"status": null,
		"thumbprint": null,
		"validation_type": "EV",
		"workflow_error_message": "late"
	}`)
}

func TestModelOfLittle(t *testing.T) {
	t.Parallel()
	for _, certificate := range []string{
		`{}`,
		`{"domains":null,"deployments":null,"organization":null,"created_by":null,"expiration_date":"0001-01-01T00:00:00Z","last_modified":null}`,
		`{"domains":[],"deployments":[],"created":"0001-01-01T00:00:00.000000Z"}`,
	} {
		response := responseOf(t, certificate, `{"order_validation":{"organization_validation":null,"domain_validations":null}}`, `[]`)
		providertest.WantModel(t, requestAttributes(), newRequestModel(response), `{
			"resource_path": null, "resource_type": null, "auto_renew": null, "certificate_authority": null, "certificate_label": null,
			"created": null,
			"created_by": null, "dcv_method": null, "deployments": [], "description": null, "domains": [], "expiration_date": null,
			"last_modified": null,
			"modified_by": null, "organization": null, "request_type": null, "thumbprint": null, "validation_type": null,
			"workflow_error_message": null,
			"status": {"step": null, "status": null, "requires_attention": null, "error_message": null,
				"order_validation": {"status": null, "organization_validation": null, "domain_validations": []}}
		}`)
	}
	organization := newRequestModel(responseOf(t, `{"organization":{}}`, `{"order_validation":null}`, "")).Organization
	providertest.WantModel(t, providertest.Nested(t, requestAttributes(), "organization"), *organization,
		`{"id": null, "additional_contacts": [], "city": null, "company_address": null, "company_address2": null, "company_name": null,
		"contact_email": null, "contact_first_name": null, "contact_last_name": null, "contact_phone": null, "contact_title": null,
		"country": null,
		"organizational_unit": null, "state": null, "zip_code": null}`)
}

// dated is a certificate request as the client returns it.
func dated(certificate *cps.Certificate) *cps.Certificate {
	certificate.DropNoDates()
	return certificate
}

// responseOf decodes what the three endpoints respond; "" stands for one that was not asked.
func responseOf(t *testing.T, certificate, status, dcvData string) cps.Response {
	t.Helper()
	response := cps.Response{Certificate: dated(clienttest.Decode[cps.Certificate](t, certificate))}
	if status != "" {
		response.Status = clienttest.Decode[cps.CertificateStatus](t, status)
	}
	if dcvData != "" {
		response.DCV = *clienttest.Decode[[]cps.DomainDCV](t, dcvData)
	}
	return response
}
