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
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
)

// The tests that use this file run Terraform as users do: as a command of its own, with the provider as a binary that
// dev_overrides names. Unlike the acceptance tests they see warnings, whole diagnostics, and -parallelism.

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

// plan plans and returns the diagnostics by the address of the block they are about, in their order, and all that was printed.
func (w workspace) plan(arguments ...string) (diagnostics map[string][]diagnostic, output string) {
	w.t.Helper()
	output, _ = w.terraform(append([]string{"plan", "-json", "-input=false", "-lock=false"}, arguments...)...)
	diagnostics = make(map[string][]diagnostic)
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
	return diagnostics, output
}
