// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

// interrupt is a moment at which the user presses Ctrl-C.
type interrupt struct {
	name string
	// fault keeps the provider at that moment.
	fault sandbox.Fault
	// reads is the configuration, and typeName with arguments the same in this process.
	reads     string
	typeName  string
	arguments map[string]any
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
		name: "listing", requests: 1, typeName: "certops_processes", arguments: map[string]any{"include_info": true},
		reads: `
data "certops_processes" "it" {
  include_info = true
}
`,
		fault: sandbox.Fault{Service: sandbox.RealtimeRegister, Path: "/v2/processes/*/info", Kind: sandbox.FaultSlowHeaders},
	},
}

// TestInterrupts cancels a read at each moment, and demands that it ends at once, asks for nothing more, and leaves
// nothing running.
func TestInterrupts(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for _, test := range interrupts {
		all.Go(func() {
			t.Run(test.name, func(t *testing.T) {
				s := startSandbox(t, sandbox.Options{})
				inject(t, s, test.fault)
				settled := watchGoroutines(t)
				server, err := newProtoServer(t.Context(), base.Environment{Getenv: environment(s.Env())})
				if err != nil {
					t.Fatal(err)
				}
				wantEndAtOnce(t, s, test.fault.Service, test.requests, func(ctx context.Context) (protoResult, error) {
					return server.read(ctx, test.typeName, test.arguments)
				})
				settled(test.name)
			})
		})
	}
	all.Wait()
}

// TestInterruptOfRateLimit cancels a read that waits for DigiCert's limit. Its clock does not run with the machine's.
func TestInterruptOfRateLimit(t *testing.T) {
	fixture := fixtureText(t, "digicert/request_198_approved.json")
	synctest.Test(t, func(t *testing.T) {
		const limit = 100
		requests := 0
		network := countedAnswers{answers{"/services/v2/request/198": fixture}, &requests}
		server, err := newProtoServer(t.Context(), base.Environment{Getenv: environment(answersEnvironment), Transport: network})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		arguments := map[string]any{"request_id": 198}
		for range limit {
			if result, err := server.read(ctx, "certops_digicert_request", arguments); err != nil || result.failed() {
				t.Fatal(result, err)
			}
		}
		var ended atomic.Bool
		go func() {
			result, err := server.read(ctx, "certops_digicert_request", arguments)
			if err != nil || len(result.Diagnostics) != 1 || !strings.Contains(strings.ToLower(result.Diagnostics[0].String()), "interrupted") {
				t.Errorf("got %v, %v", result.Diagnostics, err)
			}
			ended.Store(true)
		}()
		synctest.Wait()
		if ended.Load() || requests != limit {
			t.Fatalf("after %d requests: the read ended: %t", requests, ended.Load())
		}
		interrupted := time.Now()
		cancel()
		synctest.Wait()
		if !ended.Load() || time.Now() != interrupted || requests != limit {
			t.Errorf("after the interrupt: ended %t, %s later, %d requests", ended.Load(), time.Since(interrupted), requests)
		}
		time.Sleep(5 * time.Second) // The limit's window ends with the test.
	})
}

// countedAnswers counts the requests.
type countedAnswers struct {
	answers
	requests *int
}

// RoundTrip implements http.RoundTripper.
func (c countedAnswers) RoundTrip(req *http.Request) (*http.Response, error) {
	*c.requests++
	return c.answers.RoundTrip(req)
}

// TestInterruptOfWaiting cancels certops_dcv_validation between two looks.
func TestInterruptOfWaiting(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, sandbox.Options{})
	settled := watchGoroutines(t)
	server, err := newProtoServer(t.Context(), base.Environment{Getenv: environment(s.Env())})
	if err != nil {
		t.Fatal(err)
	}
	wantEndAtOnce(t, s, sandbox.RealtimeRegister, 2, func(ctx context.Context) (protoResult, error) {
		return server.create(ctx, "certops_dcv_validation", map[string]any{"process_id": sandbox.ProcessPending.Number()})
	})
	settled("waiting")
}

// wantEndAtOnce begins to read, cancels once the service has got some requests, and demands one diagnostic within a
// second and no further request.
func wantEndAtOnce(
	t *testing.T, s *sandbox.Sandbox, service sandbox.Service, requests int, read func(context.Context) (protoResult, error),
) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	type ending struct {
		result protoResult
		err    error
		at     time.Time
	}
	ended := make(chan ending, 1)
	go func() {
		result, err := read(ctx)
		ended <- ending{result, err, time.Now()}
	}()
	waitForRequests(t, s, service, requests)
	// What follows the response to the last of them takes no longer than this.
	time.Sleep(100 * time.Millisecond)
	select {
	case e := <-ended:
		t.Fatalf("it ended before the interrupt: %v, %v", e.result.Diagnostics, e.err)
	default:
	}
	before := allRequests(s)
	interrupted := time.Now()
	cancel()
	e := <-ended
	if e.err != nil {
		t.Fatal(e.err)
	}
	if took := e.at.Sub(interrupted); took > time.Second {
		t.Errorf("it ended %s after the interrupt", took)
	} else {
		t.Logf("it ended %s after the interrupt", took)
	}
	if len(e.result.Diagnostics) != 1 || !strings.Contains(strings.ToLower(e.result.Diagnostics[0].String()), "interrupted") {
		t.Errorf("got %v", e.result.Diagnostics)
	}
	time.Sleep(100 * time.Millisecond)
	if after := allRequests(s); after != before {
		t.Errorf("%d requests came after the interrupt", after-before)
	}
}

// waitForRequests waits until a service has got some requests.
func waitForRequests(t *testing.T, s *sandbox.Sandbox, service sandbox.Service, requests int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); len(s.Requests(service)) < requests; {
		if time.Now().After(deadline) {
			t.Fatalf("%s got %d requests, not %d", service, len(s.Requests(service)), requests)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// allRequests is how many requests the simulator got.
func allRequests(s *sandbox.Sandbox) int {
	total := 0
	for _, service := range apiServices {
		total += len(s.Requests(service))
	}
	return total
}

// TestAccInterrupts sends Terraform and the provider the signal of Ctrl-C at each moment, as a shell does.
func TestAccInterrupts(t *testing.T) {
	t.Parallel()
	for _, test := range append([]interrupt{
		{
			name: "rate limit", requests: 100, fault: sandbox.Fault{Service: sandbox.DigiCert, Kind: sandbox.FaultStatus,
				Status: http.StatusTeapot, After: 1000},
			reads: `
data "certops_digicert_orders" "it" {
  include_validation = true
}
`,
		},
		{
			name: "waiting", requests: 2, command: "apply", fault: sandbox.Fault{Service: sandbox.RealtimeRegister, Kind: sandbox.FaultStatus,
				Status: http.StatusTeapot, After: 1000},
			reads: `
resource "certops_dcv_validation" "it" {
  process_id = 30001
}
`,
		},
	}, interrupts[0], interrupts[2], interrupts[3]) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := startSandbox(t, sandbox.Options{})
			if err := s.Populate(110); err != nil {
				t.Fatal(err)
			}
			inject(t, s, test.fault)
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
			waitForRequests(t, s, test.fault.Service, test.requests)
			time.Sleep(300 * time.Millisecond)
			before := allRequests(s)
			if err := syscall.Kill(-command.Process.Pid, syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			interrupted := time.Now()
			err := command.Wait()
			whole := time.Since(interrupted)
			if err == nil {
				t.Errorf("terraform succeeded:\n%s", printed.String())
			}
			if after := allRequests(s); after != before {
				t.Errorf("%d requests came after the interrupt", after-before)
			}
			if strings.Contains(printed.String(), "plugin crashed") || strings.Contains(printed.String(), "Plugin did not respond") {
				t.Errorf("the provider went down:\n%s", printed.String())
			}
			took, err := stoppedWithin(log)
			if err != nil {
				t.Fatalf("%s\n%s", err, printed.String())
			}
			t.Logf("the provider ended %s after it was told to stop, terraform %s after the signal", took, whole)
			if took > time.Second {
				t.Errorf("the provider ended %s after it was told to stop", took)
			}
		})
	}
}

// rpc finds the beginning and the end of calls in Terraform's log.
var rpc = regexp.MustCompile(`(?m)^(\S+) \[\w+\]\s+provider\.terraform-provider-certops: (Received|Served) request:.*tf_rpc=(\w+)`)

// stoppedWithin returns the time between the call that stops the provider and the end of the last one that it stopped.
func stoppedWithin(log string) (time.Duration, error) {
	text, err := os.ReadFile(log)
	if err != nil {
		return 0, err
	}
	var stop, last time.Time
	for _, found := range rpc.FindAllStringSubmatch(string(text), -1) {
		at, err := time.Parse("2006-01-02T15:04:05.000Z0700", found[1])
		if err != nil {
			return 0, err
		}
		switch call := found[2] + " " + found[3]; {
		case call == "Received StopProvider" && stop.IsZero():
			stop = at
		case call == "Served ReadDataSource", call == "Served ApplyResourceChange":
			last = at
		}
	}
	if stop.IsZero() || last.IsZero() {
		return 0, fmt.Errorf("the log has no call that stops the provider, or none that it stopped: %v, %v", stop, last)
	}
	return last.Sub(stop), nil
}
