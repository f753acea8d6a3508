// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// Ids whose response is always the same, beside those that several vendors know.
const (
	// IDFirewallOK returns 200 with the HTML page of a firewall.
	IDFirewallOK core.ID = "920002"
	// IDDomainForbidden is an order whose domains return 403 "access_denied|missing_permission".
	IDDomainForbidden core.ID = "920009"
	// IDInvalidKeyForbidden returns 403 with access_denied_invalid_key.
	IDInvalidKeyForbidden core.ID = "940302"
	// IDFirewall returns 403 with the HTML page of a firewall.
	IDFirewall core.ID = "940303"
	// IDErrorsObject returns 403 with "errors" as a single object.
	IDErrorsObject core.ID = "940304"
	// IDNoRoute returns 404 with not_found|route.
	IDNoRoute core.ID = "940401"
	// IDNotAcceptable returns 406.
	IDNotAcceptable core.ID = "940600"
)

// reply returns JSON.
func reply(status int, v any) core.Reply { return dress(core.JSON(status, v)) }

// sample returns a sample.
func sample(name string) core.Reply { return dress(samples.Reply(name)) }

// dress gives a response the headers that recorded ones have: a content type without a charset, and an etag.
func dress(r core.Reply) core.Reply {
	r.Kind = "application/json"
	sum := sha256.Sum256(r.Body)
	return r.With("ETag", fmt.Sprintf(`W/"%x-%x"`, len(r.Body), sum[:8]))
}

// apiError is an error of the DigiCert API.
func apiError(status int, code, message string) core.Reply {
	return reply(status, core.Object{"errors": []core.Object{{"code": code, "message": message}}})
}

// invalidKey is the response for a key that does not exist. A recorded one has the status 403; 401 is possible as well.
func invalidKey(status int) core.Reply {
	return apiError(status, "access_denied|access_denied_invalid_key", "The API key is not valid.")
}

// notFound is the response for what does not exist, or what the key may not see.
func notFound(what string) core.Reply {
	return apiError(http.StatusNotFound, "not_found|"+what, "The "+what+" was not found.")
}

func missingPermission() core.Reply {
	return apiError(http.StatusForbidden, "access_denied|missing_permission", "The API key lacks a permission.")
}

// failure is the error for an HTTP status.
func failure(status int) core.Reply {
	switch status {
	case http.StatusUnauthorized:
		return invalidKey(status)
	case http.StatusForbidden:
		return missingPermission()
	case http.StatusNotFound:
		return notFound("route")
	case http.StatusNotAcceptable:
		return apiError(status, "not_acceptable", "The requested format is not available.")
	case http.StatusTooManyRequests:
		return apiError(status, "request_limit_exceeded", "The request limit was exceeded.")
	}
	return apiError(status, "error_"+strconv.Itoa(status), http.StatusText(status))
}

// special responds to the special ids of orders, domains and requests; what is which of the three.
func special(id core.ID, what string) (core.Reply, bool) {
	switch id {
	case core.IDEmptyObject:
		return reply(http.StatusOK, core.Object{}), true
	case core.IDOtherObject:
		name := map[string]string{
			"order": "order-112211-validation.json", "domain": "domain-1234.json", "request": "request-198.json",
		}[what]
		return sample(name), true
	case IDFirewallOK:
		return core.HTML(http.StatusOK), true
	case IDFirewall:
		return core.HTML(http.StatusForbidden), true
	case IDInvalidKeyForbidden:
		return invalidKey(http.StatusForbidden), true
	case IDErrorsObject:
		return reply(http.StatusForbidden, core.Object{
			"errors": core.Object{"code": "access_denied|missing_permission", "message": "The API key lacks a permission."},
		}), true
	case core.IDNotFound:
		return notFound(what), true
	case IDNoRoute:
		return notFound("route"), true
	case IDNotAcceptable:
		return failure(http.StatusNotAcceptable), true
	}
	return core.Special(id, failure)
}
