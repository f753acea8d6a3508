// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestParseRejects(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"argument":       {"serve"},
		"unknown flag":   {"-nonsense"},
		"tls without ca": {"-tls"},
		"ca without tls": {"-ca", "x"},
		"populate":       {"-populate", "-1"},
		"populate mixed": {"-populate-mixed", "-1"},
		"token lifetime": {"-token-lifetime", "0s"},
	} {
		if _, err := parse(args, &bytes.Buffer{}); err == nil {
			t.Errorf("%s: %q was accepted", name, args)
		}
	}
}

func TestRunFailsEarly(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "faults.json")
	if err := os.WriteFile(bad, []byte(`{"faults":[{"service":"cps","kind":"nonsense"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"listen":       {"-listen", "nowhere"},
		"quirks":       {"-quirks", "nonsense"},
		"zones":        {"-zones", "a..b"},
		"no such plan": {"-faults", bad + ".none"},
		"bad plan":     {"-faults", bad},
		"env":          {"-env", filepath.Join(bad, "env")},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if err := run(ctx, args, &bytes.Buffer{}, &bytes.Buffer{}); err == nil {
			t.Errorf("%s: %q did not fail", name, args)
		}
		cancel()
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(file("faults"), []byte(`{"faults":[{"service":"digicert","kind":"no_content"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout, stderr bytes.Buffer
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{
			"-v", "-tls", "-ca", file("ca"), "-env", file("env"), "-ready-file", file("ready"), "-faults", file("faults"),
			"-populate", "2", "-populate-mixed", "1", "-quirks", "cps-token-as-text, cps-status-with-id",
			"-no-rate-limits", "-zones", "example.com, example.edu",
		}, &stdout, &stderr)
	}()
	var control []byte
	for deadline := time.Now().Add(10 * time.Second); len(control) == 0; time.Sleep(10 * time.Millisecond) {
		select {
		case err := <-ended:
			t.Fatalf("run ended: %v", err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal("the simulator is not ready after 10 s")
		}
		control, _ = os.ReadFile(file("ready"))
	}
	for _, path := range []string{"/", "/v1/objects/cps/1000002", "/v1/objects/cps/1000003", "/v1/faults", "/v1/dns"} {
		res, err := http.Get(strings.TrimSpace(string(control)) + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
	env, err := os.ReadFile(file("env"))
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(file("ca"))
	if err != nil || !bytes.HasPrefix(ca, []byte("-----BEGIN CERTIFICATE-----")) {
		t.Errorf("CA file: %q, %v", ca, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
	for _, want := range []string{
		"export CERTOPS_DIGICERT_BASE_URL='https://127.0.0.1:", "export SANDBOXDNS_SERVER='127.0.0.1:",
		"export SSL_CERT_FILE='" + file("ca") + "'", "export CERTOPS_SANDBOX_CONTROL='" + strings.TrimSpace(string(control)) + "'",
	} {
		if !strings.Contains(string(env), want) || !strings.Contains(stdout.String(), want) {
			t.Errorf("%s is missing in the exports:\n%s\nor in the output:\n%s", want, env, stdout.String())
		}
	}
	if !strings.Contains(stdout.String(), `provider "certops" {`) {
		t.Errorf("no provider block in:\n%s", stdout.String())
	}
	if _, err := os.Stat(file("ready")); !os.IsNotExist(err) {
		t.Errorf("the ready file is still there: %v", err)
	}
}

func TestExportsQuotes(t *testing.T) {
	t.Parallel()
	if got, want := exports(map[string]string{"A": `it's`}), "export A='it'\\''s'\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
