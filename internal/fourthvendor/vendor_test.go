// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package fourthvendor

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
)

var idPattern = regexp.MustCompile(`^ord-[0-9a-z]+$`)

type vendor struct{}

func (vendor) Name() string        { return "example_ca" }
func (vendor) DisplayName() string { return displayName }
func (vendor) Description() string { return "How to reach Example CA." }

func (vendor) Settings() []base.Setting {
	setting := func(name, env string) base.Setting {
		return base.Setting{Name: name, Env: "CERTOPS_EXAMPLE_CA_" + env, Required: true, Description: "A setting."}
	}
	account, key := setting("account", "ACCOUNT"), setting("api_key", "API_KEY")
	account.Check, key.Check, key.Secret = client.CheckSecret, client.CheckSecret, true
	certificate, certificateKey := setting("client_certificate", "CLIENT_CERTIFICATE"), setting("client_key", "CLIENT_KEY")
	certificateKey.Secret = true
	url := setting("base_url", "BASE_URL")
	url.Check = base.CheckURL
	return []base.Setting{account, key, certificate, certificateKey, url}
}

func (vendor) NewClient(values map[string]string, options client.Options) (any, error) {
	return newClient(values, options)
}

func (vendor) DataSources() []func() datasource.DataSource {
	return []func() datasource.DataSource{newOrder}
}

func (vendor) Hint(err *client.Error) string {
	if err.Kind == client.KindUnauthorized {
		return "Ask Example CA for another key."
	}
	return ""
}

func (vendor) Order() base.OrderKind {
	return base.OrderKind{
		Argument: "example_ca_order_id", Pattern: idPattern, Form: "the id of an order, such as `ord-7f3a`",
		Noun: "order", Description: "Id of the order.", Issuers: []string{"ca.example"},
		Read: base.ReaderOf(readOrder), List: base.ListerOf(listOrders),
	}
}
