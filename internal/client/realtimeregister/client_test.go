// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

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

const key = "a2V5LWtleS1rZXk="

func serve(t *testing.T, answer http.HandlerFunc) (*Client, *clienttest.Server) {
	t.Helper()
	server := clienttest.NewServer(t, answer)
	c, err := New(Config{APIKey: key, BaseURL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return c, server
}

func serveFixture(t *testing.T, status int, name string) (*Client, *clienttest.Server) {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write(clienttest.Fixture(t, name))
	})
}

func TestNewRefuses(t *testing.T) {
	tests := map[string]Config{
		"no key":         {},
		"key with break": {APIKey: key + "\n"},
		"base URL":       {APIKey: key, BaseURL: "http://api.yoursrs.com"},
		"retries":        {APIKey: key, HTTP: client.Options{MaxRetries: -1}},
	}
	for name, config := range tests {
		if _, err := New(config); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := New(Config{APIKey: key}); err != nil {
		t.Errorf("the defaults: %v", err)
	}
}

func TestOneTimeLink(t *testing.T) {
	for name, want := range map[string]string{"process_info_complete.json": "https://validation.example/abc", "process_info_old.json": ""} {
		c, server := serveFixture(t, http.StatusOK, name)
		link, err := c.OneTimeLink(t.Context(), 7)
		if err != nil || link.String() != want {
			t.Errorf("%s: got %q, %v", name, link, err)
		}
		if got := server.Requests(); len(got) != 1 || got[0] != "GET /v2/processes/7/info" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestProcessInfo(t *testing.T) {
	c, server := serveFixture(t, http.StatusOK, "process_info_complete.json")
	info, err := c.ProcessInfo(t.Context(), 2323533016)
	if err != nil {
		t.Fatal(err)
	}
	clienttest.SameJSON(t, clienttest.Fixture(t, "process_info_complete.json"), info, func(source map[string]any) {
		delete(source, "oneTimeLink") // a credential, which OneTimeLink reads
		validations := source["validations"].(map[string]any)
		delete(validations, "request") // not documented, and not taken over
		entries := validations["dcv"].([]any)
		entries[2] = map[string]any{}
	})
	if missing := clienttest.Unset(info); missing != nil {
		t.Errorf("never set: %v", missing)
	}
	if diff := cmp.Diff([]string{"GET /v2/processes/2323533016/info"}, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if got := server.Header("Authorization"); got != "ApiKey "+key {
		t.Errorf("got Authorization %q", got)
	}
}

func TestProcessInfoOfOldRevision(t *testing.T) {
	c, _ := serveFixture(t, http.StatusOK, "process_info_old.json")
	info, err := c.ProcessInfo(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	clienttest.SameJSON(t, clienttest.Fixture(t, "process_info_old.json"), info, nil)
}

func TestProcessInfoWithLittle(t *testing.T) {
	for _, body := range []string{`{}`, `{"validations":null}`, `{"validations":{"dcv":null},"notes":null}`, `{"validations":{"dcv":[]}}`} {
		c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		info, err := c.ProcessInfo(t.Context(), 1)
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if info.RequiresAttention != nil || len(info.Notes) != 0 || info.Validations != nil && len(info.Validations.DCV) != 0 {
			t.Errorf("%s: got %+v", body, info)
		}
	}
}

func TestProcess(t *testing.T) {
	c, server := serveFixture(t, http.StatusOK, "process_2323533016.json")
	process, err := c.Process(t.Context(), 2323533016)
	if err != nil {
		t.Fatal(err)
	}
	clienttest.SameJSON(t, clienttest.Fixture(t, "process_2323533016.json"), process, func(source map[string]any) {
		for _, name := range []string{"command", "error"} {
			text, err := json.Marshal(source[name])
			if err != nil {
				t.Fatal(err)
			}
			source[name] = string(text)
		}
		// The exact spelling of a number is text here.
		for _, holder := range []any{source["billables"].([]any)[0], source["reservation"], source["transaction"]} {
			for name, member := range holder.(map[string]any) {
				if number, ok := member.(json.Number); ok {
					holder.(map[string]any)[name] = number.String()
				}
			}
		}
	})
	if missing := clienttest.Unset(process); missing != nil {
		t.Errorf("never set: %v", missing)
	}
	if diff := cmp.Diff([]string{"GET /v2/processes/2323533016"}, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	failure := clienttest.Failed(t, func() error { _, err := c.Process(t.Context(), 7); return err }(), client.KindBody)
	if want := "the response is about process 2323533016 where 7 was asked for"; failure.Message != want {
		t.Errorf("got %q, want %q", failure.Message, want)
	}
}

func TestErrors(t *testing.T) {
	tests := map[string]struct {
		status        int
		body          string
		kind          client.Kind
		code, message string
		details       []string
	}{
		"unknown object": {400, string(clienttest.Fixture(t, "error_object_does_not_exist.json")), client.KindNotFound,
			"ObjectDoesNotExist", "Process does not exist", []string{`object "Process" "1"`}},
		"constraint": {400, string(clienttest.Fixture(t, "error_constraint_violation.json")), client.KindInvalid,
			"ConstraintViolationException", "Invalid request", []string{"limit: must be at most 100"}},
		"property": {400, `{"type":"UnrecognizedPropertyException","message":"m","property":"p"}`, client.KindInvalid,
			"UnrecognizedPropertyException", "m", []string{`property "p"`}},
		"downtime": {500, `{"type":"ProviderUnavailable","startDate":"2024-01-01T00:00:00Z","endDate":"2024-01-02T00:00:00Z"}`,
			client.KindUnavailable,
			"ProviderUnavailable", "", []string{"down from 2024-01-01T00:00:00Z", "down until 2024-01-02T00:00:00Z"}},
		"key": {401, `{"type":"AuthenticationError","message":"no ` + key + `"}`, client.KindUnauthorized, "AuthenticationError",
			"no ***", nil},
		"no permission":  {403, ``, client.KindForbidden, "", "", nil},
		"plain 404":      {404, `Not Found`, client.KindNotFound, "", "", nil},
		"other JSON":     {400, `{"error":1}`, client.KindInvalid, "", "", nil},
		"not an object":  {400, `[]`, client.KindInvalid, "", "", nil},
		"too many tries": {429, ``, client.KindRateLimited, "", "", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			_, err := c.ProcessInfo(t.Context(), 1)
			failure := clienttest.Failed(t, err, test.kind)
			if failure.Code != test.code || failure.Message != test.message || failure.StatusCode != test.status || failure.Service != Service {
				t.Errorf("got %+v", failure)
			}
			if diff := cmp.Diff(test.details, failure.Details); diff != "" {
				t.Errorf("details (-want +got):\n%s", diff)
			}
			if n := len(server.Requests()); n != 1 {
				t.Errorf("got %d requests", n)
			}
		})
	}
}

// page writes processes from..to of a listing.
func page(w io.Writer, from, to int, pagination string) {
	entities := make([]string, 0, max(to-from, 0))
	for id := from; id < to; id++ {
		entities = append(entities, fmt.Sprintf(`{"id":%d}`, id))
	}
	_, _ = fmt.Fprintf(w, `{"entities":[%s]%s}`, strings.Join(entities, ","), pagination)
}

func TestProcesses(t *testing.T) {
	tests := map[string]struct {
		total      int
		most       int    // per page, whatever the limit asked for
		pagination string // with the total for %d
		requests   int
		failed     bool
	}{
		"none":                 {0, 250, `,"pagination":{"limit":250,"offset":0,"total":%d}`, 1, false},
		"one page":             {250, 250, `,"pagination":{"limit":250,"total":%d}`, 1, false},
		"three pages":          {600, 250, `,"pagination":{"limit":250,"total":%d}`, 3, false},
		"smaller pages":        {25, 10, `,"pagination":{"limit":10,"total":%d}`, 3, false},
		"without total":        {300, 250, `,"pagination":{"limit":250,"other":%d}`, 2, false},
		"smaller, no total":    {15, 10, `,"pagination":{"limit":10,"other":%d}`, 2, false},
		"without pagination":   {150, 250, `,"other":%d`, 1, false},
		"total is too large":   {50, 250, `,"pagination":{"total":1%d}`, 6, true},
		"total is exceeded":    {50, 250, `,"pagination":{"total":1},"other":%d`, 3, true},
		"limit makes no sense": {150, 250, `,"pagination":{"limit":0,"other":%d}`, 1, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
				page(w, offset, min(offset+test.most, test.total), fmt.Sprintf(test.pagination, test.total))
			})
			processes, err := c.Processes(t.Context(), ProcessFilter{})
			if test.failed {
				clienttest.Failed(t, err, client.KindBody)
			} else if err != nil || len(processes) != test.total {
				t.Errorf("got %d processes, %v", len(processes), err)
			}
			if n := len(server.Requests()); n != test.requests {
				t.Errorf("got %d requests, want %d", n, test.requests)
			}
		})
	}
}

// TestProcessesWithoutList holds that a response without its list is not an empty list.
func TestProcessesWithoutList(t *testing.T) {
	for body, usable := range map[string]bool{
		`{}`: false, `{"entities":null}`: false, `{"entities":null,"pagination":{"total":3}}`: false,
		`{"entities":[],"pagination":{"total":3}}`: false,
		`{"entities":[]}`:                          true, `{"entities":null,"pagination":{"total":0}}`: true,
	} {
		c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		processes, err := c.Processes(t.Context(), ProcessFilter{})
		if usable {
			if err != nil || len(processes) != 0 {
				t.Errorf("%s: %d processes, %v", body, len(processes), err)
			}
			continue
		}
		clienttest.Failed(t, err, client.KindBody)
	}
}

func TestProcessesFilter(t *testing.T) {
	c, server := serve(t, func(w http.ResponseWriter, _ *http.Request) { page(w, 0, 0, "") })
	for _, filter := range []ProcessFilter{{}, {RequiresAttention: true, Identifier: "a&b", Status: "SUSPENDED"}} {
		if _, err := c.Processes(t.Context(), filter); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"GET /v2/processes?limit=250&offset=0&order=createdDate&type=certificate",
		"GET /v2/processes?detailStatus=SSL_REQUIRES_ATTENTION&identifier=a%26b&limit=250&offset=0" +
			"&order=createdDate&status=SUSPENDED&type=certificate",
	}
	if diff := cmp.Diff(want, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestProcessesFailLater(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("offset") != "0" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		page(w, 0, 250, "")
	})
	_, err := c.Processes(t.Context(), ProcessFilter{})
	clienttest.Failed(t, err, client.KindForbidden)
}

func FuzzProcessInfo(f *testing.F) {
	for _, name := range []string{"process_info_complete.json", "process_info_refused.json", "process_2323533016.json"} {
		f.Add(clienttest.Fixture(f, name))
	}
	f.Add([]byte(`{"validations":{"dcv":[null,{}]}}`))
	f.Fuzz(func(_ *testing.T, data []byte) {
		var info ProcessInfo
		var process Process
		var listing processPage
		_ = json.Unmarshal(data, &info)
		_ = json.Unmarshal(data, &process)
		if json.Unmarshal(data, &listing) == nil {
			_ = listing.last(1)
		}
	})
}

func FuzzDecodeError(f *testing.F) {
	f.Add(clienttest.Fixture(f, "error_object_does_not_exist.json"))
	f.Add(clienttest.Fixture(f, "error_constraint_violation.json"))
	f.Add([]byte(`{"type":null,"violations":[null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if problem, ok := decodeError(data); !ok && (problem.Code != "" || problem.Message != "") {
			t.Errorf("got %+v for a body that is none", problem)
		}
	})
}

// TestDocumentHasNoLink holds that the one-time link reaches no state with what a process was asked for or why it failed.
func TestDocumentHasNoLink(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"b":1.50,"a":[{"oneTimeLink":"https://secure.example/1","c":null}]}`: `{"a":[{"c":null}],"b":1.50}`,
		`{"one\u0054imelink":{"url":"https://secure.example/1"}}`:              `{}`,
		`{"hint":"oneTimeLink"}`: `{"hint":"oneTimeLink"}`,
		`"text"`:                 `"text"`,
	} {
		process := clienttest.Decode[Process](t, `{"command":`+text+`,"error":`+text+`}`)
		if string(*process.Command) != want || string(*process.Error) != want {
			t.Errorf("%s became %s and %s", text, *process.Command, *process.Error)
		}
	}
}
