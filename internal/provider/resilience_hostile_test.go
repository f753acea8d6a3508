// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// jsonText writes text as JSON does.
func jsonText(t *testing.T, text string) string {
	t.Helper()
	encoded, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// TestHostileRecords holds that a response cannot make a configuration publish what no authority asks for.
func TestHostileRecords(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	tests := map[string]struct{ recordType, name, value, says string }{
		"a host of the domain":    {"CNAME", "www.example.com", "evil.test.", "begins with a label that is not one of domain validation"},
		"the domain itself":       {"CNAME", "@", "evil.test.", "would replace a name of yours"},
		"another CA's challenge":  {"TXT", "_acme-challenge.example.com", "token", "begins with a label that is not one of domain validation"},
		"somebody else's domain":  {"CNAME", "_x.evil.test", "t.dcv.digicert.com", "is neither the domain itself nor one of its parents"},
		"a mail policy":           {"TXT", "example.com", "v=spf1 +all", "does not look like a token"},
		"a delegation":            {"NS", "example.com", "ns.evil.test.", "asks for a DNS record of the type"},
		"lines of a message":      {"TXT", "a\x1b[2J\nError: forged.example.com", "t", "has no place in a DNS name"},
		"the key of another name": {"TXT", "_0c1d.example.com", "t", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inject(t, s, sandbox.Fault{
				Service: sandbox.RealtimeRegister, Kind: sandbox.FaultBody,
				Body: fmt.Sprintf(`{"commonName":"example.com","validations":{"dcv":[{"commonName":"example.com","type":"DNS","status":"WAITING",`+
					`"dnsType":%q,"dnsRecord":%s,"dnsContents":%q}]}}`,
					test.recordType, jsonText(t, test.name), test.value),
			})
			defer func() {
				if err := s.ClearFaults(); err != nil {
					t.Fatal(err)
				}
			}()
			model, diags := read(t, newListReader(t, s.Env()), "certops_process_info", map[string]tftypes.Value{
				"process_id": tftypes.NewValue(tftypes.Number, 1),
			})
			if test.says == "" {
				if len(model.DNSRecords) != 1 {
					t.Errorf("want one record, got %v, %v", model.DNSRecords, diags)
				}
				return
			}
			if len(model.DNSRecords) != 0 {
				t.Errorf("published %v", model.DNSRecords)
			}
			said := fmt.Sprint(diags)
			if !strings.Contains(said, test.says) {
				t.Errorf("the diagnostics lack %q: %s", test.says, said)
			}
			for _, d := range diags {
				if strings.ContainsAny(d.Summary()+d.Detail(), "\x1b\a") || strings.Contains(d.Detail(), "\nError: forged") {
					t.Errorf("a diagnostic steers the terminal: %q", d.Detail())
				}
			}
		})
	}
}

// TestHostileDomains holds that a refused key stops the reads of an order's domains, however many the response names.
func TestHostileDomains(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	var validations []string
	for i := range 500 {
		validations = append(validations, fmt.Sprintf(`{"domain_id":"%d","name_scope":"d%[1]d.example.com","method":"dns-txt-token",`+
			`"status":"pending","dns_names":["d%[1]d.example.com"]}`, i+1))
	}
	inject(t, s, sandbox.Fault{
		Service: sandbox.DigiCert, Path: "/services/v2/order/**", Kind: sandbox.FaultBody,
		Body: `{"order_id":"1","dns_name_validations":[` + strings.Join(validations, ",") + `]}`,
	})
	inject(t, s, sandbox.Fault{Service: sandbox.DigiCert, Path: "/services/v2/domain/*", Kind: sandbox.FaultStatus,
		Status: http.StatusUnauthorized})
	_, diags := read(t, newListReader(t, s.Env()), "certops_digicert_order_validation", map[string]tftypes.Value{
		"order_id": textArgument("1"),
	})
	if errs := diags.Errors(); len(errs) != 1 || !strings.Contains(errs[0].Detail(), "HTTP 401") {
		t.Errorf("want one error with HTTP 401, got %v", diags)
	}
	if got := len(s.Requests(sandbox.DigiCert)); got > 1+2*client.MaxInFlight {
		t.Errorf("%d requests with a refused key", got)
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"example.com":                  "example.com",
		"bücher.example":               "bücher.example",
		"a\x1b]0;title\a\nError: b":    "a\ufffd]0;title\ufffd\ufffdError: b",
		"left\u202eright\u2028further": "left\ufffdright\ufffdfurther",
		strings.Repeat("é", 200):       strings.Repeat("é", 150) + "…",
	} {
		if got := dcv.Printable(text); got != want {
			t.Errorf("printable(%q) = %q, want %q", text, got, want)
		}
	}
}
