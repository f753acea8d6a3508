// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/certops/terraform-provider-certops/internal/base/encode"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/provider/providertest"
)

// notInState are the members of fixtures that no data source shows, by the name of the data source.
var notInState = map[string][]string{
	// The id in a response is the argument. The others are not documented.
	"certops_cps_certificate":           {"id", "status.id", "status.resource_path", "status.resource_type", "unknown_member"},
	"certops_digicert_domain":           {"id"},
	"certops_digicert_request":          {"id"},
	"certops_digicert_order_validation": {"dns_name_validations.dns_name"},
	// The link is a credential.
	"certops_process_info": {"validations.request", "one_time_link"},
	// The days that remain change from day to day.
	"certops_digicert_orders": {"orders.certificate.days_remaining", "page"},
}

// addedInState are the members of nested objects that come from another response.
var addedInState = []string{"dns_name_validations.dcv_token", "domains.dcv_token", "domains.dcv_emails"}

// TestFixturesInState reads every fixture under Terraform, and compares what "terraform show -json" has with the fixture, member
// by member: a member that has no attribute, and a value that is another one, fails it.
func TestFixturesInState(t *testing.T) {
	t.Parallel()
	types, err := protoTypes()
	if err != nil {
		t.Fatal(err)
	}
	states := fixtureStates(t)
	used := make(map[string]bool)
	for i, read := range fixtureReads {
		t.Run(read.typeName+" "+read.fixture, func(t *testing.T) {
			c := comparison{t: t, typeName: read.typeName, used: used}
			state, ok := states[fmt.Sprintf("data.%s.c%d", read.typeName, i)].(map[string]any)
			document, isObject := providertest.ParseJSON(t, string(fixtureText(t, read.fixture))).(map[string]any)
			object, isType := types.sources[read.typeName].(tftypes.Object)
			if !ok || !isObject || !isType {
				t.Fatalf("no state of %s", read.typeName)
			}
			if strings.Contains(read.path, "/dcv/") {
				document = domainsOf(t, read, document)
			}
			if read.shown == "" {
				c.object("", object, document, state, false)
				return
			}
			c.shown(read.shown, object.AttributeTypes[read.shown], document, state[read.shown])
		})
	}
	for typeName, members := range notInState {
		for _, member := range members {
			if !used[typeName+" "+member] {
				t.Errorf("no fixture has %s of %s, or an attribute shows it", member, typeName)
			}
		}
	}
}

// fixtureStates reads all fixtures in one workspace and returns the values by address. Reads that need different responses at
// one path have different base URLs.
func fixtureStates(t *testing.T) map[string]any {
	t.Helper()
	var folders []answers
	var config strings.Builder
	config.WriteString(requireCertops)
	for i, read := range fixtureReads {
		network := read.network(t)
		folder := slices.IndexFunc(folders, func(given answers) bool {
			for path, body := range network {
				if have, ok := given[path]; ok && !bytes.Equal(have, body) {
					return false
				}
			}
			return true
		})
		if folder < 0 {
			folder = len(folders)
			folders = append(folders, answers{})
		}
		maps.Copy(folders[folder], network)
		fmt.Fprintf(&config, "data %q %q {\n  provider = certops.f%d\n", read.typeName, fmt.Sprintf("c%d", i), folder)
		for _, name := range slices.Sorted(maps.Keys(read.arguments)) {
			fmt.Fprintf(&config, "  %s = %#v\n", name, read.arguments[name])
		}
		config.WriteString("}\n")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/f"), "/")
		folder, err := strconv.Atoi(name)
		if body, ok := folders[max(folder, 0)]["/"+path]; ok && err == nil {
			_, _ = w.Write(body)
			return
		}
		http.Error(w, "{}", http.StatusNotFound)
	}))
	t.Cleanup(server.Close)
	for i := range folders {
		at := fmt.Sprintf("%s/f%d", server.URL, i)
		fmt.Fprintf(&config, "provider \"certops\" {\n  alias = \"f%d\"\n  digicert = { api_key = \"key-of-a-test\", base_url = %q }\n"+
			"  realtime_register = { api_key = \"key-of-a-test\", base_url = %q }\n  cps = { client_id = \"client-of-a-test\", "+
			"client_secret = \"secret-of-a-test\", base_url = %q, token_url = %q }\n}\n", i, at, at, at, at+"/connect/token")
	}
	w := newWorkspace(t, nil, nil, map[string]string{"main.tf": config.String()})
	if output, ok := w.terraform("apply", "-auto-approve", "-input=false", "-no-color"); !ok {
		t.Fatal(output)
	}
	output, ok := w.terraform("show", "-json")
	if !ok {
		t.Fatal(output)
	}
	shown, _ := providertest.ParseJSON(t, output).(map[string]any)
	states := make(map[string]any)
	values, _ := shown["values"].(map[string]any)
	root, _ := values["root_module"].(map[string]any)
	resources, _ := root["resources"].([]any)
	for _, r := range resources {
		resource, _ := r.(map[string]any)
		address, _ := resource["address"].(string)
		states[address] = resource["values"]
	}
	return states
}

// domainsOf puts the DCV data of a CPS certificate where the data source shows it: at the domains.
func domainsOf(t *testing.T, read fixtureRead, document map[string]any) map[string]any {
	t.Helper()
	certificate, _ := providertest.ParseJSON(t, string(fixtureText(t,
		read.others[strings.Replace(read.path, "/dcv/", "/", 1)]))).(map[string]any)
	items, _ := document["items"].([]any)
	domains, _ := certificate["domains"].([]any)
	for _, d := range domains {
		domain, _ := d.(map[string]any)
		for _, i := range items {
			item, _ := i.(map[string]any)
			if id := fmt.Sprint(item["domain_id"]); id == "0" || id == fmt.Sprint(domain["id"]) {
				domain["dcv_token"], domain["dcv_emails"] = item["dcv_token"], item["emails"]
				if token, ok := item["dcv_token"].(map[string]any); ok {
					domain["dcv_token"] = token["token"]
				}
			}
		}
	}
	return map[string]any{"domains": domains}
}

// comparison compares a document with what a data source shows of it.
type comparison struct {
	t        *testing.T
	typeName string
	used     map[string]bool // the entries of notInState that the fixtures need
}

// shown compares a document with the attribute that has it, or with the first element of a list of such.
func (c comparison) shown(path string, kind tftypes.Type, document map[string]any, got any) {
	c.t.Helper()
	if list, ok := kind.(tftypes.List); ok {
		elements, _ := got.([]any)
		if len(elements) != 1 {
			c.t.Fatalf("%s has %d elements", path, len(elements))
		}
		kind, got = list.ElementType, elements[0]
	}
	object, isType := kind.(tftypes.Object)
	state, isObject := got.(map[string]any)
	if !isType || !isObject {
		c.t.Fatalf("%s is %T", path, got)
	}
	c.object(path, object, document, state, false)
}

// object compares the members of an object. With alone, what the document does not have is null or empty.
func (c comparison) object(path string, kind tftypes.Object, want, got map[string]any, alone bool) {
	c.t.Helper()
	rest := maps.Clone(kind.AttributeTypes)
	for _, name := range slices.Sorted(maps.Keys(want)) {
		attribute := attributeName(name)
		at := strings.TrimPrefix(path+"."+attribute, ".")
		member, ok := kind.AttributeTypes[attribute]
		delete(rest, attribute)
		switch {
		case ok:
			c.value(at, member, want[name], got[attribute])
		case slices.Contains(notInState[c.typeName], at):
			c.used[c.typeName+" "+at] = true
		default:
			c.t.Errorf("%s of the response is not in the schema", at)
		}
	}
	for name := range rest {
		at := strings.TrimPrefix(path+"."+name, ".")
		if alone && !slices.Contains(addedInState, at) && !isEmpty(got[name]) {
			c.t.Errorf("%s is %v, and the response does not have it", at, got[name])
		}
	}
}

// attributeName is the attribute that stands for a JSON name.
func attributeName(name string) string {
	switch name {
	case "@id":
		return "resource_path"
	case "@type":
		return "resource_type"
	}
	attribute, _ := encode.AttributeName(reflect.StructField{Tag: reflect.StructTag(fmt.Sprintf("json:%q", name))})
	return attribute
}

// isEmpty tells whether a value stands for an absent member.
func isEmpty(got any) bool {
	list, ok := got.([]any)
	return got == nil || ok && len(list) == 0
}

// value compares a value with the one that stands for it, by the attribute's type.
func (c comparison) value(path string, kind tftypes.Type, want, got any) {
	c.t.Helper()
	if want == nil {
		// An object that the response does not have can have members that stand for that.
		if object, ok := got.(map[string]any); ok {
			got = nil
			if kind, ok := kind.(tftypes.Object); ok {
				c.object(path, kind, nil, object, true)
			}
		}
		if !isEmpty(got) {
			c.t.Errorf("%s is %v, expected nothing", path, got)
		}
		return
	}
	switch kind := kind.(type) {
	case tftypes.Object:
		object, ok := want.(map[string]any)
		list, isList := want.([]any)
		state, isObject := got.(map[string]any)
		switch {
		case isList && len(list) == 0 && got == nil: // PHP's empty object
		case !ok || !isObject:
			c.t.Errorf("%s is %v, expected %v", path, got, want)
		default:
			c.object(path, kind, object, state, true)
		}
	case tftypes.Map:
		c.entries(path, kind.ElementType, want, got)
	case tftypes.List:
		c.elements(path, kind.ElementType, want, got)
	default:
		if !sameValue(kind, want, got) {
			c.t.Errorf("%s is %v, expected %v", path, got, want)
		}
	}
}

// entries compares an object whose names are keys of a map.
func (c comparison) entries(path string, kind tftypes.Type, want, got any) {
	c.t.Helper()
	object, isObject := want.(map[string]any)
	state, isMap := got.(map[string]any)
	if !isObject && got == nil {
		return // PHP's empty object
	}
	if !isMap || len(object) != len(state) {
		c.t.Errorf("%s is %v, expected %v", path, got, want)
		return
	}
	for key, member := range object {
		c.value(path+"."+key, kind, member, state[key])
	}
}

// elements compares a list. PHP writes one with gaps as an object.
func (c comparison) elements(path string, kind tftypes.Type, want, got any) {
	c.t.Helper()
	list, _ := want.([]any)
	if object, ok := want.(map[string]any); ok {
		for _, key := range slices.SortedFunc(maps.Keys(object), func(a, b string) int {
			return cmp.Or(len(a)-len(b), strings.Compare(a, b))
		}) {
			list = append(list, object[key])
		}
	}
	_, objects := kind.(tftypes.Object)
	if !objects {
		list = slices.DeleteFunc(list, func(element any) bool { return element == nil }) // null is no text
	}
	state, ok := got.([]any)
	if !ok || len(list) != len(state) {
		c.t.Errorf("%s is %v, expected %v", path, got, want)
		return
	}
	for i, element := range list {
		c.value(path, kind, element, state[i])
	}
}

// sameValue compares plain values in all the spellings that the APIs have for them.
func sameValue(kind tftypes.Type, want, got any) bool {
	text := fmt.Sprint(want)
	switch {
	case kind.Is(tftypes.String):
		switch want.(type) {
		case map[string]any, []any:
			var value client.JSON
			encoded, err := json.Marshal(want)
			return err == nil && value.UnmarshalJSON(encoded) == nil && got == string(value)
		}
		return got == text || got == nil && strings.HasPrefix(text, "0001-01-01T00:00:00") // CPS's "no date yet"
	case kind.Is(tftypes.Number):
		if flag, ok := want.(bool); ok {
			text = map[bool]string{false: "0", true: "1"}[flag]
		}
		number, ok := new(big.Rat).SetString(text)
		state, known := new(big.Rat).SetString(fmt.Sprint(got))
		return ok && known && number.Cmp(state) == 0
	case kind.Is(tftypes.Bool):
		return text == "true" && got == true || text == "1" && got == true || text == "false" && got == false || text == "0" && got == false ||
			text == "" && got == false
	}
	return false
}
