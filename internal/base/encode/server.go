// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package encode

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// FrameworkServer is everything that a server of terraform-plugin-framework serves, the optional parts of the protocol
// included. An adapter that embedded only tfprotov6.ProviderServer would hide those.
type FrameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// Server is the framework's server without two of its costs, which were most of the memory and a good part of the time that
// a thousand instances of a data source took.
//
// The framework can cancel every call that it ever got, and so keeps every call's context, with the loggers in it and the gRPC
// stream behind it, until the process ends (internal/proto6server/serve.go, registerContext). The calls that Terraform makes
// for each instance therefore get contexts that hold nothing once the call is over.
//
// The framework walks through every state that was read, for values that mean the same as in the configuration and for blocks
// that are null (internal/fwserver/server_readdatasource.go). No type of this provider knows two spellings of one value, and
// no schema has blocks, so the state that a data source delivers is the response.
type Server struct {
	FrameworkServer
}

// ValidateDataResourceConfig implements tfprotov6.DataSourceServer.
func (s Server) ValidateDataResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	ctx, release := releasable(ctx)
	defer release()
	return s.FrameworkServer.ValidateDataResourceConfig(ctx, req)
}

// ReadDataSource implements tfprotov6.DataSourceServer.
func (s Server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	var delivered delivery
	ctx, release := releasable(context.WithValue(ctx, deliveryKey{}, &delivered))
	defer release()
	resp, err := s.FrameworkServer.ReadDataSource(ctx, req)
	if err == nil && delivered.state != nil {
		resp.State = delivered.state
	}
	return resp, err
}

// CallFunction implements tfprotov6.FunctionServer.
func (s Server) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	ctx, release := releasable(ctx)
	defer release()
	return s.FrameworkServer.CallFunction(ctx, req)
}

// delivery is the state of a data source on its way past the framework.
type delivery struct {
	state *tfprotov6.DynamicValue
}

// deliveryKey is the key of the *delivery in the context of a call.
type deliveryKey struct{}

// errNotServed means that a data source is read by another server.
var errNotServed = errors.New("the call did not come through encode.Server")

// Deliver encodes the state of the data source that a [Server] reads in this context.
func Deliver(ctx context.Context, schema interface{ Type() attr.Type }, model any) error {
	delivered, ok := ctx.Value(deliveryKey{}).(*delivery)
	if !ok {
		return errNotServed
	}
	var err error
	delivered.state, err = State(ctx, schema, model)
	return err
}

// releasable returns a context that is like another until release is called, and canceled and empty from then on.
func releasable(parent context.Context) (ctx context.Context, release func()) {
	c := &releasableContext{}
	c.parent.Store(&parent)
	return c, func() { c.parent.Store(nil) }
}

// releasableContext is a context that can let go of what it has.
type releasableContext struct {
	parent atomic.Pointer[context.Context]
}

// closed is the Done channel of contexts that were released.
var closed = func() chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}()

// Deadline implements context.Context.
func (c *releasableContext) Deadline() (time.Time, bool) {
	if parent := c.parent.Load(); parent != nil {
		return (*parent).Deadline()
	}
	return time.Time{}, false
}

// Done implements context.Context.
func (c *releasableContext) Done() <-chan struct{} {
	if parent := c.parent.Load(); parent != nil {
		return (*parent).Done()
	}
	return closed
}

// Err implements context.Context.
func (c *releasableContext) Err() error {
	if parent := c.parent.Load(); parent != nil {
		return (*parent).Err()
	}
	return context.Canceled
}

// Value implements context.Context.
func (c *releasableContext) Value(key any) any {
	if parent := c.parent.Load(); parent != nil {
		return (*parent).Value(key)
	}
	return nil
}
