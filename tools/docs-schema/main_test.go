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
		"second names": {
			in: `{"format_version":"1.0","provider_schemas":{"registry.terraform.io/certops/certops":{` +
				`"provider":{"version":0},"data_source_schemas":{"certops_b_c":{"version":0},"b_c":{"version":0}},` +
				`"functions":{"zone_for":{"description":"<&>"}}}}}`,
			wantDropped: []string{"b_c"},
			want: `{"format_version":"1.0","provider_schemas":{"registry.terraform.io/hashicorp/certops":{` +
				`"data_source_schemas":{"certops_b_c":{"version":0}},` +
				`"functions":{"zone_for":{"description":"\u003c\u0026\u003e"}},"provider":{"version":0}}}}`,
		},
		"undocumented data source": {
			in:      `{"provider_schemas":{"registry.terraform.io/certops/certops":{"data_source_schemas":{"a":{}}}}}`,
			wantErr: "there is no certops_a",
		},
		"another provider": {
			in:      `{"provider_schemas":{"registry.terraform.io/hashicorp/aws":{"data_source_schemas":{}}}}`,
			wantErr: "the schema is of registry.terraform.io/hashicorp/aws",
		},
		"maps of objects": {
			in: mapOfObjects("Records, by domain.\\n\\n* `type`: `CNAME` or `TXT`.\\n* `zone`: null without `zones`."),
			want: `{"provider_schemas":{"registry.terraform.io/hashicorp/certops":{"data_source_schemas":{"certops_a":{"block":{"attributes":{` +
				`"outer":{"nested_type":{"attributes":{"records":{"computed":true,"description":"Records, by domain.","nested_type":{"attributes":{` +
				"\"type\":{\"computed\":true,\"description\":\"`CNAME` or `TXT`.\",\"description_kind\":\"markdown\",\"type\":\"string\"}," +
				"\"zone\":{\"computed\":true,\"description\":\"Null without `zones`.\",\"description_kind\":\"markdown\",\"type\":\"string\"}" +
				`},"nesting_mode":"map"}}}}}}}}}}}}`,
		},
		"member without a line": {
			in:      mapOfObjects("Records.\\n\\n* `type`: `CNAME` or `TXT`."),
			wantErr: "certops_a.outer.records: the description says nothing of the member zone",
		},
		"line without a member": {
			in:      mapOfObjects("Records.\\n\\n* `type`: a.\\n* `zone`: b.\\n* `ttl`: c."),
			wantErr: "names members that are not there: ttl",
		},
		"no lines":    {in: mapOfObjects("Records."), wantErr: "does not end in a line for each member"},
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

// mapOfObjects is a schema with a map of objects inside a nested attribute.
func mapOfObjects(description string) string {
	return `{"provider_schemas":{"registry.terraform.io/certops/certops":{"data_source_schemas":{"certops_a":{"block":{"attributes":{` +
		`"outer":{"nested_type":{"attributes":{"records":{"computed":true,"type":["map",["object",{"type":"string","zone":"string"}]],` +
		`"description":"` + description + `"}}}}}}}}}}}`
}
