// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// trait is something that a real account has, told by the order and by what its API says of it.
type trait struct {
	name string
	is   func(state core.State, response string) bool
}

func stageIs(stage core.Stage) trait {
	return trait{string(stage), func(s core.State, _ string) bool { return s.Stage == stage }}
}

func says(name string, parts ...string) trait {
	return trait{name, func(_ core.State, response string) bool {
		for _, part := range parts {
			if !strings.Contains(response, part) {
				return false
			}
		}
		return true
	}}
}

func someCheck(name string, is func(core.Challenge) bool) trait {
	return trait{name, func(s core.State, _ string) bool {
		for _, c := range s.Challenges {
			if is(c) {
				return true
			}
		}
		return false
	}}
}

// TestPopulateMixed checks that lists have what real accounts have.
func TestPopulateMixed(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Limits: []Limit{}})
	ok(t, s.Populate(1))
	ok(t, s.PopulateMixed(39))
	common := []trait{
		stageIs(core.StageTokenAssigned), stageIs(core.StageIssued), stageIs(core.StageFailed), stageIs(core.StageCanceled),
		stageIs(core.StageUnplaced),
		{"validated beforehand", func(s core.State, _ string) bool {
			first, last := s.Challenges[0].Status, s.Challenges[len(s.Challenges)-1].Status
			return first == core.StatusValidated && last == core.StatusPending
		}},
		{"shared record", func(s core.State, _ string) bool {
			c := s.Challenges
			return len(c) > 1 && c[0].Value != "" && c[0].Value == c[1].Value || len(c[0].Names) > 1
		}},
		someCheck("Unicode", func(c core.Challenge) bool { return strings.HasPrefix(c.Domain, "bücher.") }),
		someCheck("TXT", func(c core.Challenge) bool { return c.Type == "TXT" }),
		someCheck("CNAME", func(c core.Challenge) bool { return c.Type == "CNAME" }),
	}
	address := someCheck("IP address", func(c core.Challenge) bool { return net.ParseIP(c.Domain) != nil })
	for svc, traits := range map[Service][]trait{
		RealtimeRegister: {
			address, says("e-mail", `"email":"hostmaster@`), says("HTTP", `"fileLocation"`), says("dots", `.com."`),
			says("attention", `"requiresAttention":true`), says("waits", `"requiresAttention":false`, `"WAITING"`),
		},
		CPS: {
			someCheck("parent", func(c core.Challenge) bool { return len(c.Names) > 2 }),
			someCheck("e-mail", func(c core.Challenge) bool { return c.Method == "Email" }),
			says("OV", `"validation_type":"OV"`), says("EV", `"validation_type":"EV"`),
		},
		DigiCert: {
			address, says("e-mail", `"method":"email"`), says("HTTP", `"method":"http-token"`), says("HTTP", `"method":"http-token-dynamic"`),
			says("parent", `"order_name_scope":"base_domain"`, `"name_scope":"example.com"`), says("organization", `"organization_id":"12345"`),
			{"no domain id", func(_ core.State, response string) bool {
				return strings.Contains(response, `"name_scope"`) && !strings.Contains(response, `"domain_id"`)
			}},
			says("two methods", `"method":"email"`, `"method":"dns-txt-token"`),
		},
	} {
		var states []core.State
		var responses []string
		for _, state := range s.States(svc) {
			if state.ID.Number() > populatedFrom+1 && !state.Sample {
				states = append(states, state)
				response := s.readOnce(t, svc, state.ID)
				responses = append(responses, string(core.JSON(200, response).Body))
			}
		}
		if len(states) != 39 {
			t.Errorf("%s: %d orders, want 39", svc, len(states))
		}
		for _, trait := range append(common, traits...) {
			found := false
			for i, state := range states {
				found = found || trait.is(state, responses[i])
			}
			if !found {
				t.Errorf("%s: no order has: %s", svc, trait.name)
			}
		}
	}
	left := map[any]bool{}
	for id := 1_000_002; id <= 1_000_004; id++ {
		left[at(t, readDigiCert(t, s, fmt.Sprintf("/request/%d", id)).json(t), "order", "auto_renew")] = true
	}
	if len(left) != 3 {
		t.Errorf("auto_renew: %v", left)
	}
	if a := control(t, s, "POST", "/v1/populate", `{"count":1,"mixed":true}`); a.status != 204 {
		t.Errorf("control API: %d %s", a.status, a.body)
	}
	if state, err := s.State(DigiCert, "1000041"); err != nil || !strings.Contains(state.Challenges[0].Domain, "m1000041.") {
		t.Errorf("by the control API: %v, %v", state, err)
	}
}
