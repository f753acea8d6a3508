// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns the constructor of the provider's server for protocol 6. The version goes into the User-Agent header.
func NewServer(version string) func() tfprotov6.ProviderServer {
	newProvider := New(version)
	return func() tfprotov6.ProviderServer {
		return newLeanServer(newProvider())
	}
}

// leanServer is the framework's server without two of its costs, which were most of the memory and a good part of the time
// that a thousand instances of a data source took.
//
// The framework can cancel every call that it ever got, and so keeps every call's context, with the loggers in it and the
// gRPC stream behind it, until the process ends. The calls that Terraform makes for each instance therefore get contexts
// that are hollow once they are over.
//
// The framework walks through every state that was read, for values that mean the same as in the configuration and for
// blocks that are null. No type of this provider knows two spellings of one value, and no schema has blocks, so what
// setState has encoded is the answer.
type leanServer struct {
	tfprotov6.ProviderServer
}

func newLeanServer(p provider.Provider) leanServer {
	return leanServer{providerserver.NewProtocol6(p)()}
}

// ValidateDataResourceConfig implements tfprotov6.DataSourceServer.
func (s leanServer) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	ctx, over := callContext(ctx)
	defer over()
	return s.ProviderServer.ValidateDataResourceConfig(ctx, req)
}

// ReadDataSource implements tfprotov6.DataSourceServer.
func (s leanServer) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	var result stateResult
	ctx, over := callContext(context.WithValue(ctx, stateResultKey{}, &result))
	defer over()
	resp, err := s.ProviderServer.ReadDataSource(ctx, req)
	if err == nil && result.state != nil {
		resp.State = result.state
	}
	return resp, err
}

// CallFunction implements tfprotov6.FunctionServer.
func (s leanServer) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	ctx, over := callContext(ctx)
	defer over()
	return s.ProviderServer.CallFunction(ctx, req)
}

// callContext returns a context that is like another until over is called, and canceled and empty from then on.
func callContext(parent context.Context) (ctx context.Context, over func()) {
	c := &hollowContext{}
	c.parent.Store(&parent)
	return c, func() { c.parent.Store(nil) }
}

// hollowContext is a context that can let go of what it has.
type hollowContext struct {
	parent atomic.Pointer[context.Context]
}

// closed is the Done channel of contexts that are over.
var closed = func() chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}()

// Deadline implements context.Context.
func (c *hollowContext) Deadline() (time.Time, bool) {
	if parent := c.parent.Load(); parent != nil {
		return (*parent).Deadline()
	}
	return time.Time{}, false
}

// Done implements context.Context.
func (c *hollowContext) Done() <-chan struct{} {
	if parent := c.parent.Load(); parent != nil {
		return (*parent).Done()
	}
	return closed
}

// Err implements context.Context.
func (c *hollowContext) Err() error {
	if parent := c.parent.Load(); parent != nil {
		return (*parent).Err()
	}
	return context.Canceled
}

// Value implements context.Context.
func (c *hollowContext) Value(key any) any {
	if parent := c.parent.Load(); parent != nil {
		return (*parent).Value(key)
	}
	return nil
}
