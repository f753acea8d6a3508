// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// lanes are two pools of connections to one server. The first serves the slots that are always there,
// the second those that callers announced: a pool alone could not tell ten requests that follow each
// other closely from a burst, and would open more connections than there ever are requests.
type lanes struct {
	always    http.RoundTripper
	announced http.RoundTripper
}

// newLanes returns pools that connect to the network.
func newLanes() lanes {
	return lanes{
		always:    newTransport(minInFlight),
		announced: newTransport(maxInFlight - minInFlight),
	}
}

// RoundTrip implements http.RoundTripper.
func (l lanes) RoundTrip(req *http.Request) (*http.Response, error) {
	if slotFrom(req.Context()) < minInFlight {
		return l.always.RoundTrip(req)
	}
	return l.announced.RoundTrip(req)
}

// newTransport returns a pool of at most the given number of connections to a host. It takes its proxy
// from the environment (HTTPS_PROXY, NO_PROXY) and speaks HTTP/2 where the server does.
func newTransport(connections int) *http.Transport {
	dialer := loopbackDialer{&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}}
	return &http.Transport{
		Proxy:                  proxyFromEnvironment(httpproxy.FromEnvironment()),
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxConnsPerHost:        connections,
		MaxIdleConnsPerHost:    connections,
		MaxIdleConns:           connections,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
	}
}

// loopbackDialer connects to the name localhost on this machine, whatever a resolver says of it (RFC 6761, section 6.3):
// credentials go there without TLS.
type loopbackDialer struct {
	*net.Dialer
}

// DialContext connects to an address.
func (d loopbackDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || !strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return d.Dialer.DialContext(ctx, network, address)
	}
	conn, err := d.Dialer.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		var second error
		if conn, second = d.Dialer.DialContext(ctx, network, net.JoinHostPort("::1", port)); second == nil {
			return conn, nil
		}
	}
	return conn, err
}
