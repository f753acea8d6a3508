// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Command docs-schema prepares a schema, in the form of "terraform providers schema -json", for tfplugindocs.
//
// It reads the schema of one provider on standard input and writes it to standard output, changed in three ways:
//
//   - data sources whose type does not start with the provider's name are left out: they are second names of a data source
//     that does, and tfplugindocs refuses them;
//   - the members of maps of objects get descriptions, which the schema keeps in the description of the map;
//   - the provider stands under the only key where tfplugindocs looks for it, registry.terraform.io/hashicorp/<name>.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("docs-schema: ")
	name := flag.String("provider-name", "certops", "the provider's type, which its data sources' names start with")
	flag.Parse()

	dropped, err := rewrite(os.Stdin, os.Stdout, *name)
	if err != nil {
		log.Fatal(err)
	}
	if len(dropped) > 0 {
		log.Printf("left out the second names %s", strings.Join(dropped, ", "))
	}
}

// rewrite copies the schema of the provider called name from r to w, and returns the sorted types of the data sources that
// it left out. It fails on input that is not the schema of exactly that one provider, and on a data source that would be
// left out though none called <name>_<type> documents it.
func rewrite(r io.Reader, w io.Writer, name string) ([]string, error) {
	var document map[string]json.RawMessage
	if err := json.NewDecoder(r).Decode(&document); err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	var providers map[string]map[string]json.RawMessage
	if err := json.Unmarshal(document["provider_schemas"], &providers); err != nil {
		return nil, fmt.Errorf("reading provider_schemas: %w", err)
	}
	if len(providers) != 1 {
		return nil, fmt.Errorf("the schema is of %d providers, want 1", len(providers))
	}
	var provider map[string]json.RawMessage
	for address, schema := range providers {
		if !strings.HasSuffix(address, "/"+name) {
			return nil, fmt.Errorf("the schema is of %s, want %s", address, name)
		}
		provider = schema
	}

	var sources map[string]json.RawMessage
	if err := json.Unmarshal(provider["data_source_schemas"], &sources); err != nil {
		return nil, fmt.Errorf("reading data_source_schemas: %w", err)
	}
	var dropped []string
	for source := range sources {
		if strings.HasPrefix(source, name+"_") {
			continue
		}
		if _, ok := sources[name+"_"+source]; !ok {
			return nil, errors.New("data source " + source + " would have no documentation: there is no " + name + "_" + source)
		}
		dropped = append(dropped, source)
	}
	for _, source := range dropped {
		delete(sources, source)
	}
	slices.Sort(dropped)

	var err error
	if provider["data_source_schemas"], err = json.Marshal(sources); err != nil {
		return nil, err
	}
	for kind, raw := range provider {
		if !strings.HasSuffix(kind, "_schemas") {
			continue
		}
		if provider[kind], err = describeSchemas(kind, raw); err != nil {
			return nil, err
		}
	}
	key := "registry.terraform.io/hashicorp/" + name
	if document["provider_schemas"], err = json.Marshal(map[string]any{key: provider}); err != nil {
		return nil, err
	}
	return dropped, json.NewEncoder(w).Encode(document)
}
