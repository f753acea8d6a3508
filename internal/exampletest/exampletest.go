// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package exampletest runs Terraform or OpenTofu on the configurations of examples/, as a user would: as a process of its
// own, with the provider built from this work tree.
package exampletest

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Version is the version that providers built from this work tree get in a mirror.
const Version = "0.1.0"

// Root returns the top folder of the repository.
func Root(t testing.TB) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("the place of this file is unknown")
	}
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// Terraform is a binary that understands Terraform's language, with a CLI configuration of its own.
type Terraform struct {
	// Path is the binary.
	Path string
	// Host is the registry host of source addresses that name none.
	Host string
	// Config is the CLI configuration file.
	Config  string
	version []int
}

var version = sync.OnceValues(func() (string, error) {
	path, err := binary()
	if err != nil {
		return "", err
	}
	cmd := exec.Command(path, "version")
	cmd.Env = environment(nil)
	out, err := cmd.Output()
	return string(out), err
})

// binary is the one that TF_ACC_TERRAFORM_PATH names, else terraform on PATH.
func binary() (string, error) {
	name := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if name == "" {
		name = "terraform"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("no Terraform to run the examples with: "+
			"set TF_ACC_TERRAFORM_PATH, or run scripts/with-terraform.sh go test: %w", err)
	}
	return filepath.Abs(path)
}

// New finds Terraform. The provider installation is the inside of the CLI configuration's block provider_installation.
func New(t testing.TB, installation string) *Terraform {
	t.Helper()
	out, err := version()
	if err != nil {
		t.Fatal(err)
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	tf := &Terraform{Path: path, Host: "registry.terraform.io", Config: filepath.Join(t.TempDir(), "cli.tfrc"), version: make([]int, 3)}
	if strings.HasPrefix(out, "OpenTofu") {
		tf.Host = "registry.opentofu.org"
	}
	// "Terraform v1.11.4", and more on the lines after it.
	if _, err := fmt.Sscanf(out[strings.Index(out, "v")+1:], "%d.%d.%d", &tf.version[0], &tf.version[1], &tf.version[2]); err != nil {
		t.Fatalf("read the version: %s\n%s", err, out)
	}
	text := strings.ReplaceAll(installation, "{host}", tf.Host)
	if err := os.WriteFile(tf.Config, []byte("provider_installation {\n"+text+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return tf
}

// IsOpenTofu tells whether the binary is OpenTofu.
func (tf *Terraform) IsOpenTofu() bool { return tf.Host == "registry.opentofu.org" }

// HasEphemeral tells whether the binary knows ephemeral resources.
func (tf *Terraform) HasEphemeral() bool {
	if tf.IsOpenTofu() {
		return !tf.Before(1, 11)
	}
	return !tf.Before(1, 10)
}

// HasActions tells whether the binary knows actions and queries.
func (tf *Terraform) HasActions() bool { return !tf.IsOpenTofu() && !tf.Before(1, 14) }

// Before tells whether the binary is older than a version: 1, 8 or 1, 8, 10.
func (tf *Terraform) Before(version ...int) bool {
	return slices.Compare(tf.version, version) < 0
}

// Build builds a provider of this module into a folder.
func Build(t testing.TB, pkg, folder, name string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(folder, name), pkg)
	cmd.Dir = Root(t)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %s\n%s", pkg, err, out)
	}
}

// Run runs a command in a folder and returns all that it prints. The environment is that of the test without the variables
// that steer Terraform or the provider, and with those given.
func (tf *Terraform) Run(t testing.TB, folder string, env map[string]string, args ...string) (string, error) {
	t.Helper()
	return tf.RunProgram(t, folder, env, tf.Path, args...)
}

// RunProgram is Run for another program, which may run Terraform in turn.
func (tf *Terraform) RunProgram(t testing.TB, folder string, env map[string]string, program string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = folder
	cmd.Env = environment(env)
	cmd.Env = append(cmd.Env, "TF_CLI_CONFIG_FILE="+tf.Config)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// Must is Run for commands that must succeed.
func (tf *Terraform) Must(t testing.TB, folder string, env map[string]string, args ...string) string {
	t.Helper()
	out, err := tf.Run(t, folder, env, args...)
	if err != nil {
		t.Fatalf("%s %s: %s\n%s", filepath.Base(tf.Path), strings.Join(args, " "), err, out)
	}
	return out
}

// environment is that of the test, without what would lead Terraform or the provider elsewhere.
func environment(more map[string]string) []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		for _, prefix := range []string{"TF_", "CERTOPS_", "SANDBOXDNS_", "DNS_UPDATE_", "AWS_"} {
			if strings.HasPrefix(entry, prefix) {
				return true
			}
		}
		return false
	})
	env = append(env, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0")
	for _, name := range slices.Sorted(maps.Keys(more)) {
		env = append(env, name+"="+more[name])
	}
	return env
}

// Folders returns the folders below examples/ that hold a configuration, as paths relative to it, sorted.
func Folders(t testing.TB) []string {
	t.Helper()
	top := filepath.Join(Root(t), "examples")
	found := make(map[string]bool)
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && entry.Name() == ".terraform" {
			return filepath.SkipDir
		}
		if filepath.Ext(path) == ".tf" {
			folder, err := filepath.Rel(top, filepath.Dir(path))
			found[filepath.ToSlash(folder)] = true
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(found))
}

var (
	sourcePattern   = regexp.MustCompile(`(?m)^\s+source\s*=\s*"([^"./]+/[^"./]+)"`)
	writesPattern   = regexp.MustCompile(`(?m)^action "certops_(check_now|digicert_submit_domain)"`)
	requiredPattern = regexp.MustCompile(`(?m)^\s*required_providers\s*{`)
	statePattern    = regexp.MustCompile(`(?m)^  (backend "|cloud {)`)
	providerPattern = regexp.MustCompile(`(?m)^provider "certops"`)
)

// Sources returns the source addresses that a folder of examples/ requires, without certops/certops, sorted.
func Sources(t testing.TB, folder string) []string {
	t.Helper()
	sources := make(map[string]bool)
	for _, match := range sourcePattern.FindAllStringSubmatch(configuration(t, folder), -1) {
		if match[1] != "certops/certops" {
			sources[match[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(sources))
}

// newer is what older versions of Terraform do not understand, by the minor version of Terraform 1 that has it. OpenTofu has none.
var newer = map[int]*regexp.Regexp{12: regexp.MustCompile(`(?m)^  identity = {`), 14: regexp.MustCompile(`(?m)^action "`)}

// Lacks says what the binary lacks that a folder of examples/ needs, "" where it lacks nothing.
func (tf *Terraform) Lacks(t testing.TB, folder string) string {
	t.Helper()
	for minor, pattern := range newer {
		if pattern.MatchString(configuration(t, folder)) && (tf.IsOpenTofu() || tf.Before(1, minor)) {
			return fmt.Sprintf("Terraform 1.%d or newer", minor)
		}
	}
	return ""
}

// Writes tells whether a folder of examples/ has an action that writes at a vendor.
func Writes(t testing.TB, folder string) bool {
	t.Helper()
	return writesPattern.MatchString(configuration(t, folder))
}

// KeepsState tells whether a folder of examples/ says where its state is kept. Terraform ignores that in a module.
func KeepsState(t testing.TB, folder string) bool {
	t.Helper()
	return statePattern.MatchString(configuration(t, folder))
}

// Configures tells whether a folder of examples/ has a block of certops as a provider.
func Configures(t testing.TB, folder string) bool {
	t.Helper()
	return providerPattern.MatchString(configuration(t, folder))
}

// configuration is the text of all files of a folder.
func configuration(t testing.TB, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(Root(t), "examples", filepath.FromSlash(folder), "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(content)
		text.WriteByte('\n')
	}
	return text.String()
}

// Copy copies a folder of examples/ to a new place, and completes it.
func Copy(t testing.TB, folder string) string {
	t.Helper()
	place := t.TempDir()
	if err := os.CopyFS(place, os.DirFS(filepath.Join(Root(t), "examples", filepath.FromSlash(folder)))); err != nil {
		t.Fatal(err)
	}
	Complete(t, folder, place)
	return place
}

// RequireCertops is what the generator puts before examples that do not say where certops comes from.
const RequireCertops = `terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
  }
}

`

// Complete completes a copy of a folder of examples/ where it leaves out where certops comes from, as examples on a
// documentation page may.
func Complete(t testing.TB, folder, place string) {
	t.Helper()
	if !requiredPattern.MatchString(configuration(t, folder)) {
		Write(t, place, "required_providers.tf", RequireCertops)
	}
}

// AllowDestroy takes back what keeps the configuration in a folder from being destroyed.
func AllowDestroy(t testing.TB, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		Write(t, folder, filepath.Base(file), strings.ReplaceAll(string(text), "prevent_destroy = true", "prevent_destroy = false"))
	}
}

// Write writes a file.
func Write(t testing.TB, folder, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
