// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package providertest

// CPSSample is the vendor's sample, with the two supplements.
const CPSSample = `{
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

// The vendors' samples of requests, as the data source shows them. digicertSampleUser and digicertSampleOrder are what both hold.
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
			"organization": {"id": 112233, "name": null, "city": null, "state": null, "country": null},
			"organization_units": ["Not Fake Company Inc."],
			"server_platform": {"id": -1, "name": "OTHER", "install_url": "http://www.digicert.com/SSL-certificate-installation.htm",
			"csr_url": "http://www.digicert.com/csr-creation.htm"},
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
		"auto_renew": 0,
		"container": {"id": 5, "name": "History Department", "is_active": true},
		"product": {"name_id": "ssl_plus", "name": null, "type": "ssl_certificate", "validation_type": "ov", "validation_name": "OV",
		"validation_description": "Normal Organization Validation"},
		"organization_contact": {"first_name": "Gia", "last_name": "Booth", "email": "gia.booth@inbox.com",
		"job_title": "Clinical Laboratory Technician", "telephone": "666-186-6450", "telephone_extension": "736"},
		"technical_contact": {"first_name": "Gia", "last_name": "Booth", "email": "gia.booth@inbox.com",
		"job_title": "Clinical Laboratory Technician", "telephone": "666-186-6450", "telephone_extension": "736"},
		"user": {"id": 14, "first_name": "John", "last_name": "Smith", "email": "john.smith@digicert.com"},
		"requests": [{"id": 198, "date": "2018-10-16T20:05:28+00:00", "type": "new_request", "status": "pending", "comments": "Form autofill."}],
		"unsubmitted_domains": ["underlier-stanislavsky.org"],
		"additional_emails": [],
		"price": 175,
		"is_out_of_contract": false,
		"payment_method": "balance",
		"product_name_id": "ssl_plus",
		"disable_issuance_email": false,
		"disable_ct": null,
		"cs_provisioning_method": null,
		"ship_info": null
	}`

	DigiCertApprovedSample = `{
		"date": "2018-10-16T20:05:28+00:00", "type": "new_request", "status": "approved", "date_processed": "2018-11-02T16:44:19+00:00",
		"requester": ` + digicertSampleUser + `, "reviewer": ` + digicertSampleUser + `, "processor": ` + digicertSampleUser + `,
		"processor_comment": null, "comments": "New certificate.", "order": ` + digicertSampleOrder + `}`

	DigiCertPendingSample = `{
		"date": "2018-10-16T20:05:28+00:00", "type": "new_request", "status": "pending", "date_processed": null,
		"requester": ` + digicertSampleUser + `, "reviewer": null, "processor": null,
		"processor_comment": null, "comments": "New certificate.", "order": ` + digicertSampleOrder + `}`
)
