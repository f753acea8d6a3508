// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"net/http"
	"strconv"
)

// Ids that always answer the same, so that a user sees what the provider makes of it: 9, the HTTP status, and a number.
// README.md has the table of which vendor knows which; an id that a vendor does not know is an unknown object there.
const (
	// IDEmptyObject answers 200 with {}: a finished process, a CPS certificate that does not exist.
	IDEmptyObject ID = "920000"
	// IDOtherObject answers 200 with the object of another id (CPS, DigiCert).
	IDOtherObject ID = "920001"
	// IDFirewallOK answers 200 with the HTML page of a firewall (DigiCert).
	IDFirewallOK ID = "920002"
	// IDACME answers the info of a process of the type acme, without dcv and notes (Realtime Register).
	IDACME ID = "920003"
	// IDStatusForbidden and IDStatusNotFound are CPS certificates whose status answers 403 and 404, IDDCVForbidden and
	// IDDCVNotFound such whose DCV data does. The certificates themselves answer.
	IDStatusForbidden ID = "920004"
	IDStatusNotFound  ID = "920005"
	IDDCVForbidden    ID = "920006"
	IDDCVNotFound     ID = "920007"
	// IDDeleted is a CPS certificate whose status is Deleted.
	IDDeleted ID = "920008"
	// IDDomainForbidden is a DigiCert order whose domains answer 403 "access_denied|missing_permission".
	IDDomainForbidden ID = "920009"

	// IDInvalid is ValidationError at Realtime Register, invalid_input at CPS.
	IDInvalid ID = "940000"
	// The other errors that Realtime Register answers with 400.
	IDConstraintViolation ID = "940001"
	IDProcessError        ID = "940002"
	IDStatusProhibits     ID = "940003"
	IDUnrecognized        ID = "940004"
	IDDoesNotExist        ID = "940005"
	// IDUnauthorized answers 401 with the vendor's body whatever the credential, IDUnauthorizedEmpty without a body
	// (Realtime Register).
	IDUnauthorized      ID = "940100"
	IDUnauthorizedEmpty ID = "940101"
	// IDForbidden answers 403: without a body at Realtime Register, forbidden at CPS, missing_permission at DigiCert.
	IDForbidden ID = "940300"
	// IDAccessDenied answers 403 with {"Message":"Access Denied"} (CPS).
	IDAccessDenied ID = "940301"
	// IDInvalidKeyForbidden answers 403 with access_denied_invalid_key (DigiCert).
	IDInvalidKeyForbidden ID = "940302"
	// IDFirewall answers 403 with the HTML page of a firewall (DigiCert).
	IDFirewall ID = "940303"
	// IDErrorsObject answers 403 with "errors" as a single object (DigiCert).
	IDErrorsObject ID = "940304"
	// IDNotFound answers 404: without a body at Realtime Register, not_found at the others.
	IDNotFound ID = "940400"
	// IDNoRoute answers 404 with not_found|route (DigiCert).
	IDNoRoute ID = "940401"
	// IDNotAcceptable answers 406 (DigiCert).
	IDNotAcceptable ID = "940600"
	// IDRateLimited answers 429: without a body at Realtime Register, with Retry-After: 1 at CPS, without at DigiCert.
	IDRateLimited ID = "942900"
	// IDInternalError, IDBadGateway, IDUnavailable and IDGatewayTimeout answer 500, 502, 503 and 504. At CPS 503 comes with
	// Retry-After: 1, at Realtime Register with the dates of the downtime.
	IDInternalError  ID = "950000"
	IDBadGateway     ID = "950200"
	IDUnavailable    ID = "950300"
	IDGatewayTimeout ID = "950400"
)

// answersErrors tells whether an id is in the range of those above.
func answersErrors(id ID) bool { return id.Number() >= 900_000 && id.Number() < populatedFrom }

// firewallPage is what the firewall in front of an API answers.
const firewallPage = "<!DOCTYPE html>\n<html><head><title>Request Rejected</title></head>\n<body><h1>Request Rejected</h1>" +
	"<p>The requested URL was rejected. Your support ID is: 1234567890.</p></body></html>\n"

// htmlReply is an HTML page.
func htmlReply(status int) reply {
	return reply{status: status, kind: "text/html; charset=utf-8", body: []byte(firewallPage)}
}

// withRetryAfter adds a Retry-After header to an answer.
func withRetryAfter(r reply, value string) reply {
	if r.header == nil {
		r.header = map[string]string{}
	}
	r.header["Retry-After"] = value
	return r
}

// vendorError is the error that a service answers with an HTTP status, in the form and with the code that it documents.
func vendorError(svc Service, status int) reply {
	switch svc {
	case RealtimeRegister:
		switch status {
		case http.StatusBadRequest:
			return rtrError(status, "ValidationError", "Validation error")
		case http.StatusUnauthorized:
			return rtrError(status, "AuthenticationError", "Authentication failed")
		case http.StatusInternalServerError:
			return rtrError(status, "InternalSRSError", "Internal error")
		case http.StatusBadGateway:
			return rtrError(status, "ProviderConnectionError", "The provider cannot be reached, try again later")
		case http.StatusServiceUnavailable:
			return rtrError(status, "ProviderUnavailable", "The provider is unavailable",
				"startDate", "2026-01-10T22:00:00Z", "endDate", "2026-01-11T02:00:00Z")
		}
		return reply{status: status}
	case CPS:
		codes := map[int]string{
			http.StatusBadRequest: "invalid_input", http.StatusUnauthorized: "unauthorized", http.StatusForbidden: "forbidden",
			http.StatusNotFound: "not_found", http.StatusTooManyRequests: "rate_limit_reached",
			http.StatusInternalServerError: "internal_error", http.StatusBadGateway: "bad_gateway",
			http.StatusServiceUnavailable: "service_unavailable", http.StatusGatewayTimeout: "gateway_timeout",
		}
		code, ok := codes[status]
		if !ok {
			return reply{status: status}
		}
		return cpsError(status, code, cpsTitles[code]+".", "")
	case Token:
		r := tokenError("invalid_client", "")
		switch {
		case status >= http.StatusInternalServerError:
			r = tokenError("server_error", "")
		case status == http.StatusTooManyRequests:
			r = tokenError("temporarily_unavailable", "")
		}
		r.status = status
		return r
	case DigiCert:
		switch status {
		case http.StatusUnauthorized:
			return digiCertError(status, "access_denied|access_denied_invalid_key", "The API key is not valid.")
		case http.StatusForbidden:
			return missingPermission()
		case http.StatusNotFound:
			return digiCertNotFound("route")
		case http.StatusNotAcceptable:
			return digiCertError(status, "not_acceptable", "The requested format is not available.")
		case http.StatusTooManyRequests:
			return digiCertError(status, "request_limit_exceeded", "The request limit was exceeded.")
		}
		return digiCertError(status, "error_"+strconv.Itoa(status), http.StatusText(status))
	}
	return reply{status: status}
}

// common answers the ids that every vendor knows.
func common(svc Service, id ID) (reply, bool) {
	switch id {
	case IDUnauthorized, IDForbidden, IDNotFound, IDRateLimited, IDInternalError, IDBadGateway, IDUnavailable, IDGatewayTimeout:
		// 9, three digits of the status, two of a number.
		return vendorError(svc, int(id.Number()/100%1000)), true
	}
	return reply{}, false
}

// rtrSpecial answers the special ids of processes, for the info or the process itself.
func rtrSpecial(id ID, info bool) (reply, bool) {
	const bad = http.StatusBadRequest
	switch id {
	case IDEmptyObject, IDACME:
		if !info {
			process := object{"id": id, "type": "certificate", "action": "request", "status": "COMPLETED", "createdDate": "2026-01-10T22:00:00Z"}
			if id == IDACME {
				process["type"], process["status"] = "acme", "RUNNING"
			}
			return jsonReply(http.StatusOK, process), true
		}
	}
	switch id {
	case IDEmptyObject:
		return jsonReply(http.StatusOK, object{}), true
	case IDACME:
		return jsonReply(http.StatusOK, object{
			"commonName": "acme.example.com", "requiresAttention": false,
			"validations": object{"organization": "VALIDATED"},
		}), true
	case IDInvalid:
		return rtrError(bad, "ValidationError", "Validation error"), true
	case IDConstraintViolation:
		return rtrError(bad, "ConstraintViolationException", "Constraint violation",
			"violations", []object{{"field": "processId", "message": "must be a process of this customer", "value": id}}), true
	case IDProcessError:
		return rtrError(bad, "ProcessError", "The process cannot give this information"), true
	case IDStatusProhibits:
		return rtrError(bad, "ObjectStatusProhibitsOperation", "The status of the process prohibits this operation"), true
	case IDUnrecognized:
		return rtrError(bad, "UnrecognizedPropertyException", "Unrecognized property", "property", "info"), true
	case IDDoesNotExist:
		return rtrNotFound("process", id), true
	case IDUnauthorizedEmpty:
		return reply{status: http.StatusUnauthorized}, true
	}
	return common(RealtimeRegister, id)
}

// cpsSpecial answers the special ids of certificates. The pattern is that of the endpoint.
func cpsSpecial(id ID, pattern string) (reply, bool) {
	status, dcv := pattern == "/certificates/{id}/status", pattern == "/dcv/certificates/{id}"
	switch {
	case id == IDEmptyObject:
		return jsonReply(http.StatusOK, object{}), true
	case id == IDOtherObject:
		return reply{status: http.StatusOK, body: sample("certificate-11604.json")}, true
	case id == IDInvalid:
		return vendorError(CPS, http.StatusBadRequest), true
	case id == IDAccessDenied:
		return jsonReply(http.StatusForbidden, object{"Message": "Access Denied"}), true
	case id == IDStatusForbidden && status, id == IDDCVForbidden && dcv:
		return vendorError(CPS, http.StatusForbidden), true
	case id == IDStatusNotFound && status, id == IDDCVNotFound && dcv:
		return cpsNotFound(), true
	case id == IDDeleted && status:
		return jsonReply(http.StatusOK, object{
			"@id": "/v2.0/certificates/" + string(id) + "/status", "@type": "CertificateStatus", "id": id,
			"step": 7, "status": "Deleted", "requires_attention": false, "error_message": nil, "order_validation": nil,
		}), true
	case id == IDRateLimited, id == IDUnavailable:
		r, ok := common(CPS, id)
		return withRetryAfter(r, "1"), ok
	}
	return common(CPS, id)
}

// digiCertSpecial answers the special ids of orders, domains and requests; what is which of the three.
func digiCertSpecial(id ID, what string) (reply, bool) {
	switch id {
	case IDEmptyObject:
		return jsonReply(http.StatusOK, object{}), true
	case IDOtherObject:
		name := map[string]string{
			"order": "order-112211-validation.json", "domain": "domain-1234.json", "request": "request-198.json",
		}[what]
		return reply{status: http.StatusOK, body: sample(name)}, true
	case IDFirewallOK:
		return htmlReply(http.StatusOK), true
	case IDFirewall:
		return htmlReply(http.StatusForbidden), true
	case IDInvalidKeyForbidden:
		return digiCertError(http.StatusForbidden, "access_denied|access_denied_invalid_key", "The API key is not valid."), true
	case IDErrorsObject:
		return jsonReply(http.StatusForbidden, object{
			"errors": object{"code": "access_denied|missing_permission", "message": "The API key lacks a permission."},
		}), true
	case IDNotFound:
		return digiCertNotFound(what), true
	case IDNoRoute:
		return digiCertNotFound("route"), true
	case IDNotAcceptable:
		return vendorError(DigiCert, http.StatusNotAcceptable), true
	}
	return common(DigiCert, id)
}
