// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
)

// probeTimeout bounds the look whether the registry responds.
const probeTimeout = 5 * time.Second

// pluginDirs are the folders that may hold mirrors, best first.
func pluginDirs() []string {
	var dirs []string
	if dir := os.Getenv("CERTOPS_TEST_PLUGIN_DIR"); dir != "" {
		dirs = append(dirs, dir)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return dirs
	}
	if runtime.GOOS == "windows" {
		return append(dirs, filepath.Join(os.Getenv("APPDATA"), "terraform.d", "plugins"), filepath.Join(os.Getenv("APPDATA"), "HashiCorp",
			"Terraform", "plugins"))
	}
	dirs = append(dirs, filepath.Join(home, ".terraform.d", "plugins"))
	if runtime.GOOS == "darwin" {
		return append(dirs, filepath.Join(home, "Library", "Application Support", "io.terraform", "plugins"),
			"/Library/Application Support/io.terraform/plugins")
	}
	data := os.Getenv("XDG_DATA_HOME")
	if data == "" {
		data = filepath.Join(home, ".local", "share")
	}
	shared := os.Getenv("XDG_DATA_DIRS")
	if shared == "" {
		shared = "/usr/local/share" + string(filepath.ListSeparator) + "/usr/share"
	}
	for _, dir := range append([]string{data}, filepath.SplitList(shared)...) {
		dirs = append(dirs, filepath.Join(dir, "terraform", "plugins"))
	}
	return dirs
}

// mirrorOf returns the first folder that holds a provider for this platform, packed or not; "" if there is none.
func mirrorOf(host, source string) string {
	platform := runtime.GOOS + "_" + runtime.GOARCH
	for _, dir := range pluginDirs() {
		base := filepath.Join(dir, host, filepath.FromSlash(strings.ToLower(source)))
		for _, pattern := range []string{filepath.Join(base, "*", platform, "terraform-provider-*"), filepath.Join(base, "*_"+platform+".zip")} {
			if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
				return dir
			}
		}
	}
	return ""
}

var (
	registryMu sync.Mutex
	registries = make(map[string]error)
)

// registry says why a registry cannot be reached, nil if it can. It is asked once.
func registry(ctx context.Context, host string) error {
	registryMu.Lock()
	defer registryMu.Unlock()
	if err, asked := registries[host]; asked {
		return err
	}
	err := probe(ctx, "https://"+host+"/.well-known/terraform.json")
	registries[host] = err
	return err
}

func probe(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return nil
}

// builds is the mirror of the providers built from this work tree, made once a run.
type builds struct{ folder string }

// newBuilds builds certops and sandboxdns.
func newBuilds(t *testing.T) builds {
	t.Helper()
	b := builds{folder: t.TempDir()}
	host := exampletest.New(t, "").Host
	for name, pkg := range map[string]string{"certops": ".", "sandboxdns": "./cmd/terraform-provider-sandboxdns"} {
		folder := filepath.Join(b.folder, host, "certops", name, exampletest.Version, runtime.GOOS+"_"+runtime.GOARCH)
		exampletest.Build(t, pkg, folder, "terraform-provider-"+name+"_v"+exampletest.Version)
	}
	return b
}

// terraform finds Terraform with certops, sandboxdns and the providers named installable. It skips the test where one of
// them cannot be had.
func (b builds) terraform(t *testing.T, sources ...string) *exampletest.Terraform {
	t.Helper()
	host := exampletest.New(t, "").Host
	var text strings.Builder
	mirror := func(folder, include string) {
		fmt.Fprintf(&text, "filesystem_mirror {\npath = %q\ninclude = [%q]\n}\n", filepath.ToSlash(folder), host+"/"+include)
	}
	mirror(b.folder, "certops/*")
	for _, source := range sources {
		if dir := mirrorOf(host, source); dir != "" {
			mirror(dir, source)
			continue
		}
		if err := registry(t.Context(), host); err != nil {
			t.Skipf("the provider %s is in no mirror (CERTOPS_TEST_PLUGIN_DIR names one more), and the registry cannot be reached: %s", source, err)
		}
		fmt.Fprintf(&text, "direct {\ninclude = [%q]\n}\n", host+"/"+source)
	}
	return exampletest.New(t, text.String())
}
