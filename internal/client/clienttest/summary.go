// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package clienttest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fmt"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// Decoded decodes a fixture of a vendor, whose testdata says where each came from.
func Decoded[T any](t *testing.T, vendor, name string) *T {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("this file is not found")
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(file), "..", vendor, "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return Decode[T](t, string(text))
}

// Decode reads a response the way the clients do.
func Decode[T any](t *testing.T, text string) *T {
	t.Helper()
	var response T
	if err := json.NewDecoder(bytes.NewReader([]byte(text))).Decode(&response); err != nil {
		t.Fatalf("decode the response: %s", err)
	}
	return &response
}

// WantSummary compares the records and statuses that an order makes, each as one line of text: what a user would write
// down of them.
func WantSummary(t *testing.T, order dcv.Order, records, names map[string]string, complete bool) {
	t.Helper()
	summary, err := dcv.Summarize(order.Challenges, dcv.Options{})
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
