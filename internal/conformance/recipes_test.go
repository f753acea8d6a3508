// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
)

// spelling is what a recipe must make of the three records of every test: a TXT record at the apex of example.com, a CNAME
// record below it and a TXT record below example.net. Values are Terraform expressions, by attribute.
type spelling struct {
	// txt and cname are the resources, without the key.
	txt, cname string
	// apex, www and shop are what each record's resource has.
	apex, www, shop map[string]string
	// several is what the apex has once it needs a second value; nil where that is a resource of its own.
	several map[string]string
}

// quoted is a Terraform string that contains quotes.
func quoted(value string) string { return `"\"` + value + `\""` }

// block is a Terraform expression for the values of a nested block.
func block(name, attribute string) string {
	return "sort([for b in %s." + name + " : b." + attribute + "])"
}

// spellings by folder of examples/recipes.
var spellings = map[string]spelling{
	"aws": {
		txt: "aws_route53_record.dcv", cname: "aws_route53_record.dcv",
		apex: map[string]string{"zone_id": `"Z0EXAMPLECOM"`, "name": `"example.com"`, "type": `"TXT"`, "records": `["apexT0ken"]`},
		www: map[string]string{"zone_id": `"Z0EXAMPLECOM"`, "name": `"_dnsauth.www.example.com"`, "type": `"CNAME"`,
			"records": `["x9kq.dcv.digicert.com"]`},
		shop:    map[string]string{"zone_id": `"Z0EXAMPLENET"`, "name": `"shop.example.net"`, "records": `["shopT0ken"]`},
		several: map[string]string{"records": `["apexT0ken", "second"]`},
	},
	"azurerm": {
		txt: "azurerm_dns_txt_record.dcv", cname: "azurerm_dns_cname_record.dcv",
		apex:    map[string]string{"zone_name": `"example.com"`, "name": `"@"`, block("record", "value"): `["apexT0ken"]`},
		www:     map[string]string{"zone_name": `"example.com"`, "name": `"_dnsauth.www"`, "record": `"x9kq.dcv.digicert.com"`},
		shop:    map[string]string{"zone_name": `"example.net"`, "name": `"shop"`, block("record", "value"): `["shopT0ken"]`},
		several: map[string]string{block("record", "value"): `["apexT0ken", "second"]`},
	},
	"cloudflare": {
		txt: "cloudflare_dns_record.dcv", cname: "cloudflare_dns_record.dcv",
		apex: map[string]string{"zone_id": `var.zone_ids["example.com"]`, "name": `"example.com"`, "type": `"TXT"`,
			"content": quoted("apexT0ken"), "proxied": "false"},
		www: map[string]string{"name": `"_dnsauth.www.example.com"`, "type": `"CNAME"`, "content": `"x9kq.dcv.digicert.com"`,
			"proxied": "false"},
		shop: map[string]string{"zone_id": `var.zone_ids["example.net"]`, "name": `"shop.example.net"`, "content": quoted("shopT0ken")},
	},
	"digitalocean": {
		txt: "digitalocean_record.dcv", cname: "digitalocean_record.dcv",
		apex: map[string]string{"domain": `"example.com"`, "name": `"@"`, "type": `"TXT"`, "value": `"apexT0ken"`},
		www:  map[string]string{"domain": `"example.com"`, "name": `"_dnsauth.www"`, "type": `"CNAME"`, "value": `"x9kq.dcv.digicert.com."`},
		shop: map[string]string{"domain": `"example.net"`, "name": `"shop"`, "value": `"shopT0ken"`},
	},
	"gcore": {
		txt: "gcore_dns_zone_record.dcv", cname: "gcore_dns_zone_record.dcv",
		apex: map[string]string{"zone": `"example.com"`, "domain": `"example.com"`, "type": `"TXT"`, block("resource_record",
			"content"): `["apexT0ken"]`},
		www: map[string]string{"zone": `"example.com"`, "domain": `"_dnsauth.www.example.com"`, "type": `"CNAME"`, block("resource_record",
			"content"): `["x9kq.dcv.digicert.com."]`},
		shop:    map[string]string{"zone": `"example.net"`, "domain": `"shop.example.net"`, block("resource_record", "content"): `["shopT0ken"]`},
		several: map[string]string{block("resource_record", "content"): `["apexT0ken", "second"]`},
	},
	"google": {
		txt: "google_dns_record_set.dcv", cname: "google_dns_record_set.dcv",
		apex: map[string]string{"managed_zone": `"example-com"`, "name": `"example.com."`, "type": `"TXT"`, "rrdatas": "[" +
			quoted("apexT0ken") + "]"},
		www: map[string]string{"managed_zone": `"example-com"`, "name": `"_dnsauth.www.example.com."`, "type": `"CNAME"`,
			"rrdatas": `["x9kq.dcv.digicert.com."]`},
		shop:    map[string]string{"managed_zone": `"example-net"`, "name": `"shop.example.net."`, "rrdatas": "[" + quoted("shopT0ken") + "]"},
		several: map[string]string{"rrdatas": "[" + quoted("apexT0ken") + ", " + quoted("second") + "]"},
	},
	"hashicorp-dns": {
		txt: "dns_txt_record_set.dcv", cname: "dns_cname_record.dcv",
		apex:    map[string]string{"zone": `"example.com."`, "name": "null", "txt": `["apexT0ken"]`},
		www:     map[string]string{"zone": `"example.com."`, "name": `"_dnsauth.www"`, "cname": `"x9kq.dcv.digicert.com."`},
		shop:    map[string]string{"zone": `"example.net."`, "name": `"shop"`, "txt": `["shopT0ken"]`},
		several: map[string]string{"txt": `["apexT0ken", "second"]`},
	},
	"hcloud": {
		txt: "hcloud_zone_rrset.dcv", cname: "hcloud_zone_rrset.dcv",
		apex: map[string]string{"zone": `"example.com"`, "name": `"@"`, "type": `"TXT"`, block("records", "value"): "[" +
			quoted("apexT0ken") + "]"},
		www: map[string]string{"zone": `"example.com"`, "name": `"_dnsauth.www"`, "type": `"CNAME"`,
			block("records", "value"): `["x9kq.dcv.digicert.com."]`},
		shop:    map[string]string{"zone": `"example.net"`, "name": `"shop"`, block("records", "value"): "[" + quoted("shopT0ken") + "]"},
		several: map[string]string{block("records", "value"): "[" + quoted("apexT0ken") + ", " + quoted("second") + "]"},
	},
	"netlify": {
		txt: "netlify_dns_record.dcv", cname: "netlify_dns_record.dcv",
		apex: map[string]string{"zone_id": `var.zone_ids["example.com"]`, "hostname": `"example.com"`, "type": `"TXT"`, "value": `"apexT0ken"`},
		www:  map[string]string{"hostname": `"_dnsauth.www.example.com"`, "type": `"CNAME"`, "value": `"x9kq.dcv.digicert.com"`},
		shop: map[string]string{"zone_id": `var.zone_ids["example.net"]`, "hostname": `"shop.example.net"`, "value": `"shopT0ken"`},
	},
	"ns1": {
		txt: "ns1_record.dcv", cname: "ns1_record.dcv",
		apex: map[string]string{"zone": `"example.com"`, "domain": `"example.com"`, "type": `"TXT"`,
			block("answers", "answer"): `["apexT0ken"]`},
		www: map[string]string{"zone": `"example.com"`, "domain": `"_dnsauth.www.example.com"`, "type": `"CNAME"`,
			block("answers", "answer"): `["x9kq.dcv.digicert.com"]`},
		shop:    map[string]string{"zone": `"example.net"`, "domain": `"shop.example.net"`, block("answers", "answer"): `["shopT0ken"]`},
		several: map[string]string{block("answers", "answer"): `["apexT0ken", "second"]`},
	},
	"ovh": {
		txt: "ovh_domain_zone_record.dcv", cname: "ovh_domain_zone_record.dcv",
		apex: map[string]string{"zone": `"example.com"`, "subdomain": `""`, "fieldtype": `"TXT"`, "target": `"apexT0ken"`},
		www: map[string]string{"zone": `"example.com"`, "subdomain": `"_dnsauth.www"`, "fieldtype": `"CNAME"`,
			"target": `"x9kq.dcv.digicert.com."`},
		shop: map[string]string{"zone": `"example.net"`, "subdomain": `"shop"`, "target": `"shopT0ken"`},
	},
	"powerdns": {
		txt: "powerdns_record.dcv", cname: "powerdns_record.dcv",
		apex: map[string]string{"zone": `"example.com."`, "name": `"example.com."`, "type": `"TXT"`, "records": "[" + quoted("apexT0ken") +
			"]"},
		www: map[string]string{"zone": `"example.com."`, "name": `"_dnsauth.www.example.com."`, "type": `"CNAME"`,
			"records": `["x9kq.dcv.digicert.com."]`},
		shop:    map[string]string{"zone": `"example.net."`, "name": `"shop.example.net."`, "records": "[" + quoted("shopT0ken") + "]"},
		several: map[string]string{"records": "[" + quoted("apexT0ken") + ", " + quoted("second") + "]"},
	},
	"vercel": {
		txt: "vercel_dns_record.dcv", cname: "vercel_dns_record.dcv",
		apex: map[string]string{"domain": `"example.com"`, "name": `""`, "type": `"TXT"`, "value": `"apexT0ken"`},
		www:  map[string]string{"domain": `"example.com"`, "name": `"_dnsauth.www"`, "type": `"CNAME"`, "value": `"x9kq.dcv.digicert.com"`},
		shop: map[string]string{"domain": `"example.net"`, "name": `"shop"`, "value": `"shopT0ken"`},
	},
}

func TestConformance(t *testing.T) {
	if os.Getenv("CERTOPS_CONFORMANCE") != "1" {
		t.Skip("CERTOPS_CONFORMANCE=1 runs the recipes with the providers they are for")
	}
	var ran, all atomic.Int32
	b := newBuilds(t)
	row := func(name string, test func(*testing.T)) {
		all.Add(1)
		t.Run(name, func(t *testing.T) {
			defer func() {
				if !t.Skipped() {
					ran.Add(1)
				}
			}()
			test(t)
		})
	}

	folders := exampletest.Folders(t)
	for _, folder := range folders {
		name, isRecipe := strings.CutPrefix(folder, "recipes/")
		if !isRecipe {
			if sources := exampletest.Sources(t, folder); len(sources) > 0 {
				row(folder, func(t *testing.T) { testExample(t, b, folder, sources) })
			}
			continue
		}
		want, ok := spellings[name]
		if !ok {
			t.Errorf("no test says what examples/%s must make of the records", folder)
			continue
		}
		row(folder, func(t *testing.T) { testRecipe(t, b, folder, want) })
	}
	for _, name := range slices.Sorted(maps.Keys(spellings)) {
		if !slices.Contains(folders, "recipes/"+name) {
			t.Errorf("examples/recipes/%s is not there", name)
		}
	}
	row("applied/route53", func(t *testing.T) { testRoute53(t, b) })
	for _, name := range slices.Sorted(maps.Keys(standIns)) {
		row("applied/"+name, func(t *testing.T) { testStandIn(t, b, name, standIns[name]) })
	}
	for _, server := range []string{"simulator", "bind"} {
		row("applied/hashicorp-dns/"+server, func(t *testing.T) { testUpdates(t, b, hashicorpDNS, server) })
		row("applied/sandboxdns/"+server, func(t *testing.T) { testUpdates(t, b, sandboxDNS, server) })
	}
	t.Logf("%d of %d rows ran; the others are skipped above, each with its reason", ran.Load(), all.Load())
}

// testExample validates an example that needs another provider.
func testExample(t *testing.T, b builds, folder string, sources []string) {
	tf := b.terraform(t, sources...)
	if lacks := tf.Lacks(t, folder); lacks != "" {
		t.Skip("needs " + lacks)
	}
	place := exampletest.Copy(t, folder)
	tf.Must(t, place, nil, "init", "-no-color")
	tf.Must(t, place, nil, "validate", "-no-color")
}

// testRecipe plans and applies a recipe with the DNS provider mocked, so that its real schema and validators judge what the
// recipe writes, and nothing leaves the machine.
func testRecipe(t *testing.T, b builds, folder string, want spelling) {
	sources := exampletest.Sources(t, folder)
	if len(sources) != 1 {
		t.Fatalf("a recipe is for one provider, and this one requires %v", sources)
	}
	tf := b.terraform(t, sources[0])
	place := exampletest.Copy(t, folder)
	exampletest.AllowDestroy(t, place)
	exampletest.Write(t, place, "recipe.tftest.hcl", recipeTest(t, place, want))
	tf.Must(t, place, nil, "init", "-no-color")
	out := tf.Must(t, place, nil, "test", "-no-color")
	if !strings.Contains(out, "Success! 4 passed") {
		t.Errorf("terraform test did not run four steps:\n%s", out)
	}
}

// record is one entry of dns_records in Terraform's language.
func record(key, kind, fqdn, value string) string {
	dot, quote := value, value
	if kind == "CNAME" {
		dot += "."
	}
	rdata := dot
	if kind == "TXT" {
		quote = `\"` + value + `\"`
		rdata = quote
	}
	domain, _, _ := strings.Cut(key, "#")
	return fmt.Sprintf(`"%s" = {
  type = "%s", fqdn = "%s", fqdn_dot = "%s.", zone = null, relative_name = null
  value = "%s", value_dot = "%s", value_quoted = "%s", rdata = "%s"
  domains = ["%s"], status = "pending", expires_at = null
}
`, key, kind, fqdn, fqdn, value, dot, quote, rdata, domain)
}

// override makes the data source answer with records, "" for none.
func override(records string) string {
	return "override_data {\ntarget = data.certops_digicert_order_validation.this\nvalues = {\ndns_records = {\n" + records + "}\n}\n}\n"
}

var localNamePattern = regexp.MustCompile(`(?m)^    ([a-z0-9]+) = {`)

// recipeTest is a file for terraform test: an order appears, needs a second value, is validated, and gets new tokens.
func recipeTest(t *testing.T, place string, want spelling) string {
	t.Helper()
	content, err := os.ReadFile(place + "/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	var local string
	for _, match := range localNamePattern.FindAllStringSubmatch(string(content), -1) {
		if match[1] != "certops" {
			local = match[1]
			break
		}
	}
	if local == "" {
		t.Fatal("the recipe's required_providers were not understood")
	}

	shop := record("shop.example.net", "TXT", "shop.example.net", "shopT0ken")
	www := record("www.example.com", "CNAME", "_dnsauth.www.example.com", "x9kq.dcv.digicert.com")
	apex := record("example.com", "TXT", "example.com", "apexT0ken")
	second := record("example.com#2", "TXT", "example.com", "second")

	var text strings.Builder
	fmt.Fprintf(&text, "mock_provider %q {}\n", local)
	text.WriteString("override_resource {\ntarget = certops_dcv_validation.this\n}\n")
	if strings.Contains(string(content), `variable "txt_domains"`) {
		text.WriteString("variables {\ntxt_domains = [\"example.com\", \"shop.example.net\"]\n}\n")
	}
	assert := func(resource, key string, attributes map[string]string) {
		for _, attribute := range slices.Sorted(maps.Keys(attributes)) {
			address := fmt.Sprintf("%s[%q]", resource, key)
			expression := address + "." + attribute
			if strings.Contains(attribute, "%s") {
				expression = fmt.Sprintf(attribute, address)
			}
			fmt.Fprintf(&text, "assert {\ncondition = jsonencode(%s) == jsonencode(%s)\nerror_message = \"got ${jsonencode(%s)}\"\n}\n",
				expression, attributes[attribute], expression)
		}
	}
	run := func(name string, records string, asserts func()) {
		fmt.Fprintf(&text, "run %q {\n%s", name, override(records))
		asserts()
		text.WriteString("}\n")
	}
	unchanged := func() {
		assert(want.cname, "www.example.com", want.www)
		assert(want.txt, "shop.example.net", want.shop)
	}
	run("created", apex+www+shop, func() {
		assert(want.txt, "example.com", want.apex)
		unchanged()
	})
	run("second_value", apex+second+www+shop, func() {
		if want.several == nil {
			assert(want.txt, "example.com", want.apex)
			fmt.Fprintf(&text, "assert {\ncondition = contains(keys(%s), \"example.com#2\")\nerror_message = \"the second value has no "+
				"resource\"\n}\n", want.txt)
		} else {
			assert(want.txt, "example.com", want.several)
		}
		unchanged()
	})
	run("kept_after_validation", "", func() {
		if want.several != nil {
			assert(want.txt, "example.com", want.several)
		}
		unchanged()
	})
	run("rotated", apex+second+record("www.example.com", "CNAME", "_dnsauth.www.example.com", "n3wer.dcv.digicert.com")+shop, func() {
		assert(want.txt, "shop.example.net", want.shop)
		rotated := maps.Clone(want.www)
		for attribute, value := range rotated {
			rotated[attribute] = strings.ReplaceAll(value, "x9kq", "n3wer")
		}
		assert(want.cname, "www.example.com", rotated)
	})
	return text.String()
}
