// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"encoding/json"
	"testing"

	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
)

func FuzzDocuments(f *testing.F) {
	for _, name := range []string{"order_validation_112211.json", "order_validation_20001_ov.json", "order_validation_20002_php.json",
		"request_198_approved.json", "request_199_code_signing.json", "request_202_php.json", "domain_1234.json", "orders.json"} {
		f.Add(clienttest.Fixture(f, name))
	}
	f.Add([]byte(`{"organization_validations":[{"verification_details":{"a":[],"b":{"c":1.5}}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, document := range []any{new(OrderValidation), new(Domain), new(Request), new(Order)} {
			if json.Unmarshal(data, document) != nil {
				continue
			}
			if _, err := json.Marshal(document); err != nil {
				t.Error(err)
			}
		}
	})
}

func FuzzDecodeError(f *testing.F) {
	f.Add(clienttest.Fixture(f, "error_not_found.json"))
	f.Add(clienttest.Fixture(f, "error_object.json"))
	f.Add([]byte(`{"errors":[null,{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if problem, ok := decodeError(data); ok == (problem.Code == "" && problem.Message == "") {
			t.Errorf("got %+v, %t", problem, ok)
		}
	})
}
