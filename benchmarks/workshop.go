// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The names of the providers that are measured.
const (
	certops       = "certops"
	hashicorpHTTP = "http"
)

// workshop is what measuring takes: Terraform, and the providers each behind a meter.
type workshop struct {
	terraform   string
	folder      string
	binary      string // the certops provider itself, stripped as for a release
	cliConfig   string
	httpVersion string // "" when hashicorp/http is not to be had
	httpMissing string // why it is not
}

// newWorkshop builds what can be built and finds the rest.
func newWorkshop(ctx context.Context, root, folder string) (*workshop, error) {
	w := &workshop{
		terraform: os.Getenv("TF_ACC_TERRAFORM_PATH"),
		folder:    folder,
		binary:    filepath.Join(folder, certops, "real", "terraform-provider-certops"),
		cliConfig: filepath.Join(folder, "terraform.rc"),
	}
	if w.terraform == "" {
		w.terraform = "terraform"
	}
	meter := filepath.Join(folder, "meter")
	if err := build(ctx, root, w.binary, "."); err != nil {
		return nil, err
	}
	if err := build(ctx, root, meter, "./benchmarks/meter"); err != nil {
		return nil, err
	}
	if err := os.Link(meter, filepath.Join(folder, certops, "terraform-provider-certops")); err != nil {
		return nil, err
	}
	binary, version, err := w.findHTTP(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		w.httpMissing = err.Error()
	default:
		w.httpVersion = version
		behind := filepath.Join(folder, hashicorpHTTP, "real", "terraform-provider-http")
		if err := os.MkdirAll(filepath.Dir(behind), 0o700); err != nil {
			return nil, err
		}
		if err := os.Symlink(binary, behind); err != nil {
			return nil, err
		}
		if err := os.Link(meter, filepath.Join(folder, hashicorpHTTP, "terraform-provider-http")); err != nil {
			return nil, err
		}
	}
	overrides := fmt.Sprintf("    %q = %q\n", "certops/certops", filepath.Join(folder, certops))
	if w.httpVersion != "" {
		overrides += fmt.Sprintf("    %q = %q\n", "hashicorp/http", filepath.Join(folder, hashicorpHTTP))
	}
	return w, os.WriteFile(w.cliConfig, []byte("provider_installation {\n  dev_overrides {\n"+overrides+"  }\n}\n"), 0o600)
}

// build builds a package as it is released (.goreleaser.yml): without cgo, paths, symbols and pages of grpc.
func build(ctx context.Context, root, output, pkg string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "grpcnotrace", "-ldflags", "-s -w", "-o", output, pkg)
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if printed, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, printed)
	}
	return nil
}

// findHTTP has Terraform install hashicorp/http from the file-system mirror that CERTOPS_TEST_PLUGIN_DIR names, or else
// from the registry, and returns its binary and version. The error is a short reason.
func (w *workshop) findHTTP(ctx context.Context) (binary, version string, err error) {
	folder := filepath.Join(w.folder, "install")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", "", err
	}
	from, installation := "the registry", ""
	if mirror := os.Getenv("CERTOPS_TEST_PLUGIN_DIR"); mirror != "" {
		from = "the mirror that CERTOPS_TEST_PLUGIN_DIR names"
		installation = fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	}
	rc := filepath.Join(folder, "terraform.rc")
	config := "terraform {\n  required_providers {\n    http = {\n      source = \"hashicorp/http\"\n    }\n  }\n}\n"
	for path, content := range map[string]string{rc: installation, filepath.Join(folder, "main.tf"): config} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return "", "", err
		}
	}
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	command := exec.CommandContext(limited, w.terraform, "init", "-input=false", "-no-color")
	command.Dir, command.Env = folder, environment("TF_CLI_CONFIG_FILE="+rc)
	if err := command.Run(); err != nil {
		return "", "", errors.New("it could not be installed from " + from)
	}
	// <host>/hashicorp/http/<version>/<platform>/terraform-provider-http…
	found, err := filepath.Glob(filepath.Join(folder, ".terraform", "providers", "*", "hashicorp", "http", "*", "*",
		"terraform-provider-http*"))
	if err != nil || len(found) != 1 {
		return "", "", errors.New("its binary was not found after it was installed from " + from)
	}
	return found[0], filepath.Base(filepath.Dir(filepath.Dir(found[0]))), nil
}

// environment is that of this process without what would change how Terraform or the providers work, and with more.
func environment(more ...string) []string {
	var all []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "TF_") && !strings.HasPrefix(v, "CERTOPS_") {
			all = append(all, v)
		}
	}
	return append(append(all, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1"), more...)
}
