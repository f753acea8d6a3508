// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// TestParseIssuer takes each production of the grammar in RFC 8659, section 4.2, right and wrong, and the parameters of RFC 8657.
func TestParseIssuer(t *testing.T) {
	t.Parallel()
	const long = "abcdefghijklmnopqrstuvwxyz0123456789-abcdefghijklmnopqrstuvwxyz0123456789.example"
	for value, want := range map[string]caaIssuer{
		// the production issue-value
		"":                  {},
		" \t ":              {},
		";":                 {},
		" ; ":               {},
		"ca.example":        {domain: "ca.example"},
		" \tca.example\t ":  {domain: "ca.example"},
		"ca.example;":       {domain: "ca.example"},
		"ca.example ; ":     {domain: "ca.example"},
		"CA.Example":        {domain: "ca.example"},
		"; a=b":             {},
		"ca.example a=b":    {broken: "ca.example a=b"},
		"ca.example\n":      {broken: "ca.example\n"},
		"\rca.example":      {broken: "\rca.example"},
		"ca.example,b.test": {broken: "ca.example,b.test"},
		// the production issuer-domain-name
		"example":        {domain: "example"},
		"a.b.c":          {domain: "a.b.c"},
		"ca.example.":    {broken: "ca.example."},
		".ca.example":    {broken: ".ca.example"},
		"ca..example":    {broken: "ca..example"},
		".":              {broken: "."},
		"*.ca.example":   {broken: "*.ca.example"},
		"https://ca.org": {broken: "https://ca.org"},
		// the production label
		"1.2":              {domain: "1.2"},
		"a--b.example":     {domain: "a--b.example"},
		long:               {domain: long},
		"-ca.example":      {broken: "-ca.example"},
		"ca-.example":      {broken: "ca-.example"},
		"c_a.example":      {broken: "c_a.example"},
		"c a.example":      {broken: "c a.example"},
		"b\u00fccher.test": {broken: "b\u00fccher.test"},
		"ca.example\x00":   {broken: "ca.example\x00"},
		// the production parameters
		"ca.example; a=b":             {domain: "ca.example"},
		"ca.example;a=b;c=d":          {domain: "ca.example"},
		"ca.example; a=b ;\tc=d \t":   {domain: "ca.example"},
		"ca.example; a=b; a=c":        {domain: "ca.example"},
		"ca.example; a=b;":            {broken: "ca.example; a=b;"},
		"ca.example;; a=b":            {broken: "ca.example;; a=b"},
		"ca.example; a=b;; c=d":       {broken: "ca.example; a=b;; c=d"},
		"ca.example; letsencrypt.org": {broken: "ca.example; letsencrypt.org"},
		"ca.example; a":               {broken: "ca.example; a"},
		// the production parameter
		"ca.example; a = b": {domain: "ca.example"},
		"ca.example; =b":    {broken: "ca.example; =b"},
		"ca.example; =":     {broken: "ca.example; ="},
		// the production tag
		"ca.example; a-1=b":    {domain: "ca.example"},
		"ca.example; a--1=b":   {domain: "ca.example"},
		"ca.example; 1=b":      {domain: "ca.example"},
		"ca.example; A=b":      {domain: "ca.example"},
		"ca.example; a.b=c":    {broken: "ca.example; a.b=c"},
		"ca.example; \u00fc=c": {broken: "ca.example; \u00fc=c"},
		"ca.example; -a=b":     {broken: "ca.example; -a=b"},
		"ca.example; a-=b":     {broken: "ca.example; a-=b"},
		"ca.example; a_b=c":    {broken: "ca.example; a_b=c"},
		"ca.example; a b=c":    {broken: "ca.example; a b=c"},
		// the production value
		"ca.example; a=":            {domain: "ca.example"},
		"ca.example; a=b=c":         {domain: "ca.example"},
		"ca.example; a=!\"#$%&'()~": {domain: "ca.example"},
		"ca.example; a=b c":         {broken: "ca.example; a=b c"},
		"ca.example; a=b\u00fc":     {broken: "ca.example; a=b\u00fc"},
		"ca.example; a=b\x00":       {broken: "ca.example; a=b\x00"},
		"ca.example; a=b\tc":        {broken: "ca.example; a=b\tc"},
		"ca.example; a=!:<~":        {domain: "ca.example"},
		"ca.example; a=b\x7f":       {broken: "ca.example; a=b\x7f"},
		// RFC 8657
		"ca.example; accounturi=https://x/1":                         {domain: "ca.example", account: "https://x/1"},
		"ca.example; AccountURI=https://x/1":                         {domain: "ca.example", account: "https://x/1"},
		"ca.example; accounturi=acct:x":                              {domain: "ca.example", account: "acct:x"},
		"ca.example; accounturi=":                                    {broken: "ca.example; accounturi="},
		"ca.example; accounturi=123":                                 {broken: "ca.example; accounturi=123"},
		"ca.example; accounturi=1x:y":                                {broken: "ca.example; accounturi=1x:y"},
		"ca.example; accounturi=https://x/1; accounturi=https://x/2": {broken: "ca.example; accounturi=https://x/1; accounturi=https://x/2"},
		"ca.example; accounturi=https://x/1; accounturi=https://x/1": {broken: "ca.example; accounturi=https://x/1; accounturi=https://x/1"},
		"ca.example; validationmethods=dns-01,ca-tbr-7":              {domain: "ca.example", restricted: true, methods: "dns-01,ca-tbr-7"},
		"ca.example; validationmethods=CA-TBR-7":                     {domain: "ca.example", restricted: true, methods: "ca-tbr-7"},
		"ca.example; validationmethods=":                             {domain: "ca.example", restricted: true},
		"ca.example; validationmethods=dns-01; validationmethods=ca-tbr-7": {domain: "ca.example", restricted: true,
			methods: "dns-01 and ca-tbr-7"},
		"ca.example; validationmethods=dns-01; accounturi=https://x/1": {domain: "ca.example", restricted: true, methods: "dns-01",
			account: "https://x/1"},
	} {
		if diff := cmp.Diff(want, parseIssuer(value), cmp.AllowUnexported(caaIssuer{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", value, diff)
		}
	}
}

func TestAllowsMethod(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"ca.example": true, "ca.example; validationmethods=ca-tbr-7": true, "ca.example; validationmethods=dns-01,ca-tbr-7": true,
		"ca.example; validationmethods=": false, "ca.example; validationmethods=ca-tbr-77": false, "ca.example; validationmethods=dns-01": false,
		"ca.example; validationmethods=CA-TBR-7": true, "ca.example; validationmethods=,ca-tbr-7": false,
		"ca.example; validationmethods=ca-tbr-7,": false, "ca.example; validationmethods=ca_tbr_7,ca-tbr-7": false,
		"ca.example; validationmethods=ca-tbr-7; validationmethods=ca-tbr-7": false,
	} {
		if got := parseIssuer(value).allowsMethod(methodDNSChange); got != want {
			t.Errorf("%q: got %t", value, got)
		}
	}
}

// The DNS library presents a value with the escapes of a zone file, which hide what is not printable.
func TestReadCAAUndoesEscapes(t *testing.T) {
	t.Parallel()
	rr, err := dns.NewRR(`example.test. 60 IN CAA 0 issue "ca.example; a=b\007"`)
	if err != nil {
		t.Fatal(err)
	}
	caa, ok := rr.(*dns.CAA)
	if !ok {
		t.Fatalf("got %T", rr)
	}
	if got := readCAA([]*dns.CAA{caa}).issuers["issue"]; len(got) != 1 || got[0].broken == "" {
		t.Errorf("got %+v", got)
	}
}
