// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
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
		"status":         {"-status", "-v"},
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
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // It would run until that.
		if err := run(ctx, args, &bytes.Buffer{}, &bytes.Buffer{}); err == nil {
			t.Errorf("%s: %q did not fail", name, args)
		}
		cancel()
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	var out bytes.Buffer
	if err := printStatus(t.Context(), s.ControlURL, &out); err != nil || out.String() != s.StatusTable() {
		t.Errorf("printed %q, %v", out.String(), err)
	}
	for control, want := range map[string]string{
		"": "-env FILE", "http://127.0.0.1:1": "no simulator answers", s.URL(sandbox.DigiCert): "it is no simulator", ":": controlVariable,
	} {
		if err := printStatus(t.Context(), control, &out); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("with %q: %v, want %q", control, err, want)
		}
	}
}

func TestExportsQuotes(t *testing.T) {
	t.Parallel()
	if got, want := exports(map[string]string{"A": `it's`}), "export A='it'\\''s'\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
