// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package writeactions holds the actions that write at a vendor, certops_check_now and certops_digicert_submit_domain. Nothing else
// in the provider writes: only this package imports internal/client/write, and only actions are given a client.WritePath. Tests
// and the linter hold both.
package writeactions

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
)

// All returns the constructors of the actions.
func All() []func() action.Action {
	return []func() action.Action{newCheckNow, newSubmitDomain}
}

// connect returns the client that reads from a vendor and the path on which writes go there.
func connect[C any](a *base.Action, v base.Vendor) (C, *client.WritePath, diag.Diagnostics) {
	var none C
	if a.Data == nil {
		return none, nil, diag.Diagnostics{base.NotConfigured(a.TypeName)}
	}
	reads, diags := base.ClientOf[C](a.Data.Data, v, a.TypeName)
	return reads, a.Data.WritePaths[v.Name()], diags
}

// progress is how an action talks to its user while it runs.
type progress struct {
	send func(action.InvokeProgressEvent)
	path *client.WritePath
}

// say sends one line. It holds no credential, whatever a response put into its parts.
func (p progress) say(format string, arguments ...any) {
	p.send(action.InvokeProgressEvent{Message: p.path.Clean(fmt.Sprintf(format, arguments...))})
}

// clean returns diagnostics whose details hold no credential, whatever a response put into them.
func (p progress) clean(diags diag.Diagnostics) diag.Diagnostics {
	var cleaned diag.Diagnostics
	for _, d := range diags {
		masked := diag.Diagnostic(diag.NewErrorDiagnostic(d.Summary(), p.path.Mask(d.Detail())))
		if d.Severity() == diag.SeverityWarning {
			masked = diag.NewWarningDiagnostic(d.Summary(), p.path.Mask(d.Detail()))
		}
		if at, ok := d.(diag.DiagnosticWithPath); ok {
			masked = diag.WithPath(at.Path(), masked)
		}
		cleaned.Append(masked)
	}
	return cleaned
}

// writeDetail tells the whole story of a write that failed. again says what happens when the action runs again.
func writeDetail(target base.Target, doing, again string, err error) string {
	detail := base.RequestDetail(target, doing, err)
	if client.IsUncertain(err) {
		detail += fmt.Sprintf("\n\n%s may have carried out the request all the same, so the provider did not send it again. %s",
			target.Service.DisplayName(), again)
	}
	return detail
}
