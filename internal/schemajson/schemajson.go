// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package schemajson prints the parts of the provider's schema that "terraform providers schema -json" has in newer versions
// only: resource identities since Terraform 1.12, actions and list resources since 1.14. Documentation and tests take them from
// here, so that neither needs those versions. Delete the package when no older version is supported.
package schemajson

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The parts of the schema, by the names that Terraform gives them.
const (
	ActionSection   = "action_schemas"
	ListSection     = "list_resource_schemas"
	IdentitySection = "resource_identity_schemas"
)

// Schema is the schema of an action or of a list resource.
type Schema struct {
	Block Block `json:"block"`
	// Version is nil for actions, which have none.
	Version *int64 `json:"version,omitempty"`
}

// Block has the arguments.
type Block struct {
	Attributes      map[string]Attribute `json:"attributes"`
	Description     string               `json:"description,omitempty"`
	DescriptionKind string               `json:"description_kind"`
}

// Attribute is one argument.
type Attribute struct {
	Type            tftypes.Type `json:"type"`
	Description     string       `json:"description,omitempty"`
	DescriptionKind string       `json:"description_kind"`
	Required        bool         `json:"required,omitempty"`
	Optional        bool         `json:"optional,omitempty"`
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

// Sections returns the parts of a server's schema, each by the names of what it describes. It fails on what neither an action nor
// a list of this provider has: blocks, nested attributes and write-only arguments.
func Sections(ctx context.Context, server tfprotov6.ProviderServer) (map[string]map[string]any, error) {
	resp, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	sections := map[string]map[string]any{ActionSection: {}, ListSection: {}, IdentitySection: {}}
	for name, action := range resp.ActionSchemas {
		if sections[ActionSection][name], err = schemaOf(name, action.Schema.Block); err != nil {
			return nil, err
		}
	}
	for name, list := range resp.ListResourceSchemas {
		schema, err := schemaOf(name, list.Block)
		if err != nil {
			return nil, err
		}
		schema.Version = &list.Version
		sections[ListSection][name] = schema
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	for name, identity := range identities.IdentitySchemas {
		attributes := make(map[string]IdentityAttribute, len(identity.IdentityAttributes))
		for _, a := range identity.IdentityAttributes {
			attributes[a.Name] = IdentityAttribute{a.Type, a.Description, a.RequiredForImport, a.OptionalForImport}
		}
		sections[IdentitySection][name] = Identity{identity.Version, attributes}
	}
	return sections, nil
}

func schemaOf(name string, block *tfprotov6.SchemaBlock) (Schema, error) {
	if len(block.BlockTypes) > 0 {
		return Schema{}, fmt.Errorf("%s has blocks", name)
	}
	attributes := make(map[string]Attribute, len(block.Attributes))
	for _, a := range block.Attributes {
		if a.NestedType != nil || a.WriteOnly {
			return Schema{}, fmt.Errorf("%s.%s is nested or write-only", name, a.Name)
		}
		attributes[a.Name] = Attribute{
			Type: a.Type, Description: a.Description, DescriptionKind: kind(a.DescriptionKind), Required: a.Required, Optional: a.Optional,
		}
	}
	return Schema{Block: Block{Attributes: attributes, Description: block.Description, DescriptionKind: kind(block.DescriptionKind)}}, nil
}

func kind(k tfprotov6.StringKind) string {
	if k == tfprotov6.StringKindMarkdown {
		return "markdown"
	}
	return "plain"
}
