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
		Service: Service, Kind: "certificate", Status: word, ID: c.ID, Names: c.Names, Validated: c.Validated,
		Unplaced: c.Unplaced, PlaceAfterReads: c.PlaceAfterReads,
		Unlisted: core.ReturnsErrors(c.ID), Spec: c, Checks: c.checks,
	}, errors.Join(errs[:]...)
}

// checks makes the validations. A DV certificate has one for each name, all with one token. An OV or EV certificate has one for
// each parent: a name that no other name on the certificate is above.
func (c Certificate) checks(id core.ID, quirks core.Quirks) (all []*core.Check) {
	of := map[string]*core.Check{}
	for i, name := range c.Names {
		seed, domain, at := string(id), name, i
		if c.ValidationType != "DV" {
			if !quirks[QuirkItemPerDomain] {
				at = c.parent(i)
				domain = c.Names[at]
			}
			seed += " " + core.Canonical(domain)
		}
		if of[domain] != nil {
			of[domain].Names = append(of[domain].Names, name)
			continue
		}
		of[domain] = &core.Check{
			Challenge: core.Challenge{
				Domain: domain, Names: []string{name}, DomainID: core.DomainID(id, at), Method: c.Method, Status: core.StatusPending,
			},
			Seed: seed, Assign: func(c *core.Check, seed string) bool { return assign(c, seed, quirks) },
		}
		all = append(all, of[domain])
	}
	return all
}

// parent returns the index of the name that the name with an index is validated by: the shortest at or above it. A name without
// "*." goes before the wildcard.
func (c Certificate) parent(i int) int {
	best, below := i, "."+core.Canonical(c.Names[i])
	for k, name := range c.Names {
		above := core.Canonical(name)
		if strings.HasSuffix(below, "."+above) && (len(above) < len(core.Canonical(c.Names[best])) ||
			above == core.Canonical(c.Names[best]) && len(name) < len(c.Names[best])) {
			best = k
		}
	}
	return best
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

// certificate returns a certificate.
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
	for i, name := range o.Names {
		check := o.Checks[slices.IndexFunc(o.Checks, func(c *core.Check) bool { return slices.Contains(c.Names, name) })]
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
			"id": core.DomainID(o.ID, i), "name": name, "status": status, "active_date": nil, "is_common_name": i == 0,
			"created": o.Created.Format(timeForm),
		})
	}
	c["domains"] = domains
	return c
}

// word is the status of a certificate, and that of its order once it is placed.
func word(o *core.Order) string {
	view := statusView(o)
	if order, ok := view["order_validation"].(core.Object); ok {
		return fmt.Sprintf("%s, %s", view["status"], order["status"])
	}
	return fmt.Sprint(view["status"])
}

// status returns the status of a certificate.
func status(_ *http.Request, o *core.Order) core.Reply {
	if o.Sample {
		return samples.Reply("certificate-11604-status.json")
	}
	return core.JSON(http.StatusOK, statusView(o))
}

// statusOf is a status without an order.
func statusOf(id core.ID, step int, status string, withID bool) core.Object {
	st := core.Object{
		"@id": fmt.Sprintf("/v2.0/certificates/%s/status", id), "@type": "Certificate",
		"step": step, "status": status, "requires_attention": false, "error_message": nil, "order_validation": nil,
	}
	if withID {
		st["@type"], st["id"] = "CertificateStatus", id
	}
	return st
}

// statusView is the view of a certificate's status.
func statusView(o *core.Order) core.Object {
	st := statusOf(o.ID, 1, "Processing", o.Quirks[QuirkStatusID])
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
