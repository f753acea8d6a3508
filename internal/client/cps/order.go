// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// ReadOrder reads a certificate request, whose id is a number in decimal, with its supplements.
func ReadOrder(ctx context.Context, c *Client, id string) (dcv.Order, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return dcv.Order{}, err
	}
	certificate, err := c.Certificate(ctx, n)
	if err != nil {
		return dcv.Order{}, err
	}
	return readOrder(ctx, c, certificate, n)
}

// ListOrders lists the account's certificate requests. The list tells of none where it stands.
func ListOrders(ctx context.Context, c *Client) ([]dcv.Listed, error) {
	certificates, err := c.Certificates(ctx, CertificateFilter{})
	var listed []dcv.Listed
	for i := range certificates {
		certificate := &certificates[i]
		one := dcv.Listed{ID: certificate.ID.String(),
			Read: func(ctx context.Context) (dcv.Order, error) {
				return readOrder(ctx, c, certificate, *certificate.ID.Ptr())
			}}
		if len(certificate.Domains) > 0 {
			one.Name = certificate.Domains[0].Name.String()
		}
		listed = append(listed, one)
	}
	return listed, err
}

func readOrder(ctx context.Context, c *Client, certificate *Certificate, id int64) (dcv.Order, error) {
	order, err := ReadSupplements(ctx, c, certificate, id, true, true).Order(dcv.TXTOwnerDomain)
	if err != nil {
		return dcv.Order{}, err
	}
	return order, order.FailedRead()
}

// Response is a certificate request with what its two supplementary endpoints say.
type Response struct {
	Certificate *Certificate
	Status      *CertificateStatus
	statusErr   error
	// dcvWanted tells whether the DCV data is to be read. It takes a domain id.
	dcvWanted bool
	DCV       []DomainDCV
	dcvErr    error
}

// ReadSupplements asks the two supplementary endpoints at the same time.
func ReadSupplements(ctx context.Context, c *Client, certificate *Certificate, id int64, includeStatus, includeDCV bool) Response {
	response := Response{Certificate: certificate, dcvWanted: includeDCV}
	var domainIDs []int64
	for _, domain := range certificate.Domains {
		if domain.ID != nil {
			domainIDs = append(domainIDs, *domain.ID.Ptr())
		}
	}
	// Both errors are kept: neither read is given up because the other failed.
	var group errgroup.Group
	if includeStatus {
		group.Go(func() error {
			response.Status, response.statusErr = c.CertificateStatus(ctx, id)
			return nil
		})
	}
	// Without ids the API refuses the read. Where a name needs a record, that is an error of the order.
	if includeDCV && len(domainIDs) > 0 {
		group.Go(func() error {
			response.DCV, response.dcvErr = c.DCV(ctx, id, domainIDs)
			return nil
		})
	}
	_ = group.Wait()
	return response
}

// Order puts the response into vendor-neutral words. txtOwner says where TXT tokens are published. A request that is open
// and names no domain is an error: nobody can tell which records it needs. So is one whose tokens cannot be told apart.
func (r Response) Order(txtOwner string) (dcv.Order, error) {
	var order dcv.Order
	placed := r.judge(&order)
	open := !order.Issued && order.Ended == ""
	if open && len(r.Certificate.Domains) == 0 {
		return order, dcv.ErrNoValidations
	}
	validated := true
	for i := range r.Certificate.Domains {
		domain := &r.Certificate.Domains[i]
		challenge := r.challenge(domain, txtOwner)
		if challenge.Status != dcv.StatusValidated {
			validated = false
			if open && challenge.Channel == dcv.ChannelUnknown {
				challenge.Status = dcv.StatusUnknown
				order.Doubts = append(order.Doubts, dcv.Doubt{Names: challenge.Names, Reason: dcv.UnknownMethod(Service, challenge.Method)})
			}
			if open && challenge.Channel == dcv.ChannelDNS && challenge.Publish == nil && r.dcvWanted && challenge.Reason == "" {
				challenge.Reason = dcv.ReasonNotPlaced
				if placed {
					if err := r.partial(domain); err != nil {
						return order, err
					}
					challenge.Reason = "CPS returns no token for the domain."
					if r.dcvErr == nil {
						order.Doubts = append(order.Doubts, dcv.Doubt{Names: challenge.Names, Reason: "CPS returns no token for the domain",
							Lost: true, Option: "include_dcv"})
					}
				}
			}
			if open && challenge.Publish != nil {
				if err := r.ambiguous(domain); err != nil {
					return order, err
				}
			}
		}
		order.Challenges = append(order.Challenges, challenge)
	}
	open = open && !validated
	if r.statusErr != nil {
		order.Unread = append(order.Unread, dcv.Unread{Part: "the status", Option: "include_status", Open: open,
			Refused: client.IsRefused(r.statusErr), Err: r.statusErr})
	}
	if r.dcvErr != nil && (placed || !client.IsNotFound(r.dcvErr)) {
		order.Unread = append(order.Unread, dcv.Unread{Part: "the DCV data", Option: "include_dcv", Open: open,
			Refused: client.IsRefused(r.dcvErr), Err: r.dcvErr})
	}
	return order, nil
}

// partial says what the response leaves out that the record of a domain needs; nil where it has no record by itself.
func (r Response) partial(domain *Domain) error {
	switch {
	case !slices.ContainsFunc(r.Certificate.Domains, func(d Domain) bool { return d.ID != nil }):
		return errors.New("the response gives no domain id, and without one the tokens cannot be read")
	case r.isDV() && r.entryOf(domain.ID) == nil && slices.ContainsFunc(r.DCV, func(d DomainDCV) bool { return d.useful() }):
		return fmt.Errorf("the response has DCV data of other domains, and none for %q", dcv.Printable(domain.Name.String()))
	}
	return nil
}

// ambiguous says why nobody can tell where the token of a domain belongs; nil where that is clear.
func (r Response) ambiguous(domain *Domain) error {
	name := domain.Name.String()
	if name == "" {
		return fmt.Errorf("the response has a token for the domain %s, and no name of it", domain.ID)
	}
	for i := range r.Certificate.Domains {
		other := &r.Certificate.Domains[i]
		if r.entryOf(domain.ID) != nil && other.ID != nil && *other.ID == *domain.ID &&
			!dcv.Covers(name, other.Name.String()) && !dcv.Covers(other.Name.String(), name) {
			return fmt.Errorf("the response gives the domain id %s to different domains", domain.ID)
		}
	}
	return nil
}

// isDV tells whether the certificate is validated by its domains alone.
func (r Response) isDV() bool { return strings.EqualFold(r.Certificate.ValidationType.String(), "DV") }

// judge tells where the order stands, and whether it is placed with the certificate authority.
func (r Response) judge(order *dcv.Order) (placed bool) {
	if r.Status == nil {
		// The domains tell it where there is no status: the first step makes them.
		return slices.ContainsFunc(r.Certificate.Domains, func(d Domain) bool {
			return !strings.EqualFold(d.Status.String(), "ProvisioningInitiated")
		})
	}
	certificate := strings.ToLower(r.Status.Status.String())
	if certificate == "deleted" {
		order.Ended = "the certificate request was deleted"
		return true
	}
	if r.Status.OrderValidation == nil {
		order.Issued = certificate == "active"
		// What comes after the first step says that the order is placed, even if the response lacks it.
		return order.Issued || slices.Contains([]string{"domaincontrolvalidation", "othervalidation", "deployment"}, certificate)
	}
	word := r.Status.OrderValidation.Status.String()
	switch strings.ToLower(word) {
	case "issued":
		order.Issued = true
	case "deleted", "rejected", "revoked", "canceled", "cancelled", "expired":
		order.Ended = "the order has the status " + dcv.Printable(word)
	case "awaitingrenewal", "pendingrenewal", "renewed", "awaitingreissue", "pendingreissue", "awaitingorgupdate", "pendingorgupdate",
		"orgupdated":
		order.Renewing = true
	case "pending", "renewalrejected", "reissuerejected":
	default:
		order.Unknown = cmp.Or(word, "(none)")
	}
	return true
}

// domainStatus prefers the order's word on a domain to the domain's own status, which also covers deployment: a domain stays
// active while the certificate on it is replaced. A word of the order that is not known may stand for anything but approval.
func (r Response) domainStatus(domain *Domain) dcv.Status {
	own := ownStatus(domain)
	var told []dcv.Status
	if r.Status != nil && r.Status.OrderValidation != nil {
		for _, validation := range r.Status.OrderValidation.DomainValidations {
			if !validationCovers(validation, domain) {
				continue
			}
			switch strings.ToLower(validation.Status.String()) {
			case "approved":
				told = append(told, dcv.StatusValidated)
			case "pending":
				told = append(told, dcv.StatusPending)
			case "rejected":
				told = append(told, dcv.StatusFailed)
			case "", "unknown", "na":
			default:
				told = append(told, dcv.StatusUnknown, own)
			}
		}
	}
	if len(told) == 0 {
		return own
	}
	return slices.MinFunc(told, dcv.CompareStatus)
}

// ownStatus is what a domain says of itself.
func ownStatus(domain *Domain) dcv.Status {
	switch strings.ToLower(domain.Status.String()) {
	case "active":
		return dcv.StatusValidated
	case "provisioninginitiated", "awaitingcertificateauthority", "pendingreissue":
		return dcv.StatusPending
	case "pendingdns":
		return dcv.StatusActionRequired
	case "rejected", "timedout", "secretrejected":
		return dcv.StatusFailed
	}
	return dcv.StatusUnknown
}

// validationCovers tells whether a validation is about a domain. Its names say so, where it has any: one whose id is that of
// the domain and whose names are of others contradicts itself, and tells nothing of the domain.
func validationCovers(validation DomainValidation, domain *Domain) bool {
	same := validation.DomainID != nil && domain.ID != nil && *validation.DomainID == *domain.ID && *domain.ID != 0
	names := client.Texts(validation.DomainNames)
	if len(names) == 0 {
		return same
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return strings.EqualFold(name, domain.Name.String()) || same && dcv.Covers(name, domain.Name.String())
	})
}

// challenge puts one domain into vendor-neutral words.
func (r Response) challenge(domain *Domain, txtOwner string) dcv.Challenge {
	entry, proven := r.proof(domain)
	challenge := dcv.Challenge{
		Domain: proven,
		Names:  client.Texts([]*client.Text{domain.Name}),
		Status: r.domainStatus(domain),
		Method: r.Certificate.DCVMethod.Ptr(),
	}
	if entry != nil && entry.DCVMethod != nil {
		challenge.Method = entry.DCVMethod.Ptr()
	}
	token := entry != nil && entry.token() != ""
	switch strings.ToLower(dcv.Value(challenge.Method)) {
	case "dnstxttoken":
		challenge.Channel = dcv.ChannelDNS
		if token {
			challenge.Publish = dcv.DigiCertTXT(challenge.Domain, entry.token(), nil, txtOwner)
		}
	case "dnscnametoken":
		challenge.Channel = dcv.ChannelDNS
		if token {
			challenge.Publish = dcv.DigiCertCNAME(challenge.Domain, entry.token(), nil)
		}
	case "email":
		challenge.Channel = dcv.ChannelEmail
	default:
		challenge.Channel = dcv.ChannelUnknown
	}
	return challenge
}
