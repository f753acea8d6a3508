// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnstest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/dnsprovider"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// Each test of this file is a way in which users lost live DNS records in trials, or got hurt otherwise. The DNS provider of
// the simulator replaces a record set whose name, type or zone changes, as Route 53 does, and the simulator keeps a journal
// of what is created, updated and deleted.

// builtDNSProvider builds the simulator's DNS provider once and returns the folder that holds the binary.
var builtDNSProvider = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(cacheDir, "dns")
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "terraform-provider-sandboxdns"), "../../cmd/terraform-provider-sandboxdns")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the DNS provider: %w\n%s", err, output)
	}
	return dir, nil
})

// estate is a configuration whose DNS records live in the simulator.
type estate struct {
	workspace
	s *sandbox.Sandbox
}

// requireBoth names both providers.
const requireBoth = `
terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    sandboxdns = {
      source = "certops/sandboxdns"
    }
  }
}

provider "certops" {
  max_retries     = 0
  request_timeout = "5s"
}
`

// newEstate runs the providers in the test's own process, which takes a third of the time of starting them.
func newEstate(t *testing.T) estate {
	t.Helper()
	e := newEstateOfBinaries(t)
	e.write("sandboxdns.tf", fmt.Sprintf("provider \"sandboxdns\" {\n  server     = %q\n  key_name   = %q\n  key_secret = %q\n}\n",
		e.s.DNSAddr, e.s.TSIGName, e.s.TSIGSecret))
	e.serve(map[string]func() (tfprotov6.ProviderServer, error){
		"certops/certops":    providers(e.s.Env(), e.s.DNSEnv())["certops"],
		"certops/sandboxdns": providerserver.NewProtocol6WithError(dnsprovider.New("test")()),
	})
	return e
}

// newEstateOfBinaries runs the providers as users do, for tests about their environment.
func newEstateOfBinaries(t *testing.T) estate {
	t.Helper()
	t.Parallel()
	dir, err := builtDNSProvider()
	if err != nil {
		t.Fatal(err)
	}
	s := sandboxtest.Start(t, sandbox.Options{LookInterval: time.Hour, Limits: []sandbox.Limit{}})
	env := s.Env()
	maps.Copy(env, s.DNSEnv())
	return estate{newWorkspace(t, env, map[string]string{"certops/sandboxdns": dir}, map[string]string{"main.tf": requireBoth}), s}
}

// order adds a DigiCert order and returns its id.
func (e estate) order(o sandbox.Order) sandbox.ID { return mustAddOrder(e.t, e.s, o) }

// configure replaces the configuration.
func (e estate) configure(format string, arguments ...any) {
	e.write("main.tf", requireBoth+fmt.Sprintf(format, arguments...))
}

// published are the DNS resources of certops_dcv_records.this.
const published = `
resource "sandboxdns_record_set" "dcv" {
  for_each = certops_dcv_records.this.dns_record_sets

  zone   = each.value.zone
  name   = each.value.relative_name
  type   = each.value.type
  rdatas = each.value.rdatas
}
`

// retains is a configuration that publishes the records of one DigiCert order.
func retains(order sandbox.ID, domains, extra string) string {
	return fmt.Sprintf(`
data "certops_digicert_order_validation" "this" {
  order_id = %s
}

resource "certops_dcv_records" "this" {
  domains = %s
  sources = [data.certops_digicert_order_validation.this.dns_records]
  zones   = ["example.com", "example.net", "example.org"]
  %s
}
`, order, domains, extra) + published
}

const withStatuses = `statuses = [data.certops_digicert_order_validation.this.dcv_status]`

// journal demands how many record sets were created, updated and deleted since it was last looked at.
func (e estate) journal(created, updated, deleted int) {
	e.t.Helper()
	count := map[string]int{}
	journal := e.s.DNSJournal()
	for _, change := range journal {
		count[change.Operation]++
	}
	e.s.ClearDNSJournal()
	if count["create"] != created || count["update"] != updated || count["delete"] != deleted {
		e.t.Errorf("%d record sets created, %d updated, %d deleted; expected %d, %d and %d: %+v",
			count["create"], count["update"], count["delete"], created, updated, deleted, journal)
	}
}

// Row 1: the tokens are gone, and the state of certops_dcv_records is lost.
func TestAccHazardLostState(t *testing.T) {
	e := newEstate(t)
	id := e.order(sandbox.Order{Names: []string{"example.com", "www.example.com"}})
	config := retains(id, `["example.com", "www.example.com"]`, "")
	e.configure("%s", config)
	e.says(e.apply(), hasPlan)
	e.journal(2, 0, 0)
	e.must(e.s.Validate(sandbox.DigiCert, id, ""))
	e.unchanged()

	const says = "No DNS Record for Domain"
	e.planFails([]string{"-replace=certops_dcv_records.this"}, says, "dns_record", "Terraform destroys nothing while this plan fails")
	renamed := strings.NewReplacer(`certops_dcv_records" "this"`, `certops_dcv_records" "renamed"`, "certops_dcv_records.this",
		"certops_dcv_records.renamed")
	e.configure("%s", renamed.Replace(config))
	e.applyMakesNoPlan(says)
	e.configure("%s", config)
	if output, ok := e.terraform("taint", "certops_dcv_records.this"); !ok {
		t.Fatal(output)
	}
	e.applyMakesNoPlan(says)
	if output, ok := e.terraform("state", "rm", "certops_dcv_records.this"); !ok {
		t.Fatal(output)
	}
	e.applyMakesNoPlan(says)
	e.journal(0, 0, 0)

	// The way out: what stands in DNS, by hand. Nothing is touched, and the hand-written source can go.
	records := e.dnsValues()
	adopted := fmt.Sprintf(`sources = [{
    "example.com"     = provider::certops::dns_record("CNAME", "_dnsauth.example.com", %q)
    "www.example.com" = provider::certops::dns_record("CNAME", "_dnsauth.www.example.com", %q)
  }, data.certops_digicert_order_validation.this.dns_records]`, records["_dnsauth.example.com"], records["_dnsauth.www.example.com"])
	e.configure("%s", strings.Replace(config, "sources = [data.certops_digicert_order_validation.this.dns_records]", adopted, 1))
	e.apply()
	e.configure("%s", config)
	e.unchanged()
	e.journal(0, 0, 0)
}

// dnsValues are the values of the CNAME records in DNS, by owner name.
func (e estate) dnsValues() map[string]string {
	values := make(map[string]string)
	for _, line := range e.s.Records() {
		if fields := strings.Fields(line); len(fields) == 5 && fields[3] == "CNAME" {
			values[strings.TrimSuffix(fields[0], ".")] = strings.TrimSuffix(fields[4], ".")
		}
	}
	return values
}

// Row 1: hand-written records of a validated order, adopted with "moved".
func TestAccHazardAdoption(t *testing.T) {
	e := newEstate(t)
	id := e.order(sandbox.Order{Names: []string{"example.com"}})
	e.must(e.s.Validate(sandbox.DigiCert, id, ""))
	e.configure(`
resource "sandboxdns_record_set" "by_hand" {
  zone   = "example.com"
  name   = "_dnsauth"
  type   = "CNAME"
  rdatas = ["tok.dcv.digicert.com."]
}
`)
	e.apply()
	e.journal(1, 0, 0)
	moved := `
moved {
  from = sandboxdns_record_set.by_hand
  to   = sandboxdns_record_set.dcv["example.com"]
}
`
	e.configure("%s", retains(id, `["example.com"]`, "")+moved)
	e.applyMakesNoPlan("No DNS Record for Domain")
	e.journal(0, 0, 0)

	adopting := strings.Replace(retains(id, `["example.com"]`, withStatuses), "sources = [",
		`sources = [{ "example.com" = provider::certops::dns_record("CNAME", "_dnsauth.example.com", "tok.dcv.digicert.com") }, `, 1)
	e.configure("%s", adopting+moved)
	e.apply()
	e.configure("%s", retains(id, `["example.com"]`, withStatuses))
	e.unchanged()
	e.journal(0, 0, 0)

	// The same with "import", which finds the addresses by itself.
	if output, ok := e.terraform("state", "rm", `sandboxdns_record_set.dcv["example.com"]`); !ok {
		t.Fatal(output)
	}
	e.configure("%s", retains(id, `["example.com"]`, withStatuses)+`
import {
  for_each = certops_dcv_records.this.dns_record_sets
  to       = sandboxdns_record_set.dcv[each.key]
  id       = "${each.value.zone}/${each.value.relative_name}/${each.value.type}"
}
`)
	e.apply()
	e.journal(0, 0, 0)
}

// Row 2: an order whose names are partly validated beforehand.
func TestAccHazardValidatedBeforehand(t *testing.T) {
	e := newEstate(t)
	id := e.order(sandbox.Order{Names: []string{"example.com", "new.example.com"}, Validated: []string{"example.com"}})
	e.configure("%s", retains(id, `["example.com", "new.example.com"]`, withStatuses)+`
output "without" {
  value = certops_dcv_records.this.without_record
}
`)
	e.apply()
	e.journal(1, 0, 0)
	if got := e.output("without"); got != `{"example.com":"The name is validated."}` {
		t.Errorf("without_record is %s", got)
	}
	e.unchanged()
	// All are validated, and later one lapses: its record comes, and no other is touched.
	e.must(e.s.Validate(sandbox.DigiCert, id, ""))
	e.unchanged()
	e.must(e.s.Expire(sandbox.DigiCert, id, "example.com"))
	e.apply()
	e.journal(1, 0, 0)
}

// Row 3: a renewal whose order id comes from a resource.
func TestAccHazardRenewal(t *testing.T) {
	e := newEstate(t)
	id := e.order(sandbox.Order{Names: []string{"example.com", "shop.example.net"},
		Methods: map[string]string{"shop.example.net": "dns-txt-token"}})
	config := func(order sandbox.ID) string {
		return strings.Replace(retains(order, `["example.com", "shop.example.net"]`, withStatuses), fmt.Sprintf("order_id = %s", order),
			"order_id = terraform_data.order.output", 1) +
			fmt.Sprintf("resource \"terraform_data\" \"order\" {\n  input = \"%s\"\n}\n", order)
	}
	e.configure("%s", config(id))
	e.apply()
	e.journal(2, 0, 0)
	e.must(e.s.Validate(sandbox.DigiCert, id, ""))

	// The new order cannot be read: nothing happens to the records.
	e.configure("%s", config("99999"))
	e.applyFails("Reading order 99999 at DigiCert failed: HTTP 404")
	e.journal(0, 0, 0)

	again, err := e.s.RenewAsNew(sandbox.DigiCert, id)
	e.must(err)
	e.configure("%s", config(again))
	if output := e.apply(); strings.Contains(output, "must be replaced") {
		t.Errorf("a record is replaced:\n%s", output)
	}
	e.journal(0, 2, 0)
	e.unchanged()
}

// A name leaves the list while its order waits for the record. The plan deletes the record, and says so with a warning.
func TestAccHazardNameLeavesOpenOrder(t *testing.T) {
	e := newEstate(t)
	id := e.order(sandbox.Order{Names: []string{"example.com", "www.example.com"}})
	e.configure("%s", retains(id, `["example.com", "www.example.com"]`, withStatuses))
	const warning = "Record of an Open Order Is Forgotten"
	if output := e.apply(); strings.Contains(output, warning) {
		t.Errorf("a record of a wanted name is called forgotten:\n%s", output)
	}
	e.configure("%s", retains(id, `["example.com"]`, withStatuses))
	output, ok := e.terraform("plan", "-input=false", "-no-color")
	if !ok {
		t.Fatalf("the plan fails:\n%s", output)
	}
	e.says(output, warning, "_dnsauth.www.example.com (pending)")
}

// Row 3: the same where owner names contain the token. The records stay, a warning says to plan again, and then they follow.
func TestAccHazardRenewalAtSectigo(t *testing.T) {
	e := newEstate(t)
	id, err := e.s.Add(sandbox.Process{Names: []string{"example.com"}})
	e.must(err)
	config := func(process sandbox.ID) string {
		return fmt.Sprintf(`
resource "terraform_data" "order" {
  input = %s
}

data "certops_process_info" "this" {
  process_id = terraform_data.order.output
}

resource "certops_dcv_records" "this" {
  domains  = ["example.com"]
  sources  = [data.certops_process_info.this.dns_records]
  statuses = [data.certops_process_info.this.dcv_status]
  zones    = ["example.com"]
}
`, process) + published
	}
	e.configure("%s", config(id))
	e.apply()
	e.journal(1, 0, 0)
	again, err := e.s.RenewAsNew(sandbox.RealtimeRegister, id)
	e.must(err)
	e.configure("%s", config(again))
	output, ok := e.terraform("apply", "-auto-approve", "-input=false", "-no-color")
	e.says(output, "Retained Records Stay As They Are")
	if !ok {
		e.says(output, "Provider produced inconsistent final plan", "Entries Come, Go or Move")
	}
	for _, change := range e.s.DNSJournal() {
		t.Errorf("a record was touched: %+v", change)
	}
	e.apply()
	e.unchanged()
	journal := e.s.DNSJournal()
	if n := len(journal); n != 2 {
		t.Errorf("expected the old record replaced by the new one: %+v", journal)
	}
}

// Row 4: one order of a plural data source cannot be read, in every way.
func TestAccHazardPartialList(t *testing.T) {
	e := newEstate(t)
	id := e.order(sandbox.Order{Names: []string{"partial.example.net"}})
	e.configure(`
data "certops_digicert_orders" "pending" {
  status             = "pending"
  include_validation = true
  zones              = ["example.com", "example.net", "example.org"]
}

resource "sandboxdns_record_set" "dcv" {
  for_each = data.certops_digicert_orders.pending.dns_record_sets

  zone   = each.value.zone
  name   = each.value.relative_name
  type   = each.value.type
  rdatas = each.value.rdatas
}
`)
	e.apply()
	e.s.ClearDNSJournal()
	validation, domain := fmt.Sprintf("/services/v2/order/certificate/%s/validation", id), fmt.Sprintf("/services/v2/domain/%s001", id)
	for name, fault := range map[string]sandbox.Fault{
		"500":           {Path: validation, Kind: sandbox.FaultStatus, Status: 500},
		"503":           {Path: validation, Kind: sandbox.FaultStatus, Status: 503},
		"429":           {Path: validation, Kind: sandbox.FaultStatus, Status: 429},
		"HTML":          {Path: validation, Kind: sandbox.FaultHTML},
		"204":           {Path: validation, Kind: sandbox.FaultNoContent},
		"403 on domain": {Path: domain, Kind: sandbox.FaultStatus, Status: 403},
		"404 on domain": {Path: domain, Kind: sandbox.FaultStatus, Status: 404},
		"reset":         {Path: validation, Kind: sandbox.FaultResetInBody},
		// Row 5: what says nothing.
		"{}":                    {Path: validation, Kind: sandbox.FaultBody, Body: `{}`},
		"no names":              {Path: validation, Kind: sandbox.FaultBody, Body: `{"order_status":"pending","dns_name_validations":null}`},
		"a list without orders": {Path: "/services/v2/order/certificate", Kind: sandbox.FaultBody, Body: `{}`},
		"null with a total":     {Path: "/services/v2/order/certificate", Kind: sandbox.FaultBody, Body: `{"orders":null,"page":{"total":3}}`},
		"nothing with a total":  {Path: "/services/v2/order/certificate", Kind: sandbox.FaultBody, Body: `{"orders":[],"page":{"total":3}}`},
		// Row 7: a method that is missing, or that nobody knows.
		"no method": {Path: validation, Kind: sandbox.FaultBody, Body: `{"order_status":"pending",` +
			`"dns_name_validations":[{"domain_id":"1","name_scope":"partial.example.net","status":"pending"}]}`},
		"a number": {Path: validation, Kind: sandbox.FaultBody, Body: `{"order_status":"pending",` +
			`"dns_name_validations":[{"domain_id":"1","name_scope":"partial.example.net","status":"pending","method":7}]}`},
		"an unknown method": {Path: validation, Kind: sandbox.FaultBody, Body: `{"order_status":"pending",` +
			`"dns_name_validations":[{"domain_id":"1","name_scope":"partial.example.net","status":"pending","method":"dns-smoke"}]}`},
	} {
		fault.Service = sandbox.DigiCert
		e.must(e.s.Inject(fault))
		output, ok := e.terraform("apply", "-auto-approve", "-input=false", "-no-color")
		if ok {
			t.Errorf("%s: applied:\n%s", name, output)
		}
		e.must(e.s.ClearFaults())
	}
	e.journal(0, 0, 0)
	e.unchanged()
}

// Row 6: a certificate leaves the list between two pages.
func TestAccHazardPaging(t *testing.T) {
	e := newEstateOfBinaries(t)
	var ids []sandbox.ID
	for i := range 21 { // A page of 20, and one more.
		id, err := e.s.Add(sandbox.Certificate{Names: []string{fmt.Sprintf("c%02d.example.com", i)}, Label: "paging"})
		e.must(err)
		ids = append(ids, id)
	}
	target, err := url.Parse(e.s.URL(sandbox.CPS))
	e.must(err)
	var leave atomic.Bool
	proxy := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "2" && leave.CompareAndSwap(true, false) {
			_ = e.s.Remove(sandbox.CPS, ids[0])
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	e.env = append(e.env, "CERTOPS_CPS_BASE_URL="+front.URL)
	e.configure(`
data "certops_cps_certificates" "all" {
  label = "paging"
  zones = ["example.com"]
}

resource "sandboxdns_record_set" "dcv" {
  for_each = data.certops_cps_certificates.all.dns_record_sets

  zone   = each.value.zone
  name   = each.value.relative_name
  type   = each.value.type
  rdatas = each.value.rdatas
}
`)
	e.apply()
	e.journal(21, 0, 0)
	leave.Store(true)
	e.apply()
	e.journal(0, 0, 1) // That of the certificate which is no more.
}

// Row 8: two sources for one domain, of which one stops to return its record. Row 9: two orders share a record set.
func TestAccHazardSharedDomain(t *testing.T) {
	e := newEstate(t)
	first := e.order(sandbox.Order{Names: []string{"example.com"}, Method: "dns-txt-token"})
	second := e.order(sandbox.Order{Names: []string{"example.com"}, Method: "dns-txt-token"})
	config := func(sources string) string {
		return fmt.Sprintf(`
data "certops_digicert_order_validation" "a" {
  order_id = %s
}

data "certops_digicert_order_validation" "b" {
  order_id = %s
}

resource "certops_dcv_records" "this" {
  domains = ["example.com"]
  sources = %s
  zones   = ["example.com"]
}
`, first, second, sources) + published
	}
	both := config(`[data.certops_digicert_order_validation.a.dns_records, data.certops_digicert_order_validation.b.dns_records]`)
	e.configure("%s", both)
	e.apply()
	e.journal(1, 0, 0) // One record set, with both values.
	e.must(e.s.Validate(sandbox.DigiCert, first, ""))
	e.unchanged()
	e.configure("%s", config(`[data.certops_digicert_order_validation.b.dns_records]`))
	e.apply() // Terraform shows the sources change at most; DNS stays.
	e.journal(0, 0, 0)
}

// Row 10: what must not count as validated.
func TestAccHazardNeverValidated(t *testing.T) {
	e := newEstate(t)
	validation := func(order sandbox.ID, body string) {
		e.must(e.s.Inject(sandbox.Fault{Service: sandbox.DigiCert, Path: fmt.Sprintf("/services/v2/order/certificate/%s/validation", order),
			Kind: sandbox.FaultBody, Body: body}))
	}
	const approved = `{"domain_id":"1","name_scope":"example.com","status":"approved","method":"email"}`
	validation("1", `{"order_status":"pending","dns_name_validations":[`+approved+`,null]}`)
	validation("2", `{"order_status":"pending","dns_name_validations":[`+approved+`,{"status":"pending"}]}`)
	validation("3", `{"order_status":"REFUSED","dns_name_validations":[`+approved+`]}`)
	e.configure(`
data "certops_digicert_order_validation" "all" {
  for_each = toset(["1", "2"])
  order_id = each.key
}

output "complete" {
  value = { for id, order in data.certops_digicert_order_validation.all : id => order.dcv_complete }
}
`)
	e.apply()
	if got := e.output("complete"); got != `{"1":false,"2":false}` {
		t.Errorf("dcv_complete is %s", got)
	}
	// Nothing of this ends a wait but with an error.
	says := map[string]string{}
	waits := ""
	wait := func(name, argument, text string) {
		says["certops_dcv_validation."+name] = text
		waits += fmt.Sprintf("resource \"certops_dcv_validation\" %q {\n  %s\n  poll_interval = \"1s\"\n  timeouts      = { create = "+
			"\"2s\" }\n}\n", name, argument)
	}
	for _, id := range []string{"1", "2", "3"} {
		wait("order_"+id, "digicert_order_id = "+id, "Timed Out Waiting for Validation")
	}
	for i, status := range []string{"cancelled", "declined", "revoked"} {
		id := sandbox.ID(fmt.Sprint(4 + i))
		validation(id, `{"order_status":"`+status+`","dns_name_validations":[`+approved+`]}`)
		wait(status, "digicert_order_id = "+string(id),
			fmt.Sprintf("Order Ended: Order %s at DigiCert can no longer be validated: the order has the status %s.", id, status))
	}
	process := func(id int, members, text string) {
		path := fmt.Sprintf("/v2/processes/%d", id)
		e.must(e.s.Inject(sandbox.Fault{Service: sandbox.RealtimeRegister, Path: path, Kind: sandbox.FaultBody,
			Body: fmt.Sprintf(`{"id":%d,%s}`, id, members)}))
		e.must(e.s.Inject(sandbox.Fault{Service: sandbox.RealtimeRegister, Path: path + "/info", Kind: sandbox.FaultBody, Body: `{}`}))
		wait(fmt.Sprintf("process_%d", id), fmt.Sprintf("process_id = %d", id), text)
	}
	process(1, `"type":"domain","action":"create","status":"COMPLETED"`, `is of the type "domain"`)
	process(2, `"type":"certificate","action":"revoke","status":"COMPLETED"`, `has the action "revoke"`)
	process(3, `"type":"certificate","action":"request","status":"SUSPENDED"`, "Timed Out Waiting for Validation")
	e.configure("%s", waits)
	output, _ := e.terraform("apply", "-auto-approve", "-json", "-input=false")
	diagnostics := e.diagnostics(output)
	for address, text := range says {
		wantDiagnostic(t, diagnostics[address], text)
	}
}

// Row 11: owners and values that no authority asks for. Row 13: placeholders in the place of a token.
func TestAccHazardRefusedRecords(t *testing.T) {
	e := newEstate(t)
	answer := func(entries ...string) {
		e.must(e.s.ClearFaults())
		e.must(e.s.Inject(sandbox.Fault{Service: sandbox.RealtimeRegister, Path: "/v2/processes/5/info", Kind: sandbox.FaultBody,
			Body: `{"commonName":"example.com","validations":{"dcv":[` + strings.Join(entries, ",") + `]}}`}))
	}
	entry := func(name, recordType, owner, value string) string {
		text, _ := json.Marshal(map[string]string{"commonName": name, "type": "DNS", "status": "WAITING", "dnsType": recordType,
			"dnsRecord": owner, "dnsContents": value})
		return string(text)
	}
	e.configure(`
data "certops_process_info" "this" {
  process_id = 5
}

resource "certops_dcv_records" "this" {
  domains    = keys(data.certops_process_info.this.dcv_status)
  sources    = [data.certops_process_info.this.dns_records]
  statuses   = [data.certops_process_info.this.dcv_status]
  on_missing = "skip"
  zones      = ["example.com"]
}

output "reasons" {
  value = length([for status in data.certops_process_info.this.dcv_status : status.reason if status.reason != null])
}
` + published)
	good := entry("ok.example.com", "CNAME", "_0a1b2c3d4e5f.ok.example.com", "x.sectigo.com")
	answer(good,
		entry("a.example.com", "TXT", "_validation-contactemail.a.example.com", "a@example.com"),
		entry("b.example.com", "TXT", "mail._domainkey.b.example.com", "x1"),
		entry("c.example.com", "TXT", "a._acme-challenge.c.example.com", "x1"),
		entry("d.example.com", "TXT", "_tcp.d.example.com", "x1"),
		entry("e.example.com", "TXT", "_443._tcp.www.e.example.com", "x1"),
		entry("f.example.com", "TXT", "_dnsauth.sibling.example.com", "x1"),
		entry("g.example.com", "TXT", "g.example.com", "google-site-verification=x1"),
		entry("h.example.com", "TXT", "h.example.com", `"v=spf1 -all"`),
	)
	output := e.apply()
	e.says(output, "DNS Record Refused")
	e.journal(1, 0, 0)
	if got := e.output("reasons"); got != "8" {
		t.Errorf("%s reasons", got)
	}
	// What stands in DNS stays.
	owner := func(i int) string { return fmt.Sprintf("ok%d.example.com", i) }
	var tokens, placeholders []string
	for i, placeholder := range []string{"null", "None", "N/A", " "} {
		tokens = append(tokens, entry(owner(i), "CNAME", "_0a1b2c3d4e5f."+owner(i), "x.sectigo.com"))
		placeholders = append(placeholders, entry(owner(i), "CNAME", "_0a1b2c3d4e5f."+owner(i), placeholder))
	}
	answer(append(tokens, good)...)
	e.apply()
	e.journal(len(tokens), 0, 0)
	answer(append(placeholders, good)...)
	e.apply()
	e.journal(0, 0, 0)
}

// Row 12: records that cannot stand side by side.
func TestAccHazardConflict(t *testing.T) {
	e := newEstate(t)
	cname := e.order(sandbox.Order{Names: []string{"example.com"}})
	other := e.order(sandbox.Order{Names: []string{"example.com"}})
	txt := e.order(sandbox.Order{Names: []string{"example.com"}, Method: "dns-txt-token"})
	for _, second := range []sandbox.ID{other, txt} {
		e.configure(`
data "certops_digicert_order_validation" "a" {
  order_id = %s
}

data "certops_digicert_order_validation" "b" {
  order_id = %s
}

resource "certops_dcv_records" "this" {
  domains = ["example.com"]
  sources = [data.certops_digicert_order_validation.a.dns_records, data.certops_digicert_order_validation.b.dns_records]
  zones   = ["example.com"]
}
`+published, cname, second)
		e.planFails(nil, "Conflicting DNS Records", `sources[0]["example.com"]`, `sources[1]["example.com"]`)
	}
	e.configure(`
data "certops_digicert_orders" "pending" {
  status             = "pending"
  include_validation = true
}
`)
	e.planFails(nil, "Conflicting DNS Records", fmt.Sprint("order ", cname), fmt.Sprint("order ", other))
	e.journal(0, 0, 0)
}

// Row 14: the validation moves to the parent.
func TestAccHazardMoveToParent(t *testing.T) {
	e := newEstate(t)
	first := e.order(sandbox.Order{Names: []string{"www.example.com"}, Method: "dns-txt-token"})
	second := e.order(sandbox.Order{Names: []string{"www.example.com"}, Method: "dns-txt-token", NameScope: "base_domain"})
	e.configure("%s", retains(first, `["www.example.com"]`, withStatuses))
	e.apply()
	e.configure("%s", retains(second, `["www.example.com"]`, withStatuses))
	e.apply()
	e.journal(2, 0, 0) // The parent's record is published, and the own one stays.
	e.unchanged()
}

// Row 15: more than a hundred names in one resource. What 500 and more cost stands in the benchmarks.
func TestAccHazardManyNames(t *testing.T) {
	e := newEstate(t)
	e.configure(`
locals {
  names = [for i in range(101) : "n${i}.example.com"]
}

resource "certops_dcv_records" "this" {
  domains = local.names
  sources = [{ for name in local.names : name => provider::certops::dns_record("CNAME", "_dnsauth.${name}", "t${name}") }]
  zones   = ["example.com"]
}
`)
	e.apply()
	e.unchanged()
}

// rawServer answers every connection with the same bytes and then keeps it open.
func rawServer(t *testing.T, answer func(request string) string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var connections sync.WaitGroup
	closing := make(chan struct{})
	t.Cleanup(connections.Wait)
	t.Cleanup(func() { close(closing) })
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Go(func() {
				defer conn.Close()
				buffer := make([]byte, 64<<10)
				n, _ := conn.Read(buffer)
				_, _ = conn.Write([]byte(answer(string(buffer[:n]))))
				<-closing
			})
		}
	}()
	return listener.Addr().String()
}

const readsProcess = `
data "certops_process_info" "this" {
  process_id = 30001
}
`

// Row 16: HTTP 101 with an open connection.
func TestAccHazardSwitchingProtocols(t *testing.T) {
	e := newEstateOfBinaries(t)
	address := rawServer(t, func(string) string {
		return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
	})
	e.env = append(e.env, "CERTOPS_REALTIME_REGISTER_BASE_URL=http://"+address)
	e.configure(readsProcess)
	e.planFails(nil, "the server switches to another protocol")
}

// Row 18: the machine resolves localhost to another one. The credential must not go there.
func TestAccHazardLocalhost(t *testing.T) {
	e := newEstateOfBinaries(t)
	hosts, wrapper := filepath.Join(t.TempDir(), "hosts"), filepath.Join(t.TempDir(), "terraform")
	e.must(os.WriteFile(hosts, []byte("192.0.2.1 localhost\n"), 0o644))
	// Only root can give a process a file of its own for names, and only on Linux.
	inside := fmt.Sprintf("mount --bind %s /etc/hosts && exec \"$@\"", hosts)
	if output, err := exec.Command("unshare", "-m", "sh", "-c", inside, "sh", "true").CombinedOutput(); err != nil {
		t.Skipf("no mount namespace: %s %s", err, output)
	}
	e.must(os.WriteFile(wrapper, []byte(fmt.Sprintf("#!/bin/sh\nexec unshare -m sh -c '%s' sh %s \"$@\"\n", inside, e.binary)), 0o755))
	e.binary = wrapper
	e.env = append(e.env, "CERTOPS_REALTIME_REGISTER_BASE_URL="+strings.Replace(e.s.URL(sandbox.RealtimeRegister), "127.0.0.1",
		"localhost", 1))
	e.configure(readsProcess)
	e.apply()
}

// Row 19: a proxy that says what it was sent.
func TestAccHazardProxyPassword(t *testing.T) {
	e := newEstateOfBinaries(t)
	address := rawServer(t, func(request string) string {
		return "HTTP/1.1 407 pa55word " + strings.ReplaceAll(request, "\r\n", " ") + "\r\nContent-Length: 0\r\n\r\n"
	})
	logFile := filepath.Join(t.TempDir(), "log")
	e.env = append(e.env, "CERTOPS_REALTIME_REGISTER_BASE_URL=https://api.example", "HTTPS_PROXY=http://user:pa55word@"+address, "NO_PROXY=",
		"TF_LOG=TRACE", "TF_LOG_PATH="+logFile)
	e.configure(readsProcess)
	output, ok := e.terraform("plan", "-input=false", "-no-color")
	if ok {
		t.Fatal("the proxy refuses, and nothing fails")
	}
	e.tellsNo(logFile, output, "pa55word", "dXNlcjpwYTU1d29yZA")
}

// tellsNo demands that neither an output nor a log has some texts. Terraform itself writes the environment of nobody.
func (e estate) tellsNo(logFile, output string, texts ...string) {
	e.t.Helper()
	traced, err := os.ReadFile(logFile)
	e.must(err)
	for _, text := range texts {
		if strings.Contains(output, text) {
			e.t.Errorf("the output tells %q:\n%s", text, output)
		}
		if strings.Contains(string(traced), text) {
			e.t.Errorf("the log tells %q", text)
		}
	}
}

// Row 20: a one-time link that is repeated in another member, in a document that cannot be used.
func TestAccHazardRepeatedLink(t *testing.T) {
	e := newEstateOfBinaries(t)
	logFile := filepath.Join(t.TempDir(), "log")
	e.env = append(e.env, "TF_LOG=TRACE", "TF_LOG_PATH="+logFile)
	e.configure(readsProcess)
	const link = "secure.example/validate/1234"
	for _, body := range []string{
		`{"oneTimeLink":"https://` + link + `","hint":"https://` + link + `","validations":{"dcv":"https://` + link + `"}}`,
		`{"hint":"https://` + link + `"`,
		`https://` + link,
	} {
		e.must(e.s.ClearFaults())
		e.must(e.s.Inject(sandbox.Fault{Service: sandbox.RealtimeRegister, Path: "/v2/processes/30001/info", Kind: sandbox.FaultBody,
			Body: body}))
		output, ok := e.terraform("plan", "-input=false", "-no-color")
		if ok {
			t.Fatalf("%s is read", body)
		}
		e.tellsNo(logFile, output, link)
	}
}

// Row 17: the token endpoint of CPS is down while the waiter waits.
func TestAccHazardTokenOutage(t *testing.T) {
	e := newEstate(t)
	id, err := e.s.Add(sandbox.Certificate{Names: []string{"cdn.example.com"}})
	e.must(err)
	e.must(e.s.Inject(sandbox.Fault{Service: sandbox.Token, Kind: sandbox.FaultStatus, Status: 503, Times: 2}))
	e.must(e.s.Publish(sandbox.CPS, id))
	e.configure(`
resource "certops_dcv_validation" "this" {
  cps_certificate_id = %s
  poll_interval      = "1s"
  timeouts           = { create = "1m" }
}

output "status" {
  value = { for name, status in certops_dcv_validation.this.dcv_status : name => status.status }
}
`, id)
	e.apply()
	if got := e.output("status"); got != `{"cdn.example.com":"validated"}` {
		t.Errorf("dcv_status is %s", got)
	}
}

// Row 22: a plural read of an order whose record lies outside the zones.
func TestAccHazardOutsideZones(t *testing.T) {
	e := newEstate(t)
	id := e.order(sandbox.Order{Names: []string{"shop.example.org"}})
	e.configure(`
data "certops_digicert_orders" "pending" {
  status             = "pending"
  include_validation = true
  zones              = ["example.com", "example.net"]
}

data "certops_processes" "all" {
  include_info = true
  zones        = ["example.com"]
}
`)
	e.planFails(nil, "No Zone for DNS Record", `"_dnsauth.shop.example.org"`, fmt.Sprint("order ", id),
		fmt.Sprint("process ", sandbox.ProcessPending))
}

// Row 21: 64 name servers that response every question with as much as a message holds.
func TestAccHazardHugeAnswers(t *testing.T) {
	e := newEstateOfBinaries(t)
	const servers, records = 64, 20
	zone := dnstest.Zone{Apex: "example.test"}
	delegation := []string{"test. 60 IN NS root.servers."}
	for i := range servers {
		address := fmt.Sprintf("127.0.0.%d", i+2)
		zone.Servers = append(zone.Servers, address)
		delegation = append(delegation, fmt.Sprintf("example.test. 60 IN NS ns%d.example.test.", i),
			fmt.Sprintf("ns%d.example.test. 60 IN A %s", i, address))
	}
	zone.Records = slices.Clone(delegation[1:])
	for i := range 220 {
		zone.Records = append(zone.Records, fmt.Sprintf(`*.example.test. 60 IN TXT "%03d%s"`, i, strings.Repeat("x", 240)))
	}
	tree := dnstest.Start(t,
		dnstest.Zone{Apex: ".", Servers: []string{"127.0.0.1"}, Records: append([]string{". 60 IN NS root.servers.",
			"root.servers. 60 IN A 127.0.0.1"}, delegation...)},
		dnstest.Zone{Apex: "test", Servers: []string{"127.0.0.1"}, Records: delegation}, zone)
	logFile := filepath.Join(t.TempDir(), "log")
	// The provider tells of each of its garbage collections.
	e.env = append(e.env, "CERTOPS_DNS_NAMESERVERS=", "CERTOPS_DNS_ROOT_SERVERS="+strings.Join(tree.Roots(), ","), "GODEBUG=gctrace=1",
		"TF_LOG_PROVIDER=DEBUG", "TF_LOG_PATH="+logFile)
	e.configure(`
data "certops_dns_check" "this" {
  dns_records = { for i in range(%d) : i => provider::certops::dns_record("TXT", "_dnsauth.n${i}.example.test", "t0k3n") }
  timeout     = "5m"
}

output "statuses" {
  value = distinct([for result in data.certops_dns_check.this.results : result.status])
}
`, records)
	e.apply()
	e.env = append(e.env, "GODEBUG=") // Terraform itself would tell of its own.
	if got := e.output("statuses"); got != `["wrong_value"]` {
		t.Errorf("the statuses are %s", got)
	}
	state, err := os.Stat(filepath.Join(e.dir, "terraform.tfstate"))
	e.must(err)
	if state.Size() > records*20_000 {
		t.Errorf("the state has %d bytes", state.Size())
	}
	traced, err := os.ReadFile(logFile)
	e.must(err)
	var most int
	collections := regexp.MustCompile(`terraform-provider-certops\S* gc \d+ .* \d+->\d+->(\d+) MB,`).FindAllSubmatch(traced, -1)
	for _, collection := range collections {
		megabytes, _ := strconv.Atoi(string(collection[1]))
		most = max(most, megabytes)
	}
	if len(collections) == 0 || most > 64 {
		t.Errorf("the provider held %d MB, in %d collections", most, len(collections))
	}
}
