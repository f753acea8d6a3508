// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package schemajson prints the schemas of the provider's actions as "terraform providers schema -json" does since
// Terraform 1.14. Documentation and tests take them from here, so that neither needs that version. Delete the package when
// no older version is supported.
package schemajson

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Schema is the schema of an action.
type Schema struct {
	Block Block `json:"block"`
}

// Block has the arguments of an action.
type Block struct {
	Attributes      map[string]Attribute `json:"attributes"`
	Description     string               `json:"description,omitempty"`
	DescriptionKind string               `json:"description_kind"`
}

// Attribute is an argument of an action.
type Attribute struct {
	Type            tftypes.Type `json:"type"`
	Description     string       `json:"description,omitempty"`
	DescriptionKind string       `json:"description_kind"`
	Required        bool         `json:"required,omitempty"`
	Optional        bool         `json:"optional,omitempty"`
}

// Actions returns the schemas of a server's actions by their names. It fails on what no action of this provider has: blocks,
// nested attributes and write-only arguments.
func Actions(ctx context.Context, server tfprotov6.ProviderServer) (map[string]Schema, error) {
	resp, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	actions := make(map[string]Schema, len(resp.ActionSchemas))
	for name, action := range resp.ActionSchemas {
		block := action.Schema.Block
		if len(block.BlockTypes) > 0 {
			return nil, fmt.Errorf("%s has blocks", name)
		}
		attributes := make(map[string]Attribute, len(block.Attributes))
		for _, a := range block.Attributes {
			if a.NestedType != nil || a.WriteOnly {
				return nil, fmt.Errorf("%s.%s is nested or write-only", name, a.Name)
			}
			attributes[a.Name] = Attribute{
				Type: a.Type, Description: a.Description, DescriptionKind: kind(a.DescriptionKind), Required: a.Required, Optional: a.Optional,
			}
		}
		actions[name] = Schema{Block{
			Attributes: attributes, Description: block.Description, DescriptionKind: kind(block.DescriptionKind),
		}}
	}
	return actions, nil
}

func kind(k tfprotov6.StringKind) string {
	if k == tfprotov6.StringKindMarkdown {
		return "markdown"
	}
	return "plain"
}
