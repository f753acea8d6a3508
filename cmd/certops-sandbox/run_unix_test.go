// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(file("faults"), []byte(`{"faults":[{"service":"digicert","kind":"no_content"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	// A named pipe in place of a file tells when run writes it.
	if err := syscall.Mkfifo(file("ready"), 0o600); err != nil {
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
	// Only a reader lets run go on, and only a writer the reader.
	ready := make(chan []byte, 1)
	go func() {
		control, err := os.ReadFile(file("ready"))
		if err != nil {
			t.Error(err)
		}
		ready <- control
	}()
	var control []byte
	select {
	case control = <-ready:
	case err := <-ended:
		t.Fatalf("run ended: %v", err)
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
