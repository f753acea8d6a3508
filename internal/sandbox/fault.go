// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// FaultKind says what goes wrong.
type FaultKind string

// The kinds of faults. Those that change "the response" change the one that the service would have given.
const (
	// FaultRefuse refuses connections, from now on if the fault names neither Path nor Method nor After, else from the
	// first request it hits, which is reset. It lasts for Delay, or until ClearFaults if that is 0; Times does not count.
	FaultRefuse FaultKind = "refuse"
	// FaultResetBefore resets the connection before any byte of the response, FaultResetInBody after half of the body.
	FaultResetBefore FaultKind = "reset_before"
	// FaultResetAfter has the service carry out the request, and resets the connection before any byte of the response.
	FaultResetAfter  FaultKind = "reset_after"
	FaultResetInBody FaultKind = "reset_in_body"
	// FaultTruncated closes the connection in good order after half of the body.
	FaultTruncated FaultKind = "truncated"
	// FaultStallBody stops after half of the body and FaultSlowHeaders before the headers, for Delay and then goes on; until
	// the client gives up if that is 0.
	FaultStallBody   FaultKind = "stall_body"
	FaultSlowHeaders FaultKind = "slow_headers"
	// FaultWrongContentType gives the response as ContentType (default text/plain).
	FaultWrongContentType FaultKind = "wrong_content_type"
	// FaultHTML returns the HTML page of a firewall, with Status (default 200).
	FaultHTML FaultKind = "html"
	// FaultEmpty returns an empty body and Status (default 200), FaultNoContent with 204.
	FaultEmpty     FaultKind = "empty"
	FaultNoContent FaultKind = "no_content"
	// FaultStatus returns Status, Retry-After as RetryAfter says, and Body; without a Body the vendor's own error body.
	FaultStatus FaultKind = "status"
	// FaultRedirect redirects, with Status (default 302), to Location: "same" (the same path of this host, which then
	// responds), "loop" (this URL again and again), "other" (the service Elsewhere), "http" (this URL without TLS), or a URL.
	FaultRedirect FaultKind = "redirect"
	// FaultHuge streams a JSON object of Size bytes (default 1 GiB), FaultNested one nested Size (default 100,000) deep.
	FaultHuge   FaultKind = "huge"
	FaultNested FaultKind = "nested"
	// FaultDuplicateKeys gives every top-level member of the response twice.
	FaultDuplicateKeys FaultKind = "duplicate_keys"
	// FaultInvalidUTF8 puts two bytes that are not UTF-8 into the first text of the response.
	FaultInvalidUTF8 FaultKind = "invalid_utf8"
	// FaultBigNumber makes the ids of the response a number beyond 64 bits.
	FaultBigNumber FaultKind = "big_number"
	// FaultOtherID makes the ids of the response those of the object after it.
	FaultOtherID FaultKind = "other_id"
	// FaultBody returns Body, ContentType (default JSON) and Status (default 200).
	FaultBody FaultKind = "body"
)

// faultKinds lists all kinds.
var faultKinds = []FaultKind{
	FaultRefuse, FaultResetBefore, FaultResetAfter, FaultResetInBody, FaultTruncated, FaultStallBody, FaultSlowHeaders,
	FaultWrongContentType, FaultHTML, FaultEmpty, FaultNoContent, FaultStatus, FaultRedirect, FaultHuge, FaultNested,
	FaultDuplicateKeys, FaultInvalidUTF8, FaultBigNumber, FaultOtherID, FaultBody,
}

// Fault is one thing that goes wrong. Requests are matched against the faults in the order of their injection; the first
// that fires decides. A fault counts the requests that it matches and that no earlier fault took.
type Fault struct {
	// Service is the listener.
	Service Service `json:"service"`
	// Path is a glob for the path without the query, where * stands for any text but a slash and ** for any text; empty
	// means every path. Method is the HTTP method; empty means every one.
	Path   string `json:"path,omitempty"`
	Method string `json:"method,omitempty"`
	// After is how many matching requests pass before the fault fires, Times how often it then does; 0 means always.
	After int `json:"after,omitempty"`
	Times int `json:"times,omitempty"`
	// Kind says what goes wrong and which of the fields below it uses.
	Kind        FaultKind     `json:"kind"`
	Status      int           `json:"status,omitempty"`
	RetryAfter  string        `json:"retry_after,omitempty"`
	Body        string        `json:"body,omitempty"`
	ContentType string        `json:"content_type,omitempty"`
	Location    string        `json:"location,omitempty"`
	Delay       time.Duration `json:"-"` // in JSON a Go duration: "delay": "1.5s"
	Size        int64         `json:"size,omitempty"`
}

// plainFault is a Fault without its JSON methods.
type plainFault Fault

// jsonFault is the JSON form of a Fault.
type jsonFault struct {
	plainFault
	Delay string `json:"delay,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (f Fault) MarshalJSON() ([]byte, error) {
	j := jsonFault{plainFault: plainFault(f)}
	if f.Delay != 0 {
		j.Delay = f.Delay.String()
	}
	return json.Marshal(j)
}

// UnmarshalJSON implements json.Unmarshaler. Unknown members are errors.
func (f *Fault) UnmarshalJSON(b []byte) error {
	var j jsonFault
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&j); err != nil {
		return err
	}
	*f = Fault(j.plainFault)
	if j.Delay == "" {
		return nil
	}
	delay, err := time.ParseDuration(j.Delay)
	f.Delay = delay
	return err
}

// ParseFaults reads a fault plan: a JSON object with the member "faults", a list. The error names the fault to blame.
func ParseFaults(r io.Reader) ([]Fault, error) {
	var plan struct {
		Faults []Fault `json:"faults"`
	}
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&plan); err != nil {
		return nil, fmt.Errorf("sandbox: fault plan: %w", err)
	}
	for i, f := range plan.Faults {
		if err := f.check(); err != nil {
			return nil, fmt.Errorf("sandbox: fault plan: fault %d: %w", i+1, err)
		}
	}
	return plan.Faults, nil
}

// check tells what is wrong with a fault.
func (f Fault) check() error {
	switch {
	case f.Service == "":
		return errors.New("a fault needs a service")
	case !slices.Contains(faultKinds, f.Kind):
		return fmt.Errorf("unknown kind %q", f.Kind)
	case f.After < 0 || f.Times < 0 || f.Delay < 0 || f.Size < 0:
		return errors.New("after, times, delay and size are not negative")
	case f.Kind == FaultStatus && f.Status == 0:
		return errors.New("the kind status needs a status")
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("the status %d is not from 200 to 599", f.Status)
	case f.Kind == FaultRedirect && f.Location == "":
		return errors.New("the kind redirect needs a location")
	}
	return nil
}

// faultPlan holds the faults to inject.
type faultPlan struct {
	mu     sync.Mutex
	all    []*activeFault
	timers []*time.Timer
}

// activeFault is an injected fault with its count.
type activeFault struct {
	Fault
	path *regexp.Regexp
	seen int
}

// Inject adds faults, all or none. The error says what is wrong with one.
func (s *Sandbox) Inject(faults ...Fault) error {
	for _, f := range faults {
		err := f.check()
		if _, known := s.apis[f.Service]; err == nil && !known {
			err = fmt.Errorf("unknown service %q", f.Service)
		}
		if err != nil {
			return fmt.Errorf("sandbox: fault: %w", err)
		}
	}
	for _, f := range faults {
		if f.Kind == FaultRefuse && f.Path == "" && f.Method == "" && f.After == 0 {
			s.refuse(f)
			continue
		}
		s.faults.mu.Lock()
		s.faults.all = append(s.faults.all, &activeFault{Fault: f, path: glob(f.Path)})
		s.faults.mu.Unlock()
	}
	return nil
}

// Faults returns the faults in force, in their order.
func (s *Sandbox) Faults() []Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	all := make([]Fault, 0, len(s.faults.all))
	for _, f := range s.faults.all {
		all = append(all, f.Fault)
	}
	return all
}

// ClearFaults removes all faults; refused connections are accepted again.
func (s *Sandbox) ClearFaults() error {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.all = nil
	for _, t := range s.faults.timers {
		t.Stop()
	}
	s.faults.timers = nil
	var errs []error
	for _, api := range s.apis {
		errs = append(errs, api.listener.accept())
	}
	return errors.Join(errs...)
}

// refuse begins to refuse connections.
func (s *Sandbox) refuse(f Fault) {
	l := s.apis[f.Service].listener
	l.refuse()
	if f.Delay == 0 {
		return
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.timers = append(s.faults.timers, time.AfterFunc(f.Delay, func() {
		if err := l.accept(); err != nil {
			s.log.Error("cannot accept connections again", "service", string(f.Service), "error", err)
		}
	}))
}

// glob compiles the pattern of a path.
func glob(pattern string) *regexp.Regexp {
	if pattern == "" {
		pattern = "**"
	}
	const whole, segment = "\x00", "\x01"
	pattern = strings.ReplaceAll(strings.ReplaceAll(pattern, "**", whole), "*", segment)
	pattern = regexp.QuoteMeta(pattern)
	pattern = strings.ReplaceAll(strings.ReplaceAll(pattern, whole, ".*"), segment, "[^/]*")
	return regexp.MustCompile("(?s)^" + pattern + "$") // All that could be wrong is quoted.
}

// match returns the fault that fires for a request, if any.
func (p *faultPlan) match(svc Service, r *http.Request, followed bool) (Fault, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.all {
		if f.Service != svc || f.Method != "" && f.Method != r.Method || !f.path.MatchString(r.URL.Path) {
			continue
		}
		if followed && f.Kind == FaultRedirect && f.Location == "same" {
			continue
		}
		f.seen++
		if f.seen > f.After && (f.Times == 0 || f.seen <= f.After+f.Times) {
			return f.Fault, true
		}
	}
	return Fault{}, false
}
