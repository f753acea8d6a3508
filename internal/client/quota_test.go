// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestQuota(t *testing.T) {
	const size = 1 << 18
	c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"id":1,"text":"`+strings.Repeat("a", size-len(`{"id":1,"text":""}`))+`"}`)
	}, nil)
	ctx := WithQuota(t.Context(), 4*size)
	for range 4 {
		if err := c.Get(ctx, &document{}, nil, "a"); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		err := c.Get(ctx, &document{}, nil, "a")
		failure := failed(t, err, KindBody)
		if !errors.Is(err, ErrQuota) || failure.Message != "the responses have more than 1 MiB together" || failure.URL == "" {
			t.Errorf("got %+v", failure)
		}
	}
	// Other reads have a quota of their own, or none.
	if err := c.Get(t.Context(), &document{}, nil, "a"); err != nil {
		t.Error(err)
	}
}
