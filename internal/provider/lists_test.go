// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/base/encode"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// listReader reads data sources in this process: without Terraform there is no limit to how much one test can read, and
// warnings can be seen.
type listReader struct {
	data any
}

func newListReader(t *testing.T, variables ...map[string]string) listReader {
	t.Helper()
	return listReaderIn(t, base.Environment{Getenv: environment(variables...)})
}

func listReaderIn(t *testing.T, rt base.Environment) listReader {
	t.Helper()
	p := newWith("test", rt)()
	var schema provider.SchemaResponse
	p.Schema(t.Context(), provider.SchemaRequest{}, &schema)
	var configured provider.ConfigureResponse
	p.Configure(t.Context(), provider.ConfigureRequest{
		Config: tfsdk.Config{Schema: schema.Schema, Raw: objectValue(t, schema.Schema.Type().TerraformType(t.Context()), nil)},
	}, &configured)
	if configured.Diagnostics.HasError() {
		t.Fatalf("configure the provider: %v", configured.Diagnostics)
	}
	return listReader{data: configured.DataSourceData}
}

// listState is what the tests look at in the states of data sources.
type listState struct {
	Orders       []listedObject `msgpack:"orders"`
	Processes    []listedObject `msgpack:"processes"`
	Certificates []listedObject `msgpack:"certificates"`
	Requests     []listedObject `msgpack:"requests"`
	DNSRecords   map[string]struct {
		FQDN   string `msgpack:"fqdn"`
		Type   string `msgpack:"type"`
		Value  string `msgpack:"value"`
		Zone   string `msgpack:"zone"`
		Status string `msgpack:"status"`
	} `msgpack:"dns_records"`
	DNSRecordSets map[string]any `msgpack:"dns_record_sets"`
	DCVStatus     map[string]struct {
		Status    string `msgpack:"status"`
		RecordKey string `msgpack:"record_key"`
		Reason    string `msgpack:"reason"`
	} `msgpack:"dcv_status"`
	DCVComplete bool `msgpack:"dcv_complete"`
}

type listedObject struct {
	ID          int64 `msgpack:"id"`
	Validations struct {
		DCV []any `msgpack:"dcv"`
	} `msgpack:"validations"`
}

// read reads one data source by its name. The state is empty when that is an error.
func read(t *testing.T, r listReader, typeName string, arguments map[string]tftypes.Value) (state listState, diags diag.Diagnostics) {
	t.Helper()
	encoded, _, diags := readEncoded(t, r, typeName, arguments)
	if diags.HasError() {
		return state, diags
	}
	return decoded(t, encoded), diags
}

// readEncoded reads as read does. It returns the state as Terraform gets it and the type that Terraform decodes it with.
func readEncoded(t *testing.T, r listReader, typeName string, arguments map[string]tftypes.Value) (*tfprotov6.DynamicValue, tftypes.Type,
	diag.Diagnostics,
) {
	t.Helper()
	ctx := t.Context()
	source, schema := sourceOf(t, typeName)
	kind := schema.Type().TerraformType(ctx)
	source.Configure(ctx, datasource.ConfigureRequest{ProviderData: r.data}, &datasource.ConfigureResponse{})
	value, diags := readModel(ctx, source, tfsdk.Config{Schema: schema, Raw: objectValue(t, kind, arguments)})
	if diags.HasError() {
		return nil, kind, diags
	}
	encoded, err := encode.State(ctx, schema, value)
	if err != nil {
		t.Fatal(err)
	}
	return encoded, kind, diags
}

// decoded is the state as the tests look at it, whatever its type.
func decoded(t *testing.T, encoded *tfprotov6.DynamicValue) (state listState) {
	t.Helper()
	if err := msgpack.Unmarshal(encoded.MsgPack, &state); err != nil {
		t.Fatal(err)
	}
	return state
}

// objectValue is an object whose attributes are null but for some.
func objectValue(t *testing.T, kind tftypes.Type, some map[string]tftypes.Value) tftypes.Value {
	t.Helper()
	object, ok := kind.(tftypes.Object)
	if !ok {
		t.Fatalf("%s is no object", kind)
	}
	values := make(map[string]tftypes.Value)
	for name, attribute := range object.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	maps.Copy(values, some)
	return tftypes.NewValue(kind, values)
}

var (
	isOn  = tftypes.NewValue(tftypes.Bool, true)
	isOff = tftypes.NewValue(tftypes.Bool, false)
)

func textArgument(text string) tftypes.Value { return tftypes.NewValue(tftypes.String, text) }

// wantWarnings demands one warning for each list of texts, each holding all of its texts, and no error.
func wantWarnings(t *testing.T, diags diag.Diagnostics, want ...[]string) {
	t.Helper()
	if diags.HasError() || len(diags) != len(want) {
		t.Fatalf("got %d diagnostics, want %d warnings:%s", len(diags), len(want), told(diags))
	}
	for i, texts := range want {
		for _, text := range texts {
			if got := diags[i].Summary() + "\n" + diags[i].Detail(); !strings.Contains(got, text) {
				t.Errorf("warning %d does not say %q:\n%s", i, text, got)
			}
		}
	}
}

// wantError demands one error that holds all texts, and nothing else.
func wantError(t *testing.T, diags diag.Diagnostics, texts ...string) {
	t.Helper()
	if len(diags) != 1 || !diags.HasError() {
		t.Fatalf("got %d diagnostics, want one error:%s", len(diags), told(diags))
	}
	for _, text := range texts {
		if got := diags[0].Summary() + "\n" + diags[0].Detail(); !strings.Contains(got, text) {
			t.Errorf("the error does not say %q:\n%s", text, got)
		}
	}
}

func told(diags diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "\n\n%s: %s\n%s", d.Severity(), d.Summary(), d.Detail())
	}
	return b.String()
}

// requestsTo counts the requests whose path has a prefix and a suffix.
func requestsTo(s *sandbox.Sandbox, service sandbox.Service, prefix, suffix string) int {
	n := 0
	for _, r := range s.Requests(service) {
		if strings.HasPrefix(r.Path, prefix) && strings.HasSuffix(r.Path, suffix) {
			n++
		}
	}
	return n
}

// populate adds n objects to each list.
func populate(t *testing.T, s *sandbox.Sandbox, n int) {
	t.Helper()
	if err := s.Populate(n); err != nil {
		t.Fatal(err)
	}
}

func TestReadEach(t *testing.T) {
	t.Parallel()
	unauthorized := &client.Error{Kind: client.KindUnauthorized}
	unavailable := &client.Error{Kind: client.KindUnavailable}
	missing := &client.Error{Kind: client.KindNotFound}
	tooMuch := &client.Error{Kind: client.KindBody, Err: client.ErrQuota}
	tests := []struct {
		name    string
		answer  func(i int) error
		givenUp error
		most    int // reads
	}{
		{name: "all well", answer: func(int) error { return nil }, most: 1000},
		{name: "all missing", answer: func(int) error { return missing }, most: 1000},
		{name: "every second one unavailable", most: 1000, answer: func(i int) error {
			if i%2 == 0 {
				return unavailable
			}
			return nil
		}},
		{name: "key revoked", answer: func(int) error { return unauthorized }, givenUp: unauthorized, most: 2 * client.MaxInFlight},
		{name: "too much", answer: func(int) error { return tooMuch }, givenUp: tooMuch, most: 2 * client.MaxInFlight},
		{name: "service down", answer: func(int) error { return unavailable }, givenUp: unavailable, most: 3 * client.MaxInFlight},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			objects := make([]int, 1000)
			for i := range objects {
				objects[i] = i
			}
			var reads atomic.Int32
			results, givenUp := client.ReadEach(t.Context(), objects, func(ctx context.Context, i *int) (int, error) {
				if err := ctx.Err(); err != nil {
					return 0, &client.Error{Kind: client.KindCanceled, Err: err}
				}
				reads.Add(1)
				return *i * 2, test.answer(*i)
			})
			if !errors.Is(givenUp, test.givenUp) {
				t.Fatalf("givenUp is %v, want %v", givenUp, test.givenUp)
			}
			if int(reads.Load()) > test.most {
				t.Errorf("%d reads, want at most %d", reads.Load(), test.most)
			}
			if test.givenUp != nil {
				return
			}
			for i := range objects {
				if r := results[i]; *r.Object != i || r.Result != 2*i || !errors.Is(r.Err, test.answer(i)) {
					t.Fatalf("object %d: %+v", i, r)
				}
			}
		})
	}
}

func TestReadEachAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var underWay int
		var mu sync.Mutex
		finish := make(chan struct{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = client.ReadEach(t.Context(), make([]int, 3*client.MaxInFlight), func(context.Context, *int) (int, error) {
				mu.Lock()
				underWay++
				mu.Unlock()
				<-finish
				return 0, nil
			})
		}()
		synctest.Wait()
		if underWay != client.MaxInFlight {
			t.Errorf("%d reads at the same time, want %d", underWay, client.MaxInFlight)
		}
		close(finish)
		<-done
	})
}

// Whoever is interrupted is told so, and nothing looks as if it had been read.
func TestReadEachCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	canceled := func(ctx context.Context, _ *int) (int, error) {
		return 0, &client.Error{Kind: client.KindCanceled, Err: ctx.Err()}
	}
	validation := &digicert.OrderValidation{DNSNameValidations: []digicert.DNSNameValidation{{DomainID: new(client.Text("7")),
		Method: new(client.Text("dns-txt-token"))}}}
	for range 200 {
		each, err := client.ReadEach(ctx, make([]int, 5), canceled)
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want the cancellation", err)
		}
		if len(each) != 5 {
			t.Fatalf("%d reads, want 5", len(each))
		}
		answer := digicert.ReadDomains(ctx, func(ctx context.Context, _ string) (*digicert.Domain, error) {
			return nil, &client.Error{Kind: client.KindCanceled, Err: ctx.Err()}
		}, validation, time.Now())
		if len(answer.Failures) != 1 || !errors.Is(answer.Failures[0].Err, context.Canceled) {
			t.Fatalf("got failures %v", answer.Failures)
		}
	}
}

// A record outside the zones is told with the objects that need it, and the others with nothing.
func TestListZones(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	zones := func(names ...string) tftypes.Value {
		values := make([]tftypes.Value, len(names))
		for i, name := range names {
			values[i] = textArgument(name)
		}
		return tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, values)
	}
	r := newListReader(t, s.Env())
	arguments := map[string]tftypes.Value{"status": textArgument("pending"), "include_validation": isOn, "zones": zones("example.com",
		"example.net")}
	_, diags := read(t, r, "certops_digicert_orders", arguments)
	wantError(t, diags, "No Zone for DNS Record", `"_dnsauth.example.org" is in none of the zones "example.com", "example.net"`,
		"Needed by order 20002.", "zone_for(fqdn, zones)")

	arguments["zones"] = zones("example.com")
	_, diags = read(t, r, "certops_digicert_orders", arguments)
	wantError(t, diags, "Needed by order 20001, order 20002.")

	delete(arguments, "include_validation")
	_, diags = read(t, r, "certops_digicert_orders", arguments)
	wantWarnings(t, diags, []string{"Zones Without Records", "include_validation = true"})
}

// A value that the vendor does not document may be a slip, with which nothing is found, or newer than the provider.
func TestAccUnknownFilterValues(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	w := newWorkspace(t, s.Env(), nil, map[string]string{"main.tf": requireCertops + `
data "certops_processes" "this" {
  status = "suspended"
}

data "certops_digicert_orders" "this" {
  for_each = toset(["pending", "needs_approval", "needs_csr", "processing", "approved", "issued", "rejected", "denied", "revoked",
    "canceled", "expired", "waiting_pickup", "reissue_pending"])
  status = each.key
}

data "certops_digicert_requests" "this" {
  status = "penfing"
}
`})
	diagnostics, output := w.plan()
	for address, texts := range map[string][]string{
		"data.certops_processes.this": {"`status` is \"suspended\", which the vendor does not document", "if it does not, nothing is found",
			"SCHEDULED, SUSPENDED."},
		"data.certops_digicert_requests.this": {"`status` is \"penfing\"", "submitted, pending, approved, rejected."},
	} {
		found := diagnostics[address]
		if len(found) == 0 || found[0].Severity != "warning" || found[0].Summary != "Unknown Value" {
			t.Errorf("%s: got %v\n%s", address, found, output)
			continue
		}
		for _, text := range texts {
			if !strings.Contains(found[0].Detail, text) {
				t.Errorf("%s: the warning does not say %q: %s", address, text, found[0].Detail)
			}
		}
	}
	for address, found := range diagnostics {
		if strings.HasPrefix(address, "data.certops_digicert_orders.") {
			t.Errorf("%s, a value that the vendor uses: %v", address, found)
		}
	}
}

// TestFailedItems tells of objects that could not be read: an error, or, for a report, a few warnings.
func TestFailedItems(t *testing.T) {
	t.Parallel()
	order := func(id string) base.Target {
		return base.Target{Service: vendorNamed("digicert"), Noun: "DigiCert Order", What: "order", ID: id}
	}
	all := base.Target{Service: vendorNamed("digicert"), Noun: "DigiCert Orders", What: "orders"}
	var failed []base.ItemProblem
	for id := range 500 {
		failed = append(failed, base.ItemProblems(order(strconv.Itoa(id)), dcv.Order{}, &client.Error{Kind: client.KindUnavailable,
			StatusCode: 500})...)
	}
	wantError(t, base.FailedItems(all, failed, 501, 500, false), "Unable to Read DigiCert Order", "Reading order 0 at DigiCert failed",
		"allow_partial = true", "Also not readable: 499 more: 1, 2, 3")
	wantError(t, base.FailedItems(all, failed, 500, 500, true), "Unable to Read DigiCert Orders", "None of the 500 orders at DigiCert "+
		"could be read.")

	diags := base.FailedItems(all, failed, 501, 500, true)
	if len(diags) != base.MaxItemWarnings+1 {
		t.Fatalf("got %d warnings", len(diags))
	}
	wantWarnings(t, diags[:1], []string{"Unable to Read DigiCert Order", "Reading order 0 at DigiCert failed", "It is left out, with its " +
		"DNS records"})
	wantWarnings(t, diags[base.MaxItemWarnings:], []string{"490 more: 10, 11, 12", "108, 109 and others."})

	var nameless []base.ItemProblem
	for range 51 {
		nameless = append(nameless, base.ItemProblems(order(""), dcv.Order{}, base.ErrNoID)...)
	}
	nameless = append(nameless, base.ItemProblems(order("7"), dcv.Order{}, base.ErrNoID)...)
	diags = base.FailedItems(all, nameless, 53, 52, true)
	wantWarnings(t, diags, []string{"order at DigiCert"}, []string{"order 7 at DigiCert"}, []string{"50 more (50 without an id)."})

	doubtful := dcv.Order{Doubts: []dcv.Doubt{{Names: []string{"example.com"}, Reason: "the validation method \"pigeon\" is not known"}}}
	wantError(t, base.FailedItems(all, base.ItemProblems(order("8"), doubtful, nil), 2, 1, false),
		"Order 8 at DigiCert has no DNS record for example.com, which is not validated: the validation method \"pigeon\" is not known.")
}

// Terraform reads the instances of one data source at the same time, each for itself.
func TestIdenticalListsShareOneRequest(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	synctest.Test(t, func(t *testing.T) {
		// A connection that is kept would keep the bubble's time from passing.
		network := &http.Transport{DisableKeepAlives: true}
		slow := roundTrip(func(req *http.Request) (*http.Response, error) {
			time.Sleep(time.Second) // This ends when all reads wait.
			return network.RoundTrip(req)
		})
		r := listReaderIn(t, base.Environment{Getenv: environment(s.Env()), Transport: slow})
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				model, diags := read(t, r, "certops_digicert_orders", map[string]tftypes.Value{"status": textArgument("pending"),
					"include_validation": isOn})
				if diags.HasError() || len(model.Orders) == 0 {
					t.Errorf("%d orders:%s", len(model.Orders), told(diags))
				}
			})
		}
		group.Wait()
	})
	seen := make(map[string]bool)
	for _, request := range s.Requests(sandbox.DigiCert) {
		if address := request.Path + "?" + request.Query; seen[address] {
			t.Errorf("asked again for %s", address)
		} else {
			seen[address] = true
		}
	}
	if len(seen) == 0 {
		t.Error("nothing was asked for")
	}
}

func zonesArgument(zones ...string) tftypes.Value {
	elements := make([]tftypes.Value, len(zones))
	for i, zone := range zones {
		elements[i] = textArgument(zone)
	}
	return tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, elements)
}
