// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package exampletest_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
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
