// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/base"
)

// answers are what a network without servers responds, by path; any other path is an unknown object.
type answers map[string][]byte

// RoundTrip implements http.RoundTripper.
func (a answers) RoundTrip(req *http.Request) (*http.Response, error) {
	body, ok := a[req.URL.Path]
	status := http.StatusOK
	if !ok {
		status, body = http.StatusNotFound, []byte(`{}`)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: req}, nil
}

// tokenAnswer is the response of a token endpoint.
const tokenAnswer = `{"access_token":"token-of-a-test","expires_in":300,"token_type":"Bearer"}`

// answersEnvironment configures every vendor at its default address, which only a replaced transport reaches.
var answersEnvironment = map[string]string{
	"CERTOPS_REALTIME_REGISTER_API_KEY": "key-of-a-test", "CERTOPS_DIGICERT_API_KEY": "key-of-a-test",
	"CERTOPS_CPS_CLIENT_ID": "client-of-a-test", "CERTOPS_CPS_CLIENT_SECRET": "secret-of-a-test", base.EnvMaxRetries: "0",
}

// foreseen are the summaries of diagnostics that a response can lead to. The framework's own, about values that do not fit
// a schema, are not among them.
var foreseen = []string{
	"Unable to Read ", "Incomplete ", "DNS Record Refused", "No Record for an Open Validation", "Conflicting DNS Records",
	"No Certificate Information", "Validation No Longer Holds",
}

// readTwice reads a data source twice and demands the same state, and no diagnostics but those that are foreseen and
// fit to print.
func readTwice(t *testing.T, s *protoServer, typeName string, arguments map[string]any) protoResult {
	t.Helper()
	var results [2]protoResult
	for i := range results {
		// Every client counts its requests; a new one begins anew.
		err := s.configure(t.Context())
		if err == nil {
			results[i], err = s.read(t.Context(), typeName, arguments)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(results[0], results[1]); diff != "" {
		t.Errorf("%s: the second read of one response differs (-first +second):\n%s", typeName, diff)
	}
	for _, d := range results[0].Diagnostics {
		if !slices.ContainsFunc(foreseen, func(summary string) bool { return strings.Contains(d.Summary, summary) }) {
			t.Errorf("%s: unforeseen diagnostic: %s", typeName, d)
		}
		unprintable := func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
		if !utf8.ValidString(d.Detail) || strings.ContainsFunc(d.Detail, unprintable) || len(d.Detail) > 64<<10 {
			t.Errorf("%s: the diagnostic is not fit to print: %q", typeName, d.Detail)
		}
	}
	return results[0]
}

// answerFiles returns the contents of a client package's fixtures, without the errors.
func answerFiles(f *testing.F, vendor string) [][]byte {
	f.Helper()
	names, err := filepath.Glob(filepath.Join("..", "client", vendor, "testdata", "*.json"))
	if err != nil || len(names) == 0 {
		f.Fatalf("%s has no fixtures: %v", vendor, err)
	}
	var all [][]byte
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, text)
	}
	return all
}

func FuzzRealtimeRegisterAnswers(f *testing.F) {
	for _, text := range answerFiles(f, "realtimeregister") {
		f.Add(text, []byte(`{"entities":[{"id":1,"status":"SUSPENDED"}],"pagination":{"total":1}}`))
		f.Add([]byte(`{}`), []byte(`{"entities":[`+string(text)+`]}`))
	}
	f.Add([]byte(`{}`), []byte(`{"entities":[{"id":1,"status":"FAILED","command":{"b":[1.50],"a":null},"error":"late","billables":[{}],`+
		`"reservation":{"EUR":1e3,"USD":"x"},"transaction":[]}],"pagination":{"total":1}}`))
	f.Add([]byte(`{"commonName":"a.example","validations":{"dcv":[{"type":"DNS","dnsRecord":"x y.a.example","dnsContents":"v"}]}}`),
		[]byte(`{"entities":[{}],"pagination":{"total":99}}`))
	f.Fuzz(func(t *testing.T, info, page []byte) {
		network := answers{
			"/v2/processes/1/info": info,
			"/v2/processes/1":      page,
			"/v2/processes":        page,
		}
		s, err := newProtoServer(t.Context(), base.Environment{Getenv: environment(answersEnvironment), Transport: network})
		if err != nil {
			t.Fatal(err)
		}
		readTwice(t, s, "certops_process_info", map[string]any{"process_id": 1})
		readTwice(t, s, "certops_processes", map[string]any{"include_info": true})
		readTwice(t, s, "certops_dcv_validation", map[string]any{"process_id": 1})
	})
}

func FuzzCPSAnswers(f *testing.F) {
	// Every pair of files would take a minute to try.
	for _, file := range answerFiles(f, "cps") {
		f.Add(file, file, file)
	}
	for _, read := range fixtureReads {
		path, isDCV := strings.CutPrefix(read.path, "/sec/cps/v2.0/dcv/")
		if isDCV {
			certificate := "/sec/cps/v2.0/" + path
			f.Add(fixtureText(f, read.others[certificate]), fixtureText(f, read.others[certificate+"/status"]), fixtureText(f, read.fixture))
		}
	}
	f.Fuzz(func(t *testing.T, certificate, status, dcv []byte) {
		network := answers{
			"/connect/token":             []byte(tokenAnswer),
			"/sec/cps/v2.0/certificates": slices.Concat([]byte(`{"items":[`), certificate, []byte(`]}`)),
		}
		for _, id := range []string{"11604", "11605", "40001", "40002"} {
			network["/sec/cps/v2.0/certificates/"+id] = certificate
			network["/sec/cps/v2.0/certificates/"+id+"/status"] = status
			network["/sec/cps/v2.0/dcv/certificates/"+id] = dcv
		}
		s, err := newProtoServer(t.Context(), base.Environment{Getenv: environment(answersEnvironment), Transport: network})
		if err != nil {
			t.Fatal(err)
		}
		readTwice(t, s, "certops_cps_certificate", map[string]any{"certificate_id": 11604})
		readTwice(t, s, "certops_cps_certificates", nil)
	})
}

func FuzzDigiCertAnswers(f *testing.F) {
	for _, text := range answerFiles(f, "digicert") {
		f.Add(text, text, text)
	}
	f.Add([]byte(`{"order_id":"112211","order_status":"pending","organization_validations":{"1":{"type":"ov"}},"dns_name_validations":{"2":`+
		`{"domain_id":1234,"status":"approved","method":"dns-txt-token"},"0":{"domain_id":0,"dns_names":{}},"5":[]}}`),
		[]byte(`{"id":1234,"name":"a.example","organization":[],"dcv_expiration":[],"validations":{"3":{"type":"ov","status":"expired"}},`+
			`"dcv_token":{"token":"_Mz6gN2qyQ4kcsktW6hl57zv0v6xkwvb"}}`),
		[]byte(`{"id":198,"order":{"id":1,"auto_renew":10,"organization":[],"requests":{},"certificate":{"dns_names":{"3":"a.example"}}}}`))
	f.Fuzz(func(t *testing.T, order, domain, request []byte) {
		network := answers{
			"/services/v2/order/certificate/112211/validation": order,
			"/services/v2/order/certificate":                   order,
			"/services/v2/domain/1234":                         domain,
			"/services/v2/domain/1235":                         domain,
			"/services/v2/domain":                              domain,
			"/services/v2/request/198":                         request,
			"/services/v2/request":                             slices.Concat([]byte(`{"requests":[`), request, []byte(`]}`)),
		}
		s, err := newProtoServer(t.Context(), base.Environment{Getenv: environment(answersEnvironment), Transport: network})
		if err != nil {
			t.Fatal(err)
		}
		readTwice(t, s, "certops_digicert_order_validation", map[string]any{"order_id": "112211"})
		readTwice(t, s, "certops_digicert_orders", map[string]any{"include_validation": true})
		readTwice(t, s, "certops_digicert_domain", map[string]any{"domain_id": "1234"})
		readTwice(t, s, "certops_digicert_request", map[string]any{"request_id": 198})
		readTwice(t, s, "certops_digicert_requests", nil)
	})
}
