// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"errors"
	"fmt"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// The objects that are there from the start. The first four return the samples of the vendor's documents and never
// change; the others are orders over example.com, example.net and example.org that wait for their records.
const (
	OrderSample          core.ID = "112211"
	DomainSample         core.ID = "1234"
	RequestSample        core.ID = "198"
	RequestSamplePending core.ID = "199"

	// OrderPending waits for CNAME tokens of example.com with *.example.com, and of www.example.com, and for a TXT token of
	// shop.example.net.
	OrderPending core.ID = "20001"
	// OrderBaseDomain has app.example.org and api.example.org, validated together by one TXT record at example.org.
	OrderBaseDomain core.ID = "20002"
	// RequestPending is the approved request that OrderPending was made by.
	RequestPending core.ID = "20101"
)

// Seed implements core.Vendor.
func (a *API) Seed() error {
	sample := Order{ID: OrderSample, Names: []string{"sub.example.com"}, Method: "email", OrganizationID: 12345}
	errs := []error{a.AddSample(sample, func(o *core.Order) {
		o.Stage, o.Issued = core.StageIssued, o.Created
		c := o.Checks[0]
		c.Domain, c.DomainID, c.Status = "example.com", DomainSample, core.StatusValidated
	})}
	for _, d := range []Order{
		{
			ID: OrderPending, Names: []string{"example.com", "*.example.com", "www.example.com", "shop.example.net"},
			Methods: map[string]string{"shop.example.net": "dns-txt-token"},
		},
		{
			ID: OrderBaseDomain, Names: []string{"app.example.org", "api.example.org"}, Method: "dns-txt-token",
			NameScope: "base_domain", OrganizationID: 12345,
		},
		{ID: IDDomainForbidden, Names: []string{"forbidden.example.com"}},
	} {
		_, err := a.Add(d)
		errs = append(errs, err)
	}
	_, err := a.AddRequest(Request{ID: RequestPending, OrderID: OrderPending, Status: "approved"})
	errs = append(errs, err)
	for id, name := range map[core.ID]string{RequestSample: "request-198.json", RequestSamplePending: "request-198-pending.json"} {
		r := samples.Object(name)
		if len(r) == 0 {
			errs = append(errs, fmt.Errorf("sandbox: sample %s cannot be read", name))
		}
		r["id"] = id
		a.requests[id] = r
	}
	return errors.Join(errs...)
}

// Populate implements core.Vendor.
func (a *API) Populate(number int64, name string, issued bool) (core.ID, error) {
	request := Request{}
	if issued {
		request.Status = "approved"
	}
	return a.addWithRequest(number, Order{Names: []string{name}}, request)
}

// addWithRequest adds an order with its request, both with the same number.
func (a *API) addWithRequest(number int64, d Order, q Request) (core.ID, error) {
	d.ID = core.NumberID(number)
	if _, err := a.Add(d); err != nil {
		return "", err
	}
	q.ID, q.OrderID = d.ID, d.ID
	_, err := a.AddRequest(q)
	return d.ID, err
}

// PopulateMixed implements core.Vendor.
func (a *API) PopulateMixed(number int64, domain string) (core.ID, core.Stage, error) {
	const organization = 12345
	www, shop := "www."+domain, "shop."+domain
	approved := Request{Status: "approved"}
	states := []struct {
		order   Order
		request Request
		stage   core.Stage
	}{
		{Order{Names: []string{domain, "*." + domain, www}}, approved, ""},
		{Order{Names: []string{www, shop}, NameScope: "base_domain", Method: "dns-txt-token", OrganizationID: organization}, approved, ""},
		{Order{Names: []string{domain, www}, Validated: []string{domain}, OrganizationID: organization}, approved, ""},
		{Order{Names: []string{domain, www}, Methods: map[string]string{www: "email", domain: "dns-txt-token"}}, approved, ""},
		{Order{Names: []string{domain}, Method: "email"}, approved, ""},
		{Order{Names: []string{domain, "192.0.2.10", "2001:db8::10"}, Method: "http-token"}, approved, ""},
		{Order{Names: []string{domain}, Method: "http-token-dynamic"}, approved, ""},
		{Order{Names: []string{"bücher." + domain}}, approved, ""},
		{Order{Names: []string{domain}, Method: "dns-txt-token", OmitDomainIDs: true}, approved, ""},
		{Order{Names: []string{domain, www}}, approved, core.StageIssued},
		{Order{Names: []string{domain}, Unplaced: true}, Request{}, ""},
		{Order{Names: []string{domain}}, approved, core.StageFailed},
		{Order{Names: []string{domain}}, Request{Type: "revoke", Status: "submitted"}, core.StageCanceled},
	}
	state := states[number%int64(len(states))]
	state.request.AutoRenew = []int{0, 1, 10}[number%3]
	id, err := a.addWithRequest(number, state.order, state.request)
	return id, state.stage, err
}
