// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package validation

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
)

// IdentitySchema describes what tells one order from all others: see DECISIONS.md for why it is not the three arguments.
func (r *validationResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"service": identityschema.StringAttribute{
			RequiredForImport: true,
			Description:       "The service that has the order, as the provider configuration names it: " + strings.Join(r.services(), ", ") + ".",
		},
		"id": identityschema.StringAttribute{
			RequiredForImport: true,
			Description:       "The id of the order at that service.",
		},
	}}
}

// services are the names of the vendors, in their order.
func (r *validationResource) services() []string {
	var names []string
	for _, s := range r.vendors {
		names = append(names, s.Name())
	}
	return names
}

// vendor finds a vendor by its name.
func (r *validationResource) vendor(name string) (base.Vendor, bool) {
	i := slices.Index(r.services(), name)
	if i < 0 {
		return nil, false
	}
	return r.vendors[i], true
}

// setIdentity writes which order a resource stands for.
func setIdentity(ctx context.Context, identity setter, s base.Vendor, id string) diag.Diagnostics {
	diags := identity.SetAttribute(ctx, path.Root("service"), s.Name())
	diags.Append(identity.SetAttribute(ctx, path.Root("id"), id)...)
	return diags
}

// setArguments writes the arguments that a resource has which nobody configured yet.
func setArguments(ctx context.Context, state setter, s base.Vendor, id string) diag.Diagnostics {
	var argument any = id
	if s.Order().Pattern == nil {
		number, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return diag.Diagnostics{diag.NewErrorDiagnostic("Unexpected Order ID", fmt.Sprintf("%s gives an order the id %q, which is not a number.",
				s.DisplayName(), id))}
		}
		argument = number
	}
	diags := state.SetAttribute(ctx, path.Root(s.Order().Argument), argument)
	diags.Append(state.SetAttribute(ctx, path.Root("poll_interval"), defaultPollInterval.String())...)
	return diags
}

// ImportState takes the identity of an order, or both its parts as text, such as "digicert/20001". The read that follows tells
// where the order stands.
func (r *validationResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	service, id := r.split(req.ID)
	if req.ID == "" {
		var attributes struct {
			Service types.String `tfsdk:"service"`
			ID      types.String `tfsdk:"id"`
		}
		resp.Diagnostics.Append(req.Identity.Get(ctx, &attributes)...)
		service, id = attributes.Service.ValueString(), attributes.ID.ValueString()
	}
	if resp.Diagnostics.HasError() {
		return
	}
	s, ok := r.vendor(service)
	switch {
	case service == "":
		resp.Diagnostics.AddError("Invalid Import ID", fmt.Sprintf("%q does not tell the service, and the same id can exist at several. "+
			"Write the service, a slash and the id of the order: %s.", id, r.forms()))
		return
	case !ok:
		resp.Diagnostics.AddError("Invalid Import ID", fmt.Sprintf("There is no service %q. Write the service, a slash and the id of the order: "+
			"%s.", service, r.forms()))
		return
	}
	if form := wrongForm(s, id); form != "" {
		resp.Diagnostics.AddError("Invalid Import ID", fmt.Sprintf("%q is no id at %s: it must be %s.", id, s.DisplayName(), form))
		return
	}
	resp.Diagnostics.Append(setArguments(ctx, &resp.State, s, id)...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, s, id)...)
}

// split parts an import id into the service and the id of the order. Where one service is configured, its name can be left out.
func (r *validationResource) split(text string) (service, id string) {
	if before, after, ok := strings.Cut(text, "/"); ok {
		return before, after
	}
	if configured := r.configured(); len(configured) == 1 {
		return configured[0].Name(), text
	}
	return "", text
}

// configured are the vendors of which the configuration or the environment says anything.
func (r *validationResource) configured() []base.Vendor {
	return slices.DeleteFunc(slices.Clone(r.vendors), func(s base.Vendor) bool { return r.data == nil || r.data.Connections[s.Name()].Absent })
}

// forms are the import ids that there can be.
func (r *validationResource) forms() string {
	var forms []string
	for _, s := range r.vendors {
		forms = append(forms, fmt.Sprintf("%s/<%s>", s.Name(), s.Order().Argument))
	}
	return strings.Join(forms, ", ")
}

// wrongForm says of what form an id must be, "" when it is.
func wrongForm(s base.Vendor, id string) string {
	if pattern := s.Order().Pattern; pattern != nil {
		if pattern.MatchString(id) {
			return ""
		}
		return s.Order().Form
	}
	// As Terraform would write the number: one order must not have two identities.
	if number, err := strconv.ParseInt(id, 10, 64); err == nil && number > 0 && strconv.FormatInt(number, 10) == id {
		return ""
	}
	return "a whole number above 0"
}
