// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

// providers are the factories of the provider for one acceptance test. It sees the environment variables given and no
// others, so that tests can run side by side.
func providers(environment ...map[string]string) map[string]func() (tfprotov6.ProviderServer, error) {
	env := make(map[string]string)
	for _, e := range environment {
		maps.Copy(env, e)
	}
	rt := runtime{getenv: func(name string) string { return env[name] }}
	return map[string]func() (tfprotov6.ProviderServer, error){
		"certops": providerserver.NewProtocol6WithError(newWith("test", rt)()),
	}
}

// startSandbox starts a simulator that ends with the test.
func startSandbox(t *testing.T, options sandbox.Options) *sandbox.Sandbox {
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
