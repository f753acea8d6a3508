// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"net/http"
	"net/url"
)

// maxRedirects is how many redirects one attempt follows.
const maxRedirects = 3

// sameHostRedirect follows a few redirects within one scheme and host. The credential's header goes
// wherever a request goes, so no other host may get one: net/http takes Authorization off on the way to
// another host, and no header that a vendor made up.
func sameHostRedirect(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case req.URL.Scheme != first.Scheme || req.URL.Host != first.Host:
		return refusal(req, "another host or scheme")
	case req.Method != via[0].Method:
		// net/http turns a POST into a GET, which asks for something else.
		return refusal(req, "the request would no longer be a "+via[0].Method)
	case len(via) > maxRedirects:
		return refusal(req, fmt.Sprintf("more than %d redirects", maxRedirects))
	}
	return nil
}

// refuseRedirect follows none, for requests that hold credentials in their body, and for those that write.
func refuseRedirect(req *http.Request, _ []*http.Request) error {
	return refusal(req, "it is not followed with credentials")
}

// refusal makes the error for a redirect. It leaves out the target's query, which can hold a session.
func refusal(req *http.Request, why string) error {
	target := url.URL{Scheme: req.URL.Scheme, Host: req.URL.Host, Path: req.URL.Path}
	e := &redirectError{reason: fmt.Sprintf("redirected to %s: %s", target.String(), why)}
	if req.Response != nil {
		e.status = req.Response.StatusCode
	}
	return e
}
