// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/bindtest"
	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// zones of both DNS servers.
var zones = []string{"example.com", "example.net"}

// names that the records of DigiCert order 20001 can have.
var recordNames = []string{"_dnsauth.example.com.", "_dnsauth.www.example.com.", "_dnsauth.shop.example.net."}

// updater is a configuration that publishes by RFC 2136.
type updater struct {
	// folder of examples/, or else the configuration itself.
	folder, configuration string
	// source of the provider, "" when it is built from this work tree.
	source string
	env    func(server string, s *sandbox.Sandbox) map[string]string
}

var (
	hashicorpDNS = updater{
		folder: "demo/hashicorp-dns",
		source: "hashicorp/dns",
		env: func(server string, s *sandbox.Sandbox) map[string]string {
			host, port, _ := strings.Cut(server, ":")
			return map[string]string{
				"DNS_UPDATE_SERVER": host, "DNS_UPDATE_PORT": port, "DNS_UPDATE_KEYNAME": s.TSIGName,
				"DNS_UPDATE_KEYALGORITHM": strings.TrimSuffix(s.TSIGAlgorithm, "."), "DNS_UPDATE_KEYSECRET": s.TSIGSecret,
			}
		},
	}
	sandboxDNS = updater{
		configuration: `
terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    sandboxdns = {
      source = "certops/sandboxdns"
    }
  }
}

data "certops_digicert_order_validation" "this" {
  order_id = "20001"
}

resource "certops_dcv_records" "this" {
  domains = ["example.com", "*.example.com", "www.example.com", "shop.example.net"]
  sources  = [data.certops_digicert_order_validation.this.dns_records]
  statuses = [data.certops_digicert_order_validation.this.dcv_status]
  zones   = ["example.com", "example.net"]
}

resource "sandboxdns_record_set" "dcv" {
  for_each = certops_dcv_records.this.dns_record_sets

  zone   = each.value.zone
  name   = each.value.relative_name
  type   = each.value.type
  rdatas = each.value.rdatas
}

resource "certops_dcv_validation" "this" {
  digicert_order_id = "20001"
  record_fqdns      = [for key in keys(sandboxdns_record_set.dcv) : certops_dcv_records.this.dns_record_sets[key].fqdn]
}
`,
		env: func(server string, s *sandbox.Sandbox) map[string]string {
			env := s.DNSEnv()
			env["SANDBOXDNS_SERVER"] = server
			return env
		},
	}
)

// testUpdates takes orders through their life with records published by RFC 2136.
func testUpdates(t *testing.T, b builds, u updater, kind string) {
	var sources []string
	if u.source != "" {
		sources = append(sources, u.source)
	}
	tf := b.terraform(t, sources...)
	var place string
	if u.folder != "" {
		place = exampletest.Copy(t, u.folder)
	} else {
		place = t.TempDir()
		exampletest.Write(t, place, "main.tf", u.configuration)
	}

	var options sandbox.Options
	if kind == "bind" {
		// The key is the same in every run, and known to whoever knows the simulator.
		key := sandboxtest.Start(t, options)
		options.DNSServer = bindtest.Start(t, key.TSIGName, key.TSIGSecret, zones...)
	}
	s := sandboxtest.Start(t, options)
	server := options.DNSServer
	if server == "" {
		server = s.DNSAddr
	}
	records := func() []string { return published(t, server) }
	testLife(t, tf, place, s, life{env: u.env(server, s), records: records, first: wanted(t, s)})
}

// wanted are the records that DigiCert order 20001 waits for, at the owners where the provider publishes them, sorted.
func wanted(t *testing.T, s *sandbox.Sandbox) []string {
	t.Helper()
	state, err := s.State(sandbox.DigiCert, sandbox.OrderPending)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]bool)
	for _, c := range state.Challenges {
		record := c.Name + ". CNAME " + c.Value + "."
		if c.Type == "TXT" {
			record = "_dnsauth." + c.Name + `. TXT "` + c.Value + `"`
		}
		found[record] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// life is what testLife needs to know of a configuration.
type life struct {
	// env has further environment variables.
	env map[string]string
	// records returns what is published, sorted. After the first apply it is first.
	records func() []string
	first   []string
	// replaces says that the provider makes a new resource for a new value.
	replaces bool
}

// testLife applies a configuration of DigiCert order 20001 from nothing, finds nothing to change, lets the validation lapse
// so that there are new tokens, applies again, and destroys all.
func testLife(t *testing.T, tf *exampletest.Terraform, place string, s *sandbox.Sandbox, l life) {
	t.Helper()
	env := s.Env()
	maps.Copy(env, l.env)
	validated := func() bool {
		state, err := s.State(sandbox.DigiCert, sandbox.OrderPending)
		if err != nil {
			t.Fatal(err)
		}
		return state.Stage == core.StageValidated
	}
	silent := func() {
		t.Helper()
		if out, err := tf.Run(t, place, env, "plan", "-detailed-exitcode", "-no-color"); err != nil {
			t.Errorf("the plan after an apply is not empty: %s\n%s", err, out)
		}
	}

	tf.Must(t, place, env, "init", "-no-color")
	tf.Must(t, place, env, "apply", "-auto-approve", "-no-color")
	if !validated() {
		t.Error("the order is not validated after the first apply")
	}
	if diff := cmp.Diff(l.first, l.records()); diff != "" {
		t.Errorf("published records differ (-want +got):\n%s", diff)
	}
	silent()

	if err := s.Expire(sandbox.DigiCert, sandbox.OrderPending, ""); err != nil {
		t.Fatal(err)
	}
	out := tf.Must(t, place, env, "apply", "-auto-approve", "-no-color")
	if inPlace := strings.Contains(out, " 0 added, ") && strings.Contains(out, " 0 destroyed"); inPlace == l.replaces {
		t.Errorf("new tokens are changed in place: %t, want %t:\n%s", inPlace, !l.replaces, out)
	}
	second := l.records()
	if len(second) != len(l.first) || slices.ContainsFunc(second, func(r string) bool { return slices.Contains(l.first, r) }) {
		t.Errorf("the records do not carry the new tokens: %v, before: %v", second, l.first)
	}
	silent()
	if !validated() {
		t.Error("the order is not validated with the new tokens")
	}

	exampletest.AllowDestroy(t, place)
	tf.Must(t, place, env, "destroy", "-auto-approve", "-no-color")
	if left := l.records(); len(left) > 0 {
		t.Errorf("destroy left records: %v", left)
	}
}

// published asks a server for the records of DigiCert order 20001.
func published(t *testing.T, server string) []string {
	t.Helper()
	var all []string
	for _, name := range recordNames {
		for _, kind := range []uint16{dns.TypeCNAME, dns.TypeTXT} {
			answer, err := ask(server, name, kind)
			if err != nil {
				t.Fatalf("ask %s for %s: %s", server, name, err)
			}
			for _, rr := range answer {
				if rr.Header().Rrtype == kind {
					all = append(all, name+" "+dns.TypeToString[kind]+" "+strings.TrimPrefix(rr.String(), rr.Header().String()))
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

func ask(server, name string, kind uint16) ([]dns.RR, error) {
	m := new(dns.Msg)
	m.SetQuestion(name, kind)
	c := dns.Client{Net: "tcp", Timeout: 2 * time.Second}
	answer, _, err := c.Exchange(m, server)
	if err != nil {
		return nil, err
	}
	return answer.Answer, nil
}
