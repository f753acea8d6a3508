// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// TestRefusedEntries reads an info of which one owner name and one value are refused. The others have their records.
func TestRefusedEntries(t *testing.T) {
	t.Parallel()
	c, _ := serveFixture(t, http.StatusOK, "process_info_refused.json")
	info, err := c.ProcessInfo(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	order, err := ReadInfoOrder(t.Context(), c, 1, info)
	if err != nil {
		t.Fatal(err)
	}
	clienttest.WantSummary(t, order, map[string]string{
		"example.com": "_0a1b2c3d.example.com CNAME 2c3d.4e5f.sectigo.com pending [example.com]",
	}, map[string]string{
		"example.com":      "pending by DNS until null at example.com",
		"www.example.com":  "pending by DNS until null at null",
		"shop.example.com": "pending by DNS until null at null",
		"mail.example.com": "validated by EMAIL until null at null",
	}, false)
	summary, err := dcv.Summarize(order.Challenges, dcv.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, refused := range map[string]bool{
		"example.com": false, "www.example.com": true, "shop.example.com": true, "mail.example.com": false,
	} {
		if reason := summary.Names[name].Reason; (reason != nil) != refused {
			t.Errorf("%s has the reason %v", name, reason)
		}
	}
	if len(summary.Refused) != 2 {
		t.Errorf("refused are %v", summary.Refused)
	}
}

// TestBilling reads the billing of a process in any form: no record depends on it.
func TestBilling(t *testing.T) {
	t.Parallel()
	number := client.Decimal("42.50")
	for wire, want := range map[string]Numbers{
		`{"EUR":42.50,"USD":"42.50"}`: {"EUR": &number, "USD": &number},
		`{"EUR":null,"date":"today"}`: {"EUR": nil, "date": nil},
		`{}`:                          {}, `null`: nil, `[]`: nil, `7`: nil,
	} {
		process := clienttest.Decode[Process](t, `{"id":1,"transaction":`+wire+`}`)
		if diff := cmp.Diff(want, process.Transaction); diff != "" {
			t.Errorf("%s (-want +got):\n%s", wire, diff)
		}
	}
}
