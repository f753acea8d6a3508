// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Command action-schemas prints the schemas of the provider's actions as JSON, for the documentation.
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
	log.SetPrefix("action-schemas: ")
	actions, err := schemajson.Actions(context.Background(), provider.NewServer("docs")())
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(actions); err != nil {
		log.Fatal(err)
	}
}
