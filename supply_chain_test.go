// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// command runs the go command in the module's folder and returns what it printed.
func command(t *testing.T, arguments ...string) string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "go", arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %s\n%s", strings.Join(arguments, " "), err, output)
	}
	return string(output)
}

// TestModulesAreVerified compares the modules that were downloaded with go.sum.
func TestModulesAreVerified(t *testing.T) {
	t.Parallel()
	if output := command(t, "mod", "verify"); !strings.Contains(output, "all modules verified") {
		t.Error(output)
	}
}

// TestModulesAreLinked demands that the provider links every module that go.mod asks for by itself, but for those that
// tests alone use, and none of these.
func TestModulesAreLinked(t *testing.T) {
	t.Parallel()
	tests := []string{"github.com/google/go-cmp", "github.com/hashicorp/terraform-plugin-testing"}
	var module struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal([]byte(command(t, "mod", "edit", "-json")), &module); err != nil {
		t.Fatal(err)
	}
	linked := strings.Fields(command(t, "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "."))
	for _, required := range module.Require {
		if wanted := !slices.Contains(tests, required.Path); !required.Indirect && slices.Contains(linked, required.Path) != wanted {
			t.Errorf("%s: linked into the provider is %t, want %t", required.Path, !wanted, wanted)
		}
	}
	for _, path := range linked {
		if strings.Contains(path, "terraform-plugin-sdk") || strings.Contains(path, "terraform-plugin-mux") {
			t.Errorf("the provider links %s", path)
		}
	}
}

// uses finds the actions that a workflow uses.
var uses = regexp.MustCompile(`(?m)^\s*(?:- )?uses:\s*(.*)$`)

// pinned is an action at a commit, with its version for people.
var pinned = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$`)

// TestActionsArePinned demands that workflows name every action by a commit, which nobody can move.
func TestActionsArePinned(t *testing.T) {
	t.Parallel()
	workflows, err := filepath.Glob(filepath.Join(".github", "workflows", "*.yml"))
	if err != nil || len(workflows) == 0 {
		t.Fatalf("there are no workflows: %v", err)
	}
	for _, workflow := range workflows {
		text, err := os.ReadFile(workflow)
		if err != nil {
			t.Fatal(err)
		}
		for _, action := range uses.FindAllStringSubmatch(string(text), -1) {
			if !pinned.MatchString(action[1]) {
				t.Errorf("%s uses %s", workflow, action[1])
			}
		}
	}
}
