// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package bindtest runs BIND 9, a DNS server that nobody wrote for a test, beside the simulator.
package bindtest

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Start runs BIND as an ordinary process on a free port of 127.0.0.1 until the test ends, and returns its host:port once it
// serves. It is authoritative for the zones, which take updates that are signed with a key: its name, and its secret for
// HMAC-SHA256 in base64. Start skips the test where BIND is not installed.
func Start(t testing.TB, keyName, keySecret string, zones ...string) string {
	t.Helper()
	folder := t.TempDir()
	var config strings.Builder
	fmt.Fprintf(&config, "key %q { algorithm hmac-sha256; secret %q; };\n", keyName, keySecret)
	for _, zone := range zones {
		fmt.Fprintf(&config, "zone %[1]q { type primary; file \"%[1]s.zone\"; update-policy { grant %[2]q zonesub ANY; }; };\n", zone, keyName)
		write(t, filepath.Join(folder, zone+".zone"),
			"$TTL 60\n@ IN SOA server hostmaster 1 3600 600 86400 60\n"+"@ IN NS server\n"+"server IN A 127.0.0.1\n")
	}
	return Serve(t, folder, config.String())
}

// Serve runs BIND as [Start] does, with the zones of a configuration whose files are in a folder.
func Serve(t testing.TB, folder, zones string) string {
	t.Helper()
	address := freeAddress(t)
	run(t, folder, address, "  recursion no;\n  dnssec-validation no;\n", zones)
	return address
}

// Patience is how long a resolver waits for servers, the longest that BIND can. Who waits less for the resolver itself takes no server that
// is slow for one whose answers are wrong: BIND says SERVFAIL of both.
const Patience = 30 * time.Second

// Resolve runs BIND as a resolver for the tree of a root server, host:port, and returns its own host:port. All servers of the tree
// listen on the port of the root. It validates with trust anchors, a statement of its configuration, or not at all where that is
// empty. It says SERVFAIL of a server that does not answer after [Patience] only.
func Resolve(t testing.TB, root, anchors string) string {
	t.Helper()
	rootHost, port, err := net.SplitHostPort(root)
	if err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	folder := t.TempDir()
	write(t, filepath.Join(folder, "root.hints"), "a.root. 60 IN A "+rootHost+"\n. 60 IN NS a.root.\n")
	// Each answer is what the servers say of that name, not what others let expect.
	options := "  port " + port + ";\n  recursion yes;\n  resolver-query-timeout " +
		strconv.FormatInt(Patience.Milliseconds(), 10) + ";\n  qname-minimization off;\n  synth-from-dnssec no;\n  dnssec-validation no;\n"
	if anchors != "" {
		options = strings.Replace(options, "validation no", "validation yes", 1)
	}
	run(t, folder, address, options, "zone \".\" { type hint; file \"root.hints\"; };\n"+anchors)
	return address
}

// run runs BIND until the test ends, with options and statements for its configuration.
func run(t testing.TB, folder, address, options, statements string) {
	t.Helper()
	named, err := exec.LookPath("named")
	if err != nil {
		// Distributions keep it out of the PATH of ordinary users.
		if named, err = exec.LookPath("/usr/sbin/named"); err != nil {
			t.Skip("BIND (named) is not installed")
		}
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf(`options {
  directory %[1]q;
  managed-keys-directory %[1]q;
  pid-file none;
  session-keyfile none;
  listen-on port %[3]s { %[2]s; };
  listen-on-v6 { none; };
%[4]s  empty-zones-enable no;
  notify no;
};
controls { };
`, folder, host, port, options)
	file := filepath.Join(folder, "named.conf")
	write(t, file, config+statements)

	command := exec.CommandContext(t.Context(), named, "-g", "-n", "1", "-c", file)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second
	log, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatalf("start BIND: %s", err)
	}
	serves, ended := make(chan struct{}), make(chan struct{})
	var said []string
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			said = append(said, lines.Text())
			// The last line of its start.
			if strings.HasSuffix(lines.Text(), " running") {
				close(serves)
			}
		}
		_ = command.Wait() // It ends by a signal.
	}()
	t.Cleanup(func() {
		<-ended
		if t.Failed() {
			t.Logf("BIND said:\n%s", strings.Join(said, "\n"))
		}
	})
	select {
	case <-serves:
	case <-ended:
		t.Fatal("BIND ended at its start")
	}
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// freeAddress is a host:port of loopback that was free a moment ago for both UDP and TCP.
func freeAddress(t testing.TB) string {
	t.Helper()
	for range 20 {
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := tcp.Addr().String()
		udp, err := net.ListenPacket("udp", address)
		_ = tcp.Close()
		if err == nil {
			_ = udp.Close()
			return address
		}
	}
	t.Fatal("no port is free for both UDP and TCP")
	return ""
}
