// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// Order is a certificate order to add.
type Order struct {
	// ID is the order id; empty has one assigned.
	ID core.ID `json:"id"`
	// Names are the DNS names; the first is the common name.
	Names []string `json:"names"`
	// Method is "dns-cname-token" (default), "dns-txt-token", "http-token", "http-token-dynamic" or "email".
	Method string `json:"method"`
	// Methods overrides the method for the domains (name scopes) that are its keys.
	Methods map[string]string `json:"methods"`
	// NameScope is "fqdn" (default) or "base_domain": validation of each name, or of the registrable domains.
	NameScope string `json:"name_scope"`
	// OmitDomainIDs makes a DV order whose domains the account does not have: its validation names no domain_id, and only
	// requests that write give its tokens.
	OmitDomainIDs bool `json:"omit_domain_ids"`
	// OrganizationID is the organization of an OV order; 0 makes a DV order.
	OrganizationID int64 `json:"organization_id"`
	// Validated are the names that are validated before the order is placed.
	Validated []string `json:"validated"`
	// Unplaced keeps the order in StageUnplaced until Place, or until the read after PlaceAfterReads reads of it if that is
	// not 0.
	Unplaced        bool `json:"unplaced"`
	PlaceAfterReads int  `json:"place_after_reads"`
}

// Plan implements core.Spec.
func (d Order) Plan() (core.Plan, error) {
	methods := []string{"dns-cname-token", "dns-txt-token", "http-token", "http-token-dynamic", "email"}
	var errs [4]error
	d.Method, errs[0] = core.OneOf("method", d.Method, methods...)
	d.NameScope, errs[1] = core.OneOf("name scope", d.NameScope, "fqdn", "base_domain")
	errs[2] = core.CheckNumber(d.ID)
	if d.OmitDomainIDs && d.OrganizationID != 0 {
		errs[3] = errors.New("sandbox: the domains of an order with an organization have ids")
	}
	d.Methods = maps.Clone(d.Methods)
	for _, m := range d.Methods {
		_, err := core.OneOf("method", m, methods...)
		errs[1] = errors.Join(errs[1], err)
	}
	scopes := map[string][]string{}
	var inOrder []string
	for _, name := range d.Names {
		scope := core.Canonical(name)
		if d.NameScope == "base_domain" {
			base, err := dcv.RegistrableDomain(scope)
			if err != nil {
				return core.Plan{}, fmt.Errorf("sandbox: %w", err)
			}
			scope = base
		}
		if _, ok := scopes[scope]; !ok {
			inOrder = append(inOrder, scope)
		}
		scopes[scope] = append(scopes[scope], name)
	}
	checks := func(id core.ID, quirks core.Quirks) (all []*core.Check) {
		for i, scope := range inOrder {
			method := d.Method
			if m, ok := d.Methods[scope]; ok {
				method = m
			}
			var domainID core.ID
			if !d.OmitDomainIDs {
				domainID = core.DomainID(id, i)
			}
			all = append(all, &core.Check{
				Challenge: core.Challenge{
					Domain: scope, Names: scopes[scope], DomainID: domainID, Method: method, Status: core.StatusPending,
				},
				Seed:   fmt.Sprintf("%s %s", id, scope),
				Assign: func(c *core.Check, seed string) bool { return assign(c, seed, quirks) },
			})
		}
		return all
	}
	return core.Plan{
		Service: Service, Kind: "order", Status: status, ID: d.ID, Names: d.Names, Validated: d.Validated,
		Unplaced: d.Unplaced, PlaceAfterReads: d.PlaceAfterReads,
		Unlisted: core.ReturnsErrors(d.ID), Spec: d, Checks: checks,
	}, errors.Join(errs[:]...)
}

// assign sets the token and the record of a domain.
func assign(c *core.Check, seed string, quirks core.Quirks) (expires bool) {
	name := core.Canonical(c.Domain)
	c.Token, c.Type, c.Name, c.Value, c.Also = "", "", "", "", ""
	if c.Method == "email" {
		return false
	}
	c.Token = core.Token(seed)
	switch c.Method {
	case "dns-txt-token":
		c.Type, c.Name, c.Value, c.Also = "TXT", name, c.Token, "_dnsauth."+name
	case "dns-cname-token":
		c.Token = core.CNAMEToken(seed, quirks)
		c.Type, c.Name, c.Value = "CNAME", "_dnsauth."+name, c.Token+".dcv.digicert.com"
	}
	return true
}

// ordered is what was ordered.
func ordered(o *core.Order) Order {
	d, _ := o.Spec.(Order)
	return d
}

// validation returns the validation of an order. It has no tokens; those are with the domains.
func (a *API) validation(r *http.Request) core.Reply {
	id, err := core.ParseNumber(r.PathValue("id"))
	if err != nil {
		return notFound("order")
	}
	if special, ok := special(id, "order"); ok {
		return special
	}
	rep, ok := a.Read(r, Service, id, func(o *core.Order) core.Reply {
		if o.Sample {
			return sample("order-112211-validation.json")
		}
		return reply(http.StatusOK, validationView(o))
	})
	if !ok {
		return notFound("order")
	}
	return rep
}

// status is the status of an order.
func status(o *core.Order) string {
	if o.Renewing {
		return "reissue_pending"
	}
	return map[core.Stage]string{
		core.StageUnplaced: "needs_approval", core.StageTokenAssigned: "pending", core.StageValidated: "processing",
		core.StageIssued: "issued", core.StageFailed: "rejected", core.StageCanceled: "canceled",
	}[o.Stage]
}

// validationView is the view of an order's validation. Ids are strings here.
func validationView(o *core.Order) core.Object {
	v := core.Object{
		"order_id": string(o.ID), "order_status": status(o),
		"order_name_scope": ordered(o).NameScope, "order_dcv_method": ordered(o).Method,
	}
	if id := ordered(o).OrganizationID; id != 0 {
		v["organization_id"] = strconv.FormatInt(id, 10)
		v["organization_name"] = organizationName
		v["organization_validations"] = []core.Object{{
			"type": "ov", "name": "OV", "description": "Normal Organization Validation",
			"date_created":    o.Created.Format(timeForm),
			"validated_until": o.Created.Add(core.ValidationReuse).Format(timeForm), "status": "complete",
			"verified_contacts": []core.Object{{
				"user_id": "0", "name": "Ada Example", "first_name": "Ada", "last_name": "Example",
				"job_title": "Administrator", "telephone": "555-0100", "email": "ada@example.com", "status": "complete",
			}},
			"verification_details": core.Object{
				"organization_type": "complete", "organization_status": "complete", "address_verification": "complete",
				"blacklist_fraud": "complete", "request_authenticity": "complete",
			},
		}}
	}
	if o.Stage == core.StageUnplaced {
		return v
	}
	words := map[core.Status]string{core.StatusPending: "pending", core.StatusValidated: "approved", core.StatusFailed: "rejected"}
	var names []core.Object
	for _, c := range o.Checks {
		e := core.Object{
			"name_scope": c.Domain, "approval_scope": "subdomains",
			"status": words[c.Status], "method": c.Method, "dns_names": c.Names,
		}
		if c.DomainID != "" {
			e["domain_id"] = string(c.DomainID)
		}
		if c.Status == core.StatusValidated {
			e["approval_expiration_date"] = c.ValidatedUntil.Format(timeForm)
		}
		names = append(names, e)
	}
	v["dns_name_validations"] = names
	return v
}

// organizationName is the name of every organization.
const organizationName = "Example Organization"

// orders returns the list of orders. Filters that the simulator does not know find everything.
func (a *API) orders(r *http.Request) core.Reply {
	q := r.URL.Query()
	return a.List(Service, func(all []*core.Order) core.Reply {
		var found []*core.Order
		for _, o := range all {
			if filtered(q, "id", string(o.ID)) && filtered(q, "status", status(o)) && filtered(q, "common_name", o.CommonName()) &&
				filtered(q, "domain_name", o.Names...) && searched(q, o.CommonName()) {
				found = append(found, o)
			}
		}
		return list(q, "orders", true, found, orderView)
	})
}

// orderView is an order as it is listed.
func orderView(o *core.Order) core.Object {
	certificate := core.Object{
		"id": o.ID.Number() + 7_000_000, "common_name": o.CommonName(), "dns_names": o.Names, "signature_hash": "sha256",
	}
	if o.Stage == core.StageIssued {
		till := o.Issued.Add(core.ValidationReuse)
		certificate["valid_till"] = till.Format(dateForm)
		certificate["days_remaining"] = int(time.Until(till).Round(24*time.Hour) / (24 * time.Hour))
	}
	v := core.Object{
		"id": o.ID, "status": status(o), "is_renewed": false,
		"date_created": o.Created.Format(timeForm), "validity_years": 1, "has_duplicates": false, "price": 175,
		"certificate": certificate, "container": core.Object{"id": 5, "name": "Example Division"},
		"product": core.Object{"name_id": "ssl_dv_geotrust_flex", "name": "GeoTrust DV SSL", "type": "dv_ssl_certificate"},
	}
	if id := ordered(o).OrganizationID; id != 0 {
		v["organization"] = core.Object{"id": id, "name": organizationName}
		v["product"] = core.Object{"name_id": "ssl_basic", "name": "Basic OV", "type": "ssl_certificate"}
	}
	return v
}
