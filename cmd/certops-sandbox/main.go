// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Command certops-sandbox runs the simulator of the three certificate APIs and the DNS side of domain validation, and
// prints how to point the provider at it. It runs until SIGINT or SIGTERM.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintf(os.Stderr, "certops-sandbox: %s\n", strings.TrimPrefix(err.Error(), "sandbox: "))
		os.Exit(1)
	}
}

// controlVariable is the environment variable with the URL of the control API.
const controlVariable = "CERTOPS_SANDBOX_CONTROL"

// config is what the flags say.
type config struct {
	options   sandbox.Options
	populate  int
	mixed     int
	faults    string
	envFile   string
	readyFile string
	caFile    string
	anchors   string
	status    bool
}

// parse reads the flags.
func parse(args []string, stderr io.Writer) (config, error) {
	var c config
	var zones, quirks string
	var verbose, noLimits, refuseWrites bool
	f := flag.NewFlagSet("certops-sandbox", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&c.options.Listen, "listen", "127.0.0.1", "IP `address` to bind. With a port, the control API has that port, DNS the "+
		"next, and the APIs those after it")
	f.StringVar(&c.options.DNSServer, "dns", "", "look records up at this DNS server (`host:port`) and not at the embedded one")
	f.StringVar(&zones, "zones", "example.com,example.net,example.org", "comma-separated `zones` of the embedded DNS server")
	f.IntVar(&c.populate, "populate", 0, "add this `number` of objects to each list")
	f.IntVar(&c.mixed, "populate-mixed", 0, "add this `number` of objects in mixed states to each list")
	f.StringVar(&quirks, "quirks", "", "comma-separated `names` of quirks, which are only probable:"+quirkHelp())
	f.StringVar(&c.faults, "faults", "", "JSON `file` with a fault plan")
	f.DurationVar(&c.options.TokenLifetime, "token-lifetime", 300*time.Second, "how long a CPS access token is accepted")
	f.DurationVar(&c.options.LookInterval, "look-interval", 0, "how long the CA waits between two looks at DNS for one order (default: "+
		"look on every read)")
	f.BoolVar(&noLimits, "no-rate-limits", false, "do not enforce DigiCert's rate limits")
	f.BoolVar(&refuseWrites, "refuse-writes", false, "refuse requests that write at a vendor, and fail at the end if there were any")
	f.BoolVar(&c.options.TLS, "tls", false, "serve the APIs by HTTPS; needs -ca")
	f.StringVar(&c.caFile, "ca", "", "write the CA certificate of -tls to this `file`")
	f.StringVar(&c.anchors, "trust-anchors", "", "sign the zones, below a root of their own, and write the root's DNSSEC key to this `file`")
	f.StringVar(&c.envFile, "env", "", "write the environment variables as shell exports to this `file`")
	f.StringVar(&c.readyFile, "ready-file", "", "create this `file`, with the URL of the control API in it, once all is up")
	f.BoolVar(&c.status, "status", false, "print where each order of a running simulator stands, and end. "+controlVariable+" tells its "+
		"address, as in the file of -env")
	f.BoolVar(&verbose, "v", false, "log every request to standard error")
	if err := f.Parse(args); err != nil {
		return config{}, err
	}
	switch {
	case f.NArg() > 0:
		return config{}, fmt.Errorf("unexpected argument %q", f.Arg(0))
	case c.options.TLS != (c.caFile != ""):
		return config{}, errors.New("-tls and -ca go together")
	case c.status && f.NFlag() > 1:
		return config{}, errors.New("-status goes with no other flag")
	case c.populate < 0 || c.mixed < 0:
		return config{}, errors.New("-populate or -populate-mixed is negative")
	case c.options.TokenLifetime <= 0:
		return config{}, errors.New("-token-lifetime is not positive")
	}
	c.options.DNSSEC = c.anchors != ""
	c.options.Zones, c.options.Quirks, c.options.Writes = list(zones), list(quirks), !refuseWrites
	if noLimits {
		c.options.Limits = []sandbox.Limit{}
	}
	if verbose {
		c.options.Logger = slog.New(slog.NewTextHandler(stderr, nil))
	}
	return c, nil
}

// list reads values with commas between them.
func list(text string) (all []string) {
	for _, v := range strings.Split(text, ",") {
		if v = strings.TrimSpace(v); v != "" {
			all = append(all, v)
		}
	}
	return all
}

// quirkHelp lists the quirks, one a line.
func quirkHelp() string {
	var b strings.Builder
	for _, q := range sandbox.Quirks() {
		fmt.Fprintf(&b, "\n%s: %s", q.Name, q.Help)
	}
	return b.String()
}

// run runs the simulator until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	c, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if c.status {
		return printStatus(ctx, os.Getenv(controlVariable), stdout)
	}
	faults, err := plan(c.faults)
	if err != nil {
		return err
	}
	s, err := sandbox.Start(ctx, c.options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()

	if err := errors.Join(s.Populate(c.populate), s.PopulateMixed(c.mixed)); err != nil {
		return err
	}
	if err := s.Inject(faults...); err != nil {
		return err
	}
	env := s.Env()
	maps.Copy(env, s.DNSEnv())
	env[controlVariable] = s.ControlURL
	for _, file := range []struct{ variable, name, content string }{
		{"SSL_CERT_FILE", c.caFile, string(s.CAPEM)}, {"CERTOPS_DNS_TRUST_ANCHORS", c.anchors, s.TrustAnchor()},
	} {
		if file.name == "" {
			continue
		}
		path, err := filepath.Abs(file.name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(file.content), 0o600); err != nil {
			return err
		}
		env[file.variable] = path
	}
	if c.envFile != "" {
		if err := os.WriteFile(c.envFile, []byte(exports(env)), 0o600); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(stdout, instructions(s, env)); err != nil {
		return err
	}
	if c.readyFile != "" {
		if err := os.WriteFile(c.readyFile, []byte(s.ControlURL+"\n"), 0o600); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.Remove(c.readyFile)) }()
	}
	<-ctx.Done()
	return nil
}

// printStatus prints where each order of a running simulator stands.
func printStatus(ctx context.Context, control string, stdout io.Writer) error {
	if control == "" {
		return errors.New("-status needs a running simulator. Start one with -env FILE, and load that file: it sets " + controlVariable)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, control+"/v1/status", nil)
	if err != nil {
		return fmt.Errorf("%s: %w", controlVariable, err)
	}
	res, err := (&http.Client{}).Do(req)
	if err != nil {
		return fmt.Errorf("no simulator answers at the address in %s: %w", controlVariable, err)
	}
	if res.StatusCode != http.StatusOK {
		return errors.Join(fmt.Errorf("what is at the address in %s answers %s, so it is no simulator", controlVariable, res.Status),
			res.Body.Close())
	}
	_, err = io.Copy(stdout, res.Body)
	return errors.Join(err, res.Body.Close())
}

// plan reads a fault plan, if there is one.
func plan(file string) ([]sandbox.Fault, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.Open(filepath.Clean(file))
	if err != nil {
		return nil, err
	}
	faults, err := sandbox.ParseFaults(f)
	return faults, errors.Join(err, f.Close())
}

// exports writes variables for a POSIX shell.
func exports(env map[string]string) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(env)) {
		fmt.Fprintf(&b, "export %s='%s'\n", k, strings.ReplaceAll(env[k], "'", `'\''`))
	}
	return b.String()
}

// blocks are the vendors' blocks of the provider's configuration.
func blocks(s *sandbox.Sandbox) string {
	var b strings.Builder
	for _, v := range s.Vendors() {
		settings, width := v.Settings(s.URL), 0
		for _, setting := range settings {
			width = max(width, len(setting.Name))
		}
		fmt.Fprintf(&b, "  %s = {\n", v.Profile().Listeners[0].Service)
		for _, setting := range settings {
			fmt.Fprintf(&b, "    %-*s = %q\n", width, setting.Name, setting.Value)
		}
		b.WriteString("  }\n")
	}
	return b.String()
}

// instructions tell how to use the simulator.
func instructions(s *sandbox.Sandbox, env map[string]string) string {
	var waiting []string
	for _, v := range s.Vendors() {
		waiting = append(waiting, v.Profile().Waiting)
	}
	return fmt.Sprintf(`certops-sandbox is running. Its credentials are fixed and worth nothing.

Point the provider at it by environment variables:

%s
or in the configuration (CERTOPS_DNS_…, for looks at DNS, have no attributes and stay variables):

provider "certops" {
%s}

# A DNS provider for the simulator's server, certops/sandboxdns. "make mirror" builds it too: see
# docs/guides/try-it-without-an-account.md.
provider "sandboxdns" {
  server        = %q
  key_name      = %q
  key_secret    = %q
  key_algorithm = %q
}

Orders that wait for records: %s.
DNS server: %s. Control API: %s (curl it for its endpoints).
`, exports(env), blocks(s), s.DNSAddr, s.TSIGName, s.TSIGSecret, s.TSIGAlgorithm, strings.Join(waiting, ", "), s.DNSAddr, s.ControlURL)
}
