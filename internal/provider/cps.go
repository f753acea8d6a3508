// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/cps"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// cpsService is Edgecast's Certificate Provisioning System (later VDMS, then Edgio), which orders from DigiCert.
type cpsService struct{}

func (cpsService) name() string { return "cps" }

func (cpsService) displayName() string { return "Edgecast CPS" }

func (cpsService) description() string {
	return "How to reach the Certificate Provisioning System (CPS) of Edgecast, later VDMS and Edgio. Needed only for `certops_cps_certificate`, `certops_cps_certificates` and, with `cps_certificate_id`, `certops_dcv_validation`. " +
		"The public service ended on 15 January 2025; set `base_url` and `token_url` to where its API still responds."
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

func (s cpsService) hint(err *client.Error) string {
	if err.Token {
		return s.tokenHint(err)
	}
	switch err.Kind {
	case client.KindForbidden:
		return "The API client lacks the scope of `cps.scope` (CERTOPS_CPS_SCOPE), or may not see this. Have the scope granted."
	case client.KindNotFound:
		return "CPS responds like this when the certificate request does not exist and when the API client may not see it. Check the id, and the account of `cps.client_id` (CERTOPS_CPS_CLIENT_ID)."
	}
	return ""
}

// tokenHint is what to do about a failure of the token endpoint.
func (s cpsService) tokenHint(err *client.Error) string {
	switch err.Kind {
	case client.KindUnauthorized, client.KindBody:
		if err.Code == "invalid_client" {
			return "Check " + credentials(s) + "."
		}
		return "Check " + credentials(s) + ", `cps.scope` (CERTOPS_CPS_SCOPE) and `cps.token_url` (CERTOPS_CPS_TOKEN_URL)."
	case client.KindRateLimited, client.KindUnavailable:
		return "The fault is on the side of the token endpoint. Try again later."
	case client.KindTLS:
		return "Check `cps.token_url` (CERTOPS_CPS_TOKEN_URL). For a private certificate authority, name the file of its certificate in SSL_CERT_FILE."
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
		read:        orderReader(cps.ReadOrder),
	}
}
