// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/client/realtimeregister"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// wantSummary compares the records and statuses that challenges make, each as one line of text: what a user would write
// down of them.
func wantSummary(t *testing.T, challenges []dcv.Challenge, records, names map[string]string, complete bool) {
	t.Helper()
	summary, err := dcv.Summarize(challenges, nil)
	if err != nil {
		t.Fatal(err)
	}
	gotRecords := make(map[string]string)
	for key, r := range summary.Records {
		line := fmt.Sprintf("%s %s %s %s %v", r.FQDN, r.Type, r.Value, r.Status, r.Domains)
		if r.ExpiresAt != nil {
			line += " until " + *r.ExpiresAt
		}
		gotRecords[key] = line
	}
	gotNames := make(map[string]string)
	for name, s := range summary.Names {
		gotNames[name] = fmt.Sprintf("%s by %s until %s at %s", s.Status, orNull(s.Method), orNull(s.ValidatedUntil), orNull(s.RecordKey))
	}
	if diff := cmp.Diff(records, gotRecords); diff != "" {
		t.Errorf("unexpected records (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(names, gotNames); diff != "" {
		t.Errorf("unexpected statuses (-want +got):\n%s", diff)
	}
	if summary.Complete != complete {
		t.Errorf("complete is %t, expected %t", summary.Complete, complete)
	}
}

func orNull(text *string) string {
	if text == nil {
		return "null"
	}
	return *text
}

func TestProcessChallenges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		info     string
		records  map[string]string
		names    map[string]string
		complete bool
	}{
		{
			name:    "CNAME of Sectigo",
			info:    `{"validations":{"dcv":[{"commonName":"www.example.com","type":"DNS","status":"WAITING","dnsRecord":"_0a1b.www.example.com","dnsType":"CNAME","dnsContents":"2c3d.4e5f.sectigo.com"}]}}`,
			records: map[string]string{"www.example.com": "_0a1b.www.example.com CNAME 2c3d.4e5f.sectigo.com pending [www.example.com]"},
			names:   map[string]string{"www.example.com": "pending by DNS until null at www.example.com"},
		},
		{
			name:    "TXT keeps its case",
			info:    `{"validations":{"dcv":[{"commonName":"example.com","type":"DNS","status":"WAITING","dnsRecord":"_dnsauth.example.com","dnsType":"TXT","dnsContents":"x9Kq."}]}}`,
			records: map[string]string{"example.com": "_dnsauth.example.com TXT x9Kq. pending [example.com]"},
			names:   map[string]string{"example.com": "pending by DNS until null at example.com"},
		},
		{
			name:    "no dnsType means CNAME, no type means DNS",
			info:    `{"validations":{"dcv":[{"commonName":"example.com","type":null,"status":"ATTENTION","dnsRecord":"_DNSauth.Example.com.","dnsContents":"X9kq.dcv.digicert.com."}]}}`,
			records: map[string]string{"example.com": "_dnsauth.example.com CNAME x9kq.dcv.digicert.com action_required [example.com]"},
			names:   map[string]string{"example.com": "action_required by null until null at example.com"},
		},
		{
			name:    "bare label",
			info:    `{"validations":{"dcv":[{"commonName":"*.example.com","type":"DNS","status":"WAITING","dnsRecord":"_0a1b","dnsContents":"c.sectigo.com"}]}}`,
			records: map[string]string{"example.com": "_0a1b.example.com CNAME c.sectigo.com pending [*.example.com]"},
			names:   map[string]string{"*.example.com": "pending by DNS until null at example.com"},
		},
		{
			name: "wildcard and apex share a record",
			info: `{"validations":{"dcv":[
				{"commonName":"*.example.com","type":"DNS","status":"VALIDATED","dnsRecord":"_0a1b.example.com.","dnsContents":"c.sectigo.com."},
				{"commonName":"example.com","type":"DNS","status":"WAITING","dnsRecord":"_0a1b.example.com","dnsContents":"c.sectigo.com"}]}}`,
			records: map[string]string{"example.com": "_0a1b.example.com CNAME c.sectigo.com pending [*.example.com example.com]"},
			names: map[string]string{
				"*.example.com": "validated by DNS until null at example.com",
				"example.com":   "pending by DNS until null at example.com",
			},
		},
		{
			name: "DNS and file fields at once",
			info: `{"validations":{"dcv":[
				{"commonName":"a.example.com","type":"DNS","status":"WAITING","dnsRecord":"_0.a.example.com","dnsContents":"c.sectigo.com","fileLocation":"a.example.com/x.txt","fileContents":"x"},
				{"commonName":"b.example.com","type":"FILE","status":"WAITING","dnsRecord":"_0.b.example.com","dnsContents":"c.sectigo.com","fileLocation":"b.example.com/x.txt","fileContents":"x"}]}}`,
			records: map[string]string{"a.example.com": "_0.a.example.com CNAME c.sectigo.com pending [a.example.com]"},
			names: map[string]string{
				"a.example.com": "pending by DNS until null at a.example.com",
				"b.example.com": "pending by FILE until null at null",
			},
		},
		{
			name: "e-mail and file have no record",
			info: `{"validations":{"dcv":[
				{"commonName":"a.example.com","type":"EMAIL","email":"a@example.com","status":"VALIDATED"},
				{"commonName":"b.example.com","type":"FILE","status":"VALIDATED"}]}}`,
			records: map[string]string{},
			names: map[string]string{
				"a.example.com": "validated by EMAIL until null at null",
				"b.example.com": "validated by FILE until null at null",
			},
			complete: true,
		},
		{
			name:     "a validated record stays",
			info:     `{"validations":{"dcv":[{"commonName":"example.com","type":"dns","status":"validated","dnsRecord":"_0.example.com","dnsContents":"c.sectigo.com"}]}}`,
			records:  map[string]string{"example.com": "_0.example.com CNAME c.sectigo.com validated [example.com]"},
			names:    map[string]string{"example.com": "validated by dns until null at example.com"},
			complete: true,
		},
		{
			name:    "unknown words",
			info:    `{"validations":{"dcv":[{"commonName":"example.com","type":"TELEPATHY","status":"PONDERING","dnsRecord":"_0.example.com","dnsContents":"c.sectigo.com"}]}}`,
			records: map[string]string{},
			names:   map[string]string{"example.com": "unknown by TELEPATHY until null at null"},
		},
		{
			name:    "entry without a name belongs to the request's common name",
			info:    `{"commonName":"example.com","validations":{"dcv":[{"type":"DNS","status":"WAITING","dnsRecord":"_0.example.com","dnsContents":"c.sectigo.com"}]}}`,
			records: map[string]string{"example.com": "_0.example.com CNAME c.sectigo.com pending [example.com]"},
			names:   map[string]string{"example.com": "pending by DNS until null at example.com"},
		},
		{
			name:    "no contents yet",
			info:    `{"validations":{"dcv":[{"commonName":"example.com","type":"DNS","status":"WAITING","dnsRecord":"_0.example.com"},null]}}`,
			records: map[string]string{},
			names:   map[string]string{"example.com": "pending by DNS until null at null"},
		},
		{name: "no validations", info: `{"commonName":"example.com","validations":null}`, records: map[string]string{}, names: map[string]string{}},
		{name: "nothing", info: `{}`, records: map[string]string{}, names: map[string]string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			info := decode[realtimeregister.ProcessInfo](t, test.info)
			wantSummary(t, processChallenges(info), test.records, test.names, test.complete)
		})
	}
}

// TestProcessChallengesAreStable holds that one answer gives the same state, byte for byte, whenever it is mapped.
func TestProcessChallengesAreStable(t *testing.T) {
	t.Parallel()
	var first string
	for range 20 {
		summary, err := dcv.Summarize(processChallenges(fixture[realtimeregister.ProcessInfo](t, "realtimeregister", "process_info_complete.json")), []string{"example.com"})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(summary)
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(text)
		}
		if string(text) != first {
			t.Fatalf("got\n%s\nafter\n%s", text, first)
		}
	}
}
