// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
	"github.com/certops/terraform-provider-certops/internal/client/cps"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

// cpsSampleModel is the vendor's sample, with the two companion answers.
const cpsSampleModel = `{
	"resource_path": "/v2.0/certificates/11604",
	"resource_type": "Certificate",
	"auto_renew": true,
	"certificate_authority": "DigiCert",
	"certificate_label": "CDN resources certificate",
	"created": "2021-02-18T21:40:49.921598Z",
	"created_by": {"user_id": null, "portal_type_id": null, "identity_id": "2cd24392-3edb-4f2d-9b1d-e089f9357n2c", "identity_type": "Client"},
	"dcv_method": "DnsTxtToken",
	"deployments": [{"delivery_region": "GlobalPremiumAsiaPlusLatam", "platform": "HttpLarge", "hex_url": "cs123.wpc.0001.omegacdn.net"}],
	"description": null,
	"domains": [{
		"id": 15230, "name": "cdn-resources.example.com", "status": "Active", "active_date": null,
		"created": "2021-02-18T21:40:49.921598Z", "is_common_name": true, "dcv_token": "t0k3n", "dcv_emails": []
	}],
	"expiration_date": "2022-10-07T00:00:00Z",
	"last_modified": "2021-03-11T22:14:13.933637Z",
	"modified_by": null,
	"organization": null,
	"request_type": "Enterprise",
	"status": {
		"step": 3, "status": "DomainControlValidation", "requires_attention": true, "error_message": null,
		"order_validation": {
			"status": "Pending",
			"organization_validation": {"validation_type": "DV", "status": "NA"},
			"domain_validations": [{"domain_id": 15230, "domain_names": ["cdn-resources.example.com"], "status": "Pending"}]
		}
	},
	"thumbprint": "32C1DF418293CBF28517297067D16E8C1A853076",
	"validation_type": "DV",
	"workflow_error_message": null
}`

func TestCPSModel(t *testing.T) {
	t.Parallel()
	items := clienttest.Decoded[struct {
		Items []cps.DomainDCV `json:"items"`
	}](t, "cps", "dcv_11604.json").Items
	wantModel(t, cpsAttributes(), newCPSModel(cps.Response{
		Certificate: dated(clienttest.Decoded[cps.Certificate](t, "cps", "certificate_11604.json")),
		Status:      clienttest.Decoded[cps.CertificateStatus](t, "cps", "certificate_status_11604.json"),
		DCV:         items,
	}), cpsSampleModel)

	// An EV certificate that is not issued: no date, numbers as text and text as numbers, a domain that is null.
	ev := dated(clienttest.Decoded[cps.Certificate](t, "cps", "certificate_40001_ev.json"))
	wantModel(t, cpsAttributes(), newCPSModel(cps.Response{Certificate: ev, DCV: *clienttest.Decode[[]cps.DomainDCV](t,
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
			 "created": "2024-02-18T21:40:49.921598Z", "is_common_name": true, "dcv_token": null, "dcv_emails": ["admin@example.com", "hostmaster@example.com"]},
			{"id": null, "name": null, "status": null, "active_date": null, "created": null, "is_common_name": null, "dcv_token": null, "dcv_emails": []}
		],
		"expiration_date": null,
		"last_modified": "2024-03-11T22:14:13.933637Z",
		"modified_by": {"user_id": 1002, "portal_type_id": "7", "identity_id": "x", "identity_type": "Client"},
		"organization": {
			"id": 77,
			"additional_contacts": [{"id": 0, "contact_type": "EVApprover", "email": "al@example.com", "first_name": "Al", "last_name": "Roe", "phone": "+1 555 0101", "title": "CFO"}],
			"city": "Los Angeles", "company_address": "1 Main St", "company_address2": "Suite 2", "company_name": "Example Inc.",
			"contact_email": "jo@example.com", "contact_first_name": "Jo", "contact_last_name": "Doe", "contact_phone": "+1 555 0100", "contact_title": "CTO",
			"country": "US", "organizational_unit": "IT", "state": "CA", "zip_code": "90001"
		},
		"request_type": "Enterprise",
		"status": null,
		"thumbprint": null,
		"validation_type": "EV",
		"workflow_error_message": "late"
	}`)
}

func TestCPSModelOfLittle(t *testing.T) {
	t.Parallel()
	for _, certificate := range []string{
		`{}`,
		`{"domains":null,"deployments":null,"organization":null,"created_by":null,"expiration_date":"0001-01-01T00:00:00Z","last_modified":null}`,
		`{"domains":[],"deployments":[],"created":"0001-01-01T00:00:00.000000Z"}`,
	} {
		response := cpsResponseOf(t, certificate, `{"order_validation":{"organization_validation":null,"domain_validations":null}}`, `[]`)
		wantModel(t, cpsAttributes(), newCPSModel(response), `{
			"resource_path": null, "resource_type": null, "auto_renew": null, "certificate_authority": null, "certificate_label": null, "created": null,
			"created_by": null, "dcv_method": null, "deployments": [], "description": null, "domains": [], "expiration_date": null, "last_modified": null,
			"modified_by": null, "organization": null, "request_type": null, "thumbprint": null, "validation_type": null, "workflow_error_message": null,
			"status": {"step": null, "status": null, "requires_attention": null, "error_message": null,
				"order_validation": {"status": null, "organization_validation": null, "domain_validations": []}}
		}`)
	}
	organization := newCPSModel(cpsResponseOf(t, `{"organization":{}}`, `{"order_validation":null}`, "")).Organization
	wantModel(t, nested(t, cpsAttributes(), "organization"), *organization, `{"id": null, "additional_contacts": [], "city": null, "company_address": null, "company_address2": null, "company_name": null,
		"contact_email": null, "contact_first_name": null, "contact_last_name": null, "contact_phone": null, "contact_title": null, "country": null,
		"organizational_unit": null, "state": null, "zip_code": null}`)
}

// cpsSampleState is the model with what only the data source has.
var cpsSampleState = strings.TrimSuffix(cpsSampleModel, "}") + `,
	"certificate_id": 11604,
	"include_status": null,
	"include_dcv": null,
	"txt_owner": null,
	"zones": ["EXAMPLE.com."],
	"dns_records": {"cdn-resources.example.com": {
		"type": "TXT", "fqdn": "cdn-resources.example.com", "fqdn_dot": "cdn-resources.example.com.", "zone": "example.com", "relative_name": "cdn-resources",
		"value": "t0k3n", "value_dot": "t0k3n", "value_quoted": "\"t0k3n\"", "rdata": "\"t0k3n\"",
		"domains": ["cdn-resources.example.com"], "status": "pending", "expires_at": null
	}},
	"dns_record_sets": {"cdn-resources.example.com": {
		"type": "TXT", "fqdn": "cdn-resources.example.com", "fqdn_dot": "cdn-resources.example.com.", "zone": "example.com", "relative_name": "cdn-resources",
		"values": ["t0k3n"], "rdatas": ["\"t0k3n\""],
		"domains": ["cdn-resources.example.com"], "status": "pending", "expires_at": null
	}},
	"dcv_status": {"cdn-resources.example.com": {"status": "pending", "method": "DnsTxtToken", "channel": "dns", "validated_until": null, "record_key": "cdn-resources.example.com", "reason": null}},
	"dcv_complete": false
}`

func TestAccCPSCertificate(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{{
			Config: `
data "certops_cps_certificate" "sample" {
  certificate_id = 11604
  zones          = ["EXAMPLE.com."]
}

data "cps_certificate" "sample" {
  provider       = certops
  certificate_id = 11604
  zones          = ["EXAMPLE.com."]
}

# One token serves both domains of a DV certificate.
data "certops_cps_certificate" "pending" {
  certificate_id = 40001
}

data "certops_cps_certificate" "unplaced" {
  certificate_id = 40002
}

data "certops_cps_certificate" "bare" {
  certificate_id = 11604
  include_status = false
  include_dcv    = false
}

# The supplementary endpoints refuse; without them the certificates read all the same.
data "certops_cps_certificate" "status_forbidden" {
  certificate_id = 920004
  include_status = false
}

data "certops_cps_certificate" "dcv_forbidden" {
  certificate_id = 920006
  include_dcv    = false
}

data "certops_cps_certificate" "deleted" {
  certificate_id = 920008
}`,
			ConfigStateChecks: slices.Concat(
				wholeState(t, "data.certops_cps_certificate.sample", cpsSampleState),
				wholeState(t, "data.cps_certificate.sample", cpsSampleState),
				someState(t, "data.certops_cps_certificate.bare", `{"status": null, "dns_records": {}, "dns_record_sets": {}, "certificate_label": "CDN resources certificate",
					"dcv_status": {"cdn-resources.example.com": {"status": "validated", "method": "DnsTxtToken", "channel": "dns", "validated_until": null, "record_key": null, "reason": null}}, "dcv_complete": true}`),
				someState(t, "data.certops_cps_certificate.unplaced", `{"expiration_date": null, "thumbprint": null, "dns_records": {}, "dcv_complete": false,
					"status": {"step": 1, "status": "Processing", "requires_attention": false, "error_message": null, "order_validation": null}}`),
				someState(t, "data.certops_cps_certificate.deleted", `{"status": {"step": 7, "status": "Deleted", "requires_attention": false, "error_message": null, "order_validation": null}}`),
				someState(t, "data.certops_cps_certificate.status_forbidden", `{"status": null, "dcv_complete": false}`),
				someState(t, "data.certops_cps_certificate.dcv_forbidden", `{"dns_records": {}, "dns_record_sets": {}, "dcv_complete": false}`),
				[]statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.certops_cps_certificate.pending", tfjsonpath.New("dns_records").AtMapKey("cdn.example.com").AtMapKey("value"),
						known(challengeValue(t, s, sandbox.CPS, sandbox.CertificatePending, 0))),
					statecheck.ExpectKnownValue("data.certops_cps_certificate.pending", tfjsonpath.New("dns_records").AtMapKey("cdn.example.net").AtMapKey("value"),
						known(challengeValue(t, s, sandbox.CPS, sandbox.CertificatePending, 0))),
				},
			),
		}},
	})
}

// challengeValue is the value of the record that the simulator waits for.
func challengeValue(t *testing.T, s *sandbox.Sandbox, service sandbox.Service, id sandbox.ID, index int) string {
	t.Helper()
	state, err := s.State(service, id)
	if err != nil {
		t.Fatal(err)
	}
	return state.Challenges[index].Value
}

// dated is a certificate request as the client returns it.
func dated(certificate *cps.Certificate) *cps.Certificate {
	certificate.DropNoDates()
	return certificate
}

// cpsResponseOf decodes what the three endpoints respond; "" stands for one that was not asked.
func cpsResponseOf(t *testing.T, certificate, status, dcvData string) cps.Response {
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
