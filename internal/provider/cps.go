// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"golang.org/x/sync/errgroup"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/cps"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// cpsService is Edgecast's Certificate Provisioning System (later VDMS, then Edgio), which orders from DigiCert.
type cpsService struct{}

func (cpsService) name() string        { return "cps" }
func (cpsService) displayName() string { return "Edgecast CPS" }

func (cpsService) description() string {
	return "How to reach the Certificate Provisioning System (CPS) of Edgecast, later VDMS and Edgio. Needed only for `certops_cps_certificate`, `certops_cps_certificates` and, with `cps_certificate_id`, `certops_dcv_validation`. " +
		"The public service ended on 15 January 2025; set `base_url` and `token_url` to where its API still answers."
}

func (cpsService) settings() []setting {
	return []setting{
		{
			name: "client_id", env: "CERTOPS_CPS_CLIENT_ID", required: true, check: client.CheckSecret,
			description: "OAuth 2.0 client id of an API client with the scope of `scope`.",
		},
		{
			name: "client_secret", env: "CERTOPS_CPS_CLIENT_SECRET", secret: true, required: true, check: client.CheckSecret,
			description: "OAuth 2.0 client secret. It is sent to `token_url` only, in the body of the request.",
		},
		{
			name: "scope", env: "CERTOPS_CPS_SCOPE", fallback: cps.DefaultScope,
			description: "OAuth 2.0 scope to ask for.",
		},
		{
			name: "token_url", env: "CERTOPS_CPS_TOKEN_URL", fallback: cps.DefaultTokenURL, check: checkURL,
			description: "Address of the OAuth 2.0 token endpoint.",
		},
		{
			name: "base_url", env: "CERTOPS_CPS_BASE_URL", fallback: cps.DefaultBaseURL, check: checkURL,
			description: "Address of the API, without `/sec/cps`.",
		},
	}
}

func (cpsService) newClient(values map[string]string, options client.Options) (any, error) {
	return cps.New(cps.Config{
		ClientID:     values["client_id"],
		ClientSecret: values["client_secret"],
		Scope:        values["scope"],
		TokenURL:     values["token_url"],
		BaseURL:      values["base_url"],
		HTTP:         options,
	})
}

func (cpsService) dataSources() []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newCPSCertificateDataSource("certops_cps_certificate"),
		newCPSCertificateDataSource("cps_certificate"),
		newCPSCertificatesDataSource,
	}
}

func (s cpsService) remedy(err *client.Error) string {
	if err.Token {
		return s.tokenRemedy(err)
	}
	switch err.Kind {
	case client.KindForbidden:
		return "The API client lacks the scope of `cps.scope` (CERTOPS_CPS_SCOPE), or may not see this. Have the scope granted."
	case client.KindNotFound:
		return "CPS answers like this when the certificate request does not exist and when the API client may not see it. Check the id, and the account of `cps.client_id` (CERTOPS_CPS_CLIENT_ID)."
	}
	return ""
}

// tokenRemedy is what to do about a failure of the token endpoint.
func (s cpsService) tokenRemedy(err *client.Error) string {
	switch err.Kind {
	case client.KindUnauthorized, client.KindBody:
		if err.Code == "invalid_client" {
			return "Check " + credentials(s) + "."
		}
		return "Check " + credentials(s) + ", `cps.scope` (CERTOPS_CPS_SCOPE) and `cps.token_url` (CERTOPS_CPS_TOKEN_URL)."
	case client.KindRateLimited, client.KindUnavailable:
		return "The fault is on the side of the token endpoint. Try again later."
	case client.KindTLS:
		return "Check `cps.token_url` (CERTOPS_CPS_TOKEN_URL). For a private certification authority, name the file of its certificate in SSL_CERT_FILE."
	case client.KindNetwork, client.KindDNS, client.KindRedirect:
		return "Check `cps.token_url` (CERTOPS_CPS_TOKEN_URL), the network and the proxy settings (HTTPS_PROXY, NO_PROXY)."
	}
	return ""
}

func (cpsService) order() orderKind {
	return orderKind{
		argument:    "cps_certificate_id",
		noun:        "certificate request",
		description: "Id of the CPS certificate request.",
		issuers:     dnscheck.DigiCertIssuers,
		read:        orderReader(readCPSOrder),
	}
}

func readCPSOrder(ctx context.Context, c *cps.Client, id string) (dcv.Order, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return dcv.Order{}, err
	}
	certificate, err := c.Certificate(ctx, n)
	if err != nil {
		return dcv.Order{}, err
	}
	order, err := readCPSSupplements(ctx, c, certificate, n, true, true).order(txtOwnerDomain)
	if err != nil {
		return dcv.Order{}, err
	}
	return order, failedRead(order)
}

// cpsResponse is a certificate request with what its two supplementary endpoints say.
type cpsResponse struct {
	certificate *cps.Certificate
	// statusRead and dcvRead tell which of them were asked.
	statusRead, dcvRead bool
	status              *cps.CertificateStatus
	statusErr           error
	dcv                 []cps.DomainDCV
	dcvErr              error
}

// readCPSSupplements asks the two supplementary endpoints at the same time.
func readCPSSupplements(ctx context.Context, c *cps.Client, certificate *cps.Certificate, id int64, includeStatus, includeDCV bool) cpsResponse {
	response := cpsResponse{certificate: certificate}
	var domainIDs []int64
	for _, domain := range certificate.Domains {
		if domain.ID != nil {
			domainIDs = append(domainIDs, *domain.ID.Ptr())
		}
	}
	// Both errors are kept: neither read is given up because the other failed.
	var group errgroup.Group
	if includeStatus {
		response.statusRead = true
		group.Go(func() error {
			response.status, response.statusErr = c.CertificateStatus(ctx, id)
			return nil
		})
	}
	if includeDCV && len(domainIDs) > 0 {
		response.dcvRead = true
		group.Go(func() error {
			response.dcv, response.dcvErr = c.DCV(ctx, id, domainIDs)
			return nil
		})
	}
	_ = group.Wait()
	return response
}

// order puts the response into vendor-neutral words. txtOwner says where TXT tokens are published. A request that is open
// and names no domain is an error: nobody can tell which records it needs.
func (r cpsResponse) order(txtOwner string) (dcv.Order, error) {
	var order dcv.Order
	placed := r.judge(&order)
	open := !order.Issued && order.Ended == ""
	if open && len(r.certificate.Domains) == 0 {
		return order, dcv.ErrNoValidations
	}
	validated := true
	for i := range r.certificate.Domains {
		domain := &r.certificate.Domains[i]
		challenge := r.challenge(domain, txtOwner)
		if challenge.Status != dcv.StatusValidated {
			validated = false
			if open && challenge.Channel == dcv.ChannelUnknown {
				challenge.Status = dcv.StatusUnknown
				order.Doubts = append(order.Doubts, dcv.Doubt{Names: []string{challenge.Domain}, Reason: unknownCPSMethod(challenge.Method)})
			}
			if open && challenge.Channel == dcv.ChannelDNS && challenge.Publish == nil && r.dcvRead && challenge.Reason == "" {
				challenge.Reason = dcv.ReasonNotPlaced
				if placed {
					challenge.Reason = "CPS returns no token for the domain."
					if r.dcvErr == nil {
						order.Doubts = append(order.Doubts, dcv.Doubt{Names: []string{challenge.Domain}, Reason: "CPS returns no token for the domain"})
					}
				}
			}
		}
		order.Challenges = append(order.Challenges, challenge)
	}
	open = open && !validated
	if r.statusErr != nil {
		order.Unread = append(order.Unread, dcv.Unread{Part: "the status", Option: "include_status", Open: open, Err: r.statusErr})
	}
	if r.dcvErr != nil && (placed || !isNotFound(r.dcvErr)) {
		order.Unread = append(order.Unread, dcv.Unread{Part: "the DCV data", Option: "include_dcv", Open: open, Err: r.dcvErr})
	}
	return order, nil
}

// unknownCPSMethod says why the validation method of a domain is of no use.
func unknownCPSMethod(method *string) string {
	if method == nil {
		return "CPS names no validation method"
	}
	return fmt.Sprintf("the validation method %q is not known to this version of the provider", printable(*method))
}

// judge tells where the order stands, and whether it is placed with the certificate authority.
func (r cpsResponse) judge(order *dcv.Order) (placed bool) {
	if r.status == nil {
		// The domains tell it where there is no status: the first step makes them.
		return slices.ContainsFunc(r.certificate.Domains, func(d cps.Domain) bool {
			return !strings.EqualFold(d.Status.String(), "ProvisioningInitiated")
		})
	}
	certificate := strings.ToLower(r.status.Status.String())
	if certificate == "deleted" {
		order.Ended = "the certificate request was deleted"
		return true
	}
	if r.status.OrderValidation == nil {
		order.Issued = certificate == "active"
		return order.Issued || certificate == "deployment"
	}
	word := r.status.OrderValidation.Status.String()
	switch strings.ToLower(word) {
	case "issued":
		order.Issued = true
	case "deleted", "rejected", "revoked", "canceled", "cancelled", "expired":
		order.Ended = "the order has the status " + printable(word)
	case "awaitingrenewal", "pendingrenewal", "renewed", "awaitingreissue", "pendingreissue", "awaitingorgupdate", "pendingorgupdate", "orgupdated":
		order.Renewing = true
	case "pending", "renewalrejected", "reissuerejected":
	default:
		order.Unknown = cmp.Or(word, "(none)")
	}
	return true
}

// domainDCV is the DCV data of one domain. A DV certificate has one token for all its domains, so an entry for another
// domain serves where this domain has none.
func (r cpsResponse) domainDCV(domain *cps.Domain) *cps.DomainDCV {
	var shared *cps.DomainDCV
	for i := range r.dcv {
		entry := &r.dcv[i]
		if entry.DomainID != nil && domain.ID != nil && *entry.DomainID == *domain.ID {
			return entry
		}
		if shared == nil && entry.DCVToken != nil && entry.DCVToken.Token.String() != "" {
			shared = entry
		}
	}
	if shared != nil && strings.EqualFold(r.certificate.ValidationType.String(), "DV") {
		return &cps.DomainDCV{DCVMethod: shared.DCVMethod, DCVToken: shared.DCVToken}
	}
	return nil
}

// domainStatus prefers the order's word on a domain to the domain's own status, which also covers deployment.
func (r cpsResponse) domainStatus(domain *cps.Domain) dcv.Status {
	var told []dcv.Status
	if r.status != nil && r.status.OrderValidation != nil {
		for _, validation := range r.status.OrderValidation.DomainValidations {
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
			}
		}
	}
	if len(told) > 0 {
		return slices.MinFunc(told, dcv.CompareStatus)
	}
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

func validationCovers(validation cps.DomainValidation, domain *cps.Domain) bool {
	if validation.DomainID != nil && domain.ID != nil && *validation.DomainID == *domain.ID {
		return true
	}
	return slices.ContainsFunc(validation.DomainNames, func(name *client.Text) bool {
		return name != nil && strings.EqualFold(name.String(), domain.Name.String())
	})
}

// challenge puts one domain into vendor-neutral words.
func (r cpsResponse) challenge(domain *cps.Domain, txtOwner string) dcv.Challenge {
	challenge := dcv.Challenge{
		Domain: domain.Name.String(),
		Status: r.domainStatus(domain),
		Method: r.certificate.DCVMethod.Ptr(),
	}
	entry := r.domainDCV(domain)
	if entry != nil && entry.DCVMethod != nil {
		challenge.Method = entry.DCVMethod.Ptr()
	}
	token := entry != nil && entry.DCVToken != nil && entry.DCVToken.Token != nil
	switch strings.ToLower(valueOf(challenge.Method)) {
	case "dnstxttoken":
		challenge.Channel = dcv.ChannelDNS
		if token {
			challenge.Publish = digicertTXT(challenge.Domain, entry.DCVToken.Token.String(), nil, txtOwner)
		}
	case "dnscnametoken":
		challenge.Channel = dcv.ChannelDNS
		if token {
			challenge.Publish = digicertCNAME(challenge.Domain, entry.DCVToken.Token.String(), nil)
		}
	case "email":
		challenge.Channel = dcv.ChannelEmail
	default:
		challenge.Channel = dcv.ChannelUnknown
	}
	return challenge
}
