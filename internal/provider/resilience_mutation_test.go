// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// junk is what nobody foresees.
const junk = `{"a":[{"b":[1,null,"x",{"c":{}}]}],"id":{"id":[]}}`

// mutation is a changed document and what was changed in it.
type mutation struct {
	name string
	// field is the path of the member that was changed, as diagnostics name it.
	field string
	body  []byte
}

// mutations changes a document member by member. It leaves out the changes in done, if they are not tried everywhere, and adds its own
// to them: the documents of one endpoint have many members in common. Numbers in paths are ids.
func mutations(t *testing.T, endpoint string, document []byte, done map[string]bool) []mutation {
	t.Helper()
	root, err := client.DecodeAny(document)
	if err != nil {
		t.Fatal(err)
	}
	var all []mutation
	add := func(field, what string, old any, everywhere bool) {
		key := numbers.ReplaceAllString(fmt.Sprintf("%s %s: %T", endpoint, what, old), "*")
		if done[key] && !everywhere {
			return
		}
		done[key] = true
		body, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, mutation{what, field, body})
	}
	var walk func(field string, value any)
	walk = func(field string, value any) {
		switch v := value.(type) {
		case map[string]any:
			v["x_new"] = json.RawMessage(junk)
			add(field, field+" with an unknown key", value, true)
			delete(v, "x_new")
			for _, name := range slices.Sorted(maps.Keys(v)) {
				member, old := strings.TrimPrefix(field+"."+name, "."), v[name]
				delete(v, name)
				add(member, member+" absent", old, true)
				for what, changed := range changes(old) {
					v[name] = changed
					add(member, member+" as "+what, old, isTriedEverywhere(what, old))
				}
				v[name] = old
				walk(member, old)
			}
		case []any:
			if len(v) == 0 {
				return
			}
			first := v[0]
			for what, changed := range changes(first) {
				v[0] = changed
				add(field, field+"[0] as "+what, first, isTriedEverywhere(what, first))
			}
			v[0] = first
			walk(field, first)
		}
	}
	walk("", root)
	return all
}

var numbers = regexp.MustCompile(`[0-9]+`)

// isTriedEverywhere tells whether a change is tried in every document, since what it means depends on the members beside it: no names are
// an error where the order is open, and nothing where it is issued. Any other change is either wrong whatever is beside it, or read like
// one of these: text takes a digit, a flag and all numbers as it takes a new word.
func isTriedEverywhere(what string, old any) bool {
	same := "a flag"
	switch old.(type) {
	case string:
		same = "a new word"
	case json.Number:
		same = "a number"
	case []any, map[string]any:
		return slices.Contains([]string{"null", "an empty text", "an empty object", "an empty array"}, what)
	}
	return slices.Contains([]string{"null", "an empty text", same}, what)
}

// changes are what can come in the place of a value, by what they are.
func changes(value any) map[string]any {
	all := map[string]any{
		"null": nil, "a new word": "NEW_VALUE_2031", "a digit": "7", "a number": json.Number("7"), "a fraction": json.Number("1.5"),
		"a number past 64 bits": json.Number("99999999999999999999"), "a flag": true, "an empty text": "", "an empty object": map[string]any{},
		"an empty array": []any{},
		"junk":           json.RawMessage(junk), "an array of it": []any{value},
	}
	switch v := value.(type) {
	case json.Number:
		all["the text of it"] = v.String()
	case []any:
		if len(v) > 0 {
			all["the first of it"] = v[0]
		}
	}
	return all
}

// TestMutations changes every member of every endpoint's fixtures in every way. Each change either reads or is an error that names
// the member, or what holds it.
func TestMutations(t *testing.T) {
	t.Parallel()
	done := make(map[string]bool)
	for _, m := range fixtureReads {
		t.Run(m.typeName+" "+filepath.Base(m.fixture), func(t *testing.T) {
			document := m.response(t)
			all := mutations(t, m.typeName+" "+m.path, document, done)
			t.Parallel()
			network := m.network(t)
			source := newDirectSource(t, m.typeName, m.arguments, paged{network})
			count, read := 0, 0
			for i, change := range append([]mutation{{"unchanged", "", document}}, all...) {
				network[m.path] = change.body
				diags := source.read(t)
				count++
				if !diags.HasError() {
					read++
				} else if i == 0 || !namesField(diags, change.field) {
					t.Errorf("%s: %v", change.name, diags)
				}
				for _, d := range diags {
					if !slices.ContainsFunc(foreseen, func(summary string) bool { return strings.Contains(d.Summary(), summary) }) {
						t.Errorf("%s: unforeseen diagnostic: %s: %s", change.name, d.Summary(), d.Detail())
					}
				}
			}
			t.Logf("%d changes, %d of them read", count-1, read-1)
			// Text takes what is not an array or an object, and every member can be absent or null.
			if read < count/3 {
				t.Errorf("only %d of %d changes read", read, count)
			}
		})
	}
}

// saysWhatIsMissing are texts of errors about what is missing or contradicts itself, which no field's name would explain.
var saysWhatIsMissing = []string{
	dcv.ErrNoValidations.Error(), "the response has n", "contradicts itself", "has no DNS record for", "of which it is no parent",
	"the response has a token for", "the response has DCV data of other domains", "the response gives no domain id",
	"the response gives the domain id", "the response has different tokens",
}

// namesField tells whether the errors name a member, one that holds it, or one within it. That it is another object's response
// is told by the id, and that a record cannot exist by the domain and the part of the record.
func namesField(diags diag.Diagnostics, field string) bool {
	for _, d := range diags.Errors() {
		if slices.ContainsFunc(saysWhatIsMissing, func(text string) bool { return strings.Contains(d.Detail(), text) }) {
			return true
		}
		if strings.HasSuffix(field, "domain_id") && strings.Contains(d.Detail(), "the DCV token of domain ") {
			return true
		}
		if strings.HasSuffix(d.Detail(), "gives no id for it.") || strings.HasSuffix(field, "id") && strings.Contains(d.Detail(),
			"was asked for") {
			return true
		}
		for holder := field; ; {
			if strings.Contains(d.Detail(), `"`+holder+`"`) || strings.Contains(d.Detail(), `"`+holder+`.`) {
				return true
			}
			at := strings.LastIndexByte(holder, '.')
			if at < 0 {
				break
			}
			holder = holder[:at]
		}
	}
	return false
}

// paged gives no more than one page of every list.
type paged struct {
	answers
}

// RoundTrip implements http.RoundTripper.
func (p paged) RoundTrip(req *http.Request) (*http.Response, error) {
	query := req.URL.Query()
	if offset, page := query.Get("offset"), query.Get("page"); offset > "0" || page > "1" {
		return answers{req.URL.Path: []byte(`{}`)}.RoundTrip(req)
	}
	return p.answers.RoundTrip(req)
}

// directSource is a data source that is read without the protocol around it, which takes most of the time.
type directSource struct {
	source datasource.DataSource
	schema datasource.SchemaResponse
	config tfsdk.Config
	data   func(*testing.T) any
	reads  int
}

func newDirectSource(t *testing.T, typeName string, arguments map[string]any, network http.RoundTripper) *directSource {
	t.Helper()
	ctx := t.Context()
	p := newWith("test", base.Environment{Getenv: environment(answersEnvironment), Transport: network})()
	var schema provider.SchemaResponse
	p.Schema(ctx, provider.SchemaRequest{}, &schema)
	settings, err := protoValue(schema.Schema.Type().TerraformType(ctx), map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	d := &directSource{data: func(t *testing.T) any {
		var configured provider.ConfigureResponse
		p.Configure(ctx, provider.ConfigureRequest{Config: tfsdk.Config{Schema: schema.Schema, Raw: settings}}, &configured)
		if configured.Diagnostics.HasError() {
			t.Fatal(configured.Diagnostics)
		}
		return configured.DataSourceData
	}}
	for _, source := range p.DataSources(ctx) {
		d.source = source()
		var metadata datasource.MetadataResponse
		d.source.Metadata(ctx, datasource.MetadataRequest{}, &metadata)
		if metadata.TypeName == typeName {
			break
		}
	}
	d.source.Schema(ctx, datasource.SchemaRequest{}, &d.schema)
	config, err := protoValue(d.schema.Schema.Type().TerraformType(ctx), arguments)
	if err != nil {
		t.Fatal(err)
	}
	d.config = tfsdk.Config{Schema: d.schema.Schema, Raw: config}
	return d
}

// read reads the data source once.
func (d *directSource) read(t *testing.T) diag.Diagnostics {
	t.Helper()
	// Every client counts its requests, and DigiCert's waits when there are too many; a new one begins anew.
	const most = 30
	if d.reads%most == 0 {
		configured, ok := d.source.(datasource.DataSourceWithConfigure)
		if !ok {
			t.Fatalf("%T cannot be configured", d.source)
		}
		configured.Configure(t.Context(), datasource.ConfigureRequest{ProviderData: d.data(t)}, &datasource.ConfigureResponse{})
	}
	d.reads++
	return readState(t.Context(), d.source, d.config)
}
