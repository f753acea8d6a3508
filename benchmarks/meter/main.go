// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Command meter stands in for a provider's binary and measures it: it runs the real one, which lies in the folder "real"
// beside it under the same name, with everything it was given, and then writes one record of what that took into the
// folder that the environment variable CERTOPS_BENCH_RECORDS names.
//
// It is small on purpose. A process starts out with the memory of the one that started it, so the real provider's peak
// could not be told from that of a larger parent.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// record is what one run of the provider took.
type record struct {
	CPU  int64 `json:"cpu_ns"`     // user and system time, in nanoseconds
	Peak int64 `json:"peak_bytes"` // largest resident set, in bytes
}

func main() {
	code, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "meter:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

// run runs the provider and returns its exit code.
func run() (int, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	// Terraform ends the provider, and kills this process when that takes too long.
	provider := exec.CommandContext(context.Background(), filepath.Join(filepath.Dir(self), "real", filepath.Base(self)), os.Args[1:]...)
	provider.Stdin, provider.Stdout, provider.Stderr = os.Stdin, os.Stdout, os.Stderr
	var failed *exec.ExitError
	if err := provider.Run(); err != nil && !errors.As(err, &failed) {
		return 0, err
	}
	return provider.ProcessState.ExitCode(), write(provider.ProcessState)
}

// write leaves the record of a process that has ended.
func write(state *os.ProcessState) error {
	folder := os.Getenv("CERTOPS_BENCH_RECORDS")
	if folder == "" {
		return errors.New("CERTOPS_BENCH_RECORDS is not set")
	}
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return fmt.Errorf("no resource usage but %T", state.SysUsage())
	}
	peak := int64(usage.Maxrss) //nolint:unconvert // It has 32 bits on some platforms.
	if runtime.GOOS != "darwin" && runtime.GOOS != "ios" {
		peak *= 1024 // Everyone else counts kibibytes.
	}
	content, err := json.Marshal(record{CPU: int64(state.UserTime() + state.SystemTime()), Peak: peak})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d.json", os.Getpid())), content, 0o600)
}
