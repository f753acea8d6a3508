// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package sandboxtest starts simulators for tests.
package sandboxtest

import (
	"testing"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

// Start starts a simulator that ends with the test. The test fails where the simulator got a write that it does not allow.
func Start(t testing.TB, options sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Start(t.Context(), options)
	if err != nil {
		t.Fatalf("start the simulator: %s", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the simulator: %s", err)
		}
	})
	return s
}
