// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnssec"
	"github.com/certops/terraform-provider-certops/internal/sandbox/bindtest"
)

// signedZone is a zone of the corpus. BIND's tools sign it, and one named serves all of them.
type signedZone struct {
	apex      string
	algorithm string   // of dnssec-keygen; empty means ECDSAP256SHA256
	zsk       string   // the algorithm of a second key, which signs all but the DNSKEY records; empty means none
	records   []string // lines of a zone file with names relative to the apex
	sign      []string // arguments for dnssec-signzone
	unsigned  bool
	// ds makes the DS records in the parent of the zone's own key. Nil means one with SHA-256.
	ds func(*dns.DNSKEY) []dns.RR
	// edit changes the signed zone, one record a line.
	edit func(lines []string) []string
	// stale are an owner and a type whose records get signatures that have ended.
	stale string

	key    *dns.DNSKEY
	second *dns.DNSKEY // of zsk
	bases  []string    // the names of the keys' files without their ends
}

// corpus is a running server with all zones.
type corpus struct {
	address string
	port    string
	folder  string
	key     *dns.DNSKEY // of the root
	// resolver is the address of a BIND that validates.
	resolver string
}

// serve signs the zones and runs a server for them. It skips the test where BIND's tools are missing.
func serve(t *testing.T, zones []*signedZone) *corpus {
	t.Helper()
	c := &corpus{folder: t.TempDir()}
	keygen, signzone := tool(t, "dnssec-keygen"), tool(t, "dnssec-signzone")
	each(zones, func(z *signedZone) {
		if z.unsigned && z.ds == nil {
			return
		}
		generate := func(algorithm string, more ...string) *dns.DNSKEY {
			if algorithm == "" {
				algorithm = "ECDSAP256SHA256"
			}
			arguments := append([]string{"-q", "-K", c.folder, "-a", algorithm}, more...)
			if strings.Contains(algorithm, "RSA") {
				arguments = append(arguments, "-b", "1024")
			}
			said := strings.Fields(run(t, keygen, append(arguments, z.apex)...)) // It may warn of the algorithm first.
			base := said[len(said)-1]
			z.bases = append(z.bases, base)
			for _, line := range strings.Split(read(t, filepath.Join(c.folder, base+".key")), "\n") {
				if rr, err := dns.NewRR(line); err == nil && rr != nil {
					return rr.(*dns.DNSKEY)
				}
			}
			return nil
		}
		z.key = generate(z.algorithm, "-f", "KSK")
		if z.zsk != "" {
			z.second = generate(z.zsk)
		}
	})
	each(zones, func(z *signedZone) { c.write(t, signzone, z, zones) })
	if t.Failed() {
		t.FailNow()
	}
	var config strings.Builder
	for _, z := range zones {
		fmt.Fprintf(&config, "zone %q { type primary; file %q; check-integrity no; };\n", z.apex, fileOf(z))
		if z.apex == "." {
			c.key = z.key
		}
	}
	c.address = bindtest.Serve(t, c.folder, config.String())
	_, c.port, _ = net.SplitHostPort(c.address)
	anchor := fmt.Sprintf("trust-anchors { . static-key %d %d %d %q; };\n", c.key.Flags, c.key.Protocol, c.key.Algorithm, c.key.PublicKey)
	put(t, filepath.Join(c.folder, "anchors"), []string{anchor})
	c.resolver = bindtest.Resolve(t, c.address, anchor)
	return c
}

func fileOf(z *signedZone) string { return "zone." + z.apex + "db" }

// write writes a zone's file, with its delegations and signatures.
func (c *corpus) write(t *testing.T, signzone string, z *signedZone, all []*signedZone) {
	lines := []string{
		"$TTL 60", "$ORIGIN " + z.apex,
		"@ IN SOA ns.test. hostmaster.test. 1 3600 600 86400 60",
		"@ IN NS ns.test.",
	}
	if z.apex == "." || z.apex == "test." {
		lines = append(lines, "ns.test. IN A 127.0.0.1")
	}
	for _, child := range all {
		if child.apex == "." || parentOf(child, all) != z || strings.HasPrefix(child.apex, "ghost") {
			continue
		}
		lines = append(lines, child.apex+" IN NS ns.test.")
		if child.key == nil {
			continue
		}
		ds := []dns.RR{child.key.ToDS(dns.SHA256)}
		if child.ds != nil {
			ds = child.ds(child.key)
		}
		for _, rr := range ds {
			lines = append(lines, rr.String())
		}
	}
	lines = append(lines, z.records...)
	file := filepath.Join(c.folder, fileOf(z))
	if z.unsigned {
		put(t, file, lines)
		return
	}
	lines = append(lines, z.key.String())
	arguments := []string{"-q", "-P", "-n", "1", "-O", "full", "-K", c.folder, "-d", c.folder, "-o", z.apex}
	if z.second != nil {
		lines = append(lines, z.second.String())
		arguments = append(arguments, "-x")
	} else {
		arguments = append(arguments, "-z")
	}
	put(t, file+".plain", lines)
	sign := func(out string, more ...string) []string {
		arguments := slices.Concat(arguments, []string{"-f", out}, more, []string{file + ".plain"}, z.bases)
		run(t, signzone, arguments...)
		lines := strings.Split(read(t, out), "\n")
		return slices.DeleteFunc(lines, func(line string) bool { return line == "" || line[0] == ';' })
	}
	signed := sign(file, z.sign...)
	if z.stale != "" {
		isStale := func(line string) bool { return isSignature(line, z.stale) }
		old := slices.DeleteFunc(sign(file+".old", past...), func(line string) bool { return !isStale(line) })
		signed = append(slices.DeleteFunc(signed, isStale), old...)
	}
	if z.edit != nil {
		signed = z.edit(signed)
	}
	put(t, file, signed)
}

// parentOf is the zone that delegates another.
func parentOf(child *signedZone, all []*signedZone) *signedZone {
	var parent *signedZone
	for _, z := range all {
		if z != child && dns.IsSubDomain(z.apex, child.apex) && (parent == nil || len(z.apex) > len(parent.apex)) {
			parent = z
		}
	}
	return parent
}

// isSignature tells whether a line of a signed zone is a signature over records: their owner and type.
func isSignature(line, records string) bool {
	owner, rrtype, _ := strings.Cut(records, " ")
	fields := strings.Fields(line)
	return fields[0] == owner && fields[3] == "RRSIG" && fields[4] == rrtype
}

// without returns an edit that removes the lines that have one of the texts "owner type" or, for signatures, "owner RRSIG type".
// The owner * is any.
func without(texts ...string) func([]string) []string {
	return func(lines []string) []string {
		return slices.DeleteFunc(lines, func(line string) bool {
			fields := strings.Fields(line)
			return slices.ContainsFunc(texts, func(text string) bool {
				want := strings.Fields(text)
				owner := want[0] == "*" || want[0] == fields[0]
				return owner && want[1] == fields[3] && (len(want) == 2 || want[2] == fields[4])
			})
		})
	}
}

// replaced returns an edit that changes a text in the lines of records: their owner, or *, and type.
func replaced(records, from, to string) func([]string) []string {
	return func(lines []string) []string {
		owner, rrtype, _ := strings.Cut(records, " ")
		for i, line := range lines {
			if fields := strings.Fields(line); (owner == "*" || fields[0] == owner) && fields[3] == rrtype {
				lines[i] = strings.ReplaceAll(line, from, to)
			}
		}
		return lines
	}
}

// judge returns the verdict of BIND in this package's words. BIND 9.18 does not tell why it answers SERVFAIL. A machine that is too slow
// ends the test before BIND gives up waiting for the server of the zones, and so is no verdict.
func (c *corpus) judge(t *testing.T, name, qtype string) dnssec.Status {
	t.Helper()
	ask := func(unchecked bool) *dns.Msg {
		query := new(dns.Msg).SetQuestion(name, dns.StringToType[qtype])
		query.AuthenticatedData, query.CheckingDisabled = true, unchecked
		m, _, err := (&dns.Client{Net: "tcp", Timeout: bindtest.Patience / 2}).ExchangeContext(t.Context(), query, c.resolver)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	switch m := ask(false); {
	case m.Rcode == dns.RcodeServerFailure && ask(true).Rcode != dns.RcodeServerFailure:
		return dnssec.Bogus
	case m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError:
		t.Fatalf("BIND answers %s", dns.RcodeToString[m.Rcode])
	case m.AuthenticatedData:
		return dnssec.Secure
	}
	return dnssec.Insecure
}

// each calls work for all zones, two at a time.
func each(zones []*signedZone, work func(*signedZone)) {
	next := make(chan *signedZone)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for z := range next {
				work(z)
			}
		})
	}
	for _, z := range zones {
		next <- z
	}
	close(next)
	wg.Wait()
}

// tool finds a program of BIND.
func tool(t *testing.T, name string) string {
	t.Helper()
	for _, candidate := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	t.Skipf("BIND's %s is not installed", name)
	return ""
}

// run returns all that a program writes.
func run(t *testing.T, name string, arguments ...string) string {
	command := exec.CommandContext(t.Context(), name, arguments...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Run(); err != nil {
		t.Errorf("%s %s: %s: %s", name, strings.Join(arguments, " "), err, out.String())
	}
	return out.String()
}

func read(t *testing.T, file string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
	}
	return string(content)
}

func put(t *testing.T, file string, lines []string) {
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Error(err)
	}
}
