// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// maxRecorded is how many requests are kept for each service; the oldest are dropped beyond it.
const maxRecorded = 100_000

// Request is one request that a service got. It holds no header and no body, so that it holds no credential.
type Request struct {
	Method string `json:"method"`
	// Path and Query are as sent, Query without the question mark, but for credentials, which *** stands for: those of
	// the simulator, and the values of parameters with a name that looks like a credential's.
	Path  string `json:"path"`
	Query string `json:"query"`
	// Protocol is the version of HTTP, such as "HTTP/2.0".
	Protocol string `json:"protocol"`
	// Status is the HTTP status of the response; 0 if the connection was broken before one was.
	Status int `json:"status"`
	// At is when the request arrived.
	At time.Time `json:"at"`
	// Credential tells whether there was a credential, right or wrong, in a header that one of the APIs uses or as a client certificate.
	Credential bool `json:"credential"`
}

// counters records what arrives.
type counters struct {
	mu          sync.Mutex
	requests    map[Service][]*Request
	connections map[Service]int
	refused     []string      // writes that nobody allowed; they are never forgotten
	changed     chan struct{} // closed by the next change; nil while nobody waits for it
}

func (c *counters) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests, c.connections = map[Service][]*Request{}, map[Service]int{}
	c.signal()
}

// signal wakes who waits for a change. The caller holds the lock.
func (c *counters) signal() {
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// change returns a channel that the next change closes.
func (c *counters) change() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	return c.changed
}

func (c *counters) connection(svc Service) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.connections[svc]++
	c.signal()
}

// begin records a request; end sets its status.
func (s *Sandbox) begin(svc Service, r *http.Request) (end func(status int)) {
	credential := r.TLS != nil && len(r.TLS.PeerCertificates) > 0
	for _, v := range s.vendors {
		credential = credential || slices.ContainsFunc(v.Headers, func(name string) bool { return r.Header.Get(name) != "" })
	}
	rec := &Request{
		Method: r.Method, Path: s.redactor.path(r.URL.Path), Query: s.redactor.query(r.URL.RawQuery), Protocol: r.Proto, At: time.Now(),
		Credential: credential,
	}
	c := &s.counters
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests[svc] = append(c.requests[svc], rec)
	if excess := len(c.requests[svc]) - maxRecorded; excess > 0 {
		c.requests[svc] = slices.Delete(c.requests[svc], 0, excess)
	}
	c.signal()
	return func(status int) {
		c.mu.Lock()
		defer c.mu.Unlock()
		rec.Status = status
		c.signal()
	}
}

// Requests returns the requests that a service got since the start or ResetCounters, in the order of their arrival. The
// last 100,000 are kept.
func (s *Sandbox) Requests(svc Service) []Request {
	s.counters.mu.Lock()
	defer s.counters.mu.Unlock()
	all := make([]Request, 0, len(s.counters.requests[svc]))
	for _, r := range s.counters.requests[svc] {
		all = append(all, *r)
	}
	return all
}

// Await waits until a condition on the recorded requests and connections holds. It looks at the condition at once and after
// each change of them, without a pause between. The error says that ctx ended or the simulator was closed before.
func (s *Sandbox) Await(ctx context.Context, holds func() bool) error {
	for {
		change := s.counters.change()
		if holds() {
			return nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.done:
			return errors.New("sandbox: closed before the condition held")
		}
	}
}

// Connections returns how many connections a service accepted since the start or ResetCounters.
func (s *Sandbox) Connections(svc Service) int {
	s.counters.mu.Lock()
	defer s.counters.mu.Unlock()
	return s.counters.connections[svc]
}

// Writes returns the recorded requests that wrote at a service, in the order of their arrival.
func (s *Sandbox) Writes(svc Service) (writes []Request) {
	listener := s.apis[svc].Listener
	for _, r := range s.Requests(svc) {
		if listener.Writes(&http.Request{Method: r.Method}) {
			writes = append(writes, r)
		}
	}
	return writes
}

// refuseWrite responds to a request that writes although Options.Writes is not set, and remembers it for Close.
func (s *Sandbox) refuseWrite(api core.Listener, w http.ResponseWriter, r *http.Request) {
	s.counters.mu.Lock()
	s.counters.refused = append(s.counters.refused, fmt.Sprintf("%s %s %s", api.Service, r.Method, s.redactor.path(r.URL.Path)))
	s.counters.mu.Unlock()
	core.Reply{Status: http.StatusMethodNotAllowed, Header: map[string]string{"Allow": "GET"}}.Write(w)
}

// refusedWrites is the error for writes that were refused.
func (c *counters) refusedWrites() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.refused) == 0 {
		return nil
	}
	return fmt.Errorf("sandbox: %d requests wrote, and none was allowed to: %s", len(c.refused), strings.Join(c.refused, ", "))
}

// MaxInWindow returns the largest number of recorded requests that arrived at a service within any span of the length of
// the window: what a rate limit over a rolling window sees.
func (s *Sandbox) MaxInWindow(svc Service, window time.Duration) int {
	all := s.Requests(svc)
	most, from := 0, 0
	for i := range all {
		for all[i].At.Sub(all[from].At) >= window {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

// ResetCounters forgets recorded requests and connections, and what counts towards rate limits.
func (s *Sandbox) ResetCounters() {
	s.counters.reset()
	for _, api := range s.apis {
		if api.Limiter != nil {
			api.Limiter.Reset()
		}
	}
}

// statusWriter remembers the status of a response.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// wrap puts recording and faults around the handler of a service.
func (s *Sandbox) wrap(api core.Listener) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.handling.RLock()
		defer s.handling.RUnlock()
		sw := &statusWriter{ResponseWriter: w}
		select {
		case <-s.done:
			breakOff(sw, true)
			return
		default:
		}
		end := s.begin(api.Service, r)
		begun := time.Now()
		defer func() {
			end(sw.status)
			// The query is left out: a client that sends a secret there by mistake finds it in no log.
			s.log.Info("request", "service", string(api.Service), "method", r.Method, "path", strings.ToValidUTF8(s.redactor.path(r.URL.Path), "?"),
				"status", sw.status, "ms", time.Since(begun).Milliseconds())
		}()
		if !s.writes && api.Writes(r) {
			s.refuseWrite(api, sw, r)
			return
		}
		s.withFaults(api, sw, r)
	})
}
