// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/provider/providertest"
)

func TestRequestModel(t *testing.T) {
	t.Parallel()
	const nullOrder = `"certificate": null, "status": null, "is_renewal": null, "renewal_of_order_valid_till": null, "date_created": null,
	"organization": null,
		"validity_years": null, "order_validity": null, "disable_renewal_notifications": null, "auto_renew": null, "container": null,
		"product": null,
		"organization_contact": null, "technical_contact": null, "user": null, "requests": [], "unsubmitted_domains": [],
		"additional_emails": [], "price": null,
		"is_out_of_contract": null, "payment_method": null, "product_name_id": null, "disable_issuance_email": null,
		"disable_ct": null, "cs_provisioning_method": null, "ship_info": null`
	for name, want := range map[string]string{
		"request_198_approved.json": providertest.DigiCertApprovedSample,
		"request_198_pending.json":  providertest.DigiCertPendingSample,
		"request_199_code_signing.json": `{
			"date": "2024-10-16T20:05:28+00:00", "type": "reissue", "status": "rejected", "date_processed": null, "requester": null,
			"reviewer": null, "processor": null,
			"processor_comment": "No.", "comments": null,
			"order": {
				"id": 20002,
				"certificate": {"common_name": "Example", "dns_names": [], "emails": ["b@example.com"], "date_created": null, "csr": null,
				"organization": {"id": 112233, "name": "Example Organization", "city": "Lehi", "state": "UT", "country": "US"},
					"organization_units": [], "server_platform": null, "signature_hash": null, "key_size": null, "ca_cert": null},
				"status": null, "is_renewal": null, "renewal_of_order_valid_till": "2024-12-31", "date_created": null, "organization": null,
				"validity_years": null,
				"order_validity": {"years": 1, "days": 30, "custom_expiration_date": "2025-10-16"},
				"disable_renewal_notifications": null, "auto_renew": 1, "container": null,
				"product": {"name_id": "code_signing", "name": "Code Signing", "type": "code_signing_certificate", "validation_type": null,
				"validation_name": null, "validation_description": null},
				"organization_contact": null, "technical_contact": null, "user": null, "requests": [], "unsubmitted_domains": [],
				"additional_emails": ["a@example.com"],
				"price": 175.5, "is_out_of_contract": null, "payment_method": null, "product_name_id": null, "disable_issuance_email": null,
				"disable_ct": true, "cs_provisioning_method": "ship_token",
				"ship_info": {"name": "Jo Doe", "addr1": "1 Main St", "addr2": "Suite 2", "city": "Lehi", "state": "UT", "zip": "84043",
				"country": "US", "method": "STANDARD"}
			}}`,
		"request_200_revoke.json": `{"date": null, "type": "revoke", "status": "pending", "date_processed": null, "requester": null,
		"reviewer": null, "processor": null,
			"processor_comment": null, "comments": null, "order": {"id": 20003, ` + nullOrder + `}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			providertest.WantModel(t, requestAttributes(), *clienttest.Decoded[digicert.Request](t, "digicert", name), want)
		})
	}
	for _, answer := range []string{`{}`, `{"order":null,"requester":null,"date":null}`} {
		providertest.WantModel(t, requestAttributes(), *clienttest.Decode[digicert.Request](t, answer),
			`{"date": null, "type": null, "status": null, "date_processed": null,
			"requester": null, "reviewer": null, "processor": null, "processor_comment": null, "comments": null, "order": null}`)
	}
	providertest.WantModel(t, providertest.Nested(t, requestAttributes(), "order"), *clienttest.Decode[digicert.Request](t,
		`{"order":{"id":"7","requests":[{}],"container":{"is_active":"1"},"is_renewal":0,"certificate":{"organization_units":null,`+
			`"ca_cert":{"id":5}}}}`).Order,
		`{"id": 7, `+strings.NewReplacer(
			`"requests": []`, `"requests": [{"id": null, "date": null, "type": null, "status": null, "comments": null}]`,
			`"container": null`, `"container": {"id": null, "name": null, "is_active": true}`,
			`"is_renewal": null`, `"is_renewal": false`,
			`"certificate": null`, `"certificate": {"common_name": null, "dns_names": [], "emails": [], "date_created": null, "csr": null,
			"organization": null,
				"organization_units": [], "server_platform": null, "signature_hash": null, "key_size": null, "ca_cert": {"id": "5", "name": null}}`,
		).Replace(nullOrder)+`}`)
}

// TestRequestPrice holds that an amount of money keeps every digit.
func TestRequestPrice(t *testing.T) {
	t.Parallel()
	for wire, want := range map[string]string{
		"175": "175", "175.50": "175.5", `"0.10"`: "0.1", "0": "0", "-12.345": "-12.345",
		"9007199254740993.01": "9007199254740993.01", "1.75e2": "175",
	} {
		order := clienttest.Decode[digicert.Request](t, `{"order":{"price":`+wire+`}}`).Order
		providertest.WantObject(t, types.ObjectType{AttrTypes: map[string]attr.Type{"price": types.NumberType}}, struct {
			Price *client.Decimal `json:"price"`
		}{order.Price}, `{"price": `+want+`}`)
	}
}
