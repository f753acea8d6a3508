// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package core

// Ids whose response is always the same, so that a user sees what the provider makes of it: 9, the HTTP status, and a number.
// Those below are known to several vendors; the vendors' packages have their own. README.md has the table of which vendor
// knows which; an id that a vendor does not know is an unknown object there.
const (
	// IDEmptyObject returns 200 with {}: a finished process, a CPS certificate that does not exist.
	IDEmptyObject ID = "920000"
	// IDOtherObject returns 200 with the object of another id.
	IDOtherObject ID = "920001"
	// IDInvalid returns 400.
	IDInvalid ID = "940000"
	// IDUnauthorized returns 401 with the vendor's body whatever the credential.
	IDUnauthorized ID = "940100"
	// IDForbidden returns 403.
	IDForbidden ID = "940300"
	// IDNotFound returns 404.
	IDNotFound ID = "940400"
	// IDRateLimited returns 429.
	IDRateLimited ID = "942900"
	// IDInternalError, IDBadGateway, IDUnavailable and IDGatewayTimeout return 500, 502, 503 and 504.
	IDInternalError  ID = "950000"
	IDBadGateway     ID = "950200"
	IDUnavailable    ID = "950300"
	IDGatewayTimeout ID = "950400"
)

// ReturnsErrors tells whether an id is in the range of those that return errors. Lists leave these out: a reader of all
// listed objects would run into them.
func ReturnsErrors(id ID) bool { return id.Number() >= 900_000 && id.Number() < 1_000_000 }

// Special responds to the ids whose status, with the vendor's error, says all.
func Special(id ID, failure func(status int) Reply) (Reply, bool) {
	switch id {
	case IDUnauthorized, IDForbidden, IDNotFound, IDRateLimited, IDInternalError, IDBadGateway, IDUnavailable, IDGatewayTimeout:
		// 9, three digits of the status, two of a number.
		return failure(int(id.Number() / 100 % 1000)), true
	}
	return Reply{}, false
}
