// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package schemajson prints the provider's schema as "terraform providers schema -json" does. What that prints depends on its
// version: functions since Terraform 1.8, ephemeral resources since 1.10, identities since 1.12, actions and list resources since
// 1.14, and less in OpenTofu. Documentation and tests take the schema from here, so that they are the same with every version.
// Source: https://developer.hashicorp.com/terraform/cli/commands/providers/schema
package schemajson

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Schema is the schema of anything but a function and an identity.
type Schema struct {
	// Version is nil for actions, which have none.
	Version *int64 `json:"version,omitempty"`
	Block   Block  `json:"block"`
}

// Block has the attributes.
type Block struct {
	Attributes      map[string]Attribute `json:"attributes,omitempty"`
	Description     string               `json:"description,omitempty"`
	DescriptionKind string               `json:"description_kind"`
}

// Attribute has either a type or a nested type.
type Attribute struct {
	Type            tftypes.Type `json:"type,omitempty"`
	NestedType      *NestedType  `json:"nested_type,omitempty"`
	Description     string       `json:"description,omitempty"`
	DescriptionKind string       `json:"description_kind"`
	Deprecated      bool         `json:"deprecated,omitempty"`
	Required        bool         `json:"required,omitempty"`
	Optional        bool         `json:"optional,omitempty"`
	Computed        bool         `json:"computed,omitempty"`
	Sensitive       bool         `json:"sensitive,omitempty"`
	WriteOnly       bool         `json:"write_only,omitempty"`
}

// NestedType is the type of an attribute whose members have descriptions of their own.
type NestedType struct {
	Attributes  map[string]Attribute `json:"attributes"`
	NestingMode string               `json:"nesting_mode"`
}

// Function is the signature of a function.
type Function struct {
	Description       string       `json:"description,omitempty"`
	Summary           string       `json:"summary,omitempty"`
	ReturnType        tftypes.Type `json:"return_type"`
	Parameters        []Parameter  `json:"parameters,omitempty"`
	VariadicParameter *Parameter   `json:"variadic_parameter,omitempty"`
}

// Parameter is one parameter of a function.
type Parameter struct {
	Name        string       `json:"name"`
	Description string       `json:"description,omitempty"`
	IsNullable  bool         `json:"is_nullable,omitempty"`
	Type        tftypes.Type `json:"type"`
}

// Identity is the schema of the identity of a resource.
type Identity struct {
	Version    int64                        `json:"version"`
	Attributes map[string]IdentityAttribute `json:"attributes"`
}

// IdentityAttribute is a part of an identity.
type IdentityAttribute struct {
	Type              tftypes.Type `json:"type"`
	Description       string       `json:"description,omitempty"`
	RequiredForImport bool         `json:"required_for_import,omitempty"`
	OptionalForImport bool         `json:"optional_for_import,omitempty"`
}

// Sections returns the parts of a server's schema, by the names that Terraform gives them. It fails on blocks, which this
// provider does not have.
func Sections(ctx context.Context, server tfprotov6.ProviderServer) (map[string]any, error) {
	resp, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	sections := make(map[string]any)
	if sections["provider"], err = schemaOf("the provider", resp.Provider); err != nil {
		return nil, err
	}
	for section, schemas := range map[string]map[string]*tfprotov6.Schema{
		"resource_schemas":           resp.ResourceSchemas,
		"data_source_schemas":        resp.DataSourceSchemas,
		"ephemeral_resource_schemas": resp.EphemeralResourceSchemas,
		"list_resource_schemas":      resp.ListResourceSchemas,
	} {
		printed := make(map[string]Schema, len(schemas))
		for name, schema := range schemas {
			if printed[name], err = schemaOf(name, schema); err != nil {
				return nil, err
			}
		}
		sections[section] = printed
	}
	actions := make(map[string]Schema, len(resp.ActionSchemas))
	for name, action := range resp.ActionSchemas {
		schema, err := schemaOf(name, action.Schema)
		if err != nil {
			return nil, err
		}
		schema.Version = nil
		actions[name] = schema
	}
	sections["action_schemas"] = actions

	functions := make(map[string]Function, len(resp.Functions))
	for name, f := range resp.Functions {
		printed := Function{Description: f.Description, Summary: f.Summary, ReturnType: f.Return.Type}
		for _, p := range f.Parameters {
			printed.Parameters = append(printed.Parameters, Parameter{p.Name, p.Description, p.AllowNullValue, p.Type})
		}
		if p := f.VariadicParameter; p != nil {
			printed.VariadicParameter = &Parameter{p.Name, p.Description, p.AllowNullValue, p.Type}
		}
		functions[name] = printed
	}
	sections["functions"] = functions

	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	printed := make(map[string]Identity, len(identities.IdentitySchemas))
	for name, identity := range identities.IdentitySchemas {
		attributes := make(map[string]IdentityAttribute, len(identity.IdentityAttributes))
		for _, a := range identity.IdentityAttributes {
			attributes[a.Name] = IdentityAttribute{a.Type, a.Description, a.RequiredForImport, a.OptionalForImport}
		}
		printed[name] = Identity{identity.Version, attributes}
	}
	sections["resource_identity_schemas"] = printed
	return sections, nil
}

func schemaOf(name string, schema *tfprotov6.Schema) (Schema, error) {
	block := schema.Block
	if len(block.BlockTypes) > 0 {
		return Schema{}, fmt.Errorf("%s has blocks", name)
	}
	return Schema{&schema.Version, Block{attributesOf(block.Attributes), block.Description, kind(block.DescriptionKind)}}, nil
}

func attributesOf(attributes []*tfprotov6.SchemaAttribute) map[string]Attribute {
	printed := make(map[string]Attribute, len(attributes))
	for _, a := range attributes {
		attribute := Attribute{
			Type: a.Type, Description: a.Description, DescriptionKind: kind(a.DescriptionKind), Deprecated: a.Deprecated,
			Required: a.Required, Optional: a.Optional, Computed: a.Computed, Sensitive: a.Sensitive, WriteOnly: a.WriteOnly,
		}
		if nested := a.NestedType; nested != nil {
			attribute.NestedType = &NestedType{attributesOf(nested.Attributes), strings.ToLower(nested.Nesting.String())}
		}
		printed[a.Name] = attribute
	}
	return printed
}

func kind(k tfprotov6.StringKind) string {
	if k == tfprotov6.StringKindMarkdown {
		return "markdown"
	}
	return "plain"
}
