// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package cps is Edgecast's Certificate Provisioning System (CPS) as the provider sees it: settings, hints and data sources.
package cps

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/cps"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// Vendor is Edgecast's Certificate Provisioning System (later VDMS, then Edgio), which orders from DigiCert.
type Vendor struct{}

// Name implements base.Vendor.
func (Vendor) Name() string { return "cps" }

// DisplayName implements base.Vendor.
func (Vendor) DisplayName() string { return "Edgecast CPS" }

// Description implements base.Vendor.
func (Vendor) Description() string {
	return "How to reach the Certificate Provisioning System (CPS) of Edgecast, later VDMS and Edgio. Needed only for " +
		"`certops_cps_certificate`, `certops_cps_certificates` and, with `cps_certificate_id`, `certops_dcv_validation`. The public service " +
		"ended on 15 January 2025; set `base_url` and `token_url` to where its API still responds."
}

// Settings implements base.Vendor.
func (Vendor) Settings() []base.Setting {
	return []base.Setting{
		{
			Name: "client_id", Env: "CERTOPS_CPS_CLIENT_ID", Required: true, Check: client.CheckSecret,
			Description: "OAuth 2.0 client id of an API client with the scope of `scope`.",
		},
		{
			Name: "client_secret", Env: "CERTOPS_CPS_CLIENT_SECRET", Secret: true, Required: true, Check: client.CheckSecret,
			Description: "OAuth 2.0 client secret. It is sent to `token_url` only, in the body of the request.",
		},
		{
			Name: "scope", Env: "CERTOPS_CPS_SCOPE", Fallback: cps.DefaultScope,
			Description: "OAuth 2.0 scope to ask for.",
		},
		{
			Name: "token_url", Env: "CERTOPS_CPS_TOKEN_URL", Fallback: cps.DefaultTokenURL, Check: base.CheckURL,
			Description: "Address of the OAuth 2.0 token endpoint.",
		},
		{
			Name: "base_url", Env: "CERTOPS_CPS_BASE_URL", Fallback: cps.DefaultBaseURL, Check: base.CheckURL,
			Description: "Address of the API, without `/sec/cps`.",
		},
	}
}

// NewClient implements base.Vendor.
func (Vendor) NewClient(values map[string]string, options client.Options) (any, error) {
	return cps.New(cps.Config{
		ClientID:     values["client_id"],
		ClientSecret: values["client_secret"],
		Scope:        values["scope"],
		TokenURL:     values["token_url"],
		BaseURL:      values["base_url"],
		HTTP:         options,
	})
}

// DataSources implements base.Vendor.
func (Vendor) DataSources() []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newCertificate("certops_cps_certificate"),
		newCertificate("cps_certificate"),
		newCertificates,
	}
}

// Hint implements base.Vendor.
func (s Vendor) Hint(err *client.Error) string {
	if err.Token {
		return s.tokenHint(err)
	}
	switch err.Kind {
	case client.KindForbidden:
		return "The API client does not have the scope in `cps.scope` (CERTOPS_CPS_SCOPE), or no access to this object. Grant it the scope."
	case client.KindNotFound:
		return "CPS responds like this when the certificate request does not exist and when the API client may not see it. Check the id, and " +
			"the account of `cps.client_id` (CERTOPS_CPS_CLIENT_ID)."
	}
	return ""
}

// tokenHint is what to do about a failure of the token endpoint.
func (s Vendor) tokenHint(err *client.Error) string {
	switch err.Kind {
	case client.KindUnauthorized, client.KindBody:
		if err.Code == "invalid_client" {
			return "Check " + base.Credentials(s) + "."
		}
		return "Check " + base.Credentials(s) + ", `cps.scope` (CERTOPS_CPS_SCOPE) and `cps.token_url` (CERTOPS_CPS_TOKEN_URL)."
	case client.KindRateLimited, client.KindUnavailable:
		return "The token endpoint has a problem. Try again later."
	case client.KindTLS:
		return "Check `cps.token_url` (CERTOPS_CPS_TOKEN_URL). For a private certificate authority, name the file of its certificate in " +
			"SSL_CERT_FILE."
	case client.KindNetwork, client.KindDNS, client.KindRedirect:
		return "Check `cps.token_url` (CERTOPS_CPS_TOKEN_URL), the network and the proxy settings (HTTPS_PROXY, NO_PROXY)."
	}
	return ""
}

// Order implements base.Vendor.
func (Vendor) Order() base.OrderKind {
	return base.OrderKind{
		Argument:    "cps_certificate_id",
		Noun:        "certificate request",
		Description: "Id of the CPS certificate request.",
		Issuers:     dnscheck.DigiCertIssuers,
		Read:        base.ReaderOf(cps.ReadOrder),
		List:        base.ListerOf(cps.ListOrders),
	}
}
