// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUnmarshalPHP reads the arrays and objects that PHP writes in each other's place. What holds something does not pass for
// something else.
func TestUnmarshalPHP(t *testing.T) {
	t.Parallel()
	type holder struct {
		Nested *struct {
			Map   map[string]*Decimal `json:"map"`
			Inner struct {
				Texts []*Text `json:"texts"`
			} `json:"inner"`
		} `json:"nested"`
		Items *[]document `json:"items"`
		JSON  *JSON       `json:"json"`
	}
	for written, meant := range map[string]string{
		`{"nested":[]}`:                                      `{"nested":null}`,
		`{"nested":{"map":[],"inner":[]}}`:                   `{"nested":{}}`,
		`{"nested":{"inner":{"texts":{}}}}`:                  `{"nested":{"inner":{"texts":[]}}}`,
		`{"items":{}}`:                                       `{"items":[]}`,
		`{"items":{"10":{"text":"c"},"2":{},"0":{"int":7}}}`: `{"items":[{"int":7},{},{"text":"c"}]}`,
		`{"items":[[],{"texts":{"1":"a"}}],"json":[]}`:       `{"items":[null,{"texts":["a"]}],"json":[]}`,
		`{"items":{"0":{"int":9007199254740993}},"json":{}}`: `{"items":[{"int":9007199254740993}],"json":{}}`,
	} {
		var got, want holder
		if err := unmarshal([]byte(written), &got); err != nil {
			t.Errorf("%s: %s", written, err)
		}
		if err := json.Unmarshal([]byte(meant), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", written, diff)
		}
	}
	for _, body := range []string{
		`[]`, `{"nested":[1]}`, `{"nested":{"map":[1]}}`, `{"items":{"a":{}}}`, `{"items":{"01":{}}}`, `{"items":[{"text":[]}]}`,
		`{"items":{},"nested":{"inner":7}}`,
	} {
		err := unmarshal([]byte(body), &holder{})
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
			t.Errorf("%s: got %v, expected an error of the type", body, err)
		}
	}
}
