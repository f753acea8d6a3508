// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// digicertService is DigiCert's Services API (CertCentral).
// API: https://dev.digicert.com/en/certcentral-apis/services-api.html
type digicertService struct{}

func (digicertService) name() string { return "digicert" }

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

func (s digicertService) hint(err *client.Error) string {
	switch {
	case strings.Contains(err.Code, "invalid_key"):
		return "DigiCert does not know this key. Check " + credentials(s) + ", and that `digicert.base_url` is the platform it was made for: " +
			"the United States and Europe have keys of their own."
	case err.Kind == client.KindForbidden:
		return "The key's user or role may not see this. Use a key whose user may view the order, its domains and its requests; \"View Only\" suffices."
	case err.Kind == client.KindNotFound && err.StatusCode == 0:
		return "The API lists the domains that the key may see. Check the name, the account of the key, and `digicert.base_url`."
	case err.Kind == client.KindNotFound:
		return "DigiCert responds like this when the object does not exist and when the key may not see it. Check the id, the account of the key, and `digicert.base_url`."
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
		read:        orderReader(digicert.ReadOrder),
	}
}
