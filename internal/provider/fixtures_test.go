// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/certops/terraform-provider-certops/internal/base"
)

// fixtureRead is a read that depends on a fixture.
type fixtureRead struct {
	fixture string
	// path is where the response is given, and around what is put around the fixture there, with %s in its place.
	path, around string
	// others are the responses that the read needs beside this one, as fixtures by path.
	others    map[string]string
	typeName  string
	arguments map[string]any
	// shown is the attribute with the document, "" for the data source itself. A list has it as its first element.
	shown string
}

// cpsOthers are the responses about the certificate of the samples.
var cpsOthers = map[string]string{
	"/sec/cps/v2.0/certificates/11604":        "cps/certificate_11604.json",
	"/sec/cps/v2.0/certificates/11604/status": "cps/certificate_status_11604.json",
	"/sec/cps/v2.0/dcv/certificates/11604":    "cps/dcv_11604.json",
}

// cpsDV and cpsOV are the responses about a DV certificate and about one of OV.
var (
	cpsDV = map[string]string{
		"/sec/cps/v2.0/certificates/11605":        "cps/certificate_11605_dv.json",
		"/sec/cps/v2.0/certificates/11605/status": "cps/certificate_status_11605_no_id.json",
		"/sec/cps/v2.0/dcv/certificates/11605":    "cps/dcv_11605_shared.json",
	}
	cpsOV = map[string]string{
		"/sec/cps/v2.0/certificates/40002":        "cps/certificate_40002_ov.json",
		"/sec/cps/v2.0/certificates/40002/status": "cps/certificate_status_40002.json",
		"/sec/cps/v2.0/dcv/certificates/40002":    "cps/dcv_40002_parents.json",
	}
)

// processOther is the process of the info, which is read where the info names nothing to validate.
var processOther = map[string]string{"/v2/processes/1": "realtimeregister/process_1.json"}

// fixtureReads has every fixture that is not an error.
var fixtureReads = slices.Concat(
	[]fixtureRead{
		processInfoRead("process_info_complete.json"), processInfoRead("process_info_old.json"), processInfoRead("process_info_refused.json"),
		processRead("process_2323533016.json"), processRead("process_1.json"),
	},
	certificateReads(11604, cpsOthers), certificateReads(11605, cpsDV), certificateReads(40002, cpsOV),
	[]fixtureRead{
		{fixture: "cps/dcv_11604_text.json", path: "/sec/cps/v2.0/dcv/certificates/11604", others: cpsOthers,
			typeName: "certops_cps_certificate", arguments: map[string]any{"certificate_id": 11604}},
		{fixture: "cps/certificate_40001_ev.json", path: "/sec/cps/v2.0/certificates/40001", typeName: "certops_cps_certificate",
			arguments: map[string]any{"certificate_id": 40001, "include_status": false, "include_dcv": false}},
		{fixture: "cps/certificate_11604.json", path: "/sec/cps/v2.0/certificates", around: `{"items":[%s],"total_items":1}`,
			typeName: "certops_cps_certificates", arguments: map[string]any{"include_status": false, "include_dcv": false}, shown: "certificates"},
		validationRead("112211", "order_validation_112211.json", nil),
		{fixture: "digicert/order_validation_20001_ov.json", path: "/services/v2/order/certificate/20001/validation",
			typeName: "certops_digicert_order_validation", arguments: map[string]any{"order_id": "20001", "include_dcv_tokens": false}},
		validationRead("20002", "order_validation_20002_php.json", nil),
		validationRead("20003", "order_validation_20003_no_domain_id.json", nil),
		validationRead("20004", "order_validation_20004_nameless.json", nil),
		validationRead("20005", "order_validation_20005_cname.json", map[string]string{"1235": "domain_1235_cname.json"}),
		validationRead("20006", "order_validation_20006_ov.json", map[string]string{
			"1236": "domain_1236_ev_expired.json", "1237": "domain_1237_ov_expired.json"}),
		domainRead("1234", "domain_1234.json"), domainRead("1235", "domain_1235_cname.json"),
		domainRead("1236", "domain_1236_ev_expired.json"), domainRead("1237", "domain_1237_ov_expired.json"),
		{fixture: "digicert/orders.json", path: "/services/v2/order/certificate", typeName: "certops_digicert_orders"},
		requestRead(198, "request_198_approved.json"), requestRead(198, "request_198_pending.json"),
		requestRead(199, "request_199_code_signing.json"), requestRead(200, "request_200_revoke.json"),
		requestRead(201, "request_201_auto_renew.json"), requestRead(202, "request_202_php.json"),
		{fixture: "digicert/request_199_code_signing.json", path: "/services/v2/request", around: `{"requests":[%s],"page":{"total":1}}`,
			typeName: "certops_digicert_requests", shown: "requests"},
	},
)

func processInfoRead(name string) fixtureRead {
	return fixtureRead{fixture: "realtimeregister/" + name, path: "/v2/processes/1/info", others: processOther,
		typeName: "certops_process_info", arguments: map[string]any{"process_id": 1}}
}

func processRead(name string) fixtureRead {
	return fixtureRead{fixture: "realtimeregister/" + name, path: "/v2/processes",
		around: `{"entities":[%s],"pagination":{"limit":100,"offset":0,"total":1}}`, typeName: "certops_processes", shown: "processes"}
}

// certificateReads reads a certificate for each of its three responses.
func certificateReads(id int, responses map[string]string) []fixtureRead {
	var reads []fixtureRead
	for _, path := range slices.Sorted(maps.Keys(responses)) {
		read := fixtureRead{fixture: responses[path], path: path, others: responses, typeName: "certops_cps_certificate",
			arguments: map[string]any{"certificate_id": id}}
		if strings.HasSuffix(path, "/status") {
			read.shown = "status"
		}
		reads = append(reads, read)
	}
	return reads
}

func validationRead(id, name string, domains map[string]string) fixtureRead {
	others := make(map[string]string)
	for domain, fixture := range domains {
		others["/services/v2/domain/"+domain] = "digicert/" + fixture
	}
	return fixtureRead{fixture: "digicert/" + name, path: "/services/v2/order/certificate/" + id + "/validation", others: others,
		typeName: "certops_digicert_order_validation", arguments: map[string]any{"order_id": id}}
}

func domainRead(id, name string) fixtureRead {
	return fixtureRead{fixture: "digicert/" + name, path: "/services/v2/domain/" + id, typeName: "certops_digicert_domain",
		arguments: map[string]any{"domain_id": id}}
}

func requestRead(id int, name string) fixtureRead {
	return fixtureRead{fixture: "digicert/" + name, path: fmt.Sprintf("/services/v2/request/%d", id), typeName: "certops_digicert_request",
		arguments: map[string]any{"request_id": id}}
}

// response is what the API responds at the path.
func (r fixtureRead) response(t *testing.T) []byte {
	t.Helper()
	if r.around == "" {
		return fixtureText(t, r.fixture)
	}
	return fmt.Appendf(nil, r.around, fixtureText(t, r.fixture))
}

// network has all that the read needs.
func (r fixtureRead) network(t *testing.T) answers {
	t.Helper()
	network := answers{"/connect/token": []byte(tokenAnswer)}
	for path, name := range r.others {
		network[path] = fixtureText(t, name)
	}
	network[r.path] = r.response(t)
	return network
}

// fixtureText returns a fixture of the clients.
func fixtureText(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "client", filepath.Dir(name), "testdata", filepath.Base(name)))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestFixturesAreRead holds that fixtureReads forgets no fixture.
func TestFixturesAreRead(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob(filepath.Join("..", "client", "*", "testdata", "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, path := range names {
		vendor, name := filepath.Base(filepath.Dir(filepath.Dir(path))), filepath.Base(path)
		read := slices.ContainsFunc(fixtureReads, func(r fixtureRead) bool { return r.fixture == vendor+"/"+name })
		if !read && !strings.HasPrefix(name, "error_") {
			t.Errorf("nothing reads %s of %s", name, vendor)
		}
	}
}

// TestFixtureWarnings holds what users are told of responses that leave a name without a record.
func TestFixtureWarnings(t *testing.T) {
	t.Parallel()
	for fixture, warnings := range map[string][]string{
		"digicert/order_validation_20003_no_domain_id.json": {
			"No Record for an Open Validation: Order 20003 at DigiCert has no DNS record for example.com, example.org, which are not validated: " +
				"DigiCert gives no domain id, and without it the token cannot be read. Only requests that write return the token of such an order.",
		},
		"digicert/order_validation_20004_nameless.json": {
			"Order 20004 at DigiCert has no DNS record for a name that it does not tell, which is not validated: DigiCert names no validation " +
				"method.",
			"Unknown for a similar reason, 1 more (1 without an id).",
		},
		"realtimeregister/process_info_refused.json": {
			"These names get no DNS record:\n\n  - www.example.com (process 1): domain \"www.example.com\": owner name " +
				"\"_domainkey.www.example.com\" begins with a label that is not one of domain validation\n  - shop.example.com (process 1): ",
		},
		"digicert/domain_1236_ev_expired.json": {
			"Domain 1236 at DigiCert has no DNS record for example.com, which is not validated: DigiCert returns no token for the domain.",
		},
		"cps/dcv_40002_parents.json": nil, "cps/dcv_11605_shared.json": nil, "digicert/order_validation_20005_cname.json": nil,
	} {
		read := fixtureReads[slices.IndexFunc(fixtureReads, func(r fixtureRead) bool { return r.fixture == fixture })]
		s, err := newProtoServer(t.Context(), base.Environment{Getenv: environment(answersEnvironment), Transport: read.network(t)})
		if err != nil {
			t.Fatal(err)
		}
		result := readTwice(t, s, read.typeName, read.arguments)
		if result.failed() || len(result.Diagnostics) != len(warnings) {
			t.Errorf("%s: got %v", fixture, result.Diagnostics)
			continue
		}
		for i, warning := range warnings {
			if !strings.Contains(result.Diagnostics[i].String(), warning) {
				t.Errorf("%s: got %q, expected %q", fixture, result.Diagnostics[i], warning)
			}
		}
	}
}
