// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/dnsprovider"
)

// The TSIG key of the test's own server; it protects nothing else.
const (
	bindKeyName   = "certops-test."
	bindKeySecret = "Y2VydG9wcy10ZXN0LWtleS1vZi1iaW5kLTMyLWJ5dGU="
)

// startBIND runs BIND 9 as an ordinary process on a free loopback port, authoritative for zones that take signed updates.
// It skips the test where named is missing.
func startBIND(t *testing.T, zones ...string) (address string) {
	t.Helper()
	named, err := exec.LookPath("named")
	if err != nil {
		// Debian puts it where ordinary users do not look.
		if named, err = exec.LookPath("/usr/sbin/named"); err != nil {
			t.Skip("named (BIND 9) is not installed")
		}
	}
	folder := t.TempDir()
	port := freePort(t)
	var config strings.Builder
	fmt.Fprintf(&config, `
options {
  directory %[1]q;
  pid-file none;
  session-keyfile none;
  listen-on port %[2]d { 127.0.0.1; };
  listen-on-v6 { none; };
  recursion no;
  dnssec-validation no;
  empty-zones-enable no;
  notify no;
};
controls { };
key %[3]q { algorithm hmac-sha256; secret %[4]q; };
`, folder, port, bindKeyName, bindKeySecret)
	for _, zone := range zones {
		file := filepath.Join(folder, zone+".zone")
		text := fmt.Sprintf("$TTL 60\n@ IN SOA ns.%[1]s. hostmaster.%[1]s. 1 3600 600 86400 60\n@ IN NS ns.%[1]s.\nns IN A 127.0.0.1\n", zone)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&config, "zone %q { type primary; file %q; update-policy { grant %q zonesub ANY; }; };\n", zone, file, bindKeyName)
	}
	configFile := filepath.Join(folder, "named.conf")
	if err := os.WriteFile(configFile, []byte(config.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	command := exec.Command(named, "-g", "-n", "1", "-c", configFile)
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatalf("start named: %s", err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- command.Wait() }()
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		select {
		case <-stopped:
		case <-time.After(10 * time.Second):
			_ = command.Process.Kill()
			<-stopped
		}
		if t.Failed() {
			t.Logf("named said:\n%s", log.String())
		}
	})
	address = fmt.Sprintf("127.0.0.1:%d", port)
	query := new(dns.Msg).SetQuestion(dns.Fqdn(zones[0]), dns.TypeSOA)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		answer, _, err := (&dns.Client{Timeout: time.Second}).Exchange(query, address)
		if err == nil && answer.Authoritative && len(answer.Answer) == 1 {
			return address
		}
		if time.Now().After(deadline) {
			t.Fatalf("named does not respond: %v", err)
		}
	}
}

// freePort is a port that is free for UDP and TCP on loopback.
func freePort(t *testing.T) int {
	t.Helper()
	for range 20 {
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := tcp.Addr().(*net.TCPAddr).Port
		udp, err := net.ListenPacket("udp", fmt.Sprintf("127.0.0.1:%d", port))
		_ = tcp.Close()
		if err == nil {
			_ = udp.Close()
			return port
		}
	}
	t.Fatal("no port is free for both UDP and TCP")
	return 0
}

// From no record to validated, with a DNS server that is nobody's test double.
func TestAccLoopOverBIND(t *testing.T) {
	t.Parallel()
	address := startBIND(t, "example.com", "example.net")
	s := startSandbox(t, sandbox.Options{DNSServer: address})
	id := mustAddOrder(t, s, sandbox.Order{
		Names:   []string{"example.com", "*.example.com", "example.net"},
		Methods: map[string]string{"example.net": "dns-txt-token"},
	})
	factories := providers(s.Env())
	factories["sandboxdns"] = providerserver.NewProtocol6WithError(dnsprovider.New("test")())
	config := fmt.Sprintf(`
provider "sandboxdns" {
  server     = %q
  key_name   = %q
  key_secret = %q
}

data "certops_digicert_order_validation" "this" {
  order_id = %s
}

resource "certops_dcv_records" "this" {
  domains = ["example.com", "*.example.com", "example.net"]
  sources = [data.certops_digicert_order_validation.this.dns_records]
  zones   = ["example.com", "example.net"]
}

locals {
  com = certops_dcv_records.this.dns_record_sets["example.com"]
  net = certops_dcv_records.this.dns_record_sets["example.net"]
}

resource "sandboxdns_record_set" "com" {
  zone   = local.com.zone
  name   = local.com.relative_name
  type   = local.com.type
  rdatas = local.com.rdatas
}

resource "sandboxdns_record_set" "net" {
  zone   = local.net.zone
  name   = local.net.relative_name
  type   = local.net.type
  rdatas = local.net.rdatas
}

resource "certops_dcv_validation" "this" {
  digicert_order_id = %[4]s
  record_fqdns      = [local.com.fqdn, local.net.fqdn]
  poll_interval     = "50ms"
  timeouts          = { create = "20s" }
  depends_on        = [sandboxdns_record_set.com, sandboxdns_record_set.net]
}

data "certops_dns_check" "this" {
  dns_records = certops_dcv_records.this.dns_records
  depends_on  = [certops_dcv_validation.this]
}
`, address, bindKeyName, bindKeySecret, id)
	ready := []statecheck.StateCheck{
		statecheck.ExpectKnownValue("certops_dcv_validation.this", tfjsonpath.New("status"), knownvalue.StringExact("validated")),
		statecheck.ExpectKnownValue("data.certops_dns_check.this", tfjsonpath.New("ready"), knownvalue.Bool(true)),
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config, ConfigStateChecks: ready},
			{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
			{
				PreConfig: func() {
					if err := s.Rotate(sandbox.DigiCert, id); err != nil {
						t.Fatal(err)
					}
				},
				Config: config,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction("sandboxdns_record_set.com", plancheck.ResourceActionUpdate),
					plancheck.ExpectResourceAction("sandboxdns_record_set.net", plancheck.ResourceActionUpdate),
				}},
				ConfigStateChecks: ready,
			},
		},
	})
}
