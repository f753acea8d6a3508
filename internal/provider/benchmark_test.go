// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// BenchmarkSchema builds all schemas, which every start of the provider does.
func BenchmarkSchema(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := benchmarkServer(nil, nil).GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkConfigure configures the provider for all three vendors.
func BenchmarkConfigure(b *testing.B) {
	env := benchmarkSandbox(b, 0).Env()
	schemas := benchmarkSchemas(b)
	b.ReportAllocs()
	for b.Loop() {
		benchmarkConfigure(b, benchmarkServer(env, nil), schemas)
	}
}

// BenchmarkReadDataSource reads each data source once, from the request of Terraform to its response, both encoded. The
// answers of the APIs come from memory, so that the time is the provider's own; those of DNS cross the loopback interface.
func BenchmarkReadDataSource(b *testing.B) {
	env := benchmarkSandbox(b, 2*benchmarkListed).Env()
	schemas := benchmarkSchemas(b)
	answers := &replay{} // for all of them: the simulator keeps DigiCert's rate limit too
	for _, test := range benchmarkReads(b.Context()) {
		b.Run(test.typeName, func(b *testing.B) {
			config := benchmarkObject(b, schemas.DataSourceSchemas[test.typeName], test.arguments)
			b.ReportAllocs()
			read := func(server tfprotov6.ProviderServer) {
				resp, err := server.ReadDataSource(b.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: test.typeName, Config: config})
				if err != nil {
					b.Fatal(err)
				}
				for _, d := range resp.Diagnostics {
					b.Fatalf("%s: %s", d.Summary, d.Detail)
				}
			}
			// DigiCert's client waits for its rate limit, which is no cost of a read: each client is asked for less.
			const allowed = 100
			var (
				server  tfprotov6.ProviderServer
				perRead int64
			)
			for b.Loop() {
				if server == nil || answers.requests.Load()+perRead > allowed {
					b.StopTimer()
					server = benchmarkServer(env, answers)
					benchmarkConfigure(b, server, schemas)
					answers.requests.Store(0)
					read(server) // The first read of a provider also builds the schema.
					perRead = answers.requests.Load()
					b.StartTimer()
				}
				read(server)
			}
		})
	}
}

// benchmarkListed is how many objects each plural data source reads about.
const benchmarkListed = 20

// benchmarkRead is the read of a data source.
type benchmarkRead struct {
	typeName  string
	arguments map[string]any
}

// benchmarkReads has one read of each data source, of what is in a sandbox with twice benchmarkListed objects.
func benchmarkReads(ctx context.Context) []benchmarkRead {
	return []benchmarkRead{
		{"certops_process_info", map[string]any{"process_id": 30001}},
		{"certops_cps_certificate", map[string]any{"certificate_id": 40001}},
		{"certops_digicert_order_validation", map[string]any{"order_id": "20001"}},
		{"certops_digicert_request", map[string]any{"request_id": 198}},
		{"certops_digicert_domain", map[string]any{"name": "example.com"}},
		{"certops_processes", map[string]any{"include_info": true, "status": "SUSPENDED"}},
		{"certops_cps_certificates", map[string]any{"domain": "p*.example.com"}},
		{"certops_digicert_orders", map[string]any{"include_validation": true, "status": "pending"}},
		{"certops_digicert_requests", map[string]any{"status": "pending"}},
		{"certops_dns_check", map[string]any{"dns_records": benchmarkRecord(ctx, "_dnsauth.www.example.com", "token.dcv.digicert.com")}},
	}
}

// replay answers requests from memory, as they were answered the first time.
type replay struct {
	answers  sync.Map // URL → *replayed
	requests atomic.Int64
}

type replayed struct {
	response http.Response
	body     []byte
}

// RoundTrip implements http.RoundTripper.
func (r *replay) RoundTrip(req *http.Request) (*http.Response, error) {
	r.requests.Add(1)
	url := req.URL.String()
	known, ok := r.answers.Load(url)
	if !ok {
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		known, _ = r.answers.LoadOrStore(url, &replayed{response: *resp, body: body})
	}
	answer := known.(*replayed)
	resp := answer.response
	resp.Request, resp.Body = req, io.NopCloser(bytes.NewReader(answer.body))
	return &resp, nil
}

// benchmarkSandbox starts a simulator with n objects for each list.
func benchmarkSandbox(b testing.TB, n int) *sandbox.Sandbox {
	b.Helper()
	s := sandboxtest.Start(b, sandbox.Options{LookInterval: time.Hour})
	if err := s.Populate(n); err != nil {
		b.Fatal(err)
	}
	return s
}

// benchmarkServer is a provider with its settings in the environment.
func benchmarkServer(env map[string]string, transport http.RoundTripper) tfprotov6.ProviderServer {
	getenv := func(name string) string { return env[name] }
	return newServer(newWith("bench", base.Environment{Getenv: getenv, Transport: transport})())
}

func benchmarkSchemas(b testing.TB) *tfprotov6.GetProviderSchemaResponse {
	b.Helper()
	schemas, err := benchmarkServer(nil, nil).GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		b.Fatal(err)
	}
	return schemas
}

// benchmarkConfigure makes a provider ready to read.
func benchmarkConfigure(b testing.TB, server tfprotov6.ProviderServer, schemas *tfprotov6.GetProviderSchemaResponse) {
	b.Helper()
	config := benchmarkObject(b, schemas.Provider, nil)
	resp, err := server.ConfigureProvider(b.Context(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: config})
	if err != nil {
		b.Fatal(err)
	}
	for _, d := range resp.Diagnostics {
		b.Fatalf("%s: %s", d.Summary, d.Detail)
	}
}

// benchmarkObject makes a value of a schema whose attributes are null but for some.
func benchmarkObject(b testing.TB, schema *tfprotov6.Schema, some map[string]any) *tfprotov6.DynamicValue {
	b.Helper()
	kind := schema.ValueType().(tftypes.Object)
	values := make(map[string]tftypes.Value)
	for name, attribute := range kind.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, some[name])
	}
	value, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
	if err != nil {
		b.Fatal(err)
	}
	return &value
}

// benchmarkRecord is the dns_records of one CNAME record, with as much of it as a check needs.
func benchmarkRecord(ctx context.Context, fqdn, value string) map[string]tftypes.Value {
	known := map[string]string{"type": "CNAME", "fqdn": fqdn, "value": value}
	kind := base.DNSRecordType.TerraformType(ctx).(tftypes.Object)
	members := make(map[string]tftypes.Value)
	for name, member := range kind.AttributeTypes {
		members[name] = tftypes.NewValue(member, nil)
		if text, ok := known[name]; ok {
			members[name] = tftypes.NewValue(member, text)
		}
	}
	return map[string]tftypes.Value{"www.example.com": tftypes.NewValue(kind, members)}
}
