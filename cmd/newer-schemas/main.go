// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Command newer-schemas prints as JSON what only newer versions of Terraform print of the provider's schema, for the documentation.
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
	log.SetPrefix("newer-schemas: ")
	sections, err := schemajson.Sections(context.Background(), provider.NewServer("docs")())
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(sections); err != nil {
		log.Fatal(err)
	}
}
