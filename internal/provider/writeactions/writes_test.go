// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package writeactions_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The files that may have to do with writing at a vendor, as patterns of path.Match. Everything else reads only.
var (
	// writers import the packages that write.
	writers = []string{"internal/provider/writeactions/*.go"}
	// carriers name client.WritePath, without which these packages can do nothing.
	carriers = []string{
		"internal/client/*.go", "internal/client/write/*/*.go", "internal/base/vendor.go", "internal/provider/provider.go",
		"internal/provider/writeactions/*.go",
	}
	// callers name the package of the actions that write, which exports nothing but them.
	callers = []string{"internal/provider/provider.go"}
)

const (
	module        = "github.com/certops/terraform-provider-certops"
	writeFolder   = module + "/internal/client/write"
	actionsFolder = module + "/internal/provider/writeactions"
)

// TestOnlyActionsWrite holds that no data source, resource, function or ephemeral resource can write: nothing but the actions
// imports the packages that write, and nothing but the actions is handed the path on which writes go. The linter holds the
// imports too; this test does not need it.
func TestOnlyActionsWrite(t *testing.T) {
	t.Parallel()
	files := parseModule(t)
	imports := make(map[string]map[string]bool) // of packages, by their import paths
	var importing, carrying, calling []string
	for name, file := range files {
		folder := module + "/" + path.Dir(name)
		if imports[folder] == nil {
			imports[folder] = make(map[string]bool)
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			imports[folder][imported] = true
			if strings.HasPrefix(imported, writeFolder) {
				importing = append(importing, name)
			}
			if imported == actionsFolder {
				calling = append(calling, name)
			}
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if identifier, ok := node.(*ast.Ident); ok && strings.HasPrefix(identifier.Name, "WritePath") {
				carrying = append(carrying, name)
			}
			return true
		})
	}
	for what, group := range map[string]struct{ files, allowed []string }{
		"imports what writes": {importing, writers}, "names a client.WritePath": {carrying, carriers}, "imports writeactions": {calling, callers},
	} {
		if len(group.files) == 0 {
			t.Errorf("nothing %s, so that this test shows nothing", what)
		}
		for _, name := range slices.Compact(slices.Sorted(slices.Values(group.files))) {
			if !slices.ContainsFunc(group.allowed, func(pattern string) bool { ok, err := path.Match(pattern, name); return ok && err == nil }) {
				t.Errorf("%s %s", name, what)
			}
		}
	}

	// No package that has a data source, a resource, an ephemeral resource or a function reaches them by way of others.
	for folder := range imports {
		root := folder == module+"/internal/provider" // It lists the actions, see below.
		if root || !strings.HasPrefix(folder, module+"/internal/") || strings.HasPrefix(folder, writeFolder) || folder == actionsFolder {
			continue
		}
		if by := reaches(imports, folder, nil, make(map[string]bool)); by != nil {
			t.Errorf("%s reaches what writes: %s", folder, strings.Join(by, " → "))
		}
	}

	// What is beside the actions in package provider could use only their constructors.
	var exported []string
	for name, file := range files {
		if path.Dir(name) == "internal/provider/writeactions" {
			for _, object := range file.Scope.Objects {
				if ast.IsExported(object.Name) {
					exported = append(exported, object.Name)
				}
			}
		}
	}
	if diff := cmp.Diff([]string{"All"}, exported); diff != "" {
		t.Errorf("package writeactions exports (-want +got):\n%s", diff)
	}
}

// reaches returns the way from a package to one that writes, nil where there is none.
func reaches(imports map[string]map[string]bool, folder string, way []string, seen map[string]bool) []string {
	if seen[folder] {
		return nil
	}
	seen[folder] = true
	way = append(slices.Clone(way), folder)
	if strings.HasPrefix(folder, writeFolder) {
		return way
	}
	for _, imported := range slices.Sorted(maps.Keys(imports[folder])) {
		if found := reaches(imports, imported, way, seen); found != nil {
			return found
		}
	}
	return nil
}

// parseModule parses the Go files of the module without its tests, by their paths.
func parseModule(t *testing.T) map[string]*ast.File {
	t.Helper()
	top := filepath.Join("..", "..", "..")
	files := make(map[string]*ast.File)
	err := filepath.WalkDir(top, func(name string, entry fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".."
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "tools" || hidden):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(top, name)
		files[filepath.ToSlash(inside)] = file
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
