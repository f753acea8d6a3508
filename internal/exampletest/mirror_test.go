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
	"testing"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

// TestMirror installs certops, and another provider beside it, from what "make mirror" writes, at the version that the
// documentation asks for.
func TestMirror(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("make mirror is a script for a POSIX shell")
	}
	root, folder, place := exampletest.Root(t), t.TempDir(), t.TempDir()
	script := exec.CommandContext(t.Context(), filepath.Join(root, "scripts", "mirror.sh"), folder)
	out, err := script.CombinedOutput()
	if err != nil {
		t.Fatalf("mirror.sh: %s\n%s", err, out)
	}
	tf := exampletest.New(t, "")
	tf.Config = filepath.Join(folder, "certops.tfrc")
	if !strings.Contains(string(out), tf.Config) {
		t.Errorf("mirror.sh does not tell of %s:\n%s", tf.Config, out)
	}
	// Terraform and OpenTofu find the same there.
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		pattern := filepath.Join(folder, "mirror", host, "certops", "*", "*", runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-*")
		if found, err := filepath.Glob(pattern); err != nil || len(found) != 2 {
			t.Errorf("the mirror has %q for %s, and certops and sandboxdns are wanted", found, host)
		}
	}

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
	s, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	env := s.Env()
	maps.Copy(env, s.DNSEnv())
	tf.Must(t, place, env, "init", "-no-color")
	plan := tf.Must(t, place, env, "plan", "-no-color")
	if !strings.Contains(plan, "Plan: 3 to add") {
		t.Errorf("the plan does not add the records of the order:\n%s", plan)
	}
}
