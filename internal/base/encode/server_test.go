// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package encode

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// contextKey is the key of a value that is large enough to be an allocation of its own.
type contextKey struct{}

type contextValue [64]byte

// keepingServer keeps the contexts of its calls, as the framework does.
type keepingServer struct {
	FrameworkServer
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

func (s *keepingServer) ValidateDataResourceConfig(ctx context.Context, _ *tfprotov6.ValidateDataResourceConfigRequest) (
	*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return nil, s.keep(ctx)
}

func (s *keepingServer) CallFunction(ctx context.Context, _ *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	return nil, s.keep(ctx)
}

// TestServerLetsGo checks that a context that is kept beyond its call holds nothing of the call.
func TestServerLetsGo(t *testing.T) {
	keeper := &keepingServer{}
	server := Server{keeper}
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
			runtime.GC()
			if held.Value() != nil {
				t.Error("the value of the call's context is still in memory")
			}
			runtime.KeepAlive(keeper)
		})
	}
}

// callWithValue makes a call whose context ends after it, and returns a value that was in the context.
func callWithValue(ctx context.Context, call func(context.Context) error) (weak.Pointer[contextValue], error) {
	value := &contextValue{}
	stream, over := context.WithCancel(context.WithValue(ctx, contextKey{}, value))
	defer over()
	return weak.Make(value), call(stream)
}

func TestReleasable(t *testing.T) {
	parent, cancel := context.WithCancel(context.WithValue(t.Context(), contextKey{}, "value"))
	ctx, release := releasable(parent)
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
	release()
	<-ctx.Done()
	if _, has := ctx.Deadline(); has || ctx.Value(contextKey{}) != nil || !errors.Is(ctx.Err(), context.Canceled) {
		t.Errorf("after the call is over: deadline %t, value %v, error %v", has, ctx.Value(contextKey{}), ctx.Err())
	}
}

// TestDeliverElsewhere checks that a state which no Server waits for is an error.
func TestDeliverElsewhere(t *testing.T) {
	if err := Deliver(t.Context(), schema.Schema{}, &struct{}{}); !errors.Is(err, errNotServed) {
		t.Errorf("got %v", err)
	}
}
