// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// readFixtures reads an order whose responses are fixtures, by path below the API's.
func readFixtures(t *testing.T, id string, fixtures map[string]string) dcv.Order {
	t.Helper()
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		name, ok := fixtures[strings.TrimPrefix(r.URL.Path, apiPath)]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write(clienttest.Fixture(t, name))
	})
	validation, err := c.OrderValidation(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	order, err := ReadDomains(t.Context(), c.Domain, validation, today).Order(today, dcv.TXTOwnerDNSAuth)
	if err != nil {
		t.Fatal(err)
	}
	return order
}

// TestPayloads reads responses that were read wrongly once.
func TestPayloads(t *testing.T) {
	t.Parallel()
	const noDomainID = "DigiCert gives no domain id, and without it the token cannot be read."
	for name, test := range map[string]struct {
		order    string
		fixtures map[string]string
		records  map[string]string
		names    map[string]string
		complete bool
		reasons  []string // of the validations
		doubts   []string
	}{
		"a CNAME token keeps its case": {
			order: "20005", fixtures: map[string]string{
				"/order/certificate/20005/validation": "order_validation_20005_cname.json", "/domain/1235": "domain_1235_cname.json"},
			records: map[string]string{"example.com": "_dnsauth.example.com CNAME _Mz6gN2qyQ4kcsktW6hl57zv0v6xkwvb.dcv.digicert.com pending " +
				"[example.com www.example.com] until 2026-02-01T00:00:00+00:00"},
			names: map[string]string{
				"example.com":     "pending by dns-cname-token until null at example.com",
				"www.example.com": "pending by dns-cname-token until null at example.com",
			},
			reasons: []string{""},
		},
		"entries without a name are open": {
			order: "20004", fixtures: map[string]string{"/order/certificate/20004/validation": "order_validation_20004_nameless.json"},
			records: map[string]string{},
			names:   map[string]string{"example.com": "validated by email until null at null"},
			reasons: []string{"", "", ""},
			doubts:  []string{" DigiCert names no validation method", " DigiCert names no validation method"},
		},
		"names without a domain id give the reason": {
			order: "20003", fixtures: map[string]string{"/order/certificate/20003/validation": "order_validation_20003_no_domain_id.json"},
			records: map[string]string{},
			names: map[string]string{
				"example.com": "pending by dns-txt-token until null at null", "example.org": "pending by dns-txt-token until null at null",
			},
			reasons: []string{noDomainID, noDomainID},
			doubts: []string{
				"example.com " + noDomainID + " Only requests that write return the token of such an order",
				"example.org " + noDomainID + " Only requests that write return the token of such an order",
			},
		},
		"lists with gaps, and empty ones": {
			order: "20002", fixtures: map[string]string{"/order/certificate/20002/validation": "order_validation_20002_php.json"},
			records: map[string]string{},
			names: map[string]string{
				"example.com": "pending by email until null at null", "www.example.com": "pending by email until null at null",
			},
			reasons: []string{""},
		},
		"the least advanced of the types that the order needs": {
			order: "20006", fixtures: map[string]string{
				"/order/certificate/20006/validation": "order_validation_20006_ov.json",
				"/domain/1236":                        "domain_1236_ev_expired.json",
				"/domain/1237":                        "domain_1237_ov_expired.json",
			},
			records: map[string]string{},
			names: map[string]string{
				"example.com": "validated by dns-txt-token until null at null",
				"example.org": "action_required by dns-txt-token until null at null",
			},
			reasons: []string{"", `DigiCert's validation of the domain for the type "ov" has the status "expired".`},
			doubts:  []string{"example.org DigiCert returns no token for the domain"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			order := readFixtures(t, test.order, test.fixtures)
			clienttest.WantSummary(t, order, test.records, test.names, test.complete)
			var reasons, doubts []string
			for _, c := range order.Challenges {
				reasons = append(reasons, c.Reason)
			}
			for _, d := range order.Doubts {
				doubts = append(doubts, strings.Join(d.Names, ",")+" "+d.Reason)
			}
			if diff := cmp.Diff(test.reasons, reasons); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.doubts, doubts); diff != "" {
				t.Errorf("doubts (-want +got):\n%s", diff)
			}
			if len(order.Unread) > 0 {
				t.Errorf("not read: %v", order.Unread)
			}
		})
	}
}

// TestHeldBack puts what an order says of a name beside what the domain says of the types of validation. The name has never
// more than either.
func TestHeldBack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		order, domain string
		want          dcv.Status
	}{
		"both validated":           {`"status":"approved"`, `{"type":"dv","dcv_status":"complete"}`, dcv.StatusValidated},
		"the order is behind":      {`"status":"pending"`, `{"type":"dv","dcv_status":"complete"}`, dcv.StatusPending},
		"the domain is behind":     {`"status":"approved"`, `{"type":"DV","dcv_status":"pending"}`, dcv.StatusPending},
		"the type has expired":     {`"status":"approved"`, `{"type":"dv","status":"expired","dcv_status":"complete"}`, dcv.StatusActionRequired},
		"a type not needed":        {`"status":"approved"`, `{"type":"ev","dcv_status":"expired"}`, dcv.StatusValidated},
		"no word":                  {`"status":"approved"`, `{"type":"dv"}`, dcv.StatusValidated},
		"a word without a meaning": {`"status":"approved"`, `{"type":"dv","dcv_status":"musing"}`, dcv.StatusValidated},
		"a domain of another name": {`"status":"approved","name_scope":"example.org"`, `{"type":"dv","dcv_status":"pending"}`,
			dcv.StatusValidated},
	} {
		response := responseOf(t, `{"order_status":"pending","dns_name_validations":[{"domain_id":"1","method":"dns-txt-token",`+test.order+`}]}`,
			map[string]string{"1": `{"name":"example.com","validations":[` + test.domain + `]}`})
		order, err := response.Order(today, dcv.TXTOwnerDNSAuth)
		if err != nil || order.Challenges[0].Status != test.want {
			t.Errorf("%s: got %s, %v; expected %s", name, order.Challenges[0].Status, err, test.want)
		}
	}
}

// TestAutoRenew reads a count, and the flag that it once was.
func TestAutoRenew(t *testing.T) {
	t.Parallel()
	for wire, want := range map[string]Count{"0": 0, "1": 1, "10": 10, `"2"`: 2, "true": 1, "false": 0} {
		c, _ := serveText(t, http.StatusOK, `{"requests":[{"id":198,"order":{"id":1,"auto_renew":`+wire+`}}],"page":{"total":1}}`)
		requests, err := c.Requests(t.Context(), RequestFilter{})
		if err != nil || len(requests) != 1 || *requests[0].Order.AutoRenew != want {
			t.Errorf("%s: got %+v, %v", wire, requests, err)
		}
	}
	c, _ := serveText(t, http.StatusOK, `{"id":198,"order":{"auto_renew":"often"}}`)
	_, err := c.Request(t.Context(), 198)
	if failure := clienttest.Failed(t, err, client.KindDecode); failure.Field != "order.auto_renew" {
		t.Errorf("got %+v", failure)
	}
}

// TestEmptyAsPHP reads empty objects, empty lists and lists with gaps. An open order without validations stays an error.
func TestEmptyAsPHP(t *testing.T) {
	t.Parallel()
	c, _ := serveFixture(t, "request_202_php.json")
	request, err := c.Request(t.Context(), 202)
	if err != nil {
		t.Fatal(err)
	}
	if order := request.Order; request.Requester != nil || order.Organization != nil || order.Container != nil ||
		order.Certificate.Organization != nil || len(order.Requests)+len(order.UnsubmittedDomains) > 0 || order.OrderValidity != nil {
		t.Errorf("got %+v", request)
	}
	names := client.Texts(request.Order.Certificate.DNSNames)
	if !slices.Equal(names, []string{"example.com", "www.example.com"}) {
		t.Errorf("got names %v", names)
	}
	c, _ = serveFixture(t, "domain_1235_cname.json")
	domain, err := c.Domain(t.Context(), "1235")
	if err != nil || domain.Organization != nil || domain.DCVExpiration != nil || domain.Container != nil || len(domain.Validations) > 0 {
		t.Errorf("got %+v, %v", domain, err)
	}
	c, _ = serveText(t, http.StatusOK, `{"orders":{},"page":{"total":0}}`)
	if orders, err := c.Orders(t.Context(), OrderFilter{}); err != nil || len(orders) > 0 {
		t.Errorf("got %v, %v", orders, err)
	}
	c, _ = serveText(t, http.StatusOK, `{"orders":{},"page":{"total":3}}`)
	_, err = c.Orders(t.Context(), OrderFilter{})
	clienttest.Failed(t, err, client.KindBody)
	c, _ = serveText(t, http.StatusOK, `{"order_id":"1","order_status":"pending","dns_name_validations":{}}`)
	if _, err := ReadOrder(t.Context(), c, "1"); err == nil {
		t.Error("an open order without validations is read")
	}
}
