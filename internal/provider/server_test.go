// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	goruntime "runtime"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// contextKey is the key of a value that is large enough to be an allocation of its own.
type contextKey struct{}

type contextValue [64]byte

// keepingServer keeps the contexts of its calls, as the framework does.
type keepingServer struct {
	tfprotov6.ProviderServer
	kept []context.Context
}

func (s *keepingServer) keep(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	context.AfterFunc(ctx, cancel)
	s.kept = append(s.kept, ctx)
	if ctx.Value(contextKey{}) == nil {
		return errors.New("the context has lost its value")
	}
	return ctx.Err()
}

func (s *keepingServer) ReadDataSource(ctx context.Context, _ *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return nil, s.keep(ctx)
}

func (s *keepingServer) ValidateDataResourceConfig(ctx context.Context, _ *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return nil, s.keep(ctx)
}

func (s *keepingServer) CallFunction(ctx context.Context, _ *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	return nil, s.keep(ctx)
}

// TestLeanServerLetsGo checks that a context that is kept beyond its call holds nothing of the call.
func TestLeanServerLetsGo(t *testing.T) {
	keeper := &keepingServer{}
	server := leanServer{keeper}
	for name, call := range map[string]func(context.Context) error{
		"read": func(ctx context.Context) error {
			_, err := server.ReadDataSource(ctx, nil)
			return err
		},
		"validate": func(ctx context.Context) error {
			_, err := server.ValidateDataResourceConfig(ctx, nil)
			return err
		},
		"function": func(ctx context.Context) error {
			_, err := server.CallFunction(ctx, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			held, err := callWithValue(t.Context(), call)
			if err != nil {
				t.Fatal(err)
			}
			goruntime.GC()
			if held.Value() != nil {
				t.Error("the value of the call's context is still in memory")
			}
			goruntime.KeepAlive(keeper)
		})
	}
}

// TestLeanServerAnswers checks that the state that goes past the framework is the one that the framework would answer.
func TestLeanServerAnswers(t *testing.T) {
	t.Parallel()
	env := benchmarkSandbox(t, 2*benchmarkListed).Env()
	schemas := benchmarkSchemas(t)
	answers := &replay{}
	lean := benchmarkServer(env, answers)
	plain := lean.(leanServer).ProviderServer
	benchmarkConfigure(t, lean, schemas)
	for _, test := range benchmarkReads(t.Context()) {
		t.Run(test.typeName, func(t *testing.T) {
			schema := schemas.DataSourceSchemas[test.typeName]
			read := func(server tfprotov6.ProviderServer) tftypes.Value {
				resp, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
					TypeName: test.typeName, Config: benchmarkObject(t, schema, test.arguments),
				})
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range resp.Diagnostics {
					t.Fatalf("%s: %s", d.Summary, d.Detail)
				}
				state, err := resp.State.Unmarshal(schema.ValueType())
				if err != nil {
					t.Fatal(err)
				}
				return state
			}
			want, got := read(plain), read(lean)
			if !got.Equal(want) {
				differences, err := want.Diff(got)
				t.Errorf("the states differ: %v %v", differences, err)
			}
		})
	}
}

// TestLeanServerErrors checks that a failed read has its diagnostics and no state of its own.
func TestLeanServerErrors(t *testing.T) {
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

// callWithValue makes a call whose context ends after it, and returns a value that was in the context.
func callWithValue(ctx context.Context, call func(context.Context) error) (weak.Pointer[contextValue], error) {
	value := &contextValue{}
	stream, over := context.WithCancel(context.WithValue(ctx, contextKey{}, value))
	defer over()
	return weak.Make(value), call(stream)
}

func TestCallContext(t *testing.T) {
	parent, cancel := context.WithCancel(context.WithValue(t.Context(), contextKey{}, "value"))
	ctx, over := callContext(parent)
	if ctx.Value(contextKey{}) != "value" || ctx.Err() != nil {
		t.Errorf("before the call is over: value %v, error %v", ctx.Value(contextKey{}), ctx.Err())
	}
	child, cancelChild := context.WithCancel(ctx)
	defer cancelChild()
	cancel()
	<-child.Done()
	if !errors.Is(ctx.Err(), context.Canceled) {
		t.Errorf("after the parent was canceled: error %v", ctx.Err())
	}
	over()
	<-ctx.Done()
	if _, has := ctx.Deadline(); has || ctx.Value(contextKey{}) != nil || !errors.Is(ctx.Err(), context.Canceled) {
		t.Errorf("after the call is over: deadline %t, value %v, error %v", has, ctx.Value(contextKey{}), ctx.Err())
	}
}
