// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package exampletest_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

// mirrorFolder is where "make mirror" builds the providers, once for all tests: linking them takes 4 s of CPU.
var mirrorFolder string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "certops-mirror")
	if err != nil {
		panic(err)
	}
	mirrorFolder = folder
	m.Run()
	if err := os.RemoveAll(folder); err != nil {
		panic(err)
	}
}

// mirror does as "make mirror" does, and returns what that prints.
var mirror = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("bash", filepath.Join("..", "..", "scripts", "mirror.sh"), mirrorFolder).CombinedOutput()
	return string(out), err
})

// binaries returns the paths of the providers in the mirror for a registry.
func binaries(t *testing.T, host, name string) []string {
	t.Helper()
	if out, err := mirror(); err != nil {
		t.Fatalf("mirror.sh: %s\n%s", err, out)
	}
	found, err := filepath.Glob(filepath.Join(mirrorFolder, "mirror", host, "certops", name, "*", runtime.GOOS+"_"+runtime.GOARCH,
		"terraform-provider-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// newTerraform finds Terraform, and has it take certops from the mirror without "terraform init".
func newTerraform(t *testing.T) *exampletest.Terraform {
	t.Helper()
	found := binaries(t, "registry.terraform.io", "certops")
	if len(found) != 1 {
		t.Fatalf("the mirror has %q, and certops is wanted", found)
	}
	return exampletest.New(t, fmt.Sprintf("dev_overrides {\n\"certops/certops\" = %q\n}\ndirect {}\n", filepath.Dir(found[0])))
}

// TestMirror looks at what "make mirror" writes. TestBlocks installs from it.
func TestMirror(t *testing.T) {
	t.Parallel()
	// Terraform and OpenTofu find the same there.
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		if found := binaries(t, host, "*"); len(found) != 2 {
			t.Errorf("the mirror has %q for %s, and certops and sandboxdns are wanted", found, host)
		}
	}
	if out, _ := mirror(); !strings.Contains(out, filepath.Join(mirrorFolder, "certops.tfrc")) {
		t.Errorf("mirror.sh does not tell of its CLI configuration:\n%s", out)
	}
}

// mirror installs certops, and another provider beside it, from what "make mirror" writes, at the version that the documentation
// asks for, and plans with them.
func (r blockRunner) mirror(t *testing.T, use, plan string) {
	root, place := exampletest.Root(t), t.TempDir()
	documented, err := os.ReadFile(filepath.Join(root, "examples", "provider", "provider.tf"))
	if err != nil {
		t.Fatal(err)
	}
	constraint := regexp.MustCompile(`version = "(.*)"`).FindSubmatch(documented)
	if constraint == nil {
		t.Fatal("the example of the provider asks for no version")
	}
	exampletest.Write(t, place, "main.tf", fmt.Sprintf(`terraform {
  required_providers {
    certops = {
      source  = "certops/certops"
      version = %q
    }
    sandboxdns = {
      source = "certops/sandboxdns"
    }
  }
}

data "certops_digicert_order_validation" "this" {
  order_id = "20001"
}

resource "sandboxdns_record_set" "dcv" {
  for_each = data.certops_digicert_order_validation.this.dns_record_sets

  zone   = "example.com"
  name   = each.value.fqdn
  type   = each.value.type
  rdatas = each.value.rdatas
}
`, constraint[1]))
	s, env := start(t, sandbox.Options{})
	maps.Copy(env, s.DNSEnv())
	var file strings.Builder
	for name, value := range env {
		fmt.Fprintf(&file, "export %s='%s'\n", name, value)
	}
	exampletest.Write(t, place, "sandbox.env", file.String())

	// newTerraform has made the mirror already.
	script := fmt.Sprintf("make() { cp %q .; }\n", filepath.Join(mirrorFolder, "certops.tfrc")) + use +
		strings.ReplaceAll(plan, "/tmp/sandbox.env", "./sandbox.env")
	out, err := r.bash(t, place, map[string]string{"TF_CLI_ARGS_plan": "-no-color"}, script)
	if err != nil {
		t.Fatalf("%s\n%s", err, out)
	}
	if !strings.Contains(out, "Plan: 3 to add, 0 to change, 0 to destroy.") {
		t.Errorf("the plan does not add the records of the order:\n%s", out)
	}
}
