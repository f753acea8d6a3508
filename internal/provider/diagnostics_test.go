// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
	"github.com/certops/terraform-provider-certops/internal/sandbox/cps"
	"github.com/certops/terraform-provider-certops/internal/sandbox/digicert"
	"github.com/certops/terraform-provider-certops/internal/sandbox/realtimeregister"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

var update = flag.Bool("update", false, "write the golden files in testdata anew")

// failures are one error of every kind, and the variants that have a text of their own, as the clients make them.
func failures() []*client.Error {
	cause := errors.New("a cause, which may hold a secret")
	return []*client.Error{
		{Kind: client.KindUnauthorized, StatusCode: 401, Code: "code", Message: "Message.", Attempts: 1},
		{Kind: client.KindForbidden, StatusCode: 403, Code: "code", Message: "Message", Attempts: 1},
		{Kind: client.KindForbidden, StatusCode: 403, Attempts: 1},
		{Kind: client.KindForbidden, StatusCode: 403, Message: "the response is an HTML page", HTML: true, Attempts: 1},
		{Kind: client.KindNotFound, StatusCode: 404, Code: "code", Message: "Message", Details: []string{"a detail", "another detail"},
			Attempts: 1},
		{Kind: client.KindInvalid, StatusCode: 400, Code: "code", Attempts: 1},
		{Kind: client.KindRateLimited, StatusCode: 429, Attempts: 5},
		{Kind: client.KindUnavailable, StatusCode: 503, Attempts: 5},
		{Kind: client.KindCanceled, Message: "context canceled", Attempts: 1, Err: cause},
		{Kind: client.KindTimeout, Message: "no complete response within 30s", Attempts: 5, Err: cause},
		{Kind: client.KindNetwork, Message: "dial tcp 192.0.2.1:443: connect: connection refused", Attempts: 5, Err: cause},
		{Kind: client.KindTLS, Message: "tls: failed to verify certificate: x509: certificate signed by unknown authority", Attempts: 1,
			Err: cause},
		{Kind: client.KindDNS, Message: "lookup api.example: no such host", Attempts: 1, Err: cause},
		{Kind: client.KindRedirect, StatusCode: 302, Message: "redirected to https://elsewhere.example/login: another host or scheme",
			Attempts: 1, Err: cause},
		{Kind: client.KindBody, StatusCode: 200, Message: "the response is not JSON", Attempts: 1, Err: cause},
		{Kind: client.KindDecode, StatusCode: 200, Message: "the value is array where text is expected", Field: "order.status", Attempts: 1,
			Err: cause},
		{Kind: client.KindDecode, StatusCode: 200, Message: "the value is array where an object is expected", Attempts: 1, Err: cause},
		{Kind: client.KindUnauthorized, Token: true, StatusCode: 400, Code: "invalid_client", Attempts: 1},
		{Kind: client.KindBody, StatusCode: 200, Message: "the responses have more than 64 MiB together", Err: client.ErrQuota, Attempts: 1},
		{Kind: client.KindBody, Token: true, StatusCode: 200, Message: "the token endpoint's response holds no access token", Attempts: 1,
			Err: cause},
	}
}

// TestDiagnosticTexts compares the whole text of the diagnostic of every kind of failure, for every vendor, with
// testdata/diagnostics.txt, which is written to be read.
func TestDiagnosticTexts(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, s := range []base.Target{
		{Service: vendorNamed("realtime_register"), Noun: "Realtime Register Process", What: "process", ID: "1", Attribute: "process_id"},
		{Service: vendorNamed("cps"), Noun: "CPS Certificate", What: "certificate request", ID: "1", Attribute: "certificate_id"},
		{Service: vendorNamed("digicert"), Noun: "DigiCert Order Validation", What: "order", ID: "1", Attribute: "order_id"},
	} {
		fmt.Fprintf(&b, "======== %s\n", s.Service.DisplayName())
		for _, e := range failures() {
			e.Service, e.Method, e.URL = s.Service.DisplayName(), "GET", "https://api.example/v2/1/info"
			if e.Token {
				if s.Service.Name() != "cps" {
					continue // The others have no tokens.
				}
				e.Method, e.URL, e.Token = "POST", "https://id.example/token", true
			}
			fmt.Fprintf(&b, "\n---- %s\n%s\n", e.Kind, printed(base.ReadError(s, fmt.Errorf("wrapped: %w", e))))
			if s.Service.Name() == "cps" && (e.Kind == client.KindNetwork || e.Kind == client.KindDNS || e.Kind == client.KindTLS ||
				e.Kind == client.KindBody || e.Kind == client.KindUnavailable || e.Kind == client.KindRateLimited) {
				e.Method, e.URL, e.Token = "POST", "https://id.example/token", true
				fmt.Fprintf(&b, "\n---- %s at the token endpoint\n%s\n", e.Kind, printed(base.ReadError(s, e)))
			}
			if client.IsRefused(e) {
				fmt.Fprintf(&b, "\n---- %s for an extra read\n%s\n", e.Kind,
					printed(base.OrderDiagnostics(s, dcv.Order{Unread: []dcv.Unread{{Part: "the extra", Option: "include_extra",
						Refused: client.IsRefused(e), Err: e}}})[0]))
			}
		}
		fmt.Fprintf(&b, "\n---- something else\n%s\n\n", printed(base.ReadError(s, errors.New("no idea"))))
	}
	list := base.Target{Service: vendorNamed("digicert"), Noun: "DigiCert Orders", What: "the orders"}
	for _, kind := range []client.Kind{client.KindNotFound, client.KindInvalid} {
		fmt.Fprintf(&b, "======== a list\n\n---- %s\n%s\n\n", kind, printed(base.ReadError(list, &client.Error{Kind: kind, Method: "GET",
			URL: "https://api.example/order", StatusCode: 400, Code: "code"})))
	}
	got := b.String()
	if strings.Contains(got, "secret") && strings.Contains(got, "a cause") {
		t.Error("a diagnostic quotes the cause of an error, which nobody has searched for credentials")
	}
	file := filepath.Join("testdata", "diagnostics.txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("unexpected diagnostics (-want +got); run with -update and read the file:\n%s", diff)
	}
}

func printed(d diag.Diagnostic) string {
	return fmt.Sprintf("%s: %s\n%s", d.Severity(), d.Summary(), d.Detail())
}

func TestSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"a b": "A b.", "a.": "A.", "Ü": "Ü."} {
		if got := base.Sentence(errors.New(text)); got != want {
			t.Errorf("%q became %q, expected %q", text, got, want)
		}
	}
}

// What diagnostics advise, by kind.
const (
	rtrUnknown = "Check the id, and that it belongs to the account and the environment (production or OT&E) of the API key. The id of a " +
		"process is in the header X-Process-Id of the order's response."
	rtrInvalid = "Check `process_id`. Realtime Register gives this information for processes that order a certificate. For other " +
		"processes, and for those that have ended, it may return an error."
	rtrKey = "Check `realtime_register.api_key` (CERTOPS_REALTIME_REGISTER_API_KEY). The API returns this for wrong or expired " +
		"credentials, and for credentials of another environment than `realtime_register.base_url`."
	rtrForbidden = "The user of the API key needs the permission VIEW_PROCESS; grant it in the Realtime Register portal."
	rtrLimited   = "Realtime Register limits failed authentications. Check `realtime_register.api_key` " +
		"(CERTOPS_REALTIME_REGISTER_API_KEY), wait, and try again."
	rtrDown = "Realtime Register has a problem. Try again later."

	cpsUnknown = "CPS responds like this when the certificate request does not exist and when the API client may not see it. Check the " +
		"id, and the account of `cps.client_id` (CERTOPS_CPS_CLIENT_ID)."
	cpsInvalid = "Edgecast CPS does not accept this request. Check `certificate_id`."
	cpsKey     = "Check `cps.client_id` (CERTOPS_CPS_CLIENT_ID) and `cps.client_secret` (CERTOPS_CPS_CLIENT_SECRET). The API returns " +
		"this for wrong or expired credentials, and for credentials of another environment than `cps.base_url`."
	cpsForbidden = "The API client does not have the scope in `cps.scope` (CERTOPS_CPS_SCOPE), or no access to this object. Grant it " +
		"the scope."
	cpsLimited = "Too many requests were sent with these credentials. Wait a while, lower -parallelism, or raise `max_retries` " +
		"(CERTOPS_MAX_RETRIES)."
	cpsDown   = "Edgecast CPS has a problem. Try again later."
	cpsClient = "Check `cps.client_id` (CERTOPS_CPS_CLIENT_ID) and `cps.client_secret` (CERTOPS_CPS_CLIENT_SECRET)."
	cpsToken  = "Check `cps.client_id` (CERTOPS_CPS_CLIENT_ID) and `cps.client_secret` (CERTOPS_CPS_CLIENT_SECRET), `cps.scope` " +
		"(CERTOPS_CPS_SCOPE) and `cps.token_url` (CERTOPS_CPS_TOKEN_URL)."

	digicertUnknown = "DigiCert responds like this when the object does not exist and when the key may not see it. Check the id, the " +
		"account of the key, and `digicert.base_url`."
	digicertKey = "DigiCert does not know this key. Check `digicert.api_key` (CERTOPS_DIGICERT_API_KEY), and that " +
		"`digicert.base_url` is the platform it was made for: the United States and Europe have keys of their own."
	digicertForbidden = "The key's user or role may not see this. Use a key whose user may view the order, its domains and its requests; " +
		"\"View Only\" suffices."
	digicertLimited = "DigiCert allows a key 100 requests in 5 seconds and 1000 in 3 minutes. The provider keeps to that by itself, so " +
		"another program also uses this key. Wait, or give Terraform a key of its own."
	digicertDown     = "DigiCert has a problem. Try again later."
	digicertFirewall = "Something other than the API may have responded (a proxy, a firewall, a wrong `digicert.base_url`). Check the " +
		"address, the proxy settings (HTTPS_PROXY, NO_PROXY), and whether the API is open to this machine."
	firewallTitle = ` (titled "Request Rejected").`
)

// TestAccDiagnostics reads everything that fails in one plan under Terraform, one block for each row of the tables of
// errors in the vendors' documents, and compares the whole text of each diagnostic.
func TestAccDiagnostics(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	// The token endpoint is as good as down for the one client whose requests it counts last.
	type row struct {
		block    string // data source type and arguments
		severity string // "error" unless set
		summary  string
		what     string // what was being read
		answer   string
		details  []string
		request  string
		attempts int
		advice   string
	}
	process := func(id sandbox.ID, answer, advice string, details ...string) row {
		return row{
			block:   fmt.Sprintf("certops_process_info|process_id = %s", id),
			summary: "Unable to Read Realtime Register Process",
			what:    fmt.Sprintf("process %s at Realtime Register", id),
			answer:  answer, details: details, advice: advice,
			request: fmt.Sprintf("GET %s/v2/processes/%s/info", s.URL(sandbox.RealtimeRegister), id),
		}
	}
	certificate := func(id sandbox.ID, answer, advice string, details ...string) row {
		return row{
			block:   fmt.Sprintf("certops_cps_certificate|certificate_id = %s", id),
			summary: "Unable to Read CPS Certificate",
			what:    fmt.Sprintf("certificate request %s at Edgecast CPS", id),
			answer:  answer, details: details, advice: advice,
			request: fmt.Sprintf("GET %s/sec/cps/v2.0/certificates/%s", s.URL(sandbox.CPS), id),
		}
	}
	order := func(id sandbox.ID, answer, advice string) row {
		return row{
			block:   fmt.Sprintf("certops_digicert_order_validation|order_id = %s", id),
			summary: "Unable to Read DigiCert Order Validation",
			what:    fmt.Sprintf("order %s at DigiCert", id),
			answer:  answer, advice: advice,
			request: fmt.Sprintf("GET %s/order/certificate/%s/validation", s.URL(sandbox.DigiCert), id),
		}
	}
	request := func(id sandbox.ID, answer, advice string) row {
		r := order(id, answer, advice)
		r.block, r.summary = fmt.Sprintf("certops_digicert_request|request_id = %s", id), "Unable to Read DigiCert Request"
		r.what, r.request = fmt.Sprintf("request %s at DigiCert", id), fmt.Sprintf("GET %s/request/%s", s.URL(sandbox.DigiCert), id)
		return r
	}
	with := func(r row, change func(*row)) row {
		change(&r)
		return r
	}
	supplementary := func(r row, part, path, option string) row {
		return with(r, func(r *row) {
			r.what, r.request = part+" of "+r.what, path
			r.advice += "\n\nThe order is open. Without this part, DNS records would be missing. Set `" + option + " = false` to read the rest."
		})
	}
	token := func(provider, answer, advice string) row {
		return with(certificate(sandbox.CertificateSample, answer, advice), func(r *row) {
			r.block += "\n  provider = certops." + provider
			r.request = "POST " + s.URL(sandbox.Token)
		})
	}
	const unseen = "The certificate does not exist or the client has no permission to access it."
	rows := map[string]row{
		// Realtime Register
		"rtr_validation": process(core.IDInvalid, "HTTP 400 Bad Request: ValidationError: Validation error.", rtrInvalid),
		"rtr_constraint": process(realtimeregister.IDConstraintViolation, "HTTP 400 Bad Request: ConstraintViolationException: Constraint "+
			"violation.", rtrInvalid, "processId: must be a process of this customer"),
		"rtr_process": process(realtimeregister.IDProcessError, "HTTP 400 Bad Request: ProcessError: The process cannot give this "+
			"information.", rtrInvalid),
		"rtr_prohibits": process(realtimeregister.IDStatusProhibits, "HTTP 400 Bad Request: ObjectStatusProhibitsOperation: The status of "+
			"the process prohibits this operation.", rtrInvalid),
		"rtr_property": process(realtimeregister.IDUnrecognized, "HTTP 400 Bad Request: UnrecognizedPropertyException: Unrecognized "+
			"property.", rtrInvalid, `property "info"`),
		"rtr_unknown":   process("77", "HTTP 400 Bad Request: ObjectDoesNotExist: process does not exist.", rtrUnknown, `object "process" "77"`),
		"rtr_404":       process(core.IDNotFound, "HTTP 404 Not Found: Realtime Register gave no reason.", rtrUnknown),
		"rtr_401":       process(core.IDUnauthorized, "HTTP 401 Unauthorized: AuthenticationError: Authentication failed.", rtrKey),
		"rtr_401_empty": process(realtimeregister.IDUnauthorizedEmpty, "HTTP 401 Unauthorized: Realtime Register gave no reason.", rtrKey),
		"rtr_403":       process(core.IDForbidden, "HTTP 403 Forbidden: Realtime Register gave no reason.", rtrForbidden),
		"rtr_429":       process(core.IDRateLimited, "HTTP 429 Too Many Requests: Realtime Register gave no reason.", rtrLimited),
		"rtr_500":       process(core.IDInternalError, "HTTP 500 Internal Server Error: InternalSRSError: Internal error.", rtrDown),
		"rtr_502": process(core.IDBadGateway, "HTTP 502 Bad Gateway: ProviderConnectionError: The provider cannot be reached, try "+
			"again later.", rtrDown),
		"rtr_503": process(core.IDUnavailable, "HTTP 503 Service Unavailable: ProviderUnavailable: The provider is unavailable.",
			rtrDown, "down from 2026-01-10T22:00:00Z", "down until 2026-01-11T02:00:00Z"),
		"rtr_wrong_key": with(process(sandbox.ProcessSample, "HTTP 401 Unauthorized: AuthenticationError: Authentication failed.", rtrKey),
			func(r *row) { r.block += "\n  provider = certops.strangers" }),
		"rtr_unprivileged": with(process(sandbox.ProcessSample, "HTTP 403 Forbidden: Realtime Register gave no reason.", rtrForbidden),
			func(r *row) { r.block += "\n  provider = certops.unprivileged" }),

		// CPS
		"cps_400":     certificate(core.IDInvalid, "HTTP 400 Bad Request: invalid_input: Invalid input.", cpsInvalid),
		"cps_401":     certificate(core.IDUnauthorized, "HTTP 401 Unauthorized: unauthorized: Unauthorized.", cpsKey),
		"cps_403":     certificate(core.IDForbidden, "HTTP 403 Forbidden: forbidden: Forbidden.", cpsForbidden),
		"cps_403_old": certificate(cps.IDAccessDenied, "HTTP 403 Forbidden: Access Denied.", cpsForbidden),
		"cps_404":     certificate("77", "HTTP 404 Not Found: not_found: Not found.", cpsUnknown, unseen),
		"cps_empty":   certificate(core.IDEmptyObject, "HTTP 200 OK: the response has no id where 920000 was asked for.", cpsUnknown),
		"cps_other": certificate(core.IDOtherObject, "HTTP 200 OK: the response is about id 11604 where 920001 was asked for.",
			cpsUnknown),
		"cps_429": certificate(core.IDRateLimited, "HTTP 429 Too Many Requests: rate_limit_reached: Rate limit reached.", cpsLimited),
		"cps_500": certificate(core.IDInternalError, "HTTP 500 Internal Server Error: internal_error: Internal error.", cpsDown),
		"cps_502": certificate(core.IDBadGateway, "HTTP 502 Bad Gateway: bad_gateway: Bad gateway.", cpsDown),
		"cps_503": certificate(core.IDUnavailable, "HTTP 503 Service Unavailable: service_unavailable: Service unavailable.", cpsDown),
		"cps_504": certificate(core.IDGatewayTimeout, "HTTP 504 Gateway Timeout: gateway_timeout: Gateway timeout.", cpsDown),
		"cps_without_scope": with(certificate(sandbox.CertificateSample, "HTTP 403 Forbidden: forbidden: Forbidden.", cpsForbidden,
			"The access token lacks the scope."), func(r *row) { r.block += "\n  provider = certops.unprivileged" }),
		"cps_invalid_client": token("strangers", "no access token could be obtained: HTTP 400 Bad Request: invalid_client.", cpsClient),
		"cps_invalid_scope": token("misled", "no access token could be obtained: HTTP 400 Bad Request: invalid_scope: the scope is not known.",
			cpsToken),
		"cps_status_403": supplementary(certificate(cps.IDStatusForbidden, "HTTP 403 Forbidden: forbidden: Forbidden.", cpsForbidden),
			"the status", fmt.Sprintf("GET %s/sec/cps/v2.0/certificates/920004/status", s.URL(sandbox.CPS)), "include_status"),
		"cps_status_404": supplementary(certificate(cps.IDStatusNotFound, "HTTP 404 Not Found: not_found: Not found.", cpsUnknown, unseen),
			"the status", fmt.Sprintf("GET %s/sec/cps/v2.0/certificates/920005/status", s.URL(sandbox.CPS)), "include_status"),
		"cps_dcv_403": supplementary(certificate(cps.IDDCVForbidden, "HTTP 403 Forbidden: forbidden: Forbidden.", cpsForbidden),
			"the DCV data", fmt.Sprintf("GET %s/sec/cps/v2.0/dcv/certificates/920006?domain_ids=920006001", s.URL(sandbox.CPS)), "include_dcv"),
		"cps_dcv_404": supplementary(certificate(cps.IDDCVNotFound, "HTTP 404 Not Found: not_found: Not found.", cpsUnknown, unseen),
			"the DCV data", fmt.Sprintf("GET %s/sec/cps/v2.0/dcv/certificates/920007?domain_ids=920007001", s.URL(sandbox.CPS)), "include_dcv"),

		// DigiCert
		"digicert_401": order(core.IDUnauthorized, "HTTP 401 Unauthorized: access_denied|access_denied_invalid_key: The API key is "+
			"not valid.", digicertKey),
		"digicert_403_key": order(digicert.IDInvalidKeyForbidden, "HTTP 403 Forbidden: access_denied|access_denied_invalid_key: The API "+
			"key is not valid.", digicertKey),
		"digicert_403": order(core.IDForbidden, "HTTP 403 Forbidden: access_denied|missing_permission: The API key lacks a permission.",
			digicertForbidden),
		"digicert_403_object": order(digicert.IDErrorsObject, "HTTP 403 Forbidden: access_denied|missing_permission: The API key lacks a "+
			"permission.", digicertForbidden),
		"digicert_403_firewall": order(digicert.IDFirewall, "HTTP 403 Forbidden: the response is an HTML page, so a firewall or a proxy sent "+
			"it rather than the API"+firewallTitle, digicertFirewall),
		"digicert_200_firewall": order(digicert.IDFirewallOK, "HTTP 200 OK: the response is an HTML or XML page instead of JSON; something "+
			"between here and the API may have sent it"+firewallTitle, digicertFirewall),
		"digicert_other": order(core.IDOtherObject, `HTTP 200 OK: the response is about order "112211" where "920001" was asked for.`,
			digicertFirewall),
		"digicert_404":         order("77", "HTTP 404 Not Found: not_found|order: The order was not found.", digicertUnknown),
		"digicert_404_request": request("77", "HTTP 404 Not Found: not_found|request: The request was not found.", digicertUnknown),
		"digicert_404_route":   order(digicert.IDNoRoute, "HTTP 404 Not Found: not_found|route: The route was not found.", digicertUnknown),
		"digicert_406": order(digicert.IDNotAcceptable, "HTTP 406 Not Acceptable: not_acceptable: The requested format is not "+
			"available.", "The provider asks for JSON, which the API has. Check whether a proxy changes the header Accept."),
		"digicert_429": request(core.IDRateLimited, "HTTP 429 Too Many Requests: request_limit_exceeded: The request limit was exceeded.",
			digicertLimited),
		"digicert_500": request(core.IDInternalError, "HTTP 500 Internal Server Error: error_500: Internal Server Error.", digicertDown),
		"digicert_patient": with(request(core.IDGatewayTimeout, "HTTP 504 Gateway Timeout: error_504: Gateway Timeout.", digicertDown),
			func(r *row) {
				r.block += "\n  provider = certops.patient"
				r.attempts = 2
			}),
		"digicert_wrong_key": with(request(sandbox.RequestSample, "HTTP 403 Forbidden: access_denied|access_denied_invalid_key: The API "+
			"key is not valid.", digicertKey), func(r *row) { r.block += "\n  provider = certops.strangers" }),
		"digicert_unprivileged": with(request(sandbox.RequestSample, "HTTP 403 Forbidden: access_denied|missing_permission: The API key lacks "+
			"a permission.", digicertForbidden), func(r *row) { r.block += "\n  provider = certops.unprivileged" }),
		"digicert_domain_403": supplementary(order(digicert.IDDomainForbidden, "HTTP 403 Forbidden: access_denied|missing_permission: "+
			"The API key lacks a permission.", digicertForbidden),
			"the DCV token of domain 920009001", fmt.Sprintf("GET %s/domain/920009001?include_dcv=true&include_validation=true&"+
				"include_validation_reuse_status=true", s.URL(sandbox.DigiCert)), "include_dcv_tokens"),
	}

	const secret = "a-credential-that-nobody-knows"
	config := requireCertops + fmt.Sprintf(`
provider "certops" {
  max_retries = 0
}

provider "certops" {
  alias       = "patient"
  max_retries = 1
}

provider "certops" {
  alias             = "strangers"
  realtime_register = { api_key = %[1]q }
  cps               = { client_secret = %[1]q }
  digicert          = { api_key = %[1]q }
}

provider "certops" {
  alias             = "unprivileged"
  realtime_register = { api_key = %[2]q }
  cps               = { client_id = %[3]q }
  digicert          = { api_key = %[4]q }
}

provider "certops" {
  alias = "misled"
  cps   = { scope = "another.scope" }
}
`, secret, sandbox.APIKeyWithoutPermission, sandbox.ClientIDWithoutScope, sandbox.DigiCertKeyWithoutPermission)
	for name, r := range rows {
		typeName, arguments, _ := strings.Cut(r.block, "|")
		config += fmt.Sprintf("\ndata %q %q {\n  %s\n}\n", typeName, name, arguments)
	}
	w := newWorkspace(t, s.Env(), nil, map[string]string{"main.tf": config})
	diagnostics, output := w.plan()
	for name, r := range rows {
		typeName, _, _ := strings.Cut(r.block, "|")
		want := diagnostic{Severity: "error", Summary: r.summary, Address: "data." + typeName + "." + name}
		if r.severity != "" {
			want.Severity = r.severity
		}
		want.Detail = "Reading " + r.what + " failed: " + r.answer + "\n"
		for _, detail := range r.details {
			want.Detail += "  - " + detail + "\n"
		}
		want.Detail += "\nRequest: " + r.request
		if r.attempts > 1 {
			want.Detail += fmt.Sprintf(" (%d attempts)", r.attempts)
		}
		want.Detail += "\n\n" + r.advice
		if diff := cmp.Diff([]diagnostic{want}, diagnostics[want.Address]); diff != "" {
			t.Errorf("%s: unexpected diagnostics (-want +got):\n%s", name, diff)
		}
		delete(diagnostics, want.Address)
	}
	if len(diagnostics) > 0 {
		t.Errorf("further diagnostics: %v", diagnostics)
	}
	if t.Failed() {
		t.Log(output)
	}
	for _, credential := range []string{secret, sandbox.APIKey, sandbox.APIKeyWithoutPermission, sandbox.ClientSecret, sandbox.DigiCertKey,
		sandbox.DigiCertKeyWithoutPermission} {
		if strings.Contains(output, credential) {
			t.Errorf("Terraform printed a credential")
		}
	}
}

// TestAccWarningsOfAnswers covers what a response itself gives reason to say.
func TestAccWarningsOfAnswers(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	w := newWorkspace(t, s.Env(), nil, map[string]string{"main.tf": requireCertops + `
data "certops_process_info" "nothing" {
  process_id = 920000
}

data "certops_process_info" "zone" {
  process_id = 30001
  zones      = ["example.com"]
}

data "certops_process_info" "no_zones" {
  process_id = 30001
  zones      = []
}

data "certops_cps_certificate" "zone" {
  certificate_id = 40001
  zones          = ["ample.com", "net.example"]
}

data "certops_digicert_order_validation" "zone" {
  order_id = 20001
  zones    = ["www.example.com.", "example.net"]
}
`})
	hash := processHash(t, s)
	advice := " Add the zone of each record to `zones`, by its name and not by an id, " +
		"or leave `zones` out if you do not need `zone` and `relative_name`."
	want := map[string][]diagnostic{
		"data.certops_process_info.nothing": {{Severity: "warning", Summary: "No Certificate Information",
			Detail: "The response for process 920000 has neither a common name nor validations. The process has ended, or it has not begun."}},
		"data.certops_process_info.zone": {{Severity: "error", Summary: "No Zone for DNS Record",
			Detail: `"_` + hash + `.www.example.net" is in none of the zones "example.com".` + advice}},
		"data.certops_process_info.no_zones": {{Severity: "error", Summary: "No Zone for DNS Record",
			Detail: `"_` + hash + `.example.com", "_` + hash + `.www.example.net" are in no zone: the set of zones is empty.` + advice}},
		"data.certops_cps_certificate.zone": {{Severity: "error", Summary: "No Zone for DNS Record",
			Detail: `"cdn.example.com", "cdn.example.net" are in none of the zones "ample.com", "net.example".` + advice}},
		"data.certops_digicert_order_validation.zone": {{Severity: "error", Summary: "No Zone for DNS Record",
			Detail: `"_dnsauth.example.com" is in none of the zones "example.net", "www.example.com.".` + advice}},
	}
	for address := range want {
		want[address][0].Address = address
	}
	diagnostics, _ := w.plan()
	if diff := cmp.Diff(want, diagnostics); diff != "" {
		t.Errorf("unexpected diagnostics (-want +got):\n%s", diff)
	}
}
