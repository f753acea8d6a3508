// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package writeactions holds the actions that write at a vendor, certops_check_now and certops_digicert_submit_domain. Nothing else
// in the provider writes: only this package imports internal/client/write, and only actions are given a client.WritePath. Tests
// and the linter hold both.
package writeactions

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

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

// failOnError returns the argument fail_on_error. operation is what may fail, such as "a check". goesOn is a clause that tells
// what Terraform does when the failure is a warning.
func failOnError(operation, goesOn string) schema.BoolAttribute {
	return schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether " + operation + " that fails is an error. After an error Terraform leaves out what waits for the action. " +
			"With `false` the failure is a warning with the same text, and " + goesOn + ". That holds for the vendor's refusals, for outages, and " +
			"for a request that the vendor may have carried out all the same. Errors stay: invalid arguments, an id or a name that the vendor " +
			"does not know, missing or wrong credentials, and a key without permission (HTTP 403). Default: `true`.",
	}
}

// progress is how an action talks to its user: while it runs, and about what it could not do.
type progress struct {
	send func(action.InvokeProgressEvent)
	path *client.WritePath
	// lenient makes warnings of failures that another run may not have.
	lenient bool
}

// newProgress is what an invocation begins with.
func newProgress(resp *action.InvokeResponse, path *client.WritePath, failOnError types.Bool) progress {
	return progress{send: resp.SendProgress, path: path, lenient: base.Known(failOnError) && !failOnError.ValueBool()}
}

// failed is the diagnostic of an action that could not do what it is for because of err. A diagnostic with a path is about an
// argument.
func (p progress) failed(d diag.Diagnostic, err error) diag.Diagnostics {
	if _, argument := d.(diag.DiagnosticWithPath); !p.lenient || argument || stays(err) {
		return diag.Diagnostics{d}
	}
	// Terraform 1.16.0-rc2 prints the warnings of an action that a resource triggers only beside errors: it prints the lines of progress.
	// A line is bounded, so each paragraph has its own.
	for i, paragraph := range strings.Split(p.path.Mask(d.Detail()), "\n\n") {
		if i == 0 {
			paragraph = "Warning: " + d.Summary() + ". " + paragraph
		}
		p.say("%s", strings.Join(strings.Fields(paragraph), " "))
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(d.Summary(), d.Detail())}
}

// stays tells of an error that stays one with fail_on_error = false. A user interrupts on purpose. Wrong credentials and a missing
// permission fail for every domain and in every run, until somebody changes them. An HTML page comes from a firewall or a proxy.
func stays(err error) bool {
	e, ok := errors.AsType[*client.Error](err)
	return ok && (e.Kind == client.KindUnauthorized || e.Kind == client.KindForbidden && !e.HTML || e.Kind == client.KindCanceled)
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
