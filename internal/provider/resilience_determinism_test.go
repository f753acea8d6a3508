// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// everything reads with every data source and keeps the records.
const everything = `
data "certops_process_info" "it" {
  process_id = 30001
  zones      = ["example.net.", "EXAMPLE.com"]
}

data "certops_processes" "it" {
  include_info = true
}

data "certops_cps_certificate" "it" {
  certificate_id = 40001
}

data "certops_cps_certificates" "it" {}

data "certops_digicert_order_validation" "it" {
  order_id = "20001"
}

data "certops_digicert_request" "it" {
  request_id = 198
}

data "certops_digicert_domain" "it" {
  domain_id = 1234
}

data "certops_digicert_orders" "it" {
  include_validation = true
}

data "certops_digicert_requests" "it" {}

resource "certops_dcv_records" "it" {
  domains = ["example.com", "*.example.com", "www.example.com", "www.example.net", "shop.example.net", "cdn.example.com", "cdn.example.net"]
  sources = [
    data.certops_process_info.it.dns_records,
    data.certops_cps_certificate.it.dns_records,
    data.certops_digicert_order_validation.it.dns_records,
  ]
}

output "zone_file" {
  value = provider::certops::zone_file(certops_dcv_records.it.dns_records, 300)
}
`

// TestAccDeterminism applies one configuration in two places, and demands states that are equal in every byte but for what
// Terraform itself makes up, and plans without a change afterwards.
func TestAccDeterminism(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	var states [2][]byte
	for i := range states {
		w := newWorkspace(t, s.Env(), nil, map[string]string{"main.tf": requireCertops + everything})
		if output, ok := w.terraform("apply", "-auto-approve", "-input=false", "-no-color"); !ok {
			t.Fatal(output)
		}
		state, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
		if err != nil {
			t.Fatal(err)
		}
		// Refreshing the same responses changes no byte of the state either.
		if output, ok := w.terraform("plan", "-input=false", "-no-color", "-detailed-exitcode"); !ok {
			t.Errorf("there is a change after apply:\n%s", output)
		}
		if output, ok := w.terraform("apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color"); !ok {
			t.Error(output)
		}
		again, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(withoutSerial(state), withoutSerial(again)) {
			t.Errorf("refreshing changes the state:\n%s", cmp.Diff(string(state), string(again)))
		}
		states[i] = state
	}
	if a, b := withoutSerial(states[0]), withoutSerial(states[1]); !bytes.Equal(a, b) {
		t.Errorf("two applies of the same responses (-first +second):\n%s", cmp.Diff(string(a), string(b)))
	}
	if !json.Valid(states[0]) || len(states[0]) < 10_000 {
		t.Errorf("the state is no more than %s", states[0])
	}
}

// madeUp finds the members of a state that Terraform makes up. OpenTofu 1.8 writes states without white space.
var madeUp = regexp.MustCompile(`"(serial|lineage)": *(\d+|"[^"]*")`)

func withoutSerial(state []byte) []byte {
	return madeUp.ReplaceAll(state, nil)
}

// TestDeterminism reads every response several times, over several connections, with the same state each time.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{Limits: []sandbox.Limit{}})
	server, err := newProtoServer(t.Context(), base.Environment{Getenv: environment(s.Env())})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range endpoints {
		var first string
		for i := range 5 {
			result, err := server.read(t.Context(), e.typeName, e.arguments)
			if err != nil {
				t.Fatal(err)
			}
			encoded, err := json.Marshal(result)
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				first = string(encoded)
			}
			if diff := cmp.Diff(first, string(encoded)); diff != "" {
				t.Errorf("%s: read %d (-first +this):\n%s", e.name, i+1, diff)
			}
		}
	}
}
