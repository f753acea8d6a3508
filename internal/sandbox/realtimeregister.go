// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// rtrTime is the form of Realtime Register's timestamps.
const rtrTime = "2006-01-02T15:04:05Z07:00"

// rtrError is an error body of the Realtime Register API. The pairs in extra are further members.
func rtrError(status int, kind, message string, extra ...any) reply {
	body := object{"type": kind, "message": message}
	for i := 0; i+1 < len(extra); i += 2 {
		body[fmt.Sprint(extra[i])] = extra[i+1]
	}
	return jsonReply(status, body)
}

func rtrNotFound(objectType string, id ID) reply {
	return rtrError(http.StatusBadRequest, "ObjectDoesNotExist", objectType+" does not exist",
		"objectType", objectType, "identifier", string(id))
}

// realtimeRegisterHandler serves the Realtime Register API.
func (s *Sandbox) realtimeRegisterHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2/processes", s.rtrProcesses)
	mux.HandleFunc("GET /v2/processes/{id}", func(w http.ResponseWriter, r *http.Request) { s.rtrProcess(w, r, false) })
	mux.HandleFunc("GET /v2/processes/{id}/info", func(w http.ResponseWriter, r *http.Request) { s.rtrProcess(w, r, true) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { noRoute(r).write(w) })

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Authorization") {
		case "ApiKey " + APIKey:
			mux.ServeHTTP(w, r)
		case "ApiKey " + APIKeyWithoutPermission:
			reply{status: http.StatusForbidden}.write(w)
		default:
			if !s.authFails.take(time.Now()) {
				reply{status: http.StatusTooManyRequests}.write(w)
				return
			}
			rtrError(http.StatusUnauthorized, "AuthenticationError", "Authentication failed").write(w)
		}
	})
}

// noRoute answers a path that does not exist, or a method other than GET, without a body.
func noRoute(r *http.Request) reply {
	if r.Method != http.MethodGet {
		return reply{status: http.StatusMethodNotAllowed, header: map[string]string{"Allow": "GET"}}
	}
	return reply{status: http.StatusNotFound}
}

// rtrProcess answers a process or its info.
func (s *Sandbox) rtrProcess(w http.ResponseWriter, r *http.Request, info bool) {
	id, err := core.ParseNumber(r.PathValue("id"))
	if err != nil {
		rtrError(http.StatusBadRequest, "ConstraintViolationException", "Constraint violation",
			"violations", []object{{"field": "processId", "message": "must be a number"}}).write(w)
		return
	}
	if special, ok := rtrSpecial(id, info); ok {
		special.write(w)
		return
	}
	o := s.reading(r, RealtimeRegister, id)
	if o == nil {
		rtrNotFound("process", id).write(w)
		return
	}
	s.processReply(o, info).write(w)
}

// processReply makes the answer for a process or its info.
func (s *Sandbox) processReply(o *order, info bool) reply {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	switch {
	case !info:
		return jsonReply(http.StatusOK, o.rtrProcess())
	case o.sample:
		return reply{status: http.StatusOK, body: sample("process-2323533016-info.json")}
	default:
		return jsonReply(http.StatusOK, o.rtrInfo())
	}
}

// reading finds an order that the API is asked for, counts the read and looks at DNS; nil if there is none.
func (s *Sandbox) reading(r *http.Request, svc Service, id ID) *order {
	s.store.mu.Lock()
	o := s.store.orders[orderKey{svc, id}]
	if o != nil {
		o.read()
	}
	s.store.mu.Unlock()
	if o != nil {
		s.refresh(r.Context(), o)
	}
	return o
}

// rtrProcess is the view of a process.
func (o *order) rtrProcess() object {
	p := object{}
	for _, name := range rtrFields {
		if v := o.rtrField(name); v != nil {
			p[name] = v
		}
	}
	return p
}

// rtrFields are the fields of a process.
var rtrFields = []string{
	"id", "user", "customer", "type", "action", "identifier", "status", "statusDetail", "resumeTypes", "createdDate", "startedDate", "updatedDate",
}

// rtrField is one field of a process, nil where it has none. Lists are filtered and sorted by single fields.
func (o *order) rtrField(name string) any {
	switch name {
	case "id":
		return o.key.id
	case "user":
		return "sandbox/admin"
	case "customer":
		return "sandbox"
	case "type":
		return "certificate"
	case "action":
		return "request"
	case "identifier":
		return strings.TrimPrefix(o.commonName, "*.")
	case "createdDate", "startedDate":
		return o.created.Format(rtrTime)
	case "updatedDate":
		return o.modified.Format(rtrTime)
	case "status":
		switch o.stage {
		case StageUnplaced:
			return "RUNNING"
		case StageIssued:
			return "COMPLETED"
		case StageCanceled:
			return "CANCELLED"
		}
		return "SUSPENDED"
	case "statusDetail":
		if o.stage == StageTokenAssigned || o.stage == StageFailed {
			return "SSL_REQUIRES_ATTENTION"
		}
	case "resumeTypes":
		switch o.stage {
		case StageUnplaced:
			return []string{"INTERNAL"}
		case StageTokenAssigned:
			return []string{"PROVIDER", "RESEND", "CANCEL"}
		case StageValidated:
			return []string{"PROVIDER"}
		case StageFailed:
			return []string{"CANCEL"}
		}
	}
	return nil
}

// rtrInfo is the view of a process' info. The record stays when its domain is validated.
func (o *order) rtrInfo() object {
	info := object{"commonName": o.commonName, "requiresAttention": false}
	if o.stage == StageUnplaced {
		info["validations"] = nil
		return info
	}
	var dcv []object
	now := time.Now()
	for _, c := range o.checks {
		e := object{
			"commonName": c.Domain, "type": c.Method, "status": "WAITING",
			"caaRecordStatus": "EMPTY", "riskStatus": "PASSED",
		}
		switch {
		case c.Status == StatusValidated:
			e["status"] = "VALIDATED"
		case c.Status == StatusFailed, !c.TokenExpires.IsZero() && c.TokenExpires.Before(now):
			e["status"] = "ATTENTION"
		}
		dot := ""
		if o.process.TrailingDots {
			dot = "."
		}
		switch c.Method {
		case "DNS":
			e["dnsRecord"] = c.Name + dot
			if !o.process.OmitDNSType {
				e["dnsType"] = c.Type
			}
			e["dnsContents"] = c.Value
			if c.Type == "CNAME" {
				e["dnsContents"] = c.Value + dot
			}
		case "EMAIL":
			e["email"] = "hostmaster@" + canonical(c.Domain)
		case "FILE":
			e["fileLocation"] = canonical(c.Domain) + "/.well-known/pki-validation/" + strings.ToUpper(c.token) + ".txt"
			e["fileContents"] = c.token + "\nsectigo.com"
		}
		dcv = append(dcv, e)
	}
	info["requiresAttention"] = o.stage == StageTokenAssigned || o.stage == StageFailed
	info["validations"] = object{"agreement": "VALIDATED", "dcv": dcv}
	if o.stage == StageIssued {
		info["certificateId"] = o.key.id.Number() + 5_000_000_000
	}
	return info
}

// rtrFilters are the fields by which processes can be filtered.
var rtrFilters = []string{"id", "user", "customer", "status", "statusDetail", "type", "identifier", "action"}

// rtrProcesses answers the list of processes. detailStatus is the documented spelling of the filter on statusDetail.
func (s *Sandbox) rtrProcesses(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	limit, err1 := number(q, "limit", 10)
	offset, err2 := number(q, "offset", 0)
	if err1 != nil || err2 != nil || limit < 0 || offset < 0 {
		rtrError(http.StatusBadRequest, "ConstraintViolationException", "Constraint violation",
			"violations", []object{{"field": "limit", "message": "limit and offset must be numbers from 0"}}).write(w)
		return
	}
	filters := map[string]string{}
	for name := range q {
		switch {
		case name == "detailStatus":
			filters["statusDetail"] = q.Get(name)
		case slices.Contains(rtrFilters, name):
			filters[name] = q.Get(name)
		case !slices.Contains([]string{"limit", "offset", "order", "q", "fields"}, name):
			rtrError(http.StatusBadRequest, "UnrecognizedPropertyException", "Unrecognized property", "property", name).write(w)
			return
		}
	}
	s.rtrList(q, filters, limit, offset).write(w)
}

// rtrList makes one page of the list of processes.
func (s *Sandbox) rtrList(q url.Values, filters map[string]string, limit, offset int) reply {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	var found []*order
	for _, o := range s.store.list(RealtimeRegister) {
		hit := strings.Contains(o.commonName, q.Get("q"))
		for name, want := range filters {
			v := o.rtrField(name)
			hit = hit && v != nil && fmt.Sprint(v) == want
		}
		if hit {
			found = append(found, o)
		}
	}
	if field, descending := strings.CutPrefix(q.Get("order"), "-"); field != "" {
		keys := make(map[*order]string, len(found))
		for _, o := range found {
			keys[o] = sortKey(o.rtrField(field))
		}
		slices.SortStableFunc(found, func(a, b *order) int {
			n := strings.Compare(keys[a], keys[b])
			if descending {
				return -n
			}
			return n
		})
	}
	entities := []object{}
	for _, o := range slice(found, offset, limit) {
		p := o.rtrProcess()
		if fields := q.Get("fields"); fields != "" {
			short := object{}
			for _, f := range strings.Split(fields, ",") {
				if v, ok := p[f]; ok {
					short[f] = v
				}
			}
			p = short
		}
		entities = append(entities, p)
	}
	return jsonReply(http.StatusOK, object{
		"entities":   entities,
		"pagination": object{"limit": limit, "offset": offset, "total": len(found)},
	})
}

// sortKey returns text that sorts as the value does; numbers are padded.
func sortKey(v any) string {
	if id, ok := v.(ID); ok {
		return fmt.Sprintf("%20s", id)
	}
	return fmt.Sprint(v)
}

// number reads a query parameter that is a number.
func number(q url.Values, name string, otherwise int) (int, error) {
	if q.Get(name) == "" {
		return otherwise, nil
	}
	return strconv.Atoi(q.Get(name))
}
