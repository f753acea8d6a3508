// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	goruntime "runtime"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// pluginDirs are the folders in which Terraform looks for providers by itself, after the one that CERTOPS_TEST_PLUGIN_DIR
// names. Source: https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
func pluginDirs() []string {
	dirs := []string{os.Getenv("CERTOPS_TEST_PLUGIN_DIR")}
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	switch goruntime.GOOS {
	case "windows":
		dirs = append(dirs, filepath.Join(os.Getenv("APPDATA"), "terraform.d", "plugins"), filepath.Join(os.Getenv("APPDATA"), "HashiCorp",
			"Terraform", "plugins"))
	case "darwin":
		dirs = append(dirs,
			filepath.Join(home, ".terraform.d", "plugins"),
			filepath.Join(home, "Library", "Application Support", "io.terraform", "plugins"),
			"/Library/Application Support/io.terraform/plugins")
	default:
		dirs = append(dirs, filepath.Join(home, ".terraform.d", "plugins"))
		data := os.Getenv("XDG_DATA_HOME")
		if data == "" {
			data = filepath.Join(home, ".local", "share")
		}
		shared := os.Getenv("XDG_DATA_DIRS")
		if shared == "" {
			shared = "/usr/local/share:/usr/share"
		}
		for _, dir := range append([]string{data}, filepath.SplitList(shared)...) {
			dirs = append(dirs, filepath.Join(dir, "terraform", "plugins"))
		}
	}
	return dirs
}

// mirrored finds an unpacked provider in a file-system mirror and returns the folder of its binary, or skips the test.
func mirrored(t *testing.T, source string) string {
	t.Helper()
	for _, dir := range pluginDirs() {
		if dir == "" {
			continue
		}
		pattern := filepath.Join(dir, "registry.terraform.io", filepath.FromSlash(source), "*", goruntime.GOOS+"_"+goruntime.GOARCH,
			"terraform-provider-"+filepath.Base(source)+"*")
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return filepath.Dir(found[len(found)-1])
		}
	}
	t.Skipf("%s is in no file-system mirror: name one, unpacked, in CERTOPS_TEST_PLUGIN_DIR", source)
	return ""
}

// TestAccRoute53 feeds the record sets of all three vendors to Route 53 and plans that, without a network, with the
// provider that users have.
func TestAccRoute53(t *testing.T) {
	t.Parallel()
	aws := mirrored(t, "hashicorp/aws")
	s := sandboxtest.Start(t, sandbox.Options{})
	w := newWorkspace(t, s.Env(), map[string]string{"hashicorp/aws": aws}, map[string]string{"main.tf": `
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
    certops = {
      source = "certops/certops"
    }
  }
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}

locals {
  zone_ids = {
    "example.com" = "Z0000000000000000001"
    "example.net" = "Z0000000000000000002"
  }
  sets = merge(
    { for k, s in data.certops_process_info.this.dns_record_sets : "process/${k}" => s },
    { for k, s in data.certops_cps_certificate.this.dns_record_sets : "certificate/${k}" => s },
    { for k, s in data.certops_digicert_order_validation.this.dns_record_sets : "order/${k}" => s },
  )
}

data "certops_process_info" "this" {
  process_id = 30001
  zones      = keys(local.zone_ids)
}

data "certops_cps_certificate" "this" {
  certificate_id = 40001
  zones          = keys(local.zone_ids)
}

data "certops_digicert_order_validation" "this" {
  order_id = 20001
  zones    = keys(local.zone_ids)
}

resource "aws_route53_record" "this" {
  for_each = local.sets
  zone_id  = local.zone_ids[each.value.zone]
  name     = each.value.fqdn
  type     = each.value.type
  ttl      = 300
  records  = each.value.values
}
`})
	if output, ok := w.terraform("plan", "-input=false", "-no-color", "-out=plan"); !ok {
		t.Fatalf("plan:\n%s", output)
	}
	output, ok := w.terraform("show", "-json", "plan")
	if !ok {
		t.Fatalf("show:\n%s", output)
	}
	// Warnings of dev_overrides stand before the JSON.
	var plan struct {
		Changes []struct {
			Index  string `json:"index"`
			Type   string `json:"type"`
			Change struct {
				After struct {
					ZoneID  string   `json:"zone_id"`
					Name    string   `json:"name"`
					Type    string   `json:"type"`
					TTL     int      `json:"ttl"`
					Records []string `json:"records"`
				} `json:"after"`
			} `json:"change"`
		} `json:"resource_changes"`
	}
	_, document, _ := strings.Cut(output, "{")
	if err := json.Unmarshal([]byte("{"+document), &plan); err != nil {
		t.Fatalf("show: %s\n%s", err, output)
	}
	got := make(map[string]string)
	for _, c := range plan.Changes {
		if c.Type == "aws_route53_record" {
			r := c.Change.After
			got[c.Index] = fmt.Sprintf("%s %s %d %s %s", r.ZoneID, r.Name, r.TTL, r.Type, strings.Join(r.Records, " "))
		}
	}
	want := make(map[string]string)
	for prefix, order := range map[string]struct {
		service sandbox.Service
		id      sandbox.ID
	}{
		"process":     {sandbox.RealtimeRegister, sandbox.ProcessPending},
		"certificate": {sandbox.CPS, sandbox.CertificatePending},
		"order":       {sandbox.DigiCert, sandbox.OrderPending},
	} {
		state, err := s.State(order.service, order.id)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range state.Challenges {
			zone := "Z0000000000000000001"
			if strings.HasSuffix(c.Name, "example.net") {
				zone = "Z0000000000000000002"
			}
			value := c.Value
			if c.Type == "CNAME" {
				value = strings.ToLower(value)
			}
			want[prefix+"/"+strings.TrimPrefix(c.Domain, "*.")] = fmt.Sprintf("%s %s 300 %s %s", zone, c.Name, c.Type, value)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unexpected records (-want +got):\n%s", diff)
	}
}
