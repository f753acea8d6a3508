// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"strings"
	"testing"
)

// TestAdmit holds that a vendor's response, or whoever stands in its place, gets only validation records into the user's
// zones.
func TestAdmit(t *testing.T) {
	t.Parallel()
	const (
		sectigo  = "_0a1b2c3d4e5f60718293a4b5c6d7e8f9"
		target   = "0123456789abcdef0123456789abcdef.0123456789abcdef0123456789abcdef.sectigo.com"
		outside  = "is neither the domain itself nor one of its parents"
		label    = "is not one of domain validation"
		replaces = "would replace a name of yours"
		token    = "does not look like a token"
		above    = "lies above the registrable domain"
		other    = "belongs to another service"
		persist  = "is not the value of a persistent validation record"
	)
	tests := map[string]struct{ recordType, owner, value, domain, want string }{
		// What authorities ask for.
		"DigiCert's TXT":                 {"TXT", "_dnsauth.example.com", "_x9Kq", "example.com", ""},
		"DigiCert's TXT at the domain":   {"TXT", "example.com", "x9Kq", "*.example.com", ""},
		"DigiCert's CNAME":               {"CNAME", "_dnsauth.www.example.com", "x9Kq.dcv.digicert.com", "www.example.com", ""},
		"DigiCert's CNAME at the parent": {"CNAME", "_dnsauth.example.com", "x9Kq.dcv.digicert.com", "a.www.example.com", ""},
		"Sectigo's CNAME":                {"CNAME", sectigo + ".www.example.com", target, "www.example.com", ""},
		"Sectigo's CNAME at the parent":  {"CNAME", sectigo + ".example.com", target, "a.b.example.com", ""},
		"a label without an underscore":  {"CNAME", sectigo[1:] + ".example.com", target, "example.com", ""},
		"a name with U-labels":           {"TXT", "_dnsauth.xn--bcher-kva.example", "t1", "*.bücher.example", ""},
		"a token that ends like base64":  {"TXT", "_dnsauth.example.com", "abc+/def==", "example.com", ""},
		"a persistent record": {"TXT", "_validation-persist.example.com",
			"ca.example; accounturi=https://ca.example/acct/1; policy=wildcard", "example.com", ""},
		"a persistent record at the parent": {"TXT", "_validation-persist.example.com",
			"CA.example;AccountURI=acct:1;persistUntil=1893456000;x=1", "*.www.example.com", ""},
		"below a suffix of the PRIVATE section": {"TXT", "_dnsauth.github.io", "t1", "mine.github.io", ""},
		"a domain of a zone of one's own":       {"TXT", sectigo + ".internal.test", "t1", "internal.test", ""},

		// What belongs to others.
		"a host":                            {"CNAME", "www.example.com", "evil.test", "example.com", label},
		"the domain itself":                 {"CNAME", "example.com", "evil.test", "example.com", replaces},
		"a parent":                          {"CNAME", "example.com", "evil.test", "www.example.com", replaces},
		"another domain":                    {"CNAME", sectigo + ".evil.test", target, "www.example.com", outside},
		"a sibling":                         {"CNAME", sectigo + ".mail.example.com", target, "www.example.com", outside},
		"a sibling, with DigiCert's label":  {"TXT", "_dnsauth.mail.example.com", "t1", "www.example.com", outside},
		"a child":                           {"CNAME", sectigo + ".www.example.com", target, "example.com", outside},
		"a registry's domain":               {"TXT", "co.uk", "t1", "www.example.co.uk", above},
		"a registry's domain with a label":  {"TXT", "_dnsauth.co.uk", "t1", "www.example.co.uk", above},
		"DMARC":                             {"TXT", "_dmarc.example.com", "t1", "example.com", label},
		"ACME":                              {"TXT", "_acme-challenge.example.com", "t1", "example.com", label},
		"ACME at the parent":                {"CNAME", "_acme-challenge.example.com", "t.evil.test", "www.example.com", label},
		"ACME inside":                       {"TXT", "a1b2c3d4._acme-challenge.example.com", "t1", "example.com", outside},
		"DKIM":                              {"TXT", "mail._domainkey.example.com", "t1", "example.com", outside},
		"DKIM at the domain":                {"TXT", "_domainkey.example.com", "t1", "example.com", label},
		"a service":                         {"TXT", "_tcp.www.example.com", "t1", "www.example.com", label},
		"a service's port":                  {"TXT", "_443._tcp.www.example.com", "t1", "www.example.com", outside},
		"a port":                            {"TXT", "_443.www.example.com", "t1", "www.example.com", label},
		"a contact":                         {"TXT", "_validation-contactemail.example.com", "t1", "example.com", label},
		"Google's verification":             {"TXT", "example.com", "google-site-verification=abc", "example.com", token},
		"Google's verification, with label": {"TXT", "_dnsauth.example.com", "google-site-verification=abc", "example.com", other},
		"SPF":                               {"TXT", "example.com", "v=spf1 +all", "example.com", token},
		"a quoted SPF":                      {"TXT", "_dnsauth.example.com", `"v=spf1 +all"`, "example.com", other},
		"a policy that is none":             {"TXT", "_validation-persist.example.com", "t1", "example.com", persist},
		"a persistent record that is malformed": {"TXT", "_validation-persist.example.com",
			"ca.example; accounturi=https://ca.example/acct/1;", "example.com", "it has a semicolon without a parameter after it"},
		"a persistent record of nobody": {"TXT", "_validation-persist.example.com", "; accounturi=https://ca.example/1", "example.com", persist},
		"a persistent record of a sibling": {"TXT", "_validation-persist.mail.example.com",
			"ca.example; accounturi=https://ca.example/acct/1", "www.example.com", outside},
		"a persistent record above": {"TXT", "_validation-persist.co.uk",
			"ca.example; accounturi=https://ca.example/acct/1", "www.example.co.uk", above},
		"a persistent CNAME":          {"CNAME", "_validation-persist.example.com", "ca.example", "example.com", persist},
		"a domain with an underscore": {"TXT", "_dnsauth._tcp.example.com", "t1", "_tcp.example.com", "has a label with an underscore"},

		// Placeholders.
		"null":               {"TXT", "_dnsauth.example.com", "null", "example.com", "is a placeholder"},
		"None":               {"TXT", "_dnsauth.example.com", "None", "example.com", "is a placeholder"},
		"N/A":                {"TXT", "_dnsauth.example.com", "N/A", "example.com", "is a placeholder"},
		"a blank":            {"TXT", "_dnsauth.example.com", " ", "example.com", "is a placeholder"},
		"null as a target":   {"CNAME", "_dnsauth.example.com", "null.dcv.digicert.com", "example.com", "is a placeholder"},
		"null at the domain": {"TXT", "example.com", "null", "example.com", "is a placeholder"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record, err := NewRecord(Publication{Type: test.recordType, Name: test.owner + ".", Value: test.value}, test.domain, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = Admit(record, test.domain)
			switch {
			case test.want == "" && err != nil:
				t.Errorf("refused: %s", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}
