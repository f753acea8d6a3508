// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestRewrite(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		in          string
		wantDropped []string
		want        string
		wantErr     string
	}{
		"Terraform": {
			in: `{"format_version":"1.0","provider_schemas":{"registry.terraform.io/certops/certops":{` +
				`"provider":{"version":0},"data_source_schemas":{"certops_b_c":{"version":0},"b_c":{"version":0}},` +
				`"functions":{"zone_for":{"description":"<&>"}}}}}`,
			wantDropped: []string{"b_c"},
			want: `{"format_version":"1.0","provider_schemas":{"registry.terraform.io/hashicorp/certops":{` +
				`"data_source_schemas":{"certops_b_c":{"version":0}},` +
				`"functions":{"zone_for":{"description":"\u003c\u0026\u003e"}},"provider":{"version":0}}}}`,
		},
		"OpenTofu": {
			in:   `{"provider_schemas":{"registry.opentofu.org/certops/certops":{"data_source_schemas":{"certops_a":{}}}}}`,
			want: `{"provider_schemas":{"registry.terraform.io/hashicorp/certops":{"data_source_schemas":{"certops_a":{}}}}}`,
		},
		"undocumented data source": {
			in:      `{"provider_schemas":{"registry.terraform.io/certops/certops":{"data_source_schemas":{"a":{}}}}}`,
			wantErr: "there is no certops_a",
		},
		"another provider": {
			in:      `{"provider_schemas":{"registry.terraform.io/hashicorp/aws":{"data_source_schemas":{}}}}`,
			wantErr: "the schema is of registry.terraform.io/hashicorp/aws",
		},
		"no provider": {in: `{"provider_schemas":{}}`, wantErr: "0 providers"},
		"not JSON":    {in: `Error: no schema`, wantErr: "reading the schema"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var out bytes.Buffer
			dropped, err := rewrite(strings.NewReader(test.in), &out, "certops")
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Fatalf("error = %v, want one with %q", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(dropped, test.wantDropped) {
				t.Errorf("left out %q, want %q", dropped, test.wantDropped)
			}
			if got := strings.TrimSpace(out.String()); got != test.want {
				t.Errorf("wrote\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}
