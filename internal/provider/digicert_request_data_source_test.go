// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

// digicertSampleUser and digicertSampleOrder are what both of the vendor's samples hold.
const (
	digicertSampleUser = `{"id": 14, "first_name": "John", "last_name": "Smith", "email": "john.smith@digicert.com"}`

	digicertSampleOrder = `{
		"id": 12345678,
		"certificate": {
			"common_name": "example.com",
			"dns_names": ["example.com", "www.example.com"],
			"emails": [],
			"date_created": "2018-10-16T20:05:28+00:00",
			"csr": "<csr>",
			"organization": {"id": 112233},
			"organization_units": ["Not Fake Company Inc."],
			"server_platform": {"id": -1, "name": "OTHER", "install_url": "http://www.digicert.com/SSL-certificate-installation.htm", "csr_url": "http://www.digicert.com/csr-creation.htm"},
			"signature_hash": "sha256",
			"key_size": 2048,
			"ca_cert": {"id": "<ca_cert_id>", "name": "DigiCert SHA2 Secure Server CA"}
		},
		"status": "needs_approval",
		"is_renewal": false,
		"renewal_of_order_valid_till": null,
		"date_created": "2018-10-16T20:05:28+00:00",
		"organization": {"id": 112233, "name": "Epigyne Unwieldiness llcasdf", "assumed_name": "Epigyne Unwieldiness",
			"display_name": "Epigyne Unwieldiness llcasdf (Epigyne Unwieldiness)", "city": "Minneapolis", "state": "mn", "country": "us"},
		"validity_years": 1,
		"order_validity": null,
		"disable_renewal_notifications": false,
		"auto_renew": false,
		"container": {"id": 5, "name": "History Department", "is_active": true},
		"product": {"name_id": "ssl_plus", "name": null, "type": "ssl_certificate", "validation_type": "ov", "validation_name": "OV", "validation_description": "Normal Organization Validation"},
		"organization_contact": {"first_name": "Gia", "last_name": "Booth", "email": "gia.booth@inbox.com", "job_title": "Clinical Laboratory Technician", "telephone": "666-186-6450", "telephone_extension": "736"},
		"technical_contact": {"first_name": "Gia", "last_name": "Booth", "email": "gia.booth@inbox.com", "job_title": "Clinical Laboratory Technician", "telephone": "666-186-6450", "telephone_extension": "736"},
		"user": {"id": 14, "first_name": "John", "last_name": "Smith", "email": "john.smith@digicert.com"},
		"requests": [{"id": 198, "date": "2018-10-16T20:05:28+00:00", "type": "new_request", "status": "pending", "comments": "Form autofill."}],
		"unsubmitted_domains": ["underlier-stanislavsky.org"],
		"additional_emails": [],
		"price": 175,
		"is_out_of_contract": false,
		"payment_method": "balance",
		"product_name_id": "ssl_plus",
		"disable_issuance_email": false,
		"cs_provisioning_method": null,
		"ship_info": null
	}`

	digicertApprovedSample = `{
		"date": "2018-10-16T20:05:28+00:00", "type": "new_request", "status": "approved", "date_processed": "2018-11-02T16:44:19+00:00",
		"requester": ` + digicertSampleUser + `, "reviewer": ` + digicertSampleUser + `, "processor": ` + digicertSampleUser + `,
		"processor_comment": null, "comments": "New certificate.", "order": ` + digicertSampleOrder + `}`

	digicertPendingSample = `{
		"date": "2018-10-16T20:05:28+00:00", "type": "new_request", "status": "pending", "date_processed": null,
		"requester": ` + digicertSampleUser + `, "reviewer": null, "processor": null,
		"processor_comment": null, "comments": "New certificate.", "order": ` + digicertSampleOrder + `}`
)

func TestDigicertRequestModel(t *testing.T) {
	t.Parallel()
	const nullOrder = `"certificate": null, "status": null, "is_renewal": null, "renewal_of_order_valid_till": null, "date_created": null, "organization": null,
		"validity_years": null, "order_validity": null, "disable_renewal_notifications": null, "auto_renew": null, "container": null, "product": null,
		"organization_contact": null, "technical_contact": null, "user": null, "requests": [], "unsubmitted_domains": [], "additional_emails": [], "price": null,
		"is_out_of_contract": null, "payment_method": null, "product_name_id": null, "disable_issuance_email": null, "cs_provisioning_method": null, "ship_info": null`
	for name, want := range map[string]string{
		"request_198_approved.json": digicertApprovedSample,
		"request_198_pending.json":  digicertPendingSample,
		"request_199_code_signing.json": `{
			"date": "2024-10-16T20:05:28+00:00", "type": "reissue", "status": "rejected", "date_processed": null, "requester": null, "reviewer": null, "processor": null,
			"processor_comment": "No.", "comments": null,
			"order": {
				"id": 20002,
				"certificate": {"common_name": "Example", "dns_names": [], "emails": ["b@example.com"], "date_created": null, "csr": null, "organization": null,
					"organization_units": [], "server_platform": null, "signature_hash": null, "key_size": null, "ca_cert": null},
				"status": null, "is_renewal": null, "renewal_of_order_valid_till": "2024-12-31", "date_created": null, "organization": null, "validity_years": null,
				"order_validity": {"years": 1, "days": 30, "custom_expiration_date": "2025-10-16"},
				"disable_renewal_notifications": null, "auto_renew": true, "container": null,
				"product": {"name_id": "code_signing", "name": "Code Signing", "type": "code_signing_certificate", "validation_type": null, "validation_name": null, "validation_description": null},
				"organization_contact": null, "technical_contact": null, "user": null, "requests": [], "unsubmitted_domains": [], "additional_emails": ["a@example.com"],
				"price": 175.5, "is_out_of_contract": null, "payment_method": null, "product_name_id": null, "disable_issuance_email": null,
				"cs_provisioning_method": "ship_token",
				"ship_info": {"name": "Jo Doe", "addr1": "1 Main St", "addr2": "Suite 2", "city": "Lehi", "state": "UT", "zip": "84043", "country": "US", "method": "STANDARD"}
			}}`,
		"request_200_revoke.json": `{"date": null, "type": "revoke", "status": "pending", "date_processed": null, "requester": null, "reviewer": null, "processor": null,
			"processor_comment": null, "comments": null, "order": {"id": 20003, ` + nullOrder + `}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantModel(t, digicertRequestAttributes(), *clienttest.Decoded[digicert.Request](t, "digicert", name), want)
		})
	}
	for _, answer := range []string{`{}`, `{"order":null,"requester":null,"date":null}`} {
		wantModel(t, digicertRequestAttributes(), *clienttest.Decode[digicert.Request](t, answer), `{"date": null, "type": null, "status": null, "date_processed": null,
			"requester": null, "reviewer": null, "processor": null, "processor_comment": null, "comments": null, "order": null}`)
	}
	wantModel(t, nested(t, digicertRequestAttributes(), "order"), *clienttest.Decode[digicert.Request](t, `{"order":{"id":"7","requests":[{}],"container":{"is_active":"1"},"is_renewal":0,"certificate":{"organization_units":null,"ca_cert":{"id":5}}}}`).Order,
		`{"id": 7, `+strings.NewReplacer(
			`"requests": []`, `"requests": [{"id": null, "date": null, "type": null, "status": null, "comments": null}]`,
			`"container": null`, `"container": {"id": null, "name": null, "is_active": true}`,
			`"is_renewal": null`, `"is_renewal": false`,
			`"certificate": null`, `"certificate": {"common_name": null, "dns_names": [], "emails": [], "date_created": null, "csr": null, "organization": null,
				"organization_units": [], "server_platform": null, "signature_hash": null, "key_size": null, "ca_cert": {"id": "5", "name": null}}`,
		).Replace(nullOrder)+`}`)
}

// TestDigicertRequestPrice holds that an amount of money keeps every digit.
func TestDigicertRequestPrice(t *testing.T) {
	t.Parallel()
	for wire, want := range map[string]string{
		"175": "175", "175.50": "175.5", `"0.10"`: "0.1", "0": "0", "-12.345": "-12.345",
		"9007199254740993.01": "9007199254740993.01", "1.75e2": "175",
	} {
		order := clienttest.Decode[digicert.Request](t, `{"order":{"price":`+wire+`}}`).Order
		wantObject(t, types.ObjectType{AttrTypes: map[string]attr.Type{"price": types.NumberType}}, struct {
			Price *client.Decimal `json:"price"`
		}{order.Price}, `{"price": `+want+`}`)
	}
}

func TestAccDigicertRequest(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	state := func(sample, id string) string { return strings.TrimSuffix(sample, "}") + `, "request_id": ` + id + `}` }
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{{
			Config: `
data "certops_digicert_request" "approved" {
  request_id = 198
}

data "digicert_request" "approved" {
  provider   = certops
  request_id = 198
}

data "certops_digicert_request" "pending" {
  request_id = 199
}`,
			ConfigStateChecks: slices.Concat(
				wholeState(t, "data.certops_digicert_request.approved", state(digicertApprovedSample, "198")),
				wholeState(t, "data.digicert_request.approved", state(digicertApprovedSample, "198")),
				wholeState(t, "data.certops_digicert_request.pending", state(digicertPendingSample, "199")),
			),
		}},
	})
}
