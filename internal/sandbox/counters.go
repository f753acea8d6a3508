// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
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
	// Status is the HTTP status answered; 0 if the connection was broken before one was.
	Status int `json:"status"`
	// At is when the request arrived.
	At time.Time `json:"at"`
	// Credential tells whether there was a credential, right or wrong, in a header that one of the APIs uses.
	Credential bool `json:"credential"`
}

// counters records what arrives.
type counters struct {
	mu          sync.Mutex
	requests    map[Service][]*Request
	connections map[Service]int
}

func (c *counters) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests, c.connections = map[Service][]*Request{}, map[Service]int{}
}

func (c *counters) connection(svc Service) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.connections[svc]++
}

// begin records a request; end sets its status.
func (c *counters) begin(svc Service, r *http.Request) (end func(status int)) {
	rec := &Request{
		Method: r.Method, Path: redactPath(r.URL.Path), Query: redactQuery(r.URL.RawQuery), Protocol: r.Proto, At: time.Now(),
		Credential: r.Header.Get("Authorization") != "" || r.Header.Get("X-DC-DEVKEY") != "",
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests[svc] = append(c.requests[svc], rec)
	if excess := len(c.requests[svc]) - maxRecorded; excess > 0 {
		c.requests[svc] = slices.Delete(c.requests[svc], 0, excess)
	}
	return func(status int) {
		c.mu.Lock()
		defer c.mu.Unlock()
		rec.Status = status
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

// Connections returns how many connections a service accepted since the start or ResetCounters.
func (s *Sandbox) Connections(svc Service) int {
	s.counters.mu.Lock()
	defer s.counters.mu.Unlock()
	return s.counters.connections[svc]
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
	s.authFails.reset()
	for _, l := range s.limits {
		l.reset()
	}
}

// limiter enforces rate limits over rolling windows.
type limiter struct {
	limits []Limit
	mu     sync.Mutex
	taken  []time.Time
}

func newLimiter(limits []Limit) *limiter { return &limiter{limits: slices.Clone(limits)} }

// take counts one request; false means that it exceeds a limit and does not count.
func (l *limiter) take(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	var longest time.Duration
	for _, limit := range l.limits {
		longest = max(longest, limit.Window)
		first, _ := slices.BinarySearchFunc(l.taken, now.Add(-limit.Window), time.Time.Compare)
		if len(l.taken)-first >= limit.Requests {
			return false
		}
	}
	first, _ := slices.BinarySearchFunc(l.taken, now.Add(-longest), time.Time.Compare)
	l.taken = append(l.taken[first:], now)
	return true
}

func (l *limiter) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken = nil
}

// statusWriter remembers the status of an answer.
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

// wrap puts recording, faults and rate limits around the handler of a service.
func (s *Sandbox) wrap(svc Service, next http.Handler) http.Handler {
	limited := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l := s.limits[svc]; l != nil {
			if !l.take(time.Now()) {
				vendorError(svc, http.StatusTooManyRequests).write(w)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
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
		end := s.counters.begin(svc, r)
		begun := time.Now()
		defer func() {
			end(sw.status)
			// The query is left out: a client that sends a secret there by mistake finds it in no log.
			s.log.Info("request", "service", string(svc), "method", r.Method, "path", strings.ToValidUTF8(redactPath(r.URL.Path), "?"),
				"status", sw.status, "ms", time.Since(begun).Milliseconds())
		}()
		s.withFaults(svc, limited, sw, r)
	})
}
