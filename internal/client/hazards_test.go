// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

// TestSwitchingProtocols ends at once with a server that switches protocols and keeps the connection open.
func TestSwitchingProtocols(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, buffer, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = buffer.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		_ = buffer.Flush()
		<-release
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	c := mustNew(t, Options{Service: "Test", BaseURL: server.URL, RequestTimeout: time.Minute, MaxRetries: 4})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	failure := failed(t, c.Get(ctx, &document{}, nil, "x"), KindBody)
	if failure.StatusCode != http.StatusSwitchingProtocols || failure.Message != "the server switches to another protocol" {
		t.Errorf("got %+v", failure)
	}
}

// TestLocalhostIsThisMachine connects to the name localhost without asking a resolver.
func TestLocalhostIsThisMachine(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	asked := errors.New("the resolver was asked")
	dialer := loopbackDialer{&net.Dialer{Resolver: &net.Resolver{
		PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, asked },
	}}}
	for _, host := range []string{"localhost", "LocalHost", "localhost."} {
		conn, err := dialer.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if err != nil {
			t.Errorf("%s: %s", host, err)
			continue
		}
		_ = conn.Close()
	}
	if conn, err := dialer.DialContext(t.Context(), "tcp", net.JoinHostPort("localhost.example", port)); err == nil {
		_ = conn.Close()
		t.Error("another name is taken for this machine")
	}
}

// TestProxyPasswordIsNeverTold holds for a proxy that says what it was sent.
func TestProxyPasswordIsNeverTold(t *testing.T) {
	const password = "pa55+word/1"
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, buffer, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		credentials := r.Header.Get("Proxy-Authorization")
		fmt.Fprintf(buffer, "HTTP/1.1 407 no %s, that is %s\r\nContent-Length: 2\r\n\r\nno", credentials, password)
		_ = buffer.Flush()
	}))
	t.Cleanup(proxy.Close)
	t.Setenv("HTTPS_PROXY", strings.Replace(proxy.URL, "http://", "http://user:pa55+word%2F1@", 1))
	t.Setenv("NO_PROXY", "")
	t.Setenv("TF_LOG", "TRACE")
	var out bytes.Buffer
	c := mustNew(t, Options{Service: "Test", BaseURL: "https://api.example", RequestTimeout: 10 * time.Second})
	err := c.Get(tflogtest.RootLogger(t.Context(), &out), &document{}, nil, "x")
	if err == nil {
		t.Fatal("the proxy refuses, and nothing fails")
	}
	for what, text := range map[string]string{"error": fmt.Sprintf("%s %+v", err, err), "log": out.String()} {
		for _, leak := range []string{password, "pa55", base64.StdEncoding.EncodeToString([]byte("user:" + password))} {
			if strings.Contains(text, leak) {
				t.Errorf("the %s tells %q: %s", what, leak, text)
			}
		}
	}
}

// TestNoBodyIsShown holds that a response is neither logged nor quoted: it may hold a one-time link under any name.
func TestNoBodyIsShown(t *testing.T) {
	t.Setenv("TF_LOG", "TRACE")
	const link = "https://secure.example/v/1234"
	for name, test := range map[string]struct {
		status int
		body   string
	}{
		"a document":        {200, `{"text":"a","again":"` + link + `"}`},
		"cut short":         {200, `{"again":"` + link + `"`},
		"text":              {200, link},
		"a refusal":         {400, `{"hint":"` + link + `"}`},
		"a page":            {403, "<html><body>" + link + "</body></html>"},
		"of the wrong kind": {200, `["` + link + `"]`},
	} {
		var out bytes.Buffer
		c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(test.status)
			_, _ = io.WriteString(w, test.body)
		}, func(*Options) {})
		err := c.Get(tflogtest.RootLogger(t.Context(), &out), &document{}, nil, "x")
		if out.Len() == 0 {
			t.Errorf("%s: nothing is logged", name)
		}
		if text := fmt.Sprintf("%v %+v %s", err, err, out.String()); strings.Contains(text, "1234") {
			t.Errorf("%s: the link is told: %s", name, text)
		}
	}
}
