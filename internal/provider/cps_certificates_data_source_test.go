// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

func TestAccCPSCertificates(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	value := func(name string, check knownvalue.Check, path tfjsonpath.Path) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.certops_cps_certificates."+name, path, check)
	}
	certificates := tfjsonpath.New("certificates")
	first := certificates.AtSliceIndex(0)
	records, status := tfjsonpath.New("dns_records"), tfjsonpath.New("dcv_status")
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(s.Env()),
		Steps: []resource.TestStep{{
			Config: `
data "certops_cps_certificates" "nothing" {
  label = "no such*"
}

data "certops_cps_certificates" "pending" {
  domain = "CDN.example.*"
  zones  = ["example.com", "example.net"]
}

data "certops_cps_certificates" "bare" {
  label          = "CDN resources*"
  domain         = "*.example.com"
  include_status = false
  include_dcv    = false
}

data "certops_cps_certificates" "elsewhere" {
  label  = "CDN resources*"
  domain = "*.example.net"
}`,
			ConfigStateChecks: []statecheck.StateCheck{
				value("nothing", knownvalue.ListExact(nil), certificates),
				value("nothing", knownvalue.MapExact(nil), records),
				value("nothing", knownvalue.Bool(false), tfjsonpath.New("dcv_complete")),
				value("pending", knownvalue.ListSizeExact(1), certificates),
				value("pending", knownvalue.Int64Exact(sandbox.CertificatePending.Number()), first.AtMapKey("id")),
				value("pending", knownvalue.StringExact("cdn.example.com"), first.AtMapKey("certificate_label")),
				value("pending", knownvalue.Null(), first.AtMapKey("organization")),
				value("pending", knownvalue.Null(), first.AtMapKey("expiration_date")),
				value("pending", knownvalue.StringExact("DomainControlValidation"), first.AtMapKey("status").AtMapKey("status")),
				value("pending", knownvalue.NotNull(), first.AtMapKey("domains").AtSliceIndex(1).AtMapKey("dcv_token")),
				value("pending", knownvalue.StringExact("TXT"), records.AtMapKey("cdn.example.com TXT").AtMapKey("type")),
				value("pending", knownvalue.StringExact("cdn"), records.AtMapKey("cdn.example.net TXT").AtMapKey("relative_name")),
				value("bare", knownvalue.ListSizeExact(1), certificates),
				value("bare", knownvalue.Int64Exact(sandbox.CertificateSample.Number()), first.AtMapKey("id")),
				value("bare", knownvalue.Null(), first.AtMapKey("status")),
				value("bare", knownvalue.Null(), first.AtMapKey("domains").AtSliceIndex(0).AtMapKey("dcv_token")),
				value("bare", knownvalue.MapExact(nil), records),
				value("bare", knownvalue.MapSizeExact(1), status),
				value("elsewhere", knownvalue.ListExact(nil), certificates),
			},
		}},
	})
}

func TestCPSCertificatesMany(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	populate(t, s, 41) // Two pages of 20, and one object more. That is also more than may be in flight.
	r := newListReader(t, s.Env())
	const prefix = "/sec/cps/v2.0"

	all := map[string]tftypes.Value{"domain": textArgument("p*.example.com"), "zones": zonesArgument("example.com")}
	model, diags := read(t, r, "certops_cps_certificates", all)
	wantWarnings(t, diags)
	if len(model.Certificates) != 41 || len(model.DNSRecords) != 21 || len(model.DNSRecordSets) != 21 || len(model.DCVStatus) != 41 {
		t.Errorf("%d certificates, %d records, %d record sets, %d names", len(model.Certificates), len(model.DNSRecords),
			len(model.DNSRecordSets), len(model.DCVStatus))
	}
	for i, certificate := range model.Certificates {
		if want := int64(1_000_001 + i); certificate.ID != want {
			t.Fatalf("certificate %d is %d, want %d", i, certificate.ID, want)
		}
	}
	if n := requestsTo(s, sandbox.CPS, prefix+"/certificates", "/certificates"); n != 2*3 {
		t.Errorf("%d requests for the list, want two for 20 certificates", n)
	}
	if statuses, dcv := requestsTo(s, sandbox.CPS, prefix+"/certificates/", "/status"), requestsTo(s, sandbox.CPS, prefix+"/dcv/",
		""); statuses != 41 || dcv != 41 {
		t.Errorf("%d requests for statuses and %d for DCV data", statuses, dcv)
	}
	if n := len(s.Requests(sandbox.Token)); n != 1 {
		t.Errorf("%d token requests", n)
	}
	// One more connection can be dialed than is used in the end.
	if n := s.Connections(sandbox.CPS); n > client.MaxInFlight+1 {
		t.Errorf("%d connections", n)
	}

	s.ResetCounters()
	all["include_status"], all["include_dcv"] = isOff, isOff
	model, diags = read(t, r, "certops_cps_certificates", all)
	wantWarnings(t, diags, []string{"Zones Without Records", "`zones` has no effect, since without `include_dcv` no DNS records are read."})
	if n := len(s.Requests(sandbox.CPS)); len(model.Certificates) != 41 || len(model.DNSRecords) != 0 || n != 2*3 {
		t.Errorf("%d certificates, %d records, %d requests", len(model.Certificates), len(model.DNSRecords), n)
	}
}

func TestCPSCertificatesFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		path         string
		status       int
		err          []string
		partial      []string // the warning with allow_partial; nil where there is an error all the same
		certificates int      // with allow_partial
	}{
		{
			name: "status of one", path: "/sec/cps/v2.0/certificates/40001/status", status: http.StatusInternalServerError, certificates: 1,
			err: []string{"Unable to Read CPS Certificate", "Reading the status of certificate request 40001", "HTTP 500",
				"allow_partial = true"},
			partial: []string{"Reading the status of certificate request 40001", "HTTP 500", "It is left out, with its DNS records"},
		},
		{
			name: "DCV data of one", path: "/sec/cps/v2.0/dcv/certificates/40001", status: http.StatusInternalServerError, certificates: 1,
			err:     []string{"Reading the DCV data of certificate request 40001", "HTTP 500"},
			partial: []string{"Reading the DCV data of certificate request 40001", "HTTP 500"},
		},
		{
			name: "status refused", path: "/sec/cps/v2.0/certificates/40001/status", status: http.StatusForbidden, certificates: 1,
			err:     []string{"Reading the status of certificate request 40001", "HTTP 403"},
			partial: []string{"Reading the status of certificate request 40001", "HTTP 403"},
		},
		{
			name: "DCV data not found", path: "/sec/cps/v2.0/dcv/certificates/40001", status: http.StatusNotFound, certificates: 1,
			err:     []string{"Reading the DCV data of certificate request 40001", "HTTP 404"},
			partial: []string{"Reading the DCV data of certificate request 40001", "HTTP 404"},
		},
		{
			name: "all", path: "/sec/cps/v2.0/certificates/*/status", status: http.StatusInternalServerError,
			err: []string{"Unable to Read CPS Certificates", "None of the 2 certificate requests", "Reading the status of certificate " +
				"request 40001"},
		},
		{
			name: "list", path: "/sec/cps/v2.0/certificates", status: http.StatusForbidden,
			err: []string{"Unable to Read CPS Certificates", "Reading certificate requests at Edgecast CPS failed: HTTP 403"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := sandboxtest.Start(t, sandbox.Options{})
			if _, err := s.Add(sandbox.Certificate{ID: "50001", Names: []string{"cdn.example.org"}}); err != nil {
				t.Fatal(err)
			}
			inject(t, s, sandbox.Fault{Service: sandbox.CPS, Path: test.path, Kind: sandbox.FaultStatus, Status: test.status})
			r := newListReader(t, s.Env())
			_, diags := read(t, r, "certops_cps_certificates", map[string]tftypes.Value{"label": textArgument("cdn.example.*")})
			wantError(t, diags, test.err...)
			model, diags := read(t, r, "certops_cps_certificates", map[string]tftypes.Value{"label": textArgument("cdn.example.*"),
				"allow_partial": isOn})
			if test.partial == nil {
				wantError(t, diags, test.err...)
			} else {
				wantWarnings(t, diags, test.partial)
			}
			if len(model.Certificates) != test.certificates {
				t.Errorf("%d certificates, want %d", len(model.Certificates), test.certificates)
			}
			for _, certificate := range model.Certificates {
				if certificate.ID == sandbox.CertificatePending.Number() || len(model.DNSRecords) != 1 {
					t.Errorf("certificate %d, %d records", certificate.ID, len(model.DNSRecords))
				}
			}
		})
	}
}
