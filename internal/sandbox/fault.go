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

// The kinds of faults. Those that change "the answer" change the one that the service would have given.
const (
	// FaultRefuse refuses connections, from now on if the fault names neither Path nor Method nor After, else from the
	// first request it hits, which is reset. It lasts for Delay, or until ClearFaults if that is 0; Times does not count.
	FaultRefuse FaultKind = "refuse"
	// FaultResetBefore resets the connection before any byte of the answer, FaultResetInBody after half of the body.
	FaultResetBefore FaultKind = "reset_before"
	FaultResetInBody FaultKind = "reset_in_body"
	// FaultTruncated closes the connection in good order after half of the body.
	FaultTruncated FaultKind = "truncated"
	// FaultStallBody stops after half of the body and FaultSlowHeaders before the headers, for Delay and then goes on; until
	// the client gives up if that is 0.
	FaultStallBody   FaultKind = "stall_body"
	FaultSlowHeaders FaultKind = "slow_headers"
	// FaultWrongContentType gives the answer as ContentType (default text/plain).
	FaultWrongContentType FaultKind = "wrong_content_type"
	// FaultHTML answers with the HTML page of a firewall, with Status (default 200).
	FaultHTML FaultKind = "html"
	// FaultEmpty answers with an empty body and Status (default 200), FaultNoContent with 204.
	FaultEmpty     FaultKind = "empty"
	FaultNoContent FaultKind = "no_content"
	// FaultStatus answers with Status, Retry-After as RetryAfter says, and Body; without a Body the vendor's own error body.
	FaultStatus FaultKind = "status"
	// FaultRedirect redirects, with Status (default 302), to Location: "same" (the same path of this host, which then
	// answers), "loop" (this URL again and again), "other" (the service Elsewhere), "http" (this URL without TLS), or a URL.
	FaultRedirect FaultKind = "redirect"
	// FaultHuge streams a JSON object of Size bytes (default 1 GiB), FaultNested one nested Size (default 100,000) deep.
	FaultHuge   FaultKind = "huge"
	FaultNested FaultKind = "nested"
	// FaultDuplicateKeys gives every top-level member of the answer twice.
	FaultDuplicateKeys FaultKind = "duplicate_keys"
	// FaultInvalidUTF8 puts two bytes that are not UTF-8 into the first text of the answer.
	FaultInvalidUTF8 FaultKind = "invalid_utf8"
	// FaultBigNumber makes the ids of the answer a number beyond 64 bits.
	FaultBigNumber FaultKind = "big_number"
	// FaultOtherID makes the ids of the answer those of the object after it.
	FaultOtherID FaultKind = "other_id"
	// FaultBody answers with Body, ContentType (default JSON) and Status (default 200).
	FaultBody FaultKind = "body"
)

// faultKinds lists all kinds.
var faultKinds = []FaultKind{
	FaultRefuse, FaultResetBefore, FaultResetInBody, FaultTruncated, FaultStallBody, FaultSlowHeaders,
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
	case !slices.Contains(services, f.Service):
		return fmt.Errorf("unknown service %q", f.Service)
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

// Inject adds a fault. The error says what is wrong with it.
func (s *Sandbox) Inject(f Fault) error {
	if err := f.check(); err != nil {
		return fmt.Errorf("sandbox: fault: %w", err)
	}
	if f.Kind == FaultRefuse && f.Path == "" && f.Method == "" && f.After == 0 {
		s.refuse(f)
		return nil
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.all = append(s.faults.all, &activeFault{Fault: f, path: glob(f.Path)})
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
	for _, svc := range services {
		errs = append(errs, s.listeners[svc].accept())
	}
	return errors.Join(errs...)
}

// refuse begins to refuse connections.
func (s *Sandbox) refuse(f Fault) {
	l := s.listeners[f.Service]
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

// redirected marks a request that follows a redirect to "same".
const redirected = "sandbox-redirect"

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

// withFaults serves a request, with the fault that fires for it.
func (s *Sandbox) withFaults(svc Service, next http.Handler, w *statusWriter, r *http.Request) {
	q := r.URL.Query()
	followed := q.Has(redirected)
	f, ok := s.faults.match(svc, r, followed)
	if followed {
		q.Del(redirected)
		r.URL.RawQuery = q.Encode()
	}
	if !ok {
		next.ServeHTTP(w, r)
		return
	}
	s.log.Info("fault", "service", string(svc), "kind", string(f.Kind))

	status := func(otherwise int) int {
		if f.Status != 0 {
			return f.Status
		}
		return otherwise
	}
	switch f.Kind {
	case FaultRefuse:
		s.refuse(f)
		breakOff(w, true)
	case FaultResetBefore:
		breakOff(w, true)
	case FaultSlowHeaders:
		if !s.pause(r, f.Delay) {
			breakOff(w, true)
			return
		}
		next.ServeHTTP(w, r)
	case FaultResetInBody, FaultTruncated, FaultStallBody:
		rest := half(w, capture(next, r))
		if f.Kind != FaultStallBody {
			breakOff(w, f.Kind == FaultResetInBody)
			return
		}
		if !s.pause(r, f.Delay) {
			breakOff(w, true)
			return
		}
		_, _ = w.Write(rest) // The client may be gone.
	case FaultHTML:
		htmlReply(status(http.StatusOK)).write(w)
	case FaultEmpty:
		reply{status: status(http.StatusOK)}.write(w)
	case FaultNoContent:
		w.WriteHeader(http.StatusNoContent)
	case FaultStatus:
		rep := vendorError(svc, f.Status)
		if f.Body != "" {
			rep = reply{status: f.Status, body: []byte(f.Body), kind: f.ContentType}
		}
		if f.RetryAfter != "" {
			rep = withRetryAfter(rep, f.RetryAfter)
		}
		rep.write(w)
	case FaultRedirect:
		w.Header().Set("Location", s.location(f.Location, r))
		reply{status: status(http.StatusFound)}.write(w)
	case FaultHuge:
		huge(w, f.Size)
	case FaultNested:
		depth := 100_000
		if f.Size != 0 {
			depth = int(f.Size)
		}
		body := `{"nested":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + "}"
		reply{status: http.StatusOK, body: []byte(body)}.write(w)
	case FaultBody:
		reply{status: status(http.StatusOK), body: []byte(f.Body), kind: f.ContentType}.write(w)
	default:
		rep := capture(next, r)
		switch f.Kind {
		case FaultWrongContentType:
			if rep.kind = f.ContentType; rep.kind == "" {
				rep.kind = "text/plain; charset=utf-8"
			}
		case FaultDuplicateKeys:
			rep.body = duplicateKeys(rep.body)
		case FaultInvalidUTF8:
			rep.body = invalidUTF8(rep.body)
		case FaultBigNumber:
			rep.body = changeIDs(rep.body, func(json.Number) json.Number { return "99999999999999999999" })
		case FaultOtherID:
			rep.body = changeIDs(rep.body, func(n json.Number) json.Number {
				id, err := n.Int64()
				if err != nil {
					return n
				}
				return json.Number(fmt.Sprint(id + 1))
			})
		}
		rep.write(w)
	}
}

// pause waits for a time, or for ever if it is 0; false means that the client is gone or the simulator closes.
func (s *Sandbox) pause(r *http.Request, delay time.Duration) bool {
	var over <-chan time.Time
	if delay > 0 {
		t := time.NewTimer(delay)
		defer t.Stop()
		over = t.C
	}
	select {
	case <-over:
		return true
	case <-r.Context().Done():
	case <-s.done:
	}
	return false
}

// location makes the target of a redirect.
func (s *Sandbox) location(where string, r *http.Request) string {
	switch where {
	case "same":
		q := r.URL.Query()
		q.Set(redirected, "1")
		return r.URL.EscapedPath() + "?" + q.Encode()
	case "loop":
		return r.URL.RequestURI()
	case "other":
		return s.URL(Elsewhere) + r.URL.RequestURI()
	case "http":
		return "http://" + r.Host + r.URL.RequestURI()
	}
	return where
}

// recorder is a ResponseWriter that keeps the answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// capture runs a handler and returns its answer.
func capture(next http.Handler, r *http.Request) reply {
	rec := &recorder{header: http.Header{}}
	next.ServeHTTP(rec, r)
	rep := reply{status: rec.status, header: map[string]string{}, kind: rec.header.Get("Content-Type")}
	for k := range rec.header {
		if k != "Content-Type" && k != "Content-Length" {
			rep.header[k] = rec.header.Get(k)
		}
	}
	if rec.body.Len() > 0 {
		rep.body = rec.body.Bytes()
	}
	return rep
}

// half writes the headers, with the full Content-Length, and half of the body, and returns the other half.
func half(w *statusWriter, rep reply) (rest []byte) {
	full := rep.body
	n := len(full) / 2
	w.Header().Set("Content-Length", fmt.Sprint(len(full)))
	w.Header().Set("Content-Type", rep.kind)
	w.WriteHeader(rep.status)
	_, _ = w.Write(full[:n])                  // The client may be gone;
	_ = http.NewResponseController(w).Flush() // then breaking off is all the same.
	return full[n:]
}

// breakOff breaks the connection, by a TCP reset if hard is set, or the stream where several share a connection.
func breakOff(w *statusWriter, hard bool) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// HTTP/2: this is net/http's way to reset one stream.
		panic(http.ErrAbortHandler)
	}
	if hard {
		reset(c)
		return
	}
	_ = c.Close()
}

// huge streams a JSON object of a size in bytes.
func huge(w *statusWriter, size int64) {
	if size == 0 {
		size = 1 << 30
	}
	const head, tail = `{"padding":"`, `"}`
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if _, err := io.WriteString(w, head); err != nil {
		return
	}
	chunk := bytes.Repeat([]byte("x"), 64<<10)
	for left := size - int64(len(head)+len(tail)); left > 0; left -= int64(len(chunk)) {
		if _, err := w.Write(chunk[:min(left, int64(len(chunk)))]); err != nil {
			return
		}
	}
	_, _ = io.WriteString(w, tail) // The client may be gone.
}

// duplicateKeys repeats the members of a JSON object.
func duplicateKeys(body []byte) []byte {
	inner, ok := bytes.CutPrefix(bytes.TrimSpace(body), []byte("{"))
	if !ok {
		return body
	}
	inner = bytes.TrimSuffix(inner, []byte("}"))
	return slices.Concat([]byte("{"), inner, []byte(","), inner, []byte("}"))
}

// firstText is where the first text value of a JSON document begins.
var firstText = regexp.MustCompile(`:\s*"`)

// invalidUTF8 puts bytes that are not UTF-8 into the first text.
func invalidUTF8(body []byte) []byte {
	at := firstText.FindIndex(body)
	if at == nil {
		return body
	}
	return slices.Concat(body[:at[1]], []byte{0xff, 0xfe}, body[at[1]:])
}

// changeIDs changes the top-level members that hold the id of the object, be they numbers or strings. An object without
// any, as a Realtime Register info, gets a certificateId.
func changeIDs(body []byte, change func(json.Number) json.Number) []byte {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	v := object{}
	if err := d.Decode(&v); err != nil {
		return body
	}
	found := false
	for _, k := range []string{"id", "order_id", "certificateId"} {
		switch id := v[k].(type) {
		case json.Number:
			v[k], found = change(id), true
		case string:
			v[k], found = change(json.Number(id)).String(), true
		}
	}
	if !found {
		v["certificateId"] = change("1")
	}
	b, err := json.Marshal(v)
	if err != nil {
		return body
	}
	return b
}
