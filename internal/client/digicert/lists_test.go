// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
)

// page writes a page of total objects under a name, numbered from 1, and rest.
func page(w io.Writer, r *http.Request, name string, most, total int, rest string) {
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	var objects []string
	for id := offset + 1; id <= min(offset+most, total); id++ {
		objects = append(objects, fmt.Sprintf(`{"id":%d}`, id))
	}
	_, _ = fmt.Fprintf(w, `{"%s":[%s]%s}`, name, strings.Join(objects, ","), rest)
}

func TestOrders(t *testing.T) {
	tests := map[string]struct {
		most, total int
		rest        string
		requests    int
	}{
		"none":          {1000, 0, `,"page":{"total":0,"limit":1000,"offset":0}`, 1},
		"one page":      {1000, 1000, `,"page":{"total":1000,"limit":1000}`, 1},
		"three pages":   {1000, 2500, `,"page":{"total":2500,"limit":1000}`, 3},
		"smaller pages": {100, 250, `,"page":{"total":250,"limit":100}`, 3},
		"limit 0":       {1000, 14, `,"page":{"total":14,"limit":0}`, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, server := serve(t, func(w http.ResponseWriter, r *http.Request) { page(w, r, "orders", test.most, test.total, test.rest) })
			orders, err := c.Orders(t.Context(), OrderFilter{})
			if err != nil {
				t.Fatal(err)
			}
			if len(orders) != test.total || len(server.Requests()) != test.requests {
				t.Errorf("got %d orders in %d requests, want %d in %d", len(orders), len(server.Requests()), test.total, test.requests)
			}
		})
	}
}

func TestOrderFields(t *testing.T) {
	c, _ := serveFixture(t, "orders.json")
	orders, err := c.Orders(t.Context(), OrderFilter{})
	if err != nil || len(orders) != 1 {
		t.Fatalf("got %d orders, %v", len(orders), err)
	}
	var source struct {
		Orders []json.RawMessage `json:"orders"`
	}
	if err := json.Unmarshal(clienttest.Fixture(t, "orders.json"), &source); err != nil {
		t.Fatal(err)
	}
	clienttest.SameJSON(t, source.Orders[0], orders[0], nil)
}

func TestListFilters(t *testing.T) {
	c, server := serveText(t, http.StatusOK, `{"orders":[],"requests":[],"page":{"total":0}}`)
	if _, err := c.Orders(t.Context(), OrderFilter{Status: "pending", CommonName: "*.example.com"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Requests(t.Context(), RequestFilter{Status: "pending"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Requests(t.Context(), RequestFilter{}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"GET /services/v2/order/certificate?filters%5Bcommon_name%5D=%2A.example.com&filters%5Bstatus%5D=pending&limit=1000&offset=0",
		"GET /services/v2/request?filters%5Bstatus%5D=pending&limit=1000&offset=0",
		"GET /services/v2/request?limit=1000&offset=0",
	}
	if diff := cmp.Diff(want, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestRequests(t *testing.T) {
	c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		page(w, r, "requests", 1000, 1200, `,"page":{"total":1200}`)
	})
	requests, err := c.Requests(t.Context(), RequestFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(requests) != 1200 || len(server.Requests()) != 2 {
		t.Errorf("got %d requests in %d pages", len(requests), len(server.Requests()))
	}
}

func TestListsContradict(t *testing.T) {
	for name, body := range map[string]string{
		"no advance": `{"requests":[{"id":1}],"page":{"total":5}}`, "no list": `{}`, "null": `{"requests":null,"page":{"total":3}}`,
		"empty":    `{"requests":[],"page":{"total":3}}`,
		"no total": `{"requests":[],"page":{}}`, "no total of a list": `{"requests":[{"id":1}],"page":{}}`,
		"too many": `{"requests":[{"id":1},{"id":2}],"page":{"total":1}}`, "no list and no page": `{"requests":null}`,
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := serveText(t, http.StatusOK, body)
			_, err := c.Requests(t.Context(), RequestFilter{})
			clienttest.Failed(t, err, client.KindBody)
		})
	}
	c, _ := serveText(t, http.StatusOK, `{"orders":[{"id":1}]}`)
	_, err := c.Orders(t.Context(), OrderFilter{})
	clienttest.Failed(t, err, client.KindBody)
}

// TestRequestsWithoutPage reads lists of requests that do not tell their total, up to the first page that is not full.
func TestRequestsWithoutPage(t *testing.T) {
	t.Parallel()
	for total, pages := range map[int]int{0: 1, 1: 1, pageSize - 1: 1, pageSize: 2, pageSize + 1: 2, 2*pageSize - 1: 3} {
		c, server := serve(t, func(w http.ResponseWriter, r *http.Request) { page(w, r, "requests", pageSize, total, "") })
		requests, err := c.Requests(t.Context(), RequestFilter{})
		if err != nil || len(requests) != total || len(server.Requests()) != pages {
			t.Errorf("%d: got %d in %d pages, %v; want %d pages", total, len(requests), len(server.Requests()), err, pages)
		}
	}
}
