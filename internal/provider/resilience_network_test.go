// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// connectProxy is an HTTP proxy for CONNECT, which sends every name to this machine and keeps all that it sees.
type connectProxy struct {
	address string

	mu    sync.Mutex
	heads []string     // requests to the proxy itself
	seen  bytes.Buffer // bytes of the clients after that
}

// newConnectProxy starts a proxy that ends with the test. It demands authorization unless user is nil.
func newConnectProxy(t *testing.T, user *url.Userinfo) *connectProxy {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &connectProxy{address: listener.Addr().String()}
	var serving sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { p.serve(conn, user) })
		}
	})
	return p
}

// serve responses one client.
func (p *connectProxy) serve(client net.Conn, user *url.Userinfo) {
	defer client.Close()
	reader := bufio.NewReader(client)
	req, err := http.ReadRequest(reader)
	if err != nil {
		return
	}
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s %s\n", req.Method, req.RequestURI)
	authorization := req.Header.Get("Proxy-Authorization")
	req.Header.Del("Proxy-Authorization")
	_ = req.Header.Write(&head)
	p.mu.Lock()
	p.heads = append(p.heads, head.String())
	p.mu.Unlock()
	if user != nil && authorization != "Basic "+base64.StdEncoding.EncodeToString([]byte(user.String())) {
		_, _ = io.WriteString(client, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
		return
	}
	_, port, err := net.SplitHostPort(req.RequestURI)
	if req.Method != http.MethodConnect || err != nil {
		_, _ = io.WriteString(client, "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
		return
	}
	server, err := (&net.Dialer{}).DialContext(req.Context(), "tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		_, _ = io.WriteString(client, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		return
	}
	defer server.Close()
	_, _ = io.WriteString(client, "HTTP/1.1 200 Connection Established\r\n\r\n")
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	_, _ = io.Copy(io.MultiWriter(server, p), reader)
}

// Write implements io.Writer for what clients send.
func (p *connectProxy) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen.Write(b)
}

// requests returns the requests to the proxy itself, and the bytes that clients sent through it.
func (p *connectProxy) requests() (heads []string, seen string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.heads, p.seen.String()
}

// authority writes the simulator's authority to a file for SSL_CERT_FILE, which only some systems know.
func authority(t *testing.T, s *sandbox.Sandbox) map[string]string {
	t.Helper()
	if goruntime.GOOS == "windows" || goruntime.GOOS == "darwin" {
		t.Skipf("%s has its own store of trusted authorities and no SSL_CERT_FILE", goruntime.GOOS)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, s.CAPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"SSL_CERT_FILE": file, "SSL_CERT_DIR": filepath.Dir(file)}
}

// named is an environment whose addresses have a name in the place of the loopback address.
func named(env map[string]string) map[string]string {
	all := maps.Clone(env)
	for name, value := range all {
		all[name] = strings.NewReplacer("//127.0.0.1:", "//"+sandbox.TLSName+":").Replace(value)
	}
	return all
}

// networkReads are reads of each vendor.
var networkReads = []childRead{
	{Type: "certops_process_info", Arguments: map[string]any{"process_id": 30001}},
	{Type: "certops_cps_certificate", Arguments: map[string]any{"certificate_id": 40001}},
	{Type: "certops_digicert_request", Arguments: map[string]any{"request_id": 198}},
}

// wantRead demands a result without diagnostics.
func wantRead(t *testing.T, what string, result childResult) {
	t.Helper()
	if len(result.Diagnostics) > 0 || result.State == nil {
		t.Errorf("%s: %v", what, result.Diagnostics)
	}
}

// TestNetworkProxy reads through a proxy. It learns the name and the port of the API, and no credential.
func TestNetworkProxy(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{TLS: true})
	trusted := authority(t, s)
	user := url.UserPassword("operator", "pr0xy-secret")
	for _, variable := range []string{"HTTPS_PROXY", "https_proxy"} {
		proxy := newConnectProxy(t, user)
		for _, read := range networkReads {
			wantRead(t, variable+": "+read.Type, inChild(t, read, named(s.Env()), trusted, map[string]string{variable: "http://" + user.String() +
				"@" + proxy.address}))
		}
		heads, seen := proxy.requests()
		if len(heads) < 4 || len(seen) == 0 {
			t.Errorf("the proxy saw %d requests and %d bytes", len(heads), len(seen))
		}
		for _, head := range heads {
			if !strings.HasPrefix(head, "CONNECT "+sandbox.TLSName+":") {
				t.Errorf("the proxy saw %s", head)
			}
			wantNoSecrets(t, "a request to the proxy", head, append(sandboxSecrets, "sandbox-token-")...)
		}
		wantNoSecrets(t, "what went through the proxy", seen, append(sandboxSecrets, "sandbox-token-")...)
	}
}

// TestNetworkProxyRefuses reads through proxies that want other credentials, and that are not there.
func TestNetworkProxyRefuses(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{TLS: true})
	trusted := authority(t, s)
	proxy := newConnectProxy(t, url.UserPassword("operator", "another"))
	for address, says := range map[string]string{
		"http://operator:pr0xy-secret@" + proxy.address: "Proxy Authentication Required",
		"http://operator:pr0xy-secret@127.0.0.1:1":      "connection refused",
	} {
		got := inChild(t, networkReads[2], named(s.Env()), trusted, map[string]string{"HTTPS_PROXY": address, base.EnvMaxRetries: "1"})
		if len(got.Diagnostics) != 1 || !strings.Contains(got.Diagnostics[0].Detail, says) || !strings.Contains(got.Diagnostics[0].Detail,
			"HTTPS_PROXY") {
			t.Errorf("%s: got %v", says, got.Diagnostics)
		}
		wantNoSecrets(t, "the diagnostic", fmt.Sprint(got.Diagnostics), append(sandboxSecrets, "pr0xy-secret")...)
	}
}

// TestNetworkNoProxy leaves the proxy out for the hosts that NO_PROXY names, and for this machine.
func TestNetworkNoProxy(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{TLS: true})
	trusted := authority(t, s)
	proxy := newConnectProxy(t, nil)
	through := map[string]string{"HTTPS_PROXY": "http://" + proxy.address, "HTTP_PROXY": "http://" + proxy.address, base.EnvMaxRetries: "0"}
	wantRead(t, "this machine", inChild(t, networkReads[2], s.Env(), trusted, through))
	through["NO_PROXY"] = "other.example,.test"
	got := inChild(t, networkReads[2], named(s.Env()), trusted, through)
	if len(got.Diagnostics) != 1 || !got.failed() {
		t.Errorf("a name that no DNS knows was read without the proxy: %v", got.Diagnostics)
	}
	if heads, _ := proxy.requests(); len(heads) > 0 {
		t.Errorf("the proxy saw %v", heads)
	}
}

// TestNetworkPrivateAuthority reads from servers whose certificate a private authority signed, over HTTP/2 and over IPv6.
func TestNetworkPrivateAuthority(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{"127.0.0.1", "[::1]"} {
		t.Run(listen, func(t *testing.T) {
			t.Parallel()
			if l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", listen+":0"); err != nil {
				t.Skipf("this machine has no %s: %s", listen, err)
			} else if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			s := sandboxtest.Start(t, sandbox.Options{TLS: true, Listen: listen})
			trusted := authority(t, s)
			for _, read := range networkReads {
				wantRead(t, read.Type, inChild(t, read, s.Env(), trusted))
			}
			for _, r := range s.Requests(sandbox.DigiCert) {
				if r.Protocol != "HTTP/2.0" {
					t.Errorf("a request came over %s", r.Protocol)
				}
			}
			distrusting := inChild(t, networkReads[2], s.Env())
			if len(distrusting.Diagnostics) != 1 || !strings.Contains(distrusting.Diagnostics[0].Detail, "SSL_CERT_FILE") {
				t.Errorf("without the authority: %v", distrusting.Diagnostics)
			}
		})
	}
}

// TestNetworkPlainIPv6 reads over plain HTTP at the IPv6 loopback address.
func TestNetworkPlainIPv6(t *testing.T) {
	t.Parallel()
	if l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "[::1]:0"); err != nil {
		t.Skipf("this machine has no IPv6: %s", err)
	} else if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s := sandboxtest.Start(t, sandbox.Options{Listen: "[::1]"})
	for _, read := range networkReads {
		wantRead(t, read.Type, inChild(t, read, s.Env()))
	}
}

// TestNetworkHTTP2Faults tries faults that HTTP/2 has its own forms of: streams that are reset, and a connection that is.
func TestNetworkHTTP2Faults(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints {
		if e.service != sandbox.DigiCert && e.service != sandbox.Token {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			s := sandboxtest.Start(t, sandbox.Options{TLS: true, Limits: []sandbox.Limit{}})
			m := &faultMatrix{endpoint: e, sandbox: s, rt: base.Environment{Backoff: 1, Transport: trust(t, s.CAPEM)}}
			defer watchGoroutines(t)()
			m.baseline = m.read(t, 4, 0)
			if m.baseline.failed() {
				t.Fatal(m.baseline.Diagnostics)
			}
			for _, kind := range []sandbox.FaultKind{sandbox.FaultResetBefore, sandbox.FaultResetInBody, sandbox.FaultTruncated} {
				tr := trial{name: string(kind), fault: sandbox.Fault{Kind: kind}, retried: true}
				got, _ := m.once(t, tr.name, tr, 0, 1)
				m.wantDiagnostic(t, tr.name, got, "Request: ")
				got, _ = m.once(t, tr.name, tr, 1, 8)
				m.wantBaseline(t, tr.name+", once", got)
			}
		})
	}
}
