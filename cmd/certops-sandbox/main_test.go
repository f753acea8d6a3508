// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
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
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // It would run until that.
		if err := run(ctx, args, &bytes.Buffer{}, &bytes.Buffer{}); err == nil {
			t.Errorf("%s: %q did not fail", name, args)
		}
		cancel()
	}
}

func TestExportsQuotes(t *testing.T) {
	t.Parallel()
	if got, want := exports(map[string]string{"A": `it's`}), "export A='it'\\''s'\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
