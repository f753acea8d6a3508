// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"crypto/sha1" // Thumbprints are SHA-1.
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// cpsPrefix stands before every path of the CPS API; the @id values in bodies leave /sec/cps out.
const cpsPrefix = "/sec/cps/v2.0"

// cpsTime is the form of CPS timestamps, with six fraction digits; cpsDate that of expiration dates.
const (
	cpsTime = "2006-01-02T15:04:05.000000Z"
	cpsDate = "2006-01-02T15:04:05Z"
)

// cpsMaxPage is the largest page_size.
const cpsMaxPage = 20

// cpsTitles are the titles of CPS errors by code.
var cpsTitles = map[string]string{
	"invalid_input": "Invalid input", "unauthorized": "Unauthorized", "forbidden": "Forbidden", "not_found": "Not found",
	"rate_limit_reached": "Rate limit reached", "internal_error": "Internal error", "bad_gateway": "Bad gateway",
	"service_unavailable": "Service unavailable", "gateway_timeout": "Gateway timeout",
}

// cpsError is an error of the CPS API; source is the input to blame, or empty.
func cpsError(status int, code, description, source string) reply {
	details := []object{}
	if source != "" {
		details = append(details, object{"@type": "ErrorDetail", "source": source, "description": description})
	}
	return jsonReply(status, object{
		"@type": "Error", "code": code, "status_code": status, "title": cpsTitles[code],
		"description": description, "details": details,
	})
}

func cpsNotFound() reply {
	return cpsError(http.StatusNotFound, "not_found",
		"The certificate does not exist or the client has no permission to access it.", "/id")
}

// cpsHandler serves the CPS API.
func (s *Sandbox) cpsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+cpsPrefix+"/certificates", s.cpsCertificates)
	for pattern, answer := range map[string]func(*http.Request, *order) reply{
		"/certificates/{id}":        cpsCertificate,
		"/certificates/{id}/status": cpsStatus,
		"/dcv/certificates/{id}":    cpsDCV,
	} {
		mux.HandleFunc("GET "+cpsPrefix+pattern, func(w http.ResponseWriter, r *http.Request) {
			id, err := core.ParseNumber(r.PathValue("id"))
			if err != nil {
				cpsError(http.StatusBadRequest, "invalid_input", "The id is not a number.", "/id").write(w)
				return
			}
			if special, ok := cpsSpecial(id, pattern); ok {
				special.write(w)
				return
			}
			o := s.reading(r, CPS, id)
			if o == nil {
				cpsNotFound().write(w)
				return
			}
			s.store.mu.Lock()
			rep := answer(r, o)
			s.store.mu.Unlock()
			rep.write(w)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			cpsError(http.StatusMethodNotAllowed, "method_not_allowed", "The sandbox is read only.", "").write(w)
			return
		}
		cpsError(http.StatusNotFound, "not_found", "The resource does not exist.", "").write(w)
	})

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		valid, scoped := s.tokens.check(token)
		switch {
		case !ok || !valid:
			cpsError(http.StatusUnauthorized, "unauthorized", "The access token is missing, invalid or expired.", "").write(w)
		case !scoped:
			cpsError(http.StatusForbidden, "forbidden", "The access token lacks the scope.", "").write(w)
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// cpsCertificate answers a certificate.
func cpsCertificate(_ *http.Request, o *order) reply {
	if o.sample {
		return reply{status: http.StatusOK, body: sample("certificate-11604.json")}
	}
	return jsonReply(http.StatusOK, o.cpsCertificate())
}

// cpsCertificate is the view of a certificate.
func (o *order) cpsCertificate() object {
	c := object{
		"@id": fmt.Sprintf("/v2.0/certificates/%s", o.key.id), "@type": "Certificate", "id": o.key.id,
		"certificate_authority": "DigiCert", "validation_type": o.certificate.ValidationType, "organization": nil,
		"dcv_method": o.certificate.Method, "certificate_label": o.certificate.Label, "description": nil,
		"created": o.created.Format(cpsTime), "last_modified": o.modified.Format(cpsTime),
		"expiration_date": "0001-01-01T00:00:00Z", "request_type": "Enterprise", "thumbprint": nil,
		"deployments": []object{},
		"created_by": object{
			"user_id": nil, "portal_type_id": nil,
			"identity_id": "5a4dbd5c-0000-4000-8000-73616e64626f", "identity_type": "Client",
		},
		"modified_by": nil, "workflow_error_message": nil, "auto_renew": true,
	}
	if o.certificate.ValidationType != "DV" {
		c["organization"] = object{
			"id": 7001, "company_name": "Example Organization", "company_address": "1 Example Street", "company_address2": nil,
			"city": "Exampleton", "state": "CA", "zip_code": "90001", "country": "US", "organizational_unit": nil,
			"contact_title": "Administrator", "contact_first_name": "Ada", "contact_last_name": "Example",
			"contact_email": "ada@example.com", "contact_phone": "+1-555-0100", "additional_contacts": []object{},
		}
	}
	if o.stage == StageFailed {
		c["workflow_error_message"] = "Domain control validation was rejected."
	}
	if o.stage == StageIssued {
		thumbprint := sha1.Sum(fmt.Appendf(nil, "sandbox certificate %s", o.key.id))
		c["expiration_date"] = o.modified.Add(365 * 24 * time.Hour).Truncate(24 * time.Hour).Format(cpsDate)
		c["thumbprint"] = fmt.Sprintf("%X", thumbprint)
		c["deployments"] = []object{{
			"delivery_region": "GlobalPremiumAsiaPlusLatam", "platform": "HttpLarge", "hex_url": "cs123.wpc.0001.omegacdn.net",
		}}
	}
	var domains []object
	for i, check := range o.checks {
		status := "ProvisioningInitiated"
		switch {
		case check.Status == StatusFailed:
			status = "Rejected"
		case o.stage == StageIssued:
			status = "Active"
		case o.stage != StageUnplaced:
			status = "AwaitingCertificateAuthority"
		}
		domains = append(domains, object{
			"id": check.DomainID, "name": check.Domain, "status": status, "active_date": nil, "is_common_name": i == 0,
			"created": o.created.Format(cpsTime),
		})
	}
	c["domains"] = domains
	return c
}

// cpsStatus answers the status of a certificate.
func cpsStatus(_ *http.Request, o *order) reply {
	if o.sample {
		return reply{status: http.StatusOK, body: sample("certificate-11604-status.json")}
	}
	return jsonReply(http.StatusOK, o.cpsStatus())
}

// cpsStatus is the view of a certificate's status.
func (o *order) cpsStatus() object {
	st := object{
		"@id": fmt.Sprintf("/v2.0/certificates/%s/status", o.key.id), "@type": "CertificateStatus", "id": o.key.id,
		"step": 1, "status": "Processing", "requires_attention": false, "error_message": nil, "order_validation": nil,
	}
	if o.stage == StageUnplaced {
		return st
	}
	organization := object{"validation_type": o.certificate.ValidationType, "status": "NA"}
	if o.certificate.ValidationType != "DV" {
		organization["status"] = "Approved"
	}
	words := map[Status]string{StatusPending: "Pending", StatusValidated: "Approved", StatusFailed: "Rejected"}
	var domains []object
	for _, c := range o.checks {
		domains = append(domains, object{"domain_id": c.DomainID, "domain_names": c.Names, "status": words[c.Status]})
	}
	orderStatus := "Pending"
	switch o.stage {
	case StageCanceled:
		orderStatus = "Canceled"
	case StageTokenAssigned:
		st["step"], st["status"], st["requires_attention"] = 3, "DomainControlValidation", true
	case StageFailed:
		st["step"], st["status"], st["requires_attention"] = 3, "DomainControlValidation", true
		st["error_message"] = "Domain control validation was rejected."
		orderStatus = "Rejected"
	case StageValidated:
		st["step"], st["status"] = 4, "OtherValidation"
	case StageIssued:
		st["step"], st["status"] = 6, "Active"
		orderStatus = "Issued"
	}
	if o.renewing {
		orderStatus = "PendingRenewal"
	}
	st["order_validation"] = object{
		"status": orderStatus, "organization_validation": organization, "domain_validations": domains,
	}
	return st
}

// cpsDCV answers the tokens of the domains asked for. A token is gone once its domain is validated.
func cpsDCV(r *http.Request, o *order) reply {
	var ids []ID
	for _, part := range strings.Split(r.URL.Query().Get("domain_ids"), ",") {
		if part == "" {
			continue
		}
		id, err := core.ParseNumber(strings.TrimSpace(part))
		if err != nil {
			return cpsError(http.StatusBadRequest, "invalid_input", "domain_ids is not a list of numbers.", "/domain_ids")
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 && o.certificate.Method != "Email" {
		return cpsError(http.StatusBadRequest, "invalid_input", "domain_ids is required for the DNS methods.", "/domain_ids")
	}
	if o.sample {
		if !slices.Contains(ids, o.checks[0].DomainID) {
			return cpsError(http.StatusNotFound, "not_found", "The domain does not exist.", "/domain_ids")
		}
		return reply{status: http.StatusOK, body: sample("certificate-11604-dcv.json")}
	}
	items := []object{}
	for _, c := range o.checks {
		if len(ids) > 0 && !slices.Contains(ids, c.DomainID) {
			continue
		}
		item := object{"domain_id": c.DomainID, "dcv_method": c.Method, "dcv_token": nil, "emails": nil}
		if c.token != "" && c.Status != StatusValidated {
			item["dcv_token"] = object{"token": c.token}
		}
		if c.Method == "Email" {
			name := canonical(c.Domain)
			item["emails"] = []string{"admin@" + name, "hostmaster@" + name, "postmaster@" + name}
		}
		items = append(items, item)
	}
	if len(items) < len(ids) {
		return cpsError(http.StatusNotFound, "not_found", "The domain does not exist.", "/domain_ids")
	}
	return jsonReply(http.StatusOK, object{
		"@id": fmt.Sprintf("/v2.0/dcv/certificates/%s", o.key.id), "@type": "Collection",
		"items": items, "total_items": len(items),
	})
}

// cpsCertificates answers the list of certificates.
func (s *Sandbox) cpsCertificates(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	page, err1 := positive(q, "page", 1)
	size, err2 := positive(q, "page_size", cpsMaxPage)
	if err1 != nil || err2 != nil || size > cpsMaxPage {
		cpsError(http.StatusBadRequest, "invalid_input", "page starts at 1, page_size is at most 20.", "/page_size").write(w)
		return
	}
	match, ok := cpsQuery(q.Get("query"))
	if !ok {
		cpsError(http.StatusBadRequest, "invalid_input", "The query is not field:pattern of a searchable field.", "/query").write(w)
		return
	}
	s.cpsList(match, q.Get("query"), page, size).write(w)
}

// cpsList makes one page of the list of certificates.
func (s *Sandbox) cpsList(match func(*order) bool, query string, page, size int) reply {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	var found []*order
	for _, o := range s.store.list(CPS) {
		if match(o) {
			found = append(found, o)
		}
	}
	items := []object{}
	for _, o := range slice(found, (page-1)*size, size) {
		item := o.cpsCertificate()
		if o.sample {
			item = sampleObject("certificate-11604.json")
		}
		delete(item, "organization")
		items = append(items, item)
	}
	link := func(page int) object {
		next := url.Values{"page": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(size)}}
		if query != "" {
			next.Set("query", query)
		}
		return object{"href": "/v2.0/certificates?" + next.Encode()}
	}
	links := object{"self": link(page)}
	if page*size < len(found) {
		links["next"] = link(page + 1)
	}
	return jsonReply(http.StatusOK, object{
		"@id": "/v2.0/certificates", "@type": "Collection", "@links": links, "items": items, "total_items": len(found),
	})
}

// cpsQuery reads field:pattern, where * stands for any text.
func cpsQuery(query string) (match func(*order) bool, ok bool) {
	if query == "" {
		return func(*order) bool { return true }, true
	}
	field, pattern, ok := strings.Cut(query, ":")
	if !ok {
		return nil, false
	}
	values := map[string]func(*order) []string{
		"certificate_label": func(o *order) []string { return []string{o.certificate.Label} },
		"description":       func(*order) []string { return nil },
		"id":                func(o *order) []string { return []string{string(o.key.id)} },
		"domain_names":      func(o *order) []string { return o.names },
	}[field]
	if values == nil {
		return nil, false
	}
	// In a path pattern * stops at a slash, and these values hold none but by accident.
	escaped := strings.NewReplacer(`\`, `\\`, "?", `\?`, "[", `\[`).Replace(strings.ToLower(pattern))
	return func(o *order) bool {
		return slices.ContainsFunc(values(o), func(v string) bool {
			hit, err := path.Match(escaped, strings.ToLower(v))
			return err == nil && hit
		})
	}, true
}

// positive reads a query parameter that is a number from 1.
func positive(q url.Values, name string, otherwise int) (int, error) {
	n, err := number(q, name, otherwise)
	if err == nil && n < 1 {
		err = fmt.Errorf("%s is less than 1", name)
	}
	return n, err
}

// slice returns at most limit elements from offset.
func slice[T any](all []T, offset, limit int) []T {
	from := min(max(offset, 0), len(all))
	return all[from:min(from+limit, len(all))]
}
