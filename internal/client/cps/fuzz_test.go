// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"encoding/json"
	"testing"

	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
)

func FuzzCertificate(f *testing.F) {
	for _, name := range []string{"certificate_11604.json", "certificate_40001_ev.json", "certificate_status_11604.json", "dcv_11604.json",
		"dcv_11604_text.json", "certificate_status_11605_no_id.json", "dcv_11605_shared.json"} {
		f.Add(clienttest.Fixture(f, name))
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		var certificate Certificate
		var status CertificateStatus
		var dcv DomainDCV
		var listing certificatePage
		_ = json.Unmarshal(data, &status)
		_ = json.Unmarshal(data, &dcv)
		if json.Unmarshal(data, &certificate) == nil {
			_ = CertificateFilter{Label: "a", Domain: "*"}.matches(certificate)
		}
		if json.Unmarshal(data, &listing) == nil {
			_ = listing.last(1)
		}
	})
}

func FuzzDecodeError(f *testing.F) {
	f.Add(clienttest.Fixture(f, "error_not_found.json"))
	f.Add(clienttest.Fixture(f, "error_access_denied.json"))
	f.Add([]byte(`{"details":[null,{"source":1}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if problem, ok := decodeError(data); ok == (problem.Code == "" && problem.Message == "") {
			t.Errorf("got %+v, %t", problem, ok)
		}
	})
}
