// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// services lists the vendors. A new vendor is one line here.
var services = []service{
	realtimeRegisterService{},
	cpsService{},
	digicertService{},
}

// service is one vendor as the provider sees it: its settings, how to connect, what it offers.
type service interface {
	// name is the vendor's attribute in the provider configuration.
	name() string
	// displayName is what messages call the vendor.
	displayName() string
	// description documents the vendor's attribute in the provider configuration.
	description() string
	settings() []setting
	// newClient builds the vendor's client from resolved settings, by setting name. It makes no network call.
	newClient(values map[string]string, options client.Options) (any, error)
	dataSources() []func() datasource.DataSource
	// hint says what a user can do about a failed request, "" where the general advice for that kind of failure is enough.
	hint(err *client.Error) string
	// order is how certops_dcv_validation names and reads an order of this vendor.
	order() orderKind
}

// orderKind is what the waiter knows of one vendor's order.
type orderKind struct {
	// argument is the name of the argument that takes the order's id, for instance "process_id".
	argument string
	// text is true when the argument is a string of digits instead of a number.
	text bool
	// noun is what messages call the order, for instance "process".
	noun        string
	description string
	// issuers are the CAA issuer domain names of the certificate authority behind the vendor (RFC 8659); empty where there
	// are several, which the records then tell apart.
	issuers []string
	// read fetches the order's challenges. The client is what newClient returned, the id a number in decimal.
	read func(ctx context.Context, client any, id string) (dcv.Order, error)
}

// orderReader lets a vendor's own reader take the client as newClient returned it.
func orderReader[C any](read func(context.Context, C, string) (dcv.Order, error)) func(context.Context, any, string) (dcv.Order, error) {
	return func(ctx context.Context, c any, id string) (dcv.Order, error) {
		typed, ok := c.(C)
		if !ok {
			return dcv.Order{}, fmt.Errorf("unexpected client of type %T", c)
		}
		return read(ctx, typed, id)
	}
}

// setting is one text attribute of a vendor in the provider configuration.
type setting struct {
	name        string
	env         string
	fallback    string
	description string
	secret      bool
	required    bool
	check       func(string) error
}

// providerData is what Configure hands to data sources and resources.
type providerData struct {
	connections map[string]connection
	deps
}

// connection is a vendor's client, or why there is none, as the title and the text of an error.
type connection struct {
	client         any
	title, problem string
}

func settingsSchema(s service) schema.SingleNestedAttribute {
	attributes := make(map[string]schema.Attribute)
	for _, set := range s.settings() {
		description := set.description + " Environment: `" + set.env + "`."
		if set.fallback != "" {
			description += " Default: `" + set.fallback + "`."
		}
		attribute := schema.StringAttribute{Optional: true, Sensitive: set.secret, MarkdownDescription: description}
		if set.check != nil {
			attribute.Validators = []validator.String{checkValidator{check: set.check, secret: set.secret}}
		}
		attributes[set.name] = attribute
	}
	return schema.SingleNestedAttribute{Optional: true, MarkdownDescription: s.description(), Attributes: attributes}
}

// connect resolves a vendor's settings (configuration, then environment, then default) and builds its client.
func connect(s service, configured types.Object, getenv func(string) string, options client.Options) connection {
	var (
		notConfigured = s.displayName() + " Not Configured"
		invalid       = "Invalid " + s.displayName() + " Configuration"
	)
	values := make(map[string]string)
	var unknown, missing []string
	for _, set := range s.settings() {
		attribute := fmt.Sprintf("%s.%s", s.name(), set.name)
		value, known := configuredValue(configured, set.name)
		origin := fmt.Sprintf("`%s`", attribute)
		if !known {
			unknown = append(unknown, origin)
			continue
		}
		if value == "" {
			value = getenv(set.env)
			origin = "the environment variable " + set.env
		}
		if value == "" {
			value = set.fallback
		}
		if value == "" {
			if set.required {
				missing = append(missing, fmt.Sprintf("`%s` in the provider block or the environment variable %s", attribute, set.env))
			}
			continue
		}
		if set.check != nil {
			if err := set.check(value); err != nil {
				return connection{title: invalid, problem: fmt.Sprintf("The %s API cannot be used, because %s is not valid: it %s.", s.displayName(), origin, strings.TrimSuffix(err.Error(), "."))}
			}
		}
		values[set.name] = value
	}
	switch {
	case len(unknown) > 0:
		return connection{title: notConfigured + " Yet", problem: fmt.Sprintf("The %s API cannot be read yet, because %s will be known only after apply. "+
			"Create what the value comes from first (terraform apply -target=…), or pass it as a variable or by environment variable.",
			s.displayName(), strings.Join(unknown, " and "))}
	case len(missing) > 0:
		return connection{title: notConfigured, problem: fmt.Sprintf("The %s API is not configured. Set %s.", s.displayName(), strings.Join(missing, ", and "))}
	}
	c, err := s.newClient(values, options)
	if err != nil {
		return connection{title: invalid, problem: fmt.Sprintf("The %s API cannot be used: %s.", s.displayName(), strings.TrimSuffix(err.Error(), "."))}
	}
	return connection{client: c}
}

// configuredValue returns the text set for name, "" when there is none; known is false while Terraform cannot tell yet.
func configuredValue(configured types.Object, name string) (value string, known bool) {
	if configured.IsUnknown() {
		return "", false
	}
	text, ok := configured.Attributes()[name].(types.String)
	if !ok {
		return "", true
	}
	return text.ValueString(), !text.IsUnknown()
}

// serviceClient returns the vendor's client as the type its package made it, or says what keeps it from working.
func serviceClient[C any](data *providerData, s service, typeName string) (C, diag.Diagnostics) {
	var (
		none  C
		diags diag.Diagnostics
	)
	if data == nil {
		diags.Append(notConfigured(typeName))
		return none, diags
	}
	connection := data.connections[s.name()]
	if connection.problem != "" {
		diags.AddError(connection.title, connection.problem+" It is needed by "+typeName+".")
		return none, diags
	}
	c, ok := connection.client.(C)
	if !ok {
		diags.AddError("Unexpected Client Type", fmt.Sprintf("%s expected a client of type %T, got %T. This is a bug in the provider; please report it.", typeName, none, connection.client))
		return none, diags
	}
	return c, diags
}

// configuredData is what Configure handed over, nil while Terraform validates.
func configuredData(value any, typeName string) (*providerData, diag.Diagnostics) {
	var diags diag.Diagnostics
	if value == nil {
		return nil, diags
	}
	data, ok := value.(*providerData)
	if !ok {
		diags.AddError("Unexpected Provider Data",
			fmt.Sprintf("%s expected *providerData, got %T. This is a bug in the provider; please report it.", typeName, value))
	}
	return data, diags
}

func notConfigured(typeName string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Provider Not Configured",
		typeName+" was read before the certops provider was configured. In a module, pass the provider on with providers = { certops = certops }; in a test, mock it or configure it.")
}
