// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	goruntime "runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/base"
)

// protoServer is a provider of its own that is spoken to over the protocol, in this process.
type protoServer struct {
	tfprotov6.ProviderServer
}

// protoResult is what the provider answered to one read.
type protoResult struct {
	// State is what goes to Terraform, as JSON has it; nil when there is none.
	State       any
	Diagnostics []protoDiagnostic
}

// protoDiagnostic is one diagnostic.
type protoDiagnostic struct {
	Error           bool
	Summary, Detail string
}

func (d protoDiagnostic) String() string { return d.Summary + ": " + d.Detail }

func (r protoResult) failed() bool {
	return slices.ContainsFunc(r.Diagnostics, func(d protoDiagnostic) bool { return d.Error })
}

// objectTypes are the types of the provider's configuration, of its data sources and of its resources.
type objectTypes struct {
	provider           tftypes.Type
	sources, resources map[string]tftypes.Type
}

// protoTypes makes the types once, since that costs more than a read.
var protoTypes = sync.OnceValues(func() (types objectTypes, err error) {
	ctx := context.Background()
	schemas, err := newServer(New("test")()).GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return types, err
	}
	types.provider = schemas.Provider.ValueType()
	types.sources, types.resources = make(map[string]tftypes.Type), make(map[string]tftypes.Type)
	for name, schema := range schemas.DataSourceSchemas {
		types.sources[name] = schema.ValueType()
	}
	for name, schema := range schemas.ResourceSchemas {
		types.resources[name] = schema.ValueType()
	}
	return types, nil
})

// newProtoServer configures a provider that has all its settings from the environment in rt.
func newProtoServer(ctx context.Context, rt base.Environment) (*protoServer, error) {
	s := &protoServer{protocolServer(rt)}
	if err := s.configure(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// protocolServer is a provider that is not configured.
func protocolServer(rt base.Environment) tfprotov6.ProviderServer {
	return newServer(newWith("test", rt)())
}

// configure gives the provider new clients, with the settings that are now in its environment.
func (s *protoServer) configure(ctx context.Context) error {
	types, err := protoTypes()
	if err != nil {
		return err
	}
	config, err := protoObject(types.provider, nil)
	if err != nil {
		return err
	}
	resp, err := s.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: config})
	if err != nil {
		return err
	}
	for _, d := range protoDiagnostics(resp.Diagnostics) {
		return errors.New(d.String())
	}
	return nil
}

// read reads a data source, or refreshes a resource whose state has the arguments and nothing else.
func (s *protoServer) read(ctx context.Context, typeName string, arguments map[string]any) (protoResult, error) {
	types, err := protoTypes()
	if err != nil {
		return protoResult{}, err
	}
	if kind, ok := types.resources[typeName]; ok {
		state, err := protoObject(kind, arguments)
		if err != nil {
			return protoResult{}, err
		}
		resp, err := s.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: state})
		if err != nil {
			return protoResult{}, err
		}
		return newProtoResult(kind, resp.NewState, resp.Diagnostics)
	}
	kind, ok := types.sources[typeName]
	if !ok {
		return protoResult{}, fmt.Errorf("there is no %s", typeName)
	}
	config, err := protoObject(kind, arguments)
	if err != nil {
		return protoResult{}, err
	}
	resp, err := s.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: config})
	if err != nil {
		return protoResult{}, err
	}
	return newProtoResult(kind, resp.State, resp.Diagnostics)
}

func newProtoResult(kind tftypes.Type, state *tfprotov6.DynamicValue, diags []*tfprotov6.Diagnostic) (protoResult, error) {
	result := protoResult{Diagnostics: protoDiagnostics(diags)}
	if state == nil {
		return result, nil
	}
	value, err := state.Unmarshal(kind)
	if err != nil {
		return result, err
	}
	result.State, err = protoPlain(value)
	return result, err
}

func protoDiagnostics(diags []*tfprotov6.Diagnostic) []protoDiagnostic {
	var all []protoDiagnostic
	for _, d := range diags {
		all = append(all, protoDiagnostic{d.Severity == tfprotov6.DiagnosticSeverityError, d.Summary, d.Detail})
	}
	return all
}

// protoObject makes an object whose attributes are null but for some.
func protoObject(kind tftypes.Type, some map[string]any) (*tfprotov6.DynamicValue, error) {
	if some == nil {
		some = map[string]any{}
	}
	value, err := protoValue(kind, some)
	if err != nil {
		return nil, err
	}
	dynamic, err := tfprotov6.NewDynamicValue(kind, value)
	return &dynamic, err
}

// protoValue makes a value of a type from text, a flag, a number, a list of text or an object of these.
func protoValue(kind tftypes.Type, v any) (tftypes.Value, error) {
	switch v := v.(type) {
	case map[string]any:
		// Members that it does not have are null.
		object, ok := kind.(tftypes.Object)
		if !ok {
			return tftypes.Value{}, fmt.Errorf("%s is no object", kind)
		}
		members := make(map[string]tftypes.Value)
		for name, member := range object.AttributeTypes {
			value, err := protoValue(member, v[name])
			if err != nil {
				return tftypes.Value{}, fmt.Errorf("%s: %w", name, err)
			}
			members[name] = value
		}
		return tftypes.NewValue(kind, members), nil
	case []any:
		var elements []tftypes.Value
		for _, e := range v {
			elements = append(elements, tftypes.NewValue(tftypes.String, e))
		}
		return tftypes.NewValue(kind, elements), nil
	case nil, string, bool, int, int64, float64:
		if err := tftypes.ValidateValue(kind, v); err != nil {
			return tftypes.Value{}, err
		}
		return tftypes.NewValue(kind, v), nil
	}
	return tftypes.Value{}, fmt.Errorf("%T is no value for a test", v)
}

// protoPlain turns a value into what JSON has; numbers keep all their digits.
func protoPlain(value tftypes.Value) (any, error) {
	if value.IsNull() {
		return nil, nil
	}
	if !value.IsKnown() {
		return "(unknown)", nil
	}
	kind := value.Type()
	switch {
	case kind.Is(tftypes.String):
		var v string
		err := value.As(&v)
		return v, err
	case kind.Is(tftypes.Bool):
		var v bool
		err := value.As(&v)
		return v, err
	case kind.Is(tftypes.Number):
		var v big.Float
		err := value.As(&v)
		return json.Number(v.Text('g', -1)), err
	case kind.Is(tftypes.Object{}), kind.Is(tftypes.Map{}):
		var members map[string]tftypes.Value
		if err := value.As(&members); err != nil {
			return nil, err
		}
		all := make(map[string]any)
		for name, member := range members {
			v, err := protoPlain(member)
			if err != nil {
				return nil, err
			}
			all[name] = v
		}
		return all, nil
	default:
		var elements []tftypes.Value
		if err := value.As(&elements); err != nil {
			return nil, err
		}
		all := make([]any, len(elements))
		for i, element := range elements {
			v, err := protoPlain(element)
			if err != nil {
				return nil, err
			}
			all[i] = v
		}
		return all, nil
	}
}

// environment joins environment variables; the later ones win.
func environment(variables ...map[string]string) func(string) string {
	all := make(map[string]string)
	for _, v := range variables {
		maps.Copy(all, v)
	}
	return func(name string) string { return all[name] }
}

// childRead is a read that a process of its own does, with its settings from its environment.
type childRead struct {
	Type      string
	Arguments map[string]any
	// Times is how often; the last result counts.
	Times int
	// Panic is what the path of the request contains at which the process panics; "" means none.
	Panic string
}

// panicText is the value of the panic that a childRead asks for.
const panicText = "as asked for"

// childResult is what came of a childRead.
type childResult struct {
	protoResult
	// Grown is by how much the process took memory from the operating system while it read, in bytes.
	Grown uint64
}

// do carries the read out.
func (c childRead) do(ctx context.Context) (childResult, error) {
	rt := base.Environment{Getenv: os.Getenv, Backoff: time.Millisecond}
	if c.Panic != "" {
		rt.Transport = roundTrip(func(req *http.Request) (*http.Response, error) {
			if strings.Contains(req.URL.Path, c.Panic) {
				panic(panicText)
			}
			return http.DefaultTransport.RoundTrip(req)
		})
	}
	s, err := newProtoServer(ctx, rt)
	if err != nil {
		return childResult{}, err
	}
	var before, after goruntime.MemStats
	goruntime.GC()
	goruntime.ReadMemStats(&before)
	var result childResult
	for range max(c.Times, 1) {
		if result.protoResult, err = s.read(ctx, c.Type, c.Arguments); err != nil {
			return result, err
		}
	}
	goruntime.ReadMemStats(&after)
	result.Grown = after.Sys - before.Sys
	return result, nil
}

// inChild reads in a process of its own, which has these environment variables and no others.
func inChild(t *testing.T, read childRead, environment ...map[string]string) childResult {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(read)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Stdin = bytes.NewReader(input)
	// A process with the race detector would wait for a second before it ends.
	cmd.Env = []string{processRole + "=" + roleReader, "GORACE=atexit_sleep_ms=0"}
	for _, e := range environment {
		for name, value := range e {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("the reading process: %s\n%s", err, stderr.String())
	}
	var result childResult
	decoder := json.NewDecoder(bytes.NewReader(output))
	decoder.UseNumber()
	if err := decoder.Decode(&result); err != nil {
		t.Fatalf("the reading process wrote %q: %s", output, err)
	}
	return result
}

// roundTrip is a http.RoundTripper that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// goroutineMark is the name of the label that goroutines of a test inherit.
const goroutineMark = "certops_test"

var goroutineMarks atomic.Int64

// markGoroutines returns a function that returns the stacks of the goroutines which the calling one has started, and those in
// turn, other than the connections that wait to be used again. It may be called from the same goroutine only.
func markGoroutines(t *testing.T) (left func() []string) {
	t.Helper()
	mark := fmt.Sprintf("%d", goroutineMarks.Add(1))
	own := pprof.WithLabels(t.Context(), pprof.Labels(goroutineMark, mark))
	pprof.SetGoroutineLabels(own)
	// The calling goroutine has the label as well.
	wanted := fmt.Sprintf("%q:%q", goroutineMark, mark)
	return func() []string {
		t.Helper()
		pprof.SetGoroutineLabels(context.Background())
		defer pprof.SetGoroutineLabels(own)
		return marked(t, wanted)
	}
}

// watchGoroutines returns a function that demands that the goroutines of markGoroutines end. It belongs at the end of a test, before
// t.Context is canceled: a goroutine that stays is still there then, and a profile of all goroutines is dear.
func watchGoroutines(t *testing.T) (settled func()) {
	t.Helper()
	left := markGoroutines(t)
	return func() {
		t.Helper()
		// Nothing tells when a goroutine ends. Only one that stays for good takes that long.
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		pause := time.NewTicker(5 * time.Millisecond)
		defer pause.Stop()
		for stacks := left(); len(stacks) > 0; stacks = left() {
			select {
			case <-pause.C:
			case <-ctx.Done():
				t.Fatalf("one of the reads of %s leaves %d goroutines behind:\n%s", t.Name(), len(stacks), strings.Join(stacks, "\n\n"))
			}
		}
	}
}

// marked returns the stacks of the goroutines with a label, other than those of idle connections.
func marked(t *testing.T, label string) []string {
	t.Helper()
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		t.Fatal(err)
	}
	var stacks []string
	for stack := range strings.SplitSeq(profile.String(), "\n\n") {
		if !strings.Contains(stack, label) {
			continue
		}
		idle := strings.Contains(stack, "net/http.(*persistConn)") || strings.Contains(stack, "net/http.(*http2ClientConn)") ||
			strings.Contains(stack, "net/http.(*http2clientConnReadLoop)")
		if !idle {
			stacks = append(stacks, stack)
		}
	}
	return stacks
}

// secretSpellings are the spellings in which a credential must be nowhere: as it is, in base64 and URL-encoded.
func secretSpellings(secret string) []string {
	raw := []byte(secret)
	return []string{
		secret,
		base64.StdEncoding.EncodeToString(raw), base64.RawStdEncoding.EncodeToString(raw),
		base64.URLEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
		url.QueryEscape(secret), url.PathEscape(secret), strings.ToLower(url.QueryEscape(secret)),
	}
}

// wantNoSecrets demands that a text holds none of the secrets in any of their spellings.
func wantNoSecrets(t *testing.T, where, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		for _, spelling := range secretSpellings(secret) {
			if at := strings.Index(text, spelling); at >= 0 {
				t.Errorf("%s holds a credential as %q:\n…%s…", where, spelling, text[max(0, at-200):min(len(text), at+len(spelling)+200)])
				break
			}
		}
	}
}

// trust returns connections to servers whose certificates an authority has signed.
func trust(t *testing.T, authority []byte) *http.Transport {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		t.Fatal("the authority has no certificate")
	}
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// create creates a resource whose configuration has the arguments and nothing else.
func (s *protoServer) create(ctx context.Context, typeName string, arguments map[string]any) (protoResult, error) {
	types, err := protoTypes()
	if err != nil {
		return protoResult{}, err
	}
	kind, ok := types.resources[typeName]
	if !ok {
		return protoResult{}, fmt.Errorf("there is no %s", typeName)
	}
	config, err := protoObject(kind, arguments)
	if err != nil {
		return protoResult{}, err
	}
	none, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, nil))
	if err != nil {
		return protoResult{}, err
	}
	planned, err := s.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{TypeName: typeName, PriorState: &none,
		ProposedNewState: config, Config: config})
	if err != nil || len(planned.Diagnostics) > 0 {
		return protoResult{Diagnostics: protoDiagnostics(planned.Diagnostics)}, err
	}
	resp, err := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{TypeName: typeName, PriorState: &none,
		PlannedState: planned.PlannedState, Config: config})
	if err != nil {
		return protoResult{}, err
	}
	return newProtoResult(kind, resp.NewState, resp.Diagnostics)
}
