// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package exampletest_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
	"github.com/certops/terraform-provider-certops/internal/provider"
	"github.com/certops/terraform-provider-certops/internal/schemajson"
)

var (
	codeBlock = regexp.MustCompile("(?s)```(?:terraform|hcl)\n(.*?)```")
	// needs are minor versions of Terraform 1, by what needs them.
	// Source: https://github.com/hashicorp/terraform/blob/main/CHANGELOG.md, and that of each version.
	needs = map[*regexp.Regexp]int{
		regexp.MustCompile(`(?m)^\s*(pre|post)condition {|\breplace_triggered_by\b`):                  2,
		regexp.MustCompile(`\b(startswith|endswith|timecmp)\(|optional\([^)]*,`):                      3,
		regexp.MustCompile(`"terraform_data"`):                                                        4,
		regexp.MustCompile(`(?m)^(check ".*"|import) {|\b(strcontains|plantimestamp)\(`):              5,
		regexp.MustCompile(`(?m)^(mock_provider ".*"|override_\w+|removed) {|^import {\n\s*for_each`): 7,
		regexp.MustCompile(`\bprovider::`):                                                            8,
		regexp.MustCompile(`(?m)^ephemeral ".*" {`):                                                   10,
		regexp.MustCompile(`\boverride_during\b`):                                                     11,
		regexp.MustCompile(`(?m)^\s*identity = {`):                                                    12,
		regexp.MustCompile(`(?m)^(action|list) "`):                                                    14,
	}
)

// TestPagesSayTheirVersion demands of every page that it names the version of Terraform that its blocks need, where that is
// more than 1.0.
func TestPagesSayTheirVersion(t *testing.T) {
	t.Parallel()
	found := 0
	err := filepath.WalkDir(filepath.Join(exampletest.Root(t), "docs"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".md" {
			return err
		}
		page, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var code strings.Builder
		for _, block := range codeBlock.FindAllStringSubmatch(string(page), -1) {
			code.WriteString(block[1])
		}
		minor := 0
		for pattern, version := range needs {
			if pattern.MatchString(code.String()) {
				minor = max(minor, version)
			}
		}
		if minor == 0 {
			return nil
		}
		found++
		if !regexp.MustCompile(fmt.Sprintf(`Terraform 1\.%d\b`, minor)).Match(page) {
			t.Errorf("%s does not say that it needs Terraform 1.%d", path, minor)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 20 {
		t.Errorf("only %d pages need more than Terraform 1.0", found)
	}
}

// TestPages holds the hand-written part of the documentation to what the repository has.
func TestPages(t *testing.T) {
	t.Parallel()
	root := exampletest.Root(t)
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}

	index := read("templates/index.md.tmpl")
	var sources []string
	for _, pattern := range []string{"base/*.go", "provider/*.go", "provider/*/*.go"} {
		files, err := filepath.Glob(filepath.Join(root, "internal", filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		sources = append(sources, files...)
	}
	variable := regexp.MustCompile(`"(CERTOPS_[A-Z_]+)"`)
	found := 0
	for _, file := range sources {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range variable.FindAllStringSubmatch(string(content), -1) {
			found++
			if !strings.Contains(index, "`"+match[1]+"`") {
				t.Errorf("the front page does not tell of the environment variable %s", match[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d environment variables were found in the provider's code", found)
	}

	for _, page := range documentation(t) {
		for line := range strings.Lines(read(page)) {
			if slices.ContainsFunc([]string{"~> ", "-> ", "!> ", "> [!"}, func(mark string) bool { return strings.HasPrefix(line, mark) }) {
				t.Errorf("%s: not every site shows this note as one: %s", page, line)
			}
		}
	}

	// tfplugindocs writes a page for everything that a schema has.
	for _, page := range documentation(t) {
		link, ok := strings.CutPrefix(page, "docs/")
		if ok && link != "index.md" && !strings.Contains(index, "]("+link+")") {
			t.Errorf("the front page has no link to %s", page)
		}
	}

	recipes := read("templates/guides/dns-provider-recipes.md.tmpl")
	for _, folder := range exampletest.Folders(t) {
		if !strings.HasPrefix(folder, "recipes/") {
			continue
		}
		if !strings.Contains(recipes, `"examples/`+folder+`/main.tf"`) {
			t.Errorf("the guide of recipes does not show examples/%s", folder)
		}
		for _, source := range exampletest.Sources(t, folder) {
			if !strings.Contains(recipes, "https://registry.terraform.io/providers/"+source+"/latest") {
				t.Errorf("the list of the guide of recipes has no link to %s", source)
			}
		}
		// The guide shows it once.
		if diff := cmp.Diff(read("examples/recipes/aws/order.tf"), read("examples/"+folder+"/order.tf")); diff != "" {
			t.Errorf("order.tf of examples/%s is not that of the other recipes (-want +got):\n%s", folder, diff)
		}
	}
}

// testCoverage demands two examples of every data source, resource and function. The short names are other names of data
// sources that have them.
func testCoverage(t *testing.T, folders []string) {
	sections, err := schemajson.Sections(t.Context(), provider.NewServer("test")())
	if err != nil {
		t.Fatal(err)
	}
	for kind, folder := range map[string]string{
		"data_source_schemas": "data-sources", "resource_schemas": "resources", "functions": "functions",
		"ephemeral_resource_schemas": "ephemeral-resources", "action_schemas": "actions", "list_resource_schemas": "list-resources",
	} {
		encoded, err := json.Marshal(sections[kind])
		if err != nil {
			t.Fatal(err)
		}
		var names map[string]json.RawMessage
		if err := json.Unmarshal(encoded, &names); err != nil || len(names) == 0 {
			t.Fatalf("no %s in the schema: %v", kind, err)
		}
		for name := range names {
			if kind != "functions" && !strings.HasPrefix(name, "certops_") {
				continue
			}
			count := 0
			for _, f := range folders {
				if f == folder+"/"+name || strings.HasPrefix(f, folder+"/"+name+"/") {
					files, err := filepath.Glob(filepath.Join(exampletest.Root(t), "examples", f, "*.tf"))
					if err != nil {
						t.Fatal(err)
					}
					count += len(files)
				}
			}
			if count < 2 {
				t.Errorf("%s has %d examples in examples/%s, and two are wanted: reading it, and what for", name, count, folder)
			}
		}
	}
}
