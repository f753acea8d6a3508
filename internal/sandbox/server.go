// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// serveHTTP serves a listener until the sandbox is closed.
func (s *Sandbox) serveHTTP(l net.Listener, h http.Handler, cert *tls.Certificate) {
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		// The server's own messages quote what clients send, and that may hold credentials.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	s.servers = append(s.servers, srv)
	s.serving.Add(1)
	go func() {
		defer s.serving.Done()
		var err error
		if cert != nil {
			srv.TLSConfig = &tls.Config{
				Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS12,
				// It is up to a vendor's handler to demand one and to check it.
				ClientAuth: tls.RequestClientCert,
			}
			err = srv.ServeTLS(l, "", "")
		} else {
			err = srv.Serve(l)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("listener ended", "address", l.Addr().String(), "error", err)
		}
	}()
}

// listener is a TCP listener that counts connections and can refuse them for a while: while it does, nothing listens on
// its port and every connection is broken.
type listener struct {
	addr   *net.TCPAddr
	opened func()

	mu     sync.Mutex
	inner  net.Listener  // nil while refusing
	resume chan struct{} // closed when refusing ends
	closed bool
	conns  map[net.Conn]struct{}
}

func newListener(address string, opened func()) (*listener, error) {
	inner, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	addr, ok := inner.Addr().(*net.TCPAddr)
	if !ok {
		return nil, errors.Join(fmt.Errorf("%s is not a TCP address", inner.Addr()), inner.Close())
	}
	return &listener{addr: addr, opened: opened, inner: inner, conns: map[net.Conn]struct{}{}}, nil
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		l.mu.Lock()
		inner, resume, closed := l.inner, l.resume, l.closed
		l.mu.Unlock()
		if closed {
			return nil, net.ErrClosed
		}
		if inner == nil {
			<-resume
			continue
		}
		c, err := inner.Accept()
		l.mu.Lock()
		switched := l.inner != inner
		if err == nil && !switched {
			tracked := &conn{Conn: c, l: l}
			l.conns[tracked] = struct{}{}
			l.mu.Unlock()
			l.opened()
			return tracked, nil
		}
		l.mu.Unlock()
		if err == nil {
			_ = c.Close() // It was accepted just before refusing began.
			continue
		}
		if !switched {
			return nil, err
		}
	}
}

// refuse stops listening and resets all connections.
func (l *listener) refuse() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.inner == nil {
		return
	}
	_ = l.inner.Close()
	l.inner, l.resume = nil, make(chan struct{})
	for c := range l.conns {
		reset(c)
	}
}

// accept ends refusing.
func (l *listener) accept() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.inner != nil {
		return nil
	}
	inner, err := net.Listen("tcp", l.addr.String())
	if err != nil {
		return fmt.Errorf("sandbox: listening again: %w", err)
	}
	l.inner = inner
	close(l.resume)
	return nil
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	if l.inner == nil {
		close(l.resume)
		return nil
	}
	return l.inner.Close()
}

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr { return l.addr }

// conn is a connection that its listener knows of.
type conn struct {
	net.Conn
	l *listener
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.l.mu.Lock()
	delete(c.l.conns, c)
	c.l.mu.Unlock()
	return c.Conn.Close()
}

// reset breaks a connection with a TCP reset where that is possible.
func reset(c net.Conn) {
	switch c := c.(type) {
	case *conn:
		reset(c.Conn)
	case *tls.Conn:
		reset(c.NetConn())
	case *net.TCPConn:
		_ = c.SetLinger(0) // Without it the close would be an orderly one; a broken connection needs none.
		_ = c.Close()
	default:
		_ = c.Close()
	}
}
