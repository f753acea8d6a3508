// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"testing"

	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
	"github.com/certops/terraform-provider-certops/internal/client/realtimeregister"
	"github.com/certops/terraform-provider-certops/internal/provider/providertest"
)

func TestProcessModel(t *testing.T) {
	t.Parallel()
	providertest.WantModel(t, processInfoAttributes(), completeProcessInfo(clienttest.Decoded[realtimeregister.ProcessInfo](t,
		"realtimeregister", "process_info_complete.json")), `{
		"common_name": "*.example.com",
		"requires_attention": true,
		"certificate_id": 98765,
		"validations": {
			"organization": "WAITING", "docs": "ATTENTION", "voice": "VALIDATED", "whois": "WAITING", "agreement": "WAITING",
			"dcv": [
				{"common_name": "*.example.com", "type": "DNS", "email": null, "status": "WAITING", "dns_record": "_5f0e.example.com.",
				"dns_type": "CNAME",
				 "dns_contents": "a1.b2.sectigo.com.", "file_location": "example.com/.well-known/pki-validation/5F0E.txt",
				 "file_contents": "a1b2\nsectigo.com",
				 "caa_record_status": "EMPTY", "risk_status": "PASSED"},
				{"common_name": "www.example.com", "type": null, "email": "admin@example.com", "status": "VALIDATED", "dns_record": null,
				"dns_type": null,
				 "dns_contents": null, "file_location": null, "file_contents": null, "caa_record_status": null, "risk_status": null},
				{"common_name": null, "type": null, "email": null, "status": null, "dns_record": null, "dns_type": null,
				 "dns_contents": null, "file_location": null, "file_contents": null, "caa_record_status": null, "risk_status": null}
			]
		},
		"notes": [{"created_date": "2024-01-31T10:00:00+01:00", "type": "INCOMING", "message": "Call us"}]
	}`)
	providertest.WantModel(t, processInfoAttributes(), completeProcessInfo(clienttest.Decoded[realtimeregister.ProcessInfo](t,
		"realtimeregister", "process_info_old.json")), `{
		"common_name": "example.com",
		"requires_attention": false,
		"certificate_id": null,
		"validations": {
			"organization": null, "docs": null, "voice": null, "whois": null, "agreement": null,
			"dcv": [
				{"common_name": "example.com", "type": "EMAIL", "email": "admin@example.com", "status": "WAITING", "dns_record": null, "dns_type": null,
				 "dns_contents": null, "file_location": null, "file_contents": null, "caa_record_status": null, "risk_status": null}
			]
		},
		"notes": []
	}`)
}

// TestProcessModelOfLittle maps responses that lack most of what is documented.
func TestProcessModelOfLittle(t *testing.T) {
	t.Parallel()
	const empty = `{"common_name": null, "requires_attention": false, "certificate_id": null, "notes": [],
		"validations": {"organization": null, "docs": null, "voice": null, "whois": null, "agreement": null, "dcv": []}}`
	for _, answer := range []string{
		`{}`,
		`{"commonName":null,"requiresAttention":null,"certificateId":null,"oneTimeLink":null,"validations":null,"notes":null}`,
		`{"validations":{}}`,
		`{"validations":{"dcv":null}}`,
		`{"validations":{"dcv":[]},"notes":[]}`,
	} {
		providertest.WantModel(t, processInfoAttributes(), completeProcessInfo(clienttest.Decode[realtimeregister.ProcessInfo](t, answer)), empty)
	}
	providertest.WantModel(t, processInfoAttributes(), completeProcessInfo(clienttest.Decode[realtimeregister.ProcessInfo](t,
		`{"commonName":7,"requiresAttention":"1","certificateId":"9007199254740993","oneTimeLink":""}`)), `{
		"common_name": "7", "requires_attention": true, "certificate_id": 9007199254740993, "notes": [],
		"validations": {"organization": null, "docs": null, "voice": null, "whois": null, "agreement": null, "dcv": []}}`)
}
