// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"net/http"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// Ids whose response is always the same, beside those that several vendors know.
const (
	// IDStatusForbidden and IDStatusNotFound are certificates whose status returns 403 and 404, IDDCVForbidden and
	// IDDCVNotFound such whose DCV data does. The certificates themselves can be read.
	IDStatusForbidden core.ID = "920004"
	IDStatusNotFound  core.ID = "920005"
	IDDCVForbidden    core.ID = "920006"
	IDDCVNotFound     core.ID = "920007"
	// IDDeleted is a certificate whose status is Deleted.
	IDDeleted core.ID = "920008"
	// IDAccessDenied returns 403 with {"Message":"Access Denied"}.
	IDAccessDenied core.ID = "940301"
)

// titles are the titles of CPS errors by code.
var titles = map[string]string{
	"invalid_input": "Invalid input", "unauthorized": "Unauthorized", "forbidden": "Forbidden", "not_found": "Not found",
	"rate_limit_reached": "Rate limit reached", "internal_error": "Internal error", "bad_gateway": "Bad gateway",
	"service_unavailable": "Service unavailable", "gateway_timeout": "Gateway timeout",
}

// apiError is an error of the CPS API; source is the input to blame, or empty.
func apiError(status int, code, description, source string) core.Reply {
	details := []core.Object{}
	if source != "" {
		details = append(details, core.Object{"@type": "ErrorDetail", "source": source, "description": description})
	}
	return core.JSON(status, core.Object{
		"@type": "Error", "code": code, "status_code": status, "title": titles[code],
		"description": description, "details": details,
	})
}

func notFound() core.Reply {
	return apiError(http.StatusNotFound, "not_found",
		"The certificate does not exist or the client has no permission to access it.", "/id")
}

// failure is the error for an HTTP status.
func failure(status int) core.Reply {
	codes := map[int]string{
		http.StatusBadRequest: "invalid_input", http.StatusUnauthorized: "unauthorized", http.StatusForbidden: "forbidden",
		http.StatusNotFound: "not_found", http.StatusTooManyRequests: "rate_limit_reached",
		http.StatusInternalServerError: "internal_error", http.StatusBadGateway: "bad_gateway",
		http.StatusServiceUnavailable: "service_unavailable", http.StatusGatewayTimeout: "gateway_timeout",
	}
	code, ok := codes[status]
	if !ok {
		return core.Reply{Status: status}
	}
	return apiError(status, code, titles[code]+".", "")
}

// special responds to the special ids of certificates. The pattern is that of the endpoint.
func (a *API) special(id core.ID, pattern string) (core.Reply, bool) {
	status, dcv := pattern == "/certificates/{id}/status", pattern == "/dcv/certificates/{id}"
	switch {
	case id == core.IDEmptyObject:
		return core.JSON(http.StatusOK, core.Object{}), true
	case id == core.IDOtherObject:
		return samples.Reply("certificate-11604.json"), true
	case id == core.IDInvalid:
		return failure(http.StatusBadRequest), true
	case id == IDAccessDenied:
		return core.JSON(http.StatusForbidden, core.Object{"Message": "Access Denied"}), true
	case id == IDStatusForbidden && status, id == IDDCVForbidden && dcv:
		return failure(http.StatusForbidden), true
	case id == IDStatusNotFound && status, id == IDDCVNotFound && dcv:
		return notFound(), true
	case id == IDDeleted && status:
		return core.JSON(http.StatusOK, statusOf(id, 7, "Deleted", a.Quirk(QuirkStatusID))), true
	case id == core.IDRateLimited, id == core.IDUnavailable:
		r, ok := core.Special(id, failure)
		return r.With("Retry-After", "1"), ok
	}
	return core.Special(id, failure)
}
