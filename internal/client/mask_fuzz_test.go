// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzMaskMembers hides a text in the value of a member that holds a credential, in any JSON around it and cut short
// anywhere: the text is in no log.
func FuzzMaskMembers(f *testing.F) {
	f.Add("a", "b", true, 1000)
	f.Add(`\"`, `]}`, false, 40)
	f.Add(`{"access_token":"`, `\\`, true, 60)
	f.Fuzz(func(t *testing.T, one, other string, embedded bool, cut int) {
		const hidden = "HIDDEN"
		if strings.Contains(one+other, hidden) {
			t.Skip("the text is there already")
		}
		document, err := json.Marshal(map[string]any{
			"a": one, "oneTimeLink": []any{one, map[string]any{other: hidden, "x": []string{one, hidden}}, hidden}, "z": other,
		})
		if err != nil {
			t.Fatal(err)
		}
		if embedded {
			if document, err = json.Marshal(map[string]string{"message": string(document)}); err != nil {
				t.Fatal(err)
			}
		}
		text := string(document)
		if cut >= 0 && cut < len(text) {
			text = text[:cut]
		}
		if got := newMasker().text(text); strings.Contains(got, hidden) {
			t.Errorf("masked:\n%s\nfrom:\n%s", got, text)
		}
	})
}
