// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package digicert writes at the DigiCert Services API (CertCentral): it has DigiCert look for records at once, and submits
// domains for validation again. Only the provider's actions import it; package client/digicert, which reads, cannot reach it.
package digicert

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/client"
)

// Client writes in one CertCentral account. It is safe for concurrent use.
type Client struct {
	path *client.WritePath
}

// New returns a Client on the path of the client that reads from the same account.
func New(path *client.WritePath) *Client {
	return &Client{path: path}
}

// Check is what DigiCert says after it has looked.
type Check struct {
	// OrderStatus is the status of the order, "" for a domain, and where DigiCert found nothing.
	OrderStatus string
	// Names are the statuses of the names that were looked for, as far as DigiCert tells.
	Names map[string]string
	// Reasons say why DigiCert is not satisfied, in the words of its API: a code and a message.
	Reasons []string
}

// orderCheck is the response for an order.
type orderCheck struct {
	OrderStatus        *client.Text `json:"order_status"`
	DNSNameValidations client.OneOrMany[struct {
		DNSName *client.Text `json:"dns_name"`
		Status  *client.Text `json:"status"`
	}] `json:"dns_name_validations"`
}

// CheckOrder has DigiCert look for the records of an order, or of some of its domains. It does not reset DigiCert's own polling,
// and it can end in the issuance of the certificate:
// https://dev.digicert.com/certcentral-apis/services-api/orders/dv-ssl-check-dcv.html.
func (c *Client) CheckOrder(ctx context.Context, orderID string, domains []string) (Check, error) {
	var question any
	if len(domains) > 0 {
		question = struct {
			Domains []string `json:"dns_names_validations"`
		}{domains}
	}
	var said orderCheck
	err := c.path.Send(ctx, http.MethodPut, question, &said, "order", "certificate", orderID, "check-dcv")
	if reasons := unfound(err); reasons != nil {
		return Check{Reasons: reasons}, nil
	}
	if err != nil {
		return Check{}, err
	}
	check := Check{OrderStatus: c.path.Clean(said.OrderStatus.String()), Names: make(map[string]string)}
	for _, name := range said.DNSNameValidations {
		if name.DNSName != nil && name.Status != nil {
			check.Names[c.path.Clean(name.DNSName.String())] = c.path.Clean(name.Status.String())
		}
	}
	return check, nil
}

// CheckDomain has DigiCert look for the record of a domain:
// https://dev.digicert.com/certcentral-apis/services-api/domains/check-domain-dcv.html.
func (c *Client) CheckDomain(ctx context.Context, domainID string) (Check, error) {
	err := c.path.Send(ctx, http.MethodPut, nil, nil, "domain", domainID, "dcv", "validate-token")
	if reasons := unfound(err); reasons != nil {
		return Check{Reasons: reasons}, nil
	}
	return Check{}, err
}

// SubmitDomain submits a domain for validation. The domain then has a new token, and the one before it is void:
// https://dev.digicert.com/certcentral-apis/services-api/domains/submit-for-validation.html.
func (c *Client) SubmitDomain(ctx context.Context, domainID, method string, types []string) error {
	type validation struct {
		Type string `json:"type"`
	}
	submission := struct {
		Validations []validation `json:"validations"`
		Method      string       `json:"dcv_method"`
	}{Method: method}
	for _, t := range types {
		submission.Validations = append(submission.Validations, validation{t})
	}
	return c.path.Send(ctx, http.MethodPost, submission, nil, "domain", domainID, "validation")
}

// unfound returns what DigiCert did not find, nil for an error of another kind. It says so with the status 400 and codes such as
// invalid_dns_txt and file_random_value_not_found, of which no page has the whole list.
func unfound(err error) []string {
	e, ok := errors.AsType[*client.Error](err)
	if !ok || e.StatusCode != http.StatusBadRequest || e.Code == "" {
		return nil
	}
	return append([]string{strings.Trim(e.Code+": "+e.Message, ": ")}, e.Details...)
}
