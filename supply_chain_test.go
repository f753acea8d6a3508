// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
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

// TestModulesAreLinked demands that the provider links every module that go.mod asks for by itself, but for those that
// tests alone use, and none of these.
func TestModulesAreLinked(t *testing.T) {
	t.Parallel()
	tests := []string{
		"github.com/google/go-cmp", "github.com/hashicorp/terraform-json", "github.com/hashicorp/terraform-plugin-testing",
	}
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

// workflows returns the workflows' texts, by path.
func workflows(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(".github", "workflows", "*.yml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no workflows: %v", err)
	}
	texts := make(map[string]string)
	for _, path := range paths {
		texts[path] = readFile(t, path)
	}
	return texts
}

// TestActionsArePinned demands that workflows name every action by a commit, which nobody can move.
func TestActionsArePinned(t *testing.T) {
	t.Parallel()
	for path, text := range workflows(t) {
		for _, action := range uses.FindAllStringSubmatch(text, -1) {
			if !pinned.MatchString(action[1]) {
				t.Errorf("%s uses %s", path, action[1])
			}
		}
	}
}

// goVersion finds the versions of Go that workflows ask for.
var goVersion = regexp.MustCompile(`(?m)^\s*go-version:\s*(.*)$`)

// TestWorkflowsUseGo demands the newest patch release of go.mod's version: an older one has known vulnerabilities. A rebuild takes
// the version that the release was built with.
func TestWorkflowsUseGo(t *testing.T) {
	t.Parallel()
	minor := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(readFile(t, "go.mod"))
	if minor == nil {
		t.Fatal("go.mod names no version")
	}
	for path, text := range workflows(t) {
		want := minor[1] + ".x"
		if filepath.Base(path) == "rebuild.yml" {
			want = "${{ steps.release.outputs.go }}"
		}
		for _, version := range goVersion.FindAllStringSubmatch(text, -1) {
			if version[1] != want {
				t.Errorf("%s uses Go %s, want %s", path, version[1], want)
			}
		}
		if strings.Count(text, "uses: actions/setup-go@") != len(goVersion.FindAllString(text, -1)) {
			t.Errorf("%s sets up Go without a version", path)
		}
	}
}

// TestGoreleaserIsOneVersion demands that checks and releases use the same.
func TestGoreleaserIsOneVersion(t *testing.T) {
	t.Parallel()
	checked := regexp.MustCompile(`(?m)^goreleaser\)\n  version=(.*)$`).FindStringSubmatch(readFile(t, "scripts", "tool-path.sh"))
	released := regexp.MustCompile(`(?m)^ +version: v(\d.*)$`).FindAllStringSubmatch(workflow(t, "release"), -1)
	if len(released) != 1 || checked == nil || released[0][1] != checked[1] {
		t.Errorf("checked with %q, released with %q", checked, released)
	}
}

// TestWorkflowsHaveFewRights demands that every workflow begins with no right but to read, and that only a release has secrets.
func TestWorkflowsHaveFewRights(t *testing.T) {
	t.Parallel()
	for path, text := range workflows(t) {
		if !strings.Contains(text, "\npermissions: {}\n") && !strings.Contains(text, "\npermissions:\n  contents: read\n\n") {
			t.Errorf("%s has more rights than to read", path)
		}
		if strings.Contains(text, "secrets.") != (filepath.Base(path) == "release.yml") {
			t.Errorf("%s is the wrong one to have secrets", path)
		}
	}
}

// TestScheduledWorkflows demands that the rebuild of the last release, the search for weaknesses and what is slow run every week.
func TestScheduledWorkflows(t *testing.T) {
	t.Parallel()
	for name, does := range map[string]string{
		"rebuild": "uses: goreleaser/goreleaser-action@", "codeql": "uses: github/codeql-action/analyze@", "conformance": "run: make conformance",
	} {
		text := workflow(t, name)
		if !strings.Contains(text, "\n  schedule:\n    - cron: ") || !strings.Contains(text, does) {
			t.Errorf("%s is not scheduled, or does not say %q", name, does)
		}
	}
}
