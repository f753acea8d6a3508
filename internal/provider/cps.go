// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"net/http"
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
	if err.Method == http.MethodPost {
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
	case client.KindToken:
		if err.StatusCode == http.StatusTooManyRequests || err.StatusCode >= http.StatusInternalServerError {
			return "The fault is on the side of the token endpoint. Try again later."
		}
		if err.Code == "invalid_client" {
			return "Check " + credentials(s) + "."
		}
		return "Check " + credentials(s) + ", `cps.scope` (CERTOPS_CPS_SCOPE) and `cps.token_url` (CERTOPS_CPS_TOKEN_URL)."
	case client.KindTLS:
		return "Check `cps.token_url` (CERTOPS_CPS_TOKEN_URL). For a private certification authority, name the file of its certificate in SSL_CERT_FILE."
	case client.KindNetwork, client.KindDNS, client.KindRedirect, client.KindBody, client.KindDecode:
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

func readCPSOrder(ctx context.Context, c *cps.Client, id string) (dcvOrder, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return dcvOrder{}, err
	}
	certificate, err := c.Certificate(ctx, n)
	if err != nil {
		return dcvOrder{}, err
	}
	answer := readCPSCompanions(ctx, c, certificate, n, true, true)
	refused, err := refusedOnly(answer.failed())
	if err != nil {
		return dcvOrder{}, err
	}
	order := dcvOrder{challenges: answer.challenges(), refused: refused}
	if status := answer.status; status != nil {
		if status.Status.String() == "Deleted" {
			order.ended = "the certificate request was deleted"
		} else if validation := status.OrderValidation; validation != nil {
			word := validation.Status.String()
			order.renewing = slices.Contains(cpsRenewingOrders, word)
			if slices.Contains(cpsEndedOrders, word) {
				order.ended = "the order has the status " + word
			}
		}
	}
	return order, nil
}

// cpsRenewingOrders are the order statuses of a certificate that is valid and about to be replaced.
var cpsRenewingOrders = []string{"AwaitingRenewal", "PendingRenewal", "Renewed", "AwaitingReissue", "PendingReissue", "AwaitingOrgUpdate", "PendingOrgUpdate", "OrgUpdated"}

// cpsEndedOrders are the order statuses after which no validation follows.
var cpsEndedOrders = []string{"Deleted", "Rejected", "Revoked", "Canceled", "Expired"}

// cpsAnswer is a certificate request with what its two companion endpoints say.
type cpsAnswer struct {
	certificate *cps.Certificate
	status      *cps.CertificateStatus
	statusErr   error
	dcv         []cps.DomainDCV
	dcvErr      error
}

// readCPSCompanions asks the two companion endpoints at the same time.
func readCPSCompanions(ctx context.Context, c *cps.Client, certificate *cps.Certificate, id int64, includeStatus, includeDCV bool) cpsAnswer {
	answer := cpsAnswer{certificate: certificate}
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
			answer.status, answer.statusErr = c.CertificateStatus(ctx, id)
			return nil
		})
	}
	if includeDCV && len(domainIDs) > 0 {
		group.Go(func() error {
			answer.dcv, answer.dcvErr = c.DCV(ctx, id, domainIDs)
			return nil
		})
	}
	_ = group.Wait()
	return answer
}

// failed returns the companion reads that failed.
func (a cpsAnswer) failed() []companion {
	var failed []companion
	if a.statusErr != nil {
		failed = append(failed, companion{"the status", "include_status", a.statusErr})
	}
	if a.dcvErr != nil {
		failed = append(failed, companion{"the DCV data", "include_dcv", a.dcvErr})
	}
	return failed
}

// domainDCV is the DCV data of one domain. A DV certificate has one token for all its domains, so an entry for another
// domain serves where this domain has none.
func (a cpsAnswer) domainDCV(domain *cps.Domain) *cps.DomainDCV {
	var shared *cps.DomainDCV
	for i := range a.dcv {
		entry := &a.dcv[i]
		if entry.DomainID != nil && domain.ID != nil && *entry.DomainID == *domain.ID {
			return entry
		}
		if shared == nil && entry.DCVToken != nil && entry.DCVToken.Token.String() != "" {
			shared = entry
		}
	}
	if shared != nil && strings.EqualFold(a.certificate.ValidationType.String(), "DV") {
		return &cps.DomainDCV{DCVMethod: shared.DCVMethod, DCVToken: shared.DCVToken}
	}
	return nil
}

// domainStatus prefers the order's word on a domain to the domain's own status, which also covers deployment.
func (a cpsAnswer) domainStatus(domain *cps.Domain) dcv.Status {
	if a.status != nil && a.status.OrderValidation != nil {
		for _, validation := range a.status.OrderValidation.DomainValidations {
			if !validationCovers(validation, domain) {
				continue
			}
			switch validation.Status.String() {
			case "Approved":
				return dcv.StatusValidated
			case "Pending":
				return dcv.StatusPending
			case "Rejected":
				return dcv.StatusFailed
			}
		}
	}
	switch domain.Status.String() {
	case "Active":
		return dcv.StatusValidated
	case "ProvisioningInitiated", "AwaitingCertificateAuthority", "PendingReissue":
		return dcv.StatusPending
	case "PendingDns":
		return dcv.StatusActionRequired
	case "Rejected", "TimedOut", "SecretRejected":
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

// challenges puts the domains of a certificate request into vendor-neutral words.
func (a cpsAnswer) challenges() []dcv.Challenge {
	var challenges []dcv.Challenge
	for i := range a.certificate.Domains {
		domain := &a.certificate.Domains[i]
		if domain.Name == nil {
			continue
		}
		challenge := dcv.Challenge{
			Domain: domain.Name.String(),
			Status: a.domainStatus(domain),
			Method: a.certificate.DCVMethod.Ptr(),
		}
		if entry := a.domainDCV(domain); entry != nil {
			if entry.DCVMethod != nil {
				challenge.Method = entry.DCVMethod.Ptr()
			}
			if challenge.Method != nil && entry.DCVToken != nil {
				challenge.Publish = cpsPublication(*challenge.Method, domain.Name.String(), entry.DCVToken.Token.String())
			}
		}
		challenges = append(challenges, challenge)
	}
	return challenges
}

// cpsPublication is the record DigiCert, the certification authority behind CPS, looks for.
func cpsPublication(method, domain, token string) *dcv.Publication {
	switch method {
	case "DnsTxtToken":
		return digicertTXT(domain, token, nil)
	case "DnsCnameToken":
		return digicertCNAME(domain, token, nil)
	}
	return nil
}
