// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// TestConnections makes as many requests at once as may be in flight, three times, and counts the connections.
func TestConnections(t *testing.T) {
	const waves = 3
	var made, came atomic.Int64
	var full [waves]chan struct{} // closed once all requests of a wave have come
	for i := range full {
		full[i] = make(chan struct{})
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		number := came.Add(1)
		wave := full[(number-1)/MaxInFlight]
		if number%MaxInFlight == 0 {
			close(wave)
		}
		<-wave
		_, _ = w.Write([]byte("{}"))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			made.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c := mustNew(t, Options{Service: "Test", BaseURL: server.URL})
	var done sync.WaitGroup
	for n := range waves * MaxInFlight {
		done.Go(func() {
			if err := c.Get(t.Context(), &document{}, nil, strconv.Itoa(n)); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if got := made.Load(); got != MaxInFlight {
		t.Errorf("made %d connections, want %d", got, MaxInFlight)
	}
}

// Reads speak HTTP/2. Writes do not: over HTTP/2, net/http sends a request again by itself.
func TestConnectionsSpeakHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"text":%q}`, r.Proto)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	connections, path := newConnections(nil), &WritePath{}
	for _, transport := range []*http.Transport{connections.reads, connections.writes} {
		transport.TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		t.Cleanup(transport.CloseIdleConnections)
	}
	c := mustNew(t, Options{Service: "Test", BaseURL: server.URL, Transport: connections, WritePath: path})
	var read, written document
	if err := errors.Join(c.Get(t.Context(), &read, nil, "x"), path.Send(t.Context(), http.MethodPost, nil, &written, "x")); err != nil {
		t.Fatal(err)
	}
	if read.Text.String() != "HTTP/2.0" || written.Text.String() != "HTTP/1.1" {
		t.Errorf("reads speak %s and writes %s", read.Text, written.Text)
	}
}

// The client's certificate goes to a server that asks for one.
func TestTransportCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(r.TLS.PeerCertificates[0].Raw)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.Config.ErrorLog = discardLog()
	server.StartTLS()
	t.Cleanup(server.Close)
	own := server.TLS.Certificates[0]
	for _, certificate := range []*tls.Certificate{nil, &own} {
		transport := newTransport(certificate)
		transport.TLSClientConfig.RootCAs = x509.NewCertPool()
		transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := transport.RoundTrip(req)
		if certificate == nil {
			if err == nil {
				t.Error("a request without a certificate was answered")
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		if err != nil || !bytes.Equal(got, own.Certificate[0]) {
			t.Errorf("the server got %d bytes, %v", len(got), err)
		}
		transport.CloseIdleConnections()
	}
}

func TestTransportRefusesUnsafeConnections(t *testing.T) {
	unknown := httptest.NewUnstartedServer(http.NotFoundHandler())
	unknown.Config.ErrorLog = discardLog()
	unknown.StartTLS()
	defer unknown.Close()
	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	old.Config.ErrorLog = discardLog()
	old.StartTLS()
	defer old.Close()
	for name, url := range map[string]string{"unknown certificate authority": unknown.URL, "TLS 1.1": old.URL} {
		t.Run(name, func(t *testing.T) {
			c := mustNew(t, Options{Service: "Test", BaseURL: url, MaxRetries: 3})
			failure := failed(t, c.Get(t.Context(), &document{}, nil, "x"), KindTLS)
			if failure.Attempts != 1 {
				t.Errorf("got %d attempts", failure.Attempts)
			}
		})
	}
}
