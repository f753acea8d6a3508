// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"bytes"
	"log/slog"
	"net/url"
	"strings"
	"testing"
)

func TestRedactQuery(t *testing.T) {
	t.Parallel()
	r := start(t, Options{}).redactor
	tests := map[string]struct{ in, want string }{
		"empty": {"", ""},
		"of the APIs": {"limit=1&offset=0&filters%5Bstatus%5D=pending&include_dcv=true",
			"limit=1&offset=0&filters%5Bstatus%5D=pending&include_dcv=true"},
		"label":    {"query=certificate_label%3ACDN+res*", "query=certificate_label%3ACDN+res*"},
		"no value": {"a&b=&c==", "a&b=&c=="},
		"key":      {"key=anything&limit=1", "key=***&limit=1"},
		"names": {"X-Api-Key=a;access_token=b&client_secret=c&PASSWORD=d&authorization=e&sig=f",
			"X-Api-Key=***;access_token=***&client_secret=***&PASSWORD=***&authorization=***&sig=f"},
		"encoded name":      {"%6Bey=a&acc%65ss%5Ftoken=b&%256Bey=c", "%6Bey=***&acc%65ss%5Ftoken=***&%256Bey=***"},
		"known":             {"x=" + APIKey + "&y=1", "x=***&y=1"},
		"known, encoded":    {"x=" + url.QueryEscape(APIKey) + "&y=1", "x=***%3D&y=1"},
		"encoded twice":     {"x=" + url.QueryEscape(url.QueryEscape("/"+ClientSecret)), "x=%252F***%253D"},
		"letters encoded":   {"x=%73andbox-rtr-key-not-a-secret", "x=***"},
		"without padding":   {"x=" + strings.TrimRight(DigiCertKey, "="), "x=***"},
		"known, as a name":  {DigiCertKeyOrdersOnly, "***=***"},
		"token":             {"x=sandbox-token-ABC234", "x=***"},
		"across parameters": {"c2FuZGJveC10c2lnLXNlY3JldC1ub3QtYS1zZWNyZXQ=", "***="},
		"broken encoding":   {"x=%zz&y=%", "x=%zz&y=%"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := r.query(test.in); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A credential in a URL is neither in the counters nor in the log.
func TestNoCredentialIsRecorded(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := start(t, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	token := accessTokenFor(t, s)
	for _, target := range []string{
		"/v2/processes?key=unknown-value&limit=1", "/v2/processes?x=" + url.QueryEscape(APIKey), "/" + APIKey + "/x", "/" +
			url.PathEscape(url.PathEscape(ClientSecret)), "/x?y=" + token,
	} {
		_ = do(t, "GET", s.URL(RealtimeRegister)+target, nil, "")
	}
	recorded := do(t, "GET", s.ControlURL+"/v1/counters/realtime_register", nil, "").body
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"unknown-value", "not-a-secret", token} {
		if strings.Contains(recorded, secret) {
			t.Errorf("the counters tell %q: %s", secret, recorded)
		}
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log tells %q: %s", secret, log.String())
		}
	}
	if !strings.Contains(recorded, `limit=1`) {
		t.Errorf("the counters have lost a parameter: %s", recorded)
	}
}
