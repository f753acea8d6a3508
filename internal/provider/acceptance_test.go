// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/base/encode"
	"github.com/certops/terraform-provider-certops/internal/provider/providertest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

// providers are the factories of the provider for one acceptance test. It sees the environment variables given and no
// others, so that tests can run side by side.
func providers(environment ...map[string]string) map[string]func() (tfprotov6.ProviderServer, error) {
	env := make(map[string]string)
	for _, e := range environment {
		maps.Copy(env, e)
	}
	rt := base.Environment{Getenv: func(name string) string { return env[name] }}
	return map[string]func() (tfprotov6.ProviderServer, error){
		"certops": func() (tfprotov6.ProviderServer, error) {
			return oneSchema{newServer(newWith("test", rt)()).(encode.FrameworkServer)}, nil
		},
	}
}

// oneSchema is a server whose schema is made once for all tests. The framework makes it anew for each command of Terraform, which
// takes 10 ms of CPU under the race detector, a tenth of the command.
type oneSchema struct{ encode.FrameworkServer }

// GetProviderSchema implements tfprotov6.ProviderServer.
func (oneSchema) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return theSchema()
}

var theSchema = sync.OnceValues(func() (*tfprotov6.GetProviderSchemaResponse, error) {
	return NewServer("test")().GetProviderSchema(context.Background(), nil)
})

// inject adds a fault to the simulator.
func inject(t *testing.T, s *sandbox.Sandbox, fault sandbox.Fault) {
	t.Helper()
	if err := s.Inject(fault); err != nil {
		t.Fatal(err)
	}
}

// known is the check that demands exactly the value decoded from JSON.
func known(value any) knownvalue.Check {
	switch v := value.(type) {
	case string:
		return knownvalue.StringExact(v)
	case bool:
		return knownvalue.Bool(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return knownvalue.Int64Exact(n)
		}
		f, _, err := big.ParseFloat(v.String(), 10, 512, big.ToNearestEven)
		if err != nil {
			return knownvalue.StringExact("unreadable number " + v.String())
		}
		return knownvalue.NumberExact(f)
	case []any:
		checks := make([]knownvalue.Check, len(v))
		for i, e := range v {
			checks[i] = known(e)
		}
		return knownvalue.ListExact(checks)
	case map[string]any:
		checks := make(map[string]knownvalue.Check, len(v))
		for k, e := range v {
			checks[k] = known(e)
		}
		return knownvalue.ObjectExact(checks)
	}
	return knownvalue.Null()
}

// wholeState demands the value of every attribute of a data source or resource, given as a JSON object. An attribute
// that the object leaves out is a failure like a wrong one.
func wholeState(t *testing.T, address, want string) []statecheck.StateCheck {
	t.Helper()
	object, ok := providertest.ParseJSON(t, want).(map[string]any)
	if !ok {
		t.Fatalf("the state of %s is no JSON object", address)
	}
	checks := []statecheck.StateCheck{sameAttributes{address: address, names: slices.Sorted(maps.Keys(object))}}
	for name, value := range object {
		checks = append(checks, statecheck.ExpectKnownValue(address, tfjsonpath.New(name), known(value)))
	}
	return checks
}

// sameAttributes is a check that demands which attributes there are.
type sameAttributes struct {
	address string
	names   []string
}

// CheckState implements statecheck.StateCheck.
func (c sameAttributes) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	for _, r := range req.State.Values.RootModule.Resources {
		if r.Address != c.address {
			continue
		}
		if got := slices.Sorted(maps.Keys(r.AttributeValues)); !slices.Equal(got, c.names) {
			resp.Error = fmt.Errorf("%s has the attributes %v, expected %v", c.address, got, c.names)
		}
		return
	}
	resp.Error = fmt.Errorf("%s is not in the state", c.address)
}

// someState demands the values of some attributes, given as a JSON object.
func someState(t *testing.T, address, want string) []statecheck.StateCheck {
	t.Helper()
	return wholeState(t, address, want)[1:]
}
