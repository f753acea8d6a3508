// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import "net/http"

// faultPlan holds the faults to inject.
type faultPlan struct{}

// withFaults serves a request.
func (s *Sandbox) withFaults(_ Service, next http.Handler, w *statusWriter, r *http.Request) {
	next.ServeHTTP(w, r)
}

// controlHandler serves the control API.
func (s *Sandbox) controlHandler() http.Handler { return http.NotFoundHandler() }
