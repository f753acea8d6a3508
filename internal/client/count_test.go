// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// repeated is an array of n times the same element.
func repeated(element string, n int) string {
	return "[" + strings.TrimSuffix(strings.Repeat(element+",", n), ",") + "]"
}

func TestTooMany(t *testing.T) {
	names := repeated(`"host-0000.example.com"`, 250)
	order := `{"id":1,"certificate":{"dns_names":` + names + `,"dates":{"from":null}},"organization":{"id":1},"product":{"type":null},"container":{"id":2}}`
	tests := map[string]struct {
		body string
		want string
	}{
		"scalar":                     {`1`, ""},
		"empty":                      {`{}`, ""},
		"empty, nested":              {`[[ ],{ }]`, ""},
		"page of orders":             {`{"orders":` + repeated(order, 1000) + `}`, ""},
		"most objects":               {repeated(repeated(`{}`, 100), maxObjects/100), ""},
		"objects in many arrays":     {repeated(repeated(`{}`, 100), maxObjects/100+1), "objects"},
		"nulls in an array":          {repeated(repeated(`null`, 100), maxObjects/100+1), "objects"},
		"null members are no object": {repeated(`{"a":null,"b":null,"c":null,"d":null,"e":null}`, maxMembers), ""},
		"most elements":              {repeated(`1`, maxMembers), ""},
		"an element more":            {repeated(`1`, maxMembers+1), "values"},
		"members":                    {`{` + strings.Repeat(`"a":1,`, maxMembers) + `"a":1}`, "values"},
		"values in many arrays":      {repeated(repeated(`1`, 1000), maxValues/1000), "values"},
		"empty arrays":               {repeated(repeated(`[]`, 1000), maxValues/1000), "values"},
		"marks in a string":          {`{"a":"` + strings.Repeat(`,{[n\"`, maxValues) + `\\"}`, ""},
		"deep":                       {strings.Repeat("[", 10000) + strings.Repeat("]", 10000), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if !json.Valid([]byte(test.body)) {
				t.Fatal("the document is not JSON")
			}
			got := tooMany([]byte(test.body))
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A document that is small on the wire is refused before anything is made of it.
func TestAnswerOfTooManyObjects(t *testing.T) {
	body := []byte(`{"nested":{"items":` + repeated(`{}`, 2_700_000) + `}}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	failure := (&answer{status: 200, body: body}).decode(&document{}, newMasker())
	runtime.ReadMemStats(&after)
	if failure == nil || failure.Kind != KindBody || !strings.Contains(failure.Message, "more than 5000") {
		t.Fatalf("got %+v", failure)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("took %d bytes", took)
	}
}

func FuzzTooMany(f *testing.F) {
	f.Add([]byte(`{"a":[1,"\",\\",{}],"b":null}`))
	f.Add([]byte(`[[],[ ],{},{ }]`))
	f.Add([]byte(`"\`))
	f.Fuzz(func(t *testing.T, document []byte) {
		if got := tooMany(document); got != "" && len(document) < maxMembers {
			t.Errorf("got %q for %d bytes", got, len(document))
		}
	})
}

func BenchmarkTooMany(b *testing.B) {
	for _, size := range []int{10, 1000} {
		body := []byte(`{"orders":` + repeated(`{"id":1,"certificate":{"common_name":"www.example.com","dns_names":["www.example.com","example.com"]}}`, size) + `}`)
		b.Run(fmt.Sprintf("%d orders", size), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if tooMany(body) != "" {
					b.Fatal("refused")
				}
			}
		})
	}
}
