// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package providertest

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Engine plays Terraform's part in queries, imports and actions, so that they are tested whatever version of Terraform there is,
// and in reads, where real Terraform costs time and adds nothing.
type Engine struct {
	t          testing.TB
	server     tfprotov6.ProviderServer
	lists      tfprotov6.ListResourceServer
	actions    tfprotov6.ActionServer
	schemas    *tfprotov6.GetProviderSchemaResponse
	identities *tfprotov6.GetResourceIdentitySchemasResponse
}

// Found is one result of a query, as plain values.
type Found struct {
	Identity map[string]any
	Name     string
	Resource any
}

// NewEngine configures a provider by its environment only.
func NewEngine(t testing.TB, server tfprotov6.ProviderServer) Engine {
	t.Helper()
	e := Unconfigured(t, server)
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.14.0",
		Config: e.object(e.schemas.Provider.ValueType(), nil)})
	if err != nil {
		t.Fatal(err)
	}
	e.must(configured.Diagnostics)
	return e
}

// Unconfigured takes a provider as it is before Terraform configures it.
func Unconfigured(t testing.TB, server tfprotov6.ProviderServer) Engine {
	t.Helper()
	e := Engine{t: t, server: server}
	var ok bool
	if e.lists, ok = server.(tfprotov6.ListResourceServer); !ok {
		t.Fatal("the server has no list resources")
	}
	if e.actions, ok = server.(tfprotov6.ActionServer); !ok {
		t.Fatal("the server has no actions")
	}
	var err error
	if e.schemas, err = server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	if e.identities, err = server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{}); err != nil {
		t.Fatal(err)
	}
	return e
}

// Invoke validates, plans and runs an action, up to the first step that has diagnostics. It returns what the action reports.
func (e Engine) Invoke(typeName string, config map[string]any) (progress []string, diagnostics []*tfprotov6.Diagnostic) {
	e.t.Helper()
	return e.invoke(typeName, config, config)
}

// InvokeLate is Invoke where no argument is known before the action runs.
func (e Engine) InvokeLate(typeName string, config map[string]any) (progress []string, diagnostics []*tfprotov6.Diagnostic) {
	e.t.Helper()
	early := make(map[string]any)
	for _, attribute := range e.schemas.ActionSchemas[typeName].Schema.Block.Attributes {
		early[attribute.Name] = tftypes.UnknownValue
	}
	return e.invoke(typeName, early, config)
}

func (e Engine) invoke(typeName string, early, config map[string]any) (progress []string, diagnostics []*tfprotov6.Diagnostic) {
	e.t.Helper()
	kind := e.schemas.ActionSchemas[typeName].Schema.ValueType()
	raw := e.object(kind, early)
	valid, err := e.actions.ValidateActionConfig(e.t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: typeName, Config: raw})
	if err != nil {
		e.t.Fatal(err)
	}
	if len(valid.Diagnostics) > 0 {
		return nil, valid.Diagnostics
	}
	planned, err := e.actions.PlanAction(e.t.Context(), &tfprotov6.PlanActionRequest{ActionType: typeName, Config: raw})
	if err != nil {
		e.t.Fatal(err)
	}
	if len(planned.Diagnostics) > 0 {
		return nil, planned.Diagnostics
	}
	stream, err := e.actions.InvokeAction(e.t.Context(), &tfprotov6.InvokeActionRequest{ActionType: typeName,
		Config: e.object(kind, config)})
	if err != nil {
		e.t.Fatal(err)
	}
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			diagnostics = append(diagnostics, event.Diagnostics...)
		}
	}
	return progress, diagnostics
}

// ReadData validates and reads a data source, up to the first step that has diagnostics, and returns these.
func (e Engine) ReadData(typeName string, config map[string]any) []*tfprotov6.Diagnostic {
	e.t.Helper()
	raw := e.object(e.schemas.DataSourceSchemas[typeName].ValueType(), config)
	valid, err := e.server.ValidateDataResourceConfig(e.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: typeName,
		Config: raw})
	if err != nil {
		e.t.Fatal(err)
	}
	if len(valid.Diagnostics) > 0 {
		return valid.Diagnostics
	}
	read, err := e.server.ReadDataSource(e.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: raw})
	if err != nil {
		e.t.Fatal(err)
	}
	return read.Diagnostics
}

// List lists with a configuration. The diagnostics are their texts.
func (e Engine) List(typeName string, config map[string]any, limit int64) (found []Found, errors, warnings []string) {
	e.t.Helper()
	raw := e.object(e.schemas.ListResourceSchemas[typeName].ValueType(), config)
	valid, err := e.lists.ValidateListResourceConfig(e.t.Context(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: typeName,
		Config: raw})
	if err != nil {
		e.t.Fatal(err)
	}
	e.must(valid.Diagnostics)
	stream, err := e.lists.ListResource(e.t.Context(), &tfprotov6.ListResourceRequest{TypeName: typeName, Config: raw, Limit: limit,
		IncludeResource: true})
	if err != nil {
		e.t.Fatal(err)
	}
	for result := range stream.Results {
		for _, d := range result.Diagnostics {
			if text := d.Summary + ": " + d.Detail; d.Severity == tfprotov6.DiagnosticSeverityError {
				errors = append(errors, text)
			} else {
				warnings = append(warnings, text)
			}
		}
		if result.Identity != nil {
			found = append(found, Found{
				Identity: e.members(result.Identity.IdentityData, e.identities.IdentitySchemas[typeName].ValueType()),
				Name:     result.DisplayName,
				Resource: e.members(result.Resource, e.schemas.ResourceSchemas[typeName].ValueType()),
			})
		}
	}
	return found, errors, warnings
}

// Imported is a resource after an import and the read that Terraform does at once.
type Imported struct {
	State    *tfprotov6.DynamicValue
	Identity *tfprotov6.ResourceIdentityData
}

// Import imports by an identity or, where that is nil, by an id. The diagnostics are returned.
func (e Engine) Import(typeName, id string, identity map[string]any) (Imported, []*tfprotov6.Diagnostic) {
	e.t.Helper()
	req := &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id}
	if identity != nil {
		req.Identity = &tfprotov6.ResourceIdentityData{IdentityData: e.object(e.identities.IdentitySchemas[typeName].ValueType(), identity)}
	}
	resp, err := e.server.ImportResourceState(e.t.Context(), req)
	if err != nil {
		e.t.Fatal(err)
	}
	if len(resp.Diagnostics) > 0 {
		return Imported{}, resp.Diagnostics
	}
	return e.Read(typeName, Imported{resp.ImportedResources[0].State, resp.ImportedResources[0].Identity}, resp.ImportedResources[0].Private)
}

// Read refreshes a resource.
func (e Engine) Read(typeName string, from Imported, private []byte) (Imported, []*tfprotov6.Diagnostic) {
	e.t.Helper()
	resp, err := e.server.ReadResource(e.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: from.State,
		CurrentIdentity: from.Identity, Private: private})
	if err != nil {
		e.t.Fatal(err)
	}
	return Imported{resp.NewState, resp.NewIdentity}, resp.Diagnostics
}

// Plan plans a configuration for a resource that is there, and returns the attributes that are to be replaced and those that are
// unknown.
func (e Engine) Plan(typeName string, from Imported, config map[string]any) (replaced []string, planned map[string]tftypes.Value) {
	e.t.Helper()
	kind := e.schemas.ResourceSchemas[typeName].ValueType()
	raw := e.object(kind, config)
	valid, err := e.server.ValidateResourceConfig(e.t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: typeName, Config: raw})
	if err != nil {
		e.t.Fatal(err)
	}
	e.must(valid.Diagnostics)
	// Terraform proposes the configuration, with the prior values of what it leaves to the provider.
	prior, proposed := e.values(from.State, kind), e.values(raw, kind)
	for _, attribute := range e.schemas.ResourceSchemas[typeName].Block.Attributes {
		if attribute.Computed && proposed[attribute.Name].IsNull() {
			proposed[attribute.Name] = prior[attribute.Name]
		}
	}
	proposal, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, proposed))
	if err != nil {
		e.t.Fatal(err)
	}
	resp, err := e.server.PlanResourceChange(e.t.Context(), &tfprotov6.PlanResourceChangeRequest{TypeName: typeName, PriorState: from.State,
		PriorIdentity: from.Identity, Config: raw, ProposedNewState: &proposal})
	if err != nil {
		e.t.Fatal(err)
	}
	e.must(resp.Diagnostics)
	for _, path := range resp.RequiresReplace {
		replaced = append(replaced, path.String())
	}
	return replaced, e.values(resp.PlannedState, kind)
}

// Plain is a resource as plain values.
func (e Engine) Plain(typeName string, from Imported) map[string]any {
	e.t.Helper()
	return e.members(from.State, e.schemas.ResourceSchemas[typeName].ValueType())
}

// Identity is the identity of a resource as plain values.
func (e Engine) Identity(typeName string, from Imported) map[string]any {
	e.t.Helper()
	return e.members(from.Identity.IdentityData, e.identities.IdentitySchemas[typeName].ValueType())
}

func (e Engine) must(diags []*tfprotov6.Diagnostic) {
	e.t.Helper()
	for _, d := range diags {
		e.t.Fatalf("%s: %s", d.Summary, d.Detail)
	}
}

// object makes a value whose attributes are null but for some. Lists and sets of text are given as []string.
func (e Engine) object(kind tftypes.Type, some map[string]any) *tfprotov6.DynamicValue {
	e.t.Helper()
	object, ok := kind.(tftypes.Object)
	if !ok {
		e.t.Fatalf("a schema of type %s", kind)
	}
	values := make(map[string]tftypes.Value)
	for name, attribute := range object.AttributeTypes {
		given := some[name]
		if texts, ok := given.([]string); ok {
			elements := make([]tftypes.Value, len(texts))
			for i, text := range texts {
				elements[i] = tftypes.NewValue(tftypes.String, text)
			}
			given = elements
		}
		values[name] = tftypes.NewValue(attribute, given)
	}
	value, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
	if err != nil {
		e.t.Fatal(err)
	}
	return &value
}

func (e Engine) values(value *tfprotov6.DynamicValue, kind tftypes.Type) map[string]tftypes.Value {
	e.t.Helper()
	decoded, err := value.Unmarshal(kind)
	if err != nil {
		e.t.Fatal(err)
	}
	var members map[string]tftypes.Value
	if err := decoded.As(&members); err != nil {
		e.t.Fatal(err)
	}
	return members
}

func (e Engine) members(value *tfprotov6.DynamicValue, kind tftypes.Type) map[string]any {
	e.t.Helper()
	plain := make(map[string]any)
	for name, member := range e.values(value, kind) {
		plain[name] = Plain(e.t, member)
	}
	return plain
}
