// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"testing"

	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/provider/providertest"
)

func TestValidationModel(t *testing.T) {
	t.Parallel()
	providertest.WantModel(t, validationAttributes(),
		newValidationModel(digicert.Response{Validation: clienttest.Decoded[digicert.OrderValidation](t, "digicert",
			"order_validation_112211.json")}), `{
		"order_status": "issued",
		"order_name_scope": null,
		"order_dcv_method": null,
		"organization_id": "12345",
		"organization_name": "Example Organization",
		"organization_validations": [{
			"type": "ov", "name": "OV", "description": "Normal Organization Validation", "date_created": "2018-04-25T21:52:33+00:00",
			"validated_until": "2019-04-25T21:52:33+00:00", "status": "complete", "verified_contacts": [], "verification_details": null
		}],
		"dns_name_validations": [{
			"domain_id": "1234", "name_scope": "example.com", "approval_scope": "subdomains", "status": "approved", "method": "email",
			"dns_names": ["sub.example.com"], "approval_expiration_date": "2020-09-11T16:27:39+00:00", "dcv_token": null
		}]
	}`)

	// The newer fields, ids as numbers, nulls and odd verification details.
	providertest.WantModel(t, validationAttributes(), newValidationModel(digicert.Response{
		Validation: clienttest.Decoded[digicert.OrderValidation](t, "digicert", "order_validation_20001_ov.json"),
		Domains:    map[string]*digicert.Domain{"1234": clienttest.Decoded[digicert.Domain](t, "digicert", "domain_1234.json")},
	}), `{
		"order_status": "pending",
		"order_name_scope": "fqdn",
		"order_dcv_method": "dns-txt-token",
		"organization_id": "12345",
		"organization_name": "Example Organization",
		"organization_validations": [
			{"type": "ov", "name": "OV", "description": "Normal Organization Validation", "date_created": "2024-04-25T21:52:33+00:00",
			 "validated_until": null, "status": "pending",
			 "verified_contacts": [{"user_id": "0", "name": "Jo Doe", "first_name": "Jo", "last_name": "Doe", "job_title": "CTO",
			   "telephone": "+1 555 0100", "email": "jo@example.com", "status": "pending"}],
			 "verification_details": {"organization_type": "complete", "blacklist_fraud": null,
			 "request_authenticity": "{\"status\":\"pending\"}", "place": "true", "tries": "3"}},
			{"type": "ev", "name": null, "description": null, "date_created": null, "validated_until": null, "status": "pending",
			 "verified_contacts": [], "verification_details": null}
		],
		"dns_name_validations": [{
			"domain_id": "1234", "name_scope": "example.com", "approval_scope": "subdomains", "status": "pending", "method": "dns-txt-token",
			"dns_names": ["*.example.com"], "approval_expiration_date": null,
			"dcv_token": {"token": "_x9Kq", "status": "pending", "expiration_date": "2024-06-27T22:11:22+00:00",
			"verification_value": "dcv.digicert.com",
				"http_token_url": "http://example.com/.well-known/pki-validation/fileauth.txt"}
		}]
	}`)

	for _, answer := range []string{`{}`, `{"organization_validations":null,"dns_name_validations":null}`, `{"organization_validations":[],` +
		`"dns_name_validations":[]}`} {
		providertest.WantModel(t, validationAttributes(), newValidationModel(responseOf(t, answer)),
			`{"order_status": null, "order_name_scope": null, "order_dcv_method": null,
			"organization_id": null, "organization_name": null, "organization_validations": [], "dns_name_validations": []}`)
	}
	providertest.WantModel(t, validationAttributes(), newValidationModel(responseOf(t, `{"dns_name_validations":[null],`+
		`"organization_validations":[{"verification_details":{}}]}`)), `{
		"order_status": null, "order_name_scope": null, "order_dcv_method": null, "organization_id": null, "organization_name": null,
		"organization_validations": [{"type": null, "name": null, "description": null, "date_created": null, "validated_until": null,
		"status": null,
			"verified_contacts": [], "verification_details": {}}],
		"dns_name_validations": [{"domain_id": null, "name_scope": null, "approval_scope": null, "status": null, "method": null, "dns_names": [],
			"approval_expiration_date": null, "dcv_token": null}]
	}`)
}

// responseOf decodes the validation of an order whose domains were not read.
func responseOf(t *testing.T, validation string) digicert.Response {
	t.Helper()
	return digicert.Response{Validation: clienttest.Decode[digicert.OrderValidation](t, validation)}
}
