// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"fmt"
	"strings"
	"testing"
)

func TestErrorTexts(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 13 {
		many = append(many, fmt.Sprintf("z%02d.example", i))
	}
	tests := map[string]struct {
		err  error
		want string
	}{
		"name": {
			&NameError{Domain: "example.com", Field: "owner name", Text: "a..b", Reason: "has an empty label"},
			`domain "example.com": owner name "a..b" has an empty label`,
		},
		"domain": {
			&NameError{Domain: "a..b", Field: "domain", Text: "a..b", Reason: "has an empty label"},
			`domain "a..b" has an empty label`,
		},
		"control characters": {
			&NameError{Domain: "example.com", Field: "CNAME target", Text: "a\x1b[31m\nb\u2028", Reason: "is bad"},
			`domain "example.com": CNAME target "a\x1b[31m\nb\u2028" is bad`,
		},
		"long text": {
			&NameError{Field: "owner name", Text: strings.Repeat("x", 81), Reason: "is bad"},
			`owner name "` + strings.Repeat("x", 80) + `"… is bad`,
		},
		"cut between characters": {
			&NameError{Field: "owner name", Text: strings.Repeat("x", 79) + "éé", Reason: "is bad"},
			`owner name "` + strings.Repeat("x", 79) + `"… is bad`,
		},
		"cut in invalid UTF-8": {
			&NameError{Field: "owner name", Text: strings.Repeat("\x80", 200), Reason: "is bad"},
			`owner name "` + strings.Repeat(`\x80`, 76) + `"… is bad`,
		},
		"one name, one zone": {
			&ZoneError{Names: []string{"a.example"}, Zones: []string{"b.example"}},
			`"a.example" is in none of the zones "b.example"`,
		},
		"two names": {
			&ZoneError{Names: []string{"a.example", "b.example"}, Zones: []string{"c.example", "d.example"}},
			`"a.example", "b.example" are in none of the zones "c.example", "d.example"`,
		},
		"no zones": {
			&ZoneError{Names: []string{"a.example"}},
			`"a.example" is in no zone: the set of zones is empty`,
		},
		"many zones": {
			&ZoneError{Names: []string{"a.example"}, Zones: many},
			`"a.example" is in none of the zones "z00.example", "z01.example", "z02.example", "z03.example", "z04.example", ` +
				`"z05.example", "z06.example", "z07.example", "z08.example", "z09.example" and 3 more`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.err.Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
