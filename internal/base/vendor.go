// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package base is what the data sources, resources and functions of all vendors share: the vendor interface, the generic data
// source, the maps of DNS records, diagnostics and validators.
package base

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/sync/semaphore"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// Environment is what the provider takes from the process around it, so that tests can bring their own.
type Environment struct {
	Getenv func(string) string
	// Backoff is the shortest wait before a request is repeated; 0 means the clients' own.
	Backoff time.Duration
	// Transport replaces the connections to the network; nil means none does.
	Transport http.RoundTripper
}

// Environment variables that override the settings all vendors share.
const (
	EnvRequestTimeout = "CERTOPS_REQUEST_TIMEOUT"
	EnvMaxRetries     = "CERTOPS_MAX_RETRIES"
)

// Vendor is one vendor as the provider sees it: its settings, how to connect, what it offers.
type Vendor interface {
	// Name is the vendor's attribute in the provider configuration.
	Name() string
	// DisplayName is what messages call the vendor.
	DisplayName() string
	// Description documents the vendor's attribute in the provider configuration.
	Description() string
	Settings() []Setting
	// NewClient builds the vendor's client from resolved settings, by setting name. It makes no network call.
	NewClient(values map[string]string, options client.Options) (any, error)
	DataSources() []func() datasource.DataSource
	// Hint says what a user can do about a failed request, "" where the general advice for that kind of failure is enough.
	Hint(err *client.Error) string
	// Order is how certops_dcv_validation names and reads an order of this vendor.
	Order() OrderKind
}

// EphemeralVendor is a vendor with ephemeral resources.
type EphemeralVendor interface {
	EphemeralResources() []func() ephemeral.EphemeralResource
}

// OrderKind is what the waiter knows of one vendor's order.
type OrderKind struct {
	// Argument is the name of the argument that takes the order's id, for instance "process_id".
	Argument string
	// Pattern is the form of an id that is text; nil where ids are numbers. Form says it in words, as the end of "must be".
	Pattern *regexp.Regexp
	Form    string
	// Noun is what messages call the order, for instance "process".
	Noun        string
	Description string
	// Issuers are the CAA issuer domain names of the certificate authority behind the vendor (RFC 8659); empty where there
	// are several, which the records then tell apart.
	Issuers []string
	// LooksAtOnce tells whether the action certops_check_now can have the authority look for the records at once.
	LooksAtOnce bool
	// Read fetches the order's challenges. The client is what NewClient returned, the id a number in decimal.
	Read func(ctx context.Context, client any, id string) (dcv.Order, error)
	// List lists the account's orders, for `terraform query`. It may leave out those of which the list itself tells that they are
	// issued or have ended. The client is what NewClient returned.
	List func(ctx context.Context, client any) ([]dcv.Listed, error)
}

// ListerOf lets a vendor's own lister take the client as NewClient returned it.
func ListerOf[C any](list func(context.Context, C) ([]dcv.Listed, error)) func(context.Context, any) ([]dcv.Listed, error) {
	return func(ctx context.Context, c any) ([]dcv.Listed, error) {
		typed, ok := c.(C)
		if !ok {
			return nil, fmt.Errorf("unexpected client of type %T", c)
		}
		return list(ctx, typed)
	}
}

// ReaderOf lets a vendor's own reader take the client as NewClient returned it.
func ReaderOf[C any](read func(context.Context, C, string) (dcv.Order, error)) func(context.Context, any, string) (dcv.Order, error) {
	return func(ctx context.Context, c any, id string) (dcv.Order, error) {
		typed, ok := c.(C)
		if !ok {
			return dcv.Order{}, fmt.Errorf("unexpected client of type %T", c)
		}
		return read(ctx, typed, id)
	}
}

// Setting is one text attribute of a vendor in the provider configuration.
type Setting struct {
	Name        string
	Env         string
	Fallback    string
	Description string
	Secret      bool
	Required    bool
	Check       func(string) error
}

// Data is what Configure hands to data sources and resources.
type Data struct {
	Connections map[string]Connection
	Environment
}

// ActionData is what Configure hands to actions: besides, the path on which each vendor's client writes, by the vendor's name.
// Nothing else gets those.
type ActionData struct {
	*Data
	WritePaths map[string]*client.WritePath
	// Turn has one place, for an action that decides by a read whether it writes: two at once would both write.
	Turn *semaphore.Weighted
}

// Connection is a vendor's client, or why there is none, as the title and the text of an error.
type Connection struct {
	Client         any
	Title, Problem string
	// Absent is true where neither the configuration nor the environment says anything of the vendor.
	Absent bool
}

// SettingsSchema is the attribute that holds a vendor's settings.
func SettingsSchema(s Vendor) schema.SingleNestedAttribute {
	attributes := make(map[string]schema.Attribute)
	for _, set := range s.Settings() {
		description := set.Description + " Environment: `" + set.Env + "`."
		if set.Fallback != "" {
			description += " Default: `" + set.Fallback + "`."
		}
		attribute := schema.StringAttribute{Optional: true, Sensitive: set.Secret, MarkdownDescription: description}
		if set.Check != nil {
			attribute.Validators = []validator.String{checkValidator{check: set.Check, secret: set.Secret}}
		}
		attributes[set.Name] = attribute
	}
	return schema.SingleNestedAttribute{Optional: true, MarkdownDescription: s.Description(), Attributes: attributes}
}

// Connect resolves a vendor's settings (configuration, then environment, then default) and builds its client.
func Connect(s Vendor, configured types.Object, getenv func(string) string, options client.Options) Connection {
	var (
		notConfigured = s.DisplayName() + " Not Configured"
		invalid       = "Invalid " + s.DisplayName() + " Configuration"
	)
	values := make(map[string]string)
	absent := configured.IsNull()
	var unknown, missing []string
	for _, set := range s.Settings() {
		attribute := fmt.Sprintf("%s.%s", s.Name(), set.Name)
		value, known := configuredValue(configured, set.Name)
		origin := fmt.Sprintf("`%s`", attribute)
		if !known {
			unknown = append(unknown, origin)
			continue
		}
		if value == "" {
			value = getenv(set.Env)
			origin = "the environment variable " + set.Env
		}
		absent = absent && value == ""
		if value == "" {
			value = set.Fallback
		}
		if value == "" {
			if set.Required {
				missing = append(missing, fmt.Sprintf("`%s` in the provider block or the environment variable %s", attribute, set.Env))
			}
			continue
		}
		if set.Check != nil {
			if err := set.Check(value); err != nil {
				return Connection{Title: invalid, Problem: fmt.Sprintf("The %s API cannot be used, because %s is not valid: it %s.", s.DisplayName(),
					origin, strings.TrimSuffix(err.Error(), "."))}
			}
		}
		values[set.Name] = value
	}
	switch {
	case len(unknown) > 0:
		return Connection{Title: notConfigured + " Yet", Problem: fmt.Sprintf("The %s API cannot be read yet, because %s will be known only "+
			"after apply. Create what the value comes from first (terraform apply -target=…), or pass it as a variable or by environment "+
			"variable.",
			s.DisplayName(), strings.Join(unknown, " and "))}
	case len(missing) > 0:
		return Connection{Title: notConfigured, Absent: absent, Problem: fmt.Sprintf("The %s API is not configured. Set %s.", s.DisplayName(),
			strings.Join(missing, ", and "))}
	}
	c, err := s.NewClient(values, options)
	if err != nil {
		return Connection{Title: invalid, Problem: fmt.Sprintf("The %s API cannot be used: %s.", s.DisplayName(),
			strings.TrimSuffix(err.Error(), "."))}
	}
	return Connection{Client: c}
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

// ClientOf returns the vendor's client as the type its package made it, or says what keeps it from working.
func ClientOf[C any](data *Data, s Vendor, typeName string) (C, diag.Diagnostics) {
	var (
		none  C
		diags diag.Diagnostics
	)
	if data == nil {
		diags.Append(NotConfigured(typeName))
		return none, diags
	}
	connection := data.Connections[s.Name()]
	if connection.Problem != "" {
		diags.AddError(connection.Title, connection.Problem+" It is needed by "+typeName+".")
		return none, diags
	}
	c, ok := connection.Client.(C)
	if !ok {
		diags.AddError("Unexpected Client Type", fmt.Sprintf("%s expected a client of type %T, got %T. This is a bug in the provider; please "+
			"report it.", typeName, none, connection.Client))
		return none, diags
	}
	return c, diags
}

// Configured is what Configure handed over, nil while Terraform validates.
func Configured[T any](value any, typeName string) (T, diag.Diagnostics) {
	var diags diag.Diagnostics
	data, ok := value.(T)
	if !ok && value != nil {
		diags.AddError("Unexpected Provider Data",
			fmt.Sprintf("%s expected %T, got %T. This is a bug in the provider; please report it.", typeName, data, value))
	}
	return data, diags
}

// NotConfigured is the error of a type that is used before the provider is configured.
func NotConfigured(typeName string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Provider Not Configured",
		typeName+" was read before the certops provider was configured. In a module, pass the provider on with providers = { certops = "+
			"certops }; in a test, mock it or configure it.")
}
