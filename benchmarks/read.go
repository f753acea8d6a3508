// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/provider"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

// reading is one read of a data source in this process, without Terraform around it.
type reading struct {
	took     time.Duration
	requests int
	limit    time.Duration // what no client can be faster than
}

// overLimit is how much longer the read took than it had to.
func (r reading) overLimit() float64 { return float64(r.took) / float64(r.limit) }

// ownParallelism is how many requests the provider has under way when one data source reads many objects.
const ownParallelism = 32

// readProcesses reads all processes with a server that waits before each response. The limit is the requests, the
// provider's own parallelism at a time.
func readProcesses(ctx context.Context, api *sandbox.Sandbox, delay time.Duration) (reading, error) {
	if err := delayResponses(api, delay); err != nil {
		return reading{}, err
	}
	r, err := read(ctx, api, sandbox.RealtimeRegister, "certops_processes", map[string]any{"include_info": true})
	err = errors.Join(err, delayResponses(api, 0))
	r.limit = time.Duration(float64(r.requests) / ownParallelism * float64(delay))
	return r, err
}

// readOrders reads pending orders at the pace that DigiCert allows.
func readOrders(ctx context.Context, api *sandbox.Sandbox) (reading, error) {
	r, err := read(ctx, api, sandbox.DigiCert, "certops_digicert_orders", map[string]any{"include_validation": true, "status": "pending"})
	r.limit = atRateLimit(r.requests)
	return r, err
}

// atRateLimit is how long DigiCert makes any client take for a number of requests: 100 in 5 s and 1000 in 3 min.
func atRateLimit(requests int) time.Duration {
	if requests < 1 {
		return 0
	}
	return max(time.Duration((requests-1)/100)*5*time.Second, time.Duration((requests-1)/1000)*3*time.Minute)
}

// read reads a data source of a provider of its own.
func read(ctx context.Context, api *sandbox.Sandbox, service sandbox.Service, typeName string, arguments map[string]any) (reading, error) {
	for name, value := range api.Env() {
		if err := os.Setenv(name, value); err != nil {
			return reading{}, err
		}
	}
	server := provider.NewServer("bench")()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return reading{}, err
	}
	settings, err := object(schemas.Provider, nil)
	if err != nil {
		return reading{}, err
	}
	configured, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: settings})
	if err != nil {
		return reading{}, err
	}
	if err := failed(configured.Diagnostics); err != nil {
		return reading{}, err
	}
	config, err := object(schemas.DataSourceSchemas[typeName], arguments)
	if err != nil {
		return reading{}, err
	}
	api.ResetCounters()
	began := time.Now()
	resp, err := server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: config})
	took := time.Since(began)
	if err != nil {
		return reading{}, err
	}
	requests := api.Requests(service)
	for _, r := range requests {
		if r.Status != http.StatusOK {
			return reading{}, fmt.Errorf("%s: the API responded %d to %s", typeName, r.Status, r.Path)
		}
	}
	return reading{took: took, requests: len(requests)}, failed(resp.Diagnostics)
}

// object makes a value of a schema whose attributes are null but for some.
func object(schema *tfprotov6.Schema, some map[string]any) (*tfprotov6.DynamicValue, error) {
	kind, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		return nil, errors.New("the schema is no object")
	}
	values := make(map[string]tftypes.Value, len(kind.AttributeTypes))
	for name, attribute := range kind.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, some[name])
	}
	value, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
	return &value, err
}

// failed returns the first error among diagnostics. A warning is one too: something was not read.
func failed(diagnostics []*tfprotov6.Diagnostic) error {
	if len(diagnostics) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %s", diagnostics[0].Summary, diagnostics[0].Detail)
}
