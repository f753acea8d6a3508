// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Command provider-schema prints the provider's schema as JSON, for the documentation.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/certops/terraform-provider-certops/internal/provider"
	"github.com/certops/terraform-provider-certops/internal/schemajson"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("provider-schema: ")
	sections, err := schemajson.Sections(context.Background(), provider.NewServer("docs")())
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{
		"format_version":   "1.0",
		"provider_schemas": map[string]any{"registry.terraform.io/certops/certops": sections},
	}); err != nil {
		log.Fatal(err)
	}
}
