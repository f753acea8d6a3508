// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// readFixtures reads a certificate request whose responses are fixtures.
func readFixtures(t *testing.T, id int64, certificate, status, items string) Response {
	t.Helper()
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		name := certificate
		switch {
		case strings.HasSuffix(r.URL.Path, "/status"):
			name = status
		case strings.Contains(r.URL.Path, "/dcv/"):
			name = items
		}
		_, _ = w.Write(clienttest.Fixture(t, name))
	})
	request, err := c.Certificate(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	response := ReadSupplements(t.Context(), c, request, id, true, true)
	if response.statusErr != nil || response.dcvErr != nil {
		t.Fatalf("got %v, %v", response.statusErr, response.dcvErr)
	}
	return response
}

// TestPayloads reads responses that were read wrongly once.
func TestPayloads(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		id                         int64
		certificate, status, items string
		records, names             map[string]string
		emails                     map[string][]string // by domain
	}{
		"a token as text": {
			id: 11604, certificate: "certificate_11604.json", status: "certificate_status_11604.json", items: "dcv_11604_text.json",
			records: map[string]string{"cdn-resources.example.com": "cdn-resources.example.com TXT fdy6m0wy5lq063sz4h0r6qmdt722gyfc pending " +
				"[cdn-resources.example.com]"},
			names: map[string]string{"cdn-resources.example.com": "pending by DnsTxtToken until null at cdn-resources.example.com"},
		},
		"one item for all domains, and a status without an id": {
			id: 11605, certificate: "certificate_11605_dv.json", status: "certificate_status_11605_no_id.json", items: "dcv_11605_shared.json",
			records: map[string]string{},
			names: map[string]string{
				"example.com": "pending by Email until null at null", "www.example.com": "pending by Email until null at null",
			},
			emails: map[string][]string{
				"example.com":     {"admin@example.com", "hostmaster@example.com"},
				"www.example.com": {"admin@example.com", "hostmaster@example.com"},
			},
		},
		"items for parents alone": {
			id: 40002, certificate: "certificate_40002_ov.json", status: "certificate_status_40002.json", items: "dcv_40002_parents.json",
			records: map[string]string{
				"example.com": "_dnsauth.example.com CNAME _Mz6gN2qyQ4kcsktW6hl57zv0v6xkwvb.dcv.digicert.com pending " +
					"[example.com www.example.com]",
				"example.org": "_dnsauth.example.org CNAME _k2Vf7QmW9xGhs4Tt1nLq0ZpYr8cJdEb.dcv.digicert.com validated [example.org]",
			},
			names: map[string]string{
				"example.com":     "pending by DnsCnameToken until null at example.com",
				"www.example.com": "pending by DnsCnameToken until null at example.com",
				"example.org":     "validated by DnsCnameToken until null at example.org",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := readFixtures(t, test.id, test.certificate, test.status, test.items)
			order, err := response.Order(dcv.TXTOwnerDomain)
			if err != nil {
				t.Fatal(err)
			}
			clienttest.WantSummary(t, order, test.records, test.names, false)
			if len(order.Doubts) > 0 {
				t.Errorf("doubts %v", order.Doubts)
			}
			for i := range response.Certificate.Domains {
				domain := &response.Certificate.Domains[i]
				emails := client.Texts(response.DomainDCV(domain).Emails)
				if diff := cmp.Diff(append([]string{}, test.emails[domain.Name.String()]...), emails); diff != "" {
					t.Errorf("%s (-want +got):\n%s", domain.Name, diff)
				}
			}
		})
	}
}

// TestProof finds the DCV data of a domain that has none of its own.
func TestProof(t *testing.T) {
	t.Parallel()
	const item = `{"domain_id":1,"dcv_token":"t"}`
	group := func(groups ...string) string {
		return `{"order_validation":{"domain_validations":[` + strings.Join(groups, ",") + `]}}`
	}
	for name, test := range map[string]struct {
		kind, domains, status, items string
		want                         string // what proves control of the last domain
	}{
		"a parent, no status": {"OV", `{"id":1,"name":"example.com"},{"id":2,"name":"www.example.com"}`, "", item, "example.com"},
		"a parent in its group": {"EV", `{"id":1,"name":"example.com"},{"id":2,"name":"www.example.com"}`,
			group(`{"domain_names":["example.com","www.example.com"]}`), item, "example.com"},
		"a parent in another group": {"OV", `{"id":1,"name":"example.com"},{"id":2,"name":"www.example.com"}`,
			group(`{"domain_id":1}`, `{"domain_names":["www.example.com"]}`), item, ""},
		"a sibling": {"OV", `{"id":1,"name":"shop.example.com"},{"id":2,"name":"www.example.com"}`,
			group(`{"domain_names":["shop.example.com","www.example.com"]}`), item, ""},
		"the nearest parent": {"OV", `{"id":3,"name":"example.com"},{"id":1,"name":"b.example.com"},{"id":2,"name":"a.b.example.com"}`, "",
			item + `,{"domain_id":3,"dcv_token":"u"}`, "b.example.com"},
		"a parent without data": {"OV", `{"id":3,"name":"example.com"},{"id":2,"name":"www.example.com"}`, "",
			`{"domain_id":3,"dcv_token":null,"emails":[]}`, ""},
		"a parent that is not on the certificate": {"OV", `{"id":2,"name":"www.example.com"}`,
			group(`{"domain_id":1,"domain_names":["www.example.com","example.com"]}`), item, "example.com"},
		"a group without its parent": {"OV", `{"id":2,"name":"www.example.com"}`,
			group(`{"domain_id":1,"domain_names":["www.example.com","app.example.com"]}`), item, ""},
		"its own before the parent's": {"OV", `{"id":1,"name":"example.com"},{"id":2,"name":"www.example.com"}`, "",
			item + `,{"domain_id":2,"dcv_token":"u"}`, "www.example.com"},
		"a parent for an item of no use": {"OV", `{"id":1,"name":"example.com"},{"id":2,"name":"www.example.com"}`, "",
			item + `,{"domain_id":2,"dcv_token":null}`, "example.com"},
		"a wildcard":                 {"OV", `{"id":1,"name":"example.com"},{"id":2,"name":"*.example.com"}`, "", item, "example.com"},
		"an item without a domain":   {"OV", `{"id":2,"name":"www.example.com"}`, "", `{"domain_id":0,"dcv_token":"t"}`, ""},
		"DV shares that without one": {"DV", `{"id":2,"name":"www.example.com"}`, "", item + `,{"dcv_token":"u"}`, "www.example.com"},
		"DV shares the first":        {"dv", `{"id":2,"name":"www.example.com"}`, "", item, "www.example.com"},
		"DV shares what all items agree on": {"DV", `{"id":2,"name":"www.example.com"}`, "", item + `,{"domain_id":3,"dcv_token":"t"}`,
			"www.example.com"},
		"DV does not share one token of several": {"DV", `{"id":2,"name":"www.example.com"}`, "", item + `,{"domain_id":3,"dcv_token":"u"}`, ""},
		"DV has no parents": {"DV", `{"id":1,"name":"example.com"},{"id":2,"name":"www.example.com"}`, "",
			item + `,{"domain_id":2,"dcv_token":null}`, ""},
		"domains without names and ids": {"OV", `{"id":0},{}`, "", `{"domain_id":0,"dcv_token":"t"}`, ""},
	} {
		response := responseOf(t, `{"validation_type":"`+test.kind+`","domains":[`+test.domains+`]}`, test.status, "["+test.items+"]")
		domains := response.Certificate.Domains
		entry, proven := response.proof(&domains[len(domains)-1])
		if entry == nil || !entry.useful() {
			proven = ""
		}
		if proven != test.want {
			t.Errorf("%s: got %q, want %q", name, proven, test.want)
		}
	}
}

// Domains without ids leave nothing to ask for: their records are missing, which is not the same as not needed.
func TestDomainsWithoutIDs(t *testing.T) {
	t.Parallel()
	certificate := clienttest.Decode[Certificate](t, `{"id":7,"dcv_method":"DnsTxtToken","domains":[{"name":"a.example.com",`+
		`"status":"AwaitingCertificateAuthority"}]}`)
	_, err := ReadSupplements(t.Context(), nil, certificate, 7, false, true).Order(dcv.TXTOwnerDomain)
	if err == nil || !strings.Contains(err.Error(), "gives no domain id") {
		t.Errorf("got %v", err)
	}
	if _, err := ReadSupplements(t.Context(), nil, certificate, 7, false, false).Order(dcv.TXTOwnerDomain); err != nil {
		t.Errorf("without DCV data: %v", err)
	}
}
