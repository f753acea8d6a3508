// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package realtimeregister is Realtime Register as the provider sees it: settings, hints and data sources.
package realtimeregister

import (
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/realtimeregister"
)

// Vendor is Realtime Register, a reseller of Sectigo's and DigiCert's certificates.
// API: https://dm.realtimeregister.com/docs/api
type Vendor struct{}

// Name implements base.Vendor.
func (Vendor) Name() string { return "realtime_register" }

// DisplayName implements base.Vendor.
func (Vendor) DisplayName() string { return "Realtime Register" }

// Description implements base.Vendor.
func (Vendor) Description() string {
	return "How to reach the Realtime Register API. Needed only for `certops_process_info`, `certops_processes`, " +
		"`certops_process_one_time_link` and, with `process_id`, `certops_dcv_validation` and `certops_check_now`."
}

// Settings implements base.Vendor.
func (Vendor) Settings() []base.Setting {
	return []base.Setting{
		{
			Name: "api_key", Env: "CERTOPS_REALTIME_REGISTER_API_KEY", Secret: true, Required: true, Check: client.CheckSecret,
			Description: "API key of a user with the permission `VIEW_PROCESS`. For `certops_check_now` the user must also be allowed to " +
				"manage processes.",
		},
		{
			Name: "base_url", Env: "CERTOPS_REALTIME_REGISTER_BASE_URL", Fallback: realtimeregister.DefaultBaseURL, Check: base.CheckURL,
			Description: "Address of the API, without `/v2`. The test environment (OT&E) is `https://api.yoursrs-ote.com`, with its own account " +
				"and keys.",
		},
	}
}

// NewClient implements base.Vendor.
func (Vendor) NewClient(values map[string]string, options client.Options) (any, error) {
	return realtimeregister.New(realtimeregister.Config{APIKey: values["api_key"], BaseURL: values["base_url"], HTTP: options})
}

// DataSources implements base.Vendor.
func (Vendor) DataSources() []func() datasource.DataSource {
	return []func() datasource.DataSource{newProcessInfo, newProcesses}
}

// EphemeralResources implements base.EphemeralVendor.
func (Vendor) EphemeralResources() []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newOneTimeLink}
}

// Hint implements base.Vendor.
func (Vendor) Hint(err *client.Error) string {
	if err.Kind == client.KindForbidden && err.Method != http.MethodGet {
		return "This request writes, and the permission VIEW_PROCESS only reads. Give the user of the API key the permission to manage " +
			"processes in the Realtime Register portal, or use the key of another user for the actions."
	}
	switch err.Kind {
	case client.KindForbidden:
		return "The user of the API key needs the permission VIEW_PROCESS; grant it in the Realtime Register portal."
	case client.KindInvalid:
		if strings.HasSuffix(err.URL, "/info") {
			return "Check `process_id`. Realtime Register gives this information for processes that order a certificate. For other processes, and " +
				"for those that have ended, it may return an error."
		}
	case client.KindRateLimited:
		return "Realtime Register limits failed authentications. Check `realtime_register.api_key` (CERTOPS_REALTIME_REGISTER_API_KEY), wait, " +
			"and try again."
	case client.KindNotFound:
		return "Check the id, and that it belongs to the account and the environment (production or OT&E) of the API key. The id of a process " +
			"is in the header X-Process-Id of the order's response."
	}
	return ""
}

// Order implements base.Vendor.
func (Vendor) Order() base.OrderKind {
	return base.OrderKind{
		Argument:    "process_id",
		Noun:        "process",
		Description: "Id of the Realtime Register process that orders the certificate.",
		LooksAtOnce: true,
		Read:        base.ReaderOf(realtimeregister.ReadOrder),
		List:        base.ListerOf(realtimeregister.ListOrders),
	}
}
