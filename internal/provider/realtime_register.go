// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/realtimeregister"
)

// realtimeRegisterService is Realtime Register, a reseller of Sectigo's and DigiCert's certificates.
// API: https://dm.realtimeregister.com/docs/api
type realtimeRegisterService struct{}

func (realtimeRegisterService) name() string { return "realtime_register" }

func (realtimeRegisterService) displayName() string { return "Realtime Register" }

func (realtimeRegisterService) description() string {
	return "How to reach the Realtime Register API. Needed only for `certops_process_info`, `certops_processes` and, with `process_id`, `certops_dcv_validation`."
}

func (realtimeRegisterService) settings() []setting {
	return []setting{
		{
			name: "api_key", env: "CERTOPS_REALTIME_REGISTER_API_KEY", secret: true, required: true, check: client.CheckSecret,
			description: "API key of a user with the permission `VIEW_PROCESS`.",
		},
		{
			name: "base_url", env: "CERTOPS_REALTIME_REGISTER_BASE_URL", fallback: realtimeregister.DefaultBaseURL, check: checkURL,
			description: "Address of the API, without `/v2`. The test environment (OT&E) is `https://api.yoursrs-ote.com`, with its own account and keys.",
		},
	}
}

func (realtimeRegisterService) newClient(values map[string]string, options client.Options) (any, error) {
	return realtimeregister.New(realtimeregister.Config{APIKey: values["api_key"], BaseURL: values["base_url"], HTTP: options})
}

func (realtimeRegisterService) dataSources() []func() datasource.DataSource {
	return []func() datasource.DataSource{newProcessInfoDataSource, newProcessesDataSource}
}

func (realtimeRegisterService) hint(err *client.Error) string {
	switch err.Kind {
	case client.KindForbidden:
		return "The user of the API key needs the permission VIEW_PROCESS; grant it in the Realtime Register portal."
	case client.KindInvalid:
		if strings.HasSuffix(err.URL, "/info") {
			return "Check `process_id`. Realtime Register tells this of processes that order a certificate; one of another type, or one that has ended, may respond with an error."
		}
	case client.KindRateLimited:
		return "Realtime Register limits failed authentications. Check `realtime_register.api_key` (CERTOPS_REALTIME_REGISTER_API_KEY), wait, and try again."
	case client.KindNotFound:
		return "Check the id, and that it belongs to the account and the environment (production or OT&E) of the API key. The id of a process is in the header X-Process-Id of the order's response."
	}
	return ""
}

func (realtimeRegisterService) order() orderKind {
	return orderKind{
		argument:    "process_id",
		noun:        "process",
		description: "Id of the Realtime Register process that orders the certificate.",
		read:        orderReader(realtimeregister.ReadOrder),
	}
}
