// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"net/http"
	"strings"

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

func readDigicertOrder(ctx context.Context, c *digicert.Client, id string) (dcvOrder, error) {
	validation, err := c.OrderValidation(ctx, id)
	if err != nil {
		return dcvOrder{}, err
	}
	answer := readDigicertDomains(ctx, c.Domain, validation)
	refused, err := refusedOnly(answer.failed(""))
	if err != nil {
		return dcvOrder{}, err
	}
	order := dcvOrder{challenges: answer.challenges(), refused: refused, renewing: strings.EqualFold(validation.OrderStatus.String(), "reissue_pending")}
	switch status := strings.ToLower(validation.OrderStatus.String()); status {
	case "rejected", "denied", "revoked", "canceled", "expired":
		order.ended = "the order has the status " + status
	}
	return order, nil
}

// digicertAnswer is the validation of an order with the domains its token methods lead to.
type digicertAnswer struct {
	validation *digicert.OrderValidation
	// domains by domain_id.
	domains  map[string]*digicert.Domain
	failures []digicertDomainFailure
}

// digicertDomainReader reads a domain by its id.
type digicertDomainReader func(ctx context.Context, domainID string) (*digicert.Domain, error)

type digicertDomainFailure struct {
	domainID string
	err      error
}

// readDigicertDomains reads, at the same time, each domain that is validated by a token. The order's own answer has no token.
func readDigicertDomains(ctx context.Context, read digicertDomainReader, validation *digicert.OrderValidation) digicertAnswer {
	answer := digicertAnswer{validation: validation, domains: make(map[string]*digicert.Domain)}
	var ids []string
	for i := range validation.DNSNameValidations {
		v := &validation.DNSNameValidations[i]
		if v.DomainID.String() == "" || !isTokenMethod(answer.method(v)) {
			continue
		}
		if _, ok := answer.domains[v.DomainID.String()]; !ok {
			answer.domains[v.DomainID.String()] = nil
			ids = append(ids, v.DomainID.String())
		}
	}
	domains, hopeless := readEach(ctx, ids, func(ctx context.Context, id *string) (*digicert.Domain, error) {
		return read(ctx, *id)
	})
	for _, domain := range domains {
		answer.domains[*domain.object] = domain.result
		if domain.err != nil {
			answer.failures = append(answer.failures, digicertDomainFailure{domainID: *domain.object, err: domain.err})
			if hopeless != nil && errors.Is(domain.err, hopeless) {
				// What was not read after it would only fare the same.
				answer.failures = answer.failures[len(answer.failures)-1:]
				break
			}
		}
	}
	return answer
}

// failed returns the domain reads that failed. The option is the argument that switches them off.
func (a digicertAnswer) failed(option string) []companion {
	var failed []companion
	for _, failure := range a.failures {
		failed = append(failed, companion{"the DCV token of domain " + printable(failure.domainID), option, failure.err})
	}
	return failed
}

// method is the validation's own method, else the order's.
func (a digicertAnswer) method(v *digicert.DNSNameValidation) *string {
	if v.Method != nil {
		return v.Method.Ptr()
	}
	return a.validation.OrderDCVMethod.Ptr()
}

// isTokenMethod tells whether the method proves control by a token that the domain's own answer holds.
func isTokenMethod(method *string) bool {
	if method == nil {
		return false
	}
	switch *method {
	case "dns-txt-token", "dns-cname-token", "http-token", "http-token-dynamic":
		return true
	}
	return false
}

// token is the DCV token of a validation, nil when there is none.
func (a digicertAnswer) token(v *digicert.DNSNameValidation) *digicert.DCVToken {
	if domain := a.domains[v.DomainID.String()]; domain != nil {
		return domain.DCVToken
	}
	return nil
}

// challenges puts the validations of an order into vendor-neutral words.
func (a digicertAnswer) challenges() []dcv.Challenge {
	var challenges []dcv.Challenge
	for i := range a.validation.DNSNameValidations {
		v := &a.validation.DNSNameValidations[i]
		names := texts(v.DNSNames)
		scope := v.NameScope.String()
		if scope == "" {
			if domain := a.domains[v.DomainID.String()]; domain != nil {
				scope = domain.Name.String()
			}
		}
		if scope == "" && len(names) > 0 {
			scope = names[0]
		}
		if scope == "" {
			continue
		}
		challenges = append(challenges, dcv.Challenge{
			Domain:         scope,
			Names:          names,
			Status:         digicertDCVStatus(v.Status.String()),
			Method:         a.method(v),
			ValidatedUntil: v.ApprovalExpirationDate.Ptr(),
			Publish:        digicertPublication(a.method(v), scope, a.token(v)),
		})
	}
	return challenges
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
func digicertPublication(method *string, scope string, token *digicert.DCVToken) *dcv.Publication {
	if method == nil || token == nil {
		return nil
	}
	switch *method {
	case "dns-txt-token":
		return digicertTXT(scope, token.Token.String(), token.ExpirationDate.Ptr())
	case "dns-cname-token":
		return digicertCNAME(scope, token.Token.String(), token.ExpirationDate.Ptr())
	}
	return nil
}

// digicertTXT is the record DigiCert looks for with a TXT token: the token at the domain itself.
// Source: https://docs.digicert.com/en/certcentral/manage-certificates/domain-control-validation-methods.html
func digicertTXT(domain, token string, expiresAt *string) *dcv.Publication {
	if token == "" {
		return nil
	}
	return &dcv.Publication{Type: "TXT", Name: dcv.CanonicalDomain(domain) + ".", Value: token, ExpiresAt: expiresAt}
}

// digicertCNAME is the record DigiCert looks for with a CNAME token. The older form, <token>.<domain> pointing at
// dcv.digicert.com, ended on 28 October 2025.
// Source: https://docs.digicert.com/en/certcentral/manage-certificates/domain-control-validation-methods.html
func digicertCNAME(domain, token string, expiresAt *string) *dcv.Publication {
	if token == "" {
		return nil
	}
	return &dcv.Publication{
		Type:      "CNAME",
		Name:      "_dnsauth." + dcv.CanonicalDomain(domain) + ".",
		Value:     token + ".dcv.digicert.com",
		ExpiresAt: expiresAt,
	}
}
