// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/sandbox/realtimeregister"
)

// The listings of Realtime Register follow https://dm.realtimeregister.com/docs/api/listings. The matchers are those of the
// vendor's client for TypeScript (github.com/realtimeregister/realtimeregister-ts, ListParams.ts).

// TestProcessListParameters checks the parameters of lists that change what comes back.
func TestProcessListParameters(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	list := func(query string) map[string]any { return readRTR(t, s, "/v2/processes"+query).json(t) }

	if diff := cmp.Diff(list(""), list("/")); diff != "" {
		t.Errorf("the path with a slash at its end (-without +with):\n%s", diff)
	}
	if got := list("?total=false")["pagination"]; !cmp.Equal(got, map[string]any{"limit": 10.0, "offset": 0.0}) {
		t.Errorf("total=false: %v", got)
	}
	if got := at(t, list("?total=true"), "pagination", "total"); got != 2.0 {
		t.Errorf("total=true: %v", got)
	}
	got := list("?limit=0")
	if _, has := got["entities"]; has || at(t, got, "pagination", "total") != 2.0 {
		t.Errorf("limit=0, a count only: %v", got)
	}
	if got := at(t, list("?fields=status&limit=1"), "entities", 0); !cmp.Equal(got, map[string]any{"id": 30001.0, "status": "SUSPENDED"}) {
		t.Errorf("fields always has the id: %v", got)
	}
	ok(t, s.Populate(20))
	got = list("?export=true")
	items := at(t, got, "entities").([]any)
	if len(items) != 22 || !cmp.Equal(items[0], map[string]any{"id": 30001.0}) {
		t.Errorf("export: %d entities, the first %v", len(items), items[0])
	}
	if got := list("?export=true&fields=identifier"); len(at(t, got, "entities", 0).(map[string]any)) != 2 {
		t.Errorf("export with fields: %v", at(t, got, "entities", 0))
	}
}

// TestProcessListRefuses: https://dm.realtimeregister.com/docs/api/listings restricts limit to 250, and forbids limit and
// offset for an export.
func TestProcessListRefuses(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for query, part := range map[string]string{
		"?limit=251":                     `"field":"limit"`,
		"?limit=-1":                      `"field":"limit"`,
		"?offset=-1":                     `"field":"offset"`,
		"?export=true&limit=5":           `"field":"export"`,
		"?export=true&offset=5":          `"field":"export"`,
		"?export=perhaps":                `"field":"export"`,
		"?total=perhaps":                 `"field":"total"`,
		"?createdDate:gt=yesterday":      `"field":"createdDate"`,
		"?identifier:around=example.com": `"property":"identifier:around"`,
		"?nonsense:eq=1":                 `"property":"nonsense:eq"`,
		"?order=nonsense":                `"field":"order"`,
		"?fields=nonsense":               `"field":"fields"`,
	} {
		if a := readRTR(t, s, "/v2/processes"+query); a.status != http.StatusBadRequest || !strings.Contains(a.body, part) {
			t.Errorf("%s: %d %s, want %s", query, a.status, a.body, part)
		}
	}
	if a := readRTR(t, s, "/v2/processes?limit=250"); a.status != http.StatusOK {
		t.Errorf("limit=250: %d %s", a.status, a.body)
	}
}

// TestProcessListMatchers checks what filters find.
func TestProcessListMatchers(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, id := range []ID{"1", "2", "3"} {
		_, err := s.Add(Process{ID: id, Names: []string{"p" + string(id) + ".example.com"}})
		ok(t, err)
	}
	ok(t, s.Remove(RealtimeRegister, ProcessSample))
	ok(t, s.Remove(RealtimeRegister, ProcessPending))
	ok(t, s.Cancel(RealtimeRegister, "2"))
	before, after := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	for query, want := range map[string][]float64{
		"identifier:eq=p1.example.com":                            {1},
		"identifier:ne=p1.example.com":                            {2, 3},
		"identifier:in=p1.example.com,p3.example.com":             {1, 3},
		"identifier:not_in=p1.example.com":                        {2, 3},
		"identifier:like=%25example.com":                          {1, 2, 3},
		"identifier:like=p2%25":                                   {2},
		"identifier:like=p2":                                      nil,
		"identifier:not_like=p2%25":                               {1, 3},
		"id:gt=1":                                                 {2, 3},
		"id:gte=2&id:lt=3":                                        {2},
		"id:lte=2":                                                {1, 2},
		"status=CANCELLED":                                        {2},
		"createdDate:gt=" + before:                                {1, 2, 3},
		"createdDate:gt=" + after:                                 nil,
		"createdDate:lt=" + after + "&id=3":                       {3},
		"updatedDate:gte=" + before + "&startedDate:lte=" + after: {1, 2, 3},
		"statusDetail:null=":                                      {1, 2, 3},
		"identifier:not_null=&order=-id":                          {3, 2, 1},
		"order=status&order=-id":                                  {2, 3, 1},
		"q=p3":                                                    {3},
		"q=CANCELLED":                                             {2},
	} {
		var got []float64
		for _, item := range at(t, readRTR(t, s, "/v2/processes?"+query).json(t), "entities").([]any) {
			got = append(got, at(t, item, "id").(float64))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
}

// TestProcessCommand: https://dm.realtimeregister.com/docs/api/processes/get says that each process has its command.
func TestProcessCommand(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, path := range []string{"/v2/processes/30001", "/v2/processes/920000", "/v2/processes/920003"} {
		if got, isObject := readRTR(t, s, path).json(t)["command"].(map[string]any); !isObject || len(got) == 0 {
			t.Errorf("%s: command %v", path, got)
		}
	}
	got := readRTR(t, s, "/v2/processes/30001").json(t)["command"]
	if at(t, got, "csr") == nil || at(t, got, "san", 0) != "*.example.com" {
		t.Errorf("command %v", got)
	}
	if got := at(t, readRTR(t, s, "/v2/processes?limit=1").json(t), "entities", 0, "command"); got == nil {
		t.Error("a listed process has no command")
	}
}

// TestRequiresAttention: https://dm.realtimeregister.com/docs/api/processes/info has WAITING for what waits for validation,
// and ATTENTION for what "requires action to be taken". It says that detailStatus finds the processes that require attention.
func TestRequiresAttention(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	attention := func() []any {
		info := readRTR(t, s, "/v2/processes/30001/info").json(t)
		found := at(t, readRTR(t, s, "/v2/processes?detailStatus=SSL_REQUIRES_ATTENTION&id=30001").json(t), "entities").([]any)
		return []any{info["requiresAttention"], at(t, info, "validations", "dcv", 0, "status"), len(found)}
	}
	if got := attention(); !cmp.Equal(got, []any{false, "WAITING", 0}) {
		t.Errorf("waiting: %v", got)
	}
	ok(t, s.Expire(RealtimeRegister, ProcessPending, ""))
	if got := attention(); !cmp.Equal(got, []any{true, "ATTENTION", 1}) {
		t.Errorf("the time for its record is over: %v", got)
	}
	ok(t, s.Rotate(RealtimeRegister, ProcessPending))
	ok(t, s.Fail(RealtimeRegister, ProcessPending, "example.com"))
	if got := attention(); !cmp.Equal(got, []any{true, "ATTENTION", 1}) {
		t.Errorf("failed: %v", got)
	}
}

// TestRealtimeRegisterQuirks: the page on listings does not tell what happens to a limit that is too large.
func TestRealtimeRegisterQuirks(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Quirks: []string{realtimeregister.QuirkCutLimit}})
	if got := at(t, readRTR(t, s, "/v2/processes?limit=1000").json(t), "pagination", "limit"); got != 250.0 {
		t.Errorf("limit %v", got)
	}
}

// TestProcessForms checks the spellings that the API has for one record.
func TestProcessForms(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	dcv := func(p Process) map[string]any {
		p.Names = []string{"a.example.com"}
		id, err := s.Add(p)
		ok(t, err)
		return at(t, readRTR(t, s, fmt.Sprintf("/v2/processes/%s/info", id)).json(t), "validations", "dcv", 0).(map[string]any)
	}
	if e := dcv(Process{CA: "digicert", TrailingDots: true, OmitDNSType: true}); e["dnsRecord"] != "_dnsauth.a.example.com." ||
		!strings.HasSuffix(fmt.Sprint(e["dnsContents"]), ".dcv.digicert.com.") || e["dnsType"] != nil {
		t.Errorf("dots and no type: %v", e)
	}
	if e := dcv(Process{CA: "digicert", DNSType: "TXT", TrailingDots: true}); e["dnsType"] != "TXT" ||
		strings.HasSuffix(fmt.Sprint(e["dnsContents"]), ".") {
		t.Errorf("TXT: %v", e)
	}
	if e := dcv(Process{Method: "EMAIL"}); e["email"] != "hostmaster@a.example.com" || e["dnsRecord"] != nil {
		t.Errorf("e-mail: %v", e)
	}
	if e := dcv(Process{Method: "FILE"}); e["fileLocation"] == nil || e["fileContents"] == nil || e["dnsRecord"] != nil {
		t.Errorf("file: %v", e)
	}
}
