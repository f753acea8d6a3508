// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

// Credentials that the simulator accepts. They are fixed, public and worth nothing: no vendor issues keys of this form.
const (
	// APIKey is the Realtime Register key of a user with the VIEW_PROCESS permission. Like the real keys it ends in "=".
	APIKey = "sandbox-rtr-key-not-a-secret="
	// APIKeyWithoutPermission is the Realtime Register key of a user without VIEW_PROCESS: 403 with an empty body.
	APIKeyWithoutPermission = "sandbox-rtr-key-without-permission="

	// ClientID and ClientSecret are the CPS client credentials.
	ClientID     = "sandbox-cps-client"
	ClientSecret = "sandbox-cps-secret-not-a-secret="
	// ClientIDWithoutScope is a CPS client, with ClientSecret, whose tokens lack the scope: the API answers 403 "forbidden".
	ClientIDWithoutScope = "sandbox-cps-client-without-scope"
	// Scope is the only scope that the token endpoint grants.
	Scope = "sec.cps.certificates"

	// DigiCertKey is the DigiCert key that may read everything.
	DigiCertKey = "sandbox-digicert-key-not-a-secret="
	// DigiCertKeyOrdersOnly is a DigiCert key that reads orders and requests, and gets 403 for domains.
	DigiCertKeyOrdersOnly = "sandbox-digicert-key-orders-only="
	// DigiCertKeyWithoutPermission is a DigiCert key that may read nothing: 403 "access_denied|missing_permission".
	DigiCertKeyWithoutPermission = "sandbox-digicert-key-without-permission="

	// tsigName and tsigSecret sign RFC 2136 updates; the secret is the base64 form of a sentence that says it is none.
	tsigName   = "sandbox-key."
	tsigSecret = "c2FuZGJveC10c2lnLXNlY3JldC1ub3QtYS1zZWNyZXQ="
)
