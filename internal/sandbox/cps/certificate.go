// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"crypto/sha1" // Thumbprints are SHA-1.
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// Certificate is a certificate request to add.
type Certificate struct {
	// ID is the certificate id; empty has one assigned.
	ID core.ID `json:"id"`
	// Names are the domains; the first is the common name.
	Names []string `json:"names"`
	// Label is the certificate_label; default: the common name.
	Label string `json:"label"`
	// Method is "DnsTxtToken" (default), "DnsCnameToken" or "Email".
	Method string `json:"method"`
	// ValidationType is "DV" (default), "OV" or "EV". A DV certificate has one token for all domains.
	ValidationType string `json:"validation_type"`
	// Validated are the names that are validated before the order is placed.
	Validated []string `json:"validated"`
	// Unplaced keeps the order in StageUnplaced until Place, or until the read after PlaceAfterReads reads of it if that is
	// not 0.
	Unplaced        bool `json:"unplaced"`
	PlaceAfterReads int  `json:"place_after_reads"`
}

// Plan implements core.Spec.
func (c Certificate) Plan() (core.Plan, error) {
	var errs [3]error
	c.Method, errs[0] = core.OneOf("method", c.Method, "DnsTxtToken", "DnsCnameToken", "Email")
	c.ValidationType, errs[1] = core.OneOf("validation type", c.ValidationType, "DV", "OV", "EV")
	errs[2] = core.CheckNumber(c.ID)
	if c.Label == "" && len(c.Names) > 0 {
		c.Label = c.Names[0]
	}
	return core.Plan{
		Service: Service, ID: c.ID, Names: c.Names, Validated: c.Validated, Unplaced: c.Unplaced, PlaceAfterReads: c.PlaceAfterReads,
		Unlisted: core.AnswersErrors(c.ID), Spec: c, Checks: c.checks,
	}, errors.Join(errs[:]...)
}

// checks makes the validation of every domain.
func (c Certificate) checks(id core.ID, quirks core.Quirks) (all []*core.Check) {
	for i, name := range c.Names {
		seed := string(id)
		if c.ValidationType != "DV" {
			seed += " " + core.Canonical(name)
		}
		all = append(all, &core.Check{
			Challenge: core.Challenge{
				Domain: name, Names: []string{name}, DomainID: core.DomainID(id, i), Method: c.Method, Status: core.StatusPending,
			},
			Seed: seed, Assign: func(c *core.Check, seed string) bool { return assign(c, seed, quirks) },
		})
	}
	return all
}

// assign sets the token and the record of a domain.
func assign(c *core.Check, seed string, quirks core.Quirks) (expires bool) {
	name := core.Canonical(c.Domain)
	switch c.Method {
	case "DnsTxtToken":
		c.Token = core.Token(seed)
		c.Type, c.Name, c.Value, c.Also = "TXT", name, c.Token, "_dnsauth."+name
	case "DnsCnameToken":
		c.Token = core.CNAMEToken(seed, quirks)
		c.Type, c.Name, c.Value = "CNAME", "_dnsauth."+name, c.Token+".dcv.digicert.com"
	}
	return c.Token != "" // E-mail has no token.
}

// ordered is what was ordered.
func ordered(o *core.Order) Certificate {
	c, _ := o.Spec.(Certificate)
	return c
}

// certificate answers a certificate.
func certificate(_ *http.Request, o *core.Order) core.Reply {
	if o.Sample {
		return samples.Reply("certificate-11604.json")
	}
	return core.JSON(http.StatusOK, view(o))
}

// view is the view of a certificate.
func view(o *core.Order) core.Object {
	c := core.Object{
		"@id": fmt.Sprintf("/v2.0/certificates/%s", o.ID), "@type": "Certificate", "id": o.ID,
		"certificate_authority": "DigiCert", "validation_type": ordered(o).ValidationType, "organization": nil,
		"dcv_method": ordered(o).Method, "certificate_label": ordered(o).Label, "description": nil,
		"created": o.Created.Format(timeForm), "last_modified": o.Modified.Format(timeForm),
		"expiration_date": "0001-01-01T00:00:00Z", "request_type": "Enterprise", "thumbprint": nil,
		"deployments": []core.Object{},
		"created_by": core.Object{
			"user_id": nil, "portal_type_id": nil,
			"identity_id": "5a4dbd5c-0000-4000-8000-73616e64626f", "identity_type": "Client",
		},
		"modified_by": nil, "workflow_error_message": nil, "auto_renew": true,
	}
	if ordered(o).ValidationType != "DV" {
		c["organization"] = core.Object{
			"id": 7001, "company_name": "Example Organization", "company_address": "1 Example Street", "company_address2": nil,
			"city": "Exampleton", "state": "CA", "zip_code": "90001", "country": "US", "organizational_unit": nil,
			"contact_title": "Administrator", "contact_first_name": "Ada", "contact_last_name": "Example",
			"contact_email": "ada@example.com", "contact_phone": "+1-555-0100", "additional_contacts": []core.Object{},
		}
	}
	if o.Stage == core.StageFailed {
		c["workflow_error_message"] = "Domain control validation was rejected."
	}
	if o.Stage == core.StageIssued {
		thumbprint := sha1.Sum(fmt.Appendf(nil, "sandbox certificate %s", o.ID))
		c["expiration_date"] = o.Issued.Add(365 * 24 * time.Hour).Truncate(24 * time.Hour).Format(dateForm)
		c["thumbprint"] = fmt.Sprintf("%X", thumbprint)
		c["deployments"] = []core.Object{{
			"delivery_region": "GlobalPremiumAsiaPlusLatam", "platform": "HttpLarge", "hex_url": "cs123.wpc.0001.omegacdn.net",
		}}
	}
	var domains []core.Object
	for i, check := range o.Checks {
		status := "ProvisioningInitiated"
		switch {
		case check.Status == core.StatusFailed:
			status = "Rejected"
		case o.Stage == core.StageIssued:
			status = "Active"
		case o.Stage != core.StageUnplaced:
			status = "AwaitingCertificateAuthority"
		}
		domains = append(domains, core.Object{
			"id": check.DomainID, "name": check.Domain, "status": status, "active_date": nil, "is_common_name": i == 0,
			"created": o.Created.Format(timeForm),
		})
	}
	c["domains"] = domains
	return c
}

// status answers the status of a certificate.
func status(_ *http.Request, o *core.Order) core.Reply {
	if o.Sample {
		return samples.Reply("certificate-11604-status.json")
	}
	return core.JSON(http.StatusOK, statusView(o))
}

// statusView is the view of a certificate's status.
func statusView(o *core.Order) core.Object {
	st := core.Object{
		"@id": fmt.Sprintf("/v2.0/certificates/%s/status", o.ID), "@type": "CertificateStatus", "id": o.ID,
		"step": 1, "status": "Processing", "requires_attention": false, "error_message": nil, "order_validation": nil,
	}
	if o.Stage == core.StageUnplaced {
		return st
	}
	organization := core.Object{"validation_type": ordered(o).ValidationType, "status": "NA"}
	if ordered(o).ValidationType != "DV" {
		organization["status"] = "Approved"
	}
	words := map[core.Status]string{core.StatusPending: "Pending", core.StatusValidated: "Approved", core.StatusFailed: "Rejected"}
	var domains []core.Object
	for _, c := range o.Checks {
		domains = append(domains, core.Object{"domain_id": c.DomainID, "domain_names": c.Names, "status": words[c.Status]})
	}
	orderStatus := "Pending"
	switch o.Stage {
	case core.StageCanceled:
		orderStatus = "Canceled"
	case core.StageTokenAssigned:
		st["step"], st["status"], st["requires_attention"] = 3, "DomainControlValidation", true
	case core.StageFailed:
		st["step"], st["status"], st["requires_attention"] = 3, "DomainControlValidation", true
		st["error_message"] = "Domain control validation was rejected."
		orderStatus = "Rejected"
	case core.StageValidated:
		st["step"], st["status"] = 4, "OtherValidation"
	case core.StageIssued:
		st["step"], st["status"] = 6, "Active"
		orderStatus = "Issued"
	}
	if o.Renewing {
		orderStatus = "PendingRenewal"
	}
	st["order_validation"] = core.Object{
		"status": orderStatus, "organization_validation": organization, "domain_validations": domains,
	}
	return st
}

// dcv answers the tokens of the domains asked for. A token is gone once its domain is validated.
func dcv(r *http.Request, o *core.Order) core.Reply {
	var ids []core.ID
	for _, part := range strings.Split(r.URL.Query().Get("domain_ids"), ",") {
		if part == "" {
			continue
		}
		id, err := core.ParseNumber(strings.TrimSpace(part))
		if err != nil {
			return apiError(http.StatusBadRequest, "invalid_input", "domain_ids is not a list of numbers.", "/domain_ids")
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 && ordered(o).Method != "Email" {
		return apiError(http.StatusBadRequest, "invalid_input", "domain_ids is required for the DNS methods.", "/domain_ids")
	}
	if o.Sample {
		if !slices.Contains(ids, o.Checks[0].DomainID) {
			return apiError(http.StatusNotFound, "not_found", "The domain does not exist.", "/domain_ids")
		}
		return samples.Reply("certificate-11604-dcv.json")
	}
	items := []core.Object{}
	for _, c := range o.Checks {
		if len(ids) > 0 && !slices.Contains(ids, c.DomainID) {
			continue
		}
		item := core.Object{"domain_id": c.DomainID, "dcv_method": c.Method, "dcv_token": nil, "emails": nil}
		if c.Token != "" && c.Status != core.StatusValidated {
			item["dcv_token"] = core.Object{"token": c.Token}
		}
		if c.Method == "Email" {
			name := core.Canonical(c.Domain)
			item["emails"] = []string{"admin@" + name, "hostmaster@" + name, "postmaster@" + name}
		}
		items = append(items, item)
	}
	if len(items) < len(ids) {
		return apiError(http.StatusNotFound, "not_found", "The domain does not exist.", "/domain_ids")
	}
	return core.JSON(http.StatusOK, core.Object{
		"@id": fmt.Sprintf("/v2.0/dcv/certificates/%s", o.ID), "@type": "Collection",
		"items": items, "total_items": len(items),
	})
}
