// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestServerServesEverything holds that no optional part of the protocol is hidden behind the adapter.
func TestServerServesEverything(t *testing.T) {
	t.Parallel()
	s := NewServer("test")()
	if _, ok := s.(server); !ok {
		t.Fatalf("the framework's server lacks a part of the protocol: %T", s)
	}
	if _, ok := s.(tfprotov6.ListResourceServer); !ok {
		t.Error("list resources are not served")
	}
	if _, ok := s.(tfprotov6.ActionServer); !ok {
		t.Error("actions are not served")
	}
	if _, ok := s.(tfprotov6.StateStoreServer); !ok {
		t.Error("state stores are not served")
	}
}

// TestServerErrors checks that a failed read has its diagnostics and no state of its own.
func TestServerErrors(t *testing.T) {
	t.Parallel()
	env := benchmarkSandbox(t, 0).Env()
	schemas := benchmarkSchemas(t)
	server := benchmarkServer(env, nil)
	benchmarkConfigure(t, server, schemas)
	resp, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: "certops_process_info",
		Config:   benchmarkObject(t, schemas.DataSourceSchemas["certops_process_info"], map[string]any{"process_id": 404}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError {
		t.Errorf("diagnostics %v, want one error", resp.Diagnostics)
	}
}
