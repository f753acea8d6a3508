// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/client/clienttest"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

func TestOrder(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		info     string
		records  map[string]string
		names    map[string]string
		complete bool
	}{
		{
			name: "CNAME of Sectigo",
			info: `{"validations":{"dcv":[{"commonName":"www.example.com","type":"DNS","status":"WAITING","dnsRecord":"_0a1b.www.example.com",` +
				`"dnsType":"CNAME","dnsContents":"2c3d.4e5f.sectigo.com"}]}}`,
			records: map[string]string{"www.example.com": "_0a1b.www.example.com CNAME 2c3d.4e5f.sectigo.com pending [www.example.com]"},
			names:   map[string]string{"www.example.com": "pending by DNS until null at www.example.com"},
		},
		{
			name: "TXT keeps its case",
			info: `{"validations":{"dcv":[{"commonName":"example.com","type":"DNS","status":"WAITING","dnsRecord":"_dnsauth.example.com",` +
				`"dnsType":"TXT","dnsContents":"x9Kq."}]}}`,
			records: map[string]string{"example.com": "_dnsauth.example.com TXT x9Kq. pending [example.com]"},
			names:   map[string]string{"example.com": "pending by DNS until null at example.com"},
		},
		{
			name: "persistent record",
			info: `{"validations":{"dcv":[{"commonName":"*.example.com","type":"DNS","status":"WAITING","dnsType":"TXT",` +
				`"dnsRecord":"_validation-persist.example.com","dnsContents":"sectigo.com; accounturi=https://acme.sectigo.test/1"}]}}`,
			records: map[string]string{"example.com": "_validation-persist.example.com TXT sectigo.com; accounturi=https://acme.sectigo.test/1 " +
				"pending [*.example.com]"},
			names: map[string]string{"*.example.com": "pending by DNS until null at example.com"},
		},
		{
			name: "malformed persistent record",
			info: `{"validations":{"dcv":[{"commonName":"example.com","type":"DNS","status":"WAITING","dnsType":"TXT",` +
				`"dnsRecord":"_validation-persist.example.com","dnsContents":"sectigo.com"}]}}`,
			records: map[string]string{},
			names:   map[string]string{"example.com": "pending by DNS until null at null"},
		},
		{
			name: "no dnsType means CNAME, no type means DNS",
			info: `{"validations":{"dcv":[{"commonName":"example.com","type":null,"status":"ATTENTION","dnsRecord":"_DNSauth.Example.com.",` +
				`"dnsContents":"X9kq.dcv.digicert.com."}]}}`,
			records: map[string]string{"example.com": "_dnsauth.example.com CNAME X9kq.dcv.digicert.com action_required [example.com]"},
			names:   map[string]string{"example.com": "action_required by null until null at example.com"},
		},
		{
			name: "bare label",
			info: `{"validations":{"dcv":[{"commonName":"*.example.com","type":"DNS","status":"WAITING","dnsRecord":"_0a1b",` +
				`"dnsContents":"c.sectigo.com"}]}}`,
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
				{"commonName":"a.example.com","type":"DNS","status":"WAITING","dnsRecord":"_0c1d.a.example.com","dnsContents":"c.sectigo.com",
				"fileLocation":"a.example.com/x.txt","fileContents":"x"},
				{"commonName":"b.example.com","type":"FILE","status":"WAITING","dnsRecord":"_0c1d.b.example.com","dnsContents":"c.sectigo.com",
				"fileLocation":"b.example.com/x.txt","fileContents":"x"}]}}`,
			records: map[string]string{"a.example.com": "_0c1d.a.example.com CNAME c.sectigo.com pending [a.example.com]"},
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
			name: "a validated record stays",
			info: `{"validations":{"dcv":[{"commonName":"example.com","type":"dns","status":"validated","dnsRecord":"_0c1d.example.com",` +
				`"dnsContents":"c.sectigo.com"}]}}`,
			records:  map[string]string{"example.com": "_0c1d.example.com CNAME c.sectigo.com validated [example.com]"},
			names:    map[string]string{"example.com": "validated by dns until null at example.com"},
			complete: true,
		},
		{
			name: "unknown words",
			info: `{"validations":{"dcv":[{"commonName":"example.com","type":"TELEPATHY","status":"PONDERING","dnsRecord":"_0c1d.example.com",` +
				`"dnsContents":"c.sectigo.com"}]}}`,
			records: map[string]string{},
			names:   map[string]string{"example.com": "unknown by TELEPATHY until null at null"},
		},
		{
			name: "entry without a name belongs to the request's common name",
			info: `{"commonName":"example.com","validations":{"dcv":[{"type":"DNS","status":"WAITING","dnsRecord":"_0c1d.example.com",` +
				`"dnsContents":"c.sectigo.com"}]}}`,
			records: map[string]string{"example.com": "_0c1d.example.com CNAME c.sectigo.com pending [example.com]"},
			names:   map[string]string{"example.com": "pending by DNS until null at example.com"},
		},
		{
			name:    "no contents yet",
			info:    `{"validations":{"dcv":[{"commonName":"example.com","type":"DNS","status":"WAITING","dnsRecord":"_0c1d.example.com"},null]}}`,
			records: map[string]string{},
			names:   map[string]string{"example.com": "pending by DNS until null at null"},
		},
		{
			name: "a nameless entry beside others is not the common name's",
			info: `{"commonName":"example.com","validations":{"dcv":[{"type":"EMAIL","status":"VALIDATED"},{"commonName":"example.com",` +
				`"type":"EMAIL","status":"VALIDATED"}]}}`,
			records: map[string]string{}, names: map[string]string{"example.com": "validated by EMAIL until null at null"}, complete: true,
		},
		{
			name:    "a null entry is open",
			info:    `{"validations":{"dcv":[null,{"commonName":"example.com","type":"EMAIL","status":"VALIDATED"}]}}`,
			records: map[string]string{}, names: map[string]string{"example.com": "validated by EMAIL until null at null"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			info := clienttest.Decode[ProcessInfo](t, test.info)
			clienttest.WantSummary(t, withValidations(dcv.Order{}, info, true), test.records, test.names, test.complete)
		})
	}
}

// TestProcessChallengesAreStable holds that one response gives the same state, byte for byte, whenever it is mapped.
func TestChallengesAreStable(t *testing.T) {
	t.Parallel()
	var first string
	for range 20 {
		summary, err := dcv.Summarize(withValidations(dcv.Order{}, clienttest.Decoded[ProcessInfo](t, "realtimeregister",
			"process_info_complete.json"), true).Challenges, dcv.Options{Zones: []string{"example.com"}})
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

// TestProcessStatus tells where a process stands as a whole, and that nothing to validate is an error while it is open.
func TestStatus(t *testing.T) {
	t.Parallel()
	for status, test := range map[string]struct {
		want  dcv.Order
		empty bool // whether nothing to validate is as it should be
	}{
		"NEW":         {dcv.Order{}, true},
		"VALIDATED":   {dcv.Order{}, true},
		"SCHEDULED":   {dcv.Order{}, true},
		"RUNNING":     {dcv.Order{}, false},
		"IN_DOUBT":    {dcv.Order{}, false},
		"suspended":   {dcv.Order{}, false},
		"COMPLETED":   {dcv.Order{Issued: true, Names: []string{"example.com"}}, true},
		"FAILED":      {dcv.Order{Ended: "the process has the status FAILED"}, true},
		"cancelled":   {dcv.Order{Ended: "the process has the status CANCELLED"}, true},
		"INVALID":     {dcv.Order{Ended: "the process has the status INVALID"}, true},
		"HIBERNATING": {dcv.Order{Unknown: "HIBERNATING"}, false},
		"":            {dcv.Order{Unknown: "(none)"}, false},
	} {
		process := clienttest.Decode[Process](t, `{"id":1,"identifier":"example.com","status":"`+status+`"}`)
		if diff := cmp.Diff(test.want, judge(process)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", status, diff)
		}
		for _, info := range []string{`{}`, `{"validations":null}`, `{"commonName":"example.com","validations":{"dcv":[]}}`} {
			if _, err := NewOrder(process, clienttest.Decode[ProcessInfo](t, info)); (err == nil) != test.empty {
				t.Errorf("%s, %s: %v", status, info, err)
			}
		}
	}
}

// TestCertificateOrder refuses processes of another kind, which say nothing of the validation of a certificate.
func TestCertificateOrder(t *testing.T) {
	t.Parallel()
	for process, want := range map[string]bool{
		`{"id":1}`: true,
		`{"id":1,"type":"certificate","action":"request"}`: true,
		`{"id":1,"type":"Certificate","action":"RENEW"}`:   true,
		`{"id":1,"type":"certificate","action":"revoke"}`:  false,
		`{"id":1,"type":"domain","action":"create"}`:       false,
	} {
		if err := certificateOrder(clienttest.Decode[Process](t, process)); (err == nil) != want {
			t.Errorf("%s: %v", process, err)
		}
	}
}

// TestProcessReasons tells what the vendor finds wrong with a name, and which names it cannot tell the record of.
func TestReasons(t *testing.T) {
	t.Parallel()
	for entry, test := range map[string]struct {
		channel dcv.Channel
		status  dcv.Status
		reason  string
		doubts  int
	}{
		`{"type":"DNS","status":"WAITING","dnsRecord":"_0c1d.example.com","dnsContents":"x","caaRecordStatus":"INVALID"}`: {
			dcv.ChannelDNS, dcv.StatusPending, "The CAA records of the domain do not allow the certificate authority to issue (caa_record_status " +
				"INVALID).", 0,
		},
		`{"type":"DNS","status":"WAITING","dnsRecord":"_0c1d.example.com","dnsContents":"x","caaRecordStatus":"timeout"}`: {
			dcv.ChannelDNS, dcv.StatusPending, "The check of the CAA records failed (caa_record_status TIMEOUT).", 0,
		},
		`{"type":"EMAIL","status":"WAITING","riskStatus":"FAILED","caaRecordStatus":"EMPTY"}`: {
			dcv.ChannelEmail, dcv.StatusPending, "The certificate authority's risk check failed (risk_status FAILED).", 0,
		},
		`{"type":"DNS","status":"WAITING"}`: {dcv.ChannelDNS, dcv.StatusPending, "Realtime Register returns no record " +
			"for the name.", 1},
		`{"type":"DNS","status":"WAITING","dnsRecord":"_0c1d.example.com","dnsContents":""}`: {dcv.ChannelDNS, dcv.StatusPending,
			"Realtime Register returns no record for the name.", 1},
		`{"type":"DNS","status":"WAITING","riskStatus":"FAILED"}`: {dcv.ChannelDNS, dcv.StatusPending,
			"The certificate authority's risk check failed (risk_status FAILED).", 1},
		`{"type":"FILE","status":"WAITING"}`:                        {dcv.ChannelHTTP, dcv.StatusPending, "", 0},
		`{"type":null,"status":"WAITING","fileLocation":"a/b.txt"}`: {dcv.ChannelHTTP, dcv.StatusPending, "", 0},
		`{"type":"PIGEON","status":"WAITING"}`: {dcv.ChannelUnknown, dcv.StatusUnknown, `The validation method "PIGEON" ` +
			`is not known to this version of the provider.`, 1},
		`{"status":"WAITING"}`:                   {dcv.ChannelUnknown, dcv.StatusUnknown, "Realtime Register names no validation method.", 1},
		`{"type":"PIGEON","status":"VALIDATED"}`: {dcv.ChannelUnknown, dcv.StatusValidated, "", 0},
		`{"type":"DNS","dnsType":"A","dnsRecord":"x.example.com","dnsContents":"192.0.2.1","status":"WAITING"}`: {
			dcv.ChannelDNS, dcv.StatusUnknown, `Realtime Register asks for a DNS record of the type "A"; only CNAME and TXT prove control of ` +
				`a domain.`, 1,
		},
	} {
		order := withValidations(dcv.Order{}, clienttest.Decode[ProcessInfo](t,
			`{"commonName":"example.com","validations":{"dcv":[`+entry+`]}}`), true)
		c := order.Challenges[0]
		if c.Channel != test.channel || c.Status != test.status || c.Reason != test.reason || len(order.Doubts) != test.doubts {
			t.Errorf("%s: got channel %s, status %s, reason %q, doubts %v", entry, c.Channel, c.Status, c.Reason, order.Doubts)
		}
	}
}
