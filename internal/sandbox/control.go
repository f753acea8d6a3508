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
	"strconv"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// controlHelp is what the root of the control API answers.
const controlHelp = `certops sandbox, control API. Bodies are JSON. {service} is realtime_register, cps, digicert, token or elsewhere.

GET    /v1/endpoints                        URLs and addresses
GET    /v1/objects/{service}                orders with their stage, domains and records
POST   /v1/objects/{service}                add a process, certificate or order
GET    /v1/objects/{service}/{id}           one order
DELETE /v1/objects/{service}/{id}           remove it
POST   /v1/objects/{service}/{id}/{action}  place, rotate, issue, cancel, renew (?new=true), publish; validate, fail, expire (?domain=)
POST   /v1/requests                         add a DigiCert request
POST   /v1/populate                         {"count": n}: add n objects to each list
POST   /v1/revoke-tokens                    make all CPS access tokens invalid
GET    /v1/faults                           the faults in force
POST   /v1/faults                           {"faults": [...]}: add faults
DELETE /v1/faults                           remove all faults
GET    /v1/counters?window=5s               requests, connections and the most requests in a window, by service
DELETE /v1/counters                         forget them
GET    /v1/counters/{service}               the recorded requests
GET    /v1/dns                              all records of the embedded zones
PUT    /v1/dns/{name}/{type}                {"rdata": [...]}: replace an RRset
DELETE /v1/dns/{name}/{type}                remove an RRset
GET    /v1/dns/journal                      what dynamic updates created, updated and deleted, in order
DELETE /v1/dns/journal                      forget it
`

// badInput marks an error that the caller of the control API made.
type badInput struct{ error }

// controlHandler serves the control API.
func (s *Sandbox) controlHandler() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, h func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			v, err := h(r)
			var bad badInput
			switch {
			case errors.Is(err, ErrNotFound):
				jsonReply(http.StatusNotFound, object{"error": err.Error()}).write(w)
			case errors.As(err, &bad):
				jsonReply(http.StatusBadRequest, object{"error": err.Error()}).write(w)
			case err != nil:
				jsonReply(http.StatusConflict, object{"error": err.Error()}).write(w)
			case v == nil:
				w.WriteHeader(http.StatusNoContent)
			default:
				jsonReply(http.StatusOK, v).write(w)
			}
		})
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		reply{status: http.StatusOK, kind: "text/plain; charset=utf-8", body: []byte(controlHelp)}.write(w)
	})
	handle("GET /v1/endpoints", func(*http.Request) (any, error) {
		return object{
			"realtime_register": s.URL(RealtimeRegister), "cps": s.URL(CPS), "token": s.URL(Token), "digicert": s.URL(DigiCert),
			"control": s.ControlURL, "dns": s.DNSAddr,
		}, nil
	})
	handle("GET /v1/objects/{service}", func(r *http.Request) (any, error) {
		svc, err := vendor(r)
		if err != nil {
			return nil, err
		}
		s.store.mu.Lock()
		defer s.store.mu.Unlock()
		states := []State{}
		for _, o := range s.store.list(svc) {
			states = append(states, o.state())
		}
		return states, nil
	})
	handle("POST /v1/objects/{service}", s.controlAdd)
	handle("GET /v1/objects/{service}/{id}", func(r *http.Request) (any, error) {
		svc, id, err := orderOf(r)
		if err != nil {
			return nil, err
		}
		return s.State(svc, id)
	})
	handle("DELETE /v1/objects/{service}/{id}", func(r *http.Request) (any, error) {
		svc, id, err := orderOf(r)
		if err != nil {
			return nil, err
		}
		return nil, s.Remove(svc, id)
	})
	handle("POST /v1/objects/{service}/{id}/{action}", s.controlAct)
	handle("POST /v1/requests", func(r *http.Request) (any, error) {
		var q CertificateRequest
		if err := decode(r, &q); err != nil {
			return nil, err
		}
		id, err := s.AddRequest(q)
		if err != nil {
			return nil, badInput{err}
		}
		return object{"id": id}, nil
	})
	handle("POST /v1/populate", func(r *http.Request) (any, error) {
		var body struct {
			Count int `json:"count"`
		}
		if err := decode(r, &body); err != nil {
			return nil, err
		}
		if body.Count > 100_000 {
			return nil, badInput{errors.New("at most 100000 objects at a time")}
		}
		return nil, s.Populate(body.Count)
	})
	handle("POST /v1/revoke-tokens", func(*http.Request) (any, error) {
		s.RevokeTokens()
		return nil, nil
	})
	handle("GET /v1/faults", func(*http.Request) (any, error) { return object{"faults": s.Faults()}, nil })
	handle("POST /v1/faults", func(r *http.Request) (any, error) {
		faults, err := ParseFaults(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			return nil, badInput{err}
		}
		for _, f := range faults {
			if err := s.Inject(f); err != nil {
				return nil, err
			}
		}
		return object{"faults": s.Faults()}, nil
	})
	handle("DELETE /v1/faults", func(*http.Request) (any, error) { return nil, s.ClearFaults() })
	handle("GET /v1/counters", s.controlCounters)
	handle("DELETE /v1/counters", func(*http.Request) (any, error) {
		s.ResetCounters()
		return nil, nil
	})
	handle("GET /v1/counters/{service}", func(r *http.Request) (any, error) {
		return s.Requests(Service(r.PathValue("service"))), nil
	})
	handle("GET /v1/dns", func(*http.Request) (any, error) { return object{"records": s.Records()}, nil })
	handle("GET /v1/dns/journal", func(*http.Request) (any, error) { return object{"changes": s.DNSJournal()}, nil })
	handle("DELETE /v1/dns/journal", func(*http.Request) (any, error) {
		s.ClearDNSJournal()
		return nil, nil
	})
	handle("PUT /v1/dns/{name}/{type}", func(r *http.Request) (any, error) {
		var body struct {
			RData []string `json:"rdata"`
		}
		if err := decode(r, &body); err != nil {
			return nil, err
		}
		if err := s.SetRecords(r.PathValue("name"), r.PathValue("type"), body.RData...); err != nil {
			return nil, badInput{err}
		}
		return nil, nil
	})
	handle("DELETE /v1/dns/{name}/{type}", func(r *http.Request) (any, error) {
		if err := s.DeleteRecords(r.PathValue("name"), r.PathValue("type")); err != nil {
			return nil, badInput{err}
		}
		return nil, nil
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A page in a browser could otherwise send a form here without asking.
		if r.Header.Get("Origin") != "" {
			jsonReply(http.StatusForbidden, object{"error": "the control API does not answer browsers"}).write(w)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// decode reads a JSON body. Unknown members are errors.
func decode(r *http.Request, into any) error {
	b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return badInput{err}
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return badInput{fmt.Errorf("the body is not the JSON expected: %w", err)}
	}
	return nil
}

// vendor returns the service of a path that has orders.
func vendor(r *http.Request) (Service, error) {
	switch svc := Service(r.PathValue("service")); svc {
	case RealtimeRegister, CPS, DigiCert:
		return svc, nil
	default:
		return "", badInput{errors.New("the service is realtime_register, cps or digicert")}
	}
}

// orderOf returns the service and the id of a path.
func orderOf(r *http.Request) (Service, ID, error) {
	svc, err := vendor(r)
	if err != nil {
		return "", "", err
	}
	id, err := core.ParseNumber(r.PathValue("id"))
	if err != nil {
		return "", "", badInput{err}
	}
	return svc, id, nil
}

// controlAdd adds an order of the service's kind and returns its state.
func (s *Sandbox) controlAdd(r *http.Request) (any, error) {
	svc, err := vendor(r)
	if err != nil {
		return nil, err
	}
	var id ID
	switch svc {
	case RealtimeRegister:
		var p Process
		if err := decode(r, &p); err != nil {
			return nil, err
		}
		id, err = s.AddProcess(p)
	case CPS:
		var c Certificate
		if err := decode(r, &c); err != nil {
			return nil, err
		}
		id, err = s.AddCertificate(c)
	default:
		var o Order
		if err := decode(r, &o); err != nil {
			return nil, err
		}
		id, err = s.AddOrder(o)
	}
	if err != nil {
		return nil, badInput{err}
	}
	return s.State(svc, id)
}

// controlAct does one thing to an order and returns its state afterwards.
func (s *Sandbox) controlAct(r *http.Request) (any, error) {
	svc, id, err := orderOf(r)
	if err != nil {
		return nil, err
	}
	domain := r.URL.Query().Get("domain")
	switch r.PathValue("action") {
	case "place":
		err = s.Place(svc, id)
	case "rotate":
		err = s.Rotate(svc, id)
	case "issue":
		err = s.Issue(svc, id)
	case "cancel":
		err = s.Cancel(svc, id)
	case "renew":
		if again, _ := strconv.ParseBool(r.URL.Query().Get("new")); again {
			id, err = s.RenewAsNew(svc, id)
		} else {
			id, err = s.Renew(svc, id)
		}
	case "publish":
		err = s.Publish(svc, id)
	case "validate":
		err = s.Validate(svc, id, domain)
	case "fail":
		err = s.Fail(svc, id, domain)
	case "expire":
		err = s.Expire(svc, id, domain)
	default:
		err = badInput{errors.New("the action is place, rotate, issue, cancel, renew, publish, validate, fail or expire")}
	}
	if err != nil {
		return nil, err
	}
	return s.State(svc, id)
}

// controlCounters returns the counters of all services.
func (s *Sandbox) controlCounters(r *http.Request) (any, error) {
	window := 5 * time.Second
	if text := r.URL.Query().Get("window"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return nil, badInput{errors.New("the window is not a positive Go duration such as 5s")}
		}
		window = d
	}
	all := object{}
	for _, svc := range services {
		all[string(svc)] = object{
			"requests": len(s.Requests(svc)), "connections": s.Connections(svc), "max_in_window": s.MaxInWindow(svc, window),
		}
	}
	return all, nil
}
