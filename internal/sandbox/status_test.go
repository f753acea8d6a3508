// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"slices"
	"strings"
	"testing"
)

// TestStatusTable compares lines of the table, without the padding between columns.
func TestStatusTable(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	check := func(wanted ...string) {
		t.Helper()
		var lines []string
		for line := range strings.Lines(s.StatusTable()) {
			if strings.HasSuffix(line, " \n") {
				t.Errorf("%q has blanks at its end", line)
			}
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
		for _, want := range wanted {
			if !slices.Contains(lines, want) {
				t.Errorf("the table lacks %q:\n%s", want, strings.Join(lines, "\n"))
			}
		}
	}
	check(
		"SERVICE ORDER STATUS NAMES VALIDATION WAITS FOR",
		"realtime_register process 2323533016 (sample) www.example.com pending nothing: a sample never changes",
		"cps certificate 40001 DomainControlValidation, Pending cdn.example.com pending TXT at cdn.example.com",
		"cps certificate 40002 Processing static.example.com pending its placement at the CA",
		"digicert order 20001 pending example.com, *.example.com pending CNAME at _dnsauth.example.com",
		"www.example.com pending CNAME at _dnsauth.www.example.com",
	)
	id, err := s.Add(Process{Names: []string{"mail.example.com"}, Method: "EMAIL"})
	if err != nil {
		t.Fatal(err)
	}
	many, err := s.Add(Order{Names: []string{"a.example.org", "b.example.org", "c.example.org", "d.example.org", "e.example.org",
		"f.example.org"}, NameScope: "base_domain", Method: "dns-txt-token"})
	if err != nil {
		t.Fatal(err)
	}
	check("realtime_register process "+string(id)+" SUSPENDED mail.example.com pending its validation by the method EMAIL",
		"digicert order "+string(many)+" pending "+
			"a.example.org, b.example.org, c.example.org, d.example.org and 2 more pending TXT at example.org")

	for _, err := range []error{
		s.Fail(DigiCert, OrderPending, "www.example.com"), s.Validate(CPS, CertificatePending, "cdn.example.com"),
		s.Cancel(RealtimeRegister, ProcessPending),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	check(
		"www.example.com failed new tokens: the CA rejected it",
		"cps certificate 40001 DomainControlValidation, Pending cdn.example.com validated",
		"www.example.net pending nothing: the order is canceled",
	)
}
