// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// describeMembers turns each attribute that is a map of objects into a map of nested attributes, and moves the lines
// "* `member`: text" at the end of its description to the members. tfplugindocs prints descriptions of nested attributes
// only. It fails where a member has no line, or a line no member. The path is for errors.
func describeMembers(path string, schema any) error {
	node, ok := schema.(map[string]any)
	if !ok {
		return nil
	}
	attributes, _ := node["attributes"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		attribute, ok := attributes[name].(map[string]any)
		if !ok {
			return fmt.Errorf("%s.%s is no attribute", path, name)
		}
		if members, ok := objectOf(attribute["type"]); ok {
			if err := nest(attribute, members); err != nil {
				return fmt.Errorf("%s.%s: %w", path, name, err)
			}
		}
		if err := describeMembers(path+"."+name, attribute["nested_type"]); err != nil {
			return err
		}
	}
	return nil
}

// objectOf returns the members of the type ["map", ["object", {…}]].
func objectOf(kind any) (map[string]any, bool) {
	outer, ok := kind.([]any)
	if !ok || len(outer) != 2 || outer[0] != "map" {
		return nil, false
	}
	inner, ok := outer[1].([]any)
	if !ok || len(inner) < 2 || inner[0] != "object" {
		return nil, false
	}
	members, ok := inner[1].(map[string]any)
	return members, ok
}

var memberLine = regexp.MustCompile("^\\* `([a-z_]+)`: (.)(.*)$")

func nest(attribute, members map[string]any) error {
	description, list, _ := strings.Cut(fmt.Sprint(attribute["description"]), "\n\n* ")
	described := make(map[string]string)
	for line := range strings.Lines("* " + list) {
		match := memberLine.FindStringSubmatch(strings.TrimSpace(line))
		if match == nil {
			return fmt.Errorf("the description does not end in a line for each member, written \"* `member`: text\", but in %q", line)
		}
		described[match[1]] = strings.ToUpper(match[2]) + match[3]
	}
	nested := make(map[string]any)
	for name, kind := range members {
		text, ok := described[name]
		if !ok {
			return fmt.Errorf("the description says nothing of the member %s", name)
		}
		delete(described, name)
		member := map[string]any{"type": kind, "description": text, "description_kind": "markdown"}
		for _, flag := range []string{"computed", "optional", "required"} {
			if attribute[flag] == true {
				member[flag] = true
			}
		}
		nested[name] = member
	}
	if len(described) > 0 {
		return fmt.Errorf("the description names members that are not there: %s", strings.Join(slices.Sorted(maps.Keys(described)), ", "))
	}
	delete(attribute, "type")
	attribute["description"] = description
	attribute["nested_type"] = map[string]any{"nesting_mode": "map", "attributes": nested}
	return nil
}

// describeSchemas does so for every schema of a kind, such as data_source_schemas.
func describeSchemas(kind string, raw json.RawMessage) (json.RawMessage, error) {
	var schemas map[string]map[string]any
	if err := json.Unmarshal(raw, &schemas); err != nil {
		return nil, fmt.Errorf("reading %s: %w", kind, err)
	}
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		if err := describeMembers(name, schemas[name]["block"]); err != nil {
			return nil, err
		}
	}
	return json.Marshal(schemas)
}
