// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package sandbox simulates the three certificate APIs that the provider reads, and the DNS side of domain validation:
// the Realtime Register processes API, the Edgecast CPS API with its token endpoint, the DigiCert Services API, and an
// authoritative DNS server that takes RFC 2136 updates. On every read of a pending order the simulator looks for the
// record it asked for, by real DNS queries, and the order moves on once the record is visible.
//
// The package serves tests, the demonstration and cmd/certops-sandbox. README.md lists the objects, the ids that return
// errors, the control API and the format of fault plans. Credentials are neither logged nor recorded nor echoed.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// Elsewhere is a host that no client should ever talk to: the target of redirects to another host. Like every service of
// a vendor it has a listener of its own, so that requests and connections can be counted apart.
const Elsewhere Service = "elsewhere"

// tsigName and tsigSecret sign RFC 2136 updates; the secret is the base64 form of a sentence that says it is none.
const (
	tsigName   = "sandbox-key."
	tsigSecret = "c2FuZGJveC10c2lnLXNlY3JldC1ub3QtYS1zZWNyZXQ="
)

// Options configures Start. The zero value is ready to use.
type Options struct {
	// DNSServer is the host:port of another DNS server at which records are looked up; empty means the embedded one.
	DNSServer string
	// Zones are the zones the embedded DNS server is authoritative for. Default: example.com, example.net, example.org.
	Zones []string
	// DNSSEC signs the zones, below a root that the embedded DNS server then has as well. See TrustAnchor and SetSigning.
	DNSSEC bool
	// Logger gets one record for each request and DNS update; nil discards them. Credentials are never logged.
	Logger *slog.Logger
	// Listen is the address to bind: "127.0.0.1" by default, or for instance "[::1]". With a port, such as "127.0.0.1:8080",
	// the control API has that port, DNS the next, and the services those after it, in the order of README.md. Without a port,
	// or with 0, all have free ports.
	Listen string
	// TLS makes the API listeners speak HTTPS (HTTP/2 and HTTP/1.1) with a certificate of a CA made for this run; see CAPEM.
	TLS bool
	// TokenLifetime is how long an access token is accepted. Default: as its vendor documents, 300 s at CPS.
	TokenLifetime time.Duration
	// LookInterval is how long the simulated CA waits between two looks at DNS for one order, as real ones do. 0 makes it
	// look on every read.
	LookInterval time.Duration
	// Limits are the rate limits of the APIs that document some. nil means the documented ones; an empty slice that is not
	// nil means none.
	Limits []Limit
	// Further vendors are simulated beside those that this package lists.
	Further []func(core.Base) core.Vendor
	// Quirks are names of Quirks to put in force.
	Quirks []string
	// Writes lets requests write at the simulated vendors. Without it each of them is refused, and makes Close fail: what only
	// reads can prove that it does.
	Writes bool
}

// Sandbox is a running simulator. All methods are safe for concurrent use.
type Sandbox struct {
	// Store holds the orders of all vendors.
	*core.Store
	// ControlURL is the URL of the control API, which is always plain HTTP.
	ControlURL string
	// DNSAddr is the host:port of the embedded DNS server, UDP and TCP.
	DNSAddr string
	// TSIGName, TSIGSecret (base64) and TSIGAlgorithm sign RFC 2136 updates of the embedded zones.
	TSIGName, TSIGSecret, TSIGAlgorithm string
	// CAPEM is the certificate of the CA that signed the API listeners' certificate, PEM-encoded; nil without Options.TLS.
	CAPEM []byte

	log       *slog.Logger
	vendors   []vendor
	apis      map[Service]api
	redactor  redactor
	populated atomic.Int64
	zones     *zoneStore
	lookupAt  string
	writes    bool
	counters  counters
	faults    faultPlan

	servers      []*http.Server
	dnsServers   []*dns.Server
	serving      sync.WaitGroup
	handling     sync.RWMutex // held for reading by every request in progress
	done         chan struct{}
	closeOnce    sync.Once
	stopWatching func() bool
}

// Start starts all listeners on free ports and returns once they accept connections. The simulator runs until Close is
// called or ctx ends. An error means that an option is not usable or a port could not be bound; nothing is left running.
func Start(ctx context.Context, o Options) (*Sandbox, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.LookInterval < 0 {
		return nil, fmt.Errorf("sandbox: look interval %s is negative", o.LookInterval)
	}
	if o.TokenLifetime < 0 {
		return nil, fmt.Errorf("sandbox: token lifetime %s is negative", o.TokenLifetime)
	}
	if len(o.Zones) == 0 {
		o.Zones = []string{"example.com", "example.net", "example.org"}
	}
	ports, ip, err := parseListen(o.Listen)
	if err != nil {
		return nil, err
	}
	if o.DNSServer != "" {
		if _, _, err := net.SplitHostPort(o.DNSServer); err != nil {
			return nil, fmt.Errorf("sandbox: DNS server %q is not host:port: %w", o.DNSServer, err)
		}
	}
	for _, zone := range o.Zones {
		if strings.Trim(zone, ".") == "" {
			return nil, fmt.Errorf("sandbox: zone %q is not a domain name", zone)
		}
	}
	zones, err := newZoneStore(o.Zones, ip)
	if err != nil {
		return nil, err
	}
	if o.DNSSEC {
		if o.DNSServer != "" {
			return nil, errors.New("sandbox: another DNS server does not have the zones that are signed here")
		}
		if err := zones.sign(ip); err != nil {
			return nil, err
		}
	}

	s, err := newSandbox(o, zones)
	if err != nil {
		return nil, err
	}
	if err := s.listen(ports, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.stopWatching = context.AfterFunc(ctx, func() { _ = s.Close() })
	return s, nil
}

// newSandbox makes a simulator that does not listen.
func newSandbox(o Options, zones *zoneStore) (*Sandbox, error) {
	quirks, err := quirksOf(o.Quirks, o.Further...)
	if err != nil {
		return nil, err
	}
	s := &Sandbox{
		TSIGName: tsigName, TSIGSecret: tsigSecret, TSIGAlgorithm: dns.HmacSHA256,
		log:      o.Logger,
		zones:    zones,
		lookupAt: o.DNSServer,
		writes:   o.Writes,
		apis:     map[Service]api{},
		done:     make(chan struct{}),
	}
	s.Store = core.NewStore(o.LookInterval, quirks, s.visible)
	s.counters.reset()
	s.vendors = newVendors(core.Base{Store: s.Store, Limits: o.Limits, TokenLifetime: o.TokenLifetime}, o.Further...)
	secrets := []string{tsigSecret}
	for _, v := range s.vendors {
		secrets = append(secrets, v.Secrets...)
		if err := v.Seed(); err != nil {
			return nil, err
		}
	}
	if s.redactor, err = newRedactor(secrets); err != nil {
		return nil, fmt.Errorf("sandbox: secrets: %w", err)
	}
	return s, nil
}

// listen binds every listener and starts to serve.
func (s *Sandbox) listen(ports *ports, o Options) error {
	controlAddress := ports.next()
	if err := s.serveDNS(ports.next()); err != nil {
		return err
	}
	scheme := "http"
	cert, err := s.certificate(o.TLS)
	if err != nil {
		return err
	}
	if cert != nil {
		scheme = "https"
	}
	for _, service := range listenersOf(s.vendors) {
		l, err := newListener(ports.next(), func() { s.counters.connection(service.Service) })
		if err != nil {
			return fmt.Errorf("sandbox: %s: %w", service.Service, err)
		}
		s.apis[service.Service] = api{service, l, scheme + "://" + l.Addr().String() + service.Path}
		s.serveHTTP(l, s.wrap(service), cert)
	}

	// Once the control API responds, all is up.
	control, err := newListener(controlAddress, func() {})
	if err != nil {
		return fmt.Errorf("sandbox: control API: %w", err)
	}
	s.ControlURL = "http://" + control.Addr().String()
	s.serveHTTP(control, s.controlHandler(), nil)
	return nil
}

// Close stops all listeners, breaks open connections and waits until nothing of the simulator runs any more. The error names
// requests that wrote although Options.Writes did not let them. Further calls return nil.
func (s *Sandbox) Close() error {
	var errs []error
	first := false
	s.closeOnce.Do(func() {
		if s.stopWatching != nil {
			s.stopWatching()
		}
		close(s.done)
		for _, srv := range s.servers {
			errs = append(errs, srv.Close())
		}
		for _, srv := range s.dnsServers {
			errs = append(errs, srv.Shutdown())
		}
		first = true
	})
	s.serving.Wait()
	s.handling.Lock()
	defer s.handling.Unlock()
	if first {
		errs = append(errs, s.counters.refusedWrites())
	}
	return errors.Join(errs...)
}

// URL returns the base URL of an API, as the provider's configuration takes it, or the URL of a token endpoint.
func (s *Sandbox) URL(svc Service) string { return s.apis[svc].url }

// Vendors returns the simulated vendors, in a fixed order.
func (s *Sandbox) Vendors() []core.Vendor {
	var all []core.Vendor
	for _, v := range s.vendors {
		all = append(all, v.Vendor)
	}
	return all
}

// Env returns the environment variables that point the provider, with all services and its look-ups in DNS, at the
// simulator. With Options.TLS the provider has to trust CAPEM as well, for instance by a file named in SSL_CERT_FILE. With
// Options.DNSSEC it has to trust the key in TrustAnchor, by a file named in CERTOPS_DNS_TRUST_ANCHORS.
func (s *Sandbox) Env() map[string]string {
	env := map[string]string{"CERTOPS_DNS_NAMESERVERS": s.lookupAt}
	if s.zones.root != nil {
		// Validation begins at the root.
		env = map[string]string{"CERTOPS_DNS_ROOT_SERVERS": s.DNSAddr}
	}
	for _, v := range s.vendors {
		for _, setting := range v.Settings(s.URL) {
			env["CERTOPS_"+strings.ToUpper(string(v.service())+"_"+setting.Name)] = setting.Value
		}
	}
	return env
}

// DNSEnv returns the environment variables that point the sandboxdns provider at the embedded DNS server.
func (s *Sandbox) DNSEnv() map[string]string {
	return map[string]string{
		"SANDBOXDNS_SERVER":        s.DNSAddr,
		"SANDBOXDNS_KEY_NAME":      s.TSIGName,
		"SANDBOXDNS_KEY_SECRET":    s.TSIGSecret,
		"SANDBOXDNS_KEY_ALGORITHM": s.TSIGAlgorithm,
	}
}
