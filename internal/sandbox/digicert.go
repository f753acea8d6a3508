// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// digiCertPrefix stands before every path of the DigiCert API.
const digiCertPrefix = "/services/v2"

// The forms of DigiCert's dates.
const (
	digiCertTime = "2006-01-02T15:04:05+00:00"
	digiCertDate = "2006-01-02"
)

// digiCertMaxPage is the largest limit of lists, and the default one.
const digiCertMaxPage = 1000

// CertificateRequest is a DigiCert request to add.
type CertificateRequest struct {
	// ID is the request id; empty has one assigned.
	ID ID `json:"id"`
	// OrderID is the order that it asks for; empty makes a request without an order certificate, as revocations can be.
	OrderID ID `json:"order_id"`
	// Type is "new_request" (default), "revoke", "duplicate" or "reissue".
	Type string `json:"type"`
	// Status is "pending" (default), "submitted", "approved" or "rejected".
	Status string `json:"status"`
	// Comments is the message of the request.
	Comments string `json:"comments"`
}

// digiCertError is an error of the DigiCert API.
func digiCertError(status int, code, message string) reply {
	return jsonReply(status, object{"errors": []object{{"code": code, "message": message}}})
}

// digiCertNotFound is the answer for what does not exist, or what the key may not see.
func digiCertNotFound(what string) reply {
	return digiCertError(http.StatusNotFound, "not_found|"+what, "The "+what+" was not found.")
}

// digiCertHandler serves the DigiCert API.
func (s *Sandbox) digiCertHandler() http.Handler {
	mux := http.NewServeMux()
	get := func(pattern string, h func(r *http.Request) reply) {
		mux.HandleFunc("GET "+digiCertPrefix+pattern, func(w http.ResponseWriter, r *http.Request) { h(r).write(w) })
	}
	get("/order/certificate", s.digiCertOrders)
	get("/order/certificate/{id}/validation", s.digiCertValidation)
	get("/domain", s.digiCertDomains)
	get("/domain/{id}", s.digiCertDomain)
	get("/request", s.digiCertRequests)
	get("/request/{id}", s.digiCertRequest)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { digiCertNotFound("route").write(w) })

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("X-DC-DEVKEY")
		switch {
		case key == DigiCertKeyWithoutPermission,
			key == DigiCertKeyOrdersOnly && strings.HasPrefix(r.URL.Path, digiCertPrefix+"/domain"):
			missingPermission().write(w)
		case key != DigiCertKey && key != DigiCertKeyOrdersOnly:
			digiCertError(http.StatusUnauthorized, "access_denied|access_denied_invalid_key", "The API key is not valid.").write(w)
		case !acceptsJSON(r.Header.Get("Accept")):
			digiCertError(http.StatusNotAcceptable, "not_acceptable", "The requested format is not available.").write(w)
		case r.Method != http.MethodGet:
			reply{status: http.StatusMethodNotAllowed, header: map[string]string{"Allow": "GET"}}.write(w)
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

func missingPermission() reply {
	return digiCertError(http.StatusForbidden, "access_denied|missing_permission", "The API key lacks a permission.")
}

// acceptsJSON tells whether an Accept header allows JSON. None at all does.
func acceptsJSON(accept string) bool {
	if accept == "" {
		return true
	}
	for _, part := range strings.Split(accept, ",") {
		kind, _, err := mime.ParseMediaType(part)
		if err == nil && (kind == "application/json" || kind == "application/*" || kind == "*/*") {
			return true
		}
	}
	return false
}

// digiCertValidation answers the validation of an order. It has no tokens; those are with the domains.
func (s *Sandbox) digiCertValidation(r *http.Request) reply {
	id, err := core.ParseNumber(r.PathValue("id"))
	if err != nil {
		return digiCertNotFound("order")
	}
	if special, ok := digiCertSpecial(id, "order"); ok {
		return special
	}
	o := s.reading(r, DigiCert, id)
	if o == nil {
		return digiCertNotFound("order")
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if o.sample {
		return reply{status: http.StatusOK, body: sample("order-112211-validation.json")}
	}
	return jsonReply(http.StatusOK, o.digiCertValidation())
}

// digiCertStatus is the status of an order.
func (o *order) digiCertStatus() string {
	if o.renewing {
		return "reissue_pending"
	}
	return map[Stage]string{
		StageUnplaced: "needs_approval", StageTokenAssigned: "pending", StageValidated: "processing",
		StageIssued: "issued", StageFailed: "rejected", StageCanceled: "canceled",
	}[o.stage]
}

// digiCertValidation is the view of an order's validation. Ids are strings here.
func (o *order) digiCertValidation() object {
	v := object{
		"order_id": string(o.key.id), "order_status": o.digiCertStatus(),
		"order_name_scope": o.digicert.NameScope, "order_dcv_method": o.digicert.Method,
	}
	if id := o.digicert.OrganizationID; id != 0 {
		v["organization_id"] = strconv.FormatInt(id, 10)
		v["organization_name"] = organizationName
		v["organization_validations"] = []object{{
			"type": "ov", "name": "OV", "description": "Normal Organization Validation",
			"date_created":    o.created.Format(digiCertTime),
			"validated_until": o.created.Add(validationReuse).Format(digiCertTime), "status": "complete",
			"verified_contacts": []object{{
				"user_id": "0", "name": "Ada Example", "first_name": "Ada", "last_name": "Example",
				"job_title": "Administrator", "telephone": "555-0100", "email": "ada@example.com", "status": "complete",
			}},
			"verification_details": object{
				"organization_type": "complete", "organization_status": "complete", "address_verification": "complete",
				"blacklist_fraud": "complete", "request_authenticity": "complete",
			},
		}}
	}
	if o.stage == StageUnplaced {
		return v
	}
	words := map[Status]string{StatusPending: "pending", StatusValidated: "approved", StatusFailed: "rejected"}
	var names []object
	for _, c := range o.checks {
		e := object{
			"domain_id": string(c.DomainID), "name_scope": c.Domain, "approval_scope": "subdomains",
			"status": words[c.Status], "method": c.Method, "dns_names": c.Names,
		}
		if c.Status == StatusValidated {
			e["approval_expiration_date"] = c.ValidatedUntil.Format(digiCertTime)
		}
		names = append(names, e)
	}
	v["dns_name_validations"] = names
	return v
}

// organizationName is the name of every organization.
const organizationName = "Example Organization"

// digiCertDomain answers a domain, with its token unless it is validated.
func (s *Sandbox) digiCertDomain(r *http.Request) reply {
	id, err := core.ParseNumber(r.PathValue("id"))
	if err != nil {
		return digiCertNotFound("domain")
	}
	if special, ok := digiCertSpecial(id, "domain"); ok {
		return special
	}
	s.store.mu.Lock()
	d := s.store.domains[id]
	s.store.mu.Unlock()
	if d == nil {
		return digiCertNotFound("domain")
	}
	if d.order.key.id == IDDomainForbidden {
		return missingPermission()
	}
	if s.reading(r, DigiCert, d.order.key.id) == nil {
		return digiCertNotFound("domain")
	}
	q := r.URL.Query()
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	return jsonReply(http.StatusOK, d.view(isTrue(q, "include_dcv"), isTrue(q, "include_validation")))
}

// isTrue reads a query parameter that is a boolean.
func isTrue(q url.Values, name string) bool {
	v := q.Get(name)
	return v == "true" || v == "1"
}

// view is the view of a domain.
func (d *domain) view(dcv, validation bool) object {
	if d.order.sample {
		v := sampleObject("domain-1234.json")
		if !dcv {
			for _, k := range []string{"dcv_method", "dcv_approval_datetime", "dcv_expiration_datetime", "dcv_expiration"} {
				delete(v, k)
			}
		}
		if !validation {
			delete(v, "validations")
		}
		return v
	}
	o, c := d.order, d.check
	v := object{
		"id": d.id, "name": c.Domain, "is_active": true, "status": "active", "date_created": o.created.Format(digiCertTime),
	}
	if id := o.digicert.OrganizationID; id != 0 {
		v["organization"] = object{"id": id, "name": organizationName, "display_name": organizationName, "is_active": "1"}
	}
	approved := c.Status == StatusValidated
	if dcv {
		v["dcv_method"] = c.Method
		if approved {
			v["dcv_approval_datetime"] = c.approved.Format(digiCertTime)
			v["dcv_expiration_datetime"] = c.ValidatedUntil.Format(digiCertTime)
			v["dcv_expiration"] = object{"ov": c.ValidatedUntil.Format(digiCertDate), "ev": c.ValidatedUntil.Format(digiCertDate)}
		} else if c.token != "" {
			token := object{"token": c.token, "status": "pending", "expiration_date": c.TokenExpires.Format(digiCertTime)}
			switch c.Method {
			case "dns-cname-token":
				token["verification_value"] = "dcv.digicert.com"
			case "http-token", "http-token-dynamic":
				token["http_token_url"] = "http://" + c.Domain + "/.well-known/pki-validation/fileauth.txt"
			}
			v["dcv_token"] = token
		}
	}
	if validation {
		e := object{
			"type": "dv", "name": "DV", "description": "Domain Validation", "date_created": o.created.Format(digiCertTime),
			"status": "pending", "dcv_status": "pending",
		}
		if o.digicert.OrganizationID != 0 {
			e["type"], e["name"], e["description"] = "ov", "OV", "Normal Organization Validation"
		}
		if approved {
			e["status"], e["dcv_status"] = "active", "complete"
			e["validated_until"] = c.ValidatedUntil.Format(digiCertTime)
		}
		v["validations"] = []object{e}
	}
	return v
}

// AddRequest adds a DigiCert request and returns its id.
func (s *Sandbox) AddRequest(q CertificateRequest) (ID, error) {
	var errs [2]error
	q.Type, errs[0] = oneOf("type", q.Type, "new_request", "revoke", "duplicate", "reissue")
	q.Status, errs[1] = oneOf("status", q.Status, "pending", "submitted", "approved", "rejected")
	if err := errors.Join(errs[:]...); err != nil {
		return "", err
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	for n := int64(1000); q.ID == ""; n++ {
		if id := core.NumberID(n); s.store.requests[id] == nil {
			q.ID = id
		}
	}
	if q.ID.Number() < 0 || s.store.requests[q.ID] != nil {
		return "", fmt.Errorf("sandbox: request id %s is negative or taken", q.ID)
	}
	view, err := s.store.requestView(q)
	if err != nil {
		return "", err
	}
	s.store.requests[q.ID] = view
	return q.ID, nil
}

// requestView makes a request out of the sample, so that it has every field that one can have.
func (st *store) requestView(q CertificateRequest) (object, error) {
	now := time.Now().UTC().Format(digiCertTime)
	v := sampleObject("request-198.json")
	v["id"], v["date"], v["type"], v["status"], v["comments"] = q.ID, now, q.Type, q.Status, q.Comments
	v["date_processed"] = now
	if q.Status == "pending" || q.Status == "submitted" {
		for _, k := range []string{"date_processed", "reviewer", "processor"} {
			delete(v, k)
		}
	}
	nested, _ := v["order"].(map[string]any)
	nested["requests"] = []object{{"id": q.ID, "date": now, "type": q.Type, "status": "pending", "comments": q.Comments}}
	if q.OrderID == "" {
		delete(nested, "certificate")
		return v, nil
	}
	o, ok := st.orders[orderKey{DigiCert, q.OrderID}]
	if !ok {
		return nil, fmt.Errorf("sandbox: order %s: %w", q.OrderID, ErrNotFound)
	}
	nested["id"], nested["date_created"] = o.key.id, now
	if cert, ok := nested["certificate"].(map[string]any); ok {
		cert["common_name"], cert["dns_names"], cert["date_created"] = o.commonName, slices.Clone(o.names), now
	}
	return v, nil
}

// digiCertRequest answers a request.
func (s *Sandbox) digiCertRequest(r *http.Request) reply {
	id, err := core.ParseNumber(r.PathValue("id"))
	if err != nil {
		return digiCertNotFound("request")
	}
	if special, ok := digiCertSpecial(id, "request"); ok {
		return special
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	v := s.store.requests[id]
	if v == nil {
		return digiCertNotFound("request")
	}
	return jsonReply(http.StatusOK, v)
}

// page reads limit and offset; a limit that is too large is cut down.
func page(q url.Values) (limit, offset int, bad *reply) {
	limit, err := positive(q, "limit", digiCertMaxPage)
	if err == nil {
		offset, err = number(q, "offset", 0)
	}
	if err != nil || offset < 0 {
		r := digiCertError(http.StatusBadRequest, "invalid_parameter", "limit and offset are numbers.")
		return 0, 0, &r
	}
	return min(limit, digiCertMaxPage), offset, nil
}

// digiCertList answers one page of a list.
func digiCertList[T any](q url.Values, name string, found []T, view func(T) object) reply {
	limit, offset, bad := page(q)
	if bad != nil {
		return *bad
	}
	items := []object{}
	for _, v := range slice(found, offset, limit) {
		items = append(items, view(v))
	}
	return jsonReply(http.StatusOK, object{
		name: items, "page": object{"total": len(found), "limit": limit, "offset": offset},
	})
}

// digiCertOrders answers the list of orders, filtered by status and common name.
func (s *Sandbox) digiCertOrders(r *http.Request) reply {
	q := r.URL.Query()
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	var found []*order
	for _, o := range s.store.list(DigiCert) {
		status, name := q.Get("filters[status]"), q.Get("filters[common_name]")
		if (status == "" || status == o.digiCertStatus()) && (name == "" || strings.EqualFold(name, o.commonName)) {
			found = append(found, o)
		}
	}
	return digiCertList(q, "orders", found, func(o *order) object {
		v := object{
			"id": o.key.id, "status": o.digiCertStatus(), "is_renewed": false,
			"date_created": o.created.Format(digiCertTime), "validity_years": 1, "has_duplicates": false, "price": 175,
			"certificate": object{
				"id": o.key.id.Number() + 7_000_000, "common_name": o.commonName, "dns_names": o.names, "signature_hash": "sha256",
			},
			"container": object{"id": 5, "name": "Example Division"},
			"product":   object{"name_id": "ssl_dv_geotrust_flex", "name": "GeoTrust DV SSL", "type": "dv_ssl_certificate"},
		}
		if id := o.digicert.OrganizationID; id != 0 {
			v["organization"] = object{"id": id, "name": organizationName}
			v["product"] = object{"name_id": "ssl_basic", "name": "Basic OV", "type": "ssl_certificate"}
		}
		return v
	})
}

// digiCertDomains answers the list of domains. An account holds a name once: the domain of the latest order stands.
func (s *Sandbox) digiCertDomains(r *http.Request) reply {
	q := r.URL.Query()
	search := strings.ToLower(q.Get("filters[search]"))
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	latest := map[string]*domain{}
	for _, d := range s.store.domains {
		name := d.check.Domain
		if answersErrors(d.order.key.id) {
			continue
		}
		if have := latest[name]; strings.Contains(name, search) && (have == nil || have.id.Compare(d.id) < 0) {
			latest[name] = d
		}
	}
	found := slices.SortedFunc(maps.Values(latest), func(a, b *domain) int { return a.id.Compare(b.id) })
	dcv, validation := isTrue(q, "include_dcv"), isTrue(q, "include_validation")
	return digiCertList(q, "domains", found, func(d *domain) object { return d.view(dcv, validation) })
}

// digiCertRequests answers the list of requests, filtered by status.
func (s *Sandbox) digiCertRequests(r *http.Request) reply {
	q := r.URL.Query()
	status := q.Get("filters[status]")
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	var found []object
	for _, id := range slices.SortedFunc(maps.Keys(s.store.requests), ID.Compare) {
		if v := s.store.requests[id]; status == "" || v["status"] == status {
			found = append(found, v)
		}
	}
	return digiCertList(q, "requests", found, func(v object) object {
		short := object{}
		for _, k := range []string{"id", "date", "date_processed", "type", "status", "requester", "comments"} {
			if value, ok := v[k]; ok {
				short[k] = value
			}
		}
		nested, _ := v["order"].(map[string]any)
		order := object{"id": nested["id"], "container": nested["container"], "product": nested["product"]}
		if cert, ok := nested["certificate"].(map[string]any); ok {
			order["certificate"] = object{"common_name": cert["common_name"]}
		}
		short["order"] = order
		return short
	})
}
