// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// interrupt is a moment at which the user presses Ctrl-C.
type interrupt struct {
	name string
	// fault keeps the provider at that moment. Without a kind there is none, and the provider waits by itself.
	fault sandbox.Fault
	// reads is the configuration, and typeName with arguments the same in this process.
	reads     string
	typeName  string
	arguments map[string]any
	// before is how many reads precede it.
	before int
	// requests is how many requests the service of the fault has got when the moment has come.
	requests int
	command  string // of Terraform; "" means plan
}

const readCertificate = `
data "certops_cps_certificate" "it" {
  certificate_id = 40001
}
`

var cpsArguments = map[string]any{"certificate_id": sandbox.CertificatePending.Number()}

// interrupts are the moments.
var interrupts = []interrupt{
	{
		name: "request", requests: 1, reads: readCertificate, typeName: "certops_cps_certificate", arguments: cpsArguments,
		fault: sandbox.Fault{Service: sandbox.CPS, Kind: sandbox.FaultSlowHeaders},
	},
	{
		name: "body", requests: 1, reads: readCertificate, typeName: "certops_cps_certificate", arguments: cpsArguments,
		fault: sandbox.Fault{Service: sandbox.CPS, Kind: sandbox.FaultStallBody},
	},
	{
		name: "back-off", requests: 1, reads: readCertificate, typeName: "certops_cps_certificate", arguments: cpsArguments,
		fault: sandbox.Fault{Service: sandbox.CPS, Kind: sandbox.FaultStatus, Status: http.StatusServiceUnavailable, RetryAfter: "60"},
	},
	{
		name: "token fetch", requests: 1, reads: readCertificate, typeName: "certops_cps_certificate", arguments: cpsArguments,
		fault: sandbox.Fault{Service: sandbox.Token, Kind: sandbox.FaultSlowHeaders},
	},
	{
		name: "token back-off", requests: 1, reads: readCertificate, typeName: "certops_cps_certificate", arguments: cpsArguments,
		fault: sandbox.Fault{Service: sandbox.Token, Kind: sandbox.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: "60"},
	},
	{
		name: "listing", requests: 3, typeName: "certops_processes", arguments: map[string]any{"include_info": true},
		reads: `
data "certops_processes" "it" {
  include_info = true
}
`,
		fault: sandbox.Fault{Service: sandbox.RealtimeRegister, Path: "/v2/processes/*/info", Kind: sandbox.FaultSlowHeaders},
	},
}

// TestInterrupts cancels a read at each moment, and demands that it ends at once, asks for nothing more, and leaves
// nothing running. Its connections are pipes and its clock does not run with the machine's.
func TestInterrupts(t *testing.T) {
	t.Parallel()
	for _, test := range append([]interrupt{
		{
			name: "waiting", requests: 2, typeName: "certops_dcv_validation", arguments: map[string]any{"process_id": 30001},
			fault: sandbox.Fault{Service: sandbox.RealtimeRegister},
		},
		{
			name: "rate limit", requests: 100, typeName: "certops_digicert_request", arguments: map[string]any{"request_id": 198}, before: 100,
			fault: sandbox.Fault{Service: sandbox.DigiCert},
		},
	}, interrupts...) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				vendors := newPipedVendors(t, test.fault)
				server, err := newProtoServer(t.Context(), base.Environment{Transport: vendors.transport,
					Getenv: environment(answersEnvironment, map[string]string{base.EnvMaxRetries: "4"})})
				if err != nil {
					t.Fatal(err)
				}
				act := server.read
				if test.typeName == "certops_dcv_validation" {
					act = server.create
				}
				for range test.before {
					if result, err := act(t.Context(), test.typeName, test.arguments); err != nil || len(result.Diagnostics) > 0 {
						t.Fatal(result.Diagnostics, err)
					}
				}
				left := markGoroutines(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var ended atomic.Pointer[protoResult]
				go func() {
					result, err := act(ctx, test.typeName, test.arguments)
					if err != nil {
						t.Error(err)
					}
					ended.Store(&result)
				}()
				synctest.Wait()
				if result := ended.Load(); result != nil {
					t.Fatalf("it ended before the interrupt: %v", result.Diagnostics)
				}
				before := vendors.requests()
				if got := before[test.fault.Service]; got != test.requests {
					t.Fatalf("%s got %d requests before the interrupt, expected %d", test.fault.Service, got, test.requests)
				}
				cancel()
				synctest.Wait() // No time passes meanwhile.
				result := ended.Load()
				if result == nil {
					t.Fatal("it goes on after the interrupt")
				}
				if len(result.Diagnostics) != 1 || !strings.Contains(strings.ToLower(result.Diagnostics[0].String()), "interrupted") {
					t.Errorf("got %v", result.Diagnostics)
				}
				if stacks := left(); len(stacks) > 0 {
					t.Errorf("it left %d goroutines behind:\n%s", len(stacks), strings.Join(stacks, "\n\n"))
				}
				time.Sleep(time.Hour)
				if diff := cmp.Diff(before, vendors.requests()); diff != "" {
					t.Errorf("requests came after the interrupt (-before +after):\n%s", diff)
				}
			})
		})
	}
}

// pipedVendors are the vendors' APIs with one fault, behind connections that no network carries: a bubble knows when nothing
// moves on them any more.
type pipedVendors struct {
	transport *http.Transport
	fault     sandbox.Fault
	mu        sync.Mutex
	counts    map[sandbox.Service]int
}

// servicePaths begin the paths of the services.
var servicePaths = map[sandbox.Service]string{
	sandbox.RealtimeRegister: "/v2/", sandbox.CPS: "/sec/", sandbox.Token: "/connect/", sandbox.DigiCert: "/services/",
}

// pipedAnswers are the responses, by path.
var pipedAnswers = map[string]string{
	"/connect/token":      tokenAnswer,
	"/v2/processes":       `{"entities":[{"id":1,"status":"SUSPENDED"},{"id":2,"status":"SUSPENDED"}],"pagination":{"total":2}}`,
	"/v2/processes/30001": `{"id":30001,"status":"SUSPENDED"}`,
	"/v2/processes/30001/info": `{"commonName":"a.example","validations":{"dcv":[{"commonName":"a.example","type":"DNS",` +
		`"status":"WAITING","dnsRecord":"_x.a.example","dnsType":"CNAME","dnsContents":"v.example"}]}}`,
	"/services/v2/request/198": `{"id":198}`,
}

func newPipedVendors(t *testing.T, fault sandbox.Fault) *pipedVendors {
	t.Helper()
	v := &pipedVendors{fault: fault, counts: make(map[sandbox.Service]int)}
	connections := pipes{make(chan net.Conn), make(chan struct{})}
	server := &http.Server{Handler: v, ReadHeaderTimeout: time.Hour}
	served := make(chan error)
	go func() { served <- server.Serve(connections) }()
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		client, server := net.Pipe()
		select {
		case connections.made <- server:
			return client, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	v.transport = &http.Transport{DialTLSContext: dial}
	t.Cleanup(func() {
		v.transport.CloseIdleConnections()
		_ = server.Close()
		<-served
	})
	return v
}

// ServeHTTP implements http.Handler.
func (v *pipedVendors) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	for service, prefix := range servicePaths {
		if strings.HasPrefix(r.URL.Path, prefix) {
			v.counts[service]++
		}
	}
	v.mu.Unlock()
	_, _ = io.Copy(io.Discard, r.Body) // Only then the server notices that the client has gone.
	hit := strings.HasPrefix(r.URL.Path, servicePaths[v.fault.Service])
	if v.fault.Path != "" {
		hit, _ = path.Match(v.fault.Path, r.URL.Path)
	}
	switch kind := v.fault.Kind; {
	case hit && kind == sandbox.FaultStallBody:
		_, _ = io.WriteString(w, `{"id":`)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	case hit && kind == sandbox.FaultSlowHeaders:
		<-r.Context().Done()
	case hit && kind == sandbox.FaultStatus:
		w.Header().Set("Retry-After", v.fault.RetryAfter)
		w.WriteHeader(v.fault.Status)
	default:
		_, _ = io.WriteString(w, pipedAnswers[r.URL.Path])
	}
}

// requests are the numbers of requests that the services got.
func (v *pipedVendors) requests() map[sandbox.Service]int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return maps.Clone(v.counts)
}

// pipes is a net.Listener whose connections come over a channel.
type pipes struct {
	made   chan net.Conn
	closed chan struct{}
}

// Accept implements net.Listener.
func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.made:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p pipes) Close() error {
	close(p.closed)
	return nil
}

// Addr implements net.Listener.
func (pipes) Addr() net.Addr { return &net.UnixAddr{Net: "pipe"} }

// TestAccInterrupts sends Terraform and the provider the signal of Ctrl-C at each moment, as a shell does.
func TestAccInterrupts(t *testing.T) {
	t.Parallel()
	for _, test := range append([]interrupt{
		{
			name: "rate limit", requests: 100, fault: sandbox.Fault{Service: sandbox.DigiCert},
			reads: `
data "certops_digicert_orders" "it" {
  include_validation = true
}
`,
		},
		{
			name: "waiting", requests: 2, command: "apply", fault: sandbox.Fault{Service: sandbox.RealtimeRegister},
			reads: `
resource "certops_dcv_validation" "it" {
  process_id = 30001
}
`,
		},
	}, interrupts[0], interrupts[2], interrupts[3]) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := sandboxtest.Start(t, sandbox.Options{})
			if err := s.Populate(110); err != nil {
				t.Fatal(err)
			}
			if test.fault.Kind != "" {
				inject(t, s, test.fault)
			}
			w := newWorkspace(t, s.Env(), nil, map[string]string{"main.tf": requireCertops + test.reads})
			log := filepath.Join(t.TempDir(), "terraform.log")
			w.env = append(w.env, "TF_LOG=TRACE", "TF_LOG_PATH="+log)

			binary := os.Getenv("TF_ACC_TERRAFORM_PATH")
			if binary == "" {
				binary = "terraform"
			}
			arguments := []string{"plan", "-input=false", "-lock=false", "-no-color"}
			if test.command == "apply" {
				arguments = []string{"apply", "-input=false", "-auto-approve", "-no-color"}
			}
			command := exec.CommandContext(t.Context(), binary, arguments...)
			command.Dir, command.Env = w.dir, w.env
			// A shell signals the whole group, and so does this test; it must not be in the group itself.
			command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			var printed bytes.Buffer
			command.Stdout, command.Stderr = &printed, &printed
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			stalls := test.fault.Kind == sandbox.FaultSlowHeaders
			if err := s.Await(t.Context(), func() bool {
				got := s.Requests(test.fault.Service)
				open := slices.ContainsFunc(got, func(r sandbox.Request) bool { return r.Status == 0 })
				return len(got) >= test.requests && (stalls || !open)
			}); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Kill(-command.Process.Pid, syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			if err := command.Wait(); err == nil {
				t.Errorf("terraform succeeded:\n%s", printed.String())
			}
			if strings.Contains(printed.String(), "plugin crashed") || strings.Contains(printed.String(), "Plugin did not respond") {
				t.Errorf("the provider went down:\n%s", printed.String())
			}
			stop, end, err := stopOf(log)
			if err != nil {
				t.Fatalf("%s\n%s", err, printed.String())
			}
			// Every moment would last longer by itself, or lead to more requests.
			if took := end.Sub(stop); took > 20*time.Second {
				t.Errorf("the provider ended %s after it was told to stop", took)
			}
			for _, service := range apiServices(s) {
				for _, r := range s.Requests(service) {
					// What was on its way comes before that.
					if late := r.At.Sub(stop); late > time.Second {
						t.Errorf("%s %s came %s after the provider was told to stop", r.Method, r.Path, late)
					}
				}
			}
		})
	}
}

// rpc finds the beginning and the end of calls in Terraform's log.
var rpc = regexp.MustCompile(`(?m)^(\S+) \[\w+\]\s+provider\.terraform-provider-certops: (Received|Served) request:.*tf_rpc=(\w+)`)

// stopOf returns when the provider was told to stop, and when the last call ended that this stopped.
func stopOf(log string) (stop, end time.Time, err error) {
	text, err := os.ReadFile(log)
	if err != nil {
		return stop, end, err
	}
	for _, found := range rpc.FindAllStringSubmatch(string(text), -1) {
		at, err := time.Parse("2006-01-02T15:04:05.000Z0700", found[1])
		if err != nil {
			return stop, end, err
		}
		switch call := found[2] + " " + found[3]; {
		case call == "Received StopProvider" && stop.IsZero():
			stop = at
		case call == "Served ReadDataSource", call == "Served ApplyResourceChange":
			end = at
		}
	}
	if stop.IsZero() || end.IsZero() {
		err = fmt.Errorf("the log has no call that stops the provider, or none that it stopped: %v, %v", stop, end)
	}
	return stop, end, err
}
