// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/net/idna"

	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// mixedOrders is enough for every state that the simulator mixes, which are 13 for the vendor with the most.
const mixedOrders = 16

// TestMixedOrders reads orders in the states that real accounts have, with every quirk of the simulator, and compares what the
// provider says of each name with what the simulator knows: no name is validated before the vendor validates it, and every
// open name that takes a record has that record.
func TestMixedOrders(t *testing.T) {
	t.Parallel()
	for _, quirks := range quirkSets(t) {
		t.Run(strings.Join(quirks, " "), func(t *testing.T) {
			t.Parallel()
			s := startMixed(t, quirks)
			r := newListReader(t, s.Env())
			for service, source := range map[sandbox.Service]struct{ typeName, argument string }{
				sandbox.RealtimeRegister: {"certops_process_info", "process_id"},
				sandbox.CPS:              {"certops_cps_certificate", "certificate_id"},
				sandbox.DigiCert:         {"certops_digicert_order_validation", "order_id"},
			} {
				read := 0
				for _, order := range s.States(service) {
					if order.Sample {
						continue
					}
					id := tftypes.NewValue(tftypes.Number, order.ID.Number())
					if service == sandbox.DigiCert {
						id = tftypes.NewValue(tftypes.String, string(order.ID))
					}
					compareOrder(t, r, source.typeName, order, map[string]tftypes.Value{source.argument: id})
					read++
				}
				if read < mixedOrders {
					t.Errorf("%d orders of %s were compared", read, service)
				}
			}
		})
	}
}

// quirkSets are no quirks, the one that acts at each vendor that resells DigiCert, and then one of each vendor at a time, which no other
// vendor sees. So each quirk acts alone.
func quirkSets(t *testing.T) [][]string {
	t.Helper()
	const common = core.QuirkMixedCase
	sets := [][]string{nil, {common}}
	for _, vendor := range sandboxtest.Start(t, sandbox.Options{}).Vendors() {
		next := 2
		for _, quirk := range vendor.Profile().Quirks {
			if quirk.Name == common {
				continue
			}
			if next == len(sets) {
				sets = append(sets, nil)
			}
			sets[next] = append(sets[next], quirk.Name)
			next++
		}
	}
	if len(sets) < 6 {
		t.Errorf("only %d sets of quirks", len(sets))
	}
	return sets
}

// startMixed starts a simulator with quirks and with orders in the states of real accounts.
func startMixed(t *testing.T, quirks []string) *sandbox.Sandbox {
	t.Helper()
	s := sandboxtest.Start(t, sandbox.Options{Limits: []sandbox.Limit{}, Quirks: quirks})
	if err := s.PopulateMixed(mixedOrders); err != nil {
		t.Fatal(err)
	}
	return s
}

// compareOrder compares one order, and holds that Terraform can decode its state.
func compareOrder(t *testing.T, r listReader, typeName string, order core.State, arguments map[string]tftypes.Value) {
	t.Helper()
	encoded, kind, diags := readEncoded(t, r, typeName, arguments)
	if diags.HasError() && order.Stage == core.StageUnplaced && strings.Contains(diags[0].Detail(), dcv.ErrNoValidations.Error()) {
		return // Nobody can tell which records it will need.
	}
	if diags.HasError() {
		t.Errorf("%s %s: %v", typeName, order.ID, diags)
		return
	}
	if _, err := encoded.Unmarshal(kind); err != nil {
		t.Errorf("%s %s: the state does not have the type of the schema: %v", typeName, order.ID, err)
	}
	state := decoded(t, encoded)
	published := make(map[string]bool)
	for _, record := range state.DNSRecords {
		published[strings.TrimPrefix(record.FQDN, "_dnsauth.")+" "+record.Type+" "+record.Value] = true
	}
	for _, c := range order.Challenges {
		for _, name := range c.Names {
			status := state.DCVStatus[name].Status
			done := c.Status == core.StatusValidated || order.Stage == core.StageIssued
			if (status == "validated") != done && order.Stage != core.StageCanceled {
				t.Errorf("%s %s (%s): %s is %q, and %q for the vendor", typeName, order.ID, order.Stage, name, status, c.Status)
			}
		}
		open := c.Status == core.StatusPending && order.Stage == core.StageTokenAssigned && c.Type != ""
		// Only requests that write return the token of such an order.
		told := slices.ContainsFunc(c.Names, func(name string) bool {
			return strings.Contains(state.DCVStatus[name].Reason,
				"gives no domain id")
		})
		owner, err := idna.Punycode.ToASCII(strings.TrimPrefix(strings.ToLower(c.Name), "_dnsauth."))
		if err != nil {
			t.Error(err)
		}
		if wanted := owner + " " + c.Type + " " + c.Value; open && !published[wanted] && !told {
			t.Errorf("%s %s: no record %s, and no reason: %v", typeName, order.ID, wanted, published)
		}
		for _, name := range c.Names {
			if open && state.DCVStatus[name].RecordKey == "" && !told {
				t.Errorf("%s %s: %s has no record: %s", typeName, order.ID, name, state.DCVStatus[name].Reason)
			}
		}
	}
}
