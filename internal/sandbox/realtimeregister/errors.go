// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"fmt"
	"net/http"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// Ids whose response is always the same, beside those that several vendors know.
const (
	// IDACME returns the info of a process of the type acme, without dcv and notes.
	IDACME core.ID = "920003"
	// The errors with the status 400, beside core.IDInvalid.
	IDConstraintViolation core.ID = "940001"
	IDProcessError        core.ID = "940002"
	IDStatusProhibits     core.ID = "940003"
	IDUnrecognized        core.ID = "940004"
	IDDoesNotExist        core.ID = "940005"
	// IDUnauthorizedEmpty returns 401 without a body.
	IDUnauthorizedEmpty core.ID = "940101"
)

// apiError is an error body of the Realtime Register API. The pairs in extra are further members.
func apiError(status int, kind, message string, extra ...any) core.Reply {
	body := core.Object{"type": kind, "message": message}
	for i := 0; i+1 < len(extra); i += 2 {
		body[fmt.Sprint(extra[i])] = extra[i+1]
	}
	return core.JSON(status, body)
}

func notFound(objectType string, id core.ID) core.Reply {
	return apiError(http.StatusBadRequest, "ObjectDoesNotExist", objectType+" does not exist",
		"objectType", objectType, "identifier", string(id))
}

// failure is the error for an HTTP status.
func failure(status int) core.Reply {
	switch status {
	case http.StatusBadRequest:
		return apiError(status, "ValidationError", "Validation error")
	case http.StatusUnauthorized:
		return apiError(status, "AuthenticationError", "Authentication failed")
	case http.StatusInternalServerError:
		return apiError(status, "InternalSRSError", "Internal error")
	case http.StatusBadGateway:
		return apiError(status, "ProviderConnectionError", "The provider cannot be reached, try again later")
	case http.StatusServiceUnavailable:
		return apiError(status, "ProviderUnavailable", "The provider is unavailable",
			"startDate", "2026-01-10T22:00:00Z", "endDate", "2026-01-11T02:00:00Z")
	}
	return core.Reply{Status: status}
}

// special responds to the special ids of processes, for the info or the process itself.
func special(id core.ID, info bool) (core.Reply, bool) {
	const bad = http.StatusBadRequest
	switch id {
	case core.IDEmptyObject, IDACME:
		if !info {
			process := core.Object{
				"id": id, "type": "certificate", "action": "request", "status": "COMPLETED",
				"createdDate": "2026-01-10T22:00:00Z", "command": command([]string{"example.com"}),
			}
			if id == IDACME {
				process["type"], process["status"] = "acme", "RUNNING"
			}
			return core.JSON(http.StatusOK, process), true
		}
	}
	switch id {
	case core.IDEmptyObject:
		return core.JSON(http.StatusOK, core.Object{}), true
	case IDACME:
		return core.JSON(http.StatusOK, core.Object{
			"commonName": "acme.example.com", "requiresAttention": false,
			"validations": core.Object{"organization": "VALIDATED"},
		}), true
	case core.IDInvalid:
		return apiError(bad, "ValidationError", "Validation error"), true
	case IDConstraintViolation:
		return apiError(bad, "ConstraintViolationException", "Constraint violation",
			"violations", []core.Object{{"field": "processId", "message": "must be a process of this customer", "value": id}}), true
	case IDProcessError:
		return apiError(bad, "ProcessError", "The process cannot give this information"), true
	case IDStatusProhibits:
		return apiError(bad, "ObjectStatusProhibitsOperation", "The status of the process prohibits this operation"), true
	case IDUnrecognized:
		return apiError(bad, "UnrecognizedPropertyException", "Unrecognized property", "property", "info"), true
	case IDDoesNotExist:
		return notFound("process", id), true
	case IDUnauthorizedEmpty:
		return core.Reply{Status: http.StatusUnauthorized}, true
	}
	return core.Special(id, failure)
}
