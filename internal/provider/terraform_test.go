// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-plugin"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
)

// The tests that use this file run Terraform as users do: as a command of its own. They see warnings, whole diagnostics, and
// -parallelism, and a step is an apply and a plan. A step of terraform-plugin-testing is eight commands; it tests each data source, and
// one life of each resource.

// cacheDir is a folder for what several tests share; runTests makes and removes it.
var cacheDir string

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "terraform-provider-certops-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	cacheDir = dir
	return m.Run()
}

// builtProvider builds the provider once and returns the folder that holds the binary.
var builtProvider = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(cacheDir, "bin")
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "terraform-provider-certops"), "../..")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the provider: %w\n%s", err, output)
	}
	return dir, nil
})

// workspace is a folder with a configuration and what Terraform needs to run there.
type workspace struct {
	t      *testing.T
	dir    string
	env    []string
	binary string // what to run as Terraform
}

// requireCertops is the block with which a configuration names the provider.
const requireCertops = `
terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
  }
}
`

// newWorkspace writes a configuration. The provider sees the given environment variables, and those of the machine that
// have nothing to do with Terraform or the vendors. others are further providers: folders by source address.
func newWorkspace(t *testing.T, environment map[string]string, others, files map[string]string) workspace {
	t.Helper()
	provider, err := builtProvider()
	if err != nil {
		t.Fatal(err)
	}
	w := workspace{t: t, dir: t.TempDir(), binary: cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform")}
	for name, content := range files {
		w.write(name, content)
	}
	rc := filepath.Join(t.TempDir(), "terraform.rc")
	overrides := fmt.Sprintf("    %q = %q\n", "certops/certops", provider)
	for source, folder := range others {
		overrides += fmt.Sprintf("    %q = %q\n", source, folder)
	}
	if err := os.WriteFile(rc, []byte("provider_installation {\n  dev_overrides {\n"+overrides+"  }\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "TF_") && !strings.HasPrefix(v, "CERTOPS_") && !strings.HasPrefix(v, "AWS_") {
			w.env = append(w.env, v)
		}
	}
	w.env = append(w.env, "TF_CLI_CONFIG_FILE="+rc, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
	for name, value := range environment {
		w.env = append(w.env, name+"="+value)
	}
	return w
}

// newServed is a workspace whose provider the test's own process serves, with the environment variables given and no others.
func newServed(t *testing.T, environment ...map[string]string) workspace {
	t.Helper()
	w := newWorkspace(t, nil, nil, nil)
	w.serve(map[string]func() (tfprotov6.ProviderServer, error){"certops/certops": providers(environment...)["certops"]})
	return w
}

// configure replaces the configuration.
func (w workspace) configure(format string, arguments ...any) {
	w.write("main.tf", requireCertops+fmt.Sprintf(format, arguments...))
}

// serve lets Terraform use providers of the test's own process instead of binaries, which saves the time of starting those.
// factories are by source address.
func (w *workspace) serve(factories map[string]func() (tfprotov6.ProviderServer, error)) {
	w.t.Helper()
	type address struct{ Network, String string }
	type reattach struct {
		Protocol        string
		ProtocolVersion int
		Pid             int
		Test            bool
		Addr            address
	}
	served := make(map[string]reattach)
	host := exampletest.New(w.t, "").Host
	ctx, stop := context.WithCancel(context.Background())
	w.t.Cleanup(stop)
	for source, factory := range factories {
		server, err := factory()
		if err != nil {
			w.t.Fatal(err)
		}
		started, closed := make(chan *plugin.ReattachConfig, 1), make(chan struct{})
		go func() {
			err := tf6server.Serve(source, func() tfprotov6.ProviderServer { return server },
				tf6server.WithDebug(ctx, started, closed), tf6server.WithLoggingSink(w.t))
			if err != nil {
				w.t.Errorf("serve %s: %s", source, err)
			}
		}()
		w.t.Cleanup(func() { stop(); <-closed })
		config := <-started
		served[host+"/"+source] = reattach{
			string(config.Protocol), config.ProtocolVersion, config.Pid, true, address{config.Addr.Network(), config.Addr.String()},
		}
	}
	text, err := json.Marshal(served)
	if err != nil {
		w.t.Fatal(err)
	}
	w.env = append(w.env, "TF_REATTACH_PROVIDERS="+string(text))
}

// write puts a file into the workspace.
func (w workspace) write(name, content string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// terraform runs a command and returns what it printed. A command that fails returns false; one that cannot run ends the test.
func (w workspace) terraform(arguments ...string) (output string, ok bool) {
	w.t.Helper()
	command := exec.CommandContext(w.t.Context(), w.binary, arguments...)
	command.Dir, command.Env = w.dir, w.env
	printed, err := command.CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		w.t.Fatalf("run %s: %s", w.binary, err)
	}
	return string(printed), err == nil
}

// diagnostic is an error or a warning as "terraform … -json" prints it.
type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
}

// plan plans and returns the diagnostics, and all that was printed.
func (w workspace) plan(arguments ...string) (diagnostics map[string][]diagnostic, output string) {
	w.t.Helper()
	output, _ = w.terraform(append([]string{"plan", "-json", "-input=false", "-lock=false"}, arguments...)...)
	return w.diagnostics(output), output
}

// diagnostics are those in what a command printed as JSON, by the address of the block they are about, in their order.
func (w workspace) diagnostics(output string) map[string][]diagnostic {
	w.t.Helper()
	diagnostics := make(map[string][]diagnostic)
	lines := bufio.NewScanner(bytes.NewReader([]byte(output)))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line struct {
			Type       string     `json:"type"`
			Diagnostic diagnostic `json:"diagnostic"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			w.t.Fatalf("terraform printed what is not JSON: %s", lines.Text())
		}
		d := line.Diagnostic
		if line.Type == "diagnostic" && d.Summary != "Provider development overrides are in effect" {
			diagnostics[d.Address] = append(diagnostics[d.Address], d)
		}
	}
	if err := lines.Err(); err != nil {
		w.t.Fatal(err)
	}
	return diagnostics
}

// apply applies, demands success and returns the output in one line.
func (w workspace) apply(arguments ...string) string {
	w.t.Helper()
	output, ok := w.terraform(append([]string{"apply", "-auto-approve", "-input=false", "-no-color"}, arguments...)...)
	if !ok {
		w.t.Fatalf("apply failed:\n%s", output)
	}
	return oneLine(output)
}

// applyFails applies and demands a failure that says some texts.
func (w workspace) applyFails(texts ...string) {
	w.t.Helper()
	w.fails([]string{"apply", "-auto-approve"}, texts...)
}

// hasPlan is in the output of a command that made a plan with changes. Where planning fails, "planned the following actions, but then
// encountered a problem" is in its place, or nothing.
const hasPlan = "will perform the following actions"

// applyMakesNoPlan applies and demands a failure that says some texts before there is a plan that anybody could approve.
func (w workspace) applyMakesNoPlan(texts ...string) {
	w.t.Helper()
	if output := w.fails([]string{"apply", "-auto-approve"}, texts...); strings.Contains(oneLine(output), hasPlan) {
		w.t.Errorf("the plan succeeded:\n%s", output)
	}
}

// planFails plans and demands a failure that says some texts.
func (w workspace) planFails(arguments []string, texts ...string) {
	w.t.Helper()
	w.fails(append([]string{"plan"}, arguments...), texts...)
}

func (w workspace) fails(arguments []string, texts ...string) (output string) {
	w.t.Helper()
	output, ok := w.terraform(append(arguments, "-input=false", "-no-color")...)
	if ok {
		w.t.Fatalf("terraform %v succeeded:\n%s", arguments, output)
	}
	w.says(output, texts...)
	return output
}

// says demands that an output has some texts, however its lines are broken.
func (w workspace) says(output string, texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		if !strings.Contains(oneLine(output), text) {
			w.t.Errorf("the output lacks %q:\n%s", text, output)
		}
	}
}

// oneLine is an output without frames and line breaks.
func oneLine(output string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(output)), " ")
}

// unchanged demands an empty plan.
func (w workspace) unchanged(arguments ...string) {
	w.t.Helper()
	output, ok := w.terraform(append([]string{"plan", "-detailed-exitcode", "-input=false", "-no-color"}, arguments...)...)
	if !ok {
		w.t.Fatalf("the plan is not empty:\n%s", output)
	}
}

func (w workspace) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// output is an output value as JSON.
func (w workspace) output(name string) string {
	w.t.Helper()
	text, ok := w.terraform("output", "-json", "-no-color", name)
	if !ok {
		w.t.Fatal(text)
	}
	// A warning of dev_overrides precedes the value.
	lines := strings.Split(strings.TrimSpace(text), "\n")
	var value any
	for i := range lines {
		if json.Unmarshal([]byte(strings.Join(lines[i:], "\n")), &value) == nil {
			compact, _ := json.Marshal(value)
			return string(compact)
		}
	}
	return text
}

// holds checks the state after the last apply as terraform-plugin-testing does. The commands of one of its steps are eight.
// An address stands for one instance: where a resource has more or none, the test fails.
func (w workspace) holds(checks ...statecheck.StateCheck) {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
	w.must(err)
	var state struct {
		Resources []struct {
			Mode, Type, Name string
			Instances        []struct{ Attributes map[string]any }
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	w.must(decoder.Decode(&state))
	var root tfjson.StateModule
	for _, r := range state.Resources {
		address := strings.TrimPrefix(r.Mode+".", "managed.") + r.Type + "." + r.Name
		if len(r.Instances) != 1 {
			w.t.Fatalf("%s has %d instances: the check would see the first", address, len(r.Instances))
		}
		root.Resources = append(root.Resources, &tfjson.StateResource{Address: address, AttributeValues: r.Instances[0].Attributes})
	}
	for _, check := range checks {
		var resp statecheck.CheckStateResponse
		check.CheckState(w.t.Context(), statecheck.CheckStateRequest{State: &tfjson.State{Values: &tfjson.StateValues{RootModule: &root}}}, &resp)
		if resp.Error != nil {
			w.t.Error(resp.Error)
		}
	}
}

// wantDiagnostic demands one diagnostic, with texts in this order.
func wantDiagnostic(t *testing.T, got []diagnostic, texts ...string) {
	t.Helper()
	if len(got) != 1 {
		t.Fatalf("%d diagnostics, want one with %q: %v", len(got), texts, got)
	}
	wantTexts(t, oneLine(got[0].Summary+": "+got[0].Detail), texts...)
}
