// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// digicertService is DigiCert's Services API (CertCentral).
// API: https://dev.digicert.com/en/certcentral-apis/services-api.html
type digicertService struct{}

func (digicertService) name() string        { return "digicert" }
func (digicertService) displayName() string { return "DigiCert" }

func (digicertService) description() string {
	return "How to reach DigiCert's Services API (CertCentral). Needed only for the `certops_digicert_*` data sources and, with `digicert_order_id`, `certops_dcv_validation`."
}

func (digicertService) settings() []setting {
	return []setting{
		{
			name: "api_key", env: "CERTOPS_DIGICERT_API_KEY", secret: true, required: true, check: client.CheckSecret,
			description: "CertCentral API key. A key restricted to \"View Only\" suffices.",
		},
		{
			name: "base_url", env: "CERTOPS_DIGICERT_BASE_URL", fallback: digicert.DefaultBaseURL, check: checkURL,
			description: "Address of the API, with or without `/services/v2`. CertCentral Europe is `https://certcentral.digicert.eu/services/v2`.",
		},
	}
}

func (digicertService) newClient(values map[string]string, options client.Options) (any, error) {
	return digicert.New(digicert.Config{APIKey: values["api_key"], BaseURL: values["base_url"], HTTP: options})
}

func (digicertService) dataSources() []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newDigicertOrderValidationDataSource("certops_digicert_order_validation"),
		newDigicertOrderValidationDataSource("digicert_order_validation"),
		newDigicertRequestDataSource("certops_digicert_request"),
		newDigicertRequestDataSource("digicert_request"),
		newDigicertOrdersDataSource,
		newDigicertRequestsDataSource,
		newDigicertDomainDataSource,
	}
}

func (s digicertService) remedy(err *client.Error) string {
	switch {
	case strings.Contains(err.Code, "invalid_key"):
		return "DigiCert does not know this key. Check " + credentials(s) + ", and that `digicert.base_url` is the platform it was made for: " +
			"the United States and Europe have keys of their own."
	case err.Kind == client.KindForbidden:
		return "The key's user or role may not see this. Use a key whose user may view the order, its domains and its requests; \"View Only\" suffices."
	case err.Kind == client.KindNotFound && err.StatusCode == 0:
		return "The API lists the domains that the key may see. Check the name, the account of the key, and `digicert.base_url`."
	case err.Kind == client.KindNotFound:
		return "DigiCert answers like this when the object does not exist and when the key may not see it. Check the id, the account of the key, and `digicert.base_url`."
	case err.StatusCode == http.StatusNotAcceptable:
		return "The provider asks for JSON, which the API has. Check whether a proxy changes the header Accept."
	case err.Kind == client.KindRateLimited:
		return "DigiCert allows a key 100 requests in 5 seconds and 1000 in 3 minutes. The provider keeps to that by itself, so something else uses the key as well. " +
			"Wait, or use a key of its own."
	}
	return ""
}

func (digicertService) order() orderKind {
	return orderKind{
		argument:    "digicert_order_id",
		text:        true,
		noun:        "order",
		description: "Id of the DigiCert order.",
		issuers:     dnscheck.DigiCertIssuers,
		read:        orderReader(readDigicertOrder),
	}
}

func readDigicertOrder(ctx context.Context, c *digicert.Client, id string) (dcv.Order, error) {
	validation, err := c.OrderValidation(ctx, id)
	if err != nil {
		return dcv.Order{}, err
	}
	order, err := readDigicertDomains(ctx, c.Domain, validation).order(time.Now(), txtOwnerDNSAuth)
	if err != nil {
		return dcv.Order{}, err
	}
	return order, failedRead(order)
}

// digicertResponse is the validation of an order with the domains that its token methods lead to.
type digicertResponse struct {
	validation *digicert.OrderValidation
	// read tells whether the domains were asked for.
	read bool
	// domains by domain_id; nil for one that could not be read.
	domains map[string]*digicert.Domain
	// failures say why, in the order of the validations.
	failures []digicertDomainFailure
}

// digicertDomainReader reads a domain by its id.
type digicertDomainReader func(ctx context.Context, domainID string) (*digicert.Domain, error)

type digicertDomainFailure struct {
	domainID string
	err      error
}

// readDigicertDomains reads, at the same time, each domain that is validated by a token. The order's own response has no token.
func readDigicertDomains(ctx context.Context, read digicertDomainReader, validation *digicert.OrderValidation) digicertResponse {
	response := digicertResponse{validation: validation, read: true, domains: make(map[string]*digicert.Domain)}
	var ids []string
	for i := range validation.DNSNameValidations {
		v := &validation.DNSNameValidations[i]
		if v.DomainID.String() == "" || !isTokenMethod(response.method(v)) {
			continue
		}
		if _, ok := response.domains[v.DomainID.String()]; !ok {
			response.domains[v.DomainID.String()] = nil
			ids = append(ids, v.DomainID.String())
		}
	}
	domains, hopeless := readEach(ctx, ids, func(ctx context.Context, id *string) (*digicert.Domain, error) {
		return read(ctx, *id)
	})
	for _, domain := range domains {
		response.domains[*domain.object] = domain.result
		if domain.err != nil {
			response.failures = append(response.failures, digicertDomainFailure{domainID: *domain.object, err: domain.err})
			if hopeless != nil && errors.Is(domain.err, hopeless) {
				// What was not read after it would only fare the same.
				response.failures = response.failures[len(response.failures)-1:]
				break
			}
		}
	}
	return response
}

// method is the validation's own method, else the order's.
func (r digicertResponse) method(v *digicert.DNSNameValidation) *string {
	if v.Method != nil {
		return v.Method.Ptr()
	}
	return r.validation.OrderDCVMethod.Ptr()
}

// digicertChannel is what a DCV method means. DigiCert writes methods in lower case; capitals mean the same.
func digicertChannel(method *string) dcv.Channel {
	switch strings.ToLower(valueOf(method)) {
	case "dns-txt-token", "dns-cname-token":
		return dcv.ChannelDNS
	case "http-token", "http-token-dynamic":
		return dcv.ChannelHTTP
	case "email":
		return dcv.ChannelEmail
	}
	return dcv.ChannelUnknown
}

// isTokenMethod tells whether the method proves control by a token, which the domain's own response holds.
func isTokenMethod(method *string) bool {
	channel := digicertChannel(method)
	return channel == dcv.ChannelDNS || channel == dcv.ChannelHTTP
}

// token is the DCV token of a validation, nil when there is none.
func (r digicertResponse) token(v *digicert.DNSNameValidation) *digicert.DCVToken {
	domain := r.domains[v.DomainID.String()]
	if domain == nil || domain.Name != nil && v.NameScope != nil && !dcv.Covers(domain.Name.String(), v.NameScope.String()) {
		return nil // A token for another domain validates nothing here.
	}
	return domain.DCVToken
}

// order puts the response into vendor-neutral words. now tells whether an approval has ended, txtOwner where TXT tokens are
// published. An order that is open and names nothing to validate is an error: nobody can tell which records it needs.
func (r digicertResponse) order(now time.Time, txtOwner string) (dcv.Order, error) {
	var order dcv.Order
	placed := true
	status := strings.ToLower(r.validation.OrderStatus.String())
	switch status {
	case "issued":
		order.Issued = true
	case "rejected", "denied", "declined", "revoked", "canceled", "cancelled", "expired":
		order.Ended = "the order has the status " + status
	case "reissue_pending":
		order.Renewing = true
	case "needs_approval", "needs_csr":
		placed = false
	case "pending", "processing", "approved", "waiting_pickup":
	default:
		order.Unknown = cmp.Or(status, "(none)")
	}
	open := !order.Issued && order.Ended == ""
	if open && placed && len(r.validation.DNSNameValidations) == 0 {
		return order, fmt.Errorf("order status %q: %w", status, dcv.ErrNoValidations)
	}
	openDomains := make(map[string]bool)
	for i := range r.validation.DNSNameValidations {
		v := &r.validation.DNSNameValidations[i]
		challenge := r.challenge(v, open, now, txtOwner)
		if challenge.Status != dcv.StatusValidated && open {
			openDomains[v.DomainID.String()] = true
			if challenge.Publish == nil && r.read {
				challenge.Reason = cmp.Or(challenge.Reason, r.recordless(v, challenge, placed))
			}
			if doubt := r.doubt(v, challenge, placed); doubt != "" {
				order.Doubts = append(order.Doubts, dcv.Doubt{Names: challenge.Names, Reason: doubt})
			}
		}
		order.Challenges = append(order.Challenges, challenge)
	}
	for _, failure := range r.failures {
		if !placed && isNotFound(failure.err) {
			continue // No token yet.
		}
		order.Unread = append(order.Unread, dcv.Unread{
			Part: "the DCV token of domain " + printable(failure.domainID), Option: "include_dcv_tokens",
			Open: openDomains[failure.domainID], Err: failure.err,
		})
	}
	return order, nil
}

// challenge puts one validation into vendor-neutral words.
func (r digicertResponse) challenge(v *digicert.DNSNameValidation, open bool, now time.Time, txtOwner string) dcv.Challenge {
	names := texts(v.DNSNames)
	scope := v.NameScope.String()
	if domain := r.domains[v.DomainID.String()]; scope == "" && domain != nil {
		scope = domain.Name.String()
	}
	if scope == "" && len(names) > 0 {
		scope = names[0]
	}
	method := r.method(v)
	challenge := dcv.Challenge{
		Domain:         scope,
		Names:          names,
		Status:         digicertDCVStatus(v.Status.String()),
		Method:         method,
		Channel:        digicertChannel(method),
		ValidatedUntil: v.ApprovalExpirationDate.Ptr(),
		Publish:        digicertPublication(method, scope, r.token(v), txtOwner),
	}
	if open && challenge.Status == dcv.StatusValidated && isPast(challenge.ValidatedUntil, now) {
		challenge.Status = dcv.StatusActionRequired
		challenge.Reason = "The approval ended on " + *challenge.ValidatedUntil + ". Have DigiCert validate the domain again."
	}
	if challenge.Status != dcv.StatusValidated && open && challenge.Channel == dcv.ChannelUnknown {
		challenge.Status = dcv.StatusUnknown
	}
	return challenge
}

// recordless says why an open validation has no record, "" where it needs none.
func (r digicertResponse) recordless(v *digicert.DNSNameValidation, challenge dcv.Challenge, placed bool) string {
	switch {
	case challenge.Channel != dcv.ChannelDNS:
		return ""
	case v.DomainID.String() == "":
		return "DigiCert gives no domain id, and without it the token cannot be read."
	case !placed:
		return dcv.ReasonNotPlaced
	case r.domains[v.DomainID.String()] == nil:
		return "The token could not be read."
	}
	return "DigiCert returns no token for the domain."
}

// doubt says what keeps an open validation from telling its record, "" where nothing does.
func (r digicertResponse) doubt(v *digicert.DNSNameValidation, challenge dcv.Challenge, placed bool) string {
	switch {
	case challenge.Channel == dcv.ChannelUnknown && challenge.Method == nil:
		return "DigiCert names no validation method"
	case challenge.Channel == dcv.ChannelUnknown:
		return fmt.Sprintf("the validation method %q is not known to this version of the provider", printable(*challenge.Method))
	case challenge.Channel == dcv.ChannelDNS && v.DomainID.String() == "" && r.read:
		return "DigiCert gives no domain id, and without it the token cannot be read. Only requests that write return the token of such an order"
	case challenge.Channel == dcv.ChannelDNS && placed && r.domains[v.DomainID.String()] != nil && challenge.Publish == nil:
		return "DigiCert returns no token for the domain"
	}
	return ""
}

// isPast tells whether a point in time that a vendor gives, a timestamp or a plain date, lies before now. One that cannot be
// read does: it proves nothing.
func isPast(text *string, now time.Time) bool {
	if text == nil {
		return false
	}
	for _, layout := range []string{time.RFC3339, time.DateTime, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05"} {
		if end, err := time.Parse(layout, *text); err == nil {
			return !now.Before(end)
		}
	}
	day, err := time.Parse(time.DateOnly, *text)
	return err != nil || !now.Before(day.AddDate(0, 0, 1))
}

// digicertDCVStatus maps the free text of a validation's status.
func digicertDCVStatus(status string) dcv.Status {
	switch strings.ToLower(status) {
	case "approved", "active", "complete", "completed", "valid", "validated":
		return dcv.StatusValidated
	case "pending", "submitted", "processing", "waiting":
		return dcv.StatusPending
	case "expired":
		return dcv.StatusActionRequired
	case "rejected", "denied", "failed":
		return dcv.StatusFailed
	}
	return dcv.StatusUnknown
}

// digicertPublication is the record of a DNS method. The name comes from the validation's scope, not from each name on the
// certificate.
func digicertPublication(method *string, scope string, token *digicert.DCVToken, txtOwner string) *dcv.Publication {
	if token == nil || token.Token == nil {
		return nil
	}
	switch strings.ToLower(valueOf(method)) {
	case "dns-txt-token":
		return digicertTXT(scope, token.Token.String(), token.ExpirationDate.Ptr(), txtOwner)
	case "dns-cname-token":
		return digicertCNAME(scope, token.Token.String(), token.ExpirationDate.Ptr())
	}
	return nil
}

// The values of txt_owner.
const (
	txtOwnerDNSAuth = "_dnsauth"
	txtOwnerDomain  = "domain"
)

// digicertTXT is the record DigiCert looks for with a TXT token: the token at _dnsauth below the domain, where it looks
// first, or at the domain itself. The other name is accepted too.
// Source: https://docs.digicert.com/en/certcentral/manage-certificates/domain-control-validation-methods.html
func digicertTXT(domain, token string, expiresAt *string, txtOwner string) *dcv.Publication {
	owner := dcv.CanonicalDomain(domain)
	if txtOwner == txtOwnerDNSAuth {
		owner = dnsAuth + owner
	}
	return &dcv.Publication{Type: "TXT", Name: owner + ".", Value: token, ExpiresAt: expiresAt, AlsoAccepted: otherTXTOwners(owner)}
}

// dnsAuth precedes a domain in the name where DigiCert looks first.
const dnsAuth = "_dnsauth."

// otherTXTOwners are the further owner names at which DigiCert accepts a TXT token that stands at owner. One with another
// underscore label is not DigiCert's.
func otherTXTOwners(owner string) []string {
	domain, below := strings.CutPrefix(owner, dnsAuth)
	switch {
	case below:
		return []string{domain}
	case strings.HasPrefix(owner, "_"):
		return nil
	}
	return []string{dnsAuth + owner}
}

// digicertCNAME is the record DigiCert looks for with a CNAME token. The older form, <token>.<domain> pointing at
// dcv.digicert.com, ended on 28 October 2025.
// Source: https://docs.digicert.com/en/certcentral/manage-certificates/domain-control-validation-methods.html
func digicertCNAME(domain, token string, expiresAt *string) *dcv.Publication {
	value := token + ".dcv.digicert.com"
	if strings.TrimSpace(token) == "" {
		value = token // It is refused as what it is, not hidden in a target.
	}
	return &dcv.Publication{Type: "CNAME", Name: dnsAuth + dcv.CanonicalDomain(domain) + ".", Value: value, ExpiresAt: expiresAt}
}
