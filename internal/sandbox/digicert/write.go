// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// QuirkCheckRefuses returns 400 to a check of an order that finds no DNS record, as the API did before it listed the names.
const QuirkCheckRefuses = "digicert-check-refuses"

// checkOrder looks for the records of an order at once. All found can issue the certificate.
func (a *API) checkOrder(r *http.Request) core.Reply {
	id, err := core.ParseNumber(r.PathValue("id"))
	if err != nil {
		return notFound("order")
	}
	if special, ok := special(id, "order"); ok {
		return special
	}
	var body struct {
		Names []string `json:"dns_names_validations"`
	}
	if err := decode(r, &body); err != nil {
		return apiError(http.StatusBadRequest, "invalid_json", err.Error())
	}
	asked := func(c *core.Check) bool {
		return len(body.Names) == 0 || slices.ContainsFunc(body.Names, func(name string) bool {
			return core.Canonical(name) == c.Domain ||
				slices.ContainsFunc(c.Names, func(have string) bool { return core.Canonical(have) == core.Canonical(name) })
		})
	}
	if err := a.LookAtOnce(r.Context(), Service, id, asked); err != nil {
		if errors.Is(err, core.ErrNotFound) {
			return notFound("order")
		}
		return apiError(http.StatusBadRequest, "invalid_order_status", "The order does not wait for validation.")
	}
	issue := false
	a.View(Service, id, func(o *core.Order) { issue = o.Stage == core.StageValidated })
	if issue {
		if err := a.Issue(Service, id); err != nil {
			return apiError(http.StatusInternalServerError, "error_500", err.Error())
		}
	}
	var response core.Reply
	a.View(Service, id, func(o *core.Order) { response = a.checkView(o, asked) })
	return response
}

// checkView is the response to a check of an order.
func (a *API) checkView(o *core.Order, asked func(*core.Check) bool) core.Reply {
	v := core.Object{"order_status": status(o), "dcv_status": "valid"}
	names := []core.Object{}
	for _, c := range o.Checks {
		if !asked(c) {
			continue
		}
		word := "approved"
		if c.Status != core.StatusValidated {
			if code := unfound(c); c.Type == "" || a.Quirk(QuirkCheckRefuses) {
				return apiError(http.StatusBadRequest, code, "Unable to find the random value for "+c.Domain+".")
			}
			word, v["dcv_status"] = "pending", "pending"
		}
		for _, name := range c.Names {
			names = append(names, core.Object{"dns_name": name, "status": word})
		}
	}
	if o.Stage == core.StageIssued {
		v["certificate_id"] = o.ID.Number() + 7_000_000
	}
	v["dns_name_validations"] = names
	return reply(http.StatusOK, v)
}

// unfound is the code that says that a token was not found.
func unfound(c *core.Check) string {
	switch c.Type {
	case "TXT":
		return "invalid_dns_txt"
	case "CNAME":
		return "invalid_dns_cname"
	}
	return "file_random_value_not_found"
}

// checkDomain looks for the record of a domain at once.
func (a *API) checkDomain(r *http.Request) core.Reply {
	id, order, failure := a.domainOf(r)
	if failure != nil {
		return *failure
	}
	if err := a.LookAtOnce(r.Context(), Service, order, func(c *core.Check) bool { return c.DomainID == id }); err != nil {
		return apiError(http.StatusBadRequest, "invalid_domain_status", "The domain does not wait for validation.")
	}
	var response core.Reply
	a.View(Service, order, func(o *core.Order) {
		c := o.Check(id)
		if c.Status != core.StatusValidated {
			response = apiError(http.StatusBadRequest, unfound(c), "Unable to find the random value for "+c.Domain+".")
			return
		}
		response = reply(http.StatusOK, core.Object{"token": c.Token, "status": "active"})
	})
	return response
}

// submitDomain submits a domain for validation: it gets a new token, and the one before it is void.
func (a *API) submitDomain(r *http.Request) core.Reply {
	id, _, failure := a.domainOf(r)
	if failure != nil {
		return *failure
	}
	var body struct {
		Validations []struct {
			Type string `json:"type"`
		} `json:"validations"`
		Method string `json:"dcv_method"`
	}
	if err := decode(r, &body); err != nil || len(body.Validations) == 0 {
		return apiError(http.StatusBadRequest, "invalid_validations", "The validation types are missing.")
	}
	for _, v := range body.Validations {
		if !slices.Contains([]string{"dv", "ov", "ev"}, v.Type) {
			return apiError(http.StatusBadRequest, "invalid_validation_type", "The validation type is unknown.")
		}
	}
	if !slices.Contains([]string{"", "dns-txt-token", "dns-cname-token", "http-token", "email"}, body.Method) {
		return apiError(http.StatusBadRequest, "invalid_dcv_method", "The DCV method is unknown.")
	}
	if err := a.Submit(Service, id, body.Method); err != nil {
		return apiError(http.StatusBadRequest, "invalid_domain_status", "The domain cannot be submitted.")
	}
	return core.Reply{Status: http.StatusNoContent}
}

// domainOf returns the domain of a request and its order, or the response that says why there is none.
func (a *API) domainOf(r *http.Request) (domain, order core.ID, failure *core.Reply) {
	domain, err := core.ParseNumber(r.PathValue("id"))
	if special, ok := special(domain, "domain"); ok && err == nil {
		return "", "", &special
	}
	order = a.OrderOf(Service, domain)
	switch {
	case order == "":
		unknown := notFound("domain")
		return "", "", &unknown
	case order == IDDomainForbidden:
		forbidden := missingPermission()
		return "", "", &forbidden
	}
	return domain, order, nil
}

// decode reads a JSON body, which may be empty.
func decode(r *http.Request, into any) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || len(body) == 0 {
		return err
	}
	return json.Unmarshal(body, into)
}
