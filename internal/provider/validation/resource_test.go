// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package validation

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/waiter"
)

func TestLapsed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	state := func(until types.String) validationModel {
		return validationModel{validatedUntil: until, validatedDomains: base.TextListValue([]string{"example.com"})}
	}
	future, past, never := types.StringValue("2027-01-01T00:00:00+00:00"), types.StringValue("2026-01-01T00:00:00+00:00"), types.StringNull()
	pending := []dcv.Challenge{challenge("example.com", dcv.StatusPending)}
	tests := map[string]struct {
		order dcv.Order
		state validationModel
		want  string
	}{
		"still validated": {dcv.Order{Challenges: []dcv.Challenge{challenge("example.com", dcv.StatusValidated)}},
			state(never), ""},
		"issued":                        {dcv.Order{Issued: true}, state(never), ""},
		"pending again, renewing":       {dcv.Order{Challenges: pending, Renewing: true}, state(never), ""},
		"pending again before its end":  {dcv.Order{Challenges: pending}, state(future), ""},
		"pending again on its last day": {dcv.Order{Challenges: pending}, state(types.StringValue("2026-11-22")), ""},
		"pending again after a day that is over": {dcv.Order{Challenges: pending}, state(types.StringValue("2026-11-21")),
			"example.com is pending"},
		"pending again after its end": {dcv.Order{Challenges: pending}, state(past), "example.com is pending"},
		"pending again, no end known": {dcv.Order{Challenges: pending}, state(never), "example.com is pending"},
		"failed": {dcv.Order{Challenges: []dcv.Challenge{challenge("example.com", dcv.StatusFailed)},
			Renewing: true}, state(future), "example.com is failed"},
		"a name that was not there": {dcv.Order{Challenges: []dcv.Challenge{challenge("new.example.com", dcv.StatusPending)}},
			state(future), "new.example.com is pending"},
		"canceled": {dcv.Order{Ended: "the order has the status canceled"}, state(future), "the order has the status " +
			"canceled"},
		"no names":                        {dcv.Order{}, state(future), "the order names no domain any more"},
		"no names while renewing":         {dcv.Order{Renewing: true}, state(never), ""},
		"an order that ended when issued": {dcv.Order{Issued: true, Ended: "revoked"}, state(future), "revoked"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			summary, err := dcv.Summarize(test.order.Challenges, dcv.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := lapsed(test.order, summary, test.state, now); got != test.want {
				t.Errorf("lapsed = %q, want %q", got, test.want)
			}
		})
	}
}

// An order that is issued says nothing of a name that is pending again.
func TestResultsHoldValidatedNames(t *testing.T) {
	t.Parallel()
	got := results(waiter.NewView(dcv.Order{Issued: true, Names: []string{"www.example.com"},
		Challenges: []dcv.Challenge{challenge("example.com", dcv.StatusPending)}}))
	if diff := cmp.Diff([]string{"www.example.com"}, base.TextElements(got.validatedDomains)); diff != "" {
		t.Errorf("validated domains (-want +got):\n%s", diff)
	}
}

func challenge(domain string, status dcv.Status) dcv.Challenge {
	return dcv.Challenge{Domain: domain, Status: status, Channel: dcv.ChannelDNS}
}
