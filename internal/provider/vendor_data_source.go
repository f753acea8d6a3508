// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// vendorDataSource is embedded by every data source that reads one vendor's API. C is the vendor's client.
type vendorDataSource[C any] struct {
	typeName string
	service  service
	data     *providerData
}

// Metadata sets the full type name, which need not begin with "certops_".
func (d *vendorDataSource[C]) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = d.typeName
}

// Configure keeps the provider's data. There is none while Terraform validates.
func (d *vendorDataSource[C]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	data, diags := configuredData(req.ProviderData, d.typeName)
	resp.Diagnostics.Append(diags...)
	d.data = data
}

func (d *vendorDataSource[C]) client() (C, diag.Diagnostics) {
	return serviceClient[C](d.data, d.service, d.typeName)
}
