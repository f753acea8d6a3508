// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/provider/providertest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// These tests speak the plugin protocol, as Terraform 1.14 and newer do with actions: they run whatever Terraform is at hand.

// writable starts a simulator at which actions may write, and whose authorities look when they are asked and not by themselves.
func writable(t *testing.T, quirks ...string) *sandbox.Sandbox {
	t.Helper()
	return sandboxtest.Start(t, sandbox.Options{Writes: true, LookInterval: 24 * time.Hour, Quirks: quirks})
}

// invocation is what came of an action.
type invocation struct {
	progress    []string
	diagnostics []*tfprotov6.Diagnostic
}

// told is everything that the user sees.
func (o invocation) told() string {
	var b strings.Builder
	for _, line := range o.progress {
		fmt.Fprintf(&b, "> %s\n", line)
	}
	for _, d := range o.diagnostics {
		fmt.Fprintf(&b, "%s: %s\n%s\n", d.Severity, d.Summary, d.Detail)
	}
	return b.String()
}

// want demands that the user sees texts, and whether the action failed.
func (o invocation) want(t *testing.T, failed bool, texts ...string) {
	t.Helper()
	told := o.told()
	for _, text := range texts {
		if !strings.Contains(told, text) {
			t.Errorf("the user is not told %q:\n%s", text, told)
		}
	}
	if got := len(o.diagnostics) > 0; got != failed {
		t.Errorf("failed is %t, want %t:\n%s", got, failed, told)
	}
}

// invoke validates and runs an action in an environment.
func invoke(t *testing.T, env map[string]string, name string, arguments map[string]any) invocation {
	t.Helper()
	return invokeAt(providertest.NewEngine(t, benchmarkServer(env, nil)), name, arguments)
}

// invokeAt validates, plans and runs an action of a provider that is configured.
func invokeAt(e providertest.Engine, name string, arguments map[string]any) invocation {
	progress, diagnostics := e.Invoke(name, arguments)
	return invocation{progress, diagnostics}
}

// with returns an environment with changes.
func with(env map[string]string, name, value string) map[string]string {
	env = maps.Clone(env)
	env[name] = value
	return env
}

// wantWrites demands how many requests wrote at a vendor.
func wantWrites(t *testing.T, s *sandbox.Sandbox, svc sandbox.Service, want int) {
	t.Helper()
	if got := s.Writes(svc); len(got) != want {
		t.Errorf("%d requests wrote at %s, want %d: %v", len(got), svc, want, got)
	}
}

// try fails a test on an error of the simulator.
func try(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func checkOrder(t *testing.T, s *sandbox.Sandbox, arguments map[string]any) invocation {
	t.Helper()
	arguments["digicert_order_id"] = string(sandbox.OrderPending)
	return invoke(t, s.Env(), "certops_check_now", arguments)
}

// The authority looks although its own schedule does not, and the user reads what came of it name by name.
func TestCheckNowOrder(t *testing.T) {
	t.Parallel()
	s := writable(t)
	try(t, s.Publish(sandbox.DigiCert, sandbox.OrderPending))
	try(t, s.SetRecords("_dnsauth.www.example.com", "CNAME", "old.dcv.digicert.com."))
	try(t, s.DeleteRecords("shop.example.net", "TXT"))
	checkOrder(t, s, map[string]any{}).want(t, false,
		"> Asking DigiCert to look for the records of order 20001 at once.",
		"> example.com: validated until ", "> *.example.com: validated until ",
		`> www.example.com: pending. DigiCert says "pending" and gives no reason.`, `> shop.example.net: pending. DigiCert says "pending"`,
		`> Order 20001 at DigiCert: 2 of 4 names validated (shop.example.net: pending, www.example.com: pending). `+
			`The order's status is "pending".`)
	wantWrites(t, s, sandbox.DigiCert, 1)

	// On failure, what DNS responds stands beside it.
	checkOrder(t, s, map[string]any{"fail_on_pending": true}).want(t, true,
		"Not Validated\nOrder 20001 at DigiCert is not validated, although DigiCert looked at once. 2 of 4 names validated",
		"www.example.com: pending (method dns-cname-token)\n  DigiCert says \"pending\" and gives no reason.\n"+
			"  expected:      _dnsauth.www.example.com CNAME _",
		"observed:      old.dcv.digicert.com", "servers asked: "+s.DNSAddr)
	wantWrites(t, s, sandbox.DigiCert, 2)

	// Only some names.
	try(t, s.Publish(sandbox.DigiCert, sandbox.OrderPending))
	some := checkOrder(t, s, map[string]any{"domains": []string{"WWW.example.com.", "www.example.com"}, "fail_on_pending": true})
	some.want(t, false, "> www.example.com: validated until ", "1 of 1 names validated")
	if strings.Contains(some.told(), "shop") {
		t.Errorf("another name is reported:\n%s", some.told())
	}
	if state, err := s.State(sandbox.DigiCert, sandbox.OrderPending); err != nil || state.Stage != core.StageTokenAssigned {
		t.Errorf("more than the name asked for was checked: %v %v", state, err)
	}
	checkOrder(t, s, map[string]any{"domains": []string{"mail.example.com"}}).want(t, true, "Unknown Name",
		"no open or validated name mail.example.com. It has: *.example.com, example.com, shop.example.net, www.example.com. Write")
	wantWrites(t, s, sandbox.DigiCert, 3)

	// All names, and the certificate is issued. Then there is nothing to write any more.
	checkOrder(t, s, map[string]any{"fail_on_pending": true}).want(t, false,
		`> Order 20001 at DigiCert: 4 of 4 names validated. The order's status is "issued".`)
	wantWrites(t, s, sandbox.DigiCert, 4)
	checkOrder(t, s, map[string]any{}).want(t, false, "> Order 20001 at DigiCert needs no check: every name is validated.")
	checkOrder(t, s, map[string]any{"domains": []string{"www.example.com"}}).want(t, false, "> www.example.com: validated until ")
	// An issued order may list only some of its names.
	checkOrder(t, s, map[string]any{"domains": []string{"www.example.com", "mail.example.com"}}).want(t, false,
		"> www.example.com: validated until ", "> Order 20001 at DigiCert is issued. It does not list mail.example.com.")
	wantWrites(t, s, sandbox.DigiCert, 4)
}

// A record that is right here and was refused there is a case of its own.
func TestCheckNowRightRecord(t *testing.T) {
	t.Parallel()
	s := writable(t)
	checkOrder(t, s, map[string]any{}) // The first read is a look as well.
	try(t, s.Publish(sandbox.DigiCert, sandbox.OrderPending))
	inject(t, s, sandbox.Fault{Service: sandbox.DigiCert, Method: "PUT", Kind: sandbox.FaultBody,
		Body: `{"order_status":"pending","dcv_status":"pending"}`})
	checkOrder(t, s, map[string]any{"fail_on_pending": true}).want(t, true,
		"The record is right. DigiCert looked and is not satisfied: it may have kept an old response")
}

// Where DigiCert gives a reason, it stands with the names that it is about.
func TestCheckNowReasons(t *testing.T) {
	t.Parallel()
	s := writable(t, "digicert-check-refuses")
	got := checkOrder(t, s, map[string]any{"fail_on_pending": true})
	got.want(t, true, "> example.com: pending. DigiCert says: invalid_dns_cname: Unable to find the random value for example.com.",
		"example.com: pending (method dns-cname-token)\n  DigiCert says: invalid_dns_cname: ")
	if strings.Contains(got.told(), "www.example.com: pending. DigiCert says") {
		t.Errorf("a name has another name's reason:\n%s", got.told())
	}
	// One that names no name is about all.
	inject(t, s, sandbox.Fault{Service: sandbox.DigiCert, Method: "PUT", Kind: sandbox.FaultBody, Status: 400,
		Body: `{"errors":[{"code":"invalid_dns_txt","message":"Nothing found"},{"code":"caa","message":"CAA forbids www.example.com"}]}`})
	checkOrder(t, s, map[string]any{}).want(t, false, "> example.com: pending. DigiCert says: invalid_dns_txt: Nothing found\n",
		"> www.example.com: pending. DigiCert says: invalid_dns_txt: Nothing found; caa: CAA forbids www.example.com\n")
}

func TestCheckNowDomain(t *testing.T) {
	t.Parallel()
	s := writable(t)
	check := func(arguments map[string]any) invocation {
		arguments["digicert_domain_id"] = "20001003"
		return invoke(t, s.Env(), "certops_check_now", arguments)
	}
	check(map[string]any{}).want(t, false, "> shop.example.net: pending. DigiCert says: invalid_dns_txt: "+
		"Unable to find the random value for shop.example.net.")
	check(map[string]any{"fail_on_pending": true}).want(t, true, "Domain 20001003 at DigiCert is not validated", "observed:      none")
	check(map[string]any{"domains": []string{"shop.example.net"}}).want(t, true, "A DigiCert domain is one name.")
	try(t, s.Publish(sandbox.DigiCert, sandbox.OrderPending))
	check(map[string]any{"fail_on_pending": true}).want(t, false, "> shop.example.net: validated until ")
	wantWrites(t, s, sandbox.DigiCert, 3)
	check(map[string]any{}).want(t, false, "needs no check")
	wantWrites(t, s, sandbox.DigiCert, 3)
}

// A domain that was submitted again waits for its record, although the validation before still holds.
func TestCheckNowDomainThatHolds(t *testing.T) {
	t.Parallel()
	s := writable(t)
	inject(t, s, sandbox.Fault{Service: sandbox.DigiCert, Method: "GET", Kind: sandbox.FaultBody,
		Body: `{"id":20001003,"name":"shop.example.net",
		"dcv_method":"dns-txt-token","dcv_expiration_datetime":"2099-01-01T00:00:00+00:00","validations":[{"type":"ov","dcv_status":"complete"}],
		"dcv_token":{"token":"t0k3n","status":"pending","expiration_date":"2099-01-01T00:00:00+00:00"}}`})
	invoke(t, s.Env(), "certops_check_now", map[string]any{"digicert_domain_id": "20001003", "fail_on_pending": true}).want(t, true,
		"> shop.example.net: pending. The validation before still holds. DigiCert waits for the record of the new token. "+
			"DigiCert says: invalid_dns_txt")
	wantWrites(t, s, sandbox.DigiCert, 1)
}

func TestCheckNowProcess(t *testing.T) {
	t.Parallel()
	s := writable(t)
	check := func(id core.ID, arguments map[string]any) invocation {
		arguments["process_id"] = id.Number()
		return invoke(t, s.Env(), "certops_check_now", arguments)
	}
	check(sandbox.ProcessPending, map[string]any{"fail_on_pending": true}).want(t, true,
		"> www.example.net: pending. Realtime Register says: example.com: no CNAME record", "Process 30001 at Realtime Register is not validated",
		"expected:      _", "observed:      none")
	try(t, s.Publish(sandbox.RealtimeRegister, sandbox.ProcessPending))
	check(sandbox.ProcessPending, map[string]any{"domains": []string{"www.example.net"}, "fail_on_pending": true}).want(t, false,
		"> www.example.net: validated")
	check(sandbox.ProcessPending, map[string]any{"fail_on_pending": true}).want(t, false, "3 of 3 names validated")
	wantWrites(t, s, sandbox.RealtimeRegister, 3)

	// Without RESEND nobody asks.
	unplaced, err := s.Add(sandbox.Process{Names: []string{"a.example.com"}})
	try(t, err)
	try(t, s.Fail(sandbox.RealtimeRegister, unplaced, ""))
	check(unplaced, map[string]any{}).want(t, false,
		`> Realtime Register was not asked to look: the process has the status "SUSPENDED", and its resume types do not contain RESEND (CANCEL).`)
	check(unplaced, map[string]any{"fail_on_pending": true}).want(t, true, "is not validated, and Realtime Register was not asked to look")
	// E-mails are not sent again.
	mail, err := s.Add(sandbox.Process{Names: []string{"a.example.com"}, Method: "EMAIL"})
	try(t, err)
	check(mail, map[string]any{}).want(t, false, "was not asked to look: no open name is validated by a DNS record or a file")
	canceled, err := s.Add(sandbox.Process{Names: []string{"a.example.com"}})
	try(t, err)
	try(t, s.Cancel(sandbox.RealtimeRegister, canceled))
	check(canceled, map[string]any{}).want(t, false, "was not asked to look: the process has the status CANCELLED")
	wantWrites(t, s, sandbox.RealtimeRegister, 3)
}

func TestCheckNowArguments(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	for want, arguments := range map[string]map[string]any{
		"CPS Cannot Look at Once\nThere is no request by which": {
			"cps_certificate_id": 40001,
		},
		"Set one of `process_id`, `digicert_order_id` and `digicert_domain_id`. The configuration sets none of them.": {},
		"The configuration sets `process_id` and `digicert_order_id`.": {"process_id": 1, "digicert_order_id": "1",
			"digicert_domain_id": tftypes.UnknownValue},
		"must be at least 1":                                {"process_id": 0},
		"the id of an order, in digits only":                {"digicert_order_id": "../1"},
		"must be the id of a domain, in digits only":        {"digicert_domain_id": "x"},
		"Unable to Read DigiCert Order\nReading order 7 at": {"digicert_order_id": "7"},
		"Unable to Read DigiCert Domain":                    {"digicert_domain_id": "7"},
		"Unable to Read Realtime Register Process":          {"process_id": 7},
	} {
		invoke(t, s.Env(), "certops_check_now", arguments).want(t, true, want)
	}
	for want, arguments := range map[string]map[string]any{
		"the environment variable CERTOPS_DIGICERT_API_KEY":          {"digicert_order_id": "1"},
		"the environment variable CERTOPS_REALTIME_REGISTER_API_KEY": {"process_id": 1},
	} {
		invoke(t, nil, "certops_check_now", arguments).want(t, true, want, "It is needed by certops_check_now.")
	}
}

// TestActionsLateArguments: Terraform validates an action while the values of arguments are unknown, and not again when they are known.
func TestActionsLateArguments(t *testing.T) {
	t.Parallel()
	const checkNow, submitDomain = "certops_check_now", "certops_digicert_submit_domain"
	s := writable(t)
	try(t, s.Validate(sandbox.DigiCert, sandbox.OrderPending, "www.example.com"))
	e := providertest.NewEngine(t, benchmarkServer(s.Env(), nil))
	late := func(name string, arguments map[string]any) invocation {
		progress, diagnostics := e.InvokeLate(name, arguments)
		return invocation{progress, diagnostics}
	}
	for want, test := range map[string]struct {
		action    string
		arguments map[string]any
	}{
		"The configuration sets `process_id` and `digicert_order_id`.": {
			checkNow, map[string]any{"process_id": 30001, "digicert_order_id": "20001"},
		},
		"Set one of `process_id`, `digicert_order_id` and": {checkNow, nil},
		"CPS Cannot Look at Once":                          {checkNow, map[string]any{"cps_certificate_id": 1}},
		"the id of an order, in digits only":               {checkNow, map[string]any{"digicert_order_id": "../1"}},
		"`domains` is empty": {
			checkNow, map[string]any{"digicert_order_id": "20001", "domains": []string{}},
		},
		"A DigiCert domain is one name.": {checkNow, map[string]any{"digicert_domain_id": "20001001",
			"domains": []string{"example.com"}}},
		"The configuration sets `domain_id` and `name`.": {submitDomain, map[string]any{"domain_id": "20001001", "name": "shop.example.net"}},
		"Set one of `domain_id` and `name`.":             {submitDomain, nil},
		"Invalid Duration":                               {submitDomain, map[string]any{"domain_id": "20001002", "renew_within": "30d"}},
		"validation_types":                               {submitDomain, map[string]any{"domain_id": "20001002", "validation_types": []string{}}},
	} {
		late(test.action, test.arguments).want(t, true, want)
	}
	wantWrites(t, s, sandbox.DigiCert, 0)
	wantWrites(t, s, sandbox.RealtimeRegister, 0)

	// What is right works late, too.
	late(checkNow, map[string]any{"digicert_order_id": "20001", "domains": []string{"shop.example.net"}}).want(t, false,
		"> shop.example.net: pending")
	late(submitDomain, map[string]any{"domain_id": "20001002", "renew_within": "9999h"}).want(t, false,
		"DigiCert has a new token for www.example.com")
	wantWrites(t, s, sandbox.DigiCert, 2)
}

// TestCheckNowForgets: DigiCert issues the order because of the check, and the issued order lists only some of its names.
func TestCheckNowForgets(t *testing.T) {
	t.Parallel()
	response := func(status string) sandbox.Fault {
		return sandbox.Fault{Service: sandbox.DigiCert, Method: "GET", Path: "/services/v2/order/certificate/20001/validation", After: 1,
			Kind: sandbox.FaultBody, Body: `{"order_id":20001,"order_status":"` + status + `","dns_name_validations":[{"status":"validated",
				"method":"dns-txt-token","dns_names":["example.com"],"name_scope":"example.com"}]}`}
	}
	for _, domains := range [][]string{{"www.example.com"}, {"example.com", "www.example.com"}} {
		arguments := map[string]any{"domains": domains, "fail_on_pending": true}
		s := writable(t)
		inject(t, s, response("issued"))
		checkOrder(t, s, arguments).want(t, false, "> Order 20001 at DigiCert is issued. It does not list www.example.com.")
		// The next run reads the issued order first.
		checkOrder(t, s, arguments).want(t, false, "> Order 20001 at DigiCert is issued. It does not list www.example.com.")
		wantWrites(t, s, sandbox.DigiCert, 1)
	}
	// An order that is not issued has no reason to forget a name.
	s := writable(t)
	inject(t, s, response("pending"))
	checkOrder(t, s, map[string]any{"domains": []string{"www.example.com"}}).want(t, true, "Unable to Read DigiCert Order",
		"Order 20001 at DigiCert listed www.example.com before the check. After it the order does not")
}

// A key that may only view is refused, and the user learns which restriction that is.
func TestActionsViewOnly(t *testing.T) {
	t.Parallel()
	s := writable(t)
	digicert := with(s.Env(), "CERTOPS_DIGICERT_API_KEY", sandbox.DigiCertKeyViewOnly)
	const hint = `it has the restriction "View Only"`
	invoke(t, digicert, "certops_check_now", map[string]any{"digicert_order_id": "20001"}).want(t, true, "Unable to Check DigiCert Order",
		"Asking DigiCert to look at order 20001 failed: HTTP 403 Forbidden: access_denied|missing_permission", hint)
	invoke(t, digicert, "certops_check_now", map[string]any{"digicert_domain_id": "20001001"}).want(t, true, hint)
	try(t, s.Validate(sandbox.DigiCert, sandbox.OrderPending, ""))
	invoke(t, digicert, "certops_digicert_submit_domain", map[string]any{"domain_id": "20001001", "renew_within": "9999h"}).want(t, true,
		"Unable to Submit DigiCert Domain", hint)
	invoke(t, with(s.Env(), "CERTOPS_REALTIME_REGISTER_API_KEY", sandbox.APIKeyViewOnly), "certops_check_now",
		map[string]any{"process_id": 30001}).want(
		t, true, "Unable to Check Realtime Register Process", "HTTP 403 Forbidden", "the permission VIEW_PROCESS only reads")
}

// Nobody knows what came of a write whose response is lost: it is not sent again, and the error says so.
func TestActionsLoseTheResponse(t *testing.T) {
	t.Parallel()
	for _, fault := range []sandbox.Fault{
		{Kind: sandbox.FaultResetBefore}, {Kind: sandbox.FaultTruncated}, {Kind: sandbox.FaultHTML}, {Kind: sandbox.FaultHuge},
		{Kind: sandbox.FaultStatus, Status: 503}, {Kind: sandbox.FaultStatus, Status: 502}, {Kind: sandbox.FaultRedirect, Location: "other"},
		{Kind: sandbox.FaultInvalidUTF8}, {Kind: sandbox.FaultNested},
	} {
		t.Run(fmt.Sprint(fault.Kind, fault.Status), func(t *testing.T) {
			t.Parallel()
			s := writable(t)
			fault.Service, fault.Method = sandbox.DigiCert, "PUT"
			inject(t, s, fault)
			checkOrder(t, s, map[string]any{}).want(t, true, "Unable to Check DigiCert Order",
				"DigiCert may have carried out the request all the same, so the provider did not send it again.")
			wantWrites(t, s, sandbox.DigiCert, 1)
			if got := len(s.Requests(sandbox.Elsewhere)); got != 0 {
				t.Errorf("another host got %d requests", got)
			}
		})
	}
	s := writable(t)
	try(t, s.Validate(sandbox.DigiCert, sandbox.OrderPending, ""))
	inject(t, s, sandbox.Fault{Service: sandbox.DigiCert, Method: "POST", Kind: sandbox.FaultResetBefore})
	invoke(t, s.Env(), "certops_digicert_submit_domain", map[string]any{"domain_id": "20001001", "renew_within": "9999h"}).want(t, true,
		"Unable to Submit DigiCert Domain", "may have carried out", "If it did, the token before is void.")
	wantWrites(t, s, sandbox.DigiCert, 1)
}

// With fail_on_error = false a failure is a warning, but for one that is certainly the configuration's.
func TestActionsFailOnError(t *testing.T) {
	t.Parallel()
	const submitDomain, checkNow, writes = "certops_digicert_submit_domain", "certops_check_now", "PUT POST"
	refused := sandbox.Fault{Method: writes, Kind: sandbox.FaultStatus, Status: 400}
	long := sandbox.Fault{Method: writes, Kind: sandbox.FaultBody, Status: 500, Body: `{"errors":[{"code":"c","message":` +
		quoted(strings.Repeat("long ", 180)) + `}]}`}
	for name, test := range map[string]struct {
		action    string
		fault     sandbox.Fault
		arguments map[string]any
		want      string // of the only diagnostic: its severity, its summary, and some of its detail behind "…"
	}{
		"submission refused": {submitDomain, refused, nil, "WARNING: Unable to Submit DigiCert Domain…HTTP 400"},
		"submission at the limit of the rate": {submitDomain, sandbox.Fault{Method: writes, Kind: sandbox.FaultStatus, Status: 429}, nil,
			"WARNING: Unable to Submit DigiCert Domain…HTTP 429"},
		"submission in doubt": {submitDomain, sandbox.Fault{Method: writes, Kind: sandbox.FaultResetAfter}, nil,
			"WARNING: Unable to Submit DigiCert Domain…may have carried out"},
		"outage before": {submitDomain, sandbox.Fault{Method: "GET", Kind: sandbox.FaultStatus, Status: 503}, nil,
			"WARNING: Unable to Read DigiCert Domain…HTTP 503"},
		"outage after": {submitDomain, sandbox.Fault{Method: "GET", After: 1, Kind: sandbox.FaultStatus, Status: 503}, nil,
			"WARNING: Unable to Read DigiCert Domain…HTTP 503"},
		"gone after": {submitDomain, sandbox.Fault{Method: "GET", After: 1, Kind: sandbox.FaultStatus, Status: 404}, nil,
			"WARNING: Unable to Read DigiCert Domain…HTTP 404"},
		"nothing told": {submitDomain, sandbox.Fault{Method: "GET", Kind: sandbox.FaultBody, Body: `{"id":20001001,"name":"example.com",
			"dcv_method":"dns-txt-token"}`}, nil, "WARNING: Domain Not Submitted…Set `validation_types`"},
		"unknown id": {submitDomain, sandbox.Fault{}, map[string]any{"domain_id": "7"}, "ERROR: Unable to Read DigiCert Domain…HTTP 404"},
		"unknown name": {
			submitDomain, sandbox.Fault{}, map[string]any{"name": "unknown.example.com"}, "ERROR: Unable to Read DigiCert Domain…no domain",
		},
		"firewall": {submitDomain, sandbox.Fault{Method: writes, Kind: sandbox.FaultHTML, Status: 403}, nil,
			"WARNING: Unable to Submit DigiCert Domain…HTTP 403"},
		"said to be an error": {
			submitDomain, refused, map[string]any{"fail_on_error": true}, "ERROR: Unable to Submit DigiCert Domain…HTTP 400",
		},
		"check refused": {checkNow, long, nil, "WARNING: Unable to Check DigiCert Order…may have carried out"},
		"outage after the check": {checkNow, sandbox.Fault{Method: "GET", After: 1, Kind: sandbox.FaultStatus, Status: 503}, nil,
			"WARNING: Unable to Read DigiCert Order…HTTP 503"},
		"check of a name that is not ordered": {checkNow, sandbox.Fault{}, map[string]any{"domains": []string{"mail.example.com"}},
			"ERROR: Unknown Name…mail.example.com"},
		"check of an unknown order": {
			checkNow, sandbox.Fault{}, map[string]any{"digicert_order_id": "7"}, "ERROR: Unable to Read DigiCert Order…404",
		},
		"check that finds nothing": {checkNow, sandbox.Fault{}, map[string]any{"fail_on_pending": true}, "ERROR: Not Validated…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := writable(t)
			if test.action == submitDomain {
				try(t, s.Validate(sandbox.DigiCert, sandbox.OrderPending, ""))
			}
			if test.fault.Kind != "" {
				test.fault.Service = sandbox.DigiCert
				for _, test.fault.Method = range strings.Fields(test.fault.Method) {
					inject(t, s, test.fault)
				}
			}
			arguments := map[string]any{"domain_id": "20001001", "renew_within": "9999h", "fail_on_error": false}
			if test.action == checkNow {
				arguments = map[string]any{"digicert_order_id": string(sandbox.OrderPending), "fail_on_error": false}
			}
			maps.Copy(arguments, test.arguments)
			if test.arguments["name"] != nil {
				delete(arguments, "domain_id")
			}
			got := invoke(t, with(s.Env(), "CERTOPS_MAX_RETRIES", "0"), test.action, arguments)
			begin, part, _ := strings.Cut(test.want, "…")
			if len(got.diagnostics) != 1 {
				t.Fatalf("%d diagnostics, want one:\n%s", len(got.diagnostics), got.told())
			}
			d := got.diagnostics[0]
			if d.Severity.String()+": "+d.Summary != begin || !strings.Contains(d.Detail, part) {
				t.Errorf("want %s:\n%s", test.want, got.told())
			}
			lines := strings.Join(got.progress, "\n")
			warned := strings.Contains(lines, "Warning: "+d.Summary+". "+strings.Fields(d.Detail)[0]) && strings.Contains(lines, part)
			if warned != (d.Severity == tfprotov6.DiagnosticSeverityWarning) {
				t.Errorf("a warning, and nothing else, is a line of progress too:\n%s", got.told())
			}
		})
	}
	// Credentials that are missing, wrong or without permission are an error.
	s := writable(t)
	try(t, s.Validate(sandbox.DigiCert, sandbox.OrderPending, "example.com"))
	for key, want := range map[string]string{"wrong": "access_denied_invalid_key", sandbox.DigiCertKeyViewOnly: "missing_permission"} {
		env := with(s.Env(), "CERTOPS_DIGICERT_API_KEY", key)
		invoke(t, env, submitDomain, map[string]any{"domain_id": "20001001", "renew_within": "9999h", "fail_on_error": false}).want(t, true,
			"ERROR: ", "HTTP 403 Forbidden: access_denied|"+want)
		invoke(t, env, checkNow, map[string]any{"digicert_order_id": "20001", "fail_on_error": false}).want(t, true,
			"ERROR: ", "HTTP 403 Forbidden: access_denied|"+want)
	}
	invoke(t, with(s.Env(), "CERTOPS_REALTIME_REGISTER_API_KEY", sandbox.APIKeyViewOnly), checkNow,
		map[string]any{"process_id": 30001, "fail_on_error": false}).want(t, true, "ERROR: ", "HTTP 403 Forbidden")
	invoke(t, nil, submitDomain, map[string]any{"domain_id": "1", "fail_on_error": false}).want(t, true, "ERROR: ", "CERTOPS_DIGICERT_API_KEY")
}

// Whatever a response to a write holds, no credential and no one-time link is shown.
func TestActionsKeepSecrets(t *testing.T) {
	t.Parallel()
	const link = "https://secure.example.com/validate/one-time-link"
	for _, status := range []int{200, 400, 403, 500} {
		for svc, secret := range map[sandbox.Service]string{sandbox.DigiCert: sandbox.DigiCertKey, sandbox.RealtimeRegister: sandbox.APIKey} {
			t.Run(fmt.Sprint(svc, " ", status), func(t *testing.T) {
				t.Parallel()
				s := writable(t)
				text := quoted("example.com: " + link + " " + everySpelling(secret))
				for _, method := range []string{"PUT", "POST"} {
					inject(t, s, sandbox.Fault{Service: svc, Method: method, Kind: sandbox.FaultBody, Status: status, Body: fmt.Sprintf(
						`{"order_status":%[1]s,"dns_name_validations":[{"dns_name":"example.com","status":%[1]s}],"errors":[{"code":%[1]s,"message":%[1]s}],
						"type":"x","message":%[1]s,"warning":%[1]s,"dcv":[{"commonName":"example.com","warning":%[1]s}]}`, text)})
				}
				try(t, s.Validate(sandbox.DigiCert, sandbox.OrderPending, "www.example.com"))
				var told string
				for name, arguments := range map[string]map[string]any{
					"certops_check_now": {"digicert_order_id": "20001", "fail_on_pending": true}, "certops_digicert_submit_domain": {
						"domain_id": "20001002", "renew_within": "9999h"},
				} {
					if svc == sandbox.RealtimeRegister {
						name, arguments = "certops_check_now", map[string]any{"process_id": 30001, "fail_on_pending": true}
					}
					told += invoke(t, s.Env(), name, arguments).told()
				}
				for _, spelling := range secretSpellings(secret) {
					if strings.Contains(told, spelling) {
						t.Errorf("the action shows %q:\n%s", spelling, told)
					}
				}
				if svc == sandbox.RealtimeRegister && strings.Contains(told, "one-time-link") {
					t.Errorf("the action shows the one-time link:\n%s", told)
				}
				if !strings.Contains(told, "***") {
					t.Errorf("nothing was masked, so that this test shows nothing:\n%s", told)
				}
			})
		}
	}
}

// Responses to reads hold nothing of that kind by right. Where one does, the errors of actions do not tell it either.
func TestActionsKeepSecretsOfReads(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ action, body, key string }{
		"key with spaces": {"certops_digicert_submit_domain",
			`{"id":20001001,"name":"example.com","dcv_method":%q,"validations":[{"type":"ov"}]}`, "a  key"},
		"method": {"certops_digicert_submit_domain",
			`{"id":20001001,"name":"example.com","dcv_method":%q,"validations":[{"type":"ov"}]}`, ""},
		"end": {"certops_digicert_submit_domain",
			`{"id":20001001,"name":"example.com","dcv_method":"dns-txt-token","validations":[{"type":"ov"}],"dcv_expiration_datetime":%q}`, ""},
		"method of a check": {"certops_check_now",
			`{"id":20001001,"name":"example.com","dcv_method":%q,"validations":[{"type":"ov","dcv_status":"pending"}]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, key := writable(t), cmp.Or(test.key, sandbox.DigiCertKey)
			inject(t, s, sandbox.Fault{Service: sandbox.DigiCert, Method: "GET", Times: 1, Kind: sandbox.FaultBody,
				Body: fmt.Sprintf(test.body, key)})
			arguments := map[string]any{"domain_id": "20001001", "fail_on_error": false}
			if test.action == "certops_check_now" {
				arguments = map[string]any{"digicert_domain_id": "20001001", "fail_on_pending": true}
			}
			got := invoke(t, with(s.Env(), "CERTOPS_DIGICERT_API_KEY", key), test.action, arguments)
			got.want(t, true, "***")
			if strings.Contains(strings.Join(strings.Fields(got.told()), " "), strings.Join(strings.Fields(key), " ")) {
				t.Errorf("the action shows the key:\n%s", got.told())
			}
		})
	}
}

// submit submits the domain example.com of the pending order.
func submit(t *testing.T, s *sandbox.Sandbox, arguments map[string]any) invocation {
	t.Helper()
	if arguments["name"] == nil {
		arguments["domain_id"] = "20001001"
	}
	return invoke(t, s.Env(), "certops_digicert_submit_domain", arguments)
}

func TestSubmitDomain(t *testing.T) {
	t.Parallel()
	s := writable(t)
	token := func() string {
		state, err := s.State(sandbox.DigiCert, sandbox.OrderPending)
		try(t, err)
		return state.Challenges[0].Value
	}
	hold := func(days int) {
		try(t, s.HoldUntil(sandbox.DigiCert, sandbox.OrderPending, "example.com", time.Now().Add(time.Duration(days)*24*time.Hour+time.Hour)))
	}
	// A domain that waits for its record loses nothing.
	submit(t, s, map[string]any{}).want(t, false,
		"> example.com (domain 20001001) is not submitted: DigiCert already waits for the record of a token",
		"Nothing was changed.")
	try(t, s.Validate(sandbox.DigiCert, sandbox.OrderPending, ""))
	submit(t, s, map[string]any{}).want(t, false,
		"is not submitted: its validation holds until 20", "for 198 days more, and is renewed in its last 66 days")
	hold(10)
	submit(t, s, map[string]any{"renew_within": "216h"}).want(t, false, "for 10 days more, and is renewed in its last 9 days")
	wantWrites(t, s, sandbox.DigiCert, 0)

	before := token()
	first := submit(t, s, map[string]any{})
	first.want(t, false, "> Submitting example.com (domain 20001001) for validation again: dv, by dns-cname-token.",
		"> DigiCert has a new token for example.com, and the one before it is void.")
	wantWrites(t, s, sandbox.DigiCert, 1)
	if token() == before || strings.Contains(first.told(), strings.TrimSuffix(token(), ".dcv.digicert.com")) {
		t.Errorf("no new token, or the action shows it:\n%s", first.told())
	}
	submit(t, s, map[string]any{}).want(t, false, "already waits for the record of a token")
	// Another method is what the user asks for, once.
	submit(t, s, map[string]any{"dcv_method": "dns-txt-token", "validation_types": []string{"ov", "ev"}}).want(t, false,
		"again: ov and ev, by dns-txt-token")
	submit(t, s, map[string]any{"dcv_method": "dns-txt-token"}).want(t, false, "already waits")
	wantWrites(t, s, sandbox.DigiCert, 2)
	// A token that has ended validates nothing.
	try(t, s.Expire(sandbox.DigiCert, sandbox.OrderPending, "example.com"))
	submit(t, s, map[string]any{"name": "EXAMPLE.com."}).want(t, false, "> Submitting example.com (domain 20001001)")
	wantWrites(t, s, sandbox.DigiCert, 3)
}

// Two actions of one apply can be for the same domain. The second must not make the token void that the first has just got.
func TestSubmitDomainTwice(t *testing.T) {
	t.Parallel()
	s := writable(t)
	try(t, s.Validate(sandbox.DigiCert, sandbox.OrderPending, ""))
	inject(t, s, sandbox.Fault{Service: sandbox.DigiCert, Method: "POST", Kind: sandbox.FaultSlowHeaders,
		Delay: 100 * time.Millisecond, Times: 2})
	engine := providertest.NewEngine(t, benchmarkServer(s.Env(), nil))
	var both sync.WaitGroup
	for _, arguments := range []map[string]any{{"domain_id": "20001001"}, {"name": "example.com"}} {
		both.Go(func() {
			arguments["renew_within"] = "9999h"
			invokeAt(engine, "certops_digicert_submit_domain", arguments).want(t, false, "example.com (domain 20001001)")
		})
	}
	both.Wait()
	wantWrites(t, s, sandbox.DigiCert, 1)
}

// In doubt nothing is submitted.
func TestSubmitDomainInDoubt(t *testing.T) {
	t.Parallel()
	const domain = `{"id":20001001,"name":"example.com","dcv_method":"dns-txt-token","validations":[{"type":"ov","dcv_status":"complete"}]%s}`
	const waits = `{"id":20001001,"name":"example.com","dcv_method":"dns-txt-token","validations":[{"type":"ov","dcv_status":"pending"}],
		"dcv_token":{"token":"t0k3n","status":%q,"expiration_date":%q}}`
	far := `,"dcv_approval_datetime":"2026-01-01T00:00:00+00:00","dcv_expiration_datetime":"2099-01-01T00:00:00+00:00"`
	for name, test := range map[string]struct {
		body, want string
		fails      bool
	}{
		"no end":   {fmt.Sprintf(domain, ""), "does not tell until when", true},
		"no date":  {fmt.Sprintf(domain, `,"dcv_expiration_datetime":"soon"`), `an end of the validation that is no date: "soon"`, true},
		"no begin": {fmt.Sprintf(domain, `,"dcv_expiration_datetime":"2099-01-01"`), "Set `renew_within`.", true},
		"holds":    {fmt.Sprintf(domain, far), "is not submitted: its validation holds until 2099-01-01T00:00:00Z", false},
		"ov ends": {
			fmt.Sprintf(domain, far+`,"dcv_expiration":{"ov":"2026-02-01","ev":"2099-01-01"}`), "Submitting example.com", false,
		},
		"ev ends, not ours": {fmt.Sprintf(domain, far+`,"dcv_expiration":{"ov":"2099-01-01","ev":"2026-02-01"}`), "is not submitted", false},
		"no types":          {`{"id":20001001,"name":"example.com","dcv_method":"dns-txt-token"}`, "Set `validation_types`.", true},
		"unknown method": {
			`{"id":20001001,"name":"example.com","dcv_method":"smoke","validations":[{"type":"ov"}]}`, "Set `dcv_method`.", true,
		},
		"end of the token": {fmt.Sprintf(waits, "pending", "31 December 2099"), "already waits for the record of a token", false},
		"active token":     {fmt.Sprintf(waits, "active", "2099-01-01T00:00:00+00:00"), "already waits for the record of a token", false},
		"token ended":      {fmt.Sprintf(waits, "pending", "2026-01-01T00:00:00+00:00"), "Submitting example.com", false},
		"no token": {`{"id":20001001,"name":"example.com","dcv_method":"dns-cname-token","validations":[{"type":"ov","dcv_status":"pending"}]}`,
			"returns no token. Another submission would make a token void that there may be", true},
		"e-mails": {`{"id":20001001,"name":"example.com","dcv_method":"email","validations":[{"type":"ov","dcv_status":"pending"}]}`,
			"or send e-mails again. Set `dcv_method`", true},
		"no token any more": {`{"id":20001001,"name":"example.com","dcv_method":"email","dcv_expiration_datetime":"2026-01-01",
			"validations":[{"type":"ov","dcv_status":"pending"}]}`, "Submitting example.com", false},
		"other domain": {`{"id":5,"name":"example.com"}`, "Unable to Read DigiCert Domain", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := writable(t)
			inject(t, s, sandbox.Fault{Service: sandbox.DigiCert, Method: "GET", Times: 1, Kind: sandbox.FaultBody, Body: test.body})
			submit(t, s, map[string]any{}).want(t, test.fails, test.want)
			writes := 0
			if strings.Contains(test.want, "Submitting") {
				writes = 1
			}
			wantWrites(t, s, sandbox.DigiCert, writes)
		})
	}
	s := writable(t)
	submit(t, s, map[string]any{"domain_id": "20001001", "name": "example.com"}).want(t, true, "Invalid Combination of Arguments",
		"Set only one of `domain_id` and `name`. The configuration sets `domain_id` and `name`.")
	invoke(t, s.Env(), "certops_digicert_submit_domain", nil).want(t, true, "Missing Argument", "The configuration sets none of them.")
	for want, arguments := range map[string]map[string]any{
		"must be a duration above zero": {"renew_within": "-1h"},
		"`dcv_method` cannot be used: \"smoke\" is none of dns-cname-token, dns-txt-token": {"dcv_method": "smoke"},
		"must contain at least 1 elements":                                                 {"validation_types": []string{}},
		"Unable to Read DigiCert Domain":                                                   {"name": "unknown.example.com"},
		"HTTP 404 Not Found: not_found|domain":                                             {"domain_id": "7"},
	} {
		submitted := invoke(t, s.Env(), "certops_digicert_submit_domain", arguments)
		if arguments["name"] == nil && arguments["domain_id"] == nil {
			arguments["domain_id"] = "20001001"
			submitted = invoke(t, s.Env(), "certops_digicert_submit_domain", arguments)
		}
		submitted.want(t, true, want)
	}
	wantWrites(t, s, sandbox.DigiCert, 0)
}

// TestActionsDescribeThemselves: each action and each argument has a description, and says where it writes.
func TestActionsDescribeThemselves(t *testing.T) {
	t.Parallel()
	schemas := benchmarkSchemas(t).ActionSchemas
	for _, name := range []string{"certops_check_now", "certops_digicert_submit_domain"} {
		schema := schemas[name]
		if schema == nil || !strings.Contains(schema.Schema.Block.Description, "**It writes at") {
			t.Fatalf("%s does not say that it writes", name)
		}
		for _, attribute := range schema.Schema.Block.Attributes {
			if attribute.Description == "" || attribute.Computed {
				t.Errorf("%s.%s has no description", name, attribute.Name)
			}
		}
	}
}
