// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package digicert is DigiCert's Services API (CertCentral) as the provider sees it: settings, hints and data sources.
package digicert

import (
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// Vendor is DigiCert's Services API (CertCentral).
// API: https://dev.digicert.com/en/certcentral-apis/services-api.html
type Vendor struct{}

// Name implements base.Vendor.
func (Vendor) Name() string { return "digicert" }

// DisplayName implements base.Vendor.
func (Vendor) DisplayName() string { return "DigiCert" }

// Description implements base.Vendor.
func (Vendor) Description() string {
	return "How to reach DigiCert's Services API (CertCentral). Needed only for the `certops_digicert_*` data sources and actions " +
		"and, with `digicert_order_id`, `certops_dcv_validation` and `certops_check_now`."
}

// Settings implements base.Vendor.
func (Vendor) Settings() []base.Setting {
	return []base.Setting{
		{
			Name: "api_key", Env: "CERTOPS_DIGICERT_API_KEY", Secret: true, Required: true, Check: client.CheckSecret,
			Description: "CertCentral API key. A key restricted to \"View Only\" suffices for everything but the actions that write.",
		},
		{
			Name: "base_url", Env: "CERTOPS_DIGICERT_BASE_URL", Fallback: digicert.DefaultBaseURL, Check: base.CheckURL,
			Description: "Address of the API, with or without `/services/v2`. CertCentral Europe is `https://certcentral.digicert.eu/services/v2`.",
		},
	}
}

// NewClient implements base.Vendor.
func (Vendor) NewClient(values map[string]string, options client.Options) (any, error) {
	return digicert.New(digicert.Config{APIKey: values["api_key"], BaseURL: values["base_url"], HTTP: options})
}

// DataSources implements base.Vendor.
func (Vendor) DataSources() []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newOrderValidation("certops_digicert_order_validation"),
		newOrderValidation("digicert_order_validation"),
		newRequest("certops_digicert_request"),
		newRequest("digicert_request"),
		newOrders,
		newRequests,
		newDomain,
	}
}

// Hint implements base.Vendor.
func (s Vendor) Hint(err *client.Error) string {
	switch {
	case strings.Contains(err.Code, "invalid_key"):
		return "DigiCert does not know this key. Check " + base.Credentials(s) + ", and that `digicert.base_url` is the platform it was " +
			"made for: the United States and Europe have keys of their own."
	case err.Kind == client.KindForbidden && err.Method != http.MethodGet:
		return "This request writes, and the key may only read: it has the restriction \"View Only\", or its user's role may not manage " +
			"orders and domains. Use a key without the restriction \"View Only\" for the actions. The data sources need no such key: a second " +
			"provider configuration (alias) keeps the two apart."
	case err.Kind == client.KindForbidden:
		return "The key's user or role may not see this. Use a key whose user may view the order, its domains and its requests; \"View Only\" " +
			"suffices."
	case err.Kind == client.KindNotFound && err.StatusCode == 0:
		return "The API lists the domains that the key may see. Check the name, the account of the key, and `digicert.base_url`."
	case err.Kind == client.KindNotFound:
		return "DigiCert responds like this when the object does not exist and when the key may not see it. Check the id, the account of the " +
			"key, and `digicert.base_url`."
	case err.StatusCode == http.StatusNotAcceptable:
		return "The provider asks for JSON, which the API has. Check whether a proxy changes the header Accept."
	case err.Kind == client.KindRateLimited:
		return "DigiCert allows a key 100 requests in 5 seconds and 1000 in 3 minutes. The provider keeps to that by itself, so another " +
			"program also uses this key. Wait, or give Terraform a key of its own."
	}
	return ""
}

// Order implements base.Vendor.
func (Vendor) Order() base.OrderKind {
	return base.OrderKind{
		Argument:    "digicert_order_id",
		Pattern:     OrderID.Pattern,
		Form:        OrderID.Must,
		Noun:        "order",
		Description: "Id of the DigiCert order.",
		Issuers:     dnscheck.DigiCertIssuers,
		LooksAtOnce: true,
		Read:        base.ReaderOf(digicert.ReadOrder),
		List:        base.ListerOf(digicert.ListOrders),
	}
}
