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
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// controlText is what the root of the control API returns, with places for the services and for what vendors add.
const controlText = `certops sandbox, control API. Bodies are JSON. {service} is %s.

GET    /v1/endpoints                        URLs and addresses
GET    /v1/status                           a table of where each order stands, as text
GET    /v1/objects/{service}                orders with their stage, domains and records
POST   /v1/objects/{service}                add a process, certificate or order
GET    /v1/objects/{service}/{id}           one order
DELETE /v1/objects/{service}/{id}           remove it
POST   /v1/objects/{service}/{id}/{action}  place, rotate, issue, cancel, renew (?new=true), publish;
                                            with ?domain= or for all: validate, fail, expire, hold (?for=240h)
%sPOST   /v1/populate                         {"count": n, "mixed": false}: add n objects to each list
%sGET    /v1/faults                           the faults in force
POST   /v1/faults                           {"faults": [...]}: add faults
DELETE /v1/faults                           remove all faults
GET    /v1/counters?window=5s               requests, connections and the most requests in a window, by service
DELETE /v1/counters                         forget them
GET    /v1/counters/{service}               the recorded requests
GET    /v1/dns                              all records of the embedded zones
PUT    /v1/dns/{name}/{type}                {"rdata": [...]}: replace an RRset
DELETE /v1/dns/{name}/{type}                remove an RRset
PUT    /v1/dnssec/{zone}                    {"signing": "signed", "expired" or "other_key"}: sign a zone well or badly
GET    /v1/dns/journal                      what dynamic updates created, updated and deleted, in order
DELETE /v1/dns/journal                      forget it
`

// controlHandler serves the control API.
func (s *Sandbox) controlHandler() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, h func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			v, err := h(r)
			var bad core.BadInput
			switch {
			case errors.Is(err, core.ErrNotFound):
				core.JSON(http.StatusNotFound, core.Object{"error": err.Error()}).Write(w)
			case errors.As(err, &bad):
				core.JSON(http.StatusBadRequest, core.Object{"error": err.Error()}).Write(w)
			case err != nil:
				core.JSON(http.StatusConflict, core.Object{"error": err.Error()}).Write(w)
			case v == nil:
				w.WriteHeader(http.StatusNoContent)
			default:
				core.JSON(http.StatusOK, v).Write(w)
			}
		})
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		core.Reply{Status: http.StatusOK, Kind: "text/plain; charset=utf-8", Body: []byte(s.controlHelp())}.Write(w)
	})
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, _ *http.Request) {
		core.Reply{Status: http.StatusOK, Kind: "text/plain; charset=utf-8", Body: []byte(s.StatusTable())}.Write(w)
	})
	handle("GET /v1/endpoints", func(*http.Request) (any, error) {
		all := core.Object{"control": s.ControlURL, "dns": s.DNSAddr}
		for svc, api := range s.apis {
			if svc != Elsewhere {
				all[string(svc)] = api.url
			}
		}
		return all, nil
	})
	handle("GET /v1/objects/{service}", func(r *http.Request) (any, error) {
		v, err := s.vendorOf(r)
		if err != nil {
			return nil, err
		}
		return s.States(v.service()), nil
	})
	handle("POST /v1/objects/{service}", s.controlAdd)
	handle("GET /v1/objects/{service}/{id}", func(r *http.Request) (any, error) {
		svc, id, err := s.orderOf(r)
		if err != nil {
			return nil, err
		}
		return s.State(svc, id)
	})
	handle("DELETE /v1/objects/{service}/{id}", func(r *http.Request) (any, error) {
		svc, id, err := s.orderOf(r)
		if err != nil {
			return nil, err
		}
		return nil, s.Remove(svc, id)
	})
	handle("POST /v1/objects/{service}/{id}/{action}", s.controlAct)
	handle("POST /v1/populate", func(r *http.Request) (any, error) {
		var body struct {
			Count int  `json:"count"`
			Mixed bool `json:"mixed"`
		}
		if err := decode(r, &body); err != nil {
			return nil, err
		}
		if body.Count > 100_000 {
			return nil, core.BadInput{Err: errors.New("at most 100000 objects at a time")}
		}
		if body.Mixed {
			return nil, s.PopulateMixed(body.Count)
		}
		return nil, s.Populate(body.Count)
	})
	for _, c := range s.controls() {
		handle(c.Pattern, func(r *http.Request) (any, error) {
			return c.Handle(func(into any) error { return decode(r, into) })
		})
	}
	handle("GET /v1/faults", func(*http.Request) (any, error) { return core.Object{"faults": s.Faults()}, nil })
	handle("POST /v1/faults", func(r *http.Request) (any, error) {
		faults, err := ParseFaults(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			return nil, core.BadInput{Err: err}
		}
		if err := s.Inject(faults...); err != nil {
			return nil, core.BadInput{Err: err}
		}
		return core.Object{"faults": s.Faults()}, nil
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
	handle("GET /v1/dns", func(*http.Request) (any, error) { return core.Object{"records": s.Records()}, nil })
	handle("GET /v1/dns/journal", func(*http.Request) (any, error) { return core.Object{"changes": s.DNSJournal()}, nil })
	handle("DELETE /v1/dns/journal", func(*http.Request) (any, error) {
		s.ClearDNSJournal()
		return nil, nil
	})
	handle("PUT /v1/dnssec/{zone}", func(r *http.Request) (any, error) {
		var body struct {
			Signing Signing `json:"signing"`
		}
		if err := decode(r, &body); err != nil {
			return nil, err
		}
		if err := s.SetSigning(r.PathValue("zone"), body.Signing); err != nil {
			return nil, core.BadInput{Err: err}
		}
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
			return nil, core.BadInput{Err: err}
		}
		return nil, nil
	})
	handle("DELETE /v1/dns/{name}/{type}", func(r *http.Request) (any, error) {
		if err := s.DeleteRecords(r.PathValue("name"), r.PathValue("type")); err != nil {
			return nil, core.BadInput{Err: err}
		}
		return nil, nil
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A page in a browser could otherwise send a form here without asking.
		if r.Header.Get("Origin") != "" {
			core.JSON(http.StatusForbidden, core.Object{"error": "the control API does not serve browsers"}).Write(w)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// decode reads a JSON body. Unknown members are errors.
func decode(r *http.Request, into any) error {
	b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return core.BadInput{Err: err}
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return core.BadInput{Err: fmt.Errorf("the body is not the JSON expected: %w", err)}
	}
	return nil
}

// controls are the requests that vendors add.
func (s *Sandbox) controls() (all []core.Control) {
	for _, v := range s.vendors {
		all = append(all, v.Controls...)
	}
	return all
}

// controlHelp lists the requests.
func (s *Sandbox) controlHelp() string {
	lines := map[bool]string{}
	for _, c := range s.controls() {
		method, path, _ := strings.Cut(c.Pattern, " ")
		lines[c.Adds] += fmt.Sprintf("%-6s %-36s %s\n", method, path, c.Help)
	}
	others := slices.DeleteFunc(s.services(), func(svc Service) bool { return slices.Contains(s.vendorNames(), svc) })
	return fmt.Sprintf(controlText, oneOf(append(s.vendorNames(), others...)), lines[true], lines[false])
}

// vendorNames are the services that have orders.
func (s *Sandbox) vendorNames() (all []Service) {
	for _, v := range s.vendors {
		all = append(all, v.service())
	}
	return all
}

// oneOf enumerates services.
func oneOf(all []Service) string {
	var b strings.Builder
	for i, svc := range all {
		switch {
		case i == 0:
		case i == len(all)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(string(svc))
	}
	return b.String()
}

// vendorOf returns the vendor that a path names.
func (s *Sandbox) vendorOf(r *http.Request) (vendor, error) {
	for _, v := range s.vendors {
		if string(v.service()) == r.PathValue("service") {
			return v, nil
		}
	}
	return vendor{}, core.BadInput{Err: errors.New("the service is " + oneOf(s.vendorNames()))}
}

// orderOf returns the service and the id of a path.
func (s *Sandbox) orderOf(r *http.Request) (Service, ID, error) {
	v, err := s.vendorOf(r)
	if err != nil {
		return "", "", err
	}
	id, err := v.ParseID(r.PathValue("id"))
	if err != nil {
		return "", "", core.BadInput{Err: err}
	}
	return v.service(), id, nil
}

// controlAdd adds an order of the service's kind and returns its state.
func (s *Sandbox) controlAdd(r *http.Request) (any, error) {
	v, err := s.vendorOf(r)
	if err != nil {
		return nil, err
	}
	order := v.NewOrder()
	if err := decode(r, order); err != nil {
		return nil, err
	}
	id, err := s.Add(order)
	if err != nil {
		return nil, core.BadInput{Err: err}
	}
	return s.State(v.service(), id)
}

// controlAct does one thing to an order and returns its state afterwards.
func (s *Sandbox) controlAct(r *http.Request) (any, error) {
	svc, id, err := s.orderOf(r)
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
	case "hold":
		hold, failed := time.ParseDuration(r.URL.Query().Get("for"))
		if failed != nil {
			return nil, core.BadInput{Err: failed}
		}
		err = s.HoldUntil(svc, id, domain, time.Now().Add(hold))
	default:
		err = core.BadInput{Err: errors.New("the action is place, rotate, issue, cancel, renew, publish, validate, fail, expire or hold")}
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
			return nil, core.BadInput{Err: errors.New("the window is not a positive Go duration such as 5s")}
		}
		window = d
	}
	all := core.Object{}
	for _, svc := range s.services() {
		all[string(svc)] = core.Object{
			"requests": len(s.Requests(svc)), "connections": s.Connections(svc), "max_in_window": s.MaxInWindow(svc, window),
		}
	}
	return all, nil
}
