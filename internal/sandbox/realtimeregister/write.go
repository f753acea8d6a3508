// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// resend checks the validations of a process at once, and returns why a check failed. The page does not show such a response.
func (a *API) resend(r *http.Request) core.Reply {
	id, err := core.ParseNumber(r.PathValue("id"))
	if err != nil {
		return *violation("processId", "must be a number")
	}
	if special, ok := special(id, false); ok {
		return special
	}
	var body struct {
		DCV []struct {
			CommonName string `json:"commonName"`
			Type       string `json:"type"`
		} `json:"dcv"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&body); err != nil || len(body.DCV) == 0 {
		return *violation("dcv", "must not be empty")
	}
	methods := map[string]string{}
	for _, dcv := range body.DCV {
		methods[strings.ToLower(dcv.CommonName)] = dcv.Type
	}
	var wrong *core.Reply
	waits := false
	found := a.View(Service, id, func(o *core.Order) {
		waits = o.Stage == core.StageTokenAssigned
		for name, method := range methods {
			known := false
			for _, c := range o.Checks {
				known = known || strings.EqualFold(c.Domain, name) && c.Method == method
			}
			if !known {
				wrong = violation("dcv", name+" is not validated by "+method)
			}
		}
	})
	switch {
	case !found:
		return notFound("process", id)
	case !waits:
		return apiError(http.StatusBadRequest, "ObjectStatusProhibitsOperation", "The process cannot be resent")
	case wrong != nil:
		return *wrong
	}
	asked := func(c *core.Check) bool { _, ok := methods[strings.ToLower(c.Domain)]; return ok }
	if err := a.LookAtOnce(r.Context(), Service, id, asked); err != nil {
		return apiError(http.StatusBadRequest, "ObjectStatusProhibitsOperation", "The process cannot be resent")
	}
	var warnings []string
	a.View(Service, id, func(o *core.Order) {
		for _, c := range o.Checks {
			if asked(c) && c.Status != core.StatusValidated {
				warnings = append(warnings, fmt.Sprintf("%s: no %s record with the expected value was found", c.Domain, c.Type))
			}
		}
	})
	if len(warnings) == 0 {
		return core.Reply{Status: http.StatusOK}
	}
	return core.JSON(http.StatusOK, core.Object{"warning": strings.Join(warnings, "; ")})
}
