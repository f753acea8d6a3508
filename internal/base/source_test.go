// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/base/encode"
)

// testProvider has one data source, certops_text, whose text is as long as it says.
type testProvider struct {
	provider.Provider
	length int
}

type textModel struct {
	Text string `tfsdk:"text"`
}

func (testProvider) Metadata(context.Context, provider.MetadataRequest, *provider.MetadataResponse) {}

func (testProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (testProvider) Resources(context.Context) []func() resource.Resource { return nil }

func (p testProvider) DataSources(context.Context) []func() datasource.DataSource {
	connect := func(*Data, string) (int, diag.Diagnostics) { return p.length, nil }
	read := func(_ context.Context, length int, model *textModel) diag.Diagnostics {
		model.Text = strings.Repeat("x", length)
		return nil
	}
	attributes := func() schema.Schema {
		return schema.Schema{Attributes: map[string]schema.Attribute{"text": TextAttribute("Text.")}}
	}
	return []func() datasource.DataSource{NewSource("certops_text", connect, attributes, read)}
}

// A state that Terraform could hardly take is an error that says what to do.
func TestSourceTooMuch(t *testing.T) {
	kind := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"text": tftypes.String}}
	config, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, map[string]tftypes.Value{"text": tftypes.NewValue(tftypes.String,
		nil)}))
	if err != nil {
		t.Fatal(err)
	}
	for length, want := range map[int]string{
		1000: "",
		encode.MaxState: "The result of certops_text would take more than 96 MiB in Terraform's state. Terraform cannot handle that well. " +
			"Select fewer objects with the arguments.",
	} {
		framework, ok := providerserver.NewProtocol6(testProvider{length: length})().(encode.FrameworkServer)
		if !ok {
			t.Fatal("the framework's server lacks a part of the protocol")
		}
		request := &tfprotov6.ReadDataSourceRequest{TypeName: "certops_text", Config: &config}
		resp, err := encode.Server{FrameworkServer: framework}.ReadDataSource(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, d := range resp.Diagnostics {
			got += d.Detail
		}
		if got != want {
			t.Errorf("a text of %d bytes: got %q, want %q", length, got, want)
		}
	}
}
