// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// domain returns a domain, with its token unless it is validated.
func (a *API) domain(r *http.Request) core.Reply {
	id, err := core.ParseNumber(r.PathValue("id"))
	if err != nil {
		return notFound("domain")
	}
	if special, ok := special(id, "domain"); ok {
		return special
	}
	order := a.OrderOf(Service, id)
	if order == IDDomainForbidden {
		return missingPermission()
	}
	q := r.URL.Query()
	rep, ok := a.Read(r, Service, order, func(o *core.Order) core.Reply {
		return reply(http.StatusOK, domainView(o, o.Check(id), isTrue(q, "include_dcv"), isTrue(q, "include_validation")))
	})
	if !ok {
		return notFound("domain")
	}
	return rep
}

// isTrue reads a query parameter that is a boolean.
func isTrue(q url.Values, name string) bool {
	v := q.Get(name)
	return v == "true" || v == "1"
}

// domainView is the view of a domain.
func domainView(o *core.Order, c *core.Check, dcv, validation bool) core.Object {
	if o.Sample {
		v := samples.Object("domain-1234.json")
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
	approved := c.Status == core.StatusValidated
	v := core.Object{
		"id": c.DomainID, "name": c.Domain, "is_active": true, "status": "pending", "date_created": o.Created.Format(timeForm),
	}
	if approved {
		v["status"] = "active"
	}
	if id := ordered(o).OrganizationID; id != 0 {
		v["organization"] = core.Object{"id": id, "name": organizationName, "display_name": organizationName, "is_active": "1"}
	}
	if dcv {
		v["dcv_method"] = c.Method
		if approved {
			v["dcv_approval_datetime"] = c.Approved.Format(timeForm)
			v["dcv_expiration_datetime"] = c.ValidatedUntil.Format(timeForm)
			v["dcv_expiration"] = core.Object{"ov": c.ValidatedUntil.Format(dateForm), "ev": c.ValidatedUntil.Format(dateForm)}
		} else if c.Token != "" {
			token := core.Object{"token": c.Token, "status": "pending", "expiration_date": c.TokenExpires.Format(timeForm)}
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
		e := core.Object{
			"type": "dv", "name": "DV", "description": "Domain Validation", "date_created": o.Created.Format(timeForm),
			"status": "pending", "dcv_status": "pending",
		}
		if ordered(o).OrganizationID != 0 {
			e["type"], e["name"], e["description"] = "ov", "OV", "Normal Organization Validation"
		}
		if approved {
			e["status"], e["dcv_status"] = "active", "complete"
			e["validated_until"] = c.ValidatedUntil.Format(timeForm)
		}
		v["validations"] = []core.Object{e}
	}
	return v
}

// domains returns the list of domains. An account holds a name once: the domain of the latest order stands.
func (a *API) domains(r *http.Request) core.Reply {
	q := r.URL.Query()
	dcv, validation := isTrue(q, "include_dcv"), isTrue(q, "include_validation")
	type domain struct {
		*core.Check
		order *core.Order
	}
	return a.List(Service, func(all []*core.Order) core.Reply {
		latest := map[string]domain{}
		for _, o := range all {
			for _, c := range o.Checks {
				have, ok := latest[c.Domain]
				if c.DomainID != "" && searched(q, c.Domain) && (!ok || have.DomainID.Compare(c.DomainID) < 0) {
					latest[c.Domain] = domain{c, o}
				}
			}
		}
		found := slices.SortedFunc(maps.Values(latest), func(a, b domain) int { return a.DomainID.Compare(b.DomainID) })
		return list(q, "domains", true, found, func(d domain) core.Object { return domainView(d.order, d.Check, dcv, validation) })
	})
}
