// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// What is only probable: the document of the API and the vendor's clients differ.
const (
	// QuirkTokenText sends a token as text, not as an object.
	QuirkTokenText = "cps-token-as-text"
	// QuirkOmitZeroID leaves the domain_id of 0 out of the item that all domains share.
	QuirkOmitZeroID = "cps-shared-item-without-id"
	// QuirkItemPerDomain gives each domain an item, and each domain of OV and EV a token.
	QuirkItemPerDomain = "cps-item-per-domain"
	// QuirkStatusID gives a status an id, and a type of its own.
	QuirkStatusID = "cps-status-with-id"
)

var allQuirks = []core.Quirk{
	{Name: QuirkTokenText, Help: "CPS sends a token as text, not as an object"},
	{Name: QuirkOmitZeroID, Help: "CPS leaves domain_id out of the item that all domains share, instead of sending 0"},
	{Name: QuirkItemPerDomain, Help: "CPS sends an item for each domain, not for all (DV) or for the parents (OV, EV)"},
	{Name: QuirkStatusID, Help: "CPS sends an id and the type CertificateStatus with a status"},
}

// dcv returns the tokens of the domains asked for: one item for all domains of a DV certificate, or one for each parent. A
// token is gone once its domains are validated.
func dcv(r *http.Request, o *core.Order) core.Reply {
	ids, err := domainIDs(r.URL.Query().Get("domain_ids"))
	if err == nil && len(ids) == 0 && ordered(o).Method != "Email" {
		err = errors.New("domain_ids is required for the DNS methods")
	}
	if err != nil {
		return apiError(http.StatusBadRequest, "invalid_input", err.Error()+".", "/domain_ids")
	}
	var asked []string
	for _, id := range ids {
		name := domainName(o, id)
		if name == "" {
			return apiError(http.StatusNotFound, "not_found", "The domain does not exist.", "/domain_ids")
		}
		asked = append(asked, name)
	}
	if o.Sample {
		return samples.Reply("certificate-11604-dcv.json")
	}
	items := []core.Object{}
	if ordered(o).ValidationType == "DV" && !o.Quirks[QuirkItemPerDomain] {
		shared := item(o.Quirks, "0", o.Checks...)
		if o.Quirks[QuirkOmitZeroID] {
			delete(shared, "domain_id")
		}
		items = append(items, shared)
	} else {
		for _, c := range o.Checks {
			if asked == nil || slices.ContainsFunc(c.Names, func(name string) bool { return slices.Contains(asked, name) }) {
				items = append(items, item(o.Quirks, c.DomainID, c))
			}
		}
	}
	return core.JSON(http.StatusOK, core.Object{
		"@id": fmt.Sprintf("/v2.0/dcv/certificates/%s", o.ID), "@type": "Collection",
		"items": items, "total_items": len(items),
	})
}

// domainName returns the name of the domain with an id, "" where there is none.
func domainName(o *core.Order, id core.ID) string {
	if c := o.Check(id); c != nil {
		return c.Domain
	}
	for i, name := range o.Names {
		if id == core.DomainID(o.ID, i) && !o.Sample {
			return name
		}
	}
	return ""
}

// domainIDs reads a list of ids.
func domainIDs(list string) (ids []core.ID, err error) {
	for _, part := range strings.Split(list, ",") {
		if part == "" {
			continue
		}
		id, err := core.ParseNumber(strings.TrimSpace(part))
		if err != nil {
			return nil, errors.New("domain_ids is not a list of numbers")
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// item is the DCV data of domains that share a token.
func item(quirks core.Quirks, id core.ID, checks ...*core.Check) core.Object {
	v := core.Object{"domain_id": id, "dcv_method": checks[0].Method, "dcv_token": nil, "emails": nil}
	var emails []string
	for _, c := range checks {
		switch {
		case c.Method == "Email":
			name := core.Canonical(c.Domain)
			emails = append(emails, "admin@"+name, "hostmaster@"+name, "postmaster@"+name)
		case c.Token == "" || c.Status == core.StatusValidated:
		case quirks[QuirkTokenText]:
			v["dcv_token"] = c.Token
		default:
			v["dcv_token"] = core.Object{"token": c.Token}
		}
	}
	if len(emails) > 0 {
		v["emails"] = emails
	}
	return v
}
