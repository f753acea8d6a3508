// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// redirected marks a request that follows a redirect to "same".
const redirected = "sandbox-redirect"

// withFaults serves a request, with the fault that fires for it.
func (s *Sandbox) withFaults(api core.Listener, w *statusWriter, r *http.Request) {
	next := api.Handler
	q := r.URL.Query()
	followed := q.Has(redirected)
	f, ok := s.faults.match(api.Service, r, followed)
	if followed {
		q.Del(redirected)
		r.URL.RawQuery = q.Encode()
	}
	if !ok {
		next.ServeHTTP(w, r)
		return
	}
	s.log.Info("fault", "service", string(api.Service), "kind", string(f.Kind))

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
	case FaultResetAfter:
		capture(next, r)
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
		core.HTML(status(http.StatusOK)).Write(w)
	case FaultEmpty:
		core.Reply{Status: status(http.StatusOK)}.Write(w)
	case FaultNoContent:
		w.WriteHeader(http.StatusNoContent)
	case FaultStatus:
		rep := api.Error(f.Status)
		if f.Body != "" {
			rep = core.Reply{Status: f.Status, Body: []byte(f.Body), Kind: f.ContentType}
		}
		if f.RetryAfter != "" {
			rep = rep.With("Retry-After", f.RetryAfter)
		}
		rep.Write(w)
	case FaultRedirect:
		w.Header().Set("Location", s.location(f.Location, r))
		core.Reply{Status: status(http.StatusFound)}.Write(w)
	case FaultHuge:
		huge(w, f.Size)
	case FaultNested:
		depth := 100_000
		if f.Size != 0 {
			depth = int(f.Size)
		}
		body := `{"nested":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + "}"
		core.Reply{Status: http.StatusOK, Body: []byte(body)}.Write(w)
	case FaultBody:
		core.Reply{Status: status(http.StatusOK), Body: []byte(f.Body), Kind: f.ContentType}.Write(w)
	default:
		rep := capture(next, r)
		switch f.Kind {
		case FaultWrongContentType:
			if rep.Kind = f.ContentType; rep.Kind == "" {
				rep.Kind = "text/plain; charset=utf-8"
			}
		case FaultDuplicateKeys:
			rep.Body = duplicateKeys(rep.Body)
		case FaultInvalidUTF8:
			rep.Body = invalidUTF8(rep.Body)
		case FaultBigNumber:
			rep.Body = changeIDs(rep.Body, api.IDs, func(json.Number) json.Number { return "99999999999999999999" })
		case FaultOtherID:
			rep.Body = changeIDs(rep.Body, api.IDs, func(n json.Number) json.Number {
				id, err := n.Int64()
				if err != nil {
					return n + "1"
				}
				return json.Number(fmt.Sprint(id + 1))
			})
		}
		rep.Write(w)
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

// recorder is a ResponseWriter that keeps the response.
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

// capture runs a handler and returns its response.
func capture(next http.Handler, r *http.Request) core.Reply {
	rec := &recorder{header: http.Header{}}
	next.ServeHTTP(rec, r)
	rep := core.Reply{Status: rec.status, Header: map[string]string{}, Kind: rec.header.Get("Content-Type")}
	for k := range rec.header {
		if k != "Content-Type" && k != "Content-Length" {
			rep.Header[k] = rec.header.Get(k)
		}
	}
	if rec.body.Len() > 0 {
		rep.Body = rec.body.Bytes()
	}
	return rep
}

// half writes the headers, with the full Content-Length, and half of the body, and returns the other half.
func half(w *statusWriter, rep core.Reply) (rest []byte) {
	full := rep.Body
	n := len(full) / 2
	w.Header().Set("Content-Length", fmt.Sprint(len(full)))
	w.Header().Set("Content-Type", rep.Kind)
	w.WriteHeader(rep.Status)
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
func changeIDs(body []byte, members []string, change func(json.Number) json.Number) []byte {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	v := core.Object{}
	if err := d.Decode(&v); err != nil {
		return body
	}
	found := false
	for _, k := range members {
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
